//! `gengfu profile`: what a profile makes of a device's words, told without a gateway.

use clap::Parser;
use gengfu::{
    cli::{Cli, Command},
    profile,
};
use serde_json::{Value, json};

/// What the command prints; or how it complains.
fn run(args: &[&str]) -> Result<String, String> {
    let all = ["gengfu", "profile"].iter().chain(args);
    let cli = Cli::try_parse_from(all).map_err(|e| e.to_string())?;
    let Command::Profile { command } = cli.command else { return Err("another command".into()) };
    let (mut out, mut complaints) = (vec![], vec![]);
    profile::run(&command, &mut out, &mut complaints).map_err(|e| format!("{e:#}"))?;
    out.extend(complaints);
    Ok(String::from_utf8(out).unwrap())
}

/// The lines of a try.
fn told(args: &[&str]) -> Vec<Value> {
    let text = run(args).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn complaint(args: &[&str], wanted: &str) {
    let why = run(args).unwrap_err();
    assert!(why.contains(wanted), "\"{wanted}\" is missing in: {why}");
}

/// A folder with one profile in it.
fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
    folder
}

#[test]
fn every_profile_is_listed_and_can_be_shown() {
    let list = run(&["list"]).unwrap();
    let lift = list.lines().find(|line| line.starts_with("nice3000 ")).unwrap();
    assert!(lift.contains("modbus") && lift.contains("NICE3000+ lift controller"), "{lift}");
    let text = run(&["show", "nice3000-core"]).unwrap();
    assert!(text.contains("address = 0x1010"));
    complaint(&["show", "nice300"], "did you mean \"nice3000\"?");
}

#[test]
fn a_profile_with_a_mistake_is_not_said_to_be_missing() {
    let folder = folder("bad", "name = \"A\"\nkind = \"modbus\"\n");
    let at = folder.path().to_str().unwrap();
    complaint(&["try", "bad", "--folder", at, "--registers", "1=1"], "can't be used: correct");
    // Nor is the shipped one, whose place it was to take, tried instead.
    let own = self::folder("nice3000", "name = 3\n");
    let at = own.path().to_str().unwrap();
    complaint(&["show", "nice3000", "--folder", at], "\"nice3000\" can't be used");
}

#[test]
fn registers_of_a_lift_are_read_and_its_delayed_alarm_is_foretold() {
    let told = told(&["try", "nice3000", "--registers", "0x1010=0x03E8,0x101D=0x0670,0x3000=3"]);
    let find = |key: &str, id: &str| told.iter().find(|l| l[key] == id).unwrap().clone();
    assert_eq!(
        find("point", "speed"),
        json!({"point": "speed", "value": 1.0, "unit": "m/s", "name": {"zh": "速度", "en": "Speed"}})
    );
    assert_eq!(find("point", "car")["value"], "stopped");
    let stuck = find("alarm", "stopped_outside_zone");
    assert_eq!((&stuck["danger"], &stuck["after"]), (&json!("lift"), &json!("45s")));
    // Readings first, then alarms.
    assert!(told.last().unwrap().get("alarm").is_some());
    assert!(told[0].get("point").is_some());
}

#[test]
fn a_later_poll_that_says_otherwise_calls_the_waiting_alarm_off() {
    let stopped = "0x101D=0x0670,0x3000=3";
    let runs = ["try", "nice3000", "--registers", stopped, "--registers", "0x101D=0x0570"];
    assert!(told(&runs).iter().all(|line| line.get("alarm").is_none()));
}

#[test]
fn a_register_is_written_as_the_document_counts_it() {
    let told = told(&["try", "notifier-gw", "--set", "detectors=2", "--registers", "40002=0x0C10"]);
    assert_eq!((&told[0]["point"], &told[0]["value"]), (&json!("l1d2"), &json!("fire")));
    assert_eq!(told[1]["alarm"], "l1d2-fire");
    assert_eq!(told[1]["after"], "0s");
    let zero = self::told(&["try", "notifier-gw", "--registers", "40001=0"]);
    assert_eq!(zero[0]["no_data"], "garbled", "zero does not mean normal");
}

