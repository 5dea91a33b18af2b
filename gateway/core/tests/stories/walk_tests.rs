//! Walk tests: an alarm of a device that is tested reaches who tests, marked, and nobody else; one that
//! still stands when the test ends reaches those on duty.

use std::sync::Arc;

use gengfu_core::{
    alarm::AlarmState,
    id::{DeviceId, PointId},
    incident::{Cause, Phase},
    input::{About, Command},
    notification::receipt::Receipt,
    point::Value,
    refusal::Refusal,
    state::State,
    time::Span,
    walk_test::{Ticks, WalkTest},
};

use crate::story::{Story, person};

/// An installer stands in front of a device, and tests it for half an hour.
fn tests(device: &str) -> Story {
    let mut story = Story::at("14:00");
    story.admin(Command::PutPerson(person("zhang", &["push", "mail"])));
    begins(&mut story, device, 30);
    story
}

fn wish(story: &Story, device: &str, minutes: u64) -> Command {
    let until = story.now + Span::mins(minutes);
    Command::BeginWalkTest { device: DeviceId::from(device), until }
}

fn begins(story: &mut Story, device: &str, minutes: u64) {
    let wish = wish(story, device, minutes);
    story.does("zhang", wish);
}

fn refused(story: &mut Story, device: &str, who: &str, minutes: u64) -> Refusal {
    let wish = wish(story, device, minutes);
    story.refused(who, wish)
}

fn end(story: &mut Story, device: &str) {
    story.does("zhang", Command::EndWalkTest(DeviceId::from(device)));
}

fn test<'a>(story: &'a Story, device: &str) -> &'a WalkTest {
    story.state.tests.get(&DeviceId::from(device)).expect("a test")
}

fn ticks(story: &Story, point: &str) -> Ticks {
    let device = point.rsplit_once('/').unwrap().0;
    test(story, device).inputs.get(&PointId::from(point)).cloned().unwrap_or_default()
}

#[test]
fn who_tests_is_told_alone_and_every_word_says_that_it_is_a_test() {
    let mut story = tests("lift-1");
    story.press("lift-1/call");
    let message = story.take("zhang", "push", "alert");
    assert!(message.content.test);
    assert_eq!(message.content.what.en, "TEST: Passenger calls for help");
    assert!(message.content.what.zh.starts_with("【测试】"));
    story.expect_told("zhang", "mail").expect_nothing_more();
    assert_eq!(story.incident().test, Some(DeviceId::from("lift-1")));
    assert!(story.incident().what.en.starts_with("TEST: "));
    // Neither steps nor prompts nor reminders follow, however long nobody answers.
    story.release("lift-1/call").forward("29m").expect_nothing_more().expect_open(1);
    story.forward("1m").expect_nothing_more().expect_open(0).expect_phase(Phase::Ended);
    assert_eq!(story.incident().ended.as_ref().unwrap().cause, Cause::Drill);
    assert_eq!(test(&story, "lift-1").ended.as_ref().unwrap().by.person, None);
}

#[test]
fn an_input_is_ticked_off_once_it_was_seen_both_ways_and_its_alarm_arrived() {
    let mut story = tests("lift-1");
    story.poll("lift-1/call", false);
    let began = story.now;
    assert_eq!(ticks(&story, "lift-1/call"), Ticks { idle: Some(began), ..Ticks::default() });
    story.forward("10s").press("lift-1/call").expect_told("zhang", "mail");
    let message = story.take("zhang", "push", "alert").id;
    let seen = ticks(&story, "lift-1/call");
    assert_eq!(
        (seen.active, seen.raised, seen.carried),
        (Some(story.now), Some(story.now), Some(story.now))
    );
    assert_eq!(seen.reached, None, "that a carrier has it is no proof");
    story.forward("2s").receipt(message, Receipt::Delivered);
    let seen = ticks(&story, "lift-1/call");
    assert_eq!((seen.reached, seen.through.as_deref()), (Some(story.now), Some("push")));
    // What was seen outlives a restart, and the test.
    story.restart().release("lift-1/call");
    end(&mut story, "lift-1");
    assert_eq!(ticks(&story, "lift-1/call"), seen);
    story.restart();
    assert_eq!(ticks(&story, "lift-1/call"), seen);
}

