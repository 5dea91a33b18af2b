//! Outputs: what can be switched in the building. A person says so, with a reason; the gateway keeps
//! who it was, has it carried out, and switches it off again.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{
    id::{IncidentId, PointId},
    input::Command,
    time::Span,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
    views::{BuildingOutputs, OutputView},
};

/// How an output is to be switched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Switching {
    /// On, or off.
    on: bool,
    /// On for so long; the output's own time without it. Nothing for off.
    #[serde(default)]
    hold: Option<Span>,
    /// Why, in one's own words; may be left out for off.
    #[serde(default)]
    reason: String,
    /// The open incident that it is for.
    #[serde(default)]
    incident: Option<IncidentId>,
}

/// What can be switched, how it stands, and what boards show.
#[utoipa::path(get, path = "/api/v1/outputs", tag = "outputs",
    responses((status = 200, body = BuildingOutputs)))]
pub(super) async fn list_outputs(State(app): State<Arc<App>>) -> Json<BuildingOutputs> {
    Json(BuildingOutputs::new(&app.state()))
}

/// Switches an output. The answer comes once the order is kept; what became of it stands in `orders`
/// of the output some moments later.
#[utoipa::path(post, path = "/api/v1/outputs/{id}/switch", tag = "outputs",
    params(("id" = String, Path, description = "The output's name, percent-encoded")),
    request_body = Switching, responses((status = 200, body = OutputView)))]
pub(super) async fn switch_output(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PointId>,
    Body(body): Body<Switching>,
) -> Result<Json<OutputView>, ApiError> {
    let known = app.state().output(&id).cloned();
    let output = known.ok_or_else(|| ApiError::not_found("output", &id))?;
    if !body.on && body.hold.is_some() {
        return Err(ApiError::invalid("`hold` says how long it is on: leave it out for off"));
    }
    let on = body.on.then(|| body.hold.unwrap_or(output.hold));
    let (reason, incident) = (body.reason, body.incident);
    let command = Command::Switch { output: id.clone(), on, reason, incident };
    app.gateway.command(actor.by(), command).await?;
    let view = OutputView::new(&app.state(), &output);
    view.map(Json).ok_or_else(|| ApiError::not_found("output", &id))
}
