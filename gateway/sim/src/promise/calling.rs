//! Promises about who is asked, and when.

use std::collections::BTreeSet;

use gengfu_core::{
    event::What,
    id::PersonId,
    input::{Command, Input},
    notification::outbox::{Message, Purpose},
    time::{Span, Timestamp},
    turn::Answer,
};

use super::{
    Promise, Verdict,
    books::{Books, key},
    case::Case,
};
use crate::world::seen::{Moment, Seen};

/// Somebody hears of it at once.
pub const FIRST: Promise = Promise {
    name: "first",
    sentence: "fire and trapped: somebody is told within 3 s, of a call in an incident as well that somebody reached an hour ago",
    check: first,
};

fn first(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    let (Seen::Time | Seen::Over { .. }) = seen else { return Ok(()) };
    for call in &books.calls {
        if books.reachable && at.felt > books.latest(call.since.max(books.reachable_since)) {
            return Err(format!(
                "{} called {} ago, and nobody was told",
                call.alarm,
                ago(at, call.since)
            ));
        }
    }
    Ok(())
}

fn ago(at: Moment, since: Span) -> Span {
    Span::millis(at.felt.as_millis().saturating_sub(since.as_millis()))
}

/// What is due goes out.
pub const GIVEN: Promise = Promise {
    name: "given",
    sentence: "a message that is due is given to its channel at once, again after every crash until the channel has answered",
    check: given,
};

fn given(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    let (Seen::Time | Seen::Over { .. }) = seen else { return Ok(()) };
    for (id, due) in &books.due {
        if at.felt > books.latest(*due) {
            return Err(format!("message {id} was due {} ago", ago(at, *due)));
        }
    }
    Ok(())
}

/// The right people, one step after the other.
pub const STEPS: Promise = Promise {
    name: "steps",
    sentence: "steps come in the policy's order, an empty one costs no time, and each asks whoever is on duty then",
    check: steps,
};

fn steps(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Event(_, event) = seen else { return Ok(()) };
    match &event.what {
        What::IncidentOpened { danger, policy, .. } => {
            let ours = books.policy(*danger);
            if *policy != ours {
                return Err(format!("{danger:?} follows policy {}, not {}", policy.id, ours.id));
            }
            Ok(())
        }
        What::StepStarted { incident, step, round, people, .. } => {
            let Some(case) = books.cases.get(incident) else { return Ok(()) };
            let people: BTreeSet<PersonId> = people.iter().cloned().collect();
            let ours = next_step(books, case, event.at);
            let same = match &ours {
                Some((s, r, asked)) => (s, r, asked) == (step, round, &people),
                None => people.is_empty(),
            };
            if same {
                return Ok(());
            }
            Err(format!(
                "incident {incident} asks {people:?} in step {step} of round {round}; it should be {ours:?} (at {})",
                at.clock
            ))
        }
        _ => Ok(()),
    }
}

/// The next step that reaches anybody: its number, its round, and whom it asks.
fn next_step(
    books: &Books,
    case: &Case,
    at: Timestamp,
) -> Option<(usize, u32, BTreeSet<PersonId>)> {
    let count = case.policy.steps.len();
    let (from, round) = case.step.as_ref().map_or((0, 0), |s| (s.step + 1, s.round));
    (from..from + count).find_map(|n| {
        let asked = books.asked(&case.policy.steps[n % count].targets, at);
        let round = round + u32::try_from(n / count).unwrap_or(0);
        (!asked.is_empty()).then_some((n % count, round, asked))
    })
}

/// People have their time.
pub const EARLY: Promise = Promise {
    name: "early",
    sentence: "no step and no loud prompt comes before its time, unless somebody said no or can't be reached",
    check: early,
};

fn early(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Event(decided, event) = seen else { return Ok(()) };
    let felt = decided.at.felt;
    let case = super::case::incident_of(&event.what).and_then(|id| books.cases.get(&id));
    let Some(case) = case else { return Ok(()) };
    match &event.what {
        What::StepStarted { incident, step, .. }
            if case.step.is_some() && !case.freed && felt < case.step_due =>
        {
            let due = case.step_due;
            return Err(format!("step {step} of incident {incident} began at {felt}, not {due}"));
        }
        What::Prompted { incident, count } => {
            // Once all were asked in vain, it is loud at once.
            let all_asked = case.prompts == 0 && case.step.as_ref().is_some_and(|s| s.round > 0);
            if felt < case.prompt_due && !all_asked {
                return Err(format!(
                    "prompt {count} of incident {incident} came at {felt}, not {}",
                    case.prompt_due
                ));
            }
        }
        What::Lapsed { incident, person }
            if case.lapse_due().is_none_or(|due| felt < due) && case.called_again != Some(felt) =>
        {
            return Err(format!("incident {incident} gives {person} up before their time"));
        }
        _ => {}
    }
    Ok(())
}

