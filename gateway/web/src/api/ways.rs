//! Ways: how well each of a person's ways of being reached is known to work, and trying one.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    id::{ChannelId, PersonId},
    input::Command,
    notification::way::{Broken, Way},
    person::Method,
    state::State as Site,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{app::App, auth::session::Actor, error::ApiError, extract::Id};

/// One way of reaching a person, without its address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WayView {
    /// Its place in the person's order, from 1.
    number: usize,
    /// The channel.
    channel: ChannelId,
    /// It may be counted on: set up, not broken, and proven or at most 72 h old.
    works: bool,
    /// The person can answer through it.
    answerable: bool,
    /// When something last arrived by it: their device or they said so.
    #[schema(required)]
    proven_at: Option<Timestamp>,
    /// Why it leads nowhere.
    #[schema(required)]
    broken: Option<Broken>,
}

/// How well my ways are known to work, in my order.
#[utoipa::path(get, path = "/api/v1/me/ways", tag = "me",
    responses((status = 200, body = Vec<WayView>)))]
pub(super) async fn my_ways(State(app): State<Arc<App>>, actor: Actor) -> Json<Vec<WayView>> {
    Json(views(&app.state(), &actor.person.id, app.now()))
}

/// Sends me a test by one of my ways now.
#[utoipa::path(post, path = "/api/v1/me/ways/{number}/test", tag = "me",
    params(("number" = usize, Path, description = "Its place in my order, from 1")),
    responses((status = 202, description = "The message is on its way")))]
pub(super) async fn test_my_way(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(number): Id<usize>,
) -> Result<StatusCode, ApiError> {
    let (person, method) = mine(&actor, number)?;
    app.gateway.command(actor.by(), Command::TestWay { person, method }).await?;
    Ok(StatusCode::ACCEPTED)
}

/// "It arrived": from now on this way counts.
#[utoipa::path(post, path = "/api/v1/me/ways/{number}/arrived", tag = "me",
    params(("number" = usize, Path, description = "Its place in my order, from 1")),
    responses((status = 204)))]
pub(super) async fn my_way_works(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(number): Id<usize>,
) -> Result<StatusCode, ApiError> {
    let (person, method) = mine(&actor, number)?;
    app.gateway.command(actor.by(), Command::ProveWay { person, method }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How well a person's ways are known to work, in their order.
#[utoipa::path(get, path = "/api/v1/people/{id}/ways", tag = "people",
    params(("id" = String, Path, description = "The person's name, percent-encoded")),
    responses((status = 200, body = Vec<WayView>)))]
pub(super) async fn ways_of(
    State(app): State<Arc<App>>,
    Id(id): Id<PersonId>,
) -> Result<Json<Vec<WayView>>, ApiError> {
    let state = app.state();
    if !state.people.contains_key(&id) {
        return Err(ApiError::not_found("person", id));
    }
    Ok(Json(views(&state, &id, app.now())))
}

fn views(state: &Site, person: &PersonId, now: Timestamp) -> Vec<WayView> {
    let ways = state.ways.get(person).map(Vec::as_slice).unwrap_or_default();
    let view = |(at, way): (usize, &Way)| {
        let channel = state.wiring.channels.get(&way.channel);
        WayView {
            number: at + 1,
            channel: way.channel.clone(),
            works: channel.is_some() && way.counts(now),
            answerable: channel.is_some_and(|channel| channel.answerable),
            proven_at: way.proven_at,
            broken: way.broken.clone(),
        }
    };
    ways.iter().enumerate().map(view).collect()
}

/// Whoever asks, and the way of theirs with this number.
fn mine(actor: &Actor, number: usize) -> Result<(PersonId, Method), ApiError> {
    let found = number.checked_sub(1).and_then(|at| actor.person.methods.get(at));
    let method = found.ok_or_else(|| ApiError::not_found("way", number))?;
    Ok((actor.person.id.clone(), method.clone()))
}
