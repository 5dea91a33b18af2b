//! Using an invitation: choosing a password, once.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use gengfu_core::{
    incident::By,
    input::Command,
    person::{Login, Person},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{self, SessionView};
use crate::{
    app::App,
    auth::{invitation::invited, password},
    error::ApiError,
    extract::{Body, Id},
    views::Me,
};

/// Whom an invitation is for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct InvitationView {
    /// The person.
    me: Me,
    /// When it lapses.
    until: Timestamp,
    /// Characters that the password must have.
    min_length: usize,
}

/// The password of one's choice.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// At least 10 characters.
    #[schema(format = Password)]
    password: String,
}

/// Whom an invitation is for. Does not use it.
#[utoipa::path(get, path = "/api/v1/invitation/{token}", tag = "session",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = InvitationView)))]
pub(super) async fn get_invitation(
    State(app): State<Arc<App>>,
    Id(token): Id<String>,
) -> Result<Json<InvitationView>, ApiError> {
    let (person, until) = find(&app, &token)?;
    let me = person.as_ref().into();
    Ok(Json(InvitationView { me, until, min_length: password::MIN_LEN }))
}

/// Sets the password, ends the invitation and every old session, and signs in.
#[utoipa::path(post, path = "/api/v1/invitation/{token}", tag = "session",
    params(("token" = String, Path, description = "The token of the link")),
    request_body = NewPassword, responses((status = 200, body = SessionView)))]
pub(super) async fn use_invitation(
    State(app): State<Arc<App>>,
    Id(token): Id<String>,
    Body(wish): Body<NewPassword>,
) -> Result<(HeaderMap, Json<SessionView>), ApiError> {
    // One at a time: a link that is opened twice at once still works only once.
    let _one = app.inviting.lock().await;
    let (person, _) = find(&app, &token)?;
    let hash = app.passwords.hash(wish.password).await?;
    let login = Login { password_hash: Some(hash), invitation: None };
    let by = By::person(person.id.clone(), "page");
    app.gateway.command(by, Command::SetLogin { person: person.id.clone(), login }).await?;
    session::open(&app, &person).await
}

fn find(app: &App, token: &str) -> Result<(Arc<Person>, Timestamp), ApiError> {
    let state = app.state();
    let bad = || {
        ApiError::new(
            StatusCode::UNAUTHORIZED,
            "bad_invitation",
            "this invitation is not valid, or was used already: ask an admin for a new one",
        )
    };
    let (id, until) = invited(&state, token).ok_or_else(bad)?;
    if app.now() >= until {
        return Err(ApiError::new(
            StatusCode::GONE,
            "expired",
            "this invitation has lapsed: ask an admin for a new one",
        ));
    }
    let person = state.people.get(&id).cloned().ok_or_else(bad)?;
    Ok((person, until))
}
