//! Changing something without undoing, unseen, what somebody else has made of it: `If-Match` and
//! `If-None-Match` (RFC 9110, 13.1), and the tags that they speak of.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, header, request::Parts},
};
use gengfu_core::{input::Command, premise::Premise};
use serde::Serialize;
use utoipa::IntoParams;

use crate::{app::App, error::ApiError, gateway::CommandError, secret};

/// The headers of a change of what is there.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "for the document; `Precondition` reads them")]
pub(crate) struct IfMatch {
    /// The `ETag` that it was read with: refused where somebody else has changed it since.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The headers of what makes something new or changes what is there.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "for the document; `Precondition` reads them")]
pub(crate) struct Conditions {
    /// `*`: only where there is none by this name yet, so that none is replaced.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
    /// The `ETag` that it was read with: refused where somebody else has changed it since.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// What must hold of a thing for a change of it to be carried out.
pub(crate) enum Precondition {
    /// Nothing.
    Nothing,
    /// `If-None-Match: *`: there is none yet.
    OnlyNew,
    /// `If-Match: *`: there is one.
    Exists,
    /// `If-Match: "…"`: it has one of these tags.
    Tags(String),
}

/// What a change takes for granted once its precondition was found to hold.
pub(crate) struct Granted(Option<Premise>);

impl Precondition {
    /// Whether it holds of `thing` as it stands.
    ///
    /// # Errors
    /// 412 where it does not.
    pub fn check(&self, thing: Premise) -> Result<Granted, ApiError> {
        let holds = match self {
            Self::Nothing => return Ok(Granted(None)),
            Self::OnlyNew => !thing.is_something(),
            Self::Exists => thing.is_something(),
            Self::Tags(tags) => tags.contains(&tag(&thing)),
        };
        if holds {
            return Ok(Granted(Some(thing)));
        }
        let refusal = if matches!(self, Self::OnlyNew) { thing.taken() } else { thing.changed() };
        Err(CommandError::from(refusal).into())
    }
}

impl Granted {
    /// The command, refused where somebody else is quicker.
    pub fn then(self, change: Command) -> Command {
        match self.0 {
            Some(seen) => Command::IfStill { seen, change: Box::new(change) },
            None => change,
        }
    }
}

impl FromRequestParts<Arc<App>> for Precondition {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        let only_new = parts.headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*");
        let tags: Vec<&str> = parts
            .headers
            .get_all(header::IF_MATCH)
            .iter()
            // What is no text is no tag of ours either, and must not count as none at all.
            .map(|value| value.to_str().unwrap_or_default())
            .collect();
        Ok(match tags.as_slice() {
            [] if only_new => Self::OnlyNew,
            [] => Self::Nothing,
            ["*"] => Self::Exists,
            tags => Self::Tags(tags.join(",")),
        })
    }
}

/// An answer with the tag of what it shows.
pub(crate) type Tagged<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// `view` of `thing`, with the tag that a change of it is to name.
pub(crate) fn tagged<T: Serialize>(thing: &Premise, view: T) -> Tagged<T> {
    let tag = HeaderValue::try_from(format!("\"{}\"", tag(thing)));
    let tag = tag.unwrap_or_else(|_| HeaderValue::from_static("\"\""));
    ([(header::ETAG, tag)], Json(view))
}

/// The tag of a thing as it is: the same for the same, after a restart too. Whatever a proxy that compresses
/// writes around it (`W/` before, `-gzip` behind) leaves it as it is.
fn tag(thing: &Premise) -> String {
    let written = match thing {
        Premise::Person(_, person) => serde_json::to_string(&person.as_deref()),
        Premise::Roster(_, roster) => serde_json::to_string(&roster.as_deref()),
        Premise::Policy(_, policy) => serde_json::to_string(&policy.as_deref()),
        Premise::Card(_, card) => serde_json::to_string(&card.as_deref()),
        Premise::Note(_, note) => serde_json::to_string(&note.as_deref()),
    };
    secret::fingerprint(&written.unwrap_or_default())
}
