//! Making something new without replacing what is there: `If-None-Match: *` on a PUT (RFC 9110, 13.1.2).

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use gengfu_core::state::State;
use tokio::sync::MutexGuard;

use crate::{app::App, error::ApiError};

/// Whether the request is only to make something new. Without the header a PUT replaces.
pub(crate) struct OnlyNew(bool);

impl OnlyNew {
    /// Whether `name` is free, where that was asked for. Nobody else makes something new while the guard is
    /// held: of two that ask for one name at the same time one is refused.
    ///
    /// # Errors
    /// 412 where `is_there` finds one.
    pub async fn claim<'a>(
        &self,
        app: &'a App,
        (what, name): (&str, &str),
        is_there: impl Fn(&State) -> bool,
    ) -> Result<Option<MutexGuard<'a, ()>>, ApiError> {
        if !self.0 {
            return Ok(None);
        }
        let alone = app.creating.lock().await;
        if is_there(&app.state()) {
            return Err(ApiError::taken(what, name));
        }
        Ok(Some(alone))
    }
}

impl FromRequestParts<Arc<App>> for OnlyNew {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Infallible> {
        let value = parts.headers.get(header::IF_NONE_MATCH);
        Ok(Self(value.is_some_and(|value| value.as_bytes() == b"*")))
    }
}
