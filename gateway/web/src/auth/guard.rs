//! The one gate in front of every API route: looks into the table of [`access`], at the
//! session, and at where the request comes from.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{StatusCode, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    access::{self, Access},
    origin,
    session::{self, Actor},
};
use crate::{app::App, error::ApiError};

/// Lets a request through to its handler, with the [`Actor`] who sent it, or answers why not.
pub(crate) async fn guard(
    State(app): State<Arc<App>>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(access) = access::access(request.method(), path.as_str()) else {
        return not_in_table(&path).into_response();
    };
    match admit(&app, access, &request) {
        Ok(actor) => {
            if let Some(actor) = actor {
                request.extensions_mut().insert(actor);
            }
            next.run(request).await
        }
        Err(error) => error.into_response(),
    }
}

fn not_in_table(path: &MatchedPath) -> ApiError {
    if access::knows(path.as_str()) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return ApiError::new(status, "bad_method", "this route does not know this method");
    }
    ApiError::forbidden("nobody may use this route")
}

fn admit(app: &App, access: Access, request: &Request) -> Result<Option<Actor>, ApiError> {
    let headers = request.headers();
    let public_url = app.public_url.as_ref().map(|url| url.as_str());
    // A link is no cookie: whoever has the token may use it from anywhere.
    if !request.method().is_safe()
        && access != Access::Link
        && !origin::is_own_page(headers, request.uri(), app.secure, public_url)
    {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "this was not sent by a page of this gateway. A program must send the header Origin with the gateway's own address",
        ));
    }
    let actor = || session::actor(&app.state(), app.now(), headers, app.secure);
    let wanted = match access {
        Access::Public | Access::Link => return Ok(None),
        Access::SignedIn => None,
        Access::LocalOr(_) if origin::is_local(headers, request.extensions()) => return Ok(None),
        Access::Roles(roles) | Access::LocalOr(roles) => Some(roles),
    };
    let actor = actor().ok_or_else(ApiError::not_signed_in)?;
    match wanted {
        Some(roles) if !actor.has_any(roles) => {
            let names: Vec<String> =
                roles.iter().map(|role| format!("{role:?}").to_lowercase()).collect();
            Err(ApiError::forbidden(format!(
                "this takes the role {}: ask an admin for it",
                names.join(" or ")
            )))
        }
        needed => Ok(Some(Actor { needed, ..actor })),
    }
}

impl FromRequestParts<Arc<App>> for Actor {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, ApiError> {
        parts.extensions.get::<Actor>().cloned().ok_or_else(ApiError::not_signed_in)
    }
}
