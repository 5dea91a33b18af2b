//! Alarms: what stands, and what upkeep does about it.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{id::AlarmId, input::Command, time::Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    views::AlarmView,
};

/// How long to set an alarm aside.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Shelving {
    /// Until then, at most 30 days from now.
    until: Timestamp,
}

/// Every alarm that is not wholly normal.
#[utoipa::path(get, path = "/api/v1/alarms", tag = "alarms",
    responses((status = 200, body = Vec<AlarmView>)))]
pub(super) async fn list_alarms(State(app): State<Arc<App>>) -> Json<Vec<AlarmView>> {
    let state = app.state();
    Json(state.alarms.values().map(|alarm| AlarmView::new(&state, alarm)).collect())
}

/// One alarm.
#[utoipa::path(get, path = "/api/v1/alarms/{id}", tag = "alarms",
    params(("id" = String, Path, description = "The alarm's name, percent-encoded")),
    responses((status = 200, body = AlarmView)))]
pub(super) async fn get_alarm(
    State(app): State<Arc<App>>,
    Id(id): Id<AlarmId>,
) -> Result<Json<AlarmView>, ApiError> {
    show(&app, &id)
}

/// Seen, for an alarm that needs no incident.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/acknowledge", tag = "alarms",
    params(("id" = String, Path, description = "The alarm's name, percent-encoded")),
    responses((status = 200, body = Option<AlarmView>, description = "The alarm; null once it is wholly normal")))]
pub(super) async fn acknowledge_alarm(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<AlarmId>,
) -> Result<Json<Option<AlarmView>>, ApiError> {
    change(&app, &actor, &id, Command::AcknowledgeAlarm(id.clone())).await
}

/// Sets an alarm aside. Refused for fire and trapped.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/shelve", tag = "alarms",
    params(("id" = String, Path, description = "The alarm's name, percent-encoded")),
    request_body = Shelving, responses((status = 200, body = Option<AlarmView>, description = "The alarm; null once it is wholly normal")))]
pub(super) async fn shelve_alarm(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<AlarmId>,
    Body(body): Body<Shelving>,
) -> Result<Json<Option<AlarmView>>, ApiError> {
    let command = Command::Shelve { alarm: id.clone(), until: body.until };
    change(&app, &actor, &id, command).await
}

/// Takes an alarm back from the shelf.
#[utoipa::path(post, path = "/api/v1/alarms/{id}/unshelve", tag = "alarms",
    params(("id" = String, Path, description = "The alarm's name, percent-encoded")),
    responses((status = 200, body = Option<AlarmView>, description = "The alarm; null once it is wholly normal")))]
pub(super) async fn unshelve_alarm(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<AlarmId>,
) -> Result<Json<Option<AlarmView>>, ApiError> {
    change(&app, &actor, &id, Command::Unshelve(id.clone())).await
}

fn find(app: &App, id: &AlarmId) -> Option<AlarmView> {
    let state = app.state();
    state.alarms.get(id).map(|alarm| AlarmView::new(&state, alarm))
}

fn show(app: &App, id: &AlarmId) -> Result<Json<AlarmView>, ApiError> {
    find(app, id).map(Json).ok_or_else(|| ApiError::not_found("alarm", id))
}

/// Carries out a command; an alarm that is wholly normal after it is shown no more: `null`.
async fn change(
    app: &App,
    actor: &Actor,
    id: &AlarmId,
    command: Command,
) -> Result<Json<Option<AlarmView>>, ApiError> {
    app.gateway.command(actor.by(), command).await?;
    Ok(Json(find(app, id)))
}
