//! How the whole building stands: once, and from then on what changes of it.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{Sse, sse::Event},
};
use futures::Stream;

use crate::{app::App, auth::session::Actor, error::ApiError, live, views::LiveView};

/// How every device, point and open incident stands.
#[utoipa::path(get, path = "/api/v1/live", tag = "events",
    responses((status = 200, body = LiveView)))]
pub(super) async fn get_live(State(app): State<Arc<App>>) -> Json<LiveView> {
    Json(LiveView::whole(&app.shown(), app.now()))
}

/// The same at once and then what changed, at most ten times a second, as server-sent events `live`.
#[utoipa::path(get, path = "/api/v1/live/events", tag = "events",
    responses((status = 200, body = LiveView, content_type = "text/event-stream")))]
pub(super) async fn live_events(
    State(app): State<Arc<App>>,
    actor: Actor,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    let slot = app.streams.open(actor.person.id.as_str())?;
    Ok(live::building(app, slot, move |state, now| actor.may_still(state, now)))
}
