//! "I'm going", "I'm there", "I can't".

use gengfu_core::{
    danger::{Danger, Priority},
    event::What,
    incident::{Cause, Happened, Phase},
    input::Command,
    notification::outbox::Status,
    person::Person,
    time::Span,
};

use crate::story::{Carrier, Story, person, policy};

/// A passenger is trapped, and Wang is asked.
fn trapped() -> Story {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story
}

#[test]
fn an_answer_stops_the_escalation_and_the_others_are_told() {
    let mut story = trapped();
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("wang").expect("li", "ntfy", "wang goes").expect_nothing_more();
    story.expect_phase(Phase::Going);
    story.forward("14m").expect_nothing_more();
    story.there("wang").expect_nothing_more().expect_phase(Phase::There);
    let happened: Vec<_> = story.incident().timeline.iter().map(|m| &m.happened).collect();
    assert!(
        matches!(
            happened[..],
            [
                Happened::Opened,
                Happened::AlarmRaised { .. },
                Happened::StepStarted { step: 0, .. },
                Happened::StepStarted { step: 1, .. },
                Happened::Acknowledged,
                Happened::Arrived,
            ]
        ),
        "{happened:?}"
    );
}

#[test]
fn saying_it_twice_says_it_once() {
    let mut story = trapped();
    story.going("wang");
    let before = story.journal.len();
    story.going("wang");
    assert_eq!(story.journal.len(), before, "nothing new was decided");
    story.there("wang");
    let before = story.journal.len();
    story.there("wang").going("wang");
    assert_eq!(story.journal.len(), before);
}

#[test]
fn what_asked_the_person_is_answered_and_no_longer_asks() {
    let mut story = Story::at("20:00");
    let push = {
        story.press("lift-1/call");
        story.take("wang", "push", "alert")
    };
    story.expect_told("wang", "mail").going("wang");
    let status = &story.state.messages[&push.id].status;
    assert!(matches!(status, Status::Answered { .. }), "{status:?}");
}

#[test]
fn whoever_comes_by_is_there_without_having_said_that_they_go() {
    let mut story = trapped();
    story.there("zhao").expect("wang", "push", "zhao goes").expect_phase(Phase::There);
    story.forward("14m").expect_nothing_more();
}

#[test]
fn who_does_not_arrive_is_asked_again_and_so_is_the_next() {
    let mut story = trapped();
    story.admin(Command::PutPerson(person("wang", &["push", "mail"])));
    story.forward("10s").going("wang");
    story.forward("899s").expect("wang", "push", "not over after 15");
    story.forward("1s").expect("wang", "push", "ask again").expect("wang", "mail", "ask again");
    story.expect_told("li", "ntfy").expect_told("li", "mail").expect_nothing_more();
    story.expect_phase(Phase::Calling);
    assert_eq!(story.count(|w| matches!(w, What::Lapsed { .. })), 1);

    // Wang was only slow.
    story.there("wang").expect("li", "ntfy", "wang goes").expect_phase(Phase::There);
    story.forward("14m").expect_nothing_more();
}

#[test]
fn of_two_who_go_one_who_is_late_wakes_nobody_else() {
    let mut story = trapped();
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("wang").expect("li", "ntfy", "wang goes");
    story.forward("5m").going("li").expect_nothing_more();
    story.forward("10m").whatever();
    assert!(story.incident().going.iter().all(|g| g.person.as_str() == "li"), "wang is late");
    story.expect_phase(Phase::Going);
    story.forward("4m").expect_nothing_more();
}

#[test]
fn i_cant_asks_the_next_at_once() {
    let mut story = trapped();
    story.going("wang").forward("2m");
    story.hands_over("wang", None).expect_told("li", "ntfy").expect_told("li", "mail");
    story.expect_nothing_more().expect_phase(Phase::Calling);
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn i_cant_pressed_twice_does_not_burn_through_the_policy() {
    let mut story = trapped();
    story.hands_over("wang", None).expect_told("li", "ntfy").expect_told("li", "mail");
    let before = story.journal.len();
    story.hands_over("wang", None).expect_nothing_more();
    assert_eq!(story.journal.len(), before);
    story.forward("44s").expect_nothing_more();
    story.forward("1s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn one_of_two_who_cant_leaves_the_other_their_time() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPolicy(policy(&["wang+li", "zhao"])));
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_told("li", "ntfy");
    story.forward("30s").hands_over("wang", None).expect_nothing_more();
    story.forward("14s").expect_nothing_more();
    story.forward("1s").expect_told("zhao", "push").expect_nothing_more();
}

#[test]
fn when_both_cant_the_next_is_asked_at_once() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPolicy(policy(&["wang+li", "zhao"])));
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_told("li", "ntfy");
    story.hands_over("wang", None).expect_nothing_more();
    story.hands_over("li", None).expect_told("zhao", "push").expect_nothing_more();
}

