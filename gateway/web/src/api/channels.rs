//! Channels: the ways of reaching people, and whether they are known to work.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use gengfu_core::{
    alarm::Source,
    id::{ChannelId, PersonId},
    input::Command,
    text::Text,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Body, Id},
};

/// A way of reaching people.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChannelView {
    /// Its name.
    id: ChannelId,
    /// What it is: `push`, `phone`, `sms`, `mail` and the like.
    kind: String,
    /// People can answer through it; otherwise it is one-way.
    answerable: bool,
    /// What people should know of it.
    #[schema(required)]
    note: Option<Text>,
    /// No alarm stands about it.
    ok: bool,
    /// When its whole path was tested last.
    #[schema(required)]
    tested_at: Option<Timestamp>,
    /// When a carrier last accepted anything on it.
    #[schema(required)]
    proven_at: Option<Timestamp>,
    /// Without a passed test by then, an alarm is raised.
    #[schema(required)]
    test_due_by: Option<Timestamp>,
    /// How many people it reaches.
    people: usize,
}

/// Whom to send a test message.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestWish {
    /// Somebody whom this channel reaches.
    person: PersonId,
}

/// Every channel.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels",
    responses((status = 200, body = Vec<ChannelView>)))]
pub(super) async fn list_channels(State(app): State<Arc<App>>) -> Json<Vec<ChannelView>> {
    let state = app.state();
    let limit = state.wiring.path_test.limit;
    let view = |setup: crate::gateway::ChannelSetup| {
        let path = state.paths.get(&setup.id);
        let about = |source: &Source| matches!(source, Source::Channel(id) | Source::Line(id) | Source::PathTest(id) if *id == setup.id);
        let reaches = |id: &ChannelId| {
            state.people.values().filter(|p| p.methods.iter().any(|m| m.channel == *id)).count()
        };
        ChannelView {
            ok: !state.alarms.values().any(|a| a.active && about(&a.subject.source)),
            tested_at: path.and_then(|p| p.tested_at),
            proven_at: path.and_then(|p| p.proven_at),
            test_due_by: path.map(|p| p.proven_at.unwrap_or(p.since) + limit),
            people: reaches(&setup.id),
            id: setup.id,
            kind: setup.kind,
            answerable: setup.answerable,
            note: setup.note,
        }
    };
    Json(app.gateway.channels().into_iter().map(view).collect())
}

/// Sends a test message now.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", tag = "channels",
    params(("id" = String, Path, description = "The channel's name, percent-encoded")),
    request_body = TestWish,
    responses((status = 202, description = "The message is on its way")))]
pub(super) async fn test_channel(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<ChannelId>,
    Body(wish): Body<TestWish>,
) -> Result<StatusCode, ApiError> {
    if !app.state().wiring.channels.contains_key(&id) {
        return Err(ApiError::not_found("channel", id));
    }
    let command = Command::TestPath { channel: id, person: wish.person };
    app.gateway.command(actor.by(), command).await?;
    Ok(StatusCode::ACCEPTED)
}
