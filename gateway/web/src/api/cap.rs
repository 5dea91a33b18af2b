//! Incidents as alerts for programs of others (CAP 1.2): a feed to subscribe to, and each message.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use gengfu_core::person::{Person, Role};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    answer_key::BadLink,
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Id, Two},
};

/// Where the feed is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CapLink {
    /// The path on this gateway. Whoever has it may read the alerts, for as long as you may.
    path: String,
}

/// The address at which a program reads the alerts: it works for as long as whoever asked has the role.
#[utoipa::path(get, path = "/api/v1/cap", tag = "cap",
    responses((status = 200, body = CapLink)))]
pub(super) async fn get_cap_link(State(app): State<Arc<App>>, actor: Actor) -> Json<CapLink> {
    let token = app.answer_key.sign_alerts(&actor.person.id);
    Json(CapLink { path: format!("/api/v1/cap/{token}/feed.atom") })
}

/// The newest messages about incidents, as an Atom feed of alerts.
#[utoipa::path(get, path = "/api/v1/cap/{token}/feed.atom", tag = "cap",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = String, content_type = "application/atom+xml")))]
pub(super) async fn get_cap_feed(
    State(app): State<Arc<App>>,
    Id(token): Id<String>,
) -> Result<Response, ApiError> {
    let reader = reader(&app, &token)?;
    let feed = app.gateway.alerts(reader.language);
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], feed).into_response())
}

/// One message about an incident, by the Common Alerting Protocol 1.2.
#[utoipa::path(get, path = "/api/v1/cap/{token}/{name}", tag = "cap",
    params(
        ("token" = String, Path, description = "The token of the link"),
        ("name" = String, Path, description = "The message, as the feed names it")
    ),
    responses((status = 200, body = String, content_type = "application/cap+xml")))]
pub(super) async fn get_cap_alert(
    State(app): State<Arc<App>>,
    Two(token, name): Two,
) -> Result<Response, ApiError> {
    reader(&app, &token)?;
    let alert = app.gateway.alert(&name).ok_or_else(|| ApiError::not_found("alert", &name))?;
    Ok(([(header::CONTENT_TYPE, "application/cap+xml; charset=utf-8")], alert).into_response())
}

/// Whoever asked for the link, while they may read this.
fn reader(app: &App, token: &str) -> Result<Arc<Person>, ApiError> {
    let id = app.answer_key.verify_alerts(token)?;
    let person = app.state().people.get(&id).cloned().ok_or(BadLink::Bad)?;
    let may = |role: &Role| matches!(role, Role::Admin | Role::Maintainer);
    if !person.roles.iter().any(may) {
        return Err(BadLink::Bad.into());
    }
    Ok(person)
}