#[test]
fn handed_over_to_somebody_by_name_that_person_has_a_step_of_time() {
    let mut story = trapped();
    story.going("wang").forward("1m").hands_over("wang", Some("zhao"));
    story.expect("zhao", "push", "handed over").expect("zhao", "ntfy", "handed over");
    story.expect_phase(Phase::Calling).forward("44s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("zhao").expect("wang", "push", "zhao goes").expect("li", "ntfy", "zhao goes");
}

#[test]
fn who_names_somebody_while_others_are_asked_delays_nobody() {
    let mut story = trapped();
    story.forward("40s").hands_over("wang", Some("zhao"));
    story.expect("zhao", "push", "handed over").expect("zhao", "ntfy", "handed over");
    story.forward("5s").expect_told("li", "ntfy").expect_told("li", "mail").expect_nothing_more();
}

#[test]
fn handed_over_to_somebody_who_cant_be_reached_it_goes_to_the_next() {
    let mut story = trapped();
    story.admin(Command::PutPerson(person("chen", &[])));
    story.going("wang").hands_over("wang", Some("chen"));
    story.expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn handed_over_through_a_dead_channel_it_goes_to_the_next_at_once() {
    let mut story = trapped();
    story.going("wang").carrier("push", Carrier::Refuses).carrier("ntfy", Carrier::Refuses);
    story.hands_over("wang", Some("zhao"));
    story.expect("zhao", "push", "handed over").expect("zhao", "ntfy", "handed over");
    // Li's ntfy is dead as well; the mail arrives.
    story.expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn a_reminder_of_the_last_one_who_leaves_starts_the_prompt_anew() {
    let mut story = trapped();
    story.there("wang").forward("10m").hands_over("wang", None);
    story.expect_told("li", "ntfy").expect_told("li", "mail");
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.forward("45s").whatever();
    assert_eq!(story.incident().run.prompts, 1, "all were tried, so it is loud");
}

#[test]
fn a_smoke_detector_more_tells_who_is_going() {
    let mut story = Story::at("20:00");
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.going("wang").forward("1m");
    story.press("stairs/smoke-2");
    let told = story.take("wang", "push", "alert");
    assert_eq!(told.content.what.en, "Smoke on the first floor");
    story.expect_told("wang", "mail").expect_nothing_more().expect_open(1);
    assert_eq!(story.incident().alarms.len(), 2);
    story.expect_phase(Phase::Going);
}

#[test]
fn a_smoke_detector_more_asks_nobody_twice_while_people_are_being_asked() {
    let mut story = Story::at("20:00");
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("10s").press("stairs/smoke-2").expect_nothing_more().expect_open(1);
    story.forward("35s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes").ends("li", Cause::FalseAlarm);
    story.expect("wang", "push", "over").expect_open(0);
}

#[test]
fn handed_over_to_somebody_who_sleeps_it_goes_to_the_next() {
    let mut story = Story::at("23:00");
    let quiet = Some("22:00-06:00".parse().unwrap());
    story.admin(Command::PutPerson(Person { quiet, ..person("zhao", &["push"]) }));
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.going("wang").hands_over("wang", Some("zhao"));
    story.expect_told("li", "ntfy").expect_nothing_more();
}

#[test]
fn who_is_removed_on_the_way_is_not_waited_for() {
    let mut story = trapped();
    story.admin(Command::PutPolicy(policy(&["li", "zhao"])));
    story.going("wang").there("wang").forward("5m");
    story.admin(Command::RemovePerson("wang".into()));
    story.expect_told("li", "ntfy").expect_told("li", "mail").expect_phase(Phase::Calling);
}

#[test]
fn an_alarm_that_presses_more_tells_those_who_are_being_asked() {
    let mut story = Story::at("20:00");
    story.change("lift-2", |device| {
        for rule in &mut device.rules {
            rule.danger = Danger::Gas;
            if rule.id.as_str() == "lift-2/hot" {
                (rule.priority, rule.on_delay) = (Priority::Critical, Span::ZERO);
            }
        }
    });
    story.poll("lift-2/fault", 30).expect_told("wang", "push").forward("10s");
    story.poll("lift-2/temp", 50.0);
    let told = story.take("wang", "push", "alert");
    assert_eq!(told.content.what.en, "Motor room is hot");
    assert_eq!(told.content.priority, Priority::Critical);
    story.expect_nothing_more().expect_open(1);
    story.forward("35s").expect_told("li", "ntfy").expect_nothing_more();
}
