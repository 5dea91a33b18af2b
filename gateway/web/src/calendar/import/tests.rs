//! Calendars that are kept, and those that are not, and why.

use gengfu_core::{
    id::PersonId,
    roster::{Layer, Roster, ShiftSpan},
    time::Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

use super::{Imported, Mistake, Names, Wish, import};
use crate::calendar::calendar;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn wish(zone: &str) -> Wish {
    let names =
        [("王阿姨", "wang"), ("wang", "wang"), ("李叔", "li"), ("li", "li"), ("zhao", "zhao")];
    Wish {
        id: "nights".into(),
        name: None,
        time_zone: zone.into(),
        from: at("2026-11-23T00:00:00Z"),
        until: at("2027-04-20T00:00:00Z"),
        names: Names::new(names.map(|(name, id)| (name.to_owned(), PersonId::from(id)))),
    }
}

/// A calendar with these lines in its events; `|` begins another event.
fn written(events: &str) -> String {
    let mut text = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n".to_owned();
    for event in events.split('|') {
        let event = event.trim();
        text += &format!("BEGIN:VEVENT\nUID:{}\n{event}\nEND:VEVENT\n", event.len());
    }
    text + "END:VCALENDAR\n"
}

fn read(events: &str) -> Result<Imported, Vec<Mistake>> {
    import(written(events).as_bytes(), &wish("Asia/Shanghai"))
}

#[track_caller]
fn mistakes(events: &str) -> Vec<(usize, String)> {
    let found = read(events).expect_err("it was kept");
    found.into_iter().map(|mistake| (mistake.line, mistake.what)).collect()
}

/// Who is on duty from when to when; neighbours that are the same are one.
fn duties(
    spans: impl IntoIterator<Item = ShiftSpan>,
) -> Vec<(Timestamp, Timestamp, Vec<PersonId>)> {
    let mut all: Vec<(Timestamp, Timestamp, Vec<PersonId>)> = Vec::new();
    for span in spans {
        let mut people = span.people;
        people.sort();
        match all.last_mut() {
            Some((_, end, same)) if *same == people => *end = span.end,
            _ => all.push((span.start, span.end, people)),
        }
    }
    all
}

#[test]
fn what_comes_every_week_for_ever_is_a_layer_and_the_rest_an_exception_each() {
    let made = read(
        "DTSTART;TZID=Asia/Shanghai:20261102T200000\nDTEND;TZID=Asia/Shanghai:20261103T080000\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,TH\nSUMMARY:夜班 王阿姨\n\
         | DTSTART:20261224T120000Z\nDURATION:PT12H\nSUMMARY:李叔\\, zhao",
    )
    .unwrap();
    let Roster { layers, exceptions, .. } = &made.roster;
    let [Layer::Shift(shift)] = layers.as_slice() else { panic!("{layers:?}") };
    assert_eq!(
        (shift.name.as_str(), shift.from.to_string(), shift.to.to_string()),
        ("夜班 王阿姨", "20:00:00".into(), "08:00:00".into())
    );
    assert_eq!(shift.days.len(), 2);
    assert_eq!(exceptions.len(), 2, "{exceptions:?}");
    assert_eq!(made.roster.validate(), []);
    let on_call = made.roster.on_call(at("2030-05-06T13:00:00Z"));
    assert_eq!(on_call.people, ["wang".into()], "a Monday years ahead");
}

#[test]
fn a_weekly_event_that_has_not_begun_or_that_skips_an_hour_is_no_layer() {
    let later = "DTSTART;TZID=Asia/Shanghai:20261207T200000\nDTEND;TZID=Asia/Shanghai:20261208T080000\n\
                 RRULE:FREQ=WEEKLY\nSUMMARY:li";
    let made = read(later).unwrap();
    assert!(made.roster.layers.is_empty());
    assert_eq!(made.roster.exceptions.len(), 20, "until 20 April");
    // Half past two does not exist on 28 March: the calendar's is half past three, a layer's is three.
    let skipped =
        "DTSTART;TZID=Europe/Berlin:20261101T023000\nDURATION:PT3H\nRRULE:FREQ=DAILY\nSUMMARY:li";
    let made = import(written(skipped).as_bytes(), &wish("Europe/Berlin")).unwrap();
    assert!(made.roster.layers.is_empty());
    assert_eq!(made.roster.on_call(at("2027-03-28T01:29:00Z")).people, []);
    assert_eq!(made.roster.on_call(at("2027-03-28T01:30:00Z")).people, ["li".into()]);
}

#[test]
fn every_mistake_is_told_with_its_line_and_nothing_is_kept() {
    let found = mistakes(
        "DTSTART:20261124T200000\nDTEND:20261125T080000\nSUMMARY:张三\n\
         | DTSTART:2026-11-24\nSUMMARY:li\n\
         | DTSTART:20261124T200000\nRRULE:FREQ=HOURLY\nDTEND:20261125T080000\nSUMMARY:li\n\
         | DTSTART;TZID=Mars/Olympus:20261124T200000\nDTEND;TZID=Mars/Olympus:20261125T080000\nSUMMARY:li",
    );
    let [(12, day), (18, hourly)] = found.as_slice() else { panic!("{found:?}") };
    assert!(day.contains("DTSTART") && hourly.contains("FREQ=HOURLY"), "{found:?}");
    let found = mistakes(
        "DTSTART;TZID=Mars/Olympus:20261124T200000\nDTEND;TZID=Mars/Olympus:20261125T080000\nSUMMARY:li\n\
         | DTSTART:20261124T200000\nSUMMARY:li\n| DTSTART:20261124T200000\nDTEND:20261124T200000\nSUMMARY:li",
    );
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [4, 10, 15], "{found:?}");
    assert!(found[0].1.contains("Mars/Olympus"), "{found:?}");
    let found = mistakes("DTSTART:20261124T200000\nDTEND:20261125T080000\nSUMMARY:王阿姨、张三");
    assert_eq!(found, [(8, "\"张三\" is not one person's name: say who it is".to_owned())]);
    for (wrong, words) in [
        ("DTSTART:20261124\nSUMMARY:li\nRRULE:FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO"),
        ("DTSTART:20261124\nSUMMARY:li\nRRULE:FREQ=DAILY;BYDAY=1MO", "numbered weekday"),
        ("DTSTART:20261124\nSUMMARY:li\nRRULE:INTERVAL=2", "FREQ"),
        ("DTSTART:20261124\nSUMMARY:li\nRRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "second rule"),
        (
            "DTSTART:20261124\nSUMMARY:li\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261124",
            "all that follow",
        ),
        ("DTSTART:00010101\nSUMMARY:li\nRRULE:FREQ=DAILY", "too long ago"),
        ("DTSTART:20261124T100000\nDURATION:-PT1H\nSUMMARY:li", "DURATION"),
        ("SUMMARY:li", "no DTSTART"),
        ("DTSTART:20201124\nSUMMARY:li", "no event"),
        ("DTSTART:20261124\nX", "no line of a calendar"),
    ] {
        let found = mistakes(wrong);
        assert!(found.iter().any(|(_, what)| what.contains(words)), "{wrong}: {found:?}");
    }
}

#[test]
fn what_is_wrong_is_not_followed_for_longer_than_what_is_right() {
    let event = "DTSTART:19700101T000000Z\nDTEND:20301201T000000Z\nSUMMARY:li\nRRULE:FREQ=DAILY;COUNT=90000";
    let found = mistakes(&vec![event; 100].join("\n| "));
    let [.., (_, year), (_, many)] = found.as_slice() else { panic!("{found:?}") };
    assert!(year.contains("longer than a year") && many.contains("more than 50000"), "{found:?}");
    assert!(found.len() < 10, "{} events were followed", found.len() - 1);
}

#[test]
fn an_hour_that_the_clock_shows_twice_is_refused_the_second_time() {
    let second = "DTSTART:20261025T013000Z\nDTEND:20261025T060000Z\nSUMMARY:li";
    let wish = Wish { from: at("2026-10-01T00:00:00Z"), ..wish("Europe/Berlin") };
    let found = import(written(second).as_bytes(), &wish).unwrap_err();
    assert!(found[0].what.contains("shows twice"), "{found:?}");
    let first = second.replace("T013000Z", "T003000Z");
    import(written(&first).as_bytes(), &wish).unwrap();
}

#[test]
fn lines_are_joined_whatever_ends_them_and_what_is_not_utf_8_is_told() {
    let event = "DTSTART:20261124T200000\nDTEND:20261125T080000\nSUMMARY:王阿姨";
    let plain = read(event).unwrap().roster;
    let text = written(event);
    // Folded in the middle of a letter, as some programs do; with a mark in front; with CRLF.
    let mut folded = b"\xEF\xBB\xBF".to_vec();
    for line in text.lines() {
        for (at, byte) in line.bytes().enumerate() {
            if at > 0 && at % 10 == 0 {
                folded.extend_from_slice(b"\r\n ");
            }
            folded.push(byte);
        }
        folded.extend_from_slice(b"\r\n");
    }
    assert_eq!(import(&folded, &wish("Asia/Shanghai")).unwrap().roster, plain);
    // The same title in GBK.
    let at = text.find("王阿姨").unwrap();
    let mut gbk = text.as_bytes()[..at].to_vec();
    gbk.extend_from_slice(b"\xCD\xF5\xB0\xA2\xD2\xCC");
    gbk.extend_from_slice(&text.as_bytes()[at + "王阿姨".len()..]);
    let found = import(&gbk, &wish("Asia/Shanghai")).unwrap_err();
    assert!(found[0].line == 8 && found[0].what.contains("GBK"), "{found:?}");
}

#[test]
fn what_is_no_whole_calendar_is_told() {
    let whole = written("DTSTART:20261124\nSUMMARY:li");
    for (text, words) in [
        (String::new(), "empty"),
        ("hello: world\n".into(), "no calendar"),
        (whole.replace("END:VCALENDAR\n", ""), "not whole"),
        (whole.replace("END:VEVENT\n", ""), "ends nothing"),
        (whole.replace("BEGIN:VCALENDAR\n", ""), "BEGIN:VCALENDAR"),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n".into(), "no event"),
    ] {
        let found = import(text.as_bytes(), &wish("Asia/Shanghai")).unwrap_err();
        assert!(found.iter().any(|mistake| mistake.what.contains(words)), "{text}: {found:?}");
    }
    let nowhere = import(whole.as_bytes(), &wish("Asia/Nowhere")).unwrap_err();
    assert!(nowhere[0].what.contains("IANA"), "{nowhere:?}");
}

#[test]
fn a_zone_that_the_calendar_describes_goes_by_its_description() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Hausuhr\nBEGIN:STANDARD\nDTSTART:16011028T030000\n\
                RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
                BEGIN:DAYLIGHT\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n\
                TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\n";
    // Over both changes, half past two among the times: once skipped, once shown twice.
    let event = "DTSTART;TZID=ZONE:20261001T023000\nDTEND;TZID=ZONE:20261001T043000\nRRULE:FREQ=DAILY\nSUMMARY:li";
    let with = |name: &str| {
        let text = written(&event.replace("ZONE", name)).replace("PRODID:-//test//EN\n", zone);
        let wish = Wish { from: at("2026-10-01T00:00:00Z"), ..wish("Europe/Berlin") };
        import(text.as_bytes(), &wish).unwrap().roster
    };
    let (own, known) = (with("Hausuhr"), with("/example.org/20260101_1/Europe/Berlin"));
    let wish = wish("Europe/Berlin");
    assert_eq!(
        duties(own.shifts(wish.from, wish.until)),
        duties(known.shifts(wish.from, wish.until))
    );
    assert_eq!(own, known);
}

