//! The process dies and comes back; boards say things twice, late and in the wrong order; clocks lie.

use gengfu_core::{
    alarm::AlarmState::{LatchedUnacknowledged, Normal},
    event::What,
    id::{AlarmId, DeviceId, PersonId},
    incident::{Cause, Phase},
    input::{Command, Input},
    notification::receipt::Receipt,
    point::{NoData, Origin, Value},
    rule::Condition,
    text::Text,
    time::Span,
    wiring::ChannelInfo,
};

use crate::story::{Carrier, Story, person, roster};

fn number(boot: u32, seq: u32) -> Origin {
    Origin { boot, seq }
}

#[test]
fn after_a_restart_what_was_handed_over_without_a_receipt_is_sent_again() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.carrier("push", Carrier::Accepts).restart().expect_told("wang", "push");
    story.expect_nothing_more().expect_open(1);
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn an_escalation_goes_on_where_it_was() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("30s").restart().expect_nothing_more().forward("14s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes").restart().expect_phase(Phase::Going);
    story.forward("14m").expect_nothing_more();
}

#[test]
fn after_a_restart_every_device_has_its_full_time() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("80s").restart();
    story.forward("89s").expect_nothing_more().forward("1s").expect_told("wang", "push");
    // A lost one stays lost, without being told of anew.
    story.going("wang").restart().forward("10m").expect_nothing_more();
    story.beats("lift-1").expect("wang", "push", "over").expect_open(0);
}

#[test]
fn after_a_restart_a_poll_is_not_known_until_it_comes_again() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push").going("wang");
    story.poll("lift-2/temp", 20.0).restart();
    assert_eq!(story.state.quality(&"lift-2/temp".into()), Err(NoData::NotYet));
    story.expect_open(1).poll("lift-2/fault", 30).expect_nothing_more();
    story.poll("lift-2/fault", 0).expect("wang", "push", "over").expect_open(0);
}

#[test]
fn a_second_copy_of_an_event_is_heard_and_changes_nothing() {
    let mut story = Story::at("20:00");
    story.numbered("lift-1/call", true, number(1, 1)).whatever();
    story.going("wang").ends("wang", Cause::Drill);
    story.silence("lift-1").forward("80s");
    let before = story.journal.len();
    story.numbered("lift-1/call", true, number(1, 1)).expect_nothing_more().expect_open(0);
    assert_eq!(story.journal.len(), before);
    // It was a sign of life all the same.
    story.forward("89s").expect_nothing_more().forward("1s").expect_told("wang", "push");
    // Nor does a restart make it new.
    story.restart().numbered("lift-1/call", true, number(1, 1));
    story.expect("wang", "push", "over").expect_open(0);
}

#[test]
fn the_same_number_after_the_boards_restart_is_another_event() {
    let mut story = Story::at("20:00");
    story.numbered("lift-1/call", true, number(1, 1)).whatever();
    story.ends("wang", Cause::Drill);
    story.numbered("lift-1/call", true, number(2, 1));
    story.expect_told("wang", "push").expect_told("wang", "mail").ends("wang", Cause::Drill);
}

#[test]
fn a_call_that_was_overtaken_by_its_own_release_still_calls() {
    let mut story = Story::at("20:00");
    story.numbered("lift-1/call", false, number(1, 2)).expect_nothing_more();
    story.numbered("lift-1/call", true, number(1, 1));
    story.expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
    story.expect_alarm("rule:lift-1/trapped", LatchedUnacknowledged);
    assert_eq!(
        story.state.quality(&"lift-1/call".into()),
        Ok(gengfu_core::point::Value::Bool(false))
    );
}

#[test]
fn an_event_of_another_contact_overtakes_nothing() {
    let mut story = Story::at("20:00");
    story.numbered("stairs/smoke-1", true, number(1, 1)).whatever();
    story.numbered("stairs/smoke-2", false, number(1, 3));
    story.numbered("stairs/smoke-1", false, number(1, 2));
    let smoke = story.state.quality(&"stairs/smoke-1".into());
    assert_eq!(smoke, Ok(gengfu_core::point::Value::Bool(false)), "its newest word counts");
    story.forward("5s").expect_alarm("rule:stairs/smoke-1", LatchedUnacknowledged);
}

#[test]
fn what_comes_first_after_an_outage_is_told_in_its_order() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("90s").expect_told("wang", "push");
    story.poll("lift-1/call", false).expect("wang", "push", "over");
    story.press("lift-1/call").release("lift-1/call");
    story.expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
}

