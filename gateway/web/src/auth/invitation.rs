//! Invitations: a one-time link with which a person chooses a password. There is no default one.

use std::io;

use gengfu_core::{
    id::PersonId,
    person::Login,
    state::State,
    time::{Span, Timestamp},
};

use crate::secret;

/// How long an invitation can be used.
pub const VALID_FOR: Span = Span::hours(72);

/// Invites a person: the token for `…/invitation/{token}`, and the login to set for them with
/// [`Command::SetLogin`](gengfu_core::input::Command::SetLogin). A password they have stays good
/// until the invitation is used; an older invitation does not.
///
/// # Errors
/// Only where the operating system has no random numbers to give.
pub fn invite(current: Option<&Login>, now: Timestamp) -> io::Result<(String, Login)> {
    let token = secret::token()?;
    let login = Login {
        password_hash: current.and_then(|login| login.password_hash.clone()),
        invitation: Some((secret::fingerprint(&token), now + VALID_FOR)),
    };
    Ok((token, login))
}

/// Whom a token invites, and until when; the time may be over.
pub(crate) fn invited(state: &State, token: &str) -> Option<(PersonId, Timestamp)> {
    let wanted = secret::fingerprint(token);
    state.logins.iter().find_map(|(person, login)| match &login.invitation {
        Some((fingerprint, until)) if *fingerprint == wanted => Some((person.clone(), *until)),
        _ => None,
    })
}
