//! Devices that were added through the API, boards and those that announced themselves: heard as soon as they are there, and made anew when their
//! profile has changed. And what boards say of themselves.

use std::sync::{Arc, Weak};

use gengfu_core::{
    device::Device,
    id::DeviceId,
    incident::By,
    input::{Command, Input},
    state::State,
    text::{Language, Text},
};
use gengfu_field::{
    adapter::{board::Board, roll::Words},
    mqtt::Routes,
    profile::{Library, Source},
};
use gengfu_web::{
    boards::{
        BoardBirth, BoardFileWish, BoardHealth, BoardInput, BoardKinds, BoardPanic, BoardWords,
    },
    gateway::FileMaker,
};
use gengfu_wire::{VERSION, down::Identify, topic::Down};
use tokio::sync::{Mutex, mpsc};

use crate::{
    board::{shelf, wiring},
    config::{Config, device::unwatched, problem::choose},
    engine::Job,
    field::{Field, again},
    gateway::Running,
    published::Published,
    run::ask,
};

/// The board that somebody wants to add, with all that its profile says.
///
/// # Errors
/// Why there can be none like it, in words for people.
pub fn made(config: &Config, wanted: &Device) -> Result<Device, String> {
    let profiles = &config.profiles;
    if profiles.get(&wanted.profile).is_none() {
        let near = choose(&wanted.profile, profiles.iter().map(|p| p.name.as_str()), "add it");
        return Err(format!("there is no profile \"{}\"; {near}", wanted.profile));
    }
    let made = again(profiles, wanted).map_err(|e| e.to_string())?;
    if !matches!(made.source, Source::Board { .. }) {
        return Err(format!(
            "profile \"{}\" is not one of a board: other devices are set up in the configuration file",
            wanted.profile
        ));
    }
    let name = wanted.id.as_str();
    if config.mqtt.users.iter().any(|user| user.name == name) || name.starts_with("gengfu-") {
        return Err(format!(
            "\"{name}\" is the name of another user of the broker: choose another"
        ));
    }
    if name.contains('/') {
        return Err("a board's name goes into its topics: it can't contain a /".into());
    }
    // Here nobody sees a warning, as of the configuration file.
    if let Some((what, remedy)) = unwatched(&made.device) {
        return Err(format!("it tells of fire or of trapped people, but {what}: {remedy}"));
    }
    Ok(made.device)
}

/// Gives added boards the points and rules that their profile has now, under the same credential.
pub async fn renew(config: &Config, published: &Published, commands: &mpsc::Sender<Job>) {
    for device in outdated(&config.profiles, &published.state()) {
        let (id, profile) = (device.id.clone(), device.profile.clone());
        let command = Command::PutDevice { device: Box::new(device), verifier: None };
        match ask(commands, Input::Command { by: By::gateway(), command }).await {
            Ok(()) => tracing::info!(board = %id, profile, "an added board has a changed profile"),
            Err(error) => tracing::error!(board = %id, profile, %error,
                "the changed profile can't be used for an added board, which stays as it was"),
        }
    }
}

/// Each board that its profile describes otherwise now, as it is to be. One that can't be made any
/// more stays as it was; the field side says why it is not heard.
fn outdated(profiles: &Library, state: &State) -> Vec<Device> {
    let anew = |old: &Device| {
        let made = again(profiles, old).ok()?.device;
        // How it was asked for stays in the words in which it was asked for.
        let made = Device { options: old.options.clone(), ..made };
        (made != *old).then_some(made)
    };
    let in_file = |id| state.wiring.devices.contains_key(id);
    let boards = state.boards.values().filter(|board| !in_file(&board.device.id));
    boards.filter_map(|board| anew(&board.device)).collect()
}

/// Boards that are added or removed through the API are heard, or not heard any more, at once.
pub async fn follow(running: Arc<Running>, field: Weak<Mutex<Field>>) {
    let mut changes = running.published.changes();
    let mut known = running.published.state().boards;
    let running = Arc::downgrade(&running);
    while changes.changed().await.is_ok() {
        let (Some(running), Some(field)) = (running.upgrade(), field.upgrade()) else { return };
        let state = running.published.state();
        if state.boards.ptr_eq(&known) || state.boards == known {
            continue;
        }
        known = state.boards.clone();
        let config = running.config.read().clone();
        field.lock().await.set_boards(&config, &state).await;
    }
}

