//! `gengfu board flash`: a board's file onto its drive, until the gateway has heard that board start.

use std::{
    fs,
    io::{IsTerminal, Write, stderr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use gengfu_core::id::DeviceId;
use gengfu_web::boards::{BoardBirth, BoardWords};
use gengfu_wire::identity;
use reqwest::Method;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{
    door::{Access, Door},
    drive::Drive,
    kind::Kind,
    uf2::{self, SECTOR},
};

/// It is looked this often whether the drive, or the board, is there.
const LOOK: Duration = Duration::from_millis(500);

/// A file for a board's drive.
#[derive(Debug, Args)]
pub struct Flash {
    /// The file, as `gengfu board new` or the page "Boards" made it
    pub file: PathBuf,
    /// The folder where the board's drive is mounted; looked for unless said
    #[arg(long)]
    pub drive: Option<PathBuf>,
    /// For the drive, and then for the board to come to the gateway, so many seconds are waited
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub within: u64,
    /// The running gateway
    #[command(flatten)]
    pub access: Access,
}

/// A file for one board.
#[derive(Debug)]
struct BoardFile {
    board: DeviceId,
    kind: Kind,
    bytes: Vec<u8>,
}

/// Writes the file there, and waits until the board has come with it.
///
/// # Errors
/// Where the file is no board's, there is no drive, or the board does not come: what to look at.
pub async fn run(flash: &Flash, out: &mut impl Write) -> anyhow::Result<()> {
    let file = BoardFile::read(&flash.file)?;
    let door = Door::open(&flash.access).await?;
    let outcome = put(flash, &file, &door, out).await;
    door.close().await;
    outcome
}

async fn put(
    flash: &Flash,
    file: &BoardFile,
    door: &Door,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let BoardFile { board, kind, bytes } = file;
    let before = birth(door, board).await?;
    let within = Duration::from_secs(flash.within);
    let drive = match &flash.drive {
        Some(folder) => Drive::at(folder)?,
        None => find(*kind, within, out).await?,
    };
    writeln!(out, "{board}: {} KiB onto {}", bytes.len().div_ceil(1024), drive.folder.display())?;
    drive.write(*kind, &format!("{board}.uf2"), bytes, |written| {
        if stderr().is_terminal() {
            let end = if written == bytes.len() { "\n" } else { "" };
            eprint!("\r{:3} %{end}", written * 100 / bytes.len().max(1));
        }
    })?;
    writeln!(out, "Written. It starts by itself: plug in its network cable, if it is not in")?;
    let until = Instant::now() + within;
    loop {
        let now = birth(door, board).await?;
        if let Some(now) = now.filter(|now| before.as_ref() != Some(now)) {
            writeln!(
                out,
                "{board} is here: {} on {}, start {}. {} holds its password: delete it",
                now.firmware,
                now.hardware,
                now.boot,
                flash.file.display()
            )?;
            return Ok(());
        }
        if Instant::now() >= until {
            bail!(
                "{board} has not come to the gateway within {} s. Is its network cable in, and its green lamp at the socket lit? Does it find the gateway under the address that its file was made with (--broker)? Is this its newest file: an earlier one holds a password that is worth nothing any more",
                flash.within
            );
        }
        sleep(LOOK).await;
    }
}

/// Waits for a drive.
async fn find(kind: Kind, within: Duration, out: &mut impl Write) -> anyhow::Result<Drive> {
    let until = Instant::now() + within;
    let mut has_told = false;
    loop {
        if let Some(drive) = Drive::mounted()? {
            return Ok(drive);
        }
        if Instant::now() >= until {
            if let Some(label) = Drive::unmounted() {
                bail!(
                    "the board's drive is there and not mounted: `udisksctl mount -b {}`, or mount it anywhere and name the folder by --drive",
                    label.display()
                );
            }
            bail!(
                "no board shows its drive ({}): hold BOOTSEL while it is plugged into this computer, or name the folder by --drive",
                kind.drive()
            );
        }
        if !has_told {
            writeln!(out, "Hold BOOTSEL, plug the board into this computer, let go")?;
            has_told = true;
        }
        sleep(LOOK).await;
    }
}

/// What the board said when it came last.
async fn birth(door: &Door, board: &DeviceId) -> anyhow::Result<Option<BoardBirth>> {
    let boards = door.ask(Method::GET, "boards", &Value::Null).await?;
    let boards: Vec<BoardWords> = serde_json::from_value(boards)?;
    let found = boards.into_iter().find(|words| words.id == *board);
    let found = found.with_context(|| {
        format!("the gateway knows no board \"{board}\", which this file is for: make it one with `gengfu board new`")
    })?;
    Ok(found.birth)
}

impl BoardFile {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let name = file.display().to_string();
        let bytes = fs::read(file).with_context(|| format!("{name} can't be read"))?;
        if !uf2::is_uf2(&bytes) {
            bail!("{name} is no UF2 file: `gengfu board new` makes one");
        }
        let mut why = None;
        for kind in Kind::value_variants() {
            match uf2::read(&name, kind.family(), &bytes) {
                Ok(pieces) => {
                    let step = usize::try_from(SECTOR)?;
                    let sectors = pieces.iter().flat_map(|piece| piece.bytes.chunks(step));
                    let who = sectors.filter_map(|sector| identity::read(sector).ok()).next();
                    let who = who.with_context(|| {
                        format!("{name} does not say which board it is for: `gengfu board new` makes one that does")
                    })?;
                    let board = DeviceId::from(who.board);
                    return Ok(Self { board, kind: *kind, bytes });
                }
                Err(error) => why = Some(error),
            }
        }
        Err(why.unwrap_or_else(|| anyhow::anyhow!("{name} is for no kind of board")))
    }
}
