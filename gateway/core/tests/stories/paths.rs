//! The daily test of the whole path to people, and the alarm when it is missing.

use gengfu_core::{
    alarm::AlarmState::{Normal, ReturnedUnacknowledged, Unacknowledged},
    event::What,
    id::ChannelId,
    input::Command,
    notification::receipt::Receipt,
    person::Role,
    wiring::Tester,
};

use crate::story::{Carrier, Story, person};

fn expect_tests(story: &mut Story) {
    story.expect("li", "mail", "test").expect("li", "ntfy", "test");
    story.expect("wang", "push", "test").expect_nothing_more();
}

#[test]
fn every_channel_is_tested_daily_at_the_sites_hour() {
    let mut story = Story::at("20:00");
    story.until_time("09:59").expect_nothing_more();
    story.until_time("10:00");
    expect_tests(&mut story);
    story.until_time("09:59").expect_nothing_more();
    story.until_time("10:00");
    expect_tests(&mut story);
    assert!(story.state.paths.values().all(|p| p.proven_at == Some(story.now)));
}

#[test]
fn whoever_cares_for_the_gateway_bears_the_test() {
    let mut story = Story::at("20:00");
    let mut zhao = person("zhao", &["push", "ntfy"]);
    zhao.roles.insert(Role::Maintainer);
    story.admin(Command::PutPerson(zhao));
    story.until_time("10:00");
    story.expect("zhao", "push", "test").expect("zhao", "ntfy", "test");
    story.expect("li", "mail", "test");
}

#[test]
fn the_test_goes_to_whom_the_configuration_names() {
    let mut story = Story::at("20:00");
    let tester = |story: &mut Story, channel: &str, to: Tester| {
        story.rewire(|wiring| drop(wiring.path_test.to.insert(channel.into(), to)));
    };
    tester(&mut story, "push", Tester::Person("zhao".into()));
    // Nobody of that name, or without a way by this channel: it is borne as ever.
    tester(&mut story, "ntfy", Tester::Person("nobody".into()));
    let address = "echo@example.org".to_owned();
    tester(&mut story, "mail", Tester::Address { address, must_arrive: false });
    story.until_time("10:00").expect("zhao", "push", "test").expect("li", "ntfy", "test");
    let echoed = story.take("path-test", "mail", "test");
    assert_eq!(echoed.method.address, "echo@example.org");
    assert!(story.state.paths.values().all(|p| p.proven_at == Some(story.now)));
    story.restart().expect_nothing_more();
}

#[test]
fn an_echo_proves_a_path_by_being_reached_and_not_by_a_ring() {
    let mut story = Story::at("20:00");
    let to = Tester::Address { address: "+862164330000".into(), must_arrive: true };
    story.rewire(|wiring| drop(wiring.path_test.to.insert("push".into(), to)));
    let path = ChannelId::from("push");
    story.until_time("10:00").expect("li", "mail", "test").expect("li", "ntfy", "test");
    let rings = story.take("path-test", "push", "test");
    assert_eq!(story.state.paths[&path].proven_at, None, "it only rings");
    let reason = "the phone is busy".to_owned();
    story.receipt(rings.id, Receipt::Delivered);
    assert_eq!(story.state.paths[&path].proven_at, Some(story.now), "it was picked up");
    story.until_time("10:00").expect("li", "mail", "test").expect("li", "ntfy", "test");
    let busy = story.take("path-test", "push", "test");
    let before = story.state.paths[&path].proven_at;
    story.receipt(busy.id, Receipt::Declined { reason }).expect_nothing_more();
    assert_eq!(story.state.paths[&path].proven_at, before);
}

#[test]
fn a_channel_without_a_passed_test_for_72_hours_is_an_alarm_until_it_is_proven() {
    let mut story = Story::at("20:00");
    // Nobody uses this channel yet.
    story.rewire(|wiring| {
        wiring
            .channels
            .insert("sms".into(), gengfu_core::wiring::ChannelInfo { answerable: false });
    });
    let alarm = "path-test:sms";
    for _ in 0..3 {
        story.until_time("10:00");
        expect_tests(&mut story);
    }
    story.until_time("19:59").expect_nothing_more().expect_alarm(alarm, Normal);
    story.until_time("20:00").expect_told("wang", "push").expect_alarm(alarm, Unacknowledged);
    story.going("wang");
    story.admin(Command::PutPerson(person("chen", &["sms"])));
    story.does("wang", Command::TestPath { channel: "sms".into(), person: "chen".into() });
    story.expect("chen", "sms", "test").expect("wang", "push", "over");
    story.expect_alarm(alarm, Normal).expect_open(0);
}

#[test]
fn a_message_that_was_accepted_proves_the_path_as_well() {
    let mut story = Story::at("20:00");
    story.poll("gate/open", true).expect_told("wang", "push").going("wang");
    assert_eq!(story.state.paths[&ChannelId::from("push")].proven_at, Some(story.now));
    story.forward("1m");
    story.poll("lift-2/fault", 30).whatever();
    let noted = story.count(|w| matches!(w, What::PathProven { .. }));
    assert_eq!(noted, 1, "noted once an hour at most");
    story.going("wang");
}

#[test]
fn a_test_that_fails_is_a_fault_of_the_channel() {
    let mut story = Story::at("20:00");
    story.until_time("09:59").carrier("mail", Carrier::Fails).until_time("10:00");
    story.expect("li", "ntfy", "test").expect("wang", "push", "test").expect("li", "mail", "test");
    story.forward("30s");
    for _ in 0..3 {
        story.expect("li", "mail", "test");
    }
    story.expect_told("wang", "push").expect_alarm("channel:mail", Unacknowledged);
    story.going("wang").carrier("mail", Carrier::Accepts);
    story.does("li", Command::TestPath { channel: "mail".into(), person: "li".into() });
    story.expect("li", "mail", "test").expect("wang", "push", "over");
    story.expect_alarm("channel:mail", Normal);
}

#[test]
fn another_interval_counts_from_the_last_test() {
    let mut story = Story::at("20:00");
    story.rewire(|wiring| wiring.path_test.every = gengfu_core::time::Span::hours(6));
    story.forward("359m").expect_nothing_more();
    story.forward("1m");
    expect_tests(&mut story);
    // A mistake in the configuration does not fill anybody's telephone.
    story.rewire(|wiring| wiring.path_test.every = gengfu_core::time::Span::ZERO);
    story.forward("3m");
    assert!(story.whatever().len() <= 9);
}

#[test]
fn a_channel_that_is_taken_away_is_tested_no_more_and_its_alarm_goes() {
    let mut story = Story::at("20:00");
    story.carrier("mail", Carrier::Fails).carrier("push", Carrier::Refuses);
    story.poll("lift-2/fault", 30).whatever();
    story.forward("25s").expect_alarm("channel:mail", Unacknowledged).whatever();
    story.carrier("push", Carrier::Accepts);
    story.rewire(|wiring| {
        wiring.channels.remove(&gengfu_core::id::ChannelId::from("mail"));
    });
    story.expect_alarm("channel:mail", ReturnedUnacknowledged).whatever();
    assert!(!story.state.paths.contains_key(&gengfu_core::id::ChannelId::from("mail")));
    let mut waiting = story.state.due.iter().map(|id| &story.state.messages[id]);
    assert!(waiting.all(|m| m.channel().as_str() != "mail"));
}
