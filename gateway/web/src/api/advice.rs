//! Advice for whoever goes: a card for each danger, and what is noted of each place.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    advice::{Card, PlaceNote},
    danger::Danger,
    id::PlaceId,
    input::Command,
    state::State as Site,
};

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    views::CardView,
};

/// The card of every danger, most pressing first.
#[utoipa::path(get, path = "/api/v1/cards", tag = "advice",
    responses((status = 200, body = Vec<CardView>)))]
pub(super) async fn list_cards(State(app): State<Arc<App>>) -> Json<Vec<CardView>> {
    let state = app.state();
    Json(Danger::ALL.into_iter().map(|danger| CardView::new(&state, danger)).collect())
}

/// Edits a card. Open incidents show it at once.
#[utoipa::path(put, path = "/api/v1/cards/{danger}", tag = "advice",
    params(("danger" = Danger, Path, description = "The kind of danger")),
    request_body = Card, responses((status = 200, body = CardView)))]
pub(super) async fn put_card(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(danger): Id<Danger>,
    Body(card): Body<Card>,
) -> Result<Json<CardView>, ApiError> {
    app.gateway.command(actor.by(), Command::PutCard { danger, card }).await?;
    Ok(Json(CardView::new(&app.state(), danger)))
}

/// Takes the edit back: the usual card holds again.
#[utoipa::path(delete, path = "/api/v1/cards/{danger}", tag = "advice",
    params(("danger" = Danger, Path, description = "The kind of danger")),
    responses((status = 204)))]
pub(super) async fn remove_card(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(danger): Id<Danger>,
) -> Result<StatusCode, ApiError> {
    app.gateway.command(actor.by(), Command::RemoveCard(danger)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is noted of a place itself: things that a rescue takes, and flats where somebody needs help.
#[utoipa::path(get, path = "/api/v1/places/{id}/advice", tag = "advice",
    params(("id" = String, Path, description = "The place's name, percent-encoded")),
    responses((status = 200, body = PlaceNote)))]
pub(super) async fn get_note(
    State(app): State<Arc<App>>,
    Id(id): Id<PlaceId>,
) -> Result<Json<PlaceNote>, ApiError> {
    find(&app.state(), &id).map(Json)
}

/// Writes down all that there is to note of a place; an empty note for nothing.
#[utoipa::path(put, path = "/api/v1/places/{id}/advice", tag = "advice",
    params(("id" = String, Path, description = "The place's name, percent-encoded")),
    request_body = PlaceNote, responses((status = 200, body = PlaceNote)))]
pub(super) async fn put_note(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PlaceId>,
    Body(note): Body<PlaceNote>,
) -> Result<Json<PlaceNote>, ApiError> {
    app.gateway.command(actor.by(), Command::PutNote { place: id.clone(), note }).await?;
    find(&app.state(), &id).map(Json)
}

fn find(state: &Site, id: &PlaceId) -> Result<PlaceNote, ApiError> {
    if !state.wiring.places.contains_key(id) {
        return Err(ApiError::not_found("place", id));
    }
    Ok(state.advice.notes.get(id).map(|note| note.as_ref().clone()).unwrap_or_default())
}
