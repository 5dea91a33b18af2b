//! Escalation policies: who is asked, in which order.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    escalation::policy::Policy, id::PolicyId, input::Command, premise::Premise,
    state::State as Site,
};

use crate::{
    app::App,
    auth::session::Actor,
    error::{ApiError, Problem},
    extract::{Body, Id},
    precondition::{Conditions, IfMatch, Precondition, Tagged, tagged},
};

/// Every policy. Where none fits an incident, everybody is asked.
#[utoipa::path(get, path = "/api/v1/policies", tag = "policies",
    responses((status = 200, body = Vec<Policy>)))]
pub(super) async fn list_policies(State(app): State<Arc<App>>) -> Json<Vec<Policy>> {
    Json(app.state().policies.values().map(|policy| policy.as_ref().clone()).collect())
}

/// One policy.
#[utoipa::path(get, path = "/api/v1/policies/{id}", tag = "policies",
    params(("id" = String, Path, description = "The policy's name, percent-encoded")),
    responses((status = 200, body = Policy, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(super) async fn get_policy(
    State(app): State<Arc<App>>,
    Id(id): Id<PolicyId>,
) -> Result<Tagged<Policy>, ApiError> {
    shown(&app.state(), &id)
}

/// Adds or changes a policy. Open incidents keep the one they began with.
#[utoipa::path(put, path = "/api/v1/policies/{id}", tag = "policies",
    params(("id" = String, Path, description = "The policy's name, percent-encoded"), Conditions),
    request_body = Policy, responses((status = 200, body = Policy, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 412, body = Problem,
            description = "There is one by this name already, or somebody else has changed it meanwhile")))]
pub(super) async fn put_policy(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PolicyId>,
    precondition: Precondition,
    Body(policy): Body<Policy>,
) -> Result<Tagged<Policy>, ApiError> {
    if policy.id != id {
        return Err(ApiError::bad_request(format!(
            "the path names policy \"{id}\", the body \"{}\": make them the same",
            policy.id
        )));
    }
    let granted = precondition.check(Premise::policy(&app.state(), &id))?;
    app.gateway.command(actor.by(), granted.then(Command::PutPolicy(policy))).await?;
    shown(&app.state(), &id)
}

/// Removes a policy.
#[utoipa::path(delete, path = "/api/v1/policies/{id}", tag = "policies",
    params(("id" = String, Path, description = "The policy's name, percent-encoded"), IfMatch),
    responses((status = 204),
        (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn remove_policy(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PolicyId>,
    precondition: Precondition,
) -> Result<StatusCode, ApiError> {
    let granted = precondition.check(Premise::policy(&app.state(), &id))?;
    app.gateway.command(actor.by(), granted.then(Command::RemovePolicy(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(state: &Site, id: &PolicyId) -> Result<Tagged<Policy>, ApiError> {
    let policy = find(state, id)?;
    Ok(tagged(&Premise::policy(state, id), policy))
}

fn find(state: &Site, id: &PolicyId) -> Result<Policy, ApiError> {
    let policy = state.policies.get(id).ok_or_else(|| ApiError::not_found("policy", id))?;
    Ok(policy.as_ref().clone())
}
