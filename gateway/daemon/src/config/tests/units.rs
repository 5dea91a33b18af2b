//! Numbers of units that a bus can't have.

use super::{
    super::{Loaded, problem::Report},
    edited,
};

const SERIAL: &str = "id = \"lift-room\"\ndevice = \"/dev/serial/by-id/usb-x\"";
const TCP: &str = "id = \"lift-room\"\ntcp = \"192.168.1.50\"";

/// The good fixture, and on its bus, which is written so, relays as a device of this unit.
fn relays(bus: &str, unit: u8) -> Result<Loaded, Report> {
    let relays = format!(
        "{bus}\n[[devices]]\nid = \"relays\"\nplace = \"building-3\"\nprofile = \"rs485-relays\"\n\
         bus = \"lift-room\"\nunit = {unit}\n"
    );
    edited(TCP, &relays)
}

#[test]
fn a_serial_line_has_units_from_1_to_247() {
    for unit in [0, 248, 250, 255] {
        let said = relays(SERIAL, unit).unwrap_err().to_string();
        let wanted = format!("there is no unit {unit} on a serial line");
        assert!(said.contains(&wanted) && said.contains("1 to 247"), "{said}");
    }
    for unit in [1, 247] {
        assert_eq!(relays(SERIAL, unit).unwrap().report.errors(), 0);
    }
}

#[test]
fn over_tcp_unit_0_may_be_read_and_is_never_switched() {
    let said = relays(TCP, 0).unwrap_err().to_string();
    assert!(said.contains("would switch every device there at once"), "{said}");
    assert_eq!(relays(TCP, 255).unwrap().report.errors(), 0);
    let read = edited("unit = 3", "unit = 0");
    assert_eq!(read.unwrap().report.errors(), 0, "some servers want it");
}
