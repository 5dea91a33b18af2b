//! `gengfu board`: makes boards ready, and looks after them.
//!
//! - [`kind`]: what there is. [`key`]: who may sign their firmware. [`issue`]: a new board, as one file to drop
//!   onto it, with the gateway's key that it is to [`trust`]. [`flash`]: that file onto a board's [`drive`].
//! - [`image`], [`uf2`]: firmware and what a board's boot loader takes; [`attributes`]: which chip it is for. [`shelf`]: the firmware that the running
//!   gateway hands out to new boards. [`wiring`]: what goes to which terminal.
//! - [`list`]: what runs where. [`update`]: other firmware for many of them. [`door`]: the way to the running gateway.

pub mod attributes;
pub mod door;
pub mod drive;
pub mod flash;
pub mod image;
pub mod issue;
pub mod key;
pub mod kind;
pub mod list;
pub mod shelf;
pub mod trust;
pub mod uf2;
pub mod update;
pub mod wiring;

use std::{io::Write, path::PathBuf};

use clap::Subcommand;
use gengfu_core::id::DeviceId;

use door::{Access, Door};

/// What can be done about boards.
#[derive(Debug, Subcommand)]
pub enum Wish {
    /// Make the pair of keys that updates of boards are signed with and checked by
    Keygen {
        /// The new file for the private key; the public one goes beside it, with .pub at its end
        file: PathBuf,
    },
    /// Make a board: its entry and password at the gateway, and one UF2 file with its firmware and who it
    /// is, to be dropped onto it
    New(Box<issue::New>),
    /// Write a board's file onto the drive that it shows, and wait until the board has come with it
    Flash(Box<flash::Flash>),
    /// Show every board: whether it is heard, what runs on it, why it started, how it is
    List {
        /// The running gateway
        #[command(flatten)]
        access: Access,
    },
    /// Sign a firmware and give it to boards: one first, then a tenth of them, then all
    Update(Box<update::Wish>),
    /// Stop the update that goes on: no more boards are updated
    StopUpdate {
        /// The running gateway
        #[command(flatten)]
        access: Access,
    },
    /// Have a board blink, so that somebody finds it
    Identify {
        /// The board's name
        board: DeviceId,
        /// For so many seconds
        #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
        seconds: u16,
        /// The running gateway
        #[command(flatten)]
        access: Access,
    },
}

/// Does what is wanted, and tells of it.
///
/// # Errors
/// Where it can't be done: why, and what to do.
pub async fn run(wish: &Wish, out: &mut impl Write) -> anyhow::Result<()> {
    match wish {
        Wish::Keygen { file } => key::generate(file, out),
        Wish::New(new) => issue::run(new, out).await,
        Wish::Flash(flash) => flash::run(flash, out).await,
        Wish::Update(wish) => update::run(wish, out).await,
        Wish::StopUpdate { access } => {
            let door = Door::open(access).await?;
            let stopped = update::stop(&door, out).await;
            door.close().await;
            stopped
        }
        Wish::List { access } => {
            let door = Door::open(access).await?;
            let shown = list::run(&door, out).await;
            door.close().await;
            shown
        }
        Wish::Identify { board, seconds, access } => {
            let door = Door::open(access).await?;
            let told = list::identify(&door, board, *seconds, out).await;
            door.close().await;
            told
        }
    }
}
