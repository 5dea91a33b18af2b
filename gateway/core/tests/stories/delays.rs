//! Ways that are taken after a delay: "push at once, call after 20 s, text after 40 s".

use gengfu_core::{
    input::Command,
    notification::outbox::Status,
    person::{Method, Person},
};

use crate::story::{Carrier, Story, person};

/// Wang's ways, each with its delay.
fn wang(story: &mut Story, ways: &[(&str, Option<&str>)]) {
    let mut wang: Person = person("wang", &[]);
    wang.methods = ways
        .iter()
        .map(|(channel, after)| Method {
            after: after.map(|after| serde_json::from_value(after.into()).expect("a span")),
            ..Method::new((*channel).into(), format!("wang@{channel}"))
        })
        .collect();
    story.admin(Command::PutPerson(wang));
}

#[test]
fn each_way_is_taken_when_its_delay_is_over() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("20s")), ("mail", Some("40s"))]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_nothing_more();
    story.forward("19900ms").expect_nothing_more();
    story.forward("100ms").expect_told("wang", "ntfy").expect_nothing_more();
    story.forward("20s").expect_told("wang", "mail").expect_nothing_more();
}

#[test]
fn an_answer_calls_off_what_still_waits() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("20s")), ("mail", Some("40s"))]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.forward("20s").expect_told("wang", "ntfy");
    story.going("wang").expect_nothing_more();
    story.forward("10m").expect_nothing_more();
}

#[test]
fn somebody_elses_answer_calls_it_off_too() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("20s"))]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.going("li").expect("wang", "push", "li goes");
    story.forward("1m").expect_nothing_more();
}

#[test]
fn a_vital_alarm_starts_two_channels_at_once_whatever_the_delays_say() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", Some("5m")), ("ntfy", Some("20s")), ("mail", Some("30s"))]);
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "ntfy");
    story.expect_nothing_more();
    story.forward("30s").expect_told("wang", "mail").expect_nothing_more();
}

#[test]
fn a_way_that_waits_is_taken_at_once_when_those_before_it_fail_and_not_again_later() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("30s"))]);
    story.carrier("push", Carrier::Refuses);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_told("wang", "ntfy");
    story.forward("44s").expect_nothing_more();
}

#[test]
fn a_delay_is_kept_through_a_restart() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("20s"))]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.forward("5s").restart().expect_nothing_more();
    story.forward("15s").expect_told("wang", "ntfy").expect_nothing_more();
}

#[test]
fn no_delay_is_longer_than_ten_minutes() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", None), ("ntfy", Some("9h"))]);
    story.poll("lift-2/fault", 30);
    let longest = story
        .state
        .messages
        .values()
        .filter(|m| m.status == Status::Due)
        .map(|m| m.not_before.since(m.made_at).to_string())
        .max();
    assert_eq!(longest.as_deref(), Some("10m"));
    story.whatever();
}

#[test]
fn a_person_from_before_there_were_delays_is_read_as_they_were() {
    let old = r#"{"channel":"push","address":"secret"}"#;
    let method: Method = serde_json::from_str(old).expect("an old method");
    assert_eq!(method.after, None);
    assert_eq!(serde_json::to_string(&method).expect("a method"), old);
}