#[test]
fn a_board_that_takes_anothers_place_begins_to_count_anew() {
    let mut story = Story::at("20:00");
    let known = &story.state.wiring.devices[&gengfu_core::id::DeviceId::from("lift-1")];
    let text = serde_json::to_string(known).unwrap().replace("lift-1", "lift-9");
    let mut device: gengfu_core::device::Device = serde_json::from_str(&text).unwrap();
    device.supervision = None;
    let put = |verifier: Option<&str>| Command::PutDevice {
        device: Box::new(device.clone()),
        verifier: verifier.map(str::to_owned),
    };
    story.admin(put(Some("first")));
    for boot in 1..=9 {
        story.numbered("lift-9/call", false, number(boot, 1));
    }
    story.admin(put(None)).numbered("lift-9/call", true, number(2, 1)).expect_nothing_more();
    story.admin(put(Some("second"))).numbered("lift-9/call", true, number(2, 1));
    story.expect_told("wang", "push").expect_told("wang", "mail");
}

#[test]
fn a_board_from_the_shelf_that_counts_from_one_is_heard() {
    let mut story = Story::at("20:00");
    for boot in 11..=19 {
        story.numbered("lift-1/call", false, number(boot, 1));
    }
    // The same name and password on other hardware: its starts are lower than any remembered.
    story.numbered("lift-1/call", true, number(1, 1));
    story.expect_told("wang", "push").expect_told("wang", "mail");
}

#[test]
fn a_snapshot_in_the_middle_loses_nothing() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    story.forward("50s").whatever();
    let (snapshot, after) = story.snapshot();
    story.release("lift-1/call").restart_from(snapshot, after);
    story.forward("40s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.going("zhao").whatever();
}

#[test]
fn a_clock_that_is_put_back_delays_nobody() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("20s").clock_back("2h").expect_nothing_more();
    story.forward("24s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes");
    story.forward("5m").clock_back("24h").forward("9m").expect_nothing_more();
    story.forward("15s").expect("wang", "push", "not over after 15");
    story.expect("li", "ntfy", "not over after 15");
    story.forward("45s").expect("li", "ntfy", "ask again").expect("li", "mail", "ask again");
    story.expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn a_clock_that_is_put_back_hides_no_silent_board_and_blames_no_other() {
    let mut story = Story::at("20:00");
    story.forward("5m").silence("lift-1").forward("60s").clock_back("1h");
    story.forward("29s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
    story.going("wang").forward("10m").expect_nothing_more();
}

#[test]
fn a_clock_that_was_put_back_while_the_gateway_was_down_delays_nobody() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("20s");
    // Only the last kept event tells when that was: the step may begin anew, but no more than that.
    story.wake_at(story.now - gengfu_core::time::Span::hours(3)).restart();
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn a_retry_and_a_receipt_survive_a_clock_that_is_put_back() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails).carrier("ntfy", Carrier::Silent);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.clock_back("1h").forward("2s").expect_told("wang", "push");
    story.going("li").expect_nothing_more().forward("10s").whatever();
    story.carrier("push", Carrier::Accepts).hands_over("li", Some("li"));
    let asked = story.take("li", "ntfy", "handed over");
    story.forward("40s").clock_back("1h").forward("60s").whatever();
    assert!(story.count(|w| {
        matches!(w, What::Receipted { message, receipt: Receipt::Failed { .. } } if *message == asked.id)
    }) == 1, "its hundred seconds are over");
    story.expect_alarm("channel:push", Normal);
}

#[test]
fn a_name_of_any_length_is_read_back_in_every_alarm_that_is_made_of_it() {
    let mut story = Story::at("20:00");
    // 43 signs of three bytes each are one too many; 42 and two letters are the longest there is.
    let long = "电".repeat(42) + "ab";
    assert!(long.parse::<PersonId>().is_ok() && format!("{long}c").parse::<PersonId>().is_err());
    story.admin(Command::PutPerson(person(&long, &[])));
    story.admin(Command::PutRoster(roster("duty", &[&long], "08:00")));
    story.whatever();
    let device = "d".repeat(123);
    let rule = format!("{device}/hot");
    story.rewire(|wiring| {
        wiring.channels.insert(long.as_str().into(), ChannelInfo { answerable: true });
        wiring.path_test.limit = Span::mins(5);
        let mut new = wiring.devices[&DeviceId::from("gate")].as_ref().clone();
        new.id = device.as_str().into();
        new.supervision = Some(Span::secs(60));
        new.points[0].id = rule.as_str().into();
        new.rules[0].id = rule.as_str().into();
        new.rules[0].when =
            Condition::Equals { point: rule.as_str().into(), value: Value::Bool(true) };
        wiring.devices.insert(new.id.clone(), new.into());
    });
    story.poll(&rule, true).whatever();
    story.forward("2m").whatever();
    let path = Input::Path { channel: long.as_str().into(), fault: Some(Text::new("断", "down")) };
    story.tell(path).whatever();
    story.forward("10m").whatever();
    for alarm in [
        format!("rule:{rule}"),
        format!("quiet:{device}"),
        format!("line:{long}"),
        format!("path-test:{long}"),
        format!("person:{long}"),
    ] {
        let alarm = AlarmId::from(alarm.as_str());
        assert!(story.state.alarms.contains_key(&alarm), "{alarm}");
    }
    story.restart().whatever();
}
