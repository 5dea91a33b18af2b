//! Turns and shifts on ordinary days.

use super::{at, names, on_call, roster, rotation, shift, spans};

#[test]
fn nobody_is_on_call_before_the_first_hand_over_and_then_each_in_turn() {
    let roster =
        rotation("Asia/Shanghai", "li wang zhao", "kind='daily', at='08:00'", "2026-11-23");
    assert_eq!(
        spans(&roster, "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z"),
        [
            "2026-11-20T00:00:00Z -",
            "2026-11-23T00:00:00Z li",
            "2026-11-24T00:00:00Z wang",
            "2026-11-25T00:00:00Z zhao",
            "2026-11-26T00:00:00Z li",
        ]
    );
    assert_eq!(on_call(&roster, "2026-11-22T23:59:59.999Z"), "");
    assert_eq!(on_call(&roster, "2026-11-23T00:00:00Z"), "li");
}

#[test]
fn a_rotation_that_starts_between_hand_overs_waits_for_the_next() {
    // 2026-11-25 is a Wednesday; ten in the morning is past that day's eight.
    for (handover, starts, first) in [
        ("kind='weekly', day='mon', at='08:00'", "2026-11-25", "2026-11-30T08:00:00Z"),
        ("kind='weekly', day='wed', at='08:00'", "2026-11-25", "2026-11-25T08:00:00Z"),
        ("kind='weekly', day='wed', at='08:00'", "2026-11-25T10:00", "2026-12-02T08:00:00Z"),
        ("kind='daily', at='08:00'", "2026-11-25T10:00", "2026-11-26T08:00:00Z"),
        ("kind='hours', every=12, at='08:00'", "2026-11-25T08:00", "2026-11-25T08:00:00Z"),
        ("kind='hours', every=12, at='08:00'", "2026-11-25T08:01", "2026-11-26T08:00:00Z"),
    ] {
        let roster = rotation("UTC", "li wang", handover, starts);
        assert_eq!(
            roster.next_change(at("2026-11-01T00:00:00Z")),
            Some(at(first)),
            "{handover} {starts}"
        );
        assert_eq!(on_call(&roster, first), "li", "{handover} {starts}");
    }
}

#[test]
fn a_turn_may_last_several_days_or_weeks() {
    let days = rotation("UTC", "li wang", "kind='daily', every=3, at='08:00'", "2026-11-23");
    assert_eq!(
        spans(&days, "2026-11-23T08:00:00Z", "2026-11-30T00:00:00Z"),
        ["2026-11-23T08:00:00Z li", "2026-11-26T08:00:00Z wang", "2026-11-29T08:00:00Z li"]
    );
    let weeks =
        rotation("UTC", "li wang", "kind='weekly', every=2, day='mon', at='08:00'", "2026-11-23");
    assert_eq!(
        spans(&weeks, "2026-11-23T08:00:00Z", "2026-12-22T00:00:00Z"),
        ["2026-11-23T08:00:00Z li", "2026-12-07T08:00:00Z wang", "2026-12-21T08:00:00Z li"]
    );
}

#[test]
fn hours_that_do_not_divide_the_day_run_on_over_midnight() {
    let roster = rotation("UTC", "li wang", "kind='hours', every=7, at='20:00'", "2026-11-23");
    assert_eq!(
        spans(&roster, "2026-11-23T20:00:00Z", "2026-11-24T18:00:00Z"),
        [
            "2026-11-23T20:00:00Z li",
            "2026-11-24T03:00:00Z wang",
            "2026-11-24T10:00:00Z li",
            "2026-11-24T17:00:00Z wang",
        ]
    );
}

#[test]
fn any_number_of_people_take_turns_and_one_listed_twice_takes_two() {
    let many: Vec<_> = (0..500).map(|number| format!("p{number}")).collect();
    let roster = rotation("UTC", &many.join(" "), "kind='daily', at='00:00'", "2026-01-01");
    assert_eq!(on_call(&roster, "2026-12-31T12:00:00Z"), "p364");
    assert_eq!(on_call(&roster, "2027-05-16T12:00:00Z"), "p0", "500 days on");

    let twice = rotation("UTC", "li li wang", "kind='daily', at='00:00'", "2026-01-01");
    assert_eq!(
        spans(&twice, "2026-01-01T00:00:00Z", "2026-01-06T00:00:00Z"),
        ["2026-01-01T00:00:00Z li", "2026-01-03T00:00:00Z wang", "2026-01-04T00:00:00Z li"]
    );
}

