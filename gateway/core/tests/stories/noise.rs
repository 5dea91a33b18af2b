//! What keeps people from being told too much: chattering, floods, the throttle, shelves.

use gengfu_core::{
    alarm::AlarmState::{OutOfService, Shelved, Suppressed, Unacknowledged},
    incident::Cause,
    input::Command,
    refusal::Refusal,
    time::Span,
};

use crate::story::{Story, person, roster};

/// Opens and closes the gate.
fn swing(story: &mut Story) {
    story.poll("gate/open", true).poll("gate/open", false);
}

#[test]
fn an_alarm_that_comes_three_times_a_minute_chatters_and_is_told_no_more() {
    let mut story = Story::at("20:00");
    for _ in 0..2 {
        swing(&mut story);
        story.expect_told("wang", "push").expect("wang", "push", "over").forward("10s");
    }
    swing(&mut story);
    story.expect_told("wang", "push").expect_alarm("rule:gate/open", Suppressed).expect_open(1);
    story.going("wang");
    for _ in 0..30 {
        story.forward("20s");
        swing(&mut story);
    }
    story.expect_nothing_more().expect_open(1);
    // Ended by hand, it still is not believed.
    story.ends("wang", Cause::Fixed).forward("20s");
    swing(&mut story);
    story.expect_nothing_more().expect_open(0);
    // After ten quiet minutes it is.
    story.forward("10m");
    story.poll("gate/open", true).expect_told("wang", "push").expect_open(1);
}

#[test]
fn a_chattering_alarm_that_comes_to_rest_active_is_told_again() {
    let mut story = Story::at("20:00");
    for _ in 0..3 {
        swing(&mut story);
    }
    story.whatever();
    story.poll("gate/open", true);
    story.going("wang").ends("wang", Cause::Fixed).expect_open(0);
    story.poll("gate/open", false).poll("gate/open", true).expect_nothing_more();
    story.forward("10m").expect_told("wang", "push").expect_open(1);
    story
        .going("wang")
        .forward("10m")
        .expect_alarm("rule:gate/open", gengfu_core::alarm::AlarmState::Acknowledged);
}

#[test]
fn an_alarm_that_was_seen_each_time_chatters_all_the_same() {
    let mut story = Story::at("20:00");
    for _ in 0..3 {
        swing(&mut story);
        let seen = Command::AcknowledgeAlarm("rule:gate/open".into());
        story.does("wang", seen).whatever();
        story.forward("5s");
    }
    story.expect_alarm("rule:gate/open", Suppressed);
}

#[test]
fn fire_and_trapped_never_chatter() {
    let mut story = Story::at("20:00");
    for _ in 0..5 {
        story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
        story.release("lift-1/call").ends("wang", Cause::Drill).forward("1s");
    }
}

#[test]
fn a_flood_is_gathered_but_a_fire_passes_at_once() {
    let mut story = Story::at("20:00");
    for n in 1..=10 {
        story.poll(&format!("wet-{n}/leak"), true).expect_told("wang", "push");
        story.going("wang");
    }
    story.expect_open(10);
    // The eleventh within ten minutes is one of many; those after it join it.
    story.poll("wet-11/leak", true).forward("10s");
    story.expect_open(11);
    assert!(story.incident().flood);
    assert_eq!(story.incident().what.en, "Many alarms at once");
    for n in 12..=15 {
        story.poll(&format!("wet-{n}/leak"), true);
    }
    story.expect_open(11);
    assert_eq!(story.incident().alarms.len(), 5);
    story.whatever();
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_open(12);
    story.ends("wang", Cause::Drill);
}

#[test]
fn in_a_flood_an_alarm_still_joins_the_incident_at_its_own_place() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).whatever();
    let lift = story.id();
    for n in 1..=11 {
        story.poll(&format!("wet-{n}/leak"), true);
    }
    story.poll("lift-2/door", true).poll("lift-2/speed", 1.0).whatever();
    assert_eq!(story.state.incidents[&lift].alarms.len(), 2);
}

#[test]
fn the_eleventh_ordinary_message_in_ten_minutes_waits_and_a_fire_does_not() {
    let mut story = Story::at("20:00");
    for n in 1..=9 {
        story.poll(&format!("wet-{n}/leak"), true).expect_told("wang", "push").going("wang");
        story.forward("1s");
    }
    story.poll("gate/open", true).expect_told("wang", "push").going("wang").forward("1s");
    story.poll("lift-2/fault", 30).expect_nothing_more();
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.going("wang");
    // Li is not held back by what Wang has been told.
    story.forward("45s").expect_told("li", "ntfy");
    story.whatever();
    assert!(story.state.due.iter().any(|id| {
        let m = &story.state.messages[id];
        m.person.as_str() == "wang" && m.not_before > story.now
    }));
    let incident = story.state.open_incidents().find(|i| i.flood).unwrap().id;
    story.does("li", Command::Acknowledge(incident));
    assert!(story.state.due.is_empty(), "what waited is not needed any more");
    story.whatever();
}

