//! How the gateway itself is: for people, for a supervisor, and for Prometheus.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use gengfu_core::{device::Presence, id::SiteId, text::Text, time::Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// A part of the gateway, for anybody who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartReady {
    /// Which: `engine`, `journal`, `broker`, …
    name: String,
    /// It works.
    ok: bool,
}

/// Whether the gateway does its work.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReadyView {
    /// Every part works.
    ready: bool,
    /// The parts.
    parts: Vec<PartReady>,
}

/// A part of the gateway.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartView {
    /// Which: `engine`, `journal`, `broker`, …
    name: String,
    /// What is wrong with it; none while it works.
    #[schema(required)]
    fault: Option<Text>,
}

/// How the gateway is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthView {
    /// The gateway's version.
    version: &'static str,
    /// The site's name for programs.
    site: SiteId,
    /// The site's name for people.
    name: Text,
    /// The site's time zone.
    time_zone: String,
    /// What time it is at the gateway.
    now: Timestamp,
    /// When it was started.
    started_at: Timestamp,
    /// What links are made from.
    #[schema(required)]
    public_url: Option<String>,
    /// Its parts.
    parts: Vec<PartView>,
    /// Open incidents.
    open_incidents: usize,
    /// Active alarms.
    active_alarms: usize,
    /// Devices, all of them.
    devices: usize,
    /// Devices that are not heard.
    devices_lost: usize,
    /// Devices out of service.
    devices_out_of_service: usize,
    /// Messages that are to be sent (again).
    messages_due: usize,
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// The gateway does its work: engine, journal and broker. 503 where a part does not.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, body = ReadyView), (status = 503, body = ReadyView)))]
pub(super) async fn readyz(State(app): State<Arc<App>>) -> impl IntoResponse {
    let parts: Vec<PartReady> = app
        .gateway
        .readiness()
        .into_iter()
        .map(|part| PartReady { name: part.name, ok: part.fault.is_none() })
        .collect();
    let ready = parts.iter().all(|part| part.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(ReadyView { ready, parts }))
}

/// Counters and gauges in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], app.gateway.metrics())
}

/// How the gateway is, for whoever looks after it.
#[utoipa::path(get, path = "/api/v1/health", tag = "health",
    responses((status = 200, body = HealthView)))]
pub(super) async fn health(State(app): State<Arc<App>>) -> Json<HealthView> {
    let state = app.state();
    let parts = app.gateway.readiness().into_iter();
    let lost = |presence: &Presence| matches!(presence, Presence::Lost { .. });
    Json(HealthView {
        version: env!("CARGO_PKG_VERSION"),
        site: state.site().clone(),
        name: state.wiring.name.clone(),
        time_zone: state.wiring.time_zone.clone(),
        now: app.now(),
        started_at: state.live.started_at,
        public_url: app.public_url.as_ref().map(ToString::to_string),
        parts: parts.map(|part| PartView { name: part.name, fault: part.fault }).collect(),
        open_incidents: state.open_incidents().filter(|i| i.test.is_none()).count(),
        active_alarms: state.alarms.values().filter(|alarm| alarm.active).count(),
        devices: state.devices().count(),
        devices_lost: state.devices().filter(|d| lost(&state.presence(&d.id))).count(),
        devices_out_of_service: state.out_of_service.len(),
        messages_due: state.due.len(),
    })
}
