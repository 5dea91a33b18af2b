//! Promises about what is kept.

use gengfu_core::{
    alarm::Source,
    event::What,
    incident::TIMELINE_LIMIT,
    input::Input,
    point::{Kind, Reading, Value},
    state::{ENDED_LIMIT, State},
    time::Span,
};

use super::{Promise, Verdict, books::Books};
use crate::world::seen::{Decided, Moment, Seen};

/// An event that got its receipt is never lost.
pub const RECEIPT: Promise = Promise {
    name: "receipt",
    sentence: "every event that got a receipt becomes or joins an incident, and survives any crash",
    check: receipt,
};

fn receipt(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Receipt(device, origin) => {
            if books.memory || !books.taken.contains(&(device.clone(), origin)) {
                return Err(format!(
                    "{device} got a receipt for {origin:?}, which is not on the disk"
                ));
            }
            Ok(())
        }
        Seen::Started { state, .. } => {
            for (device, origins) in &books.receipts {
                let seen = state.seen.get(device);
                let lost = origins.iter().find(|o| !seen.is_some_and(|seen| seen.contains(**o)));
                if let Some(origin) = lost {
                    return Err(format!("{device} got a receipt for {origin:?}, which is gone"));
                }
            }
            Ok(())
        }
        Seen::Decided(Decided { input: Input::Reading(reading), state, .. })
            if reading.kind == Kind::Edge && books.is_fresh(reading) =>
        {
            becomes_an_incident(books, reading, state)
        }
        _ => Ok(()),
    }
}

fn becomes_an_incident(books: &Books, reading: &Reading, state: &State) -> Verdict {
    if reading.sample != Ok(Value::Bool(true)) {
        return Ok(());
    }
    let stood =
        books.contacts.get(&reading.point).is_some_and(|(s, _)| *s == Ok(Value::Bool(true)));
    for (device, rule) in books.rules_of(&reading.point) {
        let id = Source::Rule(rule.id.clone()).alarm();
        let alarm = state.alarms.get(&id);
        let open = alarm.and_then(|a| a.incident).is_some_and(|i| state.open.contains(&i));
        let aside = books.out.contains(&device.id)
            || alarm.is_some_and(|a| a.shelved.is_some() || a.chattering_since.is_some());
        let ever = || state.incidents.values().any(|i| i.alarms.contains(&id));
        let kept = if rule.danger.is_vital() {
            open || books.out.contains(&device.id) || books.overtaken(reading) && ever()
        } else {
            // One that waits, or that stood already, is no new alarm.
            let waits = rule.on_delay > Span::ZERO || rule.off_delay > Span::ZERO;
            open || aside || waits || stood || books.overtaken(reading)
        };
        if !kept {
            return Err(format!("{} tells of {id}, and nobody is asked", reading.point));
        }
    }
    Ok(())
}

/// A second copy of an event is not a second event.
pub const TWICE: Promise = Promise {
    name: "copy",
    sentence: "a second copy of an event that has its receipt wakes nobody",
    check: twice,
};

fn twice(books: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    let Seen::Event(Decided { input: Input::Reading(reading), .. }, event) = seen else {
        return Ok(());
    };
    let has_receipt = |reading: &Reading| {
        let receipts = books.receipts.get(&reading.device());
        reading.origin.is_some_and(|o| receipts.is_some_and(|r| r.contains(&o)))
    };
    match &event.what {
        What::PointChanged(kept) if has_receipt(reading) && kept.origin == reading.origin => {
            Err(format!("{} {:?} is taken for a second event", reading.point, reading.origin))
        }
        _ => Ok(()),
    }
}

/// The journal is the truth.
pub const REPLAY: Promise = Promise {
    name: "replay",
    sentence: "the journal, replayed from its beginning to any point, gives the state that was live there",
    check: replay,
};

fn replay(_: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Started { damage: Some(what), .. } => Err(format!("the journal is damaged: {what}")),
        Seen::Started { replayed, lived: Some(lived), .. } if replayed != lived => {
            Err(format!("after a crash, {}", difference(replayed, lived)))
        }
        Seen::Prefix { events, replayed, lived } if replayed != lived => {
            Err(format!("after {events} events, {}", difference(replayed, lived)))
        }
        _ => Ok(()),
    }
}

/// A snapshot saves time and nothing else.
pub const SNAPSHOT: Promise = Promise {
    name: "snapshot",
    sentence: "a snapshot and the events after it give the same state as all events",
    check: snapshot,
};

fn snapshot(_: &Books, _: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::SnapshotRefused(what) => Err(what.to_owned()),
        Seen::Started { state, replayed, .. } if state != replayed => {
            Err(difference(state, replayed))
        }
        _ => Ok(()),
    }
}

/// The first line at which two states differ.
fn difference(one: &State, other: &State) -> String {
    let text = |state: &State| serde_json::to_string_pretty(state).unwrap_or_default();
    let (one, other) = (text(one), text(other));
    let line = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    format!("the state differs: {line:?}")
}

/// Nothing grows without end.
pub const BOUNDED: Promise = Promise {
    name: "bounded",
    sentence: "memory and journal stay bounded, and the watch never spins",
    check: bounded,
};

/// So many turns may follow each other without rest at one moment.
const RESTLESS: u32 = 4;

fn bounded(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        Seen::Rests(until) if until.is_some_and(|until| until <= at.clock) => {
            if books.restless.0 == at.clock && books.restless.1 >= RESTLESS {
                return Err(format!("it does not rest: its deadline {until:?} has come for ever"));
            }
            Ok(())
        }
        Seen::Event(Decided { input, .. }, event) => {
            // A sign of life, and a state that is known, are not worth a line.
            let known = |r: &Reading| {
                r.kind == Kind::State
                    && books.contacts.get(&r.point).is_some_and(|(s, _)| *s == r.sample)
            };
            let nothing_new = match input {
                Input::Heard(_) => true,
                Input::Reading(reading) => known(reading),
                _ => false,
            };
            match &event.what {
                What::PointChanged(reading) if nothing_new => {
                    Err(format!("{} is journalled though nothing changed", reading.point))
                }
                _ => Ok(()),
            }
        }
        Seen::Over { state, .. } => memory(state),
        _ => Ok(()),
    }
}

fn memory(state: &State) -> Verdict {
    let full = |what: &str| Err(format!("{what} grow without end"));
    if state.incidents.len() > state.open.len() + ENDED_LIMIT {
        return full("incidents");
    }
    for incident in state.incidents.values() {
        let done = incident.messages.iter().filter(|id| !state.due.contains(*id)).count();
        if incident.timeline.len() > TIMELINE_LIMIT || done > 200.max(4 * state.people.len()) {
            return full("an incident's timeline or messages");
        }
    }
    let loose = state.messages.values().filter(|m| m.incident.is_none()).count();
    if loose > 200 || state.raisings.len() > 11 || state.settled.len() > 1000 {
        return full("tests, raisings or settled alarms");
    }
    if state.turns.values().any(|turns| turns.len() > 10) {
        return full("turns");
    }
    let normal = |a: &gengfu_core::alarm::Alarm| {
        !a.stands() && a.acknowledged && a.shelved.is_none() && a.incident.is_none()
    };
    if state.alarms.values().any(|a| normal(a)) {
        return full("alarms that are wholly normal again");
    }
    Ok(())
}
