//! Updates of boards: put to the gateway, watched, stopped.

use std::sync::Arc;

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::StatusCode,
};

use gengfu_core::input::Command;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::Query,
    updates::{NewUpdate, UpdateView},
};

/// Longest image, in bytes: no board has more flash.
const LONGEST: usize = 4 * 1024 * 1024;

/// Begins an update of boards: one first, then a tenth of them, then all. The body is the image.
#[utoipa::path(post, path = "/api/v1/updates", tag = "boards", params(NewUpdate),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = UpdateView)))]
pub(super) async fn begin_update(
    State(app): State<Arc<App>>,
    actor: Actor,
    Query(wish): Query<NewUpdate>,
    request: Request,
) -> Result<(StatusCode, Json<UpdateView>), ApiError> {
    let image = to_bytes(request.into_body(), LONGEST).await.map_err(|_| {
        ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "the image was cut short, or is larger than any board",
        )
    })?;
    let by = actor.person.id.as_str();
    let begun = app.gateway.begin_update(wish, image.to_vec(), by).map_err(ApiError::invalid)?;
    let note = Command::NoteUpdate {
        version: begun.version.clone(),
        hardware: begun.hardware.clone(),
        boards: begun.boards.len(),
    };
    // What nobody will be able to look up is not done.
    if let Err(error) = app.gateway.command(actor.by(), note).await {
        app.gateway.stop_update(by);
        return Err(error.into());
    }
    Ok((StatusCode::CREATED, Json(begun)))
}

/// The update that goes on, or the last one since the gateway started.
#[utoipa::path(get, path = "/api/v1/updates", tag = "boards",
    responses((status = 200, body = UpdateView)))]
pub(super) async fn get_update(State(app): State<Arc<App>>) -> Result<Json<UpdateView>, ApiError> {
    let none = || ApiError::not_found("update", "of boards");
    app.gateway.update().map(Json).ok_or_else(none)
}

/// Stops it: no more boards are updated. A board that has all of it starts with it all the same.
#[utoipa::path(delete, path = "/api/v1/updates", tag = "boards", responses((status = 204)))]
pub(super) async fn stop_update(
    State(app): State<Arc<App>>,
    actor: Actor,
) -> Result<StatusCode, ApiError> {
    let stopped =
        app.gateway.update().filter(|_| app.gateway.stop_update(actor.person.id.as_str()));
    let Some(UpdateView { version, .. }) = stopped else {
        return Err(ApiError::conflict("no update goes on"));
    };
    app.gateway.command(actor.by(), Command::NoteUpdateStopped { version }).await?;
    Ok(StatusCode::NO_CONTENT)
}
