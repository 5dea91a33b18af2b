//! The other commands of the program, as a newcomer tries them.

use std::process::{Command, Output};

use gengfu_tests::{
    gateway::program,
    python::{CALENDAR, Peer},
};
use serde_json::Value;

fn gengfu(args: &[&str]) -> Output {
    Command::new(program().unwrap())
        .args(args)
        .env("LANG", "en_GB.UTF-8")
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}

fn demo(scenario: &str) -> String {
    let output = gengfu(&["demo", "--once", "--port", "0", "--scenario", scenario]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}");
    text
}

/// These stand in the text, in this order.
fn in_order(text: &str, wanted: &[&str]) {
    let mut rest = text;
    for words in wanted {
        let (_, after) =
            rest.split_once(words).unwrap_or_else(|| panic!("\"{words}\" is missing in:\n{text}"));
        rest = after;
    }
}

#[test]
fn the_demo_tells_of_a_trapped_passenger_to_the_end() {
    let story = demo("trapped");
    in_order(
        &story,
        &[
            "person trapped — Building 3 › Lift 1",
            "asking 王阿姨",
            "the carrier has it",
            "asking 李叔",
            "李叔: \"I'm going\"",
            "李叔: \"I'm there\"",
            "■ over 李叔",
        ],
    );
}

#[test]
fn the_demo_tells_of_a_fire_to_the_end() {
    let story = demo("fire");
    in_order(&story, &["▲", "Building 3", "asking 王阿姨", "王阿姨: \"I'm going\"", "■ over"]);
    for channel in ["ntfy", "hook"] {
        assert!(story.contains(&format!("王阿姨 ← {channel}")), "two channels at once:\n{story}");
    }
}

#[test]
fn every_mistake_of_a_file_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gengfu.toml");
    std::fs::write(
        &file,
        "data_dri = \"x\"\n[site]\nid = \"a b\"\nname = \"A\"\ntime_zone = \"Asia/Shangai\"\n",
    )
    .unwrap();
    let output = gengfu(&["check", file.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "as many as there are mistakes:\n{said}");
    for wanted in ["gengfu.toml:1:", "data_dir", "gengfu.toml:3:", "gengfu.toml:5:"] {
        assert!(said.contains(wanted), "{wanted} in:\n{said}");
    }
}

#[test]
fn a_roster_is_printed_as_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roster.toml");
    std::fs::write(
        &file,
        r#"id = "duty"
name = "Duty"
time_zone = "America/Chicago"
[[layers]]
kind = "rotation"
name = "nights"
people = ["wang", "li"]
starts = "2026-03-07"
handover = { kind = "daily", at = "02:30" }
"#,
    )
    .unwrap();
    let output = gengfu(&[
        "oncall",
        "--roster",
        file.to_str().unwrap(),
        "--from",
        "2026-03-07T02:30",
        "--to",
        "2026-03-10",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let starts: Vec<&str> = lines.iter().map(|l| l["start"].as_str().unwrap()).collect();
    // 02:30 does not exist on 8 March: the hand-over is when the gap ends, at 03:00 CDT.
    assert_eq!(starts, ["2026-03-07T08:30:00Z", "2026-03-08T08:00:00Z", "2026-03-09T07:30:00Z"]);
    assert_eq!(lines[1]["people"], serde_json::json!(["li"]));
    assert!(lines.iter().all(|l| l["why"].is_array() && l["end"].is_string()));
}

#[tokio::test]
async fn a_month_of_a_roster_is_the_same_in_somebody_elses_calendar() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("nights.toml");
    // Over the night in which clocks go back, with a swap and a time that nobody has.
    std::fs::write(
        &file,
        r#"
id = "nights"
name = "Nachtdienst; Haus 3, Aufgang A"
time_zone = "Europe/Berlin"
exceptions = [
    { kind = "replace", from = "2026-10-08T20:00:00", to = "2026-10-09T08:00:00", person = "wang", by = "zhao" },
]

[[layers]]
kind = "shift"
name = "nights"
days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
from = "20:00:00"
to = "08:00:00"
people = ["wang", "li"]
"#,
    )
    .unwrap();
    let oncall = |more: &[&str]| {
        let mut args = vec!["oncall", "--roster", file.to_str().unwrap()];
        args.extend(["--from", "2026-10-05", "--to", "2026-11-05"]);
        args.extend(more);
        let output = gengfu(&args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let calendar = folder.path().join("nights.ics");
    std::fs::write(&calendar, oncall(&["--ical"])).unwrap();
    let read = Peer::start(CALENDAR, &[calendar.to_str().unwrap()]).unwrap().json().await.unwrap();
    assert_eq!(read["name"], "Nachtdienst; Haus 3, Aufgang A");
    let shifts: Vec<Value> = String::from_utf8(oncall(&[]))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let entries = read["entries"].as_array().unwrap();
    assert!(shifts.len() > 50 && entries.len() == shifts.len(), "{}", entries.len());
    for (entry, shift) in entries.iter().zip(&shifts) {
        assert_eq!((&entry["start"], &entry["end"]), (&shift["start"], &shift["end"]));
        let people: Vec<&str> =
            shift["people"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let who = entry["who"].as_str().unwrap();
        match people.as_slice() {
            [] => assert!(who.contains("Nobody on duty"), "{who}"),
            people => assert_eq!(who, people.join(", ")),
        }
    }
    // And back again.
    let output = gengfu(&[
        "oncall",
        "--import",
        calendar.to_str().unwrap(),
        "--zone",
        "Europe/Berlin",
        "--people",
        "wang=wang,li=li,zhao=zhao",
        "--from",
        "2026-10-05",
        "--to",
        "2026-11-05",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let back: gengfu_core::roster::Roster = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(back.name, "Nachtdienst; Haus 3, Aufgang A");
    let at = |shift: &Value, name: &str| shift[name].as_str().unwrap().parse().unwrap();
    let (from, to) = (at(&shifts[0], "start"), at(shifts.last().unwrap(), "end"));
    let back: Vec<Value> = back
        .shifts(from, to)
        .map(|mut shift| {
            shift.people.sort();
            serde_json::json!([shift.start, shift.end, shift.people])
        })
        .collect();
    let sent = shifts.iter().map(|shift| {
        let mut people = shift["people"].as_array().unwrap().clone();
        people.sort_by_key(Value::to_string);
        serde_json::json!([shift["start"], shift["end"], people])
    });
    assert_eq!(back, sent.collect::<Vec<_>>());
    let mut names: Vec<&str> = entries.iter().map(|e| e["uid"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len(), "each shift has a name of its own");
}

#[test]
fn the_bench_prints_every_figure_beside_its_floor() {
    let output = gengfu(&["bench", "--quick"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    in_order(
        &text,
        &[
            "fdatasync of 200 bytes",
            "bare embedded broker",
            "100/s → receipt",
            "100/s → hand-over",
            "with the field at work",
            "100/s → hand-over",
            "p50 and p99 without it",
            "points /s",
            "durable events",
            "telemetry readings",
            "from a snapshot",
            "1000 points",
        ],
    );
}
