//! An incident that somebody has reached and nobody has ended, and the next call in it.

use gengfu_core::{
    event::What,
    incident::{Cause, Phase},
};

use crate::story::Story;

/// Wang went, was there, and has left without a word.
fn left(story: &mut Story, point: &str) {
    story.press(point).whatever();
    story.release(point);
    story.going("wang").there("wang").forward("10m").whatever();
}

#[test]
fn a_call_long_after_somebody_came_is_another_call() {
    let mut story = Story::at("20:00");
    left(&mut story, "lift-1/call");
    story.days_pass(2);
    story.press("lift-1/call");
    // Whoever may be there still, and the next at once.
    story.expect("wang", "push", "not over after 2890").expect(
        "wang",
        "mail",
        "not over after 2890",
    );
    story.expect_told("li", "ntfy").expect_told("li", "mail");
    story.expect_open(1).expect_phase(Phase::Calling);
    story.going("li").expect("wang", "push", "li goes");
    story.ends("li", Cause::Rescued).expect("wang", "push", "over").expect_open(0);
}

#[test]
fn so_is_another_detector_of_the_same_place() {
    let mut story = Story::at("20:00");
    left(&mut story, "stairs/smoke-1");
    story.days_pass(1);
    story.press("stairs/smoke-2");
    story.expect("wang", "push", "not over after 1450").expect(
        "wang",
        "mail",
        "not over after 1450",
    );
    story.expect_told("li", "ntfy").expect_told("li", "mail").expect_open(1);
    // Nobody answers: it grows loud as any other.
    story.forward("45s").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.forward("45s");
    assert_eq!(story.count(|what| matches!(what, What::Prompted { .. })), 1);
    story.whatever();
}

#[test]
fn while_somebody_may_well_be_there_a_call_asks_nobody_else() {
    let mut story = Story::at("20:00");
    left(&mut story, "lift-1/call");
    story.forward("45m").whatever();
    story.press("lift-1/call").release("lift-1/call").expect_nothing_more();
    story.expect_phase(Phase::There);
    // It is they who say so: from then on they are there for another while.
    story.forward("30m").press("lift-1/call");
    story.whatever();
    story.there("wang").whatever();
    story.forward("45m").whatever();
    story.release("lift-1/call").press("lift-1/call").expect_nothing_more();
}

#[test]
fn a_poll_that_repeats_what_stands_is_no_call() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    story.going("wang").there("wang").whatever();
    story.days_pass(1);
    story.poll("lift-1/call", true).expect_nothing_more().expect_phase(Phase::There);
}
