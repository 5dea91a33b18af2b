//! What people change about themselves: how they are reached.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{
    input::Command,
    person::{LONGEST_DELAY, Method, Person},
    premise::Premise,
    state::State as Site,
};

use crate::{app::App, auth::session::Actor, error::ApiError, extract::Body};

/// Ways of reaching one person that are kept.
const METHODS: usize = 16;
/// Bytes of an address; a push subscription has a few hundred.
const ADDRESS_LEN: usize = 4096;

/// How I am reached, best first.
#[utoipa::path(get, path = "/api/v1/me/methods", tag = "me",
    responses((status = 200, body = Vec<Method>)))]
pub(super) async fn get_methods(actor: Actor) -> Json<Vec<Method>> {
    Json(actor.person.methods.clone())
}

/// Changes how I am reached, best first. A vital alarm starts the first two at once.
#[utoipa::path(put, path = "/api/v1/me/methods", tag = "me",
    request_body = Vec<Method>, responses((status = 200, body = Vec<Method>)))]
pub(super) async fn put_methods(
    State(app): State<Arc<App>>,
    actor: Actor,
    Body(methods): Body<Vec<Method>>,
) -> Result<Json<Vec<Method>>, ApiError> {
    set_methods(&app, &actor, methods).await.map(Json)
}

pub(super) async fn set_methods(
    app: &App,
    actor: &Actor,
    methods: Vec<Method>,
) -> Result<Vec<Method>, ApiError> {
    check_methods(app, &app.state(), &methods)?;
    let person = Person { methods: methods.clone(), ..actor.person.as_ref().clone() };
    // The rest of it is as it was when they came: what an admin changes at the same moment is not undone.
    let seen = Premise::Person(person.id.clone(), Some(actor.person.clone()));
    let change = Box::new(Command::PutPerson(person));
    app.gateway.command(actor.by(), Command::IfStill { seen, change }).await?;
    Ok(methods)
}

/// Refused where a method could never reach anybody. Addresses are secrets: they are not repeated.
pub(super) fn check_methods(app: &App, state: &Site, methods: &[Method]) -> Result<(), ApiError> {
    if methods.len() > METHODS {
        return Err(ApiError::invalid(format!("at most {METHODS} ways of reaching one person")));
    }
    for (at, method) in methods.iter().enumerate() {
        let nth = at + 1;
        if !state.wiring.channels.contains_key(&method.channel) {
            return Err(ApiError::invalid(format!(
                "method {nth}: there is no channel \"{}\": choose one of GET /api/v1/channels",
                method.channel
            )));
        }
        if method.address.len() > ADDRESS_LEN {
            return Err(ApiError::invalid(format!("method {nth}: the address is too long")));
        }
        if methods[..at].iter().any(|m| m.is_same_way(method)) {
            return Err(ApiError::invalid(format!("method {nth} is there twice")));
        }
        if method.after.is_some_and(|after| after > LONGEST_DELAY) {
            return Err(ApiError::invalid(format!(
                "method {nth}: a delay of at most {LONGEST_DELAY}; leave it out to keep this way \
                 for when those before it fail"
            )));
        }
        app.gateway
            .check_address(&method.channel, &method.address)
            .map_err(|why| ApiError::invalid(format!("method {nth}: {why}")))?;
    }
    Ok(())
}
