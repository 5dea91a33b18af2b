//! Calendars of other programs, made rosters.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
};
use gengfu_core::{
    id::{PersonId, RosterId},
    input::Command,
    premise::Premise,
    roster::Roster,
    state::State as Site,
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    auth::session::Actor,
    calendar::import::{Imported, Names, Wish, import},
    error::ApiError,
    extract::{Id, Query},
};

/// Longest calendar, in bytes: years of somebody's shifts, with all that programs write around them.
const CALENDAR_LEN: usize = 2 * 1024 * 1024;
/// Without an end, a calendar is kept so far ahead.
const AHEAD: Span = Span::hours(120 * 24);
/// Mistakes that are told at once.
const TOLD: usize = 50;

/// How a calendar is to be read.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    /// The roster's time zone, an IANA name; the roster's own, or the site's, without it.
    zone: Option<String>,
    /// What people call the roster; what it is called, or the calendar is, without it.
    name: Option<String>,
    /// What begins later is left out, but for what comes every week for ever; 120 days ahead without it.
    until: Option<Timestamp>,
    /// Only look: change nothing.
    #[serde(default)]
    check: bool,
}

/// What a calendar has become.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportView {
    /// The roster as it is now, or would be.
    roster: Roster,
    /// Events that are kept.
    events: usize,
    /// Exceptions end there, whatever the calendar says of later: import again before then.
    until: Timestamp,
    /// It is kept; else it was only looked at.
    kept: bool,
}

/// Makes a calendar (iCalendar, UTF-8) the roster's layers and exceptions, in place of those it had. People
/// are found by their names, or their names for programs, in titles, or among those who take part. Either
/// all of it is kept or nothing.
#[utoipa::path(post, path = "/api/v1/rosters/{id}/import", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), How),
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = ImportView)))]
pub(super) async fn import_calendar(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<RosterId>,
    Query(how): Query<How>,
    request: Request,
) -> Result<Json<ImportView>, ApiError> {
    let bytes = read(request.into_body()).await?;
    let state = app.state();
    let old = state.rosters.get(&id).cloned();
    let now = app.now();
    let wish = Wish {
        id,
        name: how.name.or_else(|| old.as_ref().map(|old| old.name.clone())),
        time_zone: how.zone.unwrap_or_else(|| match &old {
            Some(old) => old.time_zone.clone(),
            None => state.wiring.time_zone.clone(),
        }),
        from: now,
        until: how.until.unwrap_or(now + AHEAD),
        names: names(&state),
    };
    // Off the async threads: a crowded calendar takes a while.
    let read = tokio::task::spawn_blocking(move || import(&bytes, &wish)).await;
    let read =
        read.map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))?;
    let Imported { mut roster, events, until } = read.map_err(|mistakes| {
        let mut told: Vec<String> = mistakes.iter().take(TOLD).map(ToString::to_string).collect();
        if mistakes.len() > TOLD {
            told.push(format!("and {} more", mistakes.len() - TOLD));
        }
        ApiError::invalid(told.join("\n"))
    })?;
    roster.remind_before = old.as_ref().and_then(|old| old.remind_before);
    if !how.check {
        // Reading it took a while: what somebody changed in it meanwhile is not undone.
        let seen = Premise::Roster(roster.id.clone(), old);
        let change = Box::new(Command::PutRoster(roster.clone()));
        app.gateway.command(actor.by(), Command::IfStill { seen, change }).await?;
    }
    Ok(Json(ImportView { roster, events, until, kept: !how.check }))
}

async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    let read = axum::body::to_bytes(body, CALENDAR_LEN).await;
    let words = || {
        format!(
            "the calendar can't be read, or is longer than {CALENDAR_LEN} bytes: send less of it"
        )
    };
    read.map(Vec::from).map_err(|_| ApiError::bad_request(words()))
}

/// What everybody of the house is called.
fn names(state: &Site) -> Names {
    let called = |id: &PersonId, name: &str| (name.to_owned(), id.clone());
    let people = state.people.values();
    Names::new(people.flat_map(|p| [called(&p.id, &p.name), called(&p.id, p.id.as_str())]))
}
