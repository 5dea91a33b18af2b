//! Web Push: the key that browsers subscribe with, and their subscriptions.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::person::Method;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::set_methods;
use crate::{app::App, auth::session::Actor, error::ApiError, extract::Body, gateway::Push};

/// The key that browsers subscribe with.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PushKey {
    /// The VAPID public key: an uncompressed P-256 point, base64url.
    key: String,
}

/// What `PushSubscription.toJSON()` gives.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct PushSubscription {
    /// Where the browser's push service takes messages.
    endpoint: String,
    /// What messages are encrypted with.
    keys: PushKeys,
}

/// What messages to one subscription are encrypted with.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct PushKeys {
    /// The browser's public key, base64url.
    p256dh: String,
    /// Its authentication secret, base64url.
    auth: String,
}

/// The key that browsers subscribe with; 404 where Web Push is not set up.
#[utoipa::path(get, path = "/api/v1/push/key", tag = "push",
    responses((status = 200, body = PushKey)))]
pub(super) async fn push_key(State(app): State<Arc<App>>) -> Result<Json<PushKey>, ApiError> {
    channel(&app).map(|push| Json(PushKey { key: push.key }))
}

/// Reaches me through this browser from now on.
#[utoipa::path(post, path = "/api/v1/me/push", tag = "push",
    request_body = PushSubscription, responses((status = 204)))]
pub(super) async fn subscribe(
    State(app): State<Arc<App>>,
    actor: Actor,
    Body(subscription): Body<PushSubscription>,
) -> Result<StatusCode, ApiError> {
    let push = channel(&app)?;
    let address = serde_json::to_string(&subscription)
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let mut new = Method::new(push.channel.clone(), address);
    let mut methods = actor.person.methods.clone();
    let of_same_browser = |method: &Method| {
        method.channel == push.channel
            && serde_json::from_str::<PushSubscription>(&method.address)
                .is_ok_and(|known| known.endpoint == subscription.endpoint)
    };
    match methods.iter().position(of_same_browser) {
        Some(known) => {
            new.after = methods[known].after;
            methods[known] = new;
        }
        // The first browser comes first; a further one comes last, so that the first two methods
        // stay two different channels.
        None if methods.iter().any(|method| method.channel == push.channel) => methods.push(new),
        None => methods.insert(0, new),
    }
    set_methods(&app, &actor, methods).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn channel(app: &App) -> Result<Push, ApiError> {
    app.gateway.push().ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "no_push",
            "Web Push is not set up at this gateway: ask for another way of being told",
        )
    })
}
