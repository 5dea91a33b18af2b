//! Answering through the link of a message, without signing in. Reading never acknowledges: mail
//! scanners and previews open links too.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Sse, sse::Event},
};
use futures::Stream;
use gengfu_core::{
    id::IncidentId, incident::By, input::Command, notification::receipt::Receipt, person::Person,
};

use super::act::{EndOfAlarm, HandOver, act};
use crate::{
    answer_key::{Answer, BadLink},
    app::App,
    error::ApiError,
    extract::{Body, Id},
    live,
    views::{AnswerView, IncidentView},
};

impl From<BadLink> for ApiError {
    fn from(link: BadLink) -> Self {
        let (status, code) = match link {
            BadLink::Bad => (StatusCode::UNAUTHORIZED, "bad_link"),
            BadLink::Expired => (StatusCode::GONE, "expired"),
        };
        Self::new(status, code, link.to_string())
    }
}

/// A link that holds, and the person whom it was sent to.
pub(crate) struct Link {
    answer: Answer,
    person: Arc<Person>,
}

impl FromRequestParts<Arc<App>> for Link {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Path(token) =
            Path::<String>::from_request_parts(parts, app).await.map_err(|_| BadLink::Bad)?;
        Self::of(app, &token)
    }
}

impl Link {
    /// The link with this token.
    pub fn of(app: &App, token: &str) -> Result<Self, ApiError> {
        let answer = app.answer_key.verify(token, app.now())?;
        // Somebody who was removed since may not act any more.
        let person = app.state().people.get(&answer.person).cloned().ok_or(BadLink::Bad)?;
        Ok(Self { answer, person })
    }

    /// What it is about.
    pub fn incident(&self) -> IncidentId {
        self.answer.incident
    }

    async fn act(self, app: &App, command: Command) -> Result<Json<IncidentView>, ApiError> {
        let by = By::person(self.person.id.clone(), "link");
        let view = act(app, by, self.answer.incident, command).await?;
        // What they did counts; that the message is marked as answered is only for the record.
        if let Err(error) = app.gateway.receipt(self.answer.message, Receipt::Answered).await {
            tracing::debug!(id = %self.answer.message, %error, "answer not noted at the message");
        }
        Ok(view)
    }
}

/// What the holder of a link sees. Changes nothing.
#[utoipa::path(get, path = "/api/v1/answer/{token}", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = AnswerView)))]
pub(super) async fn get_answer(
    State(app): State<Arc<App>>,
    link: Link,
) -> Result<Json<AnswerView>, ApiError> {
    Ok(Json(AnswerView {
        me: link.person.as_ref().into(),
        expires_at: link.answer.expires,
        time_zone: app.state().wiring.time_zone.clone(),
        incident: app.incident(link.incident())?,
    }))
}

/// The incident at once and after each change, as server-sent events `incident`.
#[utoipa::path(get, path = "/api/v1/answer/{token}/events", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = IncidentView, content_type = "text/event-stream")))]
pub(super) async fn answer_events(
    State(app): State<Arc<App>>,
    link: Link,
) -> Result<Sse<impl Stream<Item = Result<Event, std::convert::Infallible>>>, ApiError> {
    app.incident(link.incident())?;
    let slot = app.streams.open(link.person.id.as_str())?;
    let (id, answer) = (link.incident(), link.answer);
    Ok(live::incident(app, slot, id, move |state, now| {
        now < answer.expires && state.people.contains_key(&answer.person)
    }))
}

/// "I'm going."
#[utoipa::path(post, path = "/api/v1/answer/{token}/acknowledge", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = IncidentView)))]
pub(super) async fn answer_acknowledge(
    State(app): State<Arc<App>>,
    link: Link,
) -> Result<Json<IncidentView>, ApiError> {
    let command = Command::Acknowledge(link.incident());
    link.act(&app, command).await
}

/// "I'm there."
#[utoipa::path(post, path = "/api/v1/answer/{token}/arrive", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    responses((status = 200, body = IncidentView)))]
pub(super) async fn answer_arrive(
    State(app): State<Arc<App>>,
    link: Link,
) -> Result<Json<IncidentView>, ApiError> {
    let command = Command::Arrive(link.incident());
    link.act(&app, command).await
}

/// "I can't": somebody else is asked.
#[utoipa::path(post, path = "/api/v1/answer/{token}/hand-over", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    request_body = HandOver, responses((status = 200, body = IncidentView)))]
pub(super) async fn answer_hand_over(
    State(app): State<Arc<App>>,
    link: Link,
    Body(body): Body<HandOver>,
) -> Result<Json<IncidentView>, ApiError> {
    let command = body.command(link.incident());
    link.act(&app, command).await
}

/// End of alarm.
#[utoipa::path(post, path = "/api/v1/answer/{token}/end", tag = "answer",
    params(("token" = String, Path, description = "The token of the link")),
    request_body = EndOfAlarm, responses((status = 200, body = IncidentView)))]
pub(super) async fn answer_end(
    State(app): State<Arc<App>>,
    link: Link,
    Body(body): Body<EndOfAlarm>,
) -> Result<Json<IncidentView>, ApiError> {
    let command = body.command(link.incident())?;
    link.act(&app, command).await
}

/// A person's device reports that a message has arrived. Acknowledges nothing.
#[utoipa::path(post, path = "/api/v1/receipt/{token}", tag = "answer",
    params(("token" = String, Path, description = "The token that came with the message")),
    responses((status = 204)))]
pub(super) async fn receipt(
    State(app): State<Arc<App>>,
    Id(token): Id<String>,
) -> Result<impl IntoResponse, ApiError> {
    let message = app.answer_key.verify_receipt(&token, app.now())?;
    app.gateway.receipt(message, Receipt::Delivered).await?;
    Ok(StatusCode::NO_CONTENT)
}
