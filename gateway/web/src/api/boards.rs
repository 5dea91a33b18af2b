//! Boards: what runs on them, how they are, and which one it is.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    device::Presence,
    id::{DeviceId, PlaceId},
    text::Text,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    boards::BoardWords,
    error::ApiError,
    extract::{Body, Id},
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
    if app.state().presence(&id) != Presence::Present {
        return Err(ApiError::conflict(format!(
            "board \"{id}\" is not heard, so it would not blink: look at its power and its network"
        )));
    }
    app.gateway.identify(&id, wish.seconds).await.map_err(ApiError::unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}
