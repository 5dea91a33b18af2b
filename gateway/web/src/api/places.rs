//! Places: the building as people name it.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{
    id::PlaceId,
    site::{self, Place},
    text::Text,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// A place and how to find it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PlaceView {
    /// The place.
    #[serde(flatten)]
    place: Place,
    /// Its name with those around it, outermost first.
    path: Text,
    /// Open incidents here, not counting those further inside.
    open_incidents: usize,
}

/// Every place.
#[utoipa::path(get, path = "/api/v1/places", tag = "places",
    responses((status = 200, body = Vec<PlaceView>)))]
pub(super) async fn list_places(State(app): State<Arc<App>>) -> Json<Vec<PlaceView>> {
    let state = app.state();
    let places = &state.wiring.places;
    let open_at = |id: &PlaceId| {
        state.open_incidents().filter(|i| i.place == *id && i.test.is_none()).count()
    };
    let view = |place: &Place| PlaceView {
        path: site::path(places, &place.id),
        open_incidents: open_at(&place.id),
        place: place.clone(),
    };
    Json(places.values().map(view).collect())
}
