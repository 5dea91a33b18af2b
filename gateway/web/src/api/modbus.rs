//! Modbus buses: which units answer, and what their registers hold. Nothing here writes to a device.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    modbus::{BusView, BusesView, ScanWish, UnitRead, UnitWish},
};

/// The longest wait for one unit, in milliseconds.
const LONGEST_MS: u16 = 2_000;

/// The buses, the units that are configured on them, and how a scan goes.
#[utoipa::path(get, path = "/api/v1/modbus", tag = "modbus",
    responses((status = 200, body = BusesView)))]
pub(super) async fn list_buses(State(app): State<Arc<App>>) -> Json<BusesView> {
    Json(app.gateway.buses())
}

/// Begins to ask every unit of a bus, between what the gateway asks anyway.
#[utoipa::path(post, path = "/api/v1/modbus/{id}/scan", tag = "modbus",
    params(("id" = String, Path, description = "The bus's name, percent-encoded")),
    request_body = ScanWish, responses((status = 201, body = BusView)))]
pub(super) async fn begin_scan(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<String>,
    Body(wish): Body<ScanWish>,
) -> Result<(StatusCode, Json<BusView>), ApiError> {
    known(&app, &id)?;
    if wish.from == 0 || wish.to > 247 || wish.from > wish.to {
        return Err(ApiError::invalid("units are 1 to 247, the first before the last"));
    }
    if !(20..=LONGEST_MS).contains(&wish.timeout_ms) {
        return Err(ApiError::invalid(format!("`timeout_ms` is 20 to {LONGEST_MS}")));
    }
    let by = actor.person.id.as_str();
    app.gateway.begin_scan(&id, wish, by).map_err(ApiError::conflict)?;
    Ok((StatusCode::CREATED, Json(known(&app, &id)?)))
}

/// Stops asking them.
#[utoipa::path(delete, path = "/api/v1/modbus/{id}/scan", tag = "modbus",
    params(("id" = String, Path, description = "The bus's name, percent-encoded")),
    responses((status = 204)))]
pub(super) async fn stop_scan(
    State(app): State<Arc<App>>,
    Id(id): Id<String>,
) -> Result<StatusCode, ApiError> {
    known(&app, &id)?;
    match app.gateway.stop_scan(&id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::conflict("no scan goes on")),
    }
}

/// Reads a unit once: its registers beside what they mean.
#[utoipa::path(post, path = "/api/v1/modbus/{id}/read", tag = "modbus",
    params(("id" = String, Path, description = "The bus's name, percent-encoded")),
    request_body = UnitWish, responses((status = 200, body = UnitRead)))]
pub(super) async fn read_unit(
    State(app): State<Arc<App>>,
    Id(id): Id<String>,
    Body(wish): Body<UnitWish>,
) -> Result<Json<UnitRead>, ApiError> {
    known(&app, &id)?;
    let ways = [wish.device.is_some(), wish.profile.is_some(), wish.range.is_some()];
    if ways.into_iter().filter(|named| *named).count() != 1 {
        return Err(ApiError::invalid("name one of `device`, `profile` and `range`"));
    }
    if wish.range.as_ref().is_some_and(|range| !(1..=100).contains(&range.count)) {
        return Err(ApiError::invalid("`count` is 1 to 100"));
    }
    app.gateway.read_unit(&id, wish).await.map(Json).map_err(ApiError::invalid)
}

fn known(app: &App, id: &str) -> Result<BusView, ApiError> {
    let bus = app.gateway.buses().buses.into_iter().find(|bus| bus.id == id);
    bus.ok_or_else(|| ApiError::not_found("bus", id))
}
