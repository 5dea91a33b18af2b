//! Advice for whoever goes: a card for each danger, and what is noted of each place.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    advice::{Card, PlaceNote},
    danger::Danger,
    id::PlaceId,
    input::Command,
    premise::Premise,
    state::State as Site,
};

use crate::{
    app::App,
    auth::session::Actor,
    error::{ApiError, Problem},
    extract::{Body, Id},
    precondition::{IfMatch, Precondition, Tagged, tagged},
    views::CardView,
};

/// The card of every danger, most pressing first.
#[utoipa::path(get, path = "/api/v1/cards", tag = "advice",
    responses((status = 200, body = Vec<CardView>)))]
pub(super) async fn list_cards(State(app): State<Arc<App>>) -> Json<Vec<CardView>> {
    let state = app.state();
    Json(Danger::ALL.into_iter().map(|danger| CardView::new(&state, danger)).collect())
}

/// The card of one danger.
#[utoipa::path(get, path = "/api/v1/cards/{danger}", tag = "advice",
    params(("danger" = Danger, Path, description = "The kind of danger")),
    responses((status = 200, body = CardView, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(super) async fn get_card(
    State(app): State<Arc<App>>,
    Id(danger): Id<Danger>,
) -> Tagged<CardView> {
    shown(&app.state(), danger)
}

/// Edits a card. Open incidents show it at once.
#[utoipa::path(put, path = "/api/v1/cards/{danger}", tag = "advice",
    params(("danger" = Danger, Path, description = "The kind of danger"), IfMatch),
    request_body = Card, responses((status = 200, body = CardView, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn put_card(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(danger): Id<Danger>,
    precondition: Precondition,
    Body(card): Body<Card>,
) -> Result<Tagged<CardView>, ApiError> {
    let granted = precondition.check(Premise::card(&app.state(), danger))?;
    app.gateway.command(actor.by(), granted.then(Command::PutCard { danger, card })).await?;
    Ok(shown(&app.state(), danger))
}

/// Takes the edit back: the usual card holds again.
#[utoipa::path(delete, path = "/api/v1/cards/{danger}", tag = "advice",
    params(("danger" = Danger, Path, description = "The kind of danger"), IfMatch),
    responses((status = 204), (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn remove_card(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(danger): Id<Danger>,
    precondition: Precondition,
) -> Result<StatusCode, ApiError> {
    let granted = precondition.check(Premise::card(&app.state(), danger))?;
    app.gateway.command(actor.by(), granted.then(Command::RemoveCard(danger))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is noted of a place itself: things that a rescue takes, and flats where somebody needs help.
#[utoipa::path(get, path = "/api/v1/places/{id}/advice", tag = "advice",
    params(("id" = String, Path, description = "The place's name, percent-encoded")),
    responses((status = 200, body = PlaceNote, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(super) async fn get_note(
    State(app): State<Arc<App>>,
    Id(id): Id<PlaceId>,
) -> Result<Tagged<PlaceNote>, ApiError> {
    noted(&app.state(), &id)
}

/// Writes down all that there is to note of a place; an empty note for nothing.
#[utoipa::path(put, path = "/api/v1/places/{id}/advice", tag = "advice",
    params(("id" = String, Path, description = "The place's name, percent-encoded"), IfMatch),
    request_body = PlaceNote, responses((status = 200, body = PlaceNote, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn put_note(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PlaceId>,
    precondition: Precondition,
    Body(note): Body<PlaceNote>,
) -> Result<Tagged<PlaceNote>, ApiError> {
    let granted = precondition.check(Premise::note(&app.state(), &id))?;
    let change = granted.then(Command::PutNote { place: id.clone(), note });
    app.gateway.command(actor.by(), change).await?;
    noted(&app.state(), &id)
}

fn shown(state: &Site, danger: Danger) -> Tagged<CardView> {
    tagged(&Premise::card(state, danger), CardView::new(state, danger))
}

fn noted(state: &Site, id: &PlaceId) -> Result<Tagged<PlaceNote>, ApiError> {
    if !state.wiring.places.contains_key(id) {
        return Err(ApiError::not_found("place", id));
    }
    let note = state.advice.notes.get(id).map(|note| note.as_ref().clone()).unwrap_or_default();
    Ok(tagged(&Premise::note(state, id), note))
}
