//! The simulated building.
//!
//! - [`board`]: a software board: own queue, resending until the receipt, birth, will, heartbeat.
//!   [`queue`] is what its flash holds, `link` its connection, `update` its firmware.
//! - [`lift`]: a lift with its controller's registers; [`panel`]: a fire panel with its detectors.
//!   Both answer over [`server`].
//! - [`house`]: all of them together, and what can happen there.

pub mod board;
pub mod house;
pub mod lift;
mod link;
pub mod panel;
pub mod queue;
pub mod server;
mod settings;
mod update;

pub use board::{Board, Outputs, Status};
pub use house::{Building, BuildingSettings, Which};
pub use lift::Lift;
pub use panel::Panel;
pub use settings::{BoardSettings, Login};
pub use update::Program;
