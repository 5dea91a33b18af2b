//! Hand-overs and shifts on the nights when the clocks change. The instants were worked out by hand
//! from the published dates of the changes.

use super::{on_call, rotation, shift, spans};

#[test]
fn a_daily_hand_over_in_the_hour_chicago_skips_happens_when_the_gap_ends() {
    // 2026-03-08: 02:00 CST (08:00Z) becomes 03:00 CDT.
    let roster = rotation("America/Chicago", "a b c", "kind='daily', at='02:30'", "2026-03-06");
    assert_eq!(
        spans(&roster, "2026-03-06T00:00:00Z", "2026-03-10T00:00:00Z"),
        [
            "2026-03-06T00:00:00Z -",
            "2026-03-06T08:30:00Z a",
            "2026-03-07T08:30:00Z b",
            "2026-03-08T08:00:00Z c",
            "2026-03-09T07:30:00Z a",
        ]
    );
    assert_eq!(on_call(&roster, "2026-03-08T07:59:59.999Z"), "b");
    assert_eq!(on_call(&roster, "2026-03-08T08:00:00Z"), "c");
}

#[test]
fn a_daily_hand_over_in_the_hour_chicago_repeats_happens_the_first_time() {
    // 2026-11-01: 02:00 CDT (07:00Z) becomes 01:00 CST; 01:30 is 06:30Z and 07:30Z.
    let roster = rotation("America/Chicago", "a b", "kind='daily', at='01:30'", "2026-10-31");
    assert_eq!(
        spans(&roster, "2026-10-31T06:30:00Z", "2026-11-02T08:00:00Z"),
        ["2026-10-31T06:30:00Z a", "2026-11-01T06:30:00Z b", "2026-11-02T07:30:00Z a"]
    );
    assert_eq!(on_call(&roster, "2026-11-01T07:15:00Z"), "b", "01:15 for the second time");
}

#[test]
fn hourly_turns_follow_the_wall_clock_through_both_of_chicagos_changes() {
    let spring =
        rotation("America/Chicago", "a b c d", "kind='hours', every=1, at='00:00'", "2026-03-08");
    assert_eq!(
        spans(&spring, "2026-03-08T06:00:00Z", "2026-03-08T10:00:00Z"),
        [
            "2026-03-08T06:00:00Z a",
            "2026-03-08T07:00:00Z b",
            // c's hour, from 02:00 to 03:00, does not exist.
            "2026-03-08T08:00:00Z d",
            "2026-03-08T09:00:00Z a",
        ]
    );
    let autumn =
        rotation("America/Chicago", "a b c d", "kind='hours', every=1, at='00:00'", "2026-11-01");
    assert_eq!(
        spans(&autumn, "2026-11-01T05:00:00Z", "2026-11-01T10:00:00Z"),
        [
            "2026-11-01T05:00:00Z a",
            // b's hour, from 01:00 to 02:00, happens twice.
            "2026-11-01T06:00:00Z b",
            "2026-11-01T08:00:00Z c",
            "2026-11-01T09:00:00Z d",
        ]
    );
}

#[test]
fn eight_hourly_turns_keep_their_wall_times_all_year() {
    let roster =
        rotation("Europe/London", "a b c", "kind='hours', every=8, at='06:00'", "2026-01-01");
    assert_eq!(
        spans(&roster, "2026-03-28T06:00:00Z", "2026-03-30T05:00:00Z"),
        [
            "2026-03-28T06:00:00Z a",
            "2026-03-28T14:00:00Z b",
            "2026-03-28T22:00:00Z c", // until 06:00 BST: seven hours
            "2026-03-29T05:00:00Z a",
            "2026-03-29T13:00:00Z b",
            "2026-03-29T21:00:00Z c",
        ]
    );
}

