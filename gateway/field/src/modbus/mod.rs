//! Modbus master, TCP and RTU. One task per bus (an address, or a serial port) asks the units on it in
//! turn. It writes to nothing but what a profile names as an output.
//!
//! - [`field`]: one value in the registers; [`number`]: how it is written; [`plan`]: which requests read all of them.
//! - [`unit`]: one device on a bus; `schedule`: its clocks and its back-off; `share`: that a dead unit
//!   never delays another.
//! - [`line`]: where a bus is; [`connection`]: a request and what can come of it. After anything but a
//!   proper answer a TCP connection is dropped, and a serial line left quiet: a late answer would be
//!   taken for the next request's.
//! - `serial`, `frame`: a serial port, and RTU frames among noise.
//! - `bus`: the task; `publish`: which readings go to the engine and which to the history.
//! - [`look`]: questions of somebody at a page, over the same connection.
//! - [`write`]: the functions that switch an output; `switching`: written, read back, and told.
//! - [`counters`]: what a bus counts.

mod bus;
pub mod connection;
pub mod counters;
pub mod field;
mod frame;
pub mod line;
mod look;
pub mod number;
pub mod plan;
mod publish;
mod schedule;
mod serial;
mod share;
mod switching;
pub mod unit;
pub mod write;

use std::sync::Arc;

use gengfu_core::time::Span;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{lane::Lanes, switch::Switch};
use bus::Bus;
use counters::Counters;
use publish::Publisher;

pub use crate::lane::IsWatched;
pub use line::Line;
pub use look::Look;
pub use unit::Unit;

/// Wishes to switch that wait for their bus.
const SWITCHES: usize = 32;
/// Looks that wait for their bus.
const LOOKS: usize = 8;

/// A bus: one address or serial port with one or more units behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusSettings {
    /// Its name in logs and metrics.
    pub name: String,
    /// Where it is.
    pub line: Line,
    /// Longest wait for the connection.
    pub connect_timeout: Span,
    /// A watched value that does not change is told to the engine this often all the same.
    pub liveness: Span,
    /// The longest time between two questions to a unit that does not answer, where the bus has
    /// others to ask.
    pub probe_max: Span,
}

impl BusSettings {
    /// A bus over TCP with the usual waits.
    pub fn new(name: &str, host: &str, port: u16) -> Self {
        Self::on(name, Line::Tcp { host: host.into(), port })
    }

    /// A bus with the usual waits.
    pub fn on(name: &str, line: Line) -> Self {
        Self {
            name: name.into(),
            line,
            connect_timeout: Span::secs(3),
            liveness: Span::secs(60),
            probe_max: Span::secs(30),
        }
    }
}

/// A running bus. Dropping it stops the asking.
#[derive(Debug)]
pub struct BusHandle {
    /// The bus's name.
    pub name: String,
    /// What it counts.
    pub counters: Arc<Counters>,
    /// Takes wishes to switch an output of one of its units.
    pub switches: mpsc::Sender<Switch>,
    /// Takes questions of somebody who looks at it by hand.
    pub looks: mpsc::Sender<Look>,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl BusHandle {
    /// Stops asking and waits until the connection is closed.
    pub async fn stop(self) {
        // A task that has ended by itself listens no more; that is what was wanted.
        let _ = self.stop.send(());
        if let Err(error) = self.task.await
            && error.is_panic()
        {
            tracing::error!(bus = %self.name, %error, "the bus's task ended by a defect");
        }
    }
}

/// Starts asking the units of a bus. It never gives up: a bus or a unit that is away is tried again
/// for ever, and its points say meanwhile why they have no value.
pub fn start(
    settings: BusSettings,
    units: Vec<Unit>,
    lanes: &Lanes,
    is_watched: &IsWatched,
) -> BusHandle {
    let counters = Arc::new(Counters::default());
    let units = units
        .into_iter()
        .map(|unit| {
            let publisher = Publisher::new(
                unit.device.clone(),
                unit.fields.len(),
                lanes.clone(),
                is_watched.clone(),
                counters.clone(),
                (settings.liveness, unit.supervision),
            );
            (unit, publisher)
        })
        .collect();
    let name = settings.name.clone();
    let (switches, wishes) = mpsc::channel(SWITCHES);
    let (looks, questions) = mpsc::channel(LOOKS);
    let bus = Bus::new(settings, units, counters.clone(), (wishes, questions));
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        tokio::select! {
            _ = bus.run() => {}
            _ = stopped => {}
        }
    });
    BusHandle { name, counters, switches, looks, stop, task }
}