/// Nobody is waited for longer than was said.
pub const LATE: Promise = Promise {
    name: "late",
    sentence: "when nobody has answered in a step's time the next begins; who said \"I'm going\" and never came is asked again",
    check: late,
};

fn late(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    let (Seen::Time | Seen::Over { .. }) = seen else { return Ok(()) };
    for id in &books.open {
        let Some(case) = books.cases.get(id) else { continue };
        if let Some(due) = case.lapse_due().filter(|due| at.felt > books.latest(*due)) {
            return Err(format!(
                "in incident {id} somebody should have arrived {} ago",
                ago(at, due)
            ));
        }
        if case.going.is_empty() && at.felt > books.latest(case.step_due) {
            let due = case.step_due;
            return Err(format!("the next step of incident {id} was due {} ago", ago(at, due)));
        }
    }
    Ok(())
}

/// Whoever goes has taken it off the others.
pub const ANSWERED: Promise = Promise {
    name: "answered",
    sentence: "nobody else is asked after an acknowledgement that still holds",
    check: answered,
};

fn answered(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Event(_, event) => {
            let asks = match &event.what {
                What::StepStarted { incident, .. } | What::Prompted { incident, .. } => {
                    Some(*incident)
                }
                What::MessageDue(message) => return asked_in_vain(books, message, false),
                _ => None,
            };
            let case = asks.and_then(|id| books.cases.get(&id));
            match case.and_then(|case| case.going.first()) {
                Some(going) => Err(format!("{:?} though {} is going", event.what, going.person)),
                None => Ok(()),
            }
        }
        Seen::Given(message) => asked_in_vain(books, message, true),
        Seen::Answered(
            Input::Command { by, command: Command::Acknowledge(id) },
            Answer::Kept | Answer::InMemory,
            _,
        ) => {
            let heard = |case: &Case| by.person.as_ref().is_some_and(|p| case.answers.contains(p));
            if books.cases.get(id).is_none_or(heard) {
                return Ok(());
            }
            Err(format!(
                "{:?} said \"I'm going\" to incident {id}, and it made no difference",
                by.person
            ))
        }
        _ => Ok(()),
    }
}

/// Asks somebody else than who is going.
fn asked_in_vain(books: &Books, message: &Message, given: bool) -> Verdict {
    let Some(case) = message.incident.and_then(|id| books.cases.get(&id)) else { return Ok(()) };
    let asks = match message.content.purpose {
        Purpose::Alert { .. } | Purpose::NobodyAnswered { .. } => true,
        // Whom somebody names is asked whoever is going; but not after the next answer.
        Purpose::HandedOver { .. } => {
            let posted = books.messages.get(&message.id).map(|sent| sent.posted);
            given && posted.is_some_and(|posted| posted < case.answered)
        }
        _ => false,
    };
    match case.going.first() {
        Some(going) if asks && !case.goes(&message.person) && !case.ended => Err(format!(
            "{} is asked ({:?}) though {} is going",
            message.person, message.content.purpose, going.person
        )),
        _ => Ok(()),
    }
}

/// Nobody is woken twice.
pub const ONCE: Promise = Promise {
    name: "once",
    sentence: "at most one message for each incident, step, person and way, unless a retry is owed",
    check: once,
};

/// Without a word for this long, a retry is owed.
const UNANSWERED: Span = Span::secs(100);

fn once(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Event(_, event) => match &event.what {
            What::MessageDue(message) => {
                let told = message.incident.map(|incident| (incident, key(message)));
                match told.filter(|told| books.told.contains(told)) {
                    Some((incident, key)) => Err(format!("incident {incident} asks twice: {key}")),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        },
        Seen::Given(message) => {
            let Some(sent) = books.messages.get(&message.id) else {
                return Err(format!("message {} was never decided upon", message.id));
            };
            if sent.called_off {
                return Err(format!("message {} was called off, and is sent", message.id));
            }
            match sent.given {
                Some((last, life))
                    if !sent.failed && life == books.life && ago(at, last) < UNANSWERED =>
                {
                    Err(format!("message {} is given twice, {} apart", message.id, ago(at, last)))
                }
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}
