//! The promise about boards that go quiet.

use gengfu_core::{alarm::Source, event::What, id::DeviceId, point::NoData, time::Span};

use super::{Promise, Verdict, books::Books};
use crate::world::seen::{Moment, Seen};

/// Silence is never "normal".
pub const SILENCE: Promise = Promise {
    name: "silence",
    sentence: "a quiet board is reported within its 90 s, and none that was heard",
    check: silence,
};

fn silence(books: &Books, at: Moment, seen: Seen<'_>) -> Verdict {
    match seen {
        // Once a second is enough to find one that is late by three.
        Seen::Time if at.felt > books.listened + Span::secs(1) => unnoticed(books, at),
        Seen::Event(decided, event) => match &event.what {
            What::DeviceLost { device, reason: NoData::Silent } => {
                let limit = books.wiring.devices.get(device).and_then(|d| d.supervision);
                let quiet =
                    decided.at.felt.as_millis().saturating_sub(heard(books, device).as_millis());
                match limit {
                    Some(limit) if quiet < limit.as_millis() => {
                        Err(format!("{device} is missed after {}", Span::millis(quiet)))
                    }
                    _ => Ok(()),
                }
            }
            _ => Ok(()),
        },
        Seen::Decided(decided) => decided.events.iter().try_for_each(|event| {
            let What::DeviceLost { device, .. } = &event.what else { return Ok(()) };
            let alarm = decided.state.alarms.get(&Source::Quiet(device.clone()).alarm());
            let told = alarm.is_some_and(|a| {
                a.incident.is_some() || a.shelved.is_some() || a.chattering_since.is_some()
            });
            if told || books.out.contains(device) || !decided.state.lost.contains_key(device) {
                return Ok(());
            }
            Err(format!("{device} is lost, and nobody is asked"))
        }),
        _ => Ok(()),
    }
}

/// When it was heard last, or could have been.
fn heard(books: &Books, device: &DeviceId) -> Span {
    books.heard.get(device).copied().unwrap_or(Span::ZERO).max(books.up_since)
}

fn unnoticed(books: &Books, at: Moment) -> Verdict {
    for (id, device) in &books.wiring.devices {
        let Some(limit) = device.supervision.filter(|_| !books.lost.contains(id)) else { continue };
        let wired = books.wired.get(id).copied().unwrap_or(Span::ZERO);
        let since = heard(books, id).max(wired).max(books.jumped);
        if at.felt > books.latest(since + limit) {
            return Err(format!("{id} has been quiet since {since} and nobody noticed"));
        }
    }
    Ok(())
}