#[test]
fn a_message_of_a_board_and_a_modem_s_signal_are_tried_as_well() {
    let board = told(&["try", "board", "--role", "1=call", "--input", "1=active"]);
    assert_eq!((&board[0]["point"], &board[0]["value"]), (&json!("in1"), &json!(true)));
    assert_eq!((&board[1]["alarm"], &board[1]["latched"]), (&json!("in1-trapped"), &json!(true)));
    let cut = told(&["try", "board", "--role", "1=fire", "--input", "1=open"]);
    assert_eq!((&cut[1]["alarm"], &cut[1]["after"]), (&json!("in1-line"), &json!("10s")));
    let modem = told(&["try", "modem", "--point", "signal=-110"]);
    assert_eq!((&modem[1]["alarm"], &modem[1]["after"]), (&json!("weak"), &json!("10m")));
}

const DETECTOR: &str = r#"
name = { zh = "烟感", en = "Smoke detector" }
kind = "mqtt_json"
supervision = "25h"
[[point]]
id = "smoke"
name = { zh = "烟雾", en = "Smoke" }
pointer = "/smoke"
[[rule]]
id = "fire"
name = { zh = "火警", en = "Fire" }
danger = "fire"
priority = "critical"
latched = true
when = { equals = { point = "smoke", value = true } }
"#;

#[test]
fn messages_are_tried_in_order_and_a_device_that_says_good_bye_is_missed() {
    let folder = folder("mine", DETECTOR);
    let folder = folder.path().to_str().unwrap();
    let attempt = |more: &[&str]| told(&[&["try", "mine", "--folder", folder], more].concat());
    let fire = attempt(&[
        "--topic",
        "z/三楼/烟感",
        "--payload",
        r#"{"smoke":true}"#,
        "--payload",
        r#"{"smoke":false}"#,
    ]);
    let points: Vec<&Value> = fire.iter().filter_map(|l| l.get("value")).collect();
    assert_eq!(points, [&json!(true), &json!(false)]);
    assert_eq!((&fire[2]["alarm"], &fire[2]["priority"]), (&json!("fire"), &json!("critical")));
    let gone = attempt(&["--topic", "z/a/availability", "--payload", r#"{"state":"offline"}"#]);
    assert_eq!((&gone[0]["point"], &gone[0]["no_data"]), (&json!("(device)"), &json!("offline")));
    assert_eq!((&gone[1]["alarm"], &gone[1]["after"]), (&json!("(silence)"), &json!("20s")));
    let retained = attempt(&["--retained", "--topic", "z/a", "--payload", r#"{"smoke":false}"#]);
    assert_eq!(retained[0]["retained"], true);
}

#[test]
fn what_can_t_be_tried_is_refused_with_what_to_do() {
    let lift = |registers: &str| ["try", "nice3000", "--registers", registers].map(str::to_owned);
    for (registers, wanted) in [
        ("0x1011=1", "no point of the profile is read there; near it: 0x1010 (speed)"),
        ("0x1010", "has no \"=\""),
        ("", "names no register; write --registers 0x1010=0x03E8"),
        (" , ", "names no register"),
        ("0x1010=70000", "is no register; write -32768 to 65535"),
        ("speed=1", "is no address"),
        ("heap:1=1", "there is no table \"heap\"; use holding, input, coil or discrete"),
    ] {
        let args = lift(registers);
        complaint(&args.each_ref().map(String::as_str), wanted);
    }
    complaint(&["try", "nice3000"], "say what the device sends with --registers");
    complaint(
        &["try", "nice3000", "--payload", "{}"],
        "--payload is nothing for the profile nice3000",
    );
    complaint(&["try", "json", "--payload", "{}"], "a message has a topic");
    complaint(&["try", "zigbee-leak", "--topic", "a", "--payload", "{\"a\":"], "sent no JSON on a");
    complaint(
        &["try", "zigbee-leak", "--base", "a", "--topic", "b", "--payload", "{}"],
        "nothing of this device comes on \"b\"",
    );
    complaint(&["try", "board", "--input", "9=active"], "the board has no input \"9\"");
    complaint(&["try", "board", "--input", "1=pressed"], "use idle, active, open, short or drift");
    complaint(
        &["try", "board", "--role", "1=cal", "--input", "1=active"],
        "there is no role \"cal\"",
    );
    complaint(
        &["try", "notifier-gw", "--set", "loop=1", "--registers", "40001=1"],
        "use one of: detectors",
    );
    complaint(&["try", "modem", "--point", "sygnal=1"], "did you mean \"signal\"?");
}
