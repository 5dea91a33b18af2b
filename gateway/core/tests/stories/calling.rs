//! Who is asked, when the next one is, and what silence leads to.

use gengfu_core::{
    event::What,
    id::PersonId,
    incident::{Cause, Happened, Phase},
    input::Command,
    time::Span,
};

use crate::story::{Story, person, policy};

/// Everybody of the estate gets the loud prompt through all they have.
fn expect_prompt(story: &mut Story, count: u32) {
    let prompt = format!("prompt {count}");
    for (who, channel) in [
        ("wang", "push"),
        ("wang", "mail"),
        ("li", "ntfy"),
        ("li", "mail"),
        ("zhao", "push"),
        ("zhao", "ntfy"),
    ] {
        story.expect(who, channel, &prompt);
    }
    story.expect_nothing_more();
}

#[test]
fn a_trapped_passenger_reaches_the_first_person_through_two_channels_at_once() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_nothing_more().expect_phase(Phase::Calling);
    assert_eq!(story.incident().place_name.en, "Building 3 › Lift 1");
    let opened = story.incident().opened_at;
    assert_eq!(opened, story.now, "no on-delay holds back a call for help");
    let told = story.journal.iter().rev().take_while(|e| e.at == opened);
    let due = told.filter(|e| matches!(e.what, What::MessageDue(_))).count();
    assert_eq!(due, 2, "both messages come from the same decision");
}

#[test]
fn an_ordinary_fault_reaches_the_first_person_through_one_channel() {
    let mut story = Story::at("20:00");
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_nothing_more();
    story.forward("44s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_nothing_more();
}

#[test]
fn silence_moves_on_every_45_seconds_and_grows_loud_after_the_first_round() {
    let mut story = Story::at("20:00");
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("44s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.forward("44s").expect_nothing_more();
    story.forward("1s");
    expect_prompt(&mut story, 1);

    // The second round goes on asking, and the prompt sounds again after three minutes.
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.forward("45s").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("45s");
    expect_prompt(&mut story, 2);
    assert_eq!(story.incident().run.round, 2);
}

#[test]
fn a_long_policy_grows_loud_after_three_minutes_all_the_same() {
    let mut story = Story::at("20:00");
    let mut long = policy(&["wang", "li", "zhao"]);
    long.steps[0].wait = Span::mins(5);
    story.admin(Command::PutPolicy(long));
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.forward("179s").expect_nothing_more();
    story.forward("1s");
    expect_prompt(&mut story, 1);
    story.forward("119s").expect_nothing_more();
    story.forward("1s").expect_told("li", "ntfy").expect_told("li", "mail");
}

#[test]
fn steps_with_nobody_on_them_cost_no_time() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("chen", &[])));
    story.admin(Command::PutPolicy(policy(&["chen", "chen", "li", "chen", "wang"])));
    story.press("lift-1/call").expect_told("li", "ntfy").expect_told("li", "mail");
    story.forward("45s").expect_told("wang", "push").expect_told("wang", "mail");
}

#[test]
fn where_nobody_wrote_a_policy_everybody_is_asked_at_once() {
    let mut story = Story::at("20:00");
    story.admin(Command::RemovePolicy("house".into()));
    story.poll("lift-2/fault", 30);
    story.expect_told("wang", "push").expect_told("li", "ntfy").expect_told("zhao", "push");
    story.going("li").expect("wang", "push", "li goes").expect("zhao", "push", "li goes");
}

#[test]
fn a_site_without_anybody_keeps_looking_and_tells_the_first_who_comes() {
    let mut story = Story::bare("20:00");
    story.rewire(|wiring| *wiring = crate::story::wiring());
    story.beats("lift-1").beats("stairs");
    story.press("lift-1/call").expect_nothing_more().expect_open(1);
    story.forward("10m").expect_nothing_more();
    assert!(story.incident().run.prompts > 1, "it is loud, even if nobody hears it");
    let before = story.journal.len();
    story.forward("10m");
    assert!(story.journal.len() - before < 40, "waiting for nobody fills no disk");

    story.admin(Command::PutPerson(person("wang", &["push"])));
    story.forward("45s").expect_told("wang", "push");
}

#[test]
fn a_prompt_reaches_whoever_there_is_when_the_policy_names_nobody_who_can_be_reached() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("chen", &[])));
    story.admin(Command::PutPolicy(policy(&["chen"])));
    story.press("lift-1/call");
    expect_prompt(&mut story, 1);
}

#[test]
fn people_asked_at_once_are_each_asked_once() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPolicy(policy(&["wang+li+wang"])));
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_told("li", "ntfy");
    let step = story.incident().timeline.iter().find_map(|m| match &m.happened {
        Happened::StepStarted { people, .. } => Some(people.clone()),
        _ => None,
    });
    assert_eq!(step, Some(vec![PersonId::from("wang"), PersonId::from("li")]));
}

#[test]
fn a_policy_that_names_two_hundred_people_reaches_them_all() {
    let mut story = Story::at("20:00");
    let names: Vec<String> = (0..200).map(|n| format!("neighbour-{n}")).collect();
    for name in &names {
        story.admin(Command::PutPerson(person(name, &["push", "ntfy"])));
    }
    story.admin(Command::PutPolicy(policy(&[&names.join("+")])));
    story.press("stairs/smoke-1");
    let told = story.whatever();
    assert_eq!(told.len(), 400, "two channels each, nobody forgotten in the queue");
    story.going("neighbour-7");
    assert_eq!(story.whatever().len(), 199, "everybody else is told who goes");
}

#[test]
fn a_changed_policy_changes_nothing_for_an_open_incident() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.admin(Command::PutPolicy(policy(&["zhao"])));
    story.forward("45s").expect_told("li", "ntfy").expect_told("li", "mail");
    story.going("li").expect("wang", "push", "li goes").ends("li", Cause::Drill);
    story.expect("wang", "push", "over");
    story.release("lift-1/call").press("lift-1/call");
    story.expect_told("zhao", "push").expect_told("zhao", "ntfy");
}

#[test]
fn a_trapped_passenger_is_brought_to_mind_after_15_and_30_minutes() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.going("wang").there("wang");
    story.forward("899s").expect_nothing_more();
    story.forward("1s").expect("wang", "push", "not over after 15");
    story.forward("899s").expect_nothing_more();
    story.forward("1s").expect("wang", "push", "not over after 30");
    story.forward("3h").expect_nothing_more().expect_open(1);
}

#[test]
fn the_built_in_policy_knows_the_clock_of_a_trapped_passenger() {
    let mut story = Story::at("20:00");
    story.admin(Command::RemovePolicy("house".into()));
    story.press("lift-1/call").whatever();
    story.going("wang").there("wang").whatever();
    story.forward("15m").expect("wang", "push", "not over after 15");
    story.expect("li", "ntfy", "not over after 15").expect("zhao", "push", "not over after 15");
}
