//! Devices on the RS-485 line of a board.

use gengfu_core::{front::Front, id::DeviceId, time::Span};

use super::{
    super::{Loaded, problem::Report},
    edited,
};

/// The good fixture, whose bus is reached so; its device on that bus is a NICE3000 controller.
fn with(bus: &str) -> Result<Loaded, Report> {
    edited("tcp = \"192.168.1.50\"", bus)
}

/// What is said about the fixture where the controller has another profile and further keys.
fn with_device(profile: &str) -> String {
    let bus = "id = \"lift-room\"\nboard = \"pit-1\"";
    let from = "profile = \"nice3000\"";
    let folder = super::folder("good");
    let path = folder.path().join("gengfu.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("id = \"lift-room\"\ntcp = \"192.168.1.50\"", bus);
    std::fs::write(&path, text.replace(from, profile)).unwrap();
    super::Config::load(&path).map_or_else(|r| r.to_string(), |loaded| loaded.report.to_string())
}

#[test]
fn a_device_on_a_board_s_line_is_behind_the_board_and_its_silence_is_noticed_after_90_s() {
    let loaded = with("board = \"pit-1\"\nbaud = 19200\nparity = \"even\"").unwrap();
    let config = &loaded.config;
    assert_eq!(config.buses["lift-room"].to_string(), "RS-485 of pit-1 (19200 8E)");
    let lift = &config.devices[&DeviceId::from("lift-1")];
    assert_eq!(lift.behind, Some(Front::Device("pit-1".into())));
    assert_eq!(lift.supervision, Some(Span::secs(90)));
    assert_eq!(loaded.report.errors(), 0, "{}", loaded.report);
    let lines = crate::beside::of(config);
    assert_eq!(lines[&DeviceId::from("pit-1")].list().reads.len(), 3);
}

#[test]
fn a_board_that_is_in_no_file_is_warned_of_since_it_may_have_been_added_on_the_page() {
    let loaded = with("board = \"pit-9\"").unwrap();
    let said = loaded.report.to_string();
    assert!(said.contains("the line of \"pit-9\", and no such board is in this file"), "{said}");
    let said = with("board = \"boiler\"").unwrap_err().to_string();
    assert!(said.contains("\"boiler\", which its bus names as a board, is none"), "{said}");
}

#[test]
fn what_a_board_can_t_read_is_named_with_its_line_and_what_to_do() {
    for (profile, says) in [
        ("profile = \"rs485-inputs\"", "\"lift-1/in1\" is a coil or discrete input"),
        ("profile = \"rs485-relays\"", "is an output"),
        (
            "profile = \"notifier-gw\"\nparameters = { loops = 4, detectors = 159, modules = 159 }",
            "a board reads 16 ranges of registers, and what is beside this one makes",
        ),
    ] {
        let said = with_device(profile);
        assert!(said.contains("board \"pit-1\" can't read device \"lift-1\""), "{said}");
        assert!(said.contains(says), "{says}: {said}");
        assert!(said.contains("remedy: leave point"), "{said}");
    }
}

#[test]
fn a_line_is_set_as_a_board_can_set_it_and_is_one_bus() {
    for (bus, says) in [
        ("board = \"pit-1\"\nbaud = 300", "300 is no baud rate"),
        ("board = \"pit-1\"\ntcp = \"10.0.0.1\"", "either `tcp`, `device` or `board`"),
        (
            "board = \"pit-1\"\ndevice = \"/dev/serial/by-id/x\"",
            "either `tcp`, `device` or `board`",
        ),
        ("board = \"pit-1\"\nstop_bits = 1", "knows no `stop_bits`"),
        (
            "board = \"pit-1\"\n[[modbus.buses]]\nid = \"again\"\nboard = \"pit-1\"",
            "leads to board \"pit-1\" as well: a board has one line",
        ),
    ] {
        let said = with(bus).map(|loaded| loaded.report).unwrap_err().to_string();
        assert!(said.contains(says), "{bus}: {said}");
    }
}
