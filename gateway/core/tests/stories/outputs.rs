//! What is switched in the building: by whom, why, for how long, and that it is off again.

use gengfu_core::{
    escalation::policy::{Policy, Step},
    id::PointId,
    incident::{Cause, Happened},
    input::{Command, Input},
    output::{Order, OrderEnd, Orders},
    point::NoData,
    refusal::Refusal,
    state::State,
    text::Text,
    time::Span,
};

use crate::story::{Story, policy};

const GATE: &str = "stairs/gate";
const SIREN: &str = "stairs/siren";

fn switch(output: &str, on: Option<u64>, reason: &str) -> Command {
    let (output, reason, on) = (output.into(), reason.into(), on.map(Span::secs));
    Command::Switch { output, on, reason, incident: None }
}

fn newest<'a>(story: &'a Story, output: &str) -> &'a Order {
    story.state.outputs[&PointId::from(output)].0.first().unwrap()
}

/// What the field side says of the newest order.
fn ends(story: &mut Story, output: &str, end: OrderEnd) {
    let order = newest(story, output).id;
    let why = if end == OrderEnd::Done { Text::default() } else { Text::from("no answer") };
    story.tell(Input::Switched { output: output.into(), order, end, why });
}

#[test]
fn a_gate_is_opened_by_a_person_for_a_reason_and_closes_by_itself() {
    let mut story = Story::at("20:00");
    story.does("wang", switch(GATE, Some(60), "the fire engine is here"));
    let order = newest(&story, GATE).clone();
    assert!(order.on && order.is_pending());
    assert_eq!(
        (order.by.person, order.until),
        (Some("wang".into()), Some(story.now + Span::secs(60)))
    );
    ends(&mut story, GATE, OrderEnd::Done);
    story.restart().forward("59s");
    assert!(story.state.outputs[&PointId::from(GATE)].is_on(story.now));
    story.forward("1s");
    let order = newest(&story, GATE).clone();
    assert!(!order.on && order.is_pending() && order.by.person.is_none(), "{order:?}");
    ends(&mut story, GATE, OrderEnd::Done);
    assert!(!newest(&story, GATE).is_pending());
    story.forward("10m").expect_nothing_more();
    // By hand, before its time is over.
    story.does("li", switch(GATE, Some(600), "removal van"));
    ends(&mut story, GATE, OrderEnd::Done);
    story.does("li", switch(GATE, None, ""));
    assert!(!newest(&story, GATE).on);
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let mut story = Story::at("20:00");
    let refused = |story: &mut Story, command| story.refused("wang", command).to_string();
    assert!(refused(&mut story, switch(GATE, Some(60), " ")).contains("say why"));
    assert!(refused(&mut story, switch(GATE, Some(3600), "long")).contains("10m"));
    assert!(refused(&mut story, switch(GATE, Some(0), "short")).contains("1s"));
    assert!(refused(&mut story, switch(GATE, Some(60), &"x".repeat(501))).contains("500"));
    for nothing in ["stairs/smoke-1", "lift-2/temp", "nowhere/gate"] {
        let why = story.refused("wang", switch(nothing, Some(60), "please"));
        assert!(matches!(why, Refusal::Unknown { what: "output", .. }), "{why}");
    }
    let why = story.refused("nobody", switch(GATE, Some(60), "please"));
    assert!(matches!(why, Refusal::Unknown { what: "person", .. }), "{why}");
    // Somebody works at it.
    let out = Command::OutOfService {
        device: "stairs".into(),
        until: story.now + Span::hours(1),
        reason: "electrician".into(),
    };
    story.does("zhao", out);
    assert!(refused(&mut story, switch(GATE, Some(60), "please")).contains("electrician"));
    story.does("zhao", Command::BackInService("stairs".into()));
    // It is not there: an order that waits would open the gate long after.
    story.silence("stairs").tell(Input::Gone { device: "stairs".into(), reason: NoData::Offline });
    story.forward("21s").whatever();
    assert!(refused(&mut story, switch(GATE, Some(60), "please")).contains("not heard"));
    story.does("wang", switch(GATE, None, ""));
}

#[test]
fn an_order_that_fails_switches_nothing_and_one_whose_end_is_unknown_is_made_safe() {
    let mut story = Story::at("20:00");
    story.does("wang", switch(GATE, Some(60), "please"));
    ends(&mut story, GATE, OrderEnd::Failed);
    assert!(newest(&story, GATE).on && !newest(&story, GATE).is_pending());
    story.forward("2m").expect_nothing_more();
    assert!(newest(&story, GATE).on, "nothing had to be switched off");
    story.does("wang", switch(GATE, Some(60), "please"));
    ends(&mut story, GATE, OrderEnd::Unclear);
    assert!(!newest(&story, GATE).on && newest(&story, GATE).is_pending());
    ends(&mut story, GATE, OrderEnd::Done);
    // Nobody carried it out at all.
    story.does("wang", switch(GATE, Some(60), "please")).forward("15s");
    let Orders(all) = &*story.state.outputs[&PointId::from(GATE)];
    assert_eq!(all[1].outcome.as_ref().map(|o| o.end), Some(OrderEnd::Unclear));
    assert!(!all[0].on);
}

