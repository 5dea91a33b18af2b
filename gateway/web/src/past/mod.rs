//! Looking back: the journal, read without holding up the engine. In reading order:
//! - [`seek`], [`slice`]: where a time begins, and the events from there on.
//! - [`turn`]: one at a time.
//! - [`audit`]: who did what.
//! - [`figures`]: a month of alarms, counted.
//! - [`record`]: all that is kept about one incident, from the signal to the last receipt.

pub(crate) mod audit;
pub(crate) mod figures;
pub(crate) mod record;
pub(crate) mod turn;

use gengfu_core::{event::Event, time::Timestamp};

use crate::gateway::Gateway;

/// Events that are read at once.
pub(crate) const SLICE: usize = 2_000;

/// The number of the first event that happened at `at` or later; behind the last one where there is none.
/// A clock that was put back makes it the first of several such places.
///
/// # Errors
/// Where the journal can't be read, in words for people.
pub(crate) async fn seek(gateway: &dyn Gateway, at: Timestamp) -> Result<u64, String> {
    let mut beyond = 1;
    while is_before(gateway, beyond, at).await? {
        beyond *= 2;
    }
    // The first is in (beyond / 2, beyond].
    let (mut low, mut high) = (beyond / 2, beyond);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if is_before(gateway, middle, at).await? {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

/// True where the event of this number, or the next one that there is, happened before `at`.
async fn is_before(gateway: &dyn Gateway, number: u64, at: Timestamp) -> Result<bool, String> {
    let found = gateway.events(number, 1).await?;
    Ok(found.first().is_some_and(|(_, event)| event.at < at))
}

/// The next events from `next` on, which moves behind them; empty at the end.
///
/// # Errors
/// As [`seek`].
pub(crate) async fn slice(
    gateway: &dyn Gateway,
    next: &mut u64,
) -> Result<Vec<(u64, Event)>, String> {
    let events = gateway.events(*next, SLICE).await?;
    if let Some((number, _)) = events.last() {
        *next = number + 1;
    }
    Ok(events)
}

/// The number behind the last event.
///
/// # Errors
/// As [`seek`].
pub(crate) async fn end(gateway: &dyn Gateway) -> Result<u64, String> {
    let mut beyond = 1;
    while !gateway.events(beyond, 1).await?.is_empty() {
        beyond *= 2;
    }
    let (mut low, mut high) = (beyond / 2, beyond);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if gateway.events(middle, 1).await?.is_empty() { high = middle } else { low = middle }
    }
    Ok(high)
}
