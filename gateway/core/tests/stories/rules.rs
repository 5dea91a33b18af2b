//! From readings to alarms: delays, deadbands, bits, several points at once, and missing values.

use gengfu_core::{
    alarm::AlarmState::{self, *},
    danger::{Danger, Priority},
    event::What,
    input::Command,
    point::NoData,
    text::Text,
    time::Span,
};

use crate::story::Story;

fn hot(story: &mut Story, state: AlarmState) {
    story.expect_alarm("rule:lift-2/hot", state);
}

#[test]
fn an_on_delay_waits_and_a_short_peak_raises_nothing() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/temp", 41.0).forward("9s").poll("lift-2/temp", 39.0);
    story.forward("1h").expect_nothing_more();
    hot(&mut story, Normal);

    story.poll("lift-2/temp", 41.0).forward("9s").poll("lift-2/temp", 45.0);
    hot(&mut story, Normal);
    story.forward("1s").expect_told("wang", "push");
    hot(&mut story, Unacknowledged);
}

#[test]
fn a_deadband_holds_and_an_off_delay_waits() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/temp", 41.0).forward("10s").expect_told("wang", "push");
    story.poll("lift-2/temp", 36.0).forward("30s").expect_open(1);
    story.poll("lift-2/temp", 34.0).forward("14s").poll("lift-2/temp", 36.0);
    story.forward("6s").expect_told("li", "ntfy").expect_open(1);
    story.poll("lift-2/temp", 34.0).forward("19s").expect_open(1).forward("1s").expect_open(0);
    for (who, channel) in [("wang", "push"), ("li", "ntfy")] {
        story.expect(who, channel, "over");
    }
    hot(&mut story, ReturnedUnacknowledged);
}

#[test]
fn a_vital_rule_is_never_held_back_by_an_on_delay() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").release("lift-1/call").whatever();
    story.expect_open(1);
    assert_eq!(story.count(|w| matches!(w, What::RulePending { .. })), 0);
}

#[test]
fn a_bit_of_a_status_word_is_a_rule() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/status", 0x1FFF);
    story.expect_alarm("rule:lift-2/overload", Normal);
    story.poll("lift-2/status", 0x2000);
    story.expect_alarm("rule:lift-2/overload", Unacknowledged).expect_nothing_more();
    story.expect_open(0);
    story.poll("lift-2/status", 0x0001);
    story.expect_alarm("rule:lift-2/overload", ReturnedUnacknowledged);
}

#[test]
fn all_of_several_points_wait_for_each_other() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/speed", 1.0).expect_nothing_more();
    story.poll("lift-2/door", false).expect_nothing_more();
    story.poll("lift-2/door", true).expect_told("wang", "push");
    story.poll("lift-2/speed", 0.25);
    story.expect_alarm("rule:lift-2/runs-open", LatchedUnacknowledged);
}

#[test]
fn any_of_several_points_is_enough_even_while_another_has_no_value() {
    let mut story = Story::at("20:00");
    let odd = "rule:lift-2/odd";
    story.poll("lift-2/temp", -0.5).expect_alarm(odd, Unacknowledged);
    story.poll("lift-2/temp", 1.5).expect_alarm(odd, Unacknowledged);
    story.poll("lift-2/temp", 2.5).expect_alarm(odd, ReturnedUnacknowledged);
    story.poll_fails("lift-2/temp", NoData::Timeout).expect_alarm(odd, Unacknowledged);
    story.poll("lift-2/temp", 20.0).expect_alarm(odd, ReturnedUnacknowledged);
    story.poll_fails("lift-2/temp", NoData::Refused).expect_alarm(odd, ReturnedUnacknowledged);
}

#[test]
fn a_missing_value_makes_nothing_normal() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.poll_fails("lift-2/fault", NoData::Timeout).expect_open(1);
    story.forward("44s").expect_open(1);
    story.poll("lift-2/fault", 30).expect_nothing_more();
    story.poll("lift-2/fault", 0).expect("wang", "push", "over");
}

#[test]
fn a_number_that_is_none_is_garbled() {
    let mut story = Story::at("20:00");
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        story.poll("lift-2/temp", x);
        story.expect_alarm("rule:lift-2/odd", Unacknowledged);
        let point = "lift-2/temp".into();
        assert_eq!(story.state.quality(&point), Err(NoData::Garbled));
    }
    story.forward("1m").expect_nothing_more();
}

#[test]
fn a_reading_that_changes_nothing_is_not_journalled() {
    let mut story = Story::at("20:00");
    let before = story.journal.len();
    for n in 0..100 {
        story.poll("lift-2/temp", f64::from(n % 30)).poll("lift-2/fault", 0);
    }
    assert_eq!(story.journal.len(), before);
}

#[test]
fn what_nobody_has_set_up_is_passed_over() {
    let mut story = Story::at("20:00");
    let before = story.state.clone();
    story.poll("lift-9/fault", 30).press("lift-2/unknown").poll("nothing", true);
    assert_eq!(story.state, before);
}

#[test]
fn a_changed_setpoint_is_asked_at_once() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/temp", 38.0).forward("1m").expect_nothing_more();
    story.change("lift-2", |device| {
        let rule = device.rules.iter_mut().find(|r| r.id.as_str() == "lift-2/hot").unwrap();
        rule.when = gengfu_core::rule::Condition::Above {
            point: "lift-2/temp".into(),
            setpoint: 35.0,
            deadband: 0.0,
        };
    });
    story.forward("10s").expect_told("wang", "push");
}

#[test]
fn a_rule_that_is_taken_away_takes_its_alarm_with_it() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.poll("lift-2/temp", 50.0).forward("5s");
    story.change("lift-2", |device| device.rules.clear());
    story.expect("wang", "push", "over").expect_open(0);
    story.forward("1h").expect_nothing_more();
    assert!(story.state.rules.is_empty());
}

#[test]
fn what_a_rule_tells_of_may_become_another_danger_while_it_holds() {
    let mut story = Story::at("20:00");
    story.poll("gate/open", true).expect_told("wang", "push");
    let until = story.now + Span::hours(24);
    story.does("wang", Command::Shelve { alarm: "rule:gate/open".into(), until });
    story.change("gate", |device| device.rules[0].danger = Danger::Fire);
    story.expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
    assert_eq!(story.incident().danger, Danger::Fire);
    // Read again unchanged, and with another name only, it says nothing new.
    story.rewire(|_| {}).expect_nothing_more();
    story.change("gate", |device| device.rules[0].name = Text::new("门", "The gate").into());
    story.expect_nothing_more().expect_open(1);
}

#[test]
fn a_trifle_that_the_configuration_makes_pressing_while_it_stands_is_told() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/status", 1 << 13).expect_nothing_more();
    story.change("lift-2", |device| {
        let rule = device.rules.iter_mut().find(|r| r.id.as_str() == "lift-2/overload").unwrap();
        rule.priority = Priority::High;
    });
    story.expect_told("wang", "push").expect_open(1);
}
