//! What boards read over RS-485, of the devices that the configuration hangs on their lines.

use std::collections::BTreeMap;

use gengfu_core::id::DeviceId;
use gengfu_field::adapter::beside::Beside;

use crate::config::{Config, beside::units, modbus::Bus};

/// By board.
pub fn of(config: &Config) -> BTreeMap<DeviceId, Beside> {
    let mut lines = BTreeMap::new();
    for (name, bus) in &config.buses {
        let Bus::Board { board, baud, parity } = bus else { continue };
        match Beside::new(*baud, *parity, units(config, name)) {
            Ok(beside) => drop(lines.insert(board.clone(), beside)),
            // What the file says was checked before.
            Err(unfit) => {
                tracing::error!(%board, bus = name, %unfit, "the board can't read this bus")
            }
        }
    }
    lines
}
