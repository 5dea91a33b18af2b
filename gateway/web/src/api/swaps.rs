//! Swaps: what people ask one another to do of their shifts. Everybody for themselves.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    id::{PersonId, RosterId, SwapId},
    input::Command,
    roster::{Outcome, Swap, Turn},
    state::State as Site,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    views::name_of,
};

/// What I ask others to do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSwap {
    /// The roster.
    roster: RosterId,
    /// My shift, or a part of it.
    turn: Turn,
    /// What I do for whoever accepts: a shift of the one person whom I ask.
    #[serde(default)]
    against: Option<Turn>,
    /// Whom I ask; everybody of the roster without it.
    #[serde(default)]
    asked: Vec<PersonId>,
    /// Why, in my own words.
    #[serde(default)]
    note: String,
}

/// A swap as I see it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SwapView {
    /// The swap.
    #[serde(flatten)]
    swap: Swap,
    /// What the roster is called.
    roster_name: String,
    /// Who asks, by name.
    name: String,
    /// Who accepted, by name.
    #[schema(required)]
    by_name: Option<String>,
    /// I asked for it, and may withdraw it while it is open.
    mine: bool,
    /// I may accept or decline it.
    can_answer: bool,
}

/// What I asked for and what was asked of me, newest first; the last hundred of the house that are settled
/// are kept.
#[utoipa::path(get, path = "/api/v1/me/swaps", tag = "me",
    responses((status = 200, body = Vec<SwapView>)))]
pub(super) async fn my_swaps(State(app): State<Arc<App>>, actor: Actor) -> Json<Vec<SwapView>> {
    let (state, me) = (app.state(), &actor.person.id);
    let of_mine = |swap: &&Arc<Swap>| swap.person == *me || swap.asked.contains(me);
    let swaps = state.swaps.values().rev().filter(of_mine);
    Json(swaps.map(|swap| view(&state, swap, me)).collect())
}

/// Asks others to do a shift of mine, alone or against one of theirs.
#[utoipa::path(post, path = "/api/v1/me/swaps", tag = "me",
    request_body = NewSwap, responses((status = 201, body = SwapView)))]
pub(super) async fn ask_swap(
    State(app): State<Arc<App>>,
    actor: Actor,
    Body(new): Body<NewSwap>,
) -> Result<(StatusCode, Json<SwapView>), ApiError> {
    let NewSwap { roster, turn, against, asked, note } = new;
    let command = Command::AskSwap { roster: roster.clone(), turn, against, asked, note };
    app.gateway.command(actor.by(), command).await?;
    let (state, me) = (app.state(), &actor.person.id);
    // Nobody has asked for one shift twice.
    let is_it = |swap: &&Arc<Swap>| {
        (&swap.person, &swap.roster, swap.turn, swap.against) == (me, &roster, turn, against)
    };
    let swap = state.swaps.values().rev().find(is_it);
    let swap = swap.ok_or_else(|| ApiError::not_found("swap", "just asked for"))?;
    Ok((StatusCode::CREATED, Json(view(&state, swap, me))))
}

/// "I'll do it": from now on the roster says so.
#[utoipa::path(post, path = "/api/v1/me/swaps/{id}/accept", tag = "me",
    params(("id" = u64, Path, description = "The swap's number")),
    responses((status = 200, body = SwapView)))]
pub(super) async fn accept_swap(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<SwapView>, ApiError> {
    settle(&app, &actor, id, Command::AcceptSwap(SwapId(id))).await
}

/// "I can't."
#[utoipa::path(post, path = "/api/v1/me/swaps/{id}/decline", tag = "me",
    params(("id" = u64, Path, description = "The swap's number")),
    responses((status = 200, body = SwapView)))]
pub(super) async fn decline_swap(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<SwapView>, ApiError> {
    settle(&app, &actor, id, Command::DeclineSwap(SwapId(id))).await
}

/// Takes back what I asked.
#[utoipa::path(post, path = "/api/v1/me/swaps/{id}/withdraw", tag = "me",
    params(("id" = u64, Path, description = "The swap's number")),
    responses((status = 200, body = SwapView)))]
pub(super) async fn withdraw_swap(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<SwapView>, ApiError> {
    settle(&app, &actor, id, Command::WithdrawSwap(SwapId(id))).await
}

async fn settle(
    app: &App,
    actor: &Actor,
    id: u64,
    command: Command,
) -> Result<Json<SwapView>, ApiError> {
    let me = &actor.person.id;
    // Other people's swaps are nobody's business.
    let concerns = |swap: &Arc<Swap>| swap.person == *me || swap.asked.contains(me);
    if !app.state().swaps.get(&SwapId(id)).is_some_and(concerns) {
        return Err(ApiError::not_found("swap", id));
    }
    app.gateway.command(actor.by(), command).await?;
    let state = app.state();
    let swap = state.swaps.get(&SwapId(id)).ok_or_else(|| ApiError::not_found("swap", id))?;
    Ok(Json(view(&state, swap, me)))
}

fn view(state: &Site, swap: &Swap, me: &PersonId) -> SwapView {
    let by = swap.ended.as_ref().and_then(|ended| match &ended.outcome {
        Outcome::Accepted { by } => Some(name_of(state, by)),
        _ => None,
    });
    let roster = state.rosters.get(&swap.roster);
    SwapView {
        swap: swap.clone(),
        roster_name: roster.map_or_else(|| swap.roster.to_string(), |r| r.name.clone()),
        name: name_of(state, &swap.person),
        by_name: by,
        mine: swap.person == *me,
        can_answer: swap.is_open() && swap.is_asked(me),
    }
}
