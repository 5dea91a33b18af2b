//! A person's own rules about when and for what they are reached, and what is known of their ways.

use gengfu_core::{
    alarm::AlarmState::{Normal, Unacknowledged},
    danger::Priority,
    id::{AlarmId, ChannelId, PersonId},
    input::Command,
    notification::receipt::Receipt,
    person::{Method, Person},
};

use crate::story::{Carrier, Story, person, roster};

fn quiet(story: &mut Story, who: &str, channels: &[&str], hours: &str) {
    let quiet = Some(hours.parse().expect("hours"));
    story.admin(Command::PutPerson(Person { quiet, ..person(who, channels) }));
}

fn wang(story: &mut Story, ways: &[(&str, Option<Priority>, Option<&str>)]) {
    let method = |(channel, least, hours): &(&str, Option<Priority>, Option<&str>)| Method {
        least: *least,
        hours: hours.map(|hours| hours.parse().expect("hours")),
        ..Method::new((*channel).into(), format!("wang@{channel}"))
    };
    let methods = ways.iter().map(method).collect();
    story.admin(Command::PutPerson(Person { methods, ..person("wang", &[]) }));
}

fn way(channel: &str) -> Method {
    Method::new(channel.into(), format!("wang@{channel}"))
}

/// The alarm about Wang is gone, whoever has seen it.
fn mended(story: &mut Story) {
    let alarm = story.state.alarms.get(&AlarmId::from("person:wang"));
    assert!(alarm.is_none_or(|alarm| !alarm.active), "{alarm:?}");
    story.whatever();
}

#[test]
fn in_quiet_hours_somebody_else_is_asked_at_once() {
    let mut story = Story::at("23:00");
    quiet(&mut story, "wang", &["push", "mail"], "22:00-06:00");
    story.poll("lift-2/fault", 30).expect_told("li", "ntfy").expect_nothing_more();
}

#[test]
fn where_everybody_sleeps_it_waits_for_the_first_who_wakes() {
    let mut story = Story::at("23:00");
    quiet(&mut story, "wang", &["push"], "22:00-06:00");
    quiet(&mut story, "li", &["ntfy"], "22:00-05:30");
    quiet(&mut story, "zhao", &["push"], "21:00-07:00");
    story.poll("lift-2/fault", 30).expect_nothing_more();
    story.until_time("05:29").expect_nothing_more();
    story.until_time("05:30").expect_told("li", "ntfy").expect_nothing_more();
}

#[test]
fn quiet_hours_never_hold_up_a_trapped_passenger() {
    let mut story = Story::at("23:00");
    quiet(&mut story, "wang", &["push", "mail"], "22:00-06:00");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.expect_nothing_more();
}

#[test]
fn a_way_for_what_presses_more_is_left_alone_by_the_rest() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("ntfy", Some(Priority::Critical), None), ("push", None, None)]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_nothing_more();
}

#[test]
fn who_has_only_ways_for_what_presses_more_is_asked_all_the_same() {
    let mut story = Story::at("20:00");
    wang(&mut story, &[("push", Some(Priority::Critical), None)]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_nothing_more();
}

#[test]
fn outside_its_hours_a_way_is_passed_over_but_not_for_a_trapped_passenger() {
    let mut story = Story::at("23:00");
    wang(&mut story, &[("ntfy", None, Some("08:00-22:00")), ("push", None, None)]);
    story.poll("lift-2/fault", 30).expect_told("wang", "push").expect_nothing_more();
    story.press("lift-1/call").expect_told("wang", "ntfy").expect_told("wang", "push");
}

#[test]
fn who_has_a_shift_and_nothing_to_be_reached_by_is_an_alarm_until_that_is_mended() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("wang", &[])));
    story.admin(Command::PutRoster(roster("nights", &["wang"], "20:00")));
    story.expect_alarm("person:wang", Unacknowledged).expect_told("li", "ntfy");
    story.admin(Command::PutPerson(person("wang", &["push"])));
    mended(&mut story);
}

#[test]
fn a_way_that_was_refused_for_good_counts_for_nothing_until_something_arrives_by_it() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("wang", &["push"])));
    story.admin(Command::PutRoster(roster("nights", &["wang"], "20:00")));
    story.expect_alarm("person:wang", Normal).carrier("push", Carrier::Refuses);
    story.does("zhao", Command::TestWay { person: "wang".into(), method: way("push") });
    story.expect("wang", "push", "test");
    story.expect_alarm("person:wang", Unacknowledged).whatever();
    story.carrier("push", Carrier::Accepts);
    story.does("zhao", Command::TestWay { person: "wang".into(), method: way("push") });
    let test = story.take("wang", "push", "test");
    story.receipt(test.id, Receipt::Delivered);
    mended(&mut story);
}

#[test]
fn a_telephone_that_nobody_picks_up_is_not_broken() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutRoster(roster("nights", &["wang"], "20:00")));
    story.does("zhao", Command::TestWay { person: "wang".into(), method: way("push") });
    let test = story.take("wang", "push", "test");
    story.receipt(test.id, Receipt::Declined { reason: "busy".into() });
    let way = story.state.ways.get(&PersonId::from("wang")).and_then(|ways| ways.first()).cloned();
    assert_eq!(way.and_then(|way| way.broken), None);
    story.expect_alarm("channel:push", Normal).expect_alarm("person:wang", Normal);
}

#[test]
fn a_way_that_nobody_has_tried_for_three_days_does_not_count() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("wang", &["push"])));
    story.admin(Command::PutRoster(roster("nights", &["wang"], "20:00")));
    for _ in 0..3 {
        story.until_time("10:00").whatever();
    }
    story.until_time("19:59").expect_alarm("person:wang", Normal);
    story.until_time("20:00").expect_alarm("person:wang", Unacknowledged).whatever();
    story.does("wang", Command::ProveWay { person: "wang".into(), method: way("push") });
    mended(&mut story);
}

#[test]
fn who_could_answer_by_none_of_their_ways_is_told_of() {
    let mut story = Story::at("20:00");
    story.rewire(|wiring| {
        let mut push = wiring.channels[&ChannelId::from("push")];
        push.answerable = false;
        wiring.channels.insert("push".into(), push);
    });
    story.admin(Command::PutPerson(person("wang", &["push"])));
    story.admin(Command::PutRoster(roster("nights", &["wang"], "20:00")));
    story.expect_alarm("person:wang", Unacknowledged).whatever();
}
