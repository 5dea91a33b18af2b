//! Promises about how incidents end, and what happens to those that nobody takes.

use std::collections::BTreeSet;

use gengfu_core::{
    event::What,
    id::{ChannelId, PersonId},
    input::{Command, Input},
    notification::outbox::Purpose,
};

use super::{Promise, Verdict, books::Books};
use crate::world::seen::{Decided, Moment, Seen};

/// Nobody is forgotten in a lift.
pub const TRAPPED: Promise = Promise {
    name: "end",
    sentence: "fire and trapped end only by a person's explicit end of alarm",
    check: trapped,
};

fn trapped(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Event(Decided { input, .. }, event) = seen else { return Ok(()) };
    let What::IncidentEnded { incident, by, cause, .. } = &event.what else { return Ok(()) };
    let vital = books.cases.get(incident).is_some_and(|case| case.danger.is_vital());
    let ended =
        |command: &Command| matches!(command, Command::End { incident: i, .. } if i == incident);
    let asked = matches!(input, Input::Command { by: who, command } if who.person.is_some() && ended(command));
    if vital && !(asked && by.person.is_some()) {
        return Err(format!("incident {incident} ended by itself ({cause:?})"));
    }
    Ok(())
}

/// Nobody answers: everybody hears of it.
pub const LOUD: Promise = Promise {
    name: "loud",
    sentence: "with nobody's answer in the policy's 3 minutes everybody gets the loud prompt through all they have, and it repeats",
    check: loud,
};

fn loud(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Time | Seen::Over { .. } => {
            for id in &books.open {
                let Some(case) = books.cases.get(id).filter(|c| c.going.is_empty()) else {
                    continue;
                };
                if at.felt > books.latest(case.prompt_due) {
                    return Err(format!("incident {id} should be loud since {}", case.prompt_due));
                }
            }
            Ok(())
        }
        Seen::Decided(decided) => decided.events.iter().try_for_each(|event| {
            let What::Prompted { incident, count } = &event.what else { return Ok(()) };
            let Some(case) = books.cases.get(incident) else { return Ok(()) };
            let ways = |person: PersonId| {
                let ways = books.ways(&person);
                ways.into_iter().map(move |way| (person.clone(), way))
            };
            let wanted: BTreeSet<(PersonId, ChannelId)> =
                books.everybody(&case.policy, event.at).into_iter().flat_map(ways).collect();
            let prompted = decided.events.iter().filter_map(|e| match &e.what {
                What::MessageDue(m) if m.incident == Some(*incident) => match m.content.purpose {
                    Purpose::NobodyAnswered { count: c } if c == *count => {
                        Some((m.person.clone(), m.method.channel.clone()))
                    }
                    _ => None,
                },
                _ => None,
            });
            let prompted: BTreeSet<_> = prompted.collect();
            if wanted.is_subset(&prompted) {
                return Ok(());
            }
            Err(format!(
                "prompt {count} of incident {incident} goes to {prompted:?}, not {wanted:?}"
            ))
        }),
        _ => Ok(()),
    }
}

/// In the end nothing hangs in the air.
pub const SETTLED: Promise = Promise {
    name: "settled",
    sentence: "once faults stop, every event has its receipt and every incident is acknowledged, ended, or loud",
    check: settled,
};

fn settled(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Over { state, waiting, .. } = seen else { return Ok(()) };
    if waiting > 0 {
        return Err(format!("boards still hold {waiting} events without a receipt"));
    }
    if state.open.iter().any(|id| !books.open.contains(id)) || state.open.len() != books.open.len()
    {
        return Err(format!("{:?} are open, but {:?} were opened", state.open, books.open));
    }
    for id in &books.open {
        let Some(case) = books.cases.get(id) else { continue };
        let old = at.felt > books.latest(case.prompt_due);
        if case.going.is_empty() && case.prompts == 0 && old {
            return Err(format!("incident {id} is neither acknowledged nor loud"));
        }
    }
    Ok(())
}
