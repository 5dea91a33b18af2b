//! The end of an alarm: by a person, or, for what is not vital, by itself.

use gengfu_core::{
    alarm::AlarmState,
    incident::{Cause, Happened, Phase},
    input::Command,
    notification::{outbox::Status, receipt::Receipt},
};

use crate::story::{Carrier, Story};

#[test]
fn a_trapped_passenger_stays_until_somebody_says_that_it_is_over() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("2s").release("lift-1/call").expect_open(1);
    story.expect_alarm("rule:lift-1/trapped", AlarmState::LatchedUnacknowledged);
    story.forward("43s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes");
    story.expect_alarm("rule:lift-1/trapped", AlarmState::LatchedAcknowledged);
    story.there("li").ends("li", Cause::Rescued).expect("wang", "push", "over");
    story.expect_open(0).expect_phase(Phase::Ended);
    story.expect_alarm("rule:lift-1/trapped", AlarmState::Normal);
    assert!(story.state.alarms.is_empty(), "what is normal again is forgotten");
    story.forward("2h").expect_nothing_more();
}

#[test]
fn a_stuck_button_that_is_pressed_again_calls_again() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    story.going("wang").ends("wang", Cause::Rescued);
    story.expect_alarm("rule:lift-1/trapped", AlarmState::Acknowledged);
    // The heartbeat repeats that the contact is closed: that is how it stands, and no new call.
    story.forward("1m").poll("lift-1/call", true).expect_nothing_more().expect_open(0);
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_open(1).expect_alarm("rule:lift-1/trapped", AlarmState::Unacknowledged);
}

#[test]
fn pressing_again_and_again_joins_the_open_incident() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    for _ in 0..20 {
        story.forward("1s").release("lift-1/call").press("lift-1/call");
    }
    story.expect_nothing_more().expect_open(1);
    assert_eq!(
        story
            .incident()
            .timeline
            .iter()
            .filter(|m| { matches!(m.happened, Happened::AlarmRaised { .. }) })
            .count(),
        21
    );
    story.expect_alarm("rule:lift-1/trapped", AlarmState::Unacknowledged);
}

#[test]
fn a_button_that_flaps_for_hours_hides_nothing_that_people_did() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    for _ in 0..200 {
        story.release("lift-1/call").press("lift-1/call");
    }
    story.hands_over("wang", None).expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes");
    for _ in 0..200 {
        story.release("lift-1/call").press("lift-1/call");
    }
    let happened: Vec<_> = story.incident().timeline.iter().map(|m| &m.happened).collect();
    assert!(matches!(happened[..3], [Happened::Opened, Happened::AlarmRaised { .. }, _]));
    for kept in [&Happened::HandedOver { to: None }, &Happened::Acknowledged] {
        assert!(happened.contains(&kept), "{kept:?} is gone");
    }
    story.ends("li", Cause::Fixed).expect("wang", "push", "over");
}

#[test]
fn a_call_within_the_off_delay_after_the_end_is_a_call() {
    let mut story = Story::at("20:00");
    story.press("stairs/smoke-1").whatever();
    story.going("wang").ends("wang", Cause::FalseAlarm);
    story.release("stairs/smoke-1").forward("2s");
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_open(1);
}

#[test]
fn a_lift_fault_that_clears_by_itself_ends_and_whoever_was_told_is_told() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.forward("45s").expect_told("li", "ntfy");
    story.forward("10s").poll("lift-2/fault", 0);
    story.expect("wang", "push", "over").expect("li", "ntfy", "over").expect_open(0);
    assert_eq!(story.incident().ended.as_ref().unwrap().cause, Cause::Cleared);
    story.expect_alarm("rule:lift-2/fault", AlarmState::ReturnedUnacknowledged);
    let seen = Command::AcknowledgeAlarm("rule:lift-2/fault".into());
    story.does("wang", seen).expect_alarm("rule:lift-2/fault", AlarmState::Normal);
}

#[test]
fn a_latched_fault_waits_for_its_end() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/door", true).poll("lift-2/speed", 0.75).expect_told("wang", "push");
    story.poll("lift-2/speed", 0.0).expect_open(1);
    story.expect_alarm("rule:lift-2/runs-open", AlarmState::LatchedUnacknowledged);
    story.going("wang").ends("wang", Cause::Fixed).expect_open(0);
    story.expect_alarm("rule:lift-2/runs-open", AlarmState::Normal);
}

#[test]
fn an_incident_of_two_faults_ends_with_the_last_of_them() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.poll("lift-2/door", true).poll("lift-2/speed", 0.75).expect_nothing_more();
    story.expect_open(1).poll("lift-2/fault", 0).expect_open(1);
    story.poll("lift-2/speed", 0.0).expect_open(1);
    story.going("wang").ends("wang", Cause::Fixed).expect_open(0);
}

#[test]
fn what_was_not_sent_yet_is_called_off_by_the_end() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Fails);
    let alert = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.poll("lift-2/fault", 0).expect_open(0);
    let status = &story.state.messages[&alert.id].status;
    assert!(matches!(status, Status::Cancelled { .. }), "{status:?}");
    story.forward("10m").expect_nothing_more();
}

#[test]
fn who_is_being_told_when_it_ends_is_told_that_it_ended() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    let alert = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.carrier("push", Carrier::Accepts).poll("lift-2/fault", 0);
    story.expect("wang", "push", "over");
    // The carrier's word comes late: it is kept, and starts nothing.
    story
        .receipt(alert.id, Receipt::Accepted { carrier_id: None, cost: None })
        .expect_nothing_more();
    assert!(matches!(story.state.messages[&alert.id].status, Status::Accepted { .. }));
    assert!(story.state.live.handed_over.is_empty());
    story.forward("10m").expect_nothing_more();
}

#[test]
fn a_late_failure_of_what_was_called_off_starts_nothing() {
    let mut story = Story::at("20:00");
    story.carrier("push", Carrier::Silent);
    let alert = {
        story.poll("lift-2/fault", 30);
        story.take("wang", "push", "alert")
    };
    story.carrier("push", Carrier::Accepts).poll("lift-2/fault", 0);
    story.expect("wang", "push", "over");
    let failed = Receipt::Failed { reason: "busy".into(), retry: true };
    story.receipt(alert.id, failed).expect_nothing_more();
    assert!(story.state.live.handed_over.is_empty() && story.state.due.is_empty());
}

#[test]
fn a_word_that_it_is_over_takes_the_next_way_when_one_fails() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.carrier("push", Carrier::Refuses).poll("lift-2/fault", 0);
    story.expect("wang", "push", "over").expect("wang", "mail", "over");
}

#[test]
fn ended_incidents_are_kept_up_to_a_number() {
    let mut story = Story::at("20:00");
    story.check_every = 100;
    for _ in 0..502 {
        story.press("lift-1/call").release("lift-1/call");
        story.ends("li", Cause::Drill).whatever();
    }
    assert_eq!(story.state.incidents.len(), 500);
    assert!(story.state.messages.len() <= 1500, "what is forgotten takes its messages along");
}
