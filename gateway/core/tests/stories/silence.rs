//! Supervision: a device that goes quiet is an alarm of its own, and silence is never "normal".

use gengfu_core::{
    alarm::AlarmState::{Normal, ReturnedUnacknowledged, Unacknowledged},
    device::Presence,
    input::Input,
    point::NoData,
    time::Span,
};

use crate::story::Story;

const QUIET: &str = "quiet:lift-1";

#[test]
fn a_board_is_missed_after_its_time_and_its_next_word_clears_it() {
    let mut story = Story::at("20:00");
    story.forward("5m").expect_nothing_more();
    story.silence("lift-1").forward("89s").expect_alarm(QUIET, Normal);
    story.forward("1s").expect_told("wang", "push").expect_alarm(QUIET, Unacknowledged);
    assert_eq!(story.incident().what.en, "Board of lift 1 is silent");
    assert!(matches!(
        story.state.presence(&"lift-1".into()),
        Presence::Lost { reason: NoData::Silent, .. }
    ));
    assert_eq!(story.state.quality(&"lift-1/call".into()), Err(NoData::Silent));
    story.forward("20s").beats("lift-1").expect("wang", "push", "over").expect_open(0);
    story.expect_alarm(QUIET, ReturnedUnacknowledged);
    story.forward("10m").expect_nothing_more();
}

#[test]
fn an_event_is_a_sign_of_life_as_good_as_a_heartbeat() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("80s").release("lift-1/call").forward("80s");
    story.expect_nothing_more().forward("10s").expect_told("wang", "push");
    story.release("lift-1/call").expect("wang", "push", "over");
}

#[test]
fn the_gateways_own_word_that_a_device_does_not_answer_is_no_sign_of_life() {
    let mut story = Story::at("20:00");
    story.silence("lift-1");
    for _ in 0..8 {
        story.forward("10s").poll_fails("lift-1/call", NoData::Timeout);
    }
    story.forward("10s").expect_told("wang", "push");
    story.poll_fails("lift-1/call", NoData::Timeout).expect_alarm(QUIET, Unacknowledged);
    // What the device itself calls faulty, it has said.
    story.poll_fails("lift-1/call", NoData::Faulty).expect("wang", "push", "over");
}

#[test]
fn what_a_broker_remembers_of_a_device_that_is_gone_is_no_sign_of_life() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("80s").remembers("lift-1/call", false);
    story.forward("10s").expect_told("wang", "push").expect_alarm(QUIET, Unacknowledged);
    story.remembers("lift-1/call", false).expect_alarm(QUIET, Unacknowledged);
    assert_eq!(story.state.quality(&"lift-1/call".into()), Err(NoData::Silent));
    story.beats("lift-1").expect("wang", "push", "over");
}

#[test]
fn a_last_will_is_believed_after_20_seconds() {
    let mut story = Story::at("20:00");
    story.silence("lift-1");
    story.tell(Input::Gone { device: "lift-1".into(), reason: NoData::Offline });
    story.forward("19s").expect_alarm(QUIET, Normal);
    story.forward("1s").expect_told("wang", "push").expect_alarm(QUIET, Unacknowledged);
    assert_eq!(story.state.quality(&"lift-1/call".into()), Err(NoData::Offline));
}

#[test]
fn a_board_that_only_changed_its_connection_is_not_missed() {
    let mut story = Story::at("20:00");
    story.tell(Input::Gone { device: "lift-1".into(), reason: NoData::Offline });
    story.forward("10s").beats("lift-1").forward("10m").expect_nothing_more();
}

#[test]
fn wills_that_come_again_and_again_start_no_grace_anew() {
    let mut story = Story::at("20:00");
    story.silence("lift-1");
    for _ in 0..4 {
        story.tell(Input::Gone { device: "lift-1".into(), reason: NoData::Offline }).forward("5s");
    }
    story.expect_told("wang", "push");
}

#[test]
fn a_rule_may_ask_for_silence_and_believes_the_old_value_when_the_board_is_back() {
    let mut story = Story::at("20:00");
    let blind = "rule:stairs/blind";
    story.release("stairs/smoke-1").expect_alarm(blind, Normal);
    story.silence("stairs").forward("90s").expect_told("wang", "push");
    story.expect_alarm(blind, Unacknowledged);
    story.beats("stairs").expect("wang", "push", "over");
    story.expect_alarm(blind, ReturnedUnacknowledged);
}

#[test]
fn a_trapped_passenger_stays_trapped_when_the_board_falls_silent() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    story.going("wang").there("wang").silence("lift-1").forward("90s");
    story.expect_told("wang", "push").expect_open(2);
    story.beats("lift-1").expect("wang", "push", "over").expect_open(1);
    story.expect_alarm("rule:lift-1/trapped", gengfu_core::alarm::AlarmState::Acknowledged);
}

#[test]
fn a_device_that_is_added_has_its_full_time() {
    let mut story = Story::at("20:00");
    story.forward("1h");
    story.change("gate", |gate| gate.supervision = Some(Span::mins(2)));
    story.forward("119s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
}

#[test]
fn a_shorter_supervision_gives_the_new_time_in_full_and_a_longer_one_at_once() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("10s");
    story.change("lift-1", |board| board.supervision = Some(Span::secs(60)));
    story.forward("59s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
    story.beats("lift-1").expect("wang", "push", "over").silence("lift-1").forward("50s");
    story.change("lift-1", |board| board.supervision = Some(Span::mins(10)));
    story.forward("549s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
}

#[test]
fn a_reload_that_changes_something_else_keeps_the_clock_of_a_silent_board() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("80s");
    story.rewire(|wiring| wiring.path_test.hour = 11);
    story.forward("9s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
}

#[test]
fn nobody_misses_a_device_that_is_not_supervised_any_more() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("90s").expect_told("wang", "push");
    story.change("lift-1", |board| board.supervision = None);
    story.expect("wang", "push", "over").expect_open(0).forward("1h").expect_nothing_more();
}

#[test]
fn a_device_that_is_removed_is_not_missed() {
    let mut story = Story::at("20:00");
    story.silence("lift-1").forward("60s");
    story.tell(Input::Gone { device: "lift-1".into(), reason: NoData::Offline });
    story.rewire(|wiring| drop(wiring.devices.remove(&gengfu_core::id::DeviceId::from("lift-1"))));
    story.forward("1h").expect_nothing_more();
    assert!(story.state.lost.is_empty() && story.state.live.leaving.is_empty());
}

#[test]
fn a_gateway_that_stood_still_blames_no_device() {
    let mut story = Story::at("20:00");
    story.wake_at(story.now + Span::mins(30)).tell(Input::Tick).expect_nothing_more();
    // From now on the silent one is missed as ever.
    story.silence("lift-1").beats("stairs").forward("89s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
}
