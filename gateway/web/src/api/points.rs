//! Points: the last value with its quality, and what they said before.

use std::sync::Arc;

use axum::{Json, extract::State};
use gengfu_core::{
    id::{DeviceId, PointId},
    point::device_of,
    state::State as Site,
    time::{Span, Timestamp},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    error::ApiError,
    extract::{Id, Query},
    views::{ChartView, PastView, PointView},
};

/// Values of one answer.
const HISTORY_LIMIT: usize = 5_000;
/// Steps of a chart; no screen shows more.
const CHART_LIMIT: usize = 4_000;
/// Steps that it has where nobody says how many.
const CHART_STEPS: usize = 500;

/// Which points to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those of this device.
    #[param(value_type = Option<String>)]
    device: Option<DeviceId>,
}

/// A period of the past.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Period {
    /// From then on; 24 hours before `to` without it.
    from: Option<Timestamp>,
    /// Until then; now without it.
    to: Option<Timestamp>,
    /// Values at most, the oldest ones: go on from the last one's time. At most 5000, which is also
    /// taken without it.
    limit: Option<usize>,
}

/// A chart's period.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChartPeriod {
    /// From then on; 24 hours before `to` without it.
    from: Option<Timestamp>,
    /// Until then; now without it.
    to: Option<Timestamp>,
    /// Into how many steps it is divided; 500 without it, 4000 at most.
    steps: Option<usize>,
}

/// Every point and what it says now.
#[utoipa::path(get, path = "/api/v1/points", tag = "points", params(Which),
    responses((status = 200, body = Vec<PointView>)))]
pub(super) async fn list_points(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
) -> Json<Vec<PointView>> {
    let state = app.shown();
    let devices = state.devices().filter(|d| which.device.as_ref().is_none_or(|id| *id == d.id));
    let points = devices
        .flat_map(|device| device.points.iter().map(|point| PointView::new(&state, device, point)));
    Json(points.collect())
}

/// One point and what it says now.
#[utoipa::path(get, path = "/api/v1/points/{id}", tag = "points",
    params(("id" = String, Path, description = "The point's name, percent-encoded")),
    responses((status = 200, body = PointView)))]
pub(super) async fn get_point(
    State(app): State<Arc<App>>,
    Id(id): Id<PointId>,
) -> Result<Json<PointView>, ApiError> {
    find(&app.shown(), &id).map(Json)
}

/// What a point said, oldest first.
#[utoipa::path(get, path = "/api/v1/points/{id}/history", tag = "points",
    params(("id" = String, Path, description = "The point's name, percent-encoded"), Period),
    responses((status = 200, body = Vec<PastView>)))]
pub(super) async fn get_history(
    State(app): State<Arc<App>>,
    Id(id): Id<PointId>,
    Query(period): Query<Period>,
) -> Result<Json<Vec<PastView>>, ApiError> {
    find(&app.state(), &id)?;
    let (from, to) = stretch(&app, period.from, period.to)?;
    let limit = period.limit.unwrap_or(HISTORY_LIMIT).min(HISTORY_LIMIT);
    let past = app.gateway.history(&id, from, to, limit).await.map_err(ApiError::unavailable)?;
    Ok(Json(past.into_iter().map(PastView::from).collect()))
}

/// What a point said over hours or years, as numbers in steps of equal length.
#[utoipa::path(get, path = "/api/v1/points/{id}/chart", tag = "points",
    params(("id" = String, Path, description = "The point's name, percent-encoded"), ChartPeriod),
    responses((status = 200, body = ChartView)))]
pub(super) async fn get_chart(
    State(app): State<Arc<App>>,
    Id(id): Id<PointId>,
    Query(period): Query<ChartPeriod>,
) -> Result<Json<ChartView>, ApiError> {
    find(&app.state(), &id)?;
    let (from, to) = stretch(&app, period.from, period.to)?;
    if from == to {
        return Err(ApiError::invalid("`from` must lie before `to`"));
    }
    let count = period.steps.unwrap_or(CHART_STEPS).clamp(1, CHART_LIMIT);
    let steps = app.gateway.chart(&id, from, to, count).await.map_err(ApiError::unavailable)?;
    let step_ms = (to.since(from).as_millis() / count as u64).max(1);
    Ok(Json(ChartView { step_ms, steps: steps.into_iter().map(Into::into).collect() }))
}

/// The stretch of the past that is asked for: the 24 hours before `to`, or before now, where nothing is said.
pub(super) fn stretch(
    app: &App,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<(Timestamp, Timestamp), ApiError> {
    let to = to.unwrap_or_else(|| app.now());
    let from = from.unwrap_or(to - Span::hours(24));
    if from > to {
        return Err(ApiError::invalid("`from` must not lie after `to`"));
    }
    Ok((from, to))
}

pub(super) fn find(state: &Site, id: &PointId) -> Result<PointView, ApiError> {
    let device = state.index.device_of.get(id).cloned().unwrap_or_else(|| device_of(id));
    state
        .device(&device)
        .and_then(|device| {
            let point = device.points.iter().find(|p| p.id == *id)?;
            Some(PointView::new(state, device, point))
        })
        .ok_or_else(|| ApiError::not_found("point", id))
}
