//! Incidents looked back on: a list that can be sifted, the record of one, and both as tables.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use gengfu_core::{
    danger::Danger,
    id::{IncidentId, PlaceId},
    incident::{Happened, Incident},
    site,
    state::State as Site,
    text::Language,
    time::{Span, Timestamp},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    app::App,
    auth::session::Actor,
    error::ApiError,
    extract::{Id, Query},
    past::{
        self,
        record::{Recorder, signals},
    },
    record_table,
    views::{IncidentPage, IncidentRow, RecordLine, RecordView, Recorded, name_of},
};

/// Rows of one page where no number is asked for, and at most.
const USUAL: usize = 50;
const MOST: usize = 500;
/// Signals that led to an incident are looked for so long before it.
const BEFORE: Span = Span::mins(10);
/// Receipts come after the end.
const AFTER: Span = Span::hours(24);
/// Readings of one point that are looked through.
const READINGS: usize = 5_000;
/// A record is read over so many events at most.
const EVENTS: usize = 500_000;

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// True: only open ones; false: only ended ones.
    open: Option<bool>,
    /// Only those of this kind.
    danger: Option<Danger>,
    /// Only those at this place or inside it.
    place: Option<PlaceId>,
    /// Opened from then on.
    from: Option<Timestamp>,
    /// Opened before then.
    to: Option<Timestamp>,
    /// Only those with a lower number: the next page.
    before: Option<u64>,
    /// So many at most; 50 without it, 500 at most.
    limit: Option<usize>,
    /// Of a table: `zh` or `en`; what the reader reads without it.
    language: Option<Language>,
}

/// The language of a table.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Words {
    /// `zh` or `en`; what the reader reads without it.
    language: Option<Language>,
}

impl Which {
    fn wants(&self, state: &Site, incident: &Incident) -> bool {
        let places = &state.wiring.places;
        self.open.is_none_or(|open| open == incident.is_open())
            && self.danger.is_none_or(|danger| danger == incident.danger)
            && self.place.as_ref().is_none_or(|place| {
                site::around(places, &incident.place).any(|around| around == place)
            })
            && self.from.is_none_or(|from| incident.opened_at >= from)
            && self.to.is_none_or(|to| incident.opened_at < to)
    }

    /// Those that are wanted, newest first.
    fn find<'a>(&'a self, state: &'a Site) -> impl Iterator<Item = &'a Arc<Incident>> {
        state.incidents.values().rev().filter(|incident| self.wants(state, incident))
    }
}

/// Incidents, newest first: the open ones and the last 500 ended ones, sifted.
#[utoipa::path(get, path = "/api/v1/records", tag = "incidents", params(Which),
    responses((status = 200, body = IncidentPage)))]
pub(super) async fn list_records(
    State(app): State<Arc<App>>,
    Query(which): Query<Which>,
) -> Json<IncidentPage> {
    let state = app.state();
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let count = which.find(&state).count();
    let mut found =
        which.find(&state).filter(|incident| which.before.is_none_or(|b| incident.id.0 < b));
    let rows: Vec<IncidentRow> =
        found.by_ref().take(limit).map(|incident| IncidentRow::new(&state, incident)).collect();
    let next = found.next().and_then(|_| rows.last()).map(|row| row.id);
    Json(IncidentPage { rows, count, next })
}

/// The same as CSV, all pages of it: times in the site's zone and in UTC, and how long it took until
/// somebody went and was there, in seconds.
#[utoipa::path(get, path = "/api/v1/records.csv", tag = "incidents", params(Which),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn records_table(
    State(app): State<Arc<App>>,
    actor: Actor,
    Query(which): Query<Which>,
) -> Response {
    let state = app.state();
    let language = which.language.unwrap_or(actor.person.language);
    let rows = which.find(&state).map(|incident| IncidentRow::new(&state, incident));
    let table = record_table::list(rows, &state.wiring.time_zone, language);
    file("incidents.csv", table)
}

/// Everything that is kept about an incident, from the signal to the last receipt.
#[utoipa::path(get, path = "/api/v1/records/{id}", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number")),
    responses((status = 200, body = RecordView)))]
pub(super) async fn get_record(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
) -> Result<Json<RecordView>, ApiError> {
    record(&app, &actor, IncidentId(id)).await.map(Json)
}

/// The same as CSV.
#[utoipa::path(get, path = "/api/v1/records/{id}/table.csv", tag = "incidents",
    params(("id" = u64, Path, description = "The incident's number"), Words),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn record_as_table(
    State(app): State<Arc<App>>,
    actor: Actor,
    Id(id): Id<u64>,
    Query(words): Query<Words>,
) -> Result<Response, ApiError> {
    let record = record(&app, &actor, IncidentId(id)).await?;
    let language = words.language.unwrap_or(actor.person.language);
    let table = record_table::record(&record, &app.state().wiring.time_zone, language);
    Ok(file(&format!("incident-{id}.csv"), table))
}

async fn record(app: &App, actor: &Actor, id: IncidentId) -> Result<RecordView, ApiError> {
    let state = app.state();
    let incident = state.incidents.get(&id).ok_or_else(|| ApiError::not_found("incident", id))?;
    let _turn = app.turns.take(actor.person.id.as_str()).await?;
    let end = incident.ended.as_ref().map_or(app.now(), |end| end.at);
    let mut recorder = Recorder::new(&state, id, end);
    let gateway = app.gateway.as_ref();
    let unread = ApiError::unavailable;
    let mut next = past::seek(gateway, incident.opened_at - BEFORE).await.map_err(unread)?;
    let mut read = 0;
    while read < EVENTS {
        let events = past::slice(gateway, &mut next).await.map_err(unread)?;
        read += events.len();
        events.iter().for_each(|(_, event)| recorder.take(event));
        if events.last().is_none_or(|(_, event)| event.at > end + AFTER) {
            break;
        }
    }
    let untold = recorder.untold();
    let (mut lines, cut) = recorder.finish();
    for (point, name) in untold {
        // Telemetry may be lost; a record without it is a record all the same.
        let past = gateway.history(&point, incident.opened_at - BEFORE, end, READINGS).await;
        lines.extend(signals(&point, &name, past.unwrap_or_default()));
    }
    lines.iter_mut().for_each(|line| line.call_by_name(&state));
    let is_signal = |line: &RecordLine| matches!(line.what, Recorded::Signal { .. });
    // What was decided was decided after the reading, if in the same millisecond.
    lines.sort_by_key(|line| (line.at, !is_signal(line)));
    let mut names = BTreeMap::new();
    for line in &lines {
        let Recorded::Moment { happened, .. } = &line.what else { continue };
        let people = match happened {
            Happened::StepStarted { people, .. } => people.as_slice(),
            Happened::HandedOver { to: Some(person) } | Happened::Lapsed { person } => {
                std::slice::from_ref(person)
            }
            _ => &[],
        };
        names.extend(people.iter().map(|id| (id.to_string(), name_of(&state, id))));
    }
    let cut = cut || read >= EVENTS;
    Ok(RecordView { incident: IncidentRow::new(&state, incident), lines, cut, names })
}

fn file(name: &str, table: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, table).into_response()
}
