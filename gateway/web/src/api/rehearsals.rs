//! What would happen if something rang then.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{
    danger::{Danger, Priority},
    id::PlaceId,
    time::{Span, Timestamp},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    error::ApiError,
    extract::Query,
    rehearsal::{RehearsalView, Ringing, rehearse},
};

/// So far from now it may ring.
const FAR: Span = Span::hours(366 * 24);

/// What is to ring, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wish {
    /// The kind of danger.
    danger: Danger,
    /// Where.
    place: PlaceId,
    /// How much it presses; `high` without it, and `critical` for fire and trapped.
    priority: Option<Priority>,
    /// When; now without it.
    at: Option<Timestamp>,
}

/// What would happen if this rang then and nobody answered: decided by the same code that will do it, on
/// a copy in which nothing else goes on. Nothing is sent.
#[utoipa::path(get, path = "/api/v1/rehearsal", tag = "policies", params(Wish),
    responses((status = 200, body = RehearsalView)))]
pub(super) async fn get_rehearsal(
    State(app): State<Arc<App>>,
    Query(wish): Query<Wish>,
) -> Result<Json<RehearsalView>, ApiError> {
    let (state, now) = (app.state(), app.now());
    if !state.wiring.places.contains_key(&wish.place) {
        return Err(ApiError::invalid(format!(
            "there is no place \"{}\": choose one of GET /api/v1/places",
            wish.place
        )));
    }
    let at = wish.at.unwrap_or(now);
    if at > now + FAR || at < now - FAR {
        return Err(ApiError::invalid("`at` must lie within a year of now"));
    }
    let usual = if wish.danger.is_vital() { Priority::Critical } else { Priority::High };
    let priority = wish.priority.unwrap_or(usual);
    let ringing = Ringing { danger: wish.danger, priority, place: wish.place, at };
    // Off the async threads: a site with hundreds of people takes a while.
    tokio::task::spawn_blocking(move || rehearse(&state, &ringing))
        .await
        .map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))?
        .map(Json)
        .map_err(ApiError::unavailable)
}
