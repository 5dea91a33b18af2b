//! What every handler has at hand, and the router that joins them.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, OriginalUri, Request},
    http::StatusCode,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};
use gengfu_core::{id::IncidentId, state::State, time::Timestamp};
use tokio::sync::watch;
use tower_http::{compression::CompressionLayer, timeout::TimeoutLayer};

use crate::{
    answer_key::AnswerKey,
    api,
    auth::{guard, password::Passwords, throttle::Throttle},
    authority_page,
    building::Building,
    error::ApiError,
    gateway::Gateway,
    headers,
    live::Streams,
    month, pages,
    past::turn::Turns,
    public_url::PublicUrl,
    views::IncidentView,
};

/// Longest body that is read: a policy or a roster with hundreds of people fits.
const BODY_LIMIT: usize = 256 * 1024;
/// An answer must have begun by then; a journal that hangs must not hold connections for ever.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// What every handler has at hand.
pub struct App {
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) answer_key: AnswerKey,
    pub(crate) public_url: Option<PublicUrl>,
    /// The pages are served over TLS by this program.
    pub(crate) secure: bool,
    /// The local authority's root, where there is one.
    pub(crate) root: Option<Arc<crate::authority::Root>>,
    pub(crate) passwords: Passwords,
    pub(crate) throttle: Throttle,
    pub(crate) streams: Streams,
    pub(crate) building: Building,
    /// Held while an invitation is used, so that it is used once.
    pub(crate) inviting: tokio::sync::Mutex<()>,
    /// Whose turn it is to read the journal.
    pub(crate) turns: Turns,
    /// Becomes true when the server stops: streams end then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl App {
    /// Joins the parts.
    pub fn new(
        gateway: Arc<dyn Gateway>,
        answer_key: AnswerKey,
        public_url: Option<PublicUrl>,
        secure: bool,
        root: Option<Arc<crate::authority::Root>>,
        stopping: watch::Receiver<bool>,
    ) -> Arc<Self> {
        Arc::new(Self {
            gateway,
            answer_key,
            public_url,
            secure,
            root,
            passwords: Passwords::new(),
            throttle: Throttle::default(),
            streams: Streams::default(),
            building: Building::new(),
            inviting: tokio::sync::Mutex::new(()),
            turns: Turns::new(),
            stopping,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.gateway.now()
    }
    pub(crate) fn state(&self) -> State {
        self.gateway.state()
    }

    /// The state with what is only telemetry in its place among the live values: for showing.
    pub(crate) fn shown(&self) -> State {
        let mut state = self.state();
        for reading in self.gateway.telemetry() {
            if !state.is_watched(&reading.point) {
                state.live.values.insert(reading.point.clone(), reading);
            }
        }
        state
    }

    /// The incident as it stands.
    pub(crate) fn incident(&self, id: IncidentId) -> Result<IncidentView, ApiError> {
        let state = self.state();
        self.incident_in(&state, id).ok_or_else(|| ApiError::not_found("incident", id))
    }
    /// The incident as it stands in `state`.
    pub(crate) fn incident_in(&self, state: &State, id: IncidentId) -> Option<IncidentView> {
        let incident = state.incidents.get(&id)?;
        Some(IncidentView::new(state, incident, self.now(), self.public_url.is_some()))
    }
}

/// The whole of what is served.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(api::router(&app))
        .route("/openapi.json", get(async || ([("content-type", "application/json")], document())))
        .merge(authority_page::router())
        .route(
            "/month.css",
            get(async || ([("content-type", "text/css; charset=utf-8")], month::STYLE)),
        )
        .fallback(fallback)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, ANSWER_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), headers::add))
        .layer(CompressionLayer::new())
        .with_state(app)
}

/// The OpenAPI document, written when somebody first asks for it: most gateways are never asked.
fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| api::document().to_pretty_json().unwrap_or_default())
}

/// What is no route: a page or one of its files, or a JSON 404 for whoever asked the API.
async fn fallback(OriginalUri(uri): OriginalUri, request: Request) -> Response {
    if uri.path().starts_with("/api/") || uri.path() == "/api" {
        return ApiError::not_found("route", uri.path()).into_response();
    }
    pages::serve(&request)
}

pub(crate) use guard::guard;
