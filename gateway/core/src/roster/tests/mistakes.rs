//! Rosters that are written wrongly: refused with a remedy, or harmless.

use super::{at, on_call, roster, rotation, spans};
use crate::roster::{Handover, Layer, Problem, Roster};

fn places(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.where_.as_str()).collect()
}

#[test]
fn a_sound_roster_has_no_problems() {
    let sound =
        rotation("Asia/Shanghai", "li wang li", "kind='hours', every=6, at='00:00'", "2026-11-23");
    assert_eq!(sound.validate(), []);
}

#[test]
fn every_mistake_is_found_at_once_with_its_place_and_remedy() {
    let wrong = roster(
        "Asia/Shanghigh",
        "
        [[layers]]
        kind = 'rotation'
        name = 'Turns'
        people = []
        handover = { kind = 'hours', every = 0, at = '08:00' }
        starts = '2026-11-23'
        [[layers]]
        kind = 'shift'
        name = 'Turns'
        days = ['mon', 'tue', 'mon']
        from = '08:00'
        to = '08:00'
        people = ['li', 'li']
        [[layers]]
        kind = 'shift'
        name = ' '
        days = []
        from = '08:00'
        to = '09:00'
        people = ['li']
        [[exceptions]]
        kind = 'replace'
        from = '2026-11-23'
        to = '2026-11-23'
        person = 'li'
        by = 'li'
        [[exceptions]]
        kind = 'swap'
        from = '2026-11-24'
        to = '2026-11-23'
        person = 'li'
        with_from = '2026-11-26'
        with_to = '2026-11-25'
        with_person = 'li'
        [[exceptions]]
        kind = 'add'
        from = '2026-11-23'
        to = '2026-11-24'
        person = 'li'
        [[exceptions]]
        kind = 'add'
        from = '2026-11-23'
        to = '2026-11-24'
        person = 'li'
        ",
    );
    let problems = wrong.validate();
    assert_eq!(
        places(&problems),
        [
            "time_zone",
            "layers[0].people",
            "layers[0].handover.every",
            "layers[1].days[2]",
            "layers[1].people[1]",
            "layers[2].name",
            "layers[2].days",
            "layers[1].name",
            "exceptions[0].to",
            "exceptions[0].by",
            "exceptions[1].to",
            "exceptions[1].with_to",
            "exceptions[1].with_person",
            "exceptions[3]",
        ]
    );
    assert_eq!(
        problems[0].to_string(),
        "time_zone: \"Asia/Shanghigh\" is no IANA time zone: write one such as \"Asia/Shanghai\""
    );
    assert_eq!(
        problems[8].to_string(),
        "exceptions[0].to: 2026-11-23T00:00:00 is not after from, 2026-11-23T00:00:00: exchange or correct them"
    );
    assert!(
        serde_json::to_string(&problems[0]).unwrap().starts_with(r#"{"where":"time_zone","what":"#)
    );
}

#[test]
fn a_roster_on_which_nobody_can_ever_be_is_a_mistake() {
    let mut empty = roster("UTC", "");
    empty.name.clear();
    assert_eq!(places(&empty.validate()), ["name", "layers"]);
    let added = roster(
        "UTC",
        "[[exceptions]]\nkind='add'\nfrom='2026-11-23'\nto='2026-11-24'\nperson='li'",
    );
    assert_eq!(added.validate(), []);
}

#[test]
fn a_wrong_roster_answers_nobody_and_never_panics() {
    let nobody = rotation("UTC", "", "kind='daily', at='08:00'", "2026-11-23");
    let never = rotation("UTC", "li", "kind='hours', every=0, at='08:00'", "2026-11-23");
    for roster in [nobody, never] {
        assert_eq!(
            spans(&roster, "-009999-01-03T00:00:00Z", "9999-12-30T00:00:00Z"),
            ["-009999-01-03T00:00:00Z -"]
        );
        assert_eq!(roster.next_change(at("2026-01-01T00:00:00Z")), None);
    }
}

#[test]
fn an_unknown_time_zone_is_taken_for_utc() {
    let roster = rotation("Mars/Olympus", "li wang", "kind='daily', at='08:00'", "2026-11-23");
    assert_eq!(on_call(&roster, "2026-11-23T07:59:59Z"), "");
    assert_eq!(on_call(&roster, "2026-11-23T08:00:00Z"), "li");
}

#[test]
fn dates_and_times_may_be_tomls_own_literals_and_go_through_json_unchanged() {
    let quoted = rotation("UTC", "li wang", "kind='daily', at='08:00'", "2026-11-23");
    let literal = roster(
        "UTC",
        "[[layers]]\nkind='rotation'\nname='Turns'\npeople=['li','wang']\n\
         handover={kind='daily', at=08:00:00}\nstarts=2026-11-23\n",
    );
    assert_eq!(literal, quoted);
    let Layer::Rotation(turns) = &quoted.layers[0] else { panic!("{quoted:?}") };
    assert_eq!(turns.handover, Handover::Daily { at: jiff::civil::time(8, 0, 0, 0), every: 1 });

    let full = roster(
        "UTC",
        "[[layers]]\nkind='shift'\nname='S'\ndays=['mon','sunday']\nfrom='22:00'\nto='06:00'\npeople=['li']\n\
         [[exceptions]]\nkind='swap'\nfrom='2026-11-23'\nto='2026-11-24'\nperson='li'\n\
         with_from='2026-11-24'\nwith_to='2026-11-25'\nwith_person='wang'\nnote='fair'",
    );
    for roster in [quoted, full] {
        let json = serde_json::to_string(&roster).unwrap();
        assert_eq!(serde_json::from_str::<Roster>(&json).unwrap(), roster, "{json}");
        let toml = toml::to_string(&roster).unwrap();
        assert_eq!(toml::from_str::<Roster>(&toml).unwrap(), roster, "{toml}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_remedy() {
    let refused = |parts: &str| {
        let text = format!("id='r'\nname='R'\ntime_zone='UTC'\n{parts}");
        toml::from_str::<Roster>(&text).unwrap_err().to_string()
    };
    let shift = "[[layers]]\nkind='shift'\nname='S'\ndays=['mon']\nto='06:00'\npeople=['li']\n";
    let add = "[[exceptions]]\nkind='add'\nto='2026-11-24'\nperson='li'\n";
    for (parts, remedy) in [
        (format!("{shift}from='8'"), "\"8\" is not a time of day such as \"08:00\""),
        (format!("{shift}from=8"), "expected a time of day such as \"08:00\""),
        (format!("{add}from='2026-11-23T08:00+08:00'"), "without an offset"),
        (format!("{add}from=2026-11-23T08:00:00Z"), "without an offset"),
        (format!("{shift}from='08:00'\nextra=1"), "unknown field `extra`"),
        (format!("{add}from='2026-11-23'\nby='wang'"), "unknown field `by`"),
        ("[[layers]]\nkind='weekly'".to_owned(), "expected `rotation` or `shift`"),
        ("zone='UTC'".to_owned(), "unknown field `zone`"),
    ] {
        let message = refused(&parts);
        assert!(message.contains(remedy), "{parts}\n{message}");
    }
}