#[test]
fn what_the_throttle_held_goes_when_its_time_comes() {
    let mut story = Story::at("20:00");
    let mut patient = crate::story::policy(&["wang"]);
    patient.steps[0].wait = Span::hours(1);
    patient.prompt_after = Span::hours(2);
    story.admin(Command::PutPolicy(patient));
    for n in 1..=10 {
        story.poll(&format!("wet-{n}/leak"), true).expect_told("wang", "push").going("wang");
    }
    story.poll("lift-2/fault", 30).forward("599s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
}

#[test]
fn a_shelved_alarm_is_told_when_its_time_on_the_shelf_is_over() {
    let mut story = Story::at("20:00");
    story.poll("gate/open", true).expect_told("wang", "push");
    let until = story.now + Span::hours(1);
    let shelve = Command::Shelve { alarm: "rule:gate/open".into(), until };
    story.does("wang", shelve).expect_alarm("rule:gate/open", Shelved);
    story.expect_open(0).expect_nothing_more();
    story.poll("gate/open", false).poll("gate/open", true).forward("59m").expect_nothing_more();
    story.forward("1m").expect_told("wang", "push").expect_open(1);
    story.expect_alarm("rule:gate/open", Unacknowledged);
}

#[test]
fn an_alarm_that_is_gone_when_it_comes_off_the_shelf_tells_nobody() {
    let mut story = Story::at("20:00");
    story.poll("gate/open", true).expect_told("wang", "push");
    let until = story.now + Span::hours(1);
    story.does("wang", Command::Shelve { alarm: "rule:gate/open".into(), until });
    story.poll("gate/open", false).forward("3h").expect_nothing_more();
}

#[test]
fn taken_back_from_the_shelf_it_is_told_at_once() {
    let mut story = Story::at("20:00");
    story.poll("gate/open", true).expect_told("wang", "push");
    let until = story.now + Span::hours(1);
    story.does("wang", Command::Shelve { alarm: "rule:gate/open".into(), until });
    story.does("wang", Command::Unshelve("rule:gate/open".into())).expect_told("wang", "push");
}

#[test]
fn fire_and_trapped_cant_be_shelved_nor_anything_for_too_long() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").press("stairs/smoke-2").poll("gate/open", true).whatever();
    let shelve = |alarm: &str, until| Command::Shelve { alarm: alarm.into(), until };
    let soon = story.now + Span::hours(1);
    for alarm in ["rule:lift-1/trapped", "rule:stairs/smoke-2"] {
        let refusal = story.refused("wang", shelve(alarm, soon));
        assert_eq!(refusal, Refusal::Vital(alarm.into()));
    }
    for until in [story.now, story.now - Span::secs(1), story.now + Span::hours(721)] {
        let refusal = story.refused("wang", shelve("rule:gate/open", until));
        assert_eq!(refusal, Refusal::BadEnd(until));
    }
}

#[test]
fn a_lift_in_maintenance_tells_nobody_until_it_is_back_in_service() {
    let mut story = Story::at("20:00");
    let out = |story: &Story, reason: &str| Command::OutOfService {
        device: "lift-1".into(),
        until: story.now + Span::hours(2),
        reason: reason.into(),
    };
    let refusal = story.refused("wang", out(&story, " "));
    assert!(matches!(refusal, Refusal::Invalid(_)));
    let command = out(&story, "inspection");
    story.does("wang", command).press("lift-1/call").release("lift-1/call");
    story.expect_nothing_more().expect_alarm("rule:lift-1/trapped", OutOfService);
    story.forward("119m").expect_nothing_more();
    story.forward("1m").expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
    story.ends("wang", Cause::Drill);

    let command = out(&story, "inspection");
    story.does("wang", command).press("lift-1/call");
    story.does("wang", Command::BackInService("lift-1".into()));
    story.expect_told("wang", "push").expect_told("wang", "mail");
}

#[test]
fn a_fault_of_a_device_that_goes_out_of_service_is_nobodys_task() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push").forward("45s");
    story.expect_told("li", "ntfy");
    let until = story.now + Span::hours(2);
    let reason = "waits for a part".to_owned();
    story.does("li", Command::OutOfService { device: "lift-2".into(), until, reason });
    story.expect("wang", "push", "over").expect_open(0).forward("119m").expect_nothing_more();
    story.forward("1m").expect_told("wang", "push").expect_open(1);
}

#[test]
fn what_was_shelved_as_a_trifle_is_told_once_it_is_none() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutRoster(roster("duty", &["zhao", "wang"], "08:00")));
    // Nobody has tried Zhao's ways for three days: a trifle, and somebody sets it aside for a month.
    story.days_pass(4);
    story.expect_alarm("person:zhao", Unacknowledged);
    let until = story.now + Span::hours(30 * 24);
    story.does("wang", Command::Shelve { alarm: "person:zhao".into(), until });
    // Then Zhao has nothing to be reached by at all.
    story.admin(Command::PutPerson(person("zhao", &[])));
    story.expect_told("wang", "push").expect_alarm("person:zhao", Unacknowledged);
}
