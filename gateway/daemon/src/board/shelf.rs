//! The firmware that the running gateway hands out to new boards: a folder with a file for each kind of board,
//! `w5500-evb-pico.elf` (or `.uf2`, `.bin`), and beside it its boot loader where it has one of its own,
//! `w5500-evb-pico-boot.elf`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use gengfu_core::{id::DeviceId, text::Text};
use gengfu_web::{
    boards::{BoardFileWish, BoardKind, BoardKinds},
    gateway::FileMaker,
};

use super::{
    issue::{Parts, Plan},
    kind::{FLASH, Kind},
    wiring::{self, Pins},
};
use crate::config::{Config, mqtt::Broker};

/// What an image's name may end with.
const ENDINGS: [&str; 3] = ["elf", "uf2", "bin"];
/// Inputs of every kind of board that there is.
const INPUTS: u8 = 8;

/// What there is for making boards ready.
pub fn kinds(config: &Config) -> BoardKinds {
    let kind = |kind: &Kind| {
        let id = name(*kind);
        BoardKind {
            name: kind.product().into(),
            inputs: INPUTS,
            image: image(&config.images, &id).and_then(|path| file_name(&path)),
            wanted: config.images.join(format!("{id}.elf")).display().to_string(),
            drive: kind.drive().into(),
            usb_product: kind.usb_product(),
            id,
        }
    };
    let (host, port, note) = broker(config);
    BoardKinds {
        kinds: Kind::value_variants().iter().map(kind).collect(),
        broker_host: host,
        broker_port: port,
        updatable: config.updates.is_some(),
        note,
    }
}

/// Where boards find the broker, as far as the configuration tells, and what is in their way.
fn broker(config: &Config) -> (Option<String>, u16, Option<Text>) {
    match &config.mqtt.broker {
        Broker::Embedded { listen, tls_listen } => {
            // Where there is TLS that boards can reach, a new board has it.
            let open = tls_listen.as_ref().filter(|at| !at.ip().is_loopback());
            let listen = open.unwrap_or(listen);
            let ip = listen.ip();
            let note = ip.is_loopback().then(|| {
                Text::new(
                    "内置的 MQTT 服务只在本机上听：板子连不上。请在配置文件的 [mqtt] 里改 tls_listen 或 listen。",
                    "The built-in broker listens on this machine alone, so that no board reaches it: \
                     change `tls_listen` or `listen` in [mqtt] of the configuration.",
                )
            });
            let url = config.web.public_url.as_ref().and_then(|url| url.host_str());
            let host = match ip.is_unspecified() {
                true => url.map(str::to_owned),
                false => Some(ip.to_string()),
            };
            (host, listen.port(), note)
        }
        Broker::Outside(outside) => {
            let note = Text::new(
                "MQTT 服务是别人的：请在那里也设上这块板子的密码。",
                "The broker is somebody else's: it must be told the board's password too.",
            );
            let host = outside.url.host_str().map(str::to_owned);
            (host, outside.url.port().unwrap_or(1883), Some(note))
        }
    }
}

/// Reads the firmware for a board; what makes its file as soon as its password is there. The error is for
/// people.
pub fn file(config: &Config, board: &DeviceId, wish: &BoardFileWish) -> Result<FileMaker, String> {
    let kind = Kind::from_str(&wish.kind, false).map_err(|_| {
        format!("there is no kind of board \"{}\": see GET /api/v1/boards/kinds", wish.kind)
    })?;
    let id = name(kind);
    let folder = &config.images;
    let Some(main) = image(folder, &id) else {
        return Err(format!(
            "there is no firmware for {} here: build it (firmware/boards/build {id}) and put it onto the \
             gateway as {}",
            kind.product(),
            folder.join(format!("{id}.elf")).display()
        ));
    };
    if wish.brokers.is_empty() {
        return Err("a board must know where the broker is: name it as host:port".into());
    }
    let boot = format!("{id}-boot");
    let loader = image(folder, &boot);
    // A file may have both in one; where it has not, it is said where the other one is missing.
    let missing = match &loader {
        Some(_) => String::new(),
        None => format!(
            " (there is no boot loader beside it: build it, firmware/boards/build {boot}, and put it onto the \
             gateway as {})",
            folder.join(format!("{boot}.elf")).display()
        ),
    };
    let images: Vec<PathBuf> = [Some(main), loader].into_iter().flatten().collect();
    let plan = Plan {
        kind,
        images: &images,
        // Where plain bytes go.
        image_at: FLASH,
        identity_at: None,
        brokers: &wish.brokers,
        broker_key: wish.broker_key.as_deref(),
        update_key: config.updates.as_deref(),
    };
    let parts = Parts::read(&plan, config).map_err(|error| format!("{error:#}{missing}"))?;
    let (site, board) = (config.site.id.clone(), board.clone());
    Ok(Box::new(move |password| {
        let made = parts.file(site.as_str(), board.as_str(), password);
        made.map_err(|error| format!("{error:#}"))
    }))
}

/// What a kind of board is called by its maker, and its pins; none where there is no such kind.
pub fn pins(kind: &str) -> Option<(&'static str, &'static Pins)> {
    let kind = Kind::from_str(kind, false).ok()?;
    Some((kind.product(), wiring::pins(kind)))
}

/// A kind's name for programs.
pub fn name(kind: Kind) -> String {
    kind.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn image(folder: &Path, stem: &str) -> Option<PathBuf> {
    let file = |ending: &&str| folder.join(format!("{stem}.{ending}"));
    ENDINGS.iter().map(file).find(|path| path.is_file())
}

fn file_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}
