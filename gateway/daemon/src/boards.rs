//! Devices that were added through the API, boards and those that announced themselves: heard as soon as they are there, and made anew when their
//! profile has changed.

use std::sync::{Arc, Weak};

use gengfu_core::{
    device::Device,
    incident::By,
    input::{Command, Input},
    state::State,
};
use gengfu_field::profile::Library;
use tokio::sync::{Mutex, mpsc};

use crate::{
    config::Config,
    engine::Job,
    field::{Field, again},
    gateway::Running,
    published::Published,
    run::ask,
};

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
