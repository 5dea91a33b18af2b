//! Incidents: what is going on, what happened, and what people do about it.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{Sse, sse::Event},
};
use futures::Stream;
use gengfu_core::{id::IncidentId, input::Command};
use serde::Deserialize;
use utoipa::IntoParams;

use super::act::{EndOfAlarm, HandOver, act};
use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id, Query},
    live,
    views::{IncidentLine, IncidentView, MomentView, timeline},
};

/// Which incidents to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// True: only open ones; false: only ended ones; without it, all that are remembered.
    open: Option<bool>,
    /// So many ended ones at most, the newest; 50 without it, 500 at most.
    limit: Option<usize>,
}

/// Ended incidents of one answer where no limit is asked for.
const USUAL: usize = 50;
/// Ended incidents of one answer.
const MOST: usize = 500;

/// Incidents, newest first: of each a line. All of it is told by the one incident alone.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(Which),
    responses((status = 200, body = Vec<IncidentLine>)))]
pub(super) async fn list_incidents(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
) -> Json<Vec<IncidentLine>> {
    let (state, now) = (app.state(), app.now());
    let mut ended_left = which.limit.unwrap_or(USUAL).min(MOST);
    let mut shown = Vec::new();
    for (id, incident) in state.incidents.iter().rev() {
        let open = state.open.contains(id);
        if which.open.is_some_and(|wanted| wanted != open) || (!open && ended_left == 0) {
            continue;
        }
        ended_left -= usize::from(!open);
        shown.push(IncidentLine::new(&state, incident, now));
    }
    Json(shown)
}

/// One incident.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = IncidentView)))]
pub(super) async fn get_incident(
    State(app): State<Arc<App>>,
    Id(id): Id<u64>,
) -> Result<Json<IncidentView>, ApiError> {
    app.incident(IncidentId(id)).map(Json)
}

/// What happened to an incident, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/timeline", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = Vec<MomentView>)))]
pub(super) async fn get_timeline(
    State(app): State<Arc<App>>,
    Id(id): Id<u64>,
) -> Result<Json<Vec<MomentView>>, ApiError> {
    let state = app.state();
    let incident = state.incidents.get(&IncidentId(id));
    let incident = incident.ok_or_else(|| ApiError::not_found("incident", id))?;
    Ok(Json(timeline(&state, incident)))
}

/// The incident at once and after each change, as server-sent events `incident`.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/events", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = IncidentView, content_type = "text/event-stream")))]
pub(super) async fn incident_events(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    app.incident(IncidentId(id))?;
    let slot = app.streams.open(actor.person.id.as_str())?;
    Ok(live::incident(app, slot, IncidentId(id), move |state, now| actor.may_still(state, now)))
}

/// "I'm going."
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = IncidentView)))]
pub(super) async fn acknowledge(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<IncidentView>, ApiError> {
    act(&app, actor.by(), IncidentId(id), Command::Acknowledge(IncidentId(id))).await
}

/// "I'm there."
#[utoipa::path(post, path = "/api/v1/incidents/{id}/arrive", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = IncidentView)))]
pub(super) async fn arrive(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<IncidentView>, ApiError> {
    act(&app, actor.by(), IncidentId(id), Command::Arrive(IncidentId(id))).await
}

/// "I can't": somebody else is asked.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/hand-over", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    request_body = HandOver, responses((status = 200, body = IncidentView)))]
pub(super) async fn hand_over(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
    Body(body): Body<HandOver>,
) -> Result<Json<IncidentView>, ApiError> {
    act(&app, actor.by(), IncidentId(id), body.command(IncidentId(id))).await
}

/// End of alarm.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/end", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    request_body = EndOfAlarm, responses((status = 200, body = IncidentView)))]
pub(super) async fn end(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
    Body(body): Body<EndOfAlarm>,
) -> Result<Json<IncidentView>, ApiError> {
    act(&app, actor.by(), IncidentId(id), body.command(IncidentId(id))?).await
}
