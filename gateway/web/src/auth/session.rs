//! Sessions: a random cookie in the browser, its SHA-256 in the state.

use std::{io, sync::Arc};

use axum::http::{HeaderMap, HeaderValue, header};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use gengfu_core::{
    incident::By,
    person::{Person, Role},
    state::State,
    time::{Span, Timestamp},
};

use crate::secret;

/// A session ends by itself after this long.
pub(crate) const VALID_FOR: Span = Span::hours(30 * 24);

/// Who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    /// The person, as they stand now: a role that was taken away is gone at once.
    pub person: Arc<Person>,
    /// The session's key in the state.
    pub key: String,
    /// One of these was asked of them at the door; none where being signed in was enough.
    pub needed: Option<&'static [Role]>,
}

impl Actor {
    /// Has one of these roles; admins have all.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        self.person.roles.contains(&Role::Admin)
            || roles.iter().any(|role| self.person.roles.contains(role))
    }

    /// Whether what was let in at the door may go on: the session stands, and so does the role.
    pub fn may_still(&self, state: &State, now: Timestamp) -> bool {
        by_key(state, now, &self.key)
            .is_some_and(|now| self.needed.is_none_or(|roles| now.has_any(roles)))
    }

    /// What the person does on a page.
    pub fn by(&self) -> By {
        By::person(self.person.id.clone(), "page")
    }
}

/// The cookie's name. Under TLS the prefix makes browsers refuse it from anything but this host.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-gengfu" } else { "gengfu" }
}

/// A new session: the cookie's value for the browser and the key for the state.
pub(crate) fn new_token() -> io::Result<(String, String)> {
    let token = secret::token()?;
    let key = secret::fingerprint(&token);
    Ok((token, key))
}

/// The header that gives a browser its cookie, or takes it back where there is no token.
pub(crate) fn set_cookie(token: Option<&str>, secure: bool) -> Option<HeaderValue> {
    let age = if token.is_some() { VALID_FOR.as_millis() / 1000 } else { 0 };
    let mut cookie = Cookie::new(cookie_name(secure), token.unwrap_or_default().to_owned());
    cookie.set_http_only(true);
    cookie.set_secure(secure);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    // Written by hand: the cookie crate's type for an age comes from a crate not used otherwise.
    HeaderValue::try_from(format!("{cookie}; Max-Age={age}")).ok()
}

/// Who sent these headers, if a session that has not ended says so.
pub(crate) fn actor(
    state: &State,
    now: Timestamp,
    headers: &HeaderMap,
    secure: bool,
) -> Option<Actor> {
    let jar = CookieJar::from_headers(headers);
    let key = secret::fingerprint(jar.get(cookie_name(secure))?.value());
    by_key(state, now, &key)
}

/// Who a session's key stands for, if it has not ended.
pub(crate) fn by_key(state: &State, now: Timestamp, key: &str) -> Option<Actor> {
    let session = state.sessions.get(key).filter(|session| now < session.until)?;
    let person = state.people.get(&session.person)?.clone();
    Some(Actor { person, key: key.to_owned(), needed: None })
}

/// The header with which a browser gets or loses its cookie.
pub(crate) fn with_cookie(token: Option<&str>, secure: bool) -> HeaderMap {
    set_cookie(token, secure).map(|value| (header::SET_COOKIE, value)).into_iter().collect()
}
