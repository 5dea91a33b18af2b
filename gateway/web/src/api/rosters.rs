//! Rosters, and who is on call at an instant or through a period.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    id::{PersonId, RosterId},
    input::Command,
    premise::Premise,
    roster::{Roster, ShiftSpan, Turn},
    state::State as Site,
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    auth::session::Actor,
    error::{ApiError, Problem},
    extract::{Body, Id, Query},
    precondition::{Conditions, IfMatch, Precondition, Tagged, tagged},
    views::{PersonRef, name_of},
};

/// Spans of one answer; a page asks again from the end of the last one.
const SPANS: usize = 2_000;
/// The longest period of one answer: a roster that never changes is walked through to its end.
const LONGEST_PERIOD: Span = Span::hours(3 * 366 * 24);

/// An instant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Instant {
    /// Then; now without it.
    at: Option<Timestamp>,
}

/// A period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Period {
    /// From then on; now without it.
    from: Option<Timestamp>,
    /// Until just before then; 28 days after `from` without it.
    to: Option<Timestamp>,
}

/// Who is on call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnCallView {
    /// The instant asked about.
    at: Timestamp,
    /// Who.
    people: Vec<PersonRef>,
    /// The layers and exceptions that say so.
    why: Vec<String>,
    /// When this changes next; none where it never does.
    #[schema(required)]
    until: Option<Timestamp>,
    /// Who follows, and when; none where nobody does for two months.
    #[schema(required)]
    relief: Option<ReliefView>,
    /// Until when I am on call; none where I am not, or where it has no end within two months.
    #[schema(required)]
    my_until: Option<Timestamp>,
    /// My next shift that begins later, if one begins and ends within two months.
    #[schema(required)]
    my_next: Option<Turn>,
}

/// A change of who is on call.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReliefView {
    /// When.
    at: Timestamp,
    /// Who is on call from then on; nobody where this is empty.
    people: Vec<PersonRef>,
}

/// Every roster.
#[utoipa::path(get, path = "/api/v1/rosters", tag = "rosters",
    responses((status = 200, body = Vec<Roster>)))]
pub(super) async fn list_rosters(State(app): State<Arc<App>>) -> Json<Vec<Roster>> {
    Json(app.state().rosters.values().map(|roster| roster.as_ref().clone()).collect())
}

/// One roster.
#[utoipa::path(get, path = "/api/v1/rosters/{id}", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded")),
    responses((status = 200, body = Roster, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(super) async fn get_roster(
    State(app): State<Arc<App>>,
    Id(id): Id<RosterId>,
) -> Result<Tagged<Roster>, ApiError> {
    shown(&app.state(), &id)
}

/// Adds or changes a roster.
#[utoipa::path(put, path = "/api/v1/rosters/{id}", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), Conditions),
    request_body = Roster, responses((status = 200, body = Roster, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 412, body = Problem,
            description = "There is one by this name already, or somebody else has changed it meanwhile")))]
pub(super) async fn put_roster(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<RosterId>,
    precondition: Precondition,
    Body(roster): Body<Roster>,
) -> Result<Tagged<Roster>, ApiError> {
    if roster.id != id {
        return Err(ApiError::bad_request(format!(
            "the path names roster \"{id}\", the body \"{}\": make them the same",
            roster.id
        )));
    }
    let problems: Vec<String> = roster.validate().iter().map(ToString::to_string).collect();
    if !problems.is_empty() {
        return Err(ApiError::invalid(problems.join("; ")));
    }
    let granted = precondition.check(Premise::roster(&app.state(), &id))?;
    app.gateway.command(actor.by(), granted.then(Command::PutRoster(roster))).await?;
    shown(&app.state(), &id)
}

/// Removes a roster that no policy uses.
#[utoipa::path(delete, path = "/api/v1/rosters/{id}", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), IfMatch),
    responses((status = 204),
        (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn remove_roster(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<RosterId>,
    precondition: Precondition,
) -> Result<StatusCode, ApiError> {
    let granted = precondition.check(Premise::roster(&app.state(), &id))?;
    app.gateway.command(actor.by(), granted.then(Command::RemoveRoster(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who is on call at an instant, who follows, and what that means for me.
#[utoipa::path(get, path = "/api/v1/rosters/{id}/on-call", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), Instant),
    responses((status = 200, body = OnCallView)))]
pub(super) async fn get_on_call(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<RosterId>,
    Query(instant): Query<Instant>,
) -> Result<Json<OnCallView>, ApiError> {
    let state = app.state();
    let roster = find(&state, &id)?.clone();
    let at = instant.at.unwrap_or_else(|| app.now());
    // Off the async threads: a crowded roster takes a while.
    let made = tokio::task::spawn_blocking(move || {
        let on_call = roster.on_call(at);
        let ahead = roster.ahead(&actor.person.id, at);
        let person = |id: &PersonId| PersonRef { id: id.clone(), name: name_of(&state, id) };
        let people = |ids: &[PersonId]| ids.iter().map(person).collect();
        OnCallView {
            at,
            people: people(&on_call.people),
            why: on_call.why,
            until: roster.next_change(at),
            relief: ahead
                .relief
                .map(|relief| ReliefView { at: relief.at, people: people(&relief.then) }),
            my_until: ahead.until,
            my_next: ahead.next,
        }
    });
    made.await
        .map(Json)
        .map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))
}

/// Who is on call through a period, span by span without a gap.
#[utoipa::path(get, path = "/api/v1/rosters/{id}/shifts", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded"), Period),
    responses((status = 200, body = Vec<ShiftSpan>,
        description = "At most 2000 spans; ask again from the end of the last one")))]
pub(super) async fn get_shifts(
    State(app): State<Arc<App>>,
    Id(id): Id<RosterId>,
    Query(period): Query<Period>,
) -> Result<Json<Vec<ShiftSpan>>, ApiError> {
    let roster = find(&app.state(), &id)?.clone();
    let from = period.from.unwrap_or_else(|| app.now());
    let to = period.to.unwrap_or(from + Span::hours(28 * 24));
    if from > to {
        return Err(ApiError::invalid("`from` must not lie after `to`"));
    }
    if to.since(from) > LONGEST_PERIOD {
        return Err(ApiError::invalid("ask for three years at the most"));
    }
    // Off the async threads: a crowded roster over years takes a while.
    tokio::task::spawn_blocking(move || roster.shifts(from, to).take(SPANS).collect())
        .await
        .map(Json)
        .map_err(|_| ApiError::unavailable("the gateway is stopping: try again in a minute"))
}

/// Everybody whom a roster names, in its order.
#[utoipa::path(get, path = "/api/v1/rosters/{id}/people", tag = "rosters",
    params(("id" = String, Path, description = "The roster's name, percent-encoded")),
    responses((status = 200, body = Vec<PersonRef>)))]
pub(super) async fn get_roster_people(
    State(app): State<Arc<App>>,
    Id(id): Id<RosterId>,
) -> Result<Json<Vec<PersonRef>>, ApiError> {
    let state = app.state();
    let people = find(&state, &id)?.people().into_iter();
    Ok(Json(people.map(|id| PersonRef { name: name_of(&state, &id), id }).collect()))
}

fn shown(state: &Site, id: &RosterId) -> Result<Tagged<Roster>, ApiError> {
    let roster = find(state, id)?;
    Ok(tagged(&Premise::roster(state, id), roster.as_ref().clone()))
}

pub(super) fn find<'a>(state: &'a Site, id: &RosterId) -> Result<&'a Arc<Roster>, ApiError> {
    state.rosters.get(id).ok_or_else(|| ApiError::not_found("roster", id))
}
