//! Live streams: server-sent events that always end up at the truth. A stream carries whole pictures, or
//! the difference from what this very stream has carried before, so a receiver that was too slow has
//! lost nothing but the past.

use std::{collections::HashMap, convert::Infallible, sync::Arc, time::Duration};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, stream};
use gengfu_core::{id::IncidentId, state::State, time::Timestamp};
use parking_lot::Mutex;
use serde::Serialize;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::{
    app::App,
    error::ApiError,
    views::{IncidentView, LiveView, WalkTestView},
};

/// Open streams, all together. One costs some kilobytes and a socket.
const TOTAL: usize = 512;
/// Open streams of one person: a few tabs on a few devices.
const EACH: usize = 16;
/// A comment is sent after this much quiet, so that whatever is in between keeps the line open.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A browser that lost the stream comes back after this long.
const RECONNECT: Duration = Duration::from_secs(2);

/// Counts open streams, by who holds them.
#[derive(Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<String, usize>>>);

/// One counted stream.
pub(crate) struct Slot {
    streams: Streams,
    holder: String,
}

impl Streams {
    /// Counts one more stream of `holder`, or says that there are too many.
    pub fn open(&self, holder: &str) -> Result<Slot, ApiError> {
        let mut open = self.0.lock();
        if open.values().sum::<usize>() >= TOTAL {
            return Err(ApiError::unavailable(
                "too many live pages are open: close some, or reload in a while",
            ));
        }
        let own = open.entry(holder.to_owned()).or_default();
        if *own >= EACH {
            return Err(ApiError::too_many(
                "you have too many live pages open: close some of them",
                gengfu_core::time::Span::secs(5),
            ));
        }
        *own += 1;
        Ok(Slot { streams: self.clone(), holder: holder.to_owned() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock();
        if let Some(own) = open.get_mut(&self.holder) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.holder);
            }
        }
    }
}

/// What a stream sends, and until when it may.
struct Watch<T, F> {
    app: Arc<App>,
    changes: watch::Receiver<u64>,
    stopping: watch::Receiver<bool>,
    look: F,
    last: Option<T>,
    /// It is looked with the others at telemetry, whether anything changed or not.
    of_telemetry: bool,
    _slot: Slot,
}

/// What [`follow`]'s look-up found.
pub(crate) enum Look<T> {
    /// How it stands; sent where it differs from what was sent last.
    Stands(T),
    /// The same, and something has changed since.
    Stood(T),
    /// The receiver may not look any longer.
    End,
}

impl<T, F> Watch<T, F>
where
    F: Fn(&App, &State, u64) -> Look<T>,
{
    async fn next<S: Serialize>(&mut self, told: fn(&T, Option<&T>) -> Option<S>) -> Option<Event> {
        loop {
            if self.last.is_some() {
                tokio::select! {
                    changed = self.changes.changed() => changed.ok()?,
                    _ = self.stopping.wait_for(|stop| *stop) => return None,
                    () = tokio::time::sleep_until(self.app.building.next_telemetry()), if self.of_telemetry => {}
                }
                tokio::time::sleep_until(self.app.building.next_look()).await;
            }
            let version = *self.changes.borrow_and_update();
            if *self.stopping.borrow() {
                return None;
            }
            let now = match (self.look)(&self.app, &self.app.state(), version) {
                Look::Stands(now) => now,
                Look::Stood(now) => {
                    // What has changed since is looked at with the next beat.
                    self.changes.mark_changed();
                    now
                }
                Look::End => return None,
            };
            let Some(told) = told(&now, self.last.as_ref()) else { continue };
            let event = Event::default().retry(RECONNECT).json_data(&told).ok()?;
            self.last = Some(now);
            return Some(event);
        }
    }
}

