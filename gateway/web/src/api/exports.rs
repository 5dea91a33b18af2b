//! What a point said as a table for a spreadsheet.

use std::{io, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use futures::stream;
use gengfu_core::{
    id::PointId,
    point::{Sample, Value},
    text::Language,
    time::Timestamp,
};
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use super::points::{find, stretch};
use crate::{
    app::App,
    csv::{MARK, cell, line},
    error::ApiError,
    extract::{Id, Query},
    gateway::Past,
    table_words::said,
};

/// Lines that are read and sent at once.
const SLICE: usize = 5_000;
/// No table has more lines: what a spreadsheet program takes.
const MOST: usize = 1_000_000;

/// A period of the past.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whole {
    /// From then on; 24 hours before `to` without it.
    from: Option<Timestamp>,
    /// Until then; now without it.
    to: Option<Timestamp>,
    /// `zh` or `en`, for the words in it; `en` without it.
    language: Option<Language>,
}

/// What a point said, oldest first, as CSV: the time in the site's zone and in UTC, the value, or why there
/// was none. At most 1,000,000 lines.
#[utoipa::path(get, path = "/api/v1/points/{id}/history.csv", tag = "points",
    params(("id" = String, Path, description = "The point's name, percent-encoded"), Whole),
    responses((status = 200, body = String, content_type = "text/csv")))]
pub(super) async fn get_history_csv(
    State(app): State<Arc<App>>,
    Id(id): Id<PointId>,
    Query(period): Query<Whole>,
) -> Result<Response, ApiError> {
    let unit = find(&app.state(), &id)?.unit;
    let (from, to) = stretch(&app, period.from, period.to)?;
    let zone = TimeZone::get(&app.state().wiring.time_zone).unwrap_or(TimeZone::UTC);
    let name = format!("{}.csv", id.as_str().replace('/', "-"));
    let language = period.language.unwrap_or(Language::En);
    let begun = Table { app, id, next: from, to, seen: 0, written: 0, zone, language };
    // The first slice before the answer begins: a history that can't be read is an error, and no table.
    let head = ["local", "utc", "value", "unit", "no_data"].map(|word| said(word, language));
    let head = format!("{MARK}{}", line(&head));
    let (first, rest) = begun.slice(&unit).await?;
    let begin = Bytes::from(head + &first);
    let lines = stream::unfold((Some(begin), rest, unit), |(begin, rest, unit)| async move {
        if let Some(begin) = begin {
            return Some((Ok(begin), (None, rest, unit)));
        }
        match rest?.slice(&unit).await {
            Ok((text, rest)) => Some((Ok(Bytes::from(text)), (None, rest, unit))),
            // The table ends in the middle, and the browser says so.
            Err(_) => Some((Err(io::Error::other("history")), (None, None, unit))),
        }
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// A table that is being written.
struct Table {
    app: Arc<App>,
    id: PointId,
    /// Where the next slice begins.
    next: Timestamp,
    to: Timestamp,
    /// Readings of that very moment which are written already.
    seen: usize,
    written: usize,
    zone: TimeZone,
    language: Language,
}

impl Table {
    /// The next lines, and what is left; nothing where these were the last.
    async fn slice(mut self, unit: &str) -> Result<(String, Option<Self>), ApiError> {
        let limit = SLICE + self.seen;
        let past = self.app.gateway.history(&self.id, self.next, self.to, limit).await;
        let past = past.map_err(ApiError::unavailable)?;
        let is_last = past.len() < limit;
        let new = past.get(self.seen..).unwrap_or_default();
        let mut text = String::new();
        for Past { at, sample } in new.iter().take(MOST - self.written) {
            self.line(*at, sample, unit, &mut text);
        }
        self.written += new.len();
        let Some(last) = new.last().filter(|_| !is_last && self.written < MOST) else {
            return Ok((text, None));
        };
        // Several may have come in one millisecond: it is asked from there again.
        let same = past.iter().rev().take_while(|p| p.at == last.at).count();
        self.next = last.at;
        self.seen = same;
        Ok((text, Some(self)))
    }

    fn line(&self, at: Timestamp, sample: &Sample, unit: &str, text: &mut String) {
        let utc = at.to_jiff();
        let local = utc.to_zoned_datetime(self.zone.clone());
        let local = local.strftime("%Y-%m-%d %H:%M:%S%.3f");
        let (value, no_data) = match sample {
            Ok(Value::Bool(on)) => {
                (said(if *on { "true" } else { "false" }, self.language).to_owned(), String::new())
            }
            Ok(Value::Int(n)) => (n.to_string(), String::new()),
            Ok(Value::Float(x)) => (x.to_string(), String::new()),
            Ok(Value::Text(text)) => (cell(text), String::new()),
            Err(reason) => (String::new(), said(reason.word(), self.language).to_owned()),
        };
        text.push_str(&format!("{local},{at},{value},{},{no_data}\r\n", cell(unit)));
    }
}
