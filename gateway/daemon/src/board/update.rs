//! `gengfu board update`: signs a firmware, puts it to the gateway, and shows how it goes.

use std::{
    io::{IsTerminal, Write, stderr},
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ed25519_dalek::{Signer, SigningKey};
use gengfu_core::id::DeviceId;
use gengfu_web::updates::{NewUpdate, UpdateState, UpdateView};
use gengfu_wire::{
    VERSION,
    down::Update,
    manifest::{self, MAX_MANIFEST},
};
use reqwest::Method;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    door::{Access, Door},
    image, key,
    kind::Kind,
};

/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// The bar, in characters.
const BAR: usize = 40;
/// Where plain bytes would go; an update has no place of its own.
const BEGINS: u32 = 0;

/// A firmware for many boards.
#[derive(Debug, Args)]
pub struct Wish {
    /// The firmware: ELF, UF2 or plain bytes, without a boot loader
    #[arg(long)]
    pub image: PathBuf,
    /// The private key, as `gengfu board keygen` made it
    #[arg(long)]
    pub key: PathBuf,
    /// Its version: three numbers, as 1.5.0
    #[arg(long = "to")]
    pub version: String,
    /// What kind of board it is for, as `gengfu board list` shows it
    #[arg(long)]
    pub kind: String,
    /// Only this board; more than once for several
    #[arg(long)]
    pub board: Vec<DeviceId>,
    /// Have it taken though it is not newer than what runs
    #[arg(long)]
    pub forced: bool,
    /// The running gateway
    #[command(flatten)]
    pub access: Access,
}

/// Signs it, puts it to the gateway, and watches until every board has it.
///
/// # Errors
/// Where the gateway refuses it, or the update stops: why.
pub async fn run(wish: &Wish, out: &mut impl Write) -> anyhow::Result<()> {
    let key = key::private(&wish.key)?;
    // Of other kinds, as the board in software, nothing is known.
    let kind = Kind::from_str(&wish.kind, false).ok();
    let family = kind.unwrap_or(Kind::W5500EvbPico).family();
    let pieces = image::read(&wish.image, family, BEGINS)?;
    if let Some(kind) = kind {
        image::check_program(&pieces, kind)?;
    }
    let image = image::whole(pieces)?;
    let mut signed = sign(&key, &wish.version, &wish.kind, &image, wish.forced)?;
    let boards: Vec<&str> = wish.board.iter().map(DeviceId::as_str).collect();
    signed.boards = boards.join(",");
    let door = Door::open(&wish.access).await?;
    let outcome = match door.put_image("updates", &signed, image).await {
        Ok(begun) => watch(&door, begun, out).await,
        Err(error) => Err(error),
    };
    door.close().await;
    outcome
}

/// Stops the update that goes on.
///
/// # Errors
/// Where none goes on, or the gateway refuses.
pub async fn stop(door: &Door, out: &mut impl Write) -> anyhow::Result<()> {
    door.ask(Method::DELETE, "updates", &Value::Null).await?;
    writeln!(out, "No more boards are updated")?;
    Ok(())
}

/// What boards and the gateway believe.
///
/// # Errors
/// Where version or kind is too long.
pub fn sign(
    key: &SigningKey,
    version: &str,
    hardware: &str,
    image: &[u8],
    forced: bool,
) -> anyhow::Result<NewUpdate> {
    let sha256 = key::hex(&Sha256::digest(image));
    let offer = Update {
        v: VERSION,
        version,
        hardware,
        size: u32::try_from(image.len()).context("the image is larger than any board")?,
        sha256: &sha256,
        signature: "",
        forced,
    };
    let mut buffer = [0; MAX_MANIFEST];
    let words = manifest::write(&offer, &mut buffer);
    let words = words.context("a version and a kind have 64 characters at the most")?;
    let signature = key::hex(&key.sign(words).to_bytes());
    Ok(NewUpdate {
        version: version.to_owned(),
        hardware: hardware.to_owned(),
        sha256,
        signature,
        forced,
        boards: String::new(),
    })
}

/// Shows how it goes until its end.
async fn watch(door: &Door, begun: Value, out: &mut impl Write) -> anyhow::Result<()> {
    let mut view: UpdateView = serde_json::from_value(begun)?;
    writeln!(
        out,
        "{} for {} boards ({}), {} KiB: one first, then a tenth of them, then all. Ctrl-C leaves it \
         going; `gengfu board stop-update` stops it",
        view.version,
        view.boards.len(),
        view.hardware,
        view.size.div_ceil(1024)
    )?;
    let mut told = vec![String::new(); view.boards.len()];
    loop {
        for (board, told) in view.boards.iter().zip(&mut told) {
            if board.state != *told && board.state != "waiting" {
                let why = board.why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                clear();
                writeln!(out, "{}  {}{why}", board.id, board.state)?;
            }
            told.clone_from(&board.state);
        }
        if stderr().is_terminal() {
            eprint!("\r{}", bar(&view));
        }
        if view.state != UpdateState::Going {
            break;
        }
        tokio::time::sleep(LOOK).await;
        view = serde_json::from_value(door.ask(Method::GET, "updates", &Value::Null).await?)?;
        told.resize(view.boards.len(), String::new());
    }
    clear();
    match (&view.state, view.why) {
        (UpdateState::Done, _) => {
            writeln!(out, "Every board runs {}", view.version)?;
            Ok(())
        }
        (_, why) => bail!("the update has stopped: {}", why.unwrap_or_default()),
    }
}

/// Removes the bar from the line.
fn clear() {
    if stderr().is_terminal() {
        eprint!("\r{:width$}\r", "", width = BAR + 40);
    }
}

/// How far all boards are together.
fn bar(view: &UpdateView) -> String {
    let size = u64::from(view.size.max(1)) * view.boards.len().max(1) as u64;
    let bytes: u64 = view.boards.iter().map(|board| u64::from(board.bytes)).sum();
    let done = view.boards.iter().filter(|board| board.state == "done").count();
    let full = usize::try_from(bytes * BAR as u64 / size).unwrap_or(BAR).min(BAR);
    format!(
        "[{}{}] {:3} %, {done} of {} boards",
        "#".repeat(full),
        " ".repeat(BAR - full),
        bytes * 100 / size,
        view.boards.len()
    )
}

#[cfg(test)]
mod tests {
    use gengfu_web::updates::UpdatedBoard;

    use super::*;

    #[test]
    fn the_bar_is_as_long_as_all_boards_are_far() {
        let board = |id: &str, state: &str, bytes| UpdatedBoard {
            id: id.into(),
            state: state.into(),
            bytes,
            why: None,
        };
        let view = UpdateView {
            version: "1.5.0".into(),
            hardware: "software".into(),
            size: 1_000,
            begun_at: gengfu_core::time::Timestamp::from_millis(0),
            by: "admin".into(),
            state: UpdateState::Going,
            why: None,
            boards: vec![board("a", "done", 1_000), board("b", "fetching", 500)],
        };
        let bar = bar(&view);
        assert!(bar.ends_with(" 75 %, 1 of 2 boards"), "{bar}");
        assert_eq!(bar.matches('#').count(), 30);
    }
}