/// `told` says what of a look is sent after the one before it; nothing where nobody would see a difference.
fn follow<T, S, F>(
    app: Arc<App>,
    slot: Slot,
    (name, of_telemetry): (&'static str, bool),
    told: fn(&T, Option<&T>) -> Option<S>,
    look: F,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>>
where
    T: Send + 'static,
    S: Serialize + 'static,
    F: Fn(&App, &State, u64) -> Look<T> + Send + 'static,
{
    let watch = Watch {
        changes: app.gateway.changes(),
        stopping: app.stopping.clone(),
        app,
        look,
        last: None,
        of_telemetry,
        _slot: slot,
    };
    let events = stream::unfold(watch, move |mut watch| async move {
        let event = watch.next(told).await?;
        Some((Ok(event.event(name)), watch))
    });
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// The incident now and after each change, as event `incident`, for as long as `may` says.
pub(crate) fn incident(
    app: Arc<App>,
    slot: Slot,
    id: IncidentId,
    may: impl Fn(&State, Timestamp) -> bool + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = |now: &IncidentView, before: Option<&IncidentView>| {
        let same = before.is_some_and(|before| before.same_but_for_the_clock(now));
        (!same).then(|| now.clone())
    };
    follow(app, slot, ("incident", false), told, move |app, state, _| {
        if !may(state, app.now()) {
            return Look::End;
        }
        app.incident_in(state, id).map_or(Look::End, Look::Stands)
    })
}

/// A device's walk test now and after each change, as event `walk-test`, for as long as `may` says.
pub(crate) fn walk_test(
    app: Arc<App>,
    slot: Slot,
    view: impl Fn(&App) -> Option<WalkTestView> + Send + 'static,
    may: impl Fn(&State, Timestamp) -> bool + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = |now: &WalkTestView, before: Option<&WalkTestView>| {
        let same = before.is_some_and(|before| before.same_but_for_the_clock(now));
        (!same).then(|| now.clone())
    };
    follow(app, slot, ("walk-test", true), told, move |app, state, _| {
        if !may(state, app.now()) {
            return Look::End;
        }
        view(app).map_or(Look::End, Look::Stands)
    })
}

/// That something changed; the page then asks for what it shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// A count that rises with every change.
    pub version: u64,
}

/// The count of changes now and after each change, as event `change`, for as long as `may` says.
pub(crate) fn changes(
    app: Arc<App>,
    slot: Slot,
    may: impl Fn(&State, Timestamp) -> bool + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = |now: &Change, before: Option<&Change>| (Some(now) != before).then(|| now.clone());
    follow(app, slot, ("change", false), told, move |app, state, version| {
        if may(state, app.now()) { Look::Stands(Change { version }) } else { Look::End }
    })
}

/// The whole building now, and then what changes of it, as event `live`, for as long as `may` says.
pub(crate) fn building(
    app: Arc<App>,
    slot: Slot,
    may: impl Fn(&State, Timestamp) -> bool + Send + 'static,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let told = |now: &Arc<LiveView>, before: Option<&Arc<LiveView>>| match before {
        Some(before) if Arc::ptr_eq(now, before) => None,
        Some(before) => now.since(before),
        None => Some(LiveView::clone(now)),
    };
    follow(app, slot, ("live", true), told, move |app, state, version| {
        let now = app.now();
        if !may(state, now) {
            return Look::End;
        }
        let make = || LiveView::whole(&app.shown(), now);
        match app.building.picture(version, make) {
            (picture, shown) if shown < version => Look::Stood(picture),
            (picture, _) => Look::Stands(picture),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_bounded_and_a_closed_one_makes_room() {
        let streams = Streams::default();
        let mut own: Vec<Slot> = (0..EACH).map(|_| streams.open("wang").ok().unwrap()).collect();
        assert!(streams.open("wang").is_err());
        assert!(streams.open("li").is_ok(), "others are not held up");
        own.pop();
        assert!(streams.open("wang").is_ok());
        let _all: Vec<Slot> =
            (0..TOTAL - own.len()).map(|n| streams.open(&format!("p{n}")).ok().unwrap()).collect();
        assert!(streams.open("another").is_err());
    }
}
