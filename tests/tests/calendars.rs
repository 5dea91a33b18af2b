//! Calendars of other programs as rosters: the same shifts as somebody else's program finds in them
//! (icalendar, recurring-ical-events).

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{id::PersonId, roster::Roster, time::Timestamp};
use gengfu_tests::{
    gateway::program,
    python::{Peer, SHIFTS},
};
use gengfu_web::calendar::import::{Names, Wish, import};
use serde_json::Value;

/// From when to when they are compared: over both changes of the clocks, and new year.
const FROM: &str = "2026-10-20T00:00:00Z";
const TO: &str = "2027-04-20T00:00:00Z";

fn gengfu(args: &[&str]) -> std::process::Output {
    std::process::Command::new(program().unwrap()).args(args).output().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Who is on duty when: of each person the times, those that touch as one.
type Duties = BTreeMap<String, Vec<(Timestamp, Timestamp)>>;

fn joined(times: impl IntoIterator<Item = (String, Timestamp, Timestamp)>) -> Duties {
    let mut duties = Duties::new();
    let sorted: BTreeSet<_> = times.into_iter().collect();
    for (who, start, end) in sorted {
        let (start, end) = (start.max(at(FROM)), end.min(at(TO)));
        if start >= end {
            continue;
        }
        let spans = duties.entry(who).or_default();
        match spans.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    duties
}

/// As the other program has it; `people` are names and who it is.
async fn judged(file: &str, zone: &str, people: &[(&str, &str)]) -> Duties {
    let found = Peer::start(SHIFTS, &[file, zone, FROM, TO]).unwrap().json().await.unwrap();
    let mut times = Vec::new();
    for entry in found.as_array().unwrap() {
        let time = |name: &str| at(entry[name].as_str().unwrap());
        let words = entry["who"].as_str().unwrap();
        let attendees: Vec<&str> =
            entry["attendees"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let named = |words: &str| people.iter().filter(|(name, _)| words.contains(name)).count();
        let words = if named(words) > 0 { words.to_owned() } else { attendees.join("; ") };
        assert!(named(&words) > 0, "{entry}");
        for (_, who) in people.iter().filter(|(name, _)| words.contains(name)) {
            times.push(((*who).to_owned(), time("start"), time("end")));
        }
    }
    joined(times)
}

/// As a roster has it.
fn rostered(roster: &Roster) -> Duties {
    let shifts = roster.shifts(at(FROM), at(TO));
    joined(shifts.flat_map(|shift| {
        let (start, end) = (shift.start, shift.end);
        shift.people.into_iter().map(move |who| (who.to_string(), start, end))
    }))
}

#[tokio::test]
async fn calendars_of_other_programs_have_the_same_shifts_as_rosters() {
    let people = [
        ("王阿姨", "wang"),
        ("李叔", "li"),
        ("赵爷爷", "zhao"),
        ("Wang Min", "wang"),
        ("Li Hua", "li"),
        ("Zhao Lei", "zhao"),
        ("Zhao, Lei", "zhao"),
    ];
    // On the command line a comma parts the pairs; a name with one of its own is for the API.
    let pairs: Vec<String> = people
        .iter()
        .filter(|(name, _)| !name.contains(','))
        .map(|(name, who)| format!("{name}={who}"))
        .collect();
    for (program, zone, layers) in [
        ("google", "Asia/Shanghai", 1),
        ("outlook", "Europe/Berlin", 1),
        ("apple", "America/New_York", 0),
        ("nextcloud", "Europe/Berlin", 0),
    ] {
        let file = format!("{}/calendars/{program}.ics", env!("CARGO_MANIFEST_DIR"));
        let expected = judged(&file, zone, &people).await;
        let roster: Roster = if program == "outlook" {
            let names = people.map(|(name, who)| (name.to_owned(), PersonId::from(who)));
            let wish = Wish {
                id: program.into(),
                name: None,
                time_zone: zone.into(),
                from: at(FROM),
                until: at(TO),
                names: Names::new(names),
            };
            import(&std::fs::read(&file).unwrap(), &wish).unwrap().roster
        } else {
            let (pairs, args) = (pairs.join(","), ["oncall", "--import", &file, "--zone", zone]);
            let more = ["--people", &pairs, "--from", FROM, "--to", TO];
            let output = gengfu(&[&args[..], &more[..]].concat());
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        };
        assert_eq!(roster.validate(), []);
        assert_eq!(roster.layers.len(), layers, "{program}: {:?}", roster.layers);
        let found = rostered(&roster);
        assert!(found.values().flatten().count() > 20, "{program}: {found:?}");
        assert_eq!(found, expected, "{program}");
    }
}

#[test]
fn a_calendar_that_cant_be_kept_is_refused_whole_with_its_lines() {
    let file = format!("{}/calendars/google.ics", env!("CARGO_MANIFEST_DIR"));
    let output = gengfu(&["oncall", "--import", &file, "--people", "王阿姨=wang,李叔=li"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && output.stdout.is_empty(), "{errors}");
    assert!(
        errors.contains("line 5") && errors.contains("\"赵爷爷\" is not one person's name"),
        "{errors}"
    );
}

/// A row of numbers that is the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// An event that comes again by some rule.
fn event(dice: &mut Dice, who: &str) -> String {
    let (month, day) = (9 + dice.below(3), 1 + dice.below(28));
    let (hour, minute) = (dice.below(24), 30 * dice.below(2));
    let start = format!("2026{month:02}{day:02}T{hour:02}{minute:02}00");
    let rule = match dice.below(8) {
        0 => "FREQ=DAILY".to_owned(),
        1 => format!("FREQ=DAILY;INTERVAL={};BYDAY=MO,WE,FR,SU", 1 + dice.below(3)),
        2 => format!(
            "FREQ=WEEKLY;INTERVAL={};WKST={};BYDAY={}",
            1 + dice.below(3),
            dice.one(&["MO", "SU"]),
            dice.one(&["SU", "MO,SU", "TU,TH,SA", "SA,SU", "MO,TU,WE,TH,FR"])
        ),
        3 => format!(
            "FREQ=MONTHLY;BYDAY={}",
            dice.one(&["1MO", "-1SU", "2TU,4TU", "5FR", "MO", "-2WE,1SA"])
        ),
        4 => {
            format!("FREQ=MONTHLY;BYMONTHDAY={}", dice.one(&["1", "31", "-1", "1,15,-1", "29,30"]))
        }
        5 => format!(
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={}",
            dice.one(&["1", "-1", "1,-1", "3"])
        ),
        6 => format!(
            "FREQ=YEARLY;BYMONTH={};BYDAY={}",
            dice.one(&["11,12,1,3", "2", "3,10"]),
            dice.one(&["-1SU", "1MO", "TU"])
        ),
        _ => format!(
            "FREQ=YEARLY;BYMONTH={};BYMONTHDAY={}",
            dice.one(&["12,1", "2,3"]),
            dice.one(&["13", "1,28", "-1"])
        ),
    };
    let rule = match dice.below(4) {
        0 => format!("{rule};COUNT={}", 1 + dice.below(40)),
        1 => format!(
            "{rule};UNTIL=2027{:02}{:02}T{hour:02}{minute:02}00Z",
            1 + dice.below(4),
            1 + dice.below(28)
        ),
        _ => rule,
    };
    let zone = ";TZID=Europe/Berlin";
    let mut text = format!(
        "BEGIN:VEVENT\r\nUID:{who}\r\nDTSTAMP:20260901T000000Z\r\nDTSTART{zone}:{start}\r\n\
         DURATION:PT{}M\r\nRRULE:{rule}\r\nSUMMARY:{who}\r\n",
        30 * (1 + dice.below(30))
    );
    if dice.below(3) == 0 {
        text += &format!(
            "RDATE{zone}:2027{:02}{:02}T{hour:02}{minute:02}00\r\n",
            1 + dice.below(4),
            1 + dice.below(28)
        );
    }
    text + "END:VEVENT\r\n"
}

#[tokio::test]
async fn rules_of_all_kinds_give_the_same_times_as_somebody_elses_program() {
    let mut dice = Dice(2026);
    let people: Vec<String> = (100..260).map(|n| format!("p{n}")).collect();
    let events: Vec<String> = people.iter().map(|who| event(&mut dice, who)).collect();
    let calendar = |events: &str| {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{events}END:VCALENDAR\r\n")
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.ics");
    std::fs::write(&file, calendar(&events.concat())).unwrap();
    let pairs: Vec<(&str, &str)> = people.iter().map(|who| (who.as_str(), who.as_str())).collect();
    let expected = judged(file.to_str().unwrap(), "Europe/Berlin", &pairs).await;
    assert!(expected.len() > 130, "{}", expected.len());
    for (who, event) in people.iter().zip(&events) {
        let wish = Wish {
            id: "r".into(),
            name: None,
            time_zone: "Europe/Berlin".into(),
            from: at(FROM),
            until: at(TO),
            names: Names::new([(who.clone(), PersonId::from(who.as_str()))]),
        };
        let found = match import(calendar(event).as_bytes(), &wish) {
            Ok(made) => rostered(&made.roster).remove(who),
            Err(mistakes) => {
                assert!(mistakes[0].what.contains("no event"), "{event}: {mistakes:?}");
                None
            }
        };
        assert_eq!(found.as_ref(), expected.get(who), "{event}");
    }
}
