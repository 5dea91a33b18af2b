//! Promises about fire and trapped.

use std::collections::BTreeSet;

use gengfu_core::{
    event::What,
    id::{AlarmId, ChannelId, IncidentId, PersonId},
    notification::outbox::Purpose,
};

use super::{Promise, Verdict, books::Books};
use crate::world::seen::{Decided, Moment, Seen};

/// One dead channel does not matter.
pub const TWO_WAYS: Promise = Promise {
    name: "two ways",
    sentence: "fire and trapped: everybody who is asked is asked through two channels at once",
    check: two_ways,
};

fn two_ways(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Decided(decided) = seen else { return Ok(()) };
    for event in &decided.events {
        let What::StepStarted { incident, people, .. } = &event.what else { continue };
        let vital = books.cases.get(incident).is_some_and(|case| case.danger.is_vital());
        let loud =
            |what: &What| matches!(what, What::Prompted { incident: i, .. } if i == incident);
        // The loud prompt uses all ways: see the promise "loud".
        if !vital || decided.events.iter().any(|e| loud(&e.what)) {
            continue;
        }
        for person in people {
            let wanted: BTreeSet<ChannelId> = books.ways(person).into_iter().take(2).collect();
            let used = ways_used(decided, *incident, person);
            if !wanted.is_subset(&used) {
                return Err(format!("{person} is asked through {used:?}, not {wanted:?}"));
            }
        }
    }
    Ok(())
}

fn ways_used(decided: &Decided, incident: IncidentId, person: &PersonId) -> BTreeSet<ChannelId> {
    let asked = |what: &What| match what {
        What::MessageDue(m)
            if m.incident == Some(incident)
                && m.person == *person
                && matches!(m.content.purpose, Purpose::Alert { .. }) =>
        {
            Some(m.method.channel.clone())
        }
        _ => None,
    };
    decided.events.iter().filter_map(|e| asked(&e.what)).collect()
}

/// Nothing may hold them back.
pub const NEVER_ASIDE: Promise = Promise {
    name: "never aside",
    sentence: "fire and trapped are never shelved, throttled or grouped away",
    check: never_aside,
};

fn never_aside(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Event(_, event) = seen else { return Ok(()) };
    let vital = |alarm: &AlarmId| books.rule(alarm).is_some_and(|rule| rule.danger.is_vital());
    match &event.what {
        What::AlarmShelved { alarm, .. } if vital(alarm) => Err(format!("{alarm} is shelved")),
        What::AlarmChatters { alarm } if vital(alarm) => {
            Err(format!("{alarm} is set aside because it chatters"))
        }
        What::MessageDue(m) if m.content.danger.is_vital() && m.not_before > m.made_at => {
            Err(format!("message {} of {:?} is held back", m.id, m.content.danger))
        }
        What::IncidentJoined { incident, alarm } => {
            let danger = books.rule(alarm).map(|rule| rule.danger);
            match (danger.filter(|d| d.is_vital()), books.cases.get(incident)) {
                (Some(danger), Some(case)) if case.flood || case.danger != danger => {
                    Err(format!("{alarm} is lost among others in incident {incident}"))
                }
                _ => Ok(()),
            }
        }
        What::RulePending { rule, to: true, .. } => {
            let alarm = AlarmId::from(format!("rule:{rule}").as_str());
            if vital(&alarm) { Err(format!("{rule} waits before it is believed")) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}
