//! Devices that announce themselves: what was found, and taking one in.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::input::Command;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    found::{Adoption, Found},
    views::DeviceDetail,
};

/// Every device that announces itself, and those that were taken in before.
#[utoipa::path(get, path = "/api/v1/found", tag = "devices",
    responses((status = 200, body = Found)))]
pub(super) async fn list_found(State(app): State<Arc<App>>) -> Json<Found> {
    Json(app.gateway.found())
}

/// Takes a device in: it is watched from now on.
#[utoipa::path(post, path = "/api/v1/found/{id}/adopt", tag = "devices",
    params(("id" = String, Path, description = "The offer's id")),
    request_body = Adoption, responses((status = 201, body = DeviceDetail)))]
pub(super) async fn adopt_found(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<String>,
    Body(wish): Body<Adoption>,
) -> Result<(StatusCode, Json<DeviceDetail>), ApiError> {
    let found = app.gateway.found().devices.into_iter().find(|device| device.id == id);
    let Some(found) = found else { return Err(ApiError::not_found("offer", &id)) };
    let state = app.state();
    match &found.adopted {
        // It is taken in anew, as it announces itself now.
        Some(adopted) if *adopted == wish.id => {}
        Some(adopted) => {
            return Err(ApiError::conflict(format!(
                "it is device \"{adopted}\" already: remove that first, or adopt it under that name"
            )));
        }
        None if state.device(&wish.id).is_some() => {
            return Err(ApiError::conflict(format!(
                "there is a device \"{}\" already: choose another name, or remove it first",
                wish.id
            )));
        }
        None => {}
    }
    if !state.wiring.places.contains_key(&wish.place) {
        return Err(ApiError::invalid(format!(
            "there is no place \"{}\": choose one of GET /api/v1/places",
            wish.place
        )));
    }
    let device = app.gateway.adopt(&id, &wish).map_err(ApiError::invalid)?;
    let command = Command::PutDevice { device: Box::new(device), verifier: None };
    app.gateway.command(actor.by(), command).await?;
    let state = app.state();
    let device = state.device(&wish.id).ok_or_else(|| ApiError::not_found("device", &wish.id))?;
    Ok((StatusCode::CREATED, Json(DeviceDetail::new(&state, device))))
}
