//! Musters: calling everybody of a building or a group at once, and counting them.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use gengfu_core::{
    danger::Danger,
    escalation::policy::Target,
    id::{IncidentId, MusterId, PersonId, PlaceId},
    incident::By,
    input::{About, Command},
    muster::{Answer, Muster},
    person::{Person, Role},
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    answer_key::{BadLink, RollCall},
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    views::{CallView, MusterRow, MusterView},
};

/// Whom to call, and what about: an open incident, or words with a danger and a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MusterWish {
    /// Whom: `{ "residents": "building-3" }`, `{ "team": "nights" }`, `{ "person": "li" }`, `"everyone"`.
    targets: Vec<Target>,
    /// The open incident that it is about.
    #[serde(default)]
    incident: Option<IncidentId>,
    /// Without an incident: what people should know and do, in 1 to 200 letters.
    #[serde(default)]
    words: Option<String>,
    /// Without an incident: the kind of danger.
    #[serde(default)]
    danger: Option<Danger>,
    /// Without an incident: where.
    #[serde(default)]
    place: Option<PlaceId>,
    /// An exercise; messages say so.
    #[serde(default)]
    drill: bool,
}

/// What somebody answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RollAnswer {
    /// What.
    answer: Answer,
    /// Who answers; oneself without it. Volunteers count others as they meet them.
    #[serde(default)]
    person: Option<PersonId>,
}

/// What the holder of a link answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OwnAnswer {
    /// What.
    answer: Answer,
}

/// The open musters and the last ended ones, newest first.
#[utoipa::path(get, path = "/api/v1/musters", tag = "musters",
    responses((status = 200, body = Vec<MusterRow>)))]
pub(super) async fn list_musters(State(app): State<Arc<App>>) -> Json<Vec<MusterRow>> {
    Json(app.state().musters.values().rev().map(|muster| muster.as_ref().into()).collect())
}

/// Calls everybody. Volunteers may about an open incident; in one's own words only maintainers.
#[utoipa::path(post, path = "/api/v1/musters", tag = "musters",
    request_body = MusterWish, responses((status = 201, body = MusterView)))]
pub(super) async fn call_muster(
    State(app): State<Arc<App>>,
    actor: Actor,
    Body(wish): Body<MusterWish>,
) -> Result<(StatusCode, Json<MusterView>), ApiError> {
    let about = wish.about(&actor)?;
    let before = app.state().next_muster;
    let command = Command::CallMuster { targets: wish.targets, about };
    app.gateway.command(actor.by(), command).await?;
    let state = app.state();
    let called = |muster: &&Arc<Muster>| muster.id >= before && muster.by == actor.by();
    let muster = state.musters.values().rev().find(called).map(|muster| muster.id);
    let id = muster.ok_or_else(|| ApiError::unavailable("the muster is under way: reload"))?;
    Ok((StatusCode::CREATED, view(&app, id)?))
}

impl MusterWish {
    fn about(&self, actor: &Actor) -> Result<About, ApiError> {
        let own = (&self.words, self.danger, &self.place);
        match (self.incident, own) {
            (Some(incident), (None, None, None)) if !self.drill => Ok(About::Incident(incident)),
            (None, (Some(words), Some(danger), Some(place))) => {
                if !actor.has_any(&[Role::Maintainer]) {
                    return Err(ApiError::forbidden(
                        "only maintainers and admins call everybody without an incident",
                    ));
                }
                let (words, place) = (words.clone(), place.clone());
                Ok(About::Words { danger, place, words, drill: self.drill })
            }
            _ => Err(ApiError::invalid(
                "name either `incident` alone, or `words`, `danger` and `place` together",
            )),
        }
    }
}

/// One muster.
#[utoipa::path(get, path = "/api/v1/musters/{id}", tag = "musters",
    params(("id" = u64, Path, description = "The muster's number")),
    responses((status = 200, body = MusterView)))]
pub(super) async fn get_muster(
    State(app): State<Arc<App>>,
    Id(id): Id<u64>,
) -> Result<Json<MusterView>, ApiError> {
    view(&app, MusterId(id))
}

/// Counts oneself, or somebody whom one met.
#[utoipa::path(post, path = "/api/v1/musters/{id}/answer", tag = "musters",
    params(("id" = u64, Path, description = "The muster's number")),
    request_body = RollAnswer, responses((status = 200, body = MusterView)))]
pub(super) async fn answer_muster(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
    Body(body): Body<RollAnswer>,
) -> Result<Json<MusterView>, ApiError> {
    let person = body.person.unwrap_or_else(|| actor.person.id.clone());
    let command = Command::AnswerMuster { muster: MusterId(id), person, answer: body.answer };
    app.gateway.command(actor.by(), command).await?;
    view(&app, MusterId(id))
}

/// It is over: everybody who was told hears of it.
#[utoipa::path(post, path = "/api/v1/musters/{id}/end", tag = "musters",
    params(("id" = u64, Path, description = "The muster's number")),
    responses((status = 200, body = MusterView)))]
pub(super) async fn end_muster(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<MusterView>, ApiError> {
    app.gateway.command(actor.by(), Command::EndMuster(MusterId(id))).await?;
    view(&app, MusterId(id))
}

fn view(app: &App, id: MusterId) -> Result<Json<MusterView>, ApiError> {
    let state = app.state();
    let muster = state.musters.get(&id).ok_or_else(|| ApiError::not_found("muster", id))?;
    Ok(Json(MusterView::new(&state, muster, app.now())))
}

/// A link of a muster that holds, and the person whom it was sent to.
pub(crate) struct Called {
    call: RollCall,
    person: Arc<Person>,
}

impl FromRequestParts<Arc<App>> for Called {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Path(token) =
            Path::<String>::from_request_parts(parts, app).await.map_err(|_| BadLink::Bad)?;
        let call = app.answer_key.verify_roll_call(&token, app.now())?;
        // Somebody who was removed since may not act any more.
        let person = app.state().people.get(&call.person).cloned().ok_or(BadLink::Bad)?;
        Ok(Self { call, person })
    }
}

impl Called {
    fn view(&self, app: &App) -> Result<Json<CallView>, ApiError> {
        let state = app.state();
        let id = self.call.muster;
        let muster = state.musters.get(&id).ok_or_else(|| ApiError::not_found("muster", id))?;
        let zone = &state.wiring.time_zone;
        Ok(Json(CallView::new(muster, &self.person, app.now(), zone)))
    }
}

/// What whoever was called sees. Changes nothing.
#[utoipa::path(get, path = "/api/v1/roll-call/{token}", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = CallView)))]
pub(super) async fn get_roll_call(
    State(app): State<Arc<App>>,
    called: Called,
) -> Result<Json<CallView>, ApiError> {
    called.view(&app)
}

/// "I'm safe", "I need help", "I'm coming to help".
#[utoipa::path(post, path = "/api/v1/roll-call/{token}", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    request_body = OwnAnswer, responses((status = 200, body = CallView)))]
pub(super) async fn answer_roll_call(
    State(app): State<Arc<App>>,
    called: Called,
    Body(body): Body<OwnAnswer>,
) -> Result<Json<CallView>, ApiError> {
    let person = called.person.id.clone();
    let by = By::person(person.clone(), "link");
    let muster = called.call.muster;
    let command = Command::AnswerMuster { muster, person, answer: body.answer };
    app.gateway.command(by, command).await?;
    called.view(&app)
}
