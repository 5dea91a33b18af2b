//! Devices: what hangs where, and the boards that installers add.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{device::Device, id::DeviceId, input::Command, time::Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    gateway::NewDevice,
    views::{DeviceDetail, DeviceView},
};

/// A device that was added, with the credential that only this answer shows.
#[derive(Serialize, ToSchema)]
pub(super) struct AddedDevice {
    /// The device.
    device: DeviceDetail,
    /// The board's password; its user name is the device's `id`. Shown once.
    credential: String,
}

/// A device is taken out of service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OutOfServiceWish {
    /// Until then, at most 30 days from now.
    until: Timestamp,
    /// Why, for whoever asks later.
    reason: String,
}

/// Every device.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices",
    responses((status = 200, body = Vec<DeviceView>)))]
pub(super) async fn list_devices(State(app): State<Arc<App>>) -> Json<Vec<DeviceView>> {
    let state = app.state();
    Json(state.devices().map(|device| DeviceView::new(&state, device)).collect())
}

/// One device with its points and rules.
#[utoipa::path(get, path = "/api/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = DeviceDetail)))]
pub(super) async fn get_device(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceDetail>, ApiError> {
    detail(&app, &id).map(Json)
}

/// Adds a board and makes its credential.
#[utoipa::path(post, path = "/api/v1/devices", tag = "devices",
    request_body = NewDevice, responses((status = 201, body = AddedDevice)))]
pub(super) async fn add_device(
    State(app): State<Arc<App>>,
    actor: Actor,
    Body(wish): Body<NewDevice>,
) -> Result<(StatusCode, Json<AddedDevice>), ApiError> {
    let state = app.state();
    if state.device(&wish.id).is_some() {
        return Err(ApiError::conflict(format!(
            "there is a device \"{}\" already: choose another name, or remove it first",
            wish.id
        )));
    }
    if !state.wiring.places.contains_key(&wish.place) {
        return Err(ApiError::invalid(format!(
            "there is no place \"{}\": choose one of GET /api/v1/places",
            wish.place
        )));
    }
    let device = app.gateway.expand_device(&wish).map_err(ApiError::invalid)?;
    Ok((StatusCode::CREATED, put(&app, &actor, device).await?))
}

/// Removes a board that was added through the API.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", tag = "devices",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 204)))]
pub(super) async fn remove_device(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
) -> Result<StatusCode, ApiError> {
    added(&app, &id)?;
    app.gateway.command(actor.by(), Command::RemoveDevice(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a new credential for a board; the old one is worth nothing any more.
#[utoipa::path(post, path = "/api/v1/devices/{id}/credential", tag = "devices",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = AddedDevice)))]
pub(super) async fn renew_credential(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
) -> Result<Json<AddedDevice>, ApiError> {
    let device = board(&app, &id)?;
    put(&app, &actor, device).await
}

/// Takes a device out of service: its alarms are not raised until then.
#[utoipa::path(post, path = "/api/v1/devices/{id}/out-of-service", tag = "devices",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    request_body = OutOfServiceWish, responses((status = 200, body = DeviceDetail)))]
pub(super) async fn take_out_of_service(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
    Body(wish): Body<OutOfServiceWish>,
) -> Result<Json<DeviceDetail>, ApiError> {
    let command =
        Command::OutOfService { device: id.clone(), until: wish.until, reason: wish.reason };
    app.gateway.command(actor.by(), command).await?;
    detail(&app, &id).map(Json)
}

/// Puts a device back into service.
#[utoipa::path(delete, path = "/api/v1/devices/{id}/out-of-service", tag = "devices",
    params(("id" = String, Path, description = "The device's name, percent-encoded")),
    responses((status = 200, body = DeviceDetail)))]
pub(super) async fn put_back_in_service(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
) -> Result<Json<DeviceDetail>, ApiError> {
    app.gateway.command(actor.by(), Command::BackInService(id.clone())).await?;
    detail(&app, &id).map(Json)
}

fn detail(app: &App, id: &DeviceId) -> Result<DeviceDetail, ApiError> {
    let state = app.shown();
    let device = state.device(id).ok_or_else(|| ApiError::not_found("device", id))?;
    Ok(DeviceDetail::new(&state, device))
}

/// A device that the API may change: one that was added through it.
fn added(app: &App, id: &DeviceId) -> Result<Device, ApiError> {
    let state = app.state();
    if let Some(board) = state.boards.get(id) {
        return Ok(board.device.as_ref().clone());
    }
    Err(match state.device(id) {
        Some(_) => ApiError::conflict(format!(
            "device \"{id}\" stands in the configuration file: change it there and reload"
        )),
        None => ApiError::not_found("device", id),
    })
}

/// A board that was added through the API, whose password is the gateway's.
pub(super) fn board(app: &App, id: &DeviceId) -> Result<Device, ApiError> {
    let device = added(app, id)?;
    if app.state().boards.get(id).is_some_and(|board| board.verifier.is_none()) {
        return Err(ApiError::conflict(format!(
            "device \"{id}\" is no board of ours: it signs in at its broker in a way of its own"
        )));
    }
    Ok(device)
}

/// Keeps a board under a new password; that password.
pub(super) async fn renew(app: &App, actor: &Actor, device: Device) -> Result<String, ApiError> {
    let credential = app.gateway.issue_credential(&device.id).map_err(ApiError::unavailable)?;
    let command =
        Command::PutDevice { device: Box::new(device), verifier: Some(credential.verifier) };
    app.gateway.command(actor.by(), command).await?;
    Ok(credential.password)
}

async fn put(app: &App, actor: &Actor, device: Device) -> Result<Json<AddedDevice>, ApiError> {
    let id = device.id.clone();
    let credential = renew(app, actor, device).await?;
    Ok(Json(AddedDevice { device: detail(app, &id)?, credential }))
}
