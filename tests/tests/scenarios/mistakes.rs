//! Scripts that are wrong on purpose: what is said of them must help whoever wrote them.

use gengfu_sim::scenario::{Restarts, read};

use crate::scripts::rehearse;

const BUILDING: &str = "title: A test
why: So that a wrong line is found.
building Garden Court in time zone Asia/Shanghai
starts 2026-11-23 14:00:00
lift lift-1 has a call button
people are reached by phone and push
person Wang by phone and push
person Li by phone
roster watch: Wang is on duty day and night
policy: ask the person on duty in watch for 45 s, then Li for 45 s
story:
";

/// What is said of a line that can't be understood.
fn said_of(line: &str) -> String {
    read("wrong.txt", &format!("{BUILDING}{line}\n")).expect_err(line).to_string()
}

/// What is said of a story that does not come true.
async fn outcome(story: &str) -> String {
    let script = read("wrong.txt", &format!("{BUILDING}{story}")).unwrap();
    rehearse(&script, Restarts::Told).await.expect_err(story).to_string()
}

#[test]
fn a_slip_is_named_with_file_line_and_what_was_meant() {
    for (line, parts) in [
        (
            "at 14:03:20 lift-1 call buton pressed",
            &["wrong.txt:12:", "call buton", "Did you mean \"call button\"?"][..],
        ),
        ("lift-1 call button presed", &["\"released\"", "Did you mean \"pressed\"?"]),
        ("lift-2 call button pressed", &["lift-2", "Did you mean \"lift-1\"?"]),
        ("lift-1 fire contact goes on", &["lift-1 has no fire contact", "\"call button\""]),
        ("expct Wang told within 3 s", &["Did you mean \"expect\"?"]),
        ("expect Wnag told within 3 s", &["there is no person \"Wnag\"", "Did you mean \"Wang\"?"]),
        ("expect Wang told by fone", &["there is no way", "\"phone\", \"push\""]),
        ("expect Wang told within 3 sek", &["\"seconds\"", "\"min\""]),
        ("advance soon", &["45 s"]),
        ("at 25:00 lift-1 call button pressed", &["a time of day like 14:03:20"]),
        ("Wang ends the alarm: resqued", &["Did you mean \"rescued\"?"]),
        ("expect Wang told within 3 s please", &["should end before \"please\""]),
    ] {
        let said = said_of(line);
        for part in parts {
            assert!(said.contains(part), "{line}: {said}");
        }
    }
}

#[test]
fn a_building_without_its_beginnings_is_refused() {
    let whole = format!("{BUILDING}advance 1 s\n");
    for (without, part) in [
        ("title:", "the title"),
        ("why:", "why it matters"),
        ("building", "which building"),
        ("starts", "when it starts"),
        ("story:", "a line \"story:\""),
    ] {
        let kept: Vec<&str> = whole.lines().filter(|line| !line.starts_with(without)).collect();
        let said = read("wrong.txt", &kept.join("\n")).expect_err(without).to_string();
        assert!(said.contains(part), "without {without}: {said}");
    }
}

#[tokio::test]
async fn an_expectation_can_fail_and_says_what_was_so() {
    let pressed = "at 14:03:20 lift-1 call button pressed\n";
    for (story, parts) in [
        (
            "expect Li told within 3 s",
            &[
                "wrong.txt:13:",
                "not told until 2026-11-23 14:03:23: Li",
                "Wang was told by phone at 2026-11-23 14:03:20 about lift-1",
            ][..],
        ),
        (
            "expect Wang told by push and phone\nexpect Wang told by push",
            &["wrong.txt:14:", "Wang by push", "nobody was told anything else"],
        ),
        (
            "expect Wang told\nexpect nobody told for 50 s",
            &["Li was told by phone at 2026-11-23 14:04:05"],
        ),
        ("expect Wang told\nexpect Li not told for 46 s", &["Li was told by phone"]),
        ("advance 1 s", &["the script ends", "Wang was told by phone", "which no line expects"]),
        ("expect Wang told about \"water\"", &["not told until", "call button: person trapped"]),
        ("expect lift-1: somebody is going", &["there it is: nobody has answered"]),
        ("expect no open alarm", &["open: 1 (lift-1)"]),
        ("expect lift-1 lamp green", &["the lamp is yellow"]),
        ("expect lift-1 sounder on", &["the sounder is silent"]),
        ("expect lift-1 board missing within 60 s", &["the board is heard"]),
        ("expect Li on duty", &["on duty: Wang"]),
        ("expect refused because \"fire\"", &["it was not refused"]),
        ("lift-1 call button is shelved for 2 h\nadvance 1 s", &["can't be shelved"]),
        (
            "lift-1 call button is shelved for 2 h\nexpect refused because \"tired\"",
            &["it was refused because: alarm"],
        ),
        ("at 14:00:00 expect no open alarm", &["it is 2026-11-23 14:03:20 already"]),
        ("Wang is going\nexpect Li told that Wang is going", &["not told until", "Li"]),
    ] {
        let said = outcome(&format!("{pressed}{story}\n")).await;
        for part in parts {
            assert!(said.contains(part), "{story}:\n{said}");
        }
    }
}