#[test]
fn whoever_answers_has_it_too() {
    let mut story = tests("stairs");
    story.press("stairs/smoke-1").whatever();
    story.forward("5s").going("zhang").expect_nothing_more();
    let seen = ticks(&story, "stairs/smoke-1");
    assert_eq!(seen.reached, Some(story.now));
    // The other detector is another input, with a message and an incident of its own.
    story.press("stairs/smoke-2").expect_told("zhang", "push").expect_told("zhang", "mail");
    story.expect_open(2);
    assert_eq!(ticks(&story, "stairs/smoke-2").reached, None);
    story.hands_over("zhang", None).forward("10m").expect_nothing_more();
    story.release("stairs/smoke-1").release("stairs/smoke-2").forward("6s");
    end(&mut story, "stairs");
    story.expect_open(0);
}

#[test]
fn what_still_stands_when_the_test_ends_is_an_alarm_like_any_other() {
    let mut story = tests("stairs");
    story.press("stairs/smoke-1").whatever();
    story.forward("1m");
    end(&mut story, "stairs");
    let message = story.take("wang", "push", "alert");
    assert_eq!(
        (message.content.test, message.content.what.en.as_str()),
        (false, "Smoke on the ground floor")
    );
    story.expect_told("wang", "mail").expect_open(1);
    assert_eq!(story.incident().test, None);
    story.expect_alarm("rule:stairs/smoke-1", AlarmState::Unacknowledged);
    // It is asked on as ever.
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn a_test_that_nobody_ends_ends_by_itself_and_loses_nothing() {
    let mut story = tests("stairs");
    story.press("stairs/smoke-1").whatever();
    story.forward("30m");
    story.expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
}

#[test]
fn an_alarm_after_the_time_is_real_however_late_the_gateway_looks() {
    let mut story = tests("lift-1");
    story.wake_at(story.now + Span::mins(31)).press("lift-1/call");
    story.expect_told("wang", "push").expect_told("wang", "mail").expect_open(1);
    story.release("lift-1/call").expect_open(1);
    assert_eq!(story.incident().test, None);
}

#[test]
fn what_is_real_and_what_is_tested_never_join() {
    let mut story = tests("stairs");
    story.press("stairs/smoke-1").whatever();
    // A person in the lift calls meanwhile: nothing of the test is in its way.
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.going("wang").expect_open(2);
    // And a device with a real incident is not tested before that is over.
    let refused = refused(&mut story, "lift-1", "zhang", 30);
    assert!(refused.to_string().contains("incident"), "{refused}");
    story.release("lift-1/call").ends("wang", Cause::Rescued);
    begins(&mut story, "lift-1", 30);
    story.release("stairs/smoke-1").forward("6s");
    end(&mut story, "stairs");
    story.expect_open(0);
}

#[test]
fn touching_again_and_again_neither_chatters_nor_floods_nor_uses_up_what_may_be_sent() {
    let mut story = tests("gate");
    for _ in 0..15 {
        story.press("gate/open").expect_told("zhang", "push").expect_told("zhang", "mail");
        story.forward("1s").release("gate/open").expect_open(0).forward("1s");
    }
    end(&mut story, "gate");
    // The same contact, and the same person: told at once, since nothing of the test counts.
    story.press("gate/open").expect_told("wang", "push");
    assert!(!story.incident().flood);
    story.expect_alarm("rule:gate/open", AlarmState::Unacknowledged);
}

#[test]
fn a_test_is_short_is_begun_by_a_person_and_can_be_made_longer_by_them() {
    let mut story = Story::at("14:00");
    story.admin(Command::PutPerson(person("zhang", &["push"])));
    refused(&mut story, "lift-1", "zhang", 61);
    refused(&mut story, "lift-1", "zhang", 0);
    refused(&mut story, "lift-9", "zhang", 30);
    refused(&mut story, "lift-1", "nobody", 30);
    begins(&mut story, "lift-1", 10);
    refused(&mut story, "lift-1", "wang", 30);
    story.press("lift-1/call").expect_told("zhang", "push");
    story.release("lift-1/call").forward("9m");
    begins(&mut story, "lift-1", 60);
    assert!(ticks(&story, "lift-1/call").active.is_some(), "what was seen stays");
    story.forward("59m").expect_open(1).forward("1m").expect_open(0);
    // A later test of the device begins with nothing.
    begins(&mut story, "lift-1", 10);
    assert_eq!(ticks(&story, "lift-1/call"), Ticks::default());
}

#[test]
fn a_clock_that_is_put_back_makes_no_test_longer() {
    let mut story = tests("lift-1");
    story.forward("10m").clock_back("3h").forward("20m");
    assert!(test(&story, "lift-1").ended.is_some());
}

#[test]
fn out_of_service_and_removal_end_a_test() {
    let mut story = tests("stairs");
    story.press("stairs/smoke-1").whatever();
    let until = story.now + Span::hours(1);
    let device = DeviceId::from("stairs");
    story.admin(Command::OutOfService { device, until, reason: "repair".into() });
    story.expect_nothing_more().expect_open(0);
    assert!(test(&story, "stairs").ended.is_some());
    refused(&mut story, "stairs", "zhang", 10);
    begins(&mut story, "gate", 10);
    story.press("gate/open").whatever();
    story.rewire(|wiring| drop(wiring.devices.remove(&DeviceId::from("gate"))));
    story.expect_open(0);
    assert!(!story.state.tests.contains_key(&DeviceId::from("gate")));
}

#[test]
fn nobody_is_called_together_for_a_test_and_silence_is_the_testers_too() {
    let mut story = tests("lift-1");
    story.silence("lift-1").forward("91s");
    story.expect_told("zhang", "push").expect_told("zhang", "mail").expect_open(1);
    let about = About::Incident(story.id());
    let targets = vec![gengfu_core::escalation::policy::Target::Everyone];
    story.refused("wang", Command::CallMuster { targets, about });
    end(&mut story, "lift-1");
    // It is silent still: now that is for those on duty.
    story.expect_told("wang", "push").expect_open(1);
}

#[test]
fn a_rule_over_two_inputs_ticks_those_that_raised_it_and_a_small_one_tells_nobody() {
    let mut story = tests("lift-2");
    story.poll("lift-2/door", true).poll("lift-2/speed", 1.0).whatever();
    assert!(ticks(&story, "lift-2/door").raised.is_some());
    assert!(ticks(&story, "lift-2/speed").raised.is_some());
    assert!(ticks(&story, "lift-2/fault").raised.is_none());
    story.poll("lift-2/status", 1_i64 << 13).expect_nothing_more();
    let device = DeviceId::from("lift-2");
    let told = |point: &str| story.state.is_told_of(&device, &PointId::from(point));
    assert!(told("lift-2/fault") && !told("lift-2/status"));
    let lift = story.state.device(&device).unwrap();
    assert_eq!(story.state.inputs(lift).count(), 5);
    story.poll("lift-2/speed", 0.0).poll("lift-2/temp", 21.5);
    end(&mut story, "lift-2");
    let measured = &test(&story, "lift-2").ended.as_ref().unwrap().measured;
    assert!(measured.contains_key(&PointId::from("lift-2/temp")), "{measured:?}");
}

#[test]
fn what_a_device_says_of_itself_is_shown_and_nobody_is_asked_to_touch_it() {
    let mut story = Story::at("14:00");
    let (id, door) = (DeviceId::from("lift-2"), PointId::from("lift-2/door"));
    assert!(story.state.inputs(story.state.device(&id).unwrap()).any(|of| *of == door));
    story.rewire(|wiring| {
        let lift = Arc::make_mut(wiring.devices.get_mut(&id).unwrap());
        lift.points.iter_mut().find(|point| point.id == door).unwrap().diagnostic = true;
    });
    let lift = story.state.device(&id).unwrap().clone();
    story.poll("lift-2/door", false);
    assert!(story.state.inputs(&lift).all(|id| *id != door));
    assert_eq!(story.state.measured(&lift).get(&door), Some(&Value::Bool(false)));
}

#[test]
fn what_was_written_before_there_were_tests_is_read() {
    let story = Story::at("14:00");
    let mut old = serde_json::to_value(&story.state).unwrap();
    old.as_object_mut().unwrap().remove("tests").unwrap();
    let read: State = serde_json::from_value(old).unwrap();
    assert!(read.tests.is_empty());
}

#[test]
fn a_test_whose_tester_is_removed_is_over() {
    let mut story = tests("stairs");
    story.admin(Command::RemovePerson("zhang".into()));
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_open(1);
    assert!(story.incident().test.is_none());
}

#[test]
fn what_stood_before_a_test_is_real_when_it_comes_off_the_shelf_in_it() {
    let mut story = Story::at("14:00");
    story.admin(Command::PutPerson(person("zhang", &["push", "mail"])));
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    let until = story.now + Span::mins(10);
    story.does("wang", Command::Shelve { alarm: "rule:lift-2/fault".into(), until });
    story.forward("1m");
    begins(&mut story, "lift-2", 30);
    story.forward("9m").expect_told("wang", "push").expect_nothing_more().expect_open(1);
    assert!(story.incident().test.is_none());
}
