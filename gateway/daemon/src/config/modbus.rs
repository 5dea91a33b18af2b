//! `[[modbus.buses]]`: the lines and servers that Modbus devices hang on.

use std::{
    collections::BTreeMap,
    fmt,
    ops::{Range, RangeInclusive},
    path::PathBuf,
};

use gengfu_core::id::DeviceId;
use gengfu_field::{
    adapter::beside,
    modbus::line::{Line, Parity, Serial},
};

use super::{
    fields::{Fields, Node},
    kind::Kind,
    problem::At,
};

/// Where the devices of a bus are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bus {
    /// By the gateway itself: a Modbus TCP server (one device, or a gateway with a line of them behind
    /// it), or a serial port.
    Line(Line),
    /// By a board, on its RS-485 line.
    Board {
        /// The board.
        board: DeviceId,
        /// Bits a second.
        baud: u32,
        /// The bit that makes a character's sum even or odd.
        parity: Parity,
    },
}

impl fmt::Display for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bus::Line(line) => line.fmt(f),
            Bus::Board { board, baud, parity } => {
                write!(f, "RS-485 of {board} ({baud} 8{})", parity.letter())
            }
        }
    }
}

/// Modbus TCP's own port.
pub(crate) const PORT: u16 = 502;
/// Slower than any device, and faster than any RS-485 line.
const BAUDS: RangeInclusive<u32> = 300..=4_000_000;
/// What most devices are delivered with.
const BAUD: u32 = 9_600;

impl Kind for Parity {
    const EXAMPLE: &'static str = "\"none\"";
    const SHAPE: &'static str = "\"none\", \"even\" or \"odd\"";
}

/// Reads `[modbus]`.
pub fn read(mut fields: Fields<'_>) -> BTreeMap<String, Bus> {
    let mut buses = BTreeMap::new();
    for node in fields.tables("buses") {
        if let Some((id, bus)) = bus(node, &buses) {
            buses.insert(id, bus);
        }
    }
    fields.done();
    buses
}

fn bus(node: Node<'_>, others: &BTreeMap<String, Bus>) -> Option<(String, Bus)> {
    let mut fields = node.fields("[[modbus.buses]]")?;
    let problems = fields.walk.problems;
    let id = fields.required::<String>("id");
    let bus = reached(&mut fields);
    fields.done();
    let id = id?;
    if bus.is_none() {
        problems.note_broken("bus", &id.value);
    }
    if others.contains_key(&id.value) {
        problems.error(
            &id.span,
            format!("there is a bus \"{}\" already", id.value),
            "give each bus an id of its own",
        );
        return None;
    }
    let (bus, At { value: written, span }) = bus?;
    if let Some((other, _)) = others.iter().find(|(_, other)| is_same(other, &bus)) {
        let what = format!("bus \"{other}\" leads to {written} as well");
        let remedy = "hang the devices of both on one of them";
        match &bus {
            Bus::Line(_) => {
                problems.warning(&span, what + ": both would ask it at the same time", remedy);
            }
            Bus::Board { .. } => problems.error(&span, what + ": a board has one line", remedy),
        }
    }
    Some((id.value, bus))
}

/// The way to a bus: one of `tcp`, `device` and `board`, and what is written there.
fn reached(fields: &mut Fields<'_>) -> Option<(Bus, At<String>)> {
    let problems = fields.walk.problems;
    let (device, board) = (fields.optional::<String>("device"), fields.optional("board"));
    if device.is_none() && board.is_none() {
        return tcp(fields).map(|(line, written)| (Bus::Line(line), written));
    }
    let twice = |span: &Range<usize>| {
        problems.error(span, "a bus is either `tcp`, `device` or `board`", "remove the others");
    };
    if let Some(At { span, .. }) = fields.optional::<String>("tcp") {
        twice(&span);
    }
    if let Some(device) = device {
        if let Some(At { span, .. }) = board {
            twice(&span);
        }
        return serial(&device, fields).map(|line| (Bus::Line(Line::Serial(line)), device));
    }
    let At::<DeviceId> { value: board, span } = board?;
    let (baud, parity) = set(fields, beside::BAUDS)?;
    let written = At { value: format!("board \"{board}\""), span };
    Some((Bus::Board { board, baud, parity }, written))
}