#[test]
fn one_person_alone_is_one_span_however_often_they_hand_over_to_themselves() {
    let roster = rotation("UTC", "li", "kind='hours', every=1, at='00:00'", "2026-01-01");
    assert_eq!(
        spans(&roster, "2026-01-01T00:00:00Z", "9000-01-01T00:00:00Z"),
        ["2026-01-01T00:00:00Z li"]
    );
    assert_eq!(roster.next_change(at("2026-01-01T00:00:00Z")), None);
}

#[test]
fn a_shift_over_midnight_belongs_to_the_day_it_begins_on() {
    // 2026-11-27 is a Friday.
    let roster = shift("Asia/Shanghai", "fri", "22:00", "06:00");
    assert_eq!(
        spans(&roster, "2026-11-26T00:00:00Z", "2026-12-05T00:00:00Z"),
        [
            "2026-11-26T00:00:00Z -",
            "2026-11-27T14:00:00Z a",
            "2026-11-27T22:00:00Z -",
            "2026-12-04T14:00:00Z a",
            "2026-12-04T22:00:00Z -",
        ]
    );
}

#[test]
fn the_same_time_twice_is_a_whole_day() {
    let weekend = shift("UTC", "sat sun", "08:00", "08:00");
    assert_eq!(
        spans(&weekend, "2026-11-27T00:00:00Z", "2026-12-01T00:00:00Z"),
        ["2026-11-27T00:00:00Z -", "2026-11-28T08:00:00Z a", "2026-11-30T08:00:00Z -"]
    );
    let always = shift("UTC", "mon tue wed thu fri sat sun", "08:00", "08:00");
    assert_eq!(
        spans(&always, "-009000-01-01T00:00:00Z", "9000-01-01T00:00:00Z"),
        ["-009000-01-01T00:00:00Z a"]
    );
}

const TWO_LAYERS: &str = "
    [[layers]]
    kind = 'shift'
    name = 'Caretakers'
    days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday']
    from = '08:00'
    to = '18:00'
    people = ['chen', 'li']

    [[layers]]
    kind = 'rotation'
    name = 'Neighbours'
    people = ['li', 'wang']
    handover = { kind = 'daily', at = '12:00' }
    starts = '2026-11-23'
";

#[test]
fn layers_add_up_each_person_once_in_the_order_written() {
    let roster = roster("UTC", TWO_LAYERS);
    assert_eq!(
        spans(&roster, "2026-11-23T00:00:00Z", "2026-11-24T20:00:00Z"),
        [
            "2026-11-23T00:00:00Z -",
            "2026-11-23T08:00:00Z chen li",
            "2026-11-23T12:00:00Z chen li", // for another reason: Neighbours as well
            "2026-11-23T18:00:00Z li",
            "2026-11-24T08:00:00Z chen li",
            "2026-11-24T12:00:00Z chen li wang",
            "2026-11-24T18:00:00Z wang",
        ]
    );
    assert_eq!(roster.on_call(at("2026-11-23T09:00:00Z")).why, ["Caretakers"]);
    assert_eq!(roster.on_call(at("2026-11-23T12:00:00Z")).why, ["Caretakers", "Neighbours"]);
    assert_eq!(names(&roster.people()), "chen li wang");
}

#[test]
fn a_span_is_written_with_start_end_people_and_why() {
    let roster = roster("UTC", TWO_LAYERS);
    let span =
        roster.shifts(at("2026-11-23T09:00:00Z"), at("2026-11-23T10:00:00Z")).next().unwrap();
    assert_eq!(
        serde_json::to_string(&span).unwrap(),
        r#"{"start":"2026-11-23T09:00:00Z","end":"2026-11-23T10:00:00Z","people":["chen","li"],"why":["Caretakers"]}"#
    );
}

#[test]
fn an_empty_period_has_no_spans() {
    let roster = roster("UTC", TWO_LAYERS);
    let noon = at("2026-11-23T12:00:00Z");
    assert_eq!(roster.shifts(noon, noon).count(), 0);
    assert_eq!(roster.shifts(noon, at("2026-11-22T12:00:00Z")).count(), 0);
}

#[test]
fn hand_overs_that_change_nothing_join_but_hold_nothing_up() {
    let roster = roster(
        "UTC",
        "[[layers]]
        kind = 'shift'
        name = 'All'
        days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
        from = '00:00'
        to = '00:00'
        people = ['li', 'wang']
        [[layers]]
        kind = 'rotation'
        name = 'Turns'
        people = ['li', 'wang']
        handover = { kind = 'daily', at = '08:00' }
        starts = '2026-11-23'",
    );
    let mut spans = roster.shifts(at("2026-11-23T08:00:00Z"), at("9000-01-01T00:00:00Z"));
    let joined = spans.next().unwrap();
    assert!(joined.end > at("2037-01-01T00:00:00Z"), "{}", joined.end);
    let next = spans.next().unwrap();
    assert_eq!((next.start, next.people), (joined.end, joined.people));
}
