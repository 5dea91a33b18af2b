//! Signing in and out.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::{Extensions, HeaderMap, StatusCode, header},
};
use gengfu_core::{
    id::PersonId,
    incident::By,
    input::Command,
    person::{Person, Role, Session},
    text::Language,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::{
        known, origin,
        session::{self, Actor},
    },
    error::ApiError,
    extract::Body,
};

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// The name for signing in.
    person: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// The name for signing in.
    person: PersonId,
    /// What others call them.
    name: String,
    /// What they may do.
    roles: BTreeSet<Role>,
    /// The language they read.
    language: Language,
    /// The site's time zone.
    time_zone: String,
}

impl SessionView {
    fn new(app: &App, person: &Person) -> Self {
        Self {
            person: person.id.clone(),
            name: person.name.clone(),
            roles: person.roles.clone(),
            language: person.language,
            time_zone: app.state().wiring.time_zone.clone(),
        }
    }
}

/// Signs in: sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "session",
    request_body = SignIn, responses((status = 200, body = SessionView)))]
pub(super) async fn sign_in(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    extensions: Extensions,
    Body(wish): Body<SignIn>,
) -> Result<(HeaderMap, Json<SessionView>), ApiError> {
    let address = origin::address(&headers, &extensions);
    let attempt = match known::proof(&app.answer_key, &headers, &wish.person, app.secure) {
        Some(proof) => app.throttle.attempt_of_known(app.now(), proof),
        None => app.throttle.attempt(app.now(), &wish.person, address),
    };
    let attempt = attempt.map_err(|wait| {
        ApiError::too_many("too many attempts: wait a while, then try again", wait)
    })?;
    let state = app.state();
    let person = wish.person.parse().ok().and_then(|id: PersonId| state.people.get(&id).cloned());
    let hash = person
        .as_ref()
        .and_then(|person| state.logins.get(&person.id))
        .and_then(|login| login.password_hash.clone());
    let right = app.passwords.verify(hash, wish.password).await?;
    let Some(person) = person.filter(|_| right) else {
        tracing::warn!(%address, "a sign-in was refused");
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "bad_credentials",
            "the name or the password is wrong. An admin can make you a new invitation",
        ));
    };
    app.throttle.succeeded(&attempt);
    open(&app, &person).await
}

/// Opens a session for a person who has just proved who they are.
pub(super) async fn open(
    app: &App,
    person: &Person,
) -> Result<(HeaderMap, Json<SessionView>), ApiError> {
    let (token, key) =
        session::new_token().map_err(|error| ApiError::unavailable(error.to_string()))?;
    let session = Session { person: person.id.clone(), until: app.now() + session::VALID_FOR };
    let by = By::person(person.id.clone(), "page");
    app.gateway.command(by, Command::OpenSession { key, session }).await?;
    let mut headers = session::with_cookie(Some(&token), app.secure);
    let known = known::cookie(&app.answer_key, &person.id, app.secure)
        .map_err(|error| ApiError::unavailable(error.to_string()))?;
    headers.extend(known.map(|value| (header::SET_COOKIE, value)));
    Ok((headers, Json(SessionView::new(app, person))))
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = SessionView)))]
pub(super) async fn get_session(State(app): State<Arc<App>>, actor: Actor) -> Json<SessionView> {
    Json(SessionView::new(&app, &actor.person))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)))]
pub(super) async fn sign_out(
    State(app): State<Arc<App>>,
    actor: Actor,
) -> Result<(StatusCode, HeaderMap), ApiError> {
    app.gateway.command(actor.by(), Command::CloseSession(actor.key.clone())).await?;
    Ok((StatusCode::NO_CONTENT, session::with_cookie(None, app.secure)))
}