/// What every board said last of itself.
pub fn words(routes: &Routes, state: &State) -> Vec<BoardWords> {
    let told = |board: Arc<Board>| {
        let Words { birth, health, config_error, list_error, panic } =
            routes.roll().words(&board.device);
        BoardWords {
            id: board.device.clone(),
            birth: birth.map(|birth| BoardBirth {
                at: birth.at,
                boot: birth.boot,
                firmware: birth.firmware,
                hardware: birth.hardware,
                reset: birth.reset,
                configuration: birth.config,
            }),
            wanted_configuration: board.config().revision,
            configuration_error: config_error.or(list_error),
            health: health.map(|health| BoardHealth {
                at: health.at,
                crashes: health.crashes,
                safe: health.safe,
                dropped: health.dropped,
                dips: health.dips,
                temperature_dc: health.temperature_dc,
                flash: health.flash,
                garbled: health.garbled,
            }),
            last_panic: panic.map(|(at, said)| BoardPanic { at, said }),
            inputs: inputs(&board, state),
        }
    };
    routes.boards().into_iter().map(told).collect()
}

/// Has a board blink.
///
/// # Errors
/// Where it is not known, or the connection to the broker takes nothing.
pub async fn identify(running: &Running, board: &DeviceId, seconds: u16) -> Result<(), String> {
    let unknown = || format!("there is no board \"{board}\" any more");
    let known = running.routes.board(board.as_str()).ok_or_else(unknown)?;
    let payload = Identify { v: VERSION, seconds };
    let said = known.publish(running.routes.site(), Down::Identify, &payload, false);
    let field = running.field.upgrade().ok_or("the gateway is stopping")?;
    let outbound = field.lock().await.mqtt.outbound.clone();
    outbound.publish(said.ok_or_else(unknown)?).await.map_err(|error| error.to_string())
}

/// What is at each input of a board.
fn inputs(board: &Board, state: &State) -> Vec<BoardInput> {
    let points = state.device(&board.device).map_or(&[][..], |device| &device.points);
    let input = |input: &gengfu_field::profile::BoardInput| BoardInput {
        number: input.number,
        name: points.iter().find(|point| point.id == input.point).map_or_else(
            || Text::new(&format!("输入 {}", input.number), &format!("Input {}", input.number)),
            |point| point.name.as_ref().clone(),
        ),
        role: input.role.clone(),
        normally_closed: input.normally_closed,
    };
    board.inputs.iter().map(input).collect()
}

/// What there is for making boards ready.
pub fn kinds(running: &Running) -> BoardKinds {
    shelf::kinds(&running.config.read())
}

/// Reads what a board's file is made of, away from whoever must not wait for a disk.
///
/// # Errors
/// What is missing, for people.
pub async fn file(
    running: &Running,
    board: &DeviceId,
    wish: BoardFileWish,
) -> Result<FileMaker, String> {
    let (config, board) = (running.config.clone(), board.clone());
    let read = move || {
        let config = config.read().clone();
        shelf::file(&config, &board, &wish)
    };
    tokio::task::spawn_blocking(read).await.map_err(|error| error.to_string())?
}

/// A picture of a board's wiring.
///
/// # Errors
/// Where there is none of this kind of board, for people.
pub fn picture(
    running: &Running,
    board: &DeviceId,
    kind: &str,
    language: Language,
) -> Result<String, String> {
    let none = || format!("there is no picture of the wiring of a \"{kind}\" yet");
    let (product, pins) = shelf::pins(kind).ok_or_else(none)?;
    let known = running.routes.board(board.as_str());
    let known = known.ok_or_else(|| format!("there is no board \"{board}\" any more"))?;
    let inputs = inputs(&known, &running.published.state());
    wiring::picture::draw(product, pins, &inputs, language)
}

#[cfg(test)]
mod tests {
    use gengfu_core::danger::Priority;

    use super::*;

    #[test]
    fn a_board_whose_silence_would_be_noticed_too_late_is_not_added() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gengfu.toml");
        let text = "data_dir = 'data'\n[site]\nid = 'h'\nname = 'H'\ntime_zone = 'Asia/Shanghai'\n";
        std::fs::write(&file, text).unwrap();
        let config = Config::load(&file).unwrap().config;
        let board = |profile: &str, options: &str| {
            let wanted = Device {
                id: "pit-9".into(),
                name: "pit 9".into(),
                place: "lift-1".into(),
                profile: profile.to_owned(),
                supervision: None,
                silence_priority: Priority::High,
                behind: None,
                options: options.to_owned(),
                points: vec![],
                words: Default::default(),
                outputs: vec![],
                rules: vec![],
            };
            made(&config, &wanted).map(|device| device.supervision.map(|time| time.to_string()))
        };
        let call = |time| format!(r#"{{ "inputs": {{ "1": "call" }}, "supervision": "{time}" }}"#);
        assert_eq!(board("board", &call("90s")), Ok(Some("1m 30s".into())));
        let late = board("board", &call("10m")).unwrap_err();
        assert!(late.contains("only after 10m") && late.contains("90s"), "{late}");
        let water = r#"{ "inputs": { "1": "water" }, "supervision": "10m" }"#;
        assert_eq!(board("board", water), Ok(Some("10m".into())));
        let near = board("bord", "").unwrap_err();
        assert_eq!(near, "there is no profile \"bord\"; did you mean \"board\"?");
    }
}
