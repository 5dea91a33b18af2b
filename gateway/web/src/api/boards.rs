//! Boards: what runs on them, how they are, which one it is, and what makes a new one ready.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use gengfu_core::{
    device::Presence,
    id::{DeviceId, PlaceId},
    text::{Language, Text},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::devices;
use crate::{
    app::App,
    auth::session::Actor,
    boards::{BoardFileWish, BoardKinds, BoardWords},
    error::ApiError,
    extract::{Body, Id, Query},
};

/// Longest that a board blinks, in seconds.
const LONGEST: u16 = 600;

/// A board.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BoardView {
    /// Its name for people.
    name: Text,
    /// Where it hangs.
    place: PlaceId,
    /// Whether it is heard.
    presence: Presence,
    /// What it said last of itself.
    #[serde(flatten)]
    words: BoardWords,
}

/// How long a board is to blink.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Blinking {
    /// For so many seconds, 600 at the most.
    seconds: u16,
}

/// Which picture of a board's wiring.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Picture {
    /// The kind of board.
    kind: String,
    /// The language of its words.
    language: Language,
}

/// Every board, and what it said last of itself.
#[utoipa::path(get, path = "/api/v1/boards", tag = "boards",
    responses((status = 200, body = Vec<BoardView>)))]
pub(super) async fn list_boards(State(app): State<Arc<App>>) -> Json<Vec<BoardView>> {
    let state = app.state();
    let view = |words: BoardWords| {
        let device = state.device(&words.id)?;
        let presence = state.presence(&words.id);
        Some(BoardView { name: device.name.clone(), place: device.place.clone(), presence, words })
    };
    Json(app.gateway.boards().into_iter().filter_map(view).collect())
}

/// Has a board blink, so that somebody finds it.
#[utoipa::path(post, path = "/api/v1/boards/{id}/identify", tag = "boards",
    params(("id" = String, Path, description = "The board's name, percent-encoded")),
    request_body = Blinking, responses((status = 204)))]
pub(super) async fn identify_board(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
    Body(wish): Body<Blinking>,
) -> Result<StatusCode, ApiError> {
    if !app.gateway.boards().iter().any(|board| board.id == id) {
        return Err(ApiError::not_found("board", &id));
    }
    if !(1..=LONGEST).contains(&wish.seconds) {
        return Err(ApiError::invalid(format!("`seconds` is 1 to {LONGEST}")));
    }
    let state = app.state();
    // One that was just made counts as present until its time is over, and has nobody who blinks.
    if state.presence(&id) != Presence::Present || !state.live.heard.contains_key(&id) {
        return Err(ApiError::conflict(format!(
            "board \"{id}\" is not heard, so it would not blink: look at its power and its network"
        )));
    }
    app.gateway.identify(&id, wish.seconds).await.map_err(ApiError::unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What the gateway has for making boards ready: firmware, and where they find the broker.
#[utoipa::path(get, path = "/api/v1/boards/kinds", tag = "boards",
    responses((status = 200, body = BoardKinds)))]
pub(super) async fn board_kinds(State(app): State<Arc<App>>) -> Json<BoardKinds> {
    Json(app.gateway.board_kinds())
}

/// Makes a board's file, to be dropped onto it: its firmware, and who it is with a new password. The old one
/// is worth nothing any more.
#[utoipa::path(post, path = "/api/v1/boards/{id}/image", tag = "boards",
    params(("id" = String, Path, description = "The board's name, percent-encoded")),
    request_body = BoardFileWish,
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
pub(super) async fn make_board_file(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<DeviceId>,
    Body(wish): Body<BoardFileWish>,
) -> Result<Response, ApiError> {
    let device = devices::board(&app, &id)?;
    let make = app.gateway.board_file(&id, wish).await.map_err(ApiError::invalid)?;
    // As long as the one that it will get: what does not fit is found before the old one is given up.
    make(&"0".repeat(32)).map_err(ApiError::invalid)?;
    let password = devices::renew(&app, &actor, device).await?;
    let file = make(&password).map_err(ApiError::invalid)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&id))),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, file).into_response())
}

/// A picture of what goes to which terminal of a board.
#[utoipa::path(get, path = "/api/v1/boards/{id}/wiring.svg", tag = "boards",
    params(("id" = String, Path, description = "The board's name, percent-encoded"), Picture),
    responses((status = 200, content_type = "image/svg+xml", body = String)))]
pub(super) async fn draw_wiring(
    State(app): State<Arc<App>>,
    Id(id): Id<DeviceId>,
    Query(Picture { kind, language }): Query<Picture>,
) -> Result<Response, ApiError> {
    if !app.gateway.boards().iter().any(|board| board.id == id) {
        return Err(ApiError::not_found("board", &id));
    }
    let picture = app.gateway.wiring(&id, &kind, language).map_err(ApiError::invalid)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

/// What a browser saves a board's file as: a header takes no other letters.
fn file_name(id: &DeviceId) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain: String = id.as_str().chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("{plain}.uf2")
}
