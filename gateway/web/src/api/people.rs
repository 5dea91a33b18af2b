//! People: who they are, what they may do, how they are reached, and their invitation.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use gengfu_core::{
    hours::Hours,
    id::{PersonId, PlaceId},
    input::Command,
    person::{Method, Person, Role},
    premise::Premise,
    state::State as Site,
    text::Language,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::check_methods;
use crate::{
    app::App,
    auth::{
        invitation::{self, invite},
        origin,
        session::Actor,
    },
    error::{ApiError, Problem},
    extract::{Body, Id},
    precondition::{Conditions, IfMatch, Precondition, Tagged, tagged},
};

/// A person in the list: without addresses, which only admins see.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonRow {
    /// The name they sign in with.
    id: PersonId,
    /// What others call them.
    name: String,
    /// The language they read.
    language: Language,
    /// What they may do.
    roles: BTreeSet<Role>,
    /// The channels that reach them, best first.
    channels: Vec<gengfu_core::id::ChannelId>,
    /// They have chosen a password.
    can_sign_in: bool,
    /// Their open invitation lapses then.
    #[schema(required)]
    invited_until: Option<Timestamp>,
}

/// A person as an admin writes them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonWish {
    /// What others call them.
    name: String,
    /// The language they read.
    #[serde(default)]
    language: Language,
    /// What they may do.
    #[serde(default)]
    roles: BTreeSet<Role>,
    /// Where they live: a place of the configuration.
    #[serde(default)]
    home: Option<PlaceId>,
    /// How to reach them, best first.
    #[serde(default)]
    methods: Vec<Method>,
    /// Hours of the site's day at which only fire, trapped and critical alarms disturb them.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "22:00-06:00")]
    quiet: Option<Hours>,
}

/// A link with which a person chooses a password.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Invitation {
    /// The link, to be given to that person and nobody else. It works once.
    link: String,
    /// When it lapses.
    until: Timestamp,
}

/// Everybody, without addresses.
#[utoipa::path(get, path = "/api/v1/people", tag = "people",
    responses((status = 200, body = Vec<PersonRow>)))]
pub(super) async fn list_people(State(app): State<Arc<App>>) -> Json<Vec<PersonRow>> {
    let (state, now) = (app.state(), app.now());
    let row = |person: &Arc<Person>| {
        let login = state.logins.get(&person.id);
        let until = login.and_then(|l| l.invitation.as_ref()).map(|(_, until)| *until);
        PersonRow {
            id: person.id.clone(),
            name: person.name.clone(),
            language: person.language,
            roles: person.roles.clone(),
            channels: person.methods.iter().map(|m| m.channel.clone()).collect(),
            can_sign_in: login.is_some_and(|l| l.password_hash.is_some()),
            invited_until: until.filter(|until| now < *until),
        }
    };
    Json(state.people.values().map(row).collect())
}

/// One person, with their addresses.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people",
    params(("id" = String, Path, description = "The person's name, percent-encoded")),
    responses((status = 200, body = Person, headers(("ETag" = String, description = "For `If-Match`")))))]
pub(super) async fn get_person(
    State(app): State<Arc<App>>,
    Id(id): Id<PersonId>,
) -> Result<Tagged<Person>, ApiError> {
    shown(&app.state(), &id)
}

/// Adds or changes a person.
#[utoipa::path(put, path = "/api/v1/people/{id}", tag = "people",
    params(("id" = String, Path, description = "The person's name, percent-encoded"), Conditions),
    request_body = PersonWish, responses((status = 200, body = Person, headers(("ETag" = String, description = "For `If-Match`"))),
        (status = 412, body = Problem,
            description = "There is one by this name already, or somebody else has changed it meanwhile")))]
pub(super) async fn put_person(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PersonId>,
    precondition: Precondition,
    Body(wish): Body<PersonWish>,
) -> Result<Tagged<Person>, ApiError> {
    if wish.name.trim().is_empty() || wish.name.chars().count() > 100 {
        return Err(ApiError::invalid("give the person a name of 1 to 100 characters"));
    }
    let granted = precondition.check(Premise::person(&app.state(), &id))?;
    let state = app.state();
    check_methods(&app, &state, &wish.methods)?;
    if !wish.roles.contains(&Role::Admin) {
        keep_an_admin(&state, &id)?;
    }
    let person = Person {
        id: id.clone(),
        name: wish.name,
        language: wish.language,
        roles: wish.roles,
        home: wish.home,
        methods: wish.methods,
        quiet: wish.quiet,
    };
    app.gateway.command(actor.by(), granted.then(Command::PutPerson(person))).await?;
    shown(&app.state(), &id)
}

/// Removes a person whom no roster and no policy names.
#[utoipa::path(delete, path = "/api/v1/people/{id}", tag = "people",
    params(("id" = String, Path, description = "The person's name, percent-encoded"), IfMatch),
    responses((status = 204),
        (status = 412, body = Problem, description = "Somebody else has changed it meanwhile")))]
pub(super) async fn remove_person(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<PersonId>,
    precondition: Precondition,
) -> Result<StatusCode, ApiError> {
    keep_an_admin(&app.state(), &id)?;
    let granted = precondition.check(Premise::person(&app.state(), &id))?;
    app.gateway.command(actor.by(), granted.then(Command::RemovePerson(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link with which the person chooses a (new) password. An older link lapses, and the
/// person is signed out everywhere.
#[utoipa::path(post, path = "/api/v1/people/{id}/invitation", tag = "people",
    params(("id" = String, Path, description = "The person's name, percent-encoded")),
    responses((status = 200, body = Invitation)))]
pub(super) async fn invite_person(
    State(app): State<Arc<App>>,
    actor: Actor,
    headers: HeaderMap,
    uri: Uri,
    Id(id): Id<PersonId>,
) -> Result<Json<Invitation>, ApiError> {
    let state = app.state();
    find(&state, &id)?;
    let now = app.now();
    let (token, login) = invite(state.logins.get(&id), now)
        .map_err(|error| ApiError::unavailable(error.to_string()))?;
    app.gateway.command(actor.by(), Command::SetLogin { person: id, login }).await?;
    let link = match &app.public_url {
        Some(url) => url.invitation(&token),
        // Where no public address is set, the one that the admin's own browser uses will do.
        None => format!(
            "{}://{}/invitation/{token}",
            if app.secure { "https" } else { "http" },
            origin::host(&headers, &uri).unwrap_or("localhost")
        ),
    };
    Ok(Json(Invitation { link, until: now + invitation::VALID_FOR }))
}

fn shown(state: &Site, id: &PersonId) -> Result<Tagged<Person>, ApiError> {
    let person = find(state, id)?;
    Ok(tagged(&Premise::person(state, id), person.as_ref().clone()))
}

fn find<'a>(state: &'a Site, id: &PersonId) -> Result<&'a Arc<Person>, ApiError> {
    state.people.get(id).ok_or_else(|| ApiError::not_found("person", id))
}

/// Refused where nobody but `leaving` could manage people any more.
fn keep_an_admin(state: &Site, leaving: &PersonId) -> Result<(), ApiError> {
    let is_admin = |person: &Person| person.roles.contains(&Role::Admin);
    let leaves = state.people.get(leaving).is_some_and(|person| is_admin(person));
    let stays = state.people.values().any(|person| {
        person.id != *leaving
            && is_admin(person)
            && state.logins.get(&person.id).is_some_and(|login| login.password_hash.is_some())
    });
    if leaves && !stays {
        return Err(ApiError::conflict(
            "this is the last admin who can sign in: make somebody else an admin first",
        ));
    }
    Ok(())
}
