//! Walk tests: an installer touches each input, and sees that its alarm reaches a person.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{Sse, sse::Event},
};
use futures::Stream;
use gengfu_core::{
    id::{DeviceId, IncidentId},
    input::Command,
    time::Span,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    live,
    views::{WalkTestRow, WalkTestView},
};

/// A walk test begins, or has more time.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WalkTestWish {
    /// It ends by itself after so many minutes, 60 at the most.
    minutes: u16,
}

/// A message of the test arrived.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ArrivedMessage {
    /// The test incident that it was about.
    incident: u64,
}

/// The last walk test of every device that was tested: the running ones first, then the newest.
#[utoipa::path(get, path = "/api/v1/walk-tests", tag = "walk tests",
    responses((status = 200, body = Vec<WalkTestRow>)))]
pub(super) async fn list_walk_tests(State(app): State<Arc<App>>) -> Json<Vec<WalkTestRow>> {
    Json(WalkTestRow::all(&app.state(), app.now()))
}

/// A device, its inputs, and what its last walk test saw of them.
#[utoipa::path(get, path = "/api/v1/devices/{id}/walk-test", tag = "walk tests",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = WalkTestView)))]
pub(super) async fn get_walk_test(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
) -> Result<Json<WalkTestView>, ApiError> {
    view(&app, &id).map(Json)
}

/// The same at once and after each change, as server-sent events `walk-test`.
#[utoipa::path(get, path = "/api/v1/devices/{id}/walk-test/events", tag = "walk tests",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = WalkTestView, content_type = "text/event-stream")))]
pub(super) async fn walk_test_events(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    view(&app, &id)?;
    let slot = app.streams.open(actor.person.id.as_str())?;
    Ok(live::walk_test(
        app,
        slot,
        move |app| view(app, &id).ok(),
        move |state, now| actor.may_still(state, now),
    ))
}

/// Tests a device from now on: its alarms reach who tests and nobody else, and say that they are a test.
/// Who tests it already gets more time.
#[utoipa::path(post, path = "/api/v1/devices/{id}/walk-test", tag = "walk tests",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    request_body = WalkTestWish, responses((status = 200, body = WalkTestView)))]
pub(super) async fn begin_walk_test(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
    Body(wish): Body<WalkTestWish>,
) -> Result<Json<WalkTestView>, ApiError> {
    let until = app.now() + Span::mins(u64::from(wish.minutes));
    let command = Command::BeginWalkTest { device: id.clone(), until };
    app.gateway.command(actor.by(), command).await?;
    view(&app, &id).map(Json)
}

/// The test is over: what is still active is an alarm like any other at once.
#[utoipa::path(delete, path = "/api/v1/devices/{id}/walk-test", tag = "walk tests",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = WalkTestView)))]
pub(super) async fn end_walk_test(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
) -> Result<Json<WalkTestView>, ApiError> {
    app.gateway.command(actor.by(), Command::EndWalkTest(id.clone())).await?;
    view(&app, &id).map(Json)
}

/// Who tests says that the message about this test incident arrived.
#[utoipa::path(post, path = "/api/v1/devices/{id}/walk-test/arrived", tag = "walk tests",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    request_body = ArrivedMessage, responses((status = 200, body = WalkTestView)))]
pub(super) async fn test_message_arrived(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
    Body(wish): Body<ArrivedMessage>,
) -> Result<Json<WalkTestView>, ApiError> {
    let state = app.state();
    let incident = IncidentId(wish.incident);
    let known = state.incidents.get(&incident).filter(|i| i.test.as_ref() == Some(&id));
    if known.is_none() {
        return Err(ApiError::not_found("test incident", wish.incident));
    }
    if state.tester(&id, app.now()) != Some(&actor.person.id) {
        return Err(ApiError::conflict(
            "only who tests the device can say so, and only while the test goes on".to_owned(),
        ));
    }
    app.gateway.command(actor.by(), Command::Acknowledge(incident)).await?;
    view(&app, &id).map(Json)
}

fn view(app: &App, id: &DeviceId) -> Result<WalkTestView, ApiError> {
    let state = app.shown();
    let device = state.device(id).ok_or_else(|| ApiError::not_found("device", id))?;
    let board = app.gateway.boards().into_iter().find(|board| board.id == *id);
    Ok(WalkTestView::new(&state, device, board, app.now()))
}
