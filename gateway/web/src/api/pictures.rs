//! Pictures of cameras beside an incident: for whoever may see the incident's page, by a session or by the
//! link of a message.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use gengfu_core::id::IncidentId;

use super::answer::Link;
use crate::{
    app::App,
    error::ApiError,
    extract::{Id, Two},
    gateway::Pictures,
};

/// The pictures of an incident, oldest first.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/pictures", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = Pictures)))]
pub(super) async fn list_pictures(
    State(app): State<Arc<App>>,
    Id(id): Id<u64>,
) -> Result<Json<Pictures>, ApiError> {
    pictures(&app, IncidentId(id)).await
}

/// One picture: JPEG, PNG or WebP.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/pictures/{number}", tag = "incidents",
    params(
        ("id" = u64, Path, description = "The incident's number"),
        ("number" = u64, Path, description = "The picture's number")
    ),
    responses((status = 200, body = String, content_type = "image/jpeg")))]
pub(super) async fn get_picture(
    State(app): State<Arc<App>>,
    Two(id, number): Two,
) -> Result<Response, ApiError> {
    picture(&app, IncidentId(parse(&id)?), &number).await
}

/// The pictures of the incident that the link is about, oldest first.
#[utoipa::path(get, path = "/api/v1/answer/{token}/pictures", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = Pictures)))]
pub(super) async fn answer_pictures(
    State(app): State<Arc<App>>,
    link: Link,
) -> Result<Json<Pictures>, ApiError> {
    pictures(&app, link.incident()).await
}

/// One of them: JPEG, PNG or WebP.
#[utoipa::path(get, path = "/api/v1/answer/{token}/pictures/{number}", tag = "answer",
    params(
        ("token" = String, Path, description = "The token of the link"),
        ("number" = u64, Path, description = "The picture's number")
    ),
    responses((status = 200, body = String, content_type = "image/jpeg")))]
pub(super) async fn answer_picture(
    State(app): State<Arc<App>>,
    Two(token, number): Two,
) -> Result<Response, ApiError> {
    // The link first: whoever holds none learns nothing of what else is wrong.
    let link = Link::of(&app, &token)?;
    picture(&app, link.incident(), &number).await
}

fn parse(number: &str) -> Result<u64, ApiError> {
    number
        .parse()
        .map_err(|_| ApiError::bad_request(format!("\"{number}\" in the path is no number")))
}

async fn pictures(app: &App, id: IncidentId) -> Result<Json<Pictures>, ApiError> {
    app.incident(id)?;
    app.gateway.pictures(id).await.map(Json).map_err(ApiError::unavailable)
}

async fn picture(app: &App, id: IncidentId, number: &str) -> Result<Response, ApiError> {
    let number = parse(number)?;
    app.incident(id)?;
    let found = app.gateway.picture(id, number).await.map_err(ApiError::unavailable)?;
    let file = found.ok_or_else(|| ApiError::not_found("picture", number))?;
    let headers =
        [(header::CONTENT_TYPE, file.media_type), (header::CONTENT_DISPOSITION, "inline")];
    Ok((headers, file.bytes).into_response())
}