#[test]
fn lord_howe_changes_by_half_an_hour() {
    // 2026-10-04: 02:00 +10:30 (15:30Z the day before) becomes 02:30 +11.
    let spring = rotation("Australia/Lord_Howe", "a b", "kind='daily', at='02:15'", "2026-10-03");
    assert_eq!(
        spans(&spring, "2026-10-02T15:45:00Z", "2026-10-05T00:00:00Z"),
        ["2026-10-02T15:45:00Z a", "2026-10-03T15:30:00Z b", "2026-10-04T15:15:00Z a"]
    );
    // 2026-04-05: 02:00 +11 (15:00Z the day before) becomes 01:30 +10:30; 01:45 is 14:45Z and 15:15Z.
    let autumn = rotation("Australia/Lord_Howe", "a b", "kind='daily', at='01:45'", "2026-04-04");
    assert_eq!(
        spans(&autumn, "2026-04-03T14:45:00Z", "2026-04-06T00:00:00Z"),
        ["2026-04-03T14:45:00Z a", "2026-04-04T14:45:00Z b", "2026-04-05T15:15:00Z a"]
    );
    assert_eq!(on_call(&autumn, "2026-04-04T15:10:00Z"), "b", "01:40 for the second time");
}

#[test]
fn shanghai_had_summer_time_once_and_has_none_now() {
    // 1986-05-04: 02:00 +8 (18:00Z the day before) became 03:00 +9.
    let spring = rotation("Asia/Shanghai", "li wang", "kind='daily', at='02:30'", "1986-05-03");
    assert_eq!(
        spans(&spring, "1986-05-02T18:30:00Z", "1986-05-05T00:00:00Z"),
        ["1986-05-02T18:30:00Z li", "1986-05-03T18:00:00Z wang", "1986-05-04T17:30:00Z li"]
    );
    // 1986-09-14: 02:00 +9 (17:00Z the day before) became 01:00 +8.
    let autumn = rotation("Asia/Shanghai", "li wang", "kind='daily', at='01:30'", "1986-09-13");
    assert_eq!(
        spans(&autumn, "1986-09-12T16:30:00Z", "1986-09-15T00:00:00Z"),
        ["1986-09-12T16:30:00Z li", "1986-09-13T16:30:00Z wang", "1986-09-14T17:30:00Z li"]
    );
    let now = rotation("Asia/Shanghai", "li wang", "kind='daily', at='08:00'", "2026-11-23");
    assert_eq!(
        spans(&now, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"),
        ["2026-11-23T00:00:00Z li", "2026-11-24T00:00:00Z wang"]
    );
}

#[test]
fn weekly_hand_overs_in_londons_changing_hours() {
    // 2026-03-29: 01:00 GMT becomes 02:00 BST. 2026-10-25: 02:00 BST (01:00Z) becomes 01:00 GMT.
    let spring =
        rotation("Europe/London", "a b", "kind='weekly', day='sun', at='01:30'", "2026-03-22");
    assert_eq!(
        spans(&spring, "2026-03-22T01:30:00Z", "2026-04-06T00:00:00Z"),
        ["2026-03-22T01:30:00Z a", "2026-03-29T01:00:00Z b", "2026-04-05T00:30:00Z a"]
    );
    let autumn =
        rotation("Europe/London", "a b", "kind='weekly', day='sun', at='01:30'", "2026-10-18");
    assert_eq!(
        spans(&autumn, "2026-10-18T00:30:00Z", "2026-11-02T00:00:00Z"),
        ["2026-10-18T00:30:00Z a", "2026-10-25T00:30:00Z b", "2026-11-01T01:30:00Z a"]
    );
}

#[test]
fn kathmandu_moved_by_a_quarter_of_an_hour_at_midnight() {
    // 1986-01-01: 00:00 +5:30 (18:30Z the day before) became 00:15 +5:45.
    let roster = rotation("Asia/Kathmandu", "a b c", "kind='daily', at='00:10'", "1985-12-31");
    assert_eq!(
        spans(&roster, "1985-12-30T18:40:00Z", "1986-01-02T00:00:00Z"),
        ["1985-12-30T18:40:00Z a", "1985-12-31T18:30:00Z b", "1986-01-01T18:25:00Z c"]
    );
}

#[test]
fn turns_within_the_day_that_samoa_skipped_are_nobodys() {
    // After 2011-12-29 24:00 -10 (10:00Z on the 30th) came 2011-12-31 00:00 +14.
    let roster =
        rotation("Pacific/Apia", "a b c", "kind='hours', every=6, at='00:00'", "2011-12-29");
    assert_eq!(
        spans(&roster, "2011-12-29T10:00:00Z", "2011-12-30T20:00:00Z"),
        [
            "2011-12-29T10:00:00Z a",
            "2011-12-29T16:00:00Z b",
            "2011-12-29T22:00:00Z c",
            "2011-12-30T04:00:00Z a",
            // The 30th would have been b, c, a and b; the 31st begins with c.
            "2011-12-30T10:00:00Z c",
            "2011-12-30T16:00:00Z a",
        ]
    );
}

#[test]
fn a_night_shift_is_seven_hours_in_spring_and_nine_in_autumn() {
    let roster = shift("Europe/London", "sat", "22:00", "06:00");
    assert_eq!(
        spans(&roster, "2026-03-28T12:00:00Z", "2026-03-30T00:00:00Z"),
        ["2026-03-28T12:00:00Z -", "2026-03-28T22:00:00Z a", "2026-03-29T05:00:00Z -"]
    );
    assert_eq!(
        spans(&roster, "2026-10-24T12:00:00Z", "2026-10-26T00:00:00Z"),
        ["2026-10-24T12:00:00Z -", "2026-10-24T21:00:00Z a", "2026-10-25T06:00:00Z -"]
    );
}

#[test]
fn a_shift_at_times_that_are_skipped_or_repeated() {
    // Half inside London's gap: what exists of it, 02:00 to 02:30 BST.
    let half = shift("Europe/London", "sun", "01:30", "02:30");
    assert_eq!(
        spans(&half, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"),
        ["2026-03-29T00:00:00Z -", "2026-03-29T01:00:00Z a", "2026-03-29T01:30:00Z -"]
    );
    let inside = shift("Europe/London", "sun", "01:10", "01:50");
    assert_eq!(
        spans(&inside, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z"),
        ["2026-03-29T00:00:00Z -"],
        "times that don't exist"
    );
    assert_eq!(
        spans(&inside, "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z"),
        ["2026-10-25T00:00:00Z -", "2026-10-25T00:10:00Z a", "2026-10-25T00:50:00Z -"],
        "the first pass only"
    );
}

#[test]
fn the_far_past_and_future_are_answered_as_quickly_as_today() {
    let roster = rotation("America/Chicago", "a b", "kind='daily', at='08:00'", "-009999-01-01");
    assert!(["a", "b"].contains(&on_call(&roster, "-009999-01-03T00:00:00Z").as_str()));
    assert!(["a", "b"].contains(&on_call(&roster, "9999-12-30T00:00:00Z").as_str()));
    // 9999-12-29 is a Wednesday in winter: the 14:00Z hand-over is at 08:00 CST.
    let before = on_call(&roster, "9999-12-29T13:59:59Z");
    assert_ne!(on_call(&roster, "9999-12-29T14:00:00Z"), before);

    let slow = rotation(
        "UTC",
        "a b",
        "kind='weekly', every=4294967295, day='mon', at='08:00'",
        "2026-11-23",
    );
    assert_eq!(on_call(&slow, "9999-12-30T00:00:00Z"), "a");
    assert_eq!(
        spans(&slow, "-009999-01-03T00:00:00Z", "9999-12-30T00:00:00Z"),
        ["-009999-01-03T00:00:00Z -", "2026-11-23T08:00:00Z a"]
    );
}

#[test]
fn a_change_that_a_zones_later_rule_does_not_know_is_kept_too() {
    // Ciudad Juárez left -6 for -7 once, on 2022-11-30 at 00:00 (06:00Z): 23:00 to 24:00 came twice.
    let once = rotation("America/Ciudad_Juarez", "a b", "kind='daily', at='23:30'", "2022-11-28");
    assert_eq!(
        spans(&once, "2022-11-29T05:30:00Z", "2022-12-01T12:00:00Z"),
        ["2022-11-29T05:30:00Z a", "2022-11-30T05:30:00Z b", "2022-12-01T06:30:00Z a"]
    );
    assert_eq!(on_call(&once, "2022-11-30T06:15:00Z"), "b", "23:15 for the second time");
    // Nuuk stayed on -2 in October 2023: 2023-10-28 had every hour once.
    let stayed = rotation("America/Nuuk", "a b", "kind='daily', at='23:30'", "2023-10-27");
    assert_eq!(
        spans(&stayed, "2023-10-28T01:30:00Z", "2023-10-30T00:00:00Z"),
        ["2023-10-28T01:30:00Z a", "2023-10-29T01:30:00Z b"]
    );
}
