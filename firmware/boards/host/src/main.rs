//! Many boards in one process, for load: the application of [`gengfu_board`] as often as asked for, each with a
//! flash, inputs and an MQTT session of its own, over this computer's sockets.
//!
//! - [`wish`]: what is asked for on the command line.
//! - [`crew`]: the boards. [`contact`]: their inputs. [`flash`]: their flash.
//! - [`sockets`]: this computer's network as theirs.
//! - [`tally`]: what was seen of them. [`stand`]: that as a line. [`tasks`]: what they do all the time, and orders.

mod contact;
mod crew;
mod flash;
mod sockets;
mod stand;
mod tally;
mod tasks;
mod wish;

use std::process::ExitCode;

use embassy_executor::{Executor, Spawner, raw::TaskStorage};

use crate::{crew::Crew, wish::Wish};

/// What it is called by, where something is wrong.
const USE: &str = "gengfu-board-host --gateway HOST:PORT --site SITE --credentials FILE
    [--boards COUNT]         so many of them; all unless said otherwise
    [--press-every SECONDS]  the first contact of each board is closed so often, for half a second
    [--flash FOLDER]         keeps what they know; without it they begin anew, for a gateway that is new too
FILE has a line for each board: its name, a blank, its password. Orders, a line each: `press`, `state`.";

fn main() -> ExitCode {
    match Wish::read(std::env::args().skip(1)).and_then(|wish| Crew::of(&wish)) {
        Ok(crew) => run(Box::leak(Box::new(crew))),
        Err(why) => {
            eprintln!("{why}\n\n{USE}");
            ExitCode::FAILURE
        }
    }
}

fn run(crew: &'static Crew) -> ! {
    let executor = Box::leak(Box::new(Executor::new()));
    executor.run(|spawner| {
        for member in &crew.members {
            spawn(spawner, tasks::session(crew, member));
        }
        spawn(spawner, tasks::look(crew));
        spawn(spawner, tasks::orders(crew));
    })
}

/// As many tasks as there are boards, which nobody knows beforehand.
fn spawn(spawner: Spawner, task: impl Future<Output = ()> + 'static) {
    let room = Box::leak(Box::new(TaskStorage::new()));
    // The room is new: it is free.
    if let Ok(task) = room.spawn(move || task) {
        spawner.spawn(task);
    }
}
