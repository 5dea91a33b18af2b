//! The audit log: who did what, out of the journal.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::Query,
    past::{self, SLICE, audit},
};

/// Lines of one answer where no number is asked for, and at most.
const USUAL: usize = 100;
const MOST: usize = 500;
/// Events that are looked through for one answer: what nobody did fills most of a journal.
const LOOKED: u64 = 100_000;

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only what was kept before this number: the next page.
    before: Option<u64>,
    /// So many lines at most; 100 without it, 500 at most.
    limit: Option<usize>,
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditPage {
    /// Newest first.
    lines: Vec<audit::AuditLine>,
    /// Ask for what was kept `before` this number; none at the journal's beginning.
    #[schema(required)]
    next: Option<u64>,
}

/// Who did what, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "health", params(Which),
    responses((status = 200, body = AuditPage)))]
pub(super) async fn get_audit(
    State(app): State<Arc<App>>,
    actor: Actor,
    Query(which): Query<Which>,
) -> Result<Json<AuditPage>, ApiError> {
    let _turn = app.turns.take(actor.person.id.as_str()).await?;
    let gateway = app.gateway.as_ref();
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let mut end = match which.before {
        Some(before) => before,
        None => past::end(gateway).await.map_err(ApiError::unavailable)?,
    };
    let oldest = end.saturating_sub(LOOKED);
    let state = app.state();
    let mut lines = vec![];
    while end > 1 && end > oldest && lines.len() < limit {
        let from = end.saturating_sub(SLICE as u64).max(1);
        let count = usize::try_from(end - from).unwrap_or(SLICE);
        let events = gateway.events(from, count).await.map_err(ApiError::unavailable)?;
        let before_end = events.iter().rev().filter(|(number, _)| *number < end);
        let mut next_end = from;
        for (number, event) in before_end {
            let Some(line) = audit::line(&state, *number, event) else { continue };
            lines.push(line);
            if lines.len() == limit {
                next_end = *number;
                break;
            }
        }
        end = next_end;
    }
    Ok(Json(AuditPage { lines, next: (end > 1).then_some(end) }))
}
