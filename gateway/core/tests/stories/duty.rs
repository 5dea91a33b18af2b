//! Who is on duty, when it matters: rosters in policies.

use gengfu_core::input::Command;

use crate::story::{Story, person, policy, roster};

fn with_duty() -> Story {
    let mut story = Story::at("19:58");
    // Wang on even days, Li on odd ones, handing over at eight in the evening.
    story.admin(Command::PutRoster(roster("duty", &["wang", "li"], "20:00")));
    story.admin(Command::PutPolicy(policy(&["@duty", "zhao"])));
    story
}

#[test]
fn whoever_is_on_duty_is_asked_and_the_next_round_asks_whoever_is_on_duty_then() {
    let mut story = with_duty();
    story.forward("1m").poll("lift-2/fault", 30).expect_told("wang", "push");
    story.forward("45s").expect_told("zhao", "push");
    // Meanwhile Wang has handed over to Li.
    story.forward("45s");
    story.expect("li", "ntfy", "prompt 1").expect("li", "mail", "prompt 1");
    story.expect("zhao", "push", "prompt 1").expect("zhao", "ntfy", "prompt 1");
    story.forward("45s").expect_told("zhao", "push");
    story.forward("45s").expect_told("li", "ntfy");
}

#[test]
fn an_incident_after_the_hand_over_is_the_next_persons() {
    let mut story = with_duty();
    story.forward("2m").poll("lift-2/fault", 30).expect_told("li", "ntfy");
    story.going("li");
}

#[test]
fn a_roster_that_names_nobody_now_costs_no_time() {
    let mut story = with_duty();
    let mut later = roster("duty", &["wang"], "20:00");
    let text = serde_json::to_string(&later).unwrap().replace("2026-11-22", "2027-01-01");
    later = serde_json::from_str(&text).unwrap();
    story.admin(Command::PutRoster(later));
    story.poll("lift-2/fault", 30).expect_told("zhao", "push");
}

#[test]
fn who_answered_before_the_hand_over_keeps_going() {
    let mut story = with_duty();
    story.poll("lift-2/fault", 30).expect_told("wang", "push").going("wang");
    story.forward("10m").expect_nothing_more();
}

#[test]
fn a_new_telephone_counts_from_the_next_message_on() {
    let mut story = with_duty();
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    story.admin(Command::PutPerson(person("wang", &["mail"])));
    story.going("zhao").expect("wang", "mail", "zhao goes");
}

#[test]
fn a_policy_for_the_danger_outweighs_one_for_the_place_and_a_near_one_a_wide_one() {
    let mut story = Story::at("20:00");
    let mut put =
        |id: &str, who: &str, dangers: &[gengfu_core::danger::Danger], places: &[&str]| {
            let mut policy = policy(&[who]);
            policy.id = id.into();
            policy.dangers = dangers.to_vec();
            policy.places = places.iter().map(|p| (*p).into()).collect();
            story.admin(Command::PutPolicy(policy));
        };
    put("building", "li", &[], &["b3"]);
    put("car", "zhao", &[], &["car-2"]);
    put("fire", "wang", &[gengfu_core::danger::Danger::Fire], &[]);
    story.poll("lift-2/fault", 30).expect_told("zhao", "push");
    story.press("lift-1/call").expect_told("li", "ntfy").expect_told("li", "mail");
    story.press("stairs/smoke-1").expect_told("wang", "push").expect_told("wang", "mail");
    story.poll("gate/open", true).expect_told("wang", "push");
}
