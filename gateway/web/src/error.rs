//! What the API answers when it can't do what was asked: a code for programs, words for people.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use gengfu_core::{refusal::Refusal, time::Span};
use serde::Serialize;
use utoipa::ToSchema;

use crate::gateway::CommandError;

/// The body of every answer that is not a success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// For programs: `not_found`, `forbidden`, `expired`, …
    pub error: &'static str,
    /// For people: what is wrong and what to do about it.
    pub message: String,
}

/// Why a request is not carried out.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    problem: Problem,
    retry_after: Option<Span>,
}

impl ApiError {
    /// With a status, a code for programs and words for people.
    pub fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status, problem: Problem { error, message: message.into() }, retry_after: None }
    }
    /// 400: the request can't be understood.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", message)
    }
    /// 401: nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }
    /// 403: somebody is signed in who may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }
    /// 404: there is no such thing.
    pub fn not_found(what: &str, name: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} \"{name}\""))
    }
    /// 409: it does not fit what is there.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }
    /// 422: it is understood but can't be used.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }
    /// 429: too often; not before `wait` is over.
    pub fn too_many(message: impl Into<String>, wait: Span) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", message);
        Self { retry_after: Some(wait), ..error }
    }
    /// 503: not at the moment.
    pub fn unavailable(message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        Self { retry_after: Some(Span::secs(5)), ..error }
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> Self {
        let message = error.to_string();
        let (status, code) = match error {
            CommandError::Unavailable => return Self::unavailable(message),
            CommandError::Refused(Refusal::Unknown { .. }) => (StatusCode::NOT_FOUND, "not_found"),
            CommandError::Refused(Refusal::Ended(_)) => (StatusCode::CONFLICT, "ended"),
            CommandError::Refused(Refusal::Settled(_)) => (StatusCode::CONFLICT, "settled"),
            CommandError::Refused(Refusal::NoPerson) => (StatusCode::FORBIDDEN, "forbidden"),
            CommandError::Refused(Refusal::Vital(_)) => (StatusCode::CONFLICT, "vital"),
            CommandError::Refused(Refusal::InUse { .. }) => (StatusCode::CONFLICT, "in_use"),
            CommandError::Refused(Refusal::Changed { .. }) => {
                (StatusCode::PRECONDITION_FAILED, "changed")
            }
            CommandError::Refused(Refusal::Taken { .. }) => {
                (StatusCode::PRECONDITION_FAILED, "taken")
            }
            CommandError::Refused(Refusal::BadEnd(_) | Refusal::Invalid(_)) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
            }
        };
        Self::new(status, code, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.problem)).into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
