//! Rosters as calendars to subscribe to, and as a sheet to hang up.

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
    text::Language,
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rosters::find;
use crate::{
    app::App,
    auth::session::Actor,
    calendar::{calendar, shifts_around},
    error::ApiError,
    extract::{Id, Query},
    month,
    views::name_of,
};

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
    /// The sheet of this month, for printing, for who is signed in.
    month: String,
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
    let roster = find(&state, &id)?;
    if let Some(person) = whose.person.as_ref().filter(|id| !state.people.contains_key(*id)) {
        return Err(ApiError::not_found("person", person));
    }
    let token = app.answer_key.sign_calendar(&id, whose.person.as_ref());
    let zone = TimeZone::get(&roster.time_zone).unwrap_or(TimeZone::UTC);
    let month = zone.to_datetime(app.now().to_jiff()).strftime("%Y-%m").to_string();
    let name = id.as_str().replace('/', "%2F");
    Ok(Json(CalendarLink {
        path: format!("/api/v1/calendar/{token}"),
        month: format!("/api/v1/rosters/{name}/month?month={month}"),
    }))
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
    let reader = person
        .as_ref()
        .map(|id| state.people.get(id).ok_or_else(|| ApiError::not_found("person", id)));
    let language = reader.transpose()?.map(|reader| reader.language);
    let roster = find(&state, &id)?.clone();
    let now = app.now();
    let make = move || {
        let is_wanted = |shift: &ShiftSpan| match &person {
            Some(person) => shift.people.contains(person),
            None => true,
        };
        let shifts = shifts_around(&roster, now).take(ENTRIES).filter(is_wanted);
        calendar(&roster, shifts, |id| name_of(&state, id), language, now)
    };
    // Off the async threads: a crowded roster takes a while.
    let made = tokio::task::spawn_blocking(make).await;
    let made =
        made.map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))?;
    Ok(([(header::CONTENT_TYPE, "text/calendar; charset=utf-8")], made).into_response())
}

/// Which sheet.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Sheet {
    /// The month, as `2026-12`; this one without it.
    month: Option<String>,
    /// `zh` or `en`; what the reader reads without it.
    language: Option<Language>,
}

/// A month as a sheet of paper: a page for printing, without a script.
#[utoipa::path(get, path = "/api/v1/rosters/{id}/month", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), Sheet),
    responses((status = 200, body = String, content_type = "text/html")))]
pub(super) async fn get_month(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<RosterId>,
    Query(sheet): Query<Sheet>,
) -> Result<Response, ApiError> {
    let state = app.state();
    let roster = find(&state, &id)?.clone();
    let now = app.now();
    let zone = TimeZone::get(&roster.time_zone).unwrap_or(TimeZone::UTC);
    let first = match &sheet.month {
        Some(month) => month::first_day(month).ok_or_else(|| {
            ApiError::bad_request(format!("\"{month}\" is no month: write 2026-12"))
        })?,
        None => zone.to_datetime(now.to_jiff()).date().first_of_month(),
    };
    let language = sheet.language.unwrap_or(actor.person.language);
    let make = move || {
        let name = |id: &PersonId| name_of(&state, id);
        month::page(&roster, first, language, name, now, month::Style::Linked)
    };
    // Off the async threads: a crowded roster takes a while.
    let made = tokio::task::spawn_blocking(make).await;
    let made =
        made.map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], made).into_response())
}