/// How a serial line is set: bits a second, and the parity bit.
fn set(fields: &mut Fields<'_>, bauds: RangeInclusive<u32>) -> Option<(u32, Parity)> {
    let problems = fields.walk.problems;
    let baud = fields.optional::<u32>("baud");
    let parity = fields.or("parity", Parity::None);
    match baud {
        Some(At { value, span }) if !bauds.contains(&value) => {
            problems.error(&span, format!("{value} is no baud rate"), "use 9600 or 19200, say");
            None
        }
        baud => Some((baud.map_or(BAUD, |at| at.value), parity)),
    }
}

fn is_same(one: &Bus, other: &Bus) -> bool {
    match (one, other) {
        (Bus::Line(Line::Serial(one)), Bus::Line(Line::Serial(other))) => {
            one.device == other.device
        }
        (Bus::Board { board: one, .. }, Bus::Board { board: other, .. }) => one == other,
        _ => one == other,
    }
}

fn tcp(fields: &mut Fields<'_>) -> Option<(Line, At<String>)> {
    let problems = fields.walk.problems;
    let tcp = fields.required::<String>("tcp")?;
    let Some((host, port)) = host_and_port(&tcp.value) else {
        problems.error(
            &tcp.span,
            format!("\"{}\" is no host with a port", tcp.value),
            "write it as \"192.168.1.50\" or \"192.168.1.50:502\"",
        );
        return None;
    };
    Some((Line::Tcp { host, port }, tcp))
}

fn serial(device: &At<String>, fields: &mut Fields<'_>) -> Option<Serial> {
    let problems = fields.walk.problems;
    let mut serial = Serial::new(PathBuf::from(&device.value));
    let mut is_good = serial.device.is_absolute();
    if !is_good {
        problems.error(
            &device.span,
            format!("\"{}\" is no whole path", device.value),
            "write it as \"/dev/serial/by-id/usb-…\"",
        );
    } else if !is_stable(&device.value) {
        problems.warning(
            &device.span,
            format!("{} may be another adapter after the next start", device.value),
            "use its name under /dev/serial/by-id, or under /dev/serial/by-path where two adapters have the same: `ls -l /dev/serial/*`",
        );
    }
    match set(fields, BAUDS) {
        Some((baud, parity)) => (serial.baud, serial.parity) = (baud, parity),
        None => is_good = false,
    }
    if let Some(At { value, span }) = fields.optional::<u8>("stop_bits") {
        serial.stop_bits = value;
        if !(1..=2).contains(&value) {
            problems.error(&span, "there are 1 or 2 stop bits", "use what the devices are set to");
            is_good = false;
        }
    }
    if let Some(At { value, span }) = fields.optional::<u8>("data_bits")
        && value != 8
    {
        let remedy = "set the devices to RTU with 8 data bits, and remove this";
        problems.error(
            &span,
            "Modbus RTU takes 8 data bits, and Modbus ASCII is not spoken",
            remedy,
        );
        is_good = false;
    }
    is_good.then_some(serial)
}

/// False for the names that the kernel gives in the order of plugging in.
fn is_stable(device: &str) -> bool {
    let name = device.strip_prefix("/dev/").unwrap_or_default();
    !["ttyUSB", "ttyACM"].iter().any(|counted| name.starts_with(counted))
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`.
pub(crate) fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let port = if port.is_empty() { PORT } else { port.parse().ok().filter(|p| *p > 0)? };
    let host_is_good = !host.is_empty() && !host.contains(['/', ' ', '@']) && !text.ends_with(':');
    host_is_good.then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn a_host_is_read_with_and_without_its_port() {
        let read = |text| host_and_port(text).map(|(h, p)| format!("{h} {p}"));
        assert_eq!(read("192.168.1.50").as_deref(), Some("192.168.1.50 502"));
        assert_eq!(read("lift.local:1502").as_deref(), Some("lift.local 1502"));
        assert_eq!(read("[fe80::1]:503").as_deref(), Some("fe80::1 503"));
        for bad in ["", ":502", "a:", "a:b", "a:0", "a:70000", "tcp://a", "a b", "[x]:1", "[::1]5"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
