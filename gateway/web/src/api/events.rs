//! Live: that something changed. Pages then ask for what they show.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Sse, sse::Event},
};
use futures::Stream;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    live::{self, Change},
};

/// A server-sent event `change` at once and after each change.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    responses((status = 200, body = Change, content_type = "text/event-stream")))]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    actor: Actor,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    let slot = app.streams.open(actor.person.id.as_str())?;
    Ok(live::changes(app, slot, move |state, now| actor.may_still(state, now)))
}