/// Rosters of all kinds, over both changes of the clock.
fn rosters() -> impl Strategy<Value = Roster> {
    let zones = [
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    ];
    let person = || prop::sample::select(vec!["wang", "li", "zhao"]);
    let time = || (0u32..24, prop::sample::select(vec![0u32, 15, 30]));
    let clock = |(hour, minute): (u32, u32)| format!("{hour:02}:{minute:02}");
    let rotation = (time(), 1u32..4, prop::collection::vec(person(), 1..4)).prop_map(
        move |(at, every, people)| {
            json!({ "kind": "rotation", "people": people, "starts": "2026-10-01",
            "handover": { "kind": "daily", "at": clock(at), "every": every } })
        },
    );
    let days =
        prop::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    let shift = (days, time(), time(), person()).prop_map(move |(days, from, to, person)| {
        json!({ "kind": "shift", "days": days, "from": clock(from), "to": clock(to), "people": [person] })
    });
    let exception =
        (0i64..30, time(), 1i64..60, person()).prop_map(move |(day, at, hours, person)| {
            let from = jiff::civil::date(2026, 10, 15).at(at.0 as i8, at.1 as i8, 0, 0)
                + jiff::Span::new().days(day);
            let to = from + jiff::Span::new().hours(hours);
            json!({ "kind": if hours % 2 == 0 { "add" } else { "remove" }, "person": person,
            "from": from.to_string(), "to": to.to_string() })
        });
    let layers = prop::collection::vec(prop_oneof![rotation, shift], 1..4);
    (prop::sample::select(zones.to_vec()), layers, prop::collection::vec(exception, 0..4)).prop_map(
        |(zone, mut layers, exceptions)| {
            for (at, layer) in layers.iter_mut().enumerate() {
                layer["name"] = json!(format!("layer {at}"));
            }
            let roster = json!({ "id": "nights", "name": "Nights, and more", "time_zone": zone,
                "layers": layers, "exceptions": exceptions });
            serde_json::from_value(roster).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_roster_that_goes_out_and_comes_back_has_the_same_shifts(roster in rosters()) {
        let (from, until) = (at("2026-10-16T00:00:00Z"), at("2026-11-20T00:00:00Z"));
        let name = |id: &PersonId| if id.as_str() == "wang" { "王阿姨".into() } else { id.to_string() };
        let out = calendar(&roster, roster.shifts(from, until), name, None, from);
        let wish = Wish { from, until, ..wish(&roster.time_zone) };
        match import(out.as_bytes(), &wish) {
            Ok(back) => {
                let (sent, came) = (roster.shifts(from, until), back.roster.shifts(from, until));
                prop_assert_eq!(duties(sent), duties(came));
                prop_assert_eq!(back.roster.validate(), []);
                prop_assert_eq!(back.roster.name, "Nights, and more");
            }
            Err(found) => {
                let somebody = roster.shifts(from, until).any(|shift| !shift.people.is_empty());
                prop_assert!(!somebody, "{:?}", found);
            }
        }
    }

    #[test]
    fn no_letters_break_it(text in "(BEGIN|END|DTSTART|RRULE|;|:|=|,|VCALENDAR|VEVENT|\r\n|\n| |[0-9TZ]{1,16}|FREQ|[A-Z]{2}|\\PC){0,60}") {
        let _ = import(text.as_bytes(), &wish("Asia/Shanghai"));
        let text = written(&text);
        let _ = import(text.as_bytes(), &wish("Asia/Shanghai"));
    }
}
