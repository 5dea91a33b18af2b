//! Alarm figures by month, in the sense of ISA-18.2.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::time::{Span, Timestamp};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::Query,
    month::first_day,
    past::{
        self,
        figures::{Counter, FiguresView},
    },
};

/// What happened so long before a month tells which alarms stood when it began. One that was raised earlier
/// still, and is over, is not among those that stood for long.
const BEFORE: Span = Span::hours(31 * 24);
/// Incidents of a month's last hours are answered in the next one.
const AFTER: Span = Span::hours(24);
/// A month is looked through over so many events at most.
const EVENTS: usize = 2_000_000;

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Month {
    /// As `2026-12`; this one without it.
    month: Option<String>,
}

/// The alarm figures of a month.
#[utoipa::path(get, path = "/api/v1/figures", tag = "alarms", params(Month),
    responses((status = 200, body = FiguresView)))]
pub(super) async fn get_figures(
    State(app): State<Arc<App>>,
    actor: Actor,
    Query(wish): Query<Month>,
) -> Result<Json<FiguresView>, ApiError> {
    let (state, now) = (app.state(), app.now());
    let zone = TimeZone::get(&state.wiring.time_zone).unwrap_or(TimeZone::UTC);
    let first = match &wish.month {
        Some(month) => first_day(month).ok_or_else(|| {
            ApiError::bad_request(format!("\"{month}\" is no month: write 2026-12"))
        })?,
        None => zone.to_datetime(now.to_jiff()).date().first_of_month(),
    };
    let begin = |day: Date| -> Result<Timestamp, ApiError> {
        let begun = zone.to_timestamp(day.at(0, 0, 0, 0));
        begun.map(Into::into).map_err(|_| ApiError::bad_request("this month is too far away"))
    };
    let next = first.checked_add(1.month());
    let next = next.map_err(|_| ApiError::bad_request("this month is too far away"))?;
    let (from, to) = (begin(first)?, begin(next)?);
    let mut counter = Counter::new(from, to);
    let _turn = app.turns.take(actor.person.id.as_str()).await?;
    let gateway = app.gateway.as_ref();
    let mut next = past::seek(gateway, from - BEFORE).await.map_err(ApiError::unavailable)?;
    let mut read = 0;
    let cut = loop {
        let events = past::slice(gateway, &mut next).await.map_err(ApiError::unavailable)?;
        events.iter().for_each(|(_, event)| counter.take(event));
        read += events.len();
        if read >= EVENTS {
            break true;
        }
        if events.last().is_none_or(|(_, event)| event.at >= to + AFTER) {
            break false;
        }
    };
    Ok(Json(counter.finish(first.strftime("%Y-%m").to_string(), &state, cut, now)))
}
