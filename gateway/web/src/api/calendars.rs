//! Rosters as calendars to subscribe to.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use gengfu_core::{
    id::{PersonId, RosterId},
    roster::ShiftSpan,
    time::Span,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rosters::find;
use crate::{
    app::App,
    calendar::calendar,
    error::ApiError,
    extract::{Id, Query},
    views::name_of,
};

/// A calendar begins so long ago ...
const BEFORE: Span = Span::hours(7 * 24);
/// ... and ends so far ahead.
const AHEAD: Span = Span::hours(120 * 24);
/// No calendar has more entries.
const ENTRIES: usize = 2_000;

/// Whose shifts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// This person's alone; everybody's, and the gaps, without it.
    person: Option<PersonId>,
}

/// Where a calendar is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CalendarLink {
    /// The path on this gateway, for a calendar program. Whoever has it may read the shifts.
    path: String,
}

/// The address at which a calendar program reads a roster.
#[utoipa::path(get, path = "/api/v1/rosters/{id}/calendar", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), Whose),
    responses((status = 200, body = CalendarLink)))]
pub(super) async fn get_calendar_link(
    State(app): State<Arc<App>>,
    Id(id): Id<RosterId>,
    Query(whose): Query<Whose>,
) -> Result<Json<CalendarLink>, ApiError> {
    let state = app.state();
    find(&state, &id)?;
    if let Some(person) = whose.person.as_ref().filter(|id| !state.people.contains_key(*id)) {
        return Err(ApiError::not_found("person", person));
    }
    let token = app.answer_key.sign_calendar(&id, whose.person.as_ref());
    Ok(Json(CalendarLink { path: format!("/api/v1/calendar/{token}") }))
}

/// The shifts from a week ago until four months ahead, as iCalendar.
#[utoipa::path(get, path = "/api/v1/calendar/{token}", tag = "rosters",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = String, content_type = "text/calendar")))]
pub(super) async fn get_calendar(
    State(app): State<Arc<App>>,
    Id(token): Id<String>,
) -> Result<Response, ApiError> {
    let (id, person) = app.answer_key.verify_calendar(&token)?;
    let state = app.state();
    if let Some(person) = person.as_ref().filter(|id| !state.people.contains_key(*id)) {
        return Err(ApiError::not_found("person", person));
    }
    let roster = find(&state, &id)?.clone();
    let now = app.now();
    let make = move || {
        let is_wanted = |shift: &ShiftSpan| match &person {
            Some(person) => shift.people.contains(person),
            None => true,
        };
        let shifts = roster.shifts(now - BEFORE, now + AHEAD).take(ENTRIES).filter(is_wanted);
        calendar(&roster, shifts, |id| name_of(&state, id), now)
    };
    // Off the async threads: a crowded roster takes a while.
    let made = tokio::task::spawn_blocking(make).await;
    let made =
        made.map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))?;
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], made).into_response())
}
