//! Browsers in which a person has signed in before. Whoever guesses at a name locks it for a while, also
//! for its owner: such a browser is counted by itself, so that no stranger locks somebody out of it.

use std::io;

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use gengfu_core::{id::PersonId, time::Span};

use crate::{answer_key::AnswerKey, secret};

/// Browsers keep a cookie no longer than this (RFC 6265bis, section 5.5).
const VALID_FOR: Span = Span::hours(400 * 24);

/// The cookie's name, as the session's is made.
fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-gengfu-known" } else { "gengfu-known" }
}

/// What a browser proves by that `person` has signed in with it; none where it can't. It lets nobody in.
pub(crate) fn proof(
    key: &AnswerKey,
    headers: &HeaderMap,
    person: &str,
    secure: bool,
) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let token = jar.get(cookie_name(secure))?.value().to_owned();
    let known = key.verify_known(&token).ok()?;
    (known.as_str() == person).then_some(token)
}

/// The header by which a browser is known from now on as one in which `person` has signed in.
///
/// # Errors
/// Only where the operating system has no random numbers to give.
pub(crate) fn cookie(
    key: &AnswerKey,
    person: &PersonId,
    secure: bool,
) -> io::Result<Option<HeaderValue>> {
    let token = key.sign_known(person, &secret::random()?);
    let mut cookie = Cookie::new(cookie_name(secure), token);
    cookie.set_http_only(true);
    cookie.set_secure(secure);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_path("/");
    let age = VALID_FOR.as_millis() / 1000;
    Ok(HeaderValue::try_from(format!("{cookie}; Max-Age={age}")).ok())
}
