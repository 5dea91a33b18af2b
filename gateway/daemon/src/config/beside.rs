//! Devices on a bus that a board asks: whether it can, and how soon its silence is one.

use std::{collections::BTreeMap, ops::Range};

use gengfu_core::{device::Device, id::DeviceId, time::Span};
use gengfu_field::{
    adapter::beside::{Beside, SILENCE, Unfit},
    modbus::{Unit, line::Parity},
    profile::Expanded,
};

use super::{
    Config,
    device::{Devices, Link, Way},
    modbus::Bus,
    problem::{At, Problems},
};

/// A device of the configuration as a unit on a bus; none where it is on another.
fn unit(on: &str, device: &Device, link: &Link) -> Option<Unit> {
    let Way::Modbus { bus, unit } = &link.way else { return None };
    let (device, source) = (device.clone(), link.source.clone());
    let expanded = Expanded { device, source, deadbands: BTreeMap::new() };
    Unit::new(&expanded, Some(*unit)).filter(|_| bus == on)
}

/// All devices of the configuration that are on this bus.
pub fn units(config: &Config, bus: &str) -> Vec<Unit> {
    let known = config.links.iter().filter_map(|(id, l)| Some((config.devices.get(id)?, l)));
    known.filter_map(|(device, link)| unit(bus, device, link)).collect()
}

/// What a board reads it says every 30 s: a shorter silence is none, and a longer one is.
pub fn hear(device: &mut Device, way: &Way, buses: &BTreeMap<String, Bus>) {
    let Way::Modbus { bus, .. } = way else { return };
    let is_too_short = |time: Span| time < SILENCE;
    if let Some(Bus::Board { .. }) = buses.get(bus)
        && device.supervision.is_none_or(is_too_short)
    {
        device.supervision = Some(SILENCE);
    }
}

/// Looks whether the board of its bus can read one more device beside those that it reads already. Tells
/// which board that is.
pub fn place(
    problems: &Problems,
    buses: &BTreeMap<String, Bus>,
    At { value: device, span }: &At<Device>,
    link: &Link,
    others: &Devices,
) -> Option<DeviceId> {
    let Way::Modbus { bus, .. } = &link.way else { return None };
    let Bus::Board { board, baud, parity } = buses.get(bus)? else { return None };
    if let Err(unfit) = with(*baud, *parity, bus, (device, link), others) {
        let what = format!("board \"{board}\" can't read device \"{}\": {unfit}", device.id);
        problems.error(span, what, unfit.remedy());
    }
    Some(board.clone())
}

/// Looks at the boards that are to ask, once all devices are known. One that was added through the API is
/// in no file.
pub fn check(problems: &Problems, askers: &[(DeviceId, Range<usize>)], devices: &Devices) {
    for (board, span) in askers {
        match devices.links.get(board) {
            Some(link) if link.way == Way::Board => {}
            Some(_) => problems.error(
                span,
                format!("\"{board}\", which its bus names as a board, is none"),
                "correct `board` in [[modbus.buses]]",
            ),
            None if devices.named.contains(board) => {}
            None => problems.warning(
                span,
                format!("its bus is the line of \"{board}\", and no such board is in this file"),
                "correct `board` in [[modbus.buses]], or add the board on the page Boards",
            ),
        }
    }
}

fn with(
    baud: u32,
    parity: Parity,
    bus: &str,
    one_more: (&Device, &Link),
    others: &Devices,
) -> Result<Beside, Unfit> {
    let known = others.links.iter().filter_map(|(id, link)| Some((others.known.get(id)?, link)));
    let units = known.chain([one_more]).filter_map(|(device, link)| unit(bus, device, link));
    Beside::new(baud, parity, units.collect())
}