#[test]
fn an_order_that_never_arrived_changes_nothing_of_the_one_before() {
    let mut story = Story::at("20:00");
    story.does("wang", switch(GATE, Some(60), "a van"));
    ends(&mut story, GATE, OrderEnd::Done);
    story.forward("50s").does("wang", switch(GATE, Some(600), "it takes longer"));
    ends(&mut story, GATE, OrderEnd::Failed);
    assert!(story.state.outputs[&PointId::from(GATE)].is_on(story.now));
    story.forward("10s");
    assert!(!newest(&story, GATE).on, "it closes when it was to");
    // While that is tried, somebody wants it open once more, in vain: it is tried on.
    ends(&mut story, GATE, OrderEnd::Failed);
    story.does("wang", switch(GATE, Some(60), "another van"));
    ends(&mut story, GATE, OrderEnd::Failed);
    let standing = story.state.outputs[&PointId::from(GATE)].standing().unwrap().clone();
    assert!(!standing.on && standing.is_pending());
    story.forward("60s").expect_told("wang", "push");
    // However often: what stands is never forgotten.
    for _ in 0..30 {
        story.does("wang", switch(GATE, Some(60), "please"));
        ends(&mut story, GATE, OrderEnd::Failed);
    }
    let standing = story.state.outputs[&PointId::from(GATE)].standing().unwrap().id;
    story.tell(Input::Switched {
        output: GATE.into(),
        order: standing,
        end: OrderEnd::Done,
        why: Text::default(),
    });
    story.whatever();
    story.expect_open(0);
}

#[test]
fn a_siren_of_two_incidents_is_silent_once_both_are_answered() {
    let mut story = Story::at("20:00");
    let house = policy(&["wang", "li"]);
    let mut steps: Vec<Step> = house.steps.clone();
    steps[0].switch_on = vec![SIREN.into()];
    story.admin(Command::PutPolicy(Policy { steps, ..house }));
    story.press("stairs/smoke-1").press("lift-1/call");
    story.whatever();
    story.forward("10s");
    story.whatever();
    ends(&mut story, SIREN, OrderEnd::Done);
    let ids: Vec<_> = story.state.open.iter().copied().collect();
    assert_eq!(ids.len(), 2);
    for (n, id) in ids.into_iter().enumerate() {
        story.does("li", Command::Acknowledge(id));
        story.whatever();
        assert_eq!(newest(&story, SIREN).on, n == 0, "after {n}");
    }
}

#[test]
fn a_gate_that_cannot_be_closed_is_somebodys_alarm() {
    let mut story = Story::at("20:00");
    story.does("wang", switch(GATE, Some(30), "please"));
    ends(&mut story, GATE, OrderEnd::Done);
    story.forward("30s");
    ends(&mut story, GATE, OrderEnd::Failed);
    story.forward("59s").expect_nothing_more();
    story.forward("1s").expect_told("wang", "push");
    assert!(story.incident().what.en.contains("Fire gate can't be switched off"));
    // Somebody pushed it; the next try succeeds.
    ends(&mut story, GATE, OrderEnd::Done);
    story.whatever();
    assert!(!newest(&story, GATE).is_pending());
    story.expect_open(0);
}

#[test]
fn a_policy_sounds_the_siren_where_nobody_answers_and_an_answer_silences_it() {
    let mut story = Story::at("20:00");
    let house = policy(&["wang", "li"]);
    let mut steps: Vec<Step> = house.steps.clone();
    steps[1].switch_on = vec![SIREN.into()];
    story.admin(Command::PutPolicy(Policy { steps, ..house }));
    story.press("stairs/smoke-1");
    story.whatever();
    assert!(story.state.outputs.is_empty(), "not at the first step");
    story.forward("45s");
    story.whatever();
    let id = story.id();
    let order = newest(&story, SIREN);
    assert!(order.on && order.incident == Some(id) && order.by.person.is_none());
    ends(&mut story, SIREN, OrderEnd::Done);
    story.going("li");
    story.whatever();
    assert!(!newest(&story, SIREN).on);
    ends(&mut story, SIREN, OrderEnd::Done);
    let switched = |m: &&gengfu_core::incident::Moment| matches!(&m.happened, Happened::Switched { output, .. } if output.as_str() == SIREN);
    assert_eq!(story.incident().timeline.iter().filter(switched).count(), 2);
    story.release("stairs/smoke-1").ends("li", Cause::FalseAlarm);
    story.whatever();
    // A policy can't name what no profile names.
    let house = policy(&["wang"]);
    let mut steps: Vec<Step> = house.steps.clone();
    steps[0].switch_on = vec!["stairs/smoke-1".into()];
    let why = story.refused("zhao", Command::PutPolicy(Policy { steps, ..house }));
    assert!(matches!(why, Refusal::Unknown { what: "output", .. }));
}

/// No output stays on past its time, and what is remembered is bounded.
pub fn laws(state: &State) {
    for (output, orders) in &state.outputs {
        assert!(orders.0.len() <= gengfu_core::output::ORDERS_KEPT);
        let Some(order) = orders.standing().filter(|_| state.output(output).is_some()) else {
            continue;
        };
        let may_be_on = order.on && order.outcome.as_ref().is_none_or(|o| o.end == OrderEnd::Done);
        let over = order.until.is_some_and(|until| until <= state.clock);
        assert!(!may_be_on || !over, "{output} is on past its time: {order:?}");
    }
}
