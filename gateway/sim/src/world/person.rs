//! People: what somebody does whose telephone rings.

use gengfu_core::{
    id::{IncidentId, PersonId},
    incident::{By, Cause},
    input::{Command, Input},
    notification::outbox::Message,
    time::Span,
};

use super::rng::{Rng, number};

/// What somebody does, and after how long.
pub type Act = (Span, Input);

fn act(person: &PersonId, through: &str, command: Command) -> Input {
    Input::Command { by: By::person(person.clone(), through), command }
}

/// What a person does about a message that has reached them, and when.
pub fn reacts(seed: u64, message: &Message, others: &[PersonId]) -> Vec<Act> {
    let Some(incident) = message.incident.filter(|_| message.content.purpose.asks()) else {
        return vec![];
    };
    let person = &message.person;
    // Somebody is as they are; what they do this time also depends on the message.
    let who = number(person.as_str());
    let nature = Rng::about(seed, &[30, who]).below(6);
    let mut rng = Rng::about(seed, &[31, who, incident.0, message.id.0]);
    let (soon, late) = (secs(&mut rng, 2, 40), secs(&mut rng, 60, 400));
    let goes = Command::Acknowledge(incident);
    let to = rng.pick(others).clone();
    match (nature, rng.below(10)) {
        // Never.
        (0, 0..9) => vec![],
        // Late.
        (1, 0..6) => going(&mut rng, person, incident, late),
        // Says no, to whoever is next or to somebody named.
        (2, 0..6) => {
            let to = rng.percent(50).then_some(to);
            vec![(soon, act(person, "link", Command::HandOver { incident, to }))]
        }
        // By the wrong channel: an old link, or in a name that nobody knows.
        (3, 0..5) => {
            let other = IncidentId(incident.0.saturating_sub(rng.between(1, 2)));
            let stranger = PersonId::from("stranger");
            vec![
                (soon, act(person, "mail", Command::Acknowledge(other))),
                (soon + Span::secs(3), act(&stranger, "link", goes)),
            ]
        }
        // Twice, and then not after all.
        (4, 0..5) => vec![
            (soon, act(person, "link", goes.clone())),
            (soon + Span::secs(1), act(person, "ntfy", goes)),
            (
                late,
                act(
                    person,
                    "page",
                    Command::HandOver { incident, to: rng.percent(30).then_some(to) },
                ),
            ),
        ],
        // Goes, and is never heard of again.
        (_, 0 | 1) => vec![(soon, act(person, "link", goes))],
        (_, 2 | 3) => vec![],
        _ => going(&mut rng, person, incident, soon),
    }
}

/// Goes, arrives, and mostly ends it.
fn going(rng: &mut Rng, person: &PersonId, incident: IncidentId, after: Span) -> Vec<Act> {
    let mut acts = vec![(after, act(person, "link", Command::Acknowledge(incident)))];
    let there = after + secs(rng, 20, 700);
    if rng.percent(80) {
        acts.push((there, act(person, "link", Command::Arrive(incident))));
        if rng.percent(80) {
            let cause = *rng.pick(&[Cause::Rescued, Cause::Fixed, Cause::FalseAlarm]);
            let end = Command::End { incident, cause, note: "done".into() };
            acts.push((there + secs(rng, 10, 600), act(person, "page", end)));
        }
    }
    acts
}

fn secs(rng: &mut Rng, from: u64, to: u64) -> Span {
    Span::millis(rng.between(from * 1000, to * 1000))
}
