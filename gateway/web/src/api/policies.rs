//! Escalation policies: who is asked, in which order.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{escalation::policy::Policy, id::PolicyId, input::Command, state::State as Site};

use crate::{
    app::App,
    auth::session::Actor,
    error::{ApiError, Problem},
    extract::{Body, Id},
    only_new::OnlyNew,
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
    responses((status = 200, body = Policy)))]
pub(super) async fn get_policy(
    State(app): State<Arc<App>>,
    Id(id): Id<PolicyId>,
) -> Result<Json<Policy>, ApiError> {
    find(&app.state(), &id).map(Json)
}

/// Adds or changes a policy. Open incidents keep the one they began with.
#[utoipa::path(put, path = "/api/v1/policies/{id}", tag = "policies",
    params(("id" = String, Path, description = "The policy's name, percent-encoded"),
        ("If-None-Match" = Option<String>, Header,
            description = "`*`: only where there is none by this name yet, so that none is replaced")),
    request_body = Policy, responses((status = 200, body = Policy),
        (status = 412, body = Problem, description = "There is one by this name already")))]
pub(super) async fn put_policy(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PolicyId>,
    only_new: OnlyNew,
    Body(policy): Body<Policy>,
) -> Result<Json<Policy>, ApiError> {
    if policy.id != id {
        return Err(ApiError::bad_request(format!(
            "the path names policy \"{id}\", the body \"{}\": make them the same",
            policy.id
        )));
    }
    let is_there = |state: &Site| state.policies.contains_key(&id);
    let _alone = only_new.claim(&app, ("policy", id.as_str()), is_there).await?;
    app.gateway.command(actor.by(), Command::PutPolicy(policy)).await?;
    find(&app.state(), &id).map(Json)
}

/// Removes a policy.
#[utoipa::path(delete, path = "/api/v1/policies/{id}", tag = "policies",
    params(("id" = String, Path, description = "The policy's name, percent-encoded")),
    responses((status = 204)))]
pub(super) async fn remove_policy(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PolicyId>,
) -> Result<StatusCode, ApiError> {
    app.gateway.command(actor.by(), Command::RemovePolicy(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn find(state: &Site, id: &PolicyId) -> Result<Policy, ApiError> {
    let policy = state.policies.get(id).ok_or_else(|| ApiError::not_found("policy", id))?;
    Ok(policy.as_ref().clone())
}
