//! Incidents, and the record of one, as tables for a spreadsheet.

use gengfu_core::{
    incident::{Cause, Happened},
    point::Value,
    text::Language,
    time::Timestamp,
};
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::{
    csv::{MARK, line},
    table_words::said,
    views::{IncidentRow, RecordView, Recorded},
};

/// Rows as a table.
pub(crate) fn list(
    rows: impl Iterator<Item = IncidentRow>,
    zone: &str,
    language: Language,
) -> String {
    let clock = Clock::new(zone);
    let mut text = String::from(MARK);
    let said = |word: &str| said(word, language).to_owned();
    text.push_str(&header(
        &[
            "number",
            "local",
            "utc",
            "danger",
            "priority",
            "place",
            "what",
            "phase",
            "acknowledged_s",
            "acknowledged_by",
            "arrived_s",
            "ended_local",
            "ended_s",
            "cause",
            "ended_by",
            "note",
        ],
        language,
    ));
    for row in rows {
        let after = |at: Option<Timestamp>| at.map_or_else(String::new, |at| seconds(&row, at));
        text.push_str(&line(&[
            &row.id.to_string(),
            &clock.local(row.opened_at),
            &row.opened_at.to_string(),
            row.danger_name.get(language),
            &said(&word(&row.priority)),
            row.place_name.get(language),
            row.what.get(language),
            &said(&word(&row.phase)),
            &after(row.acknowledged_at),
            row.acknowledged_by.as_deref().unwrap_or_default(),
            &after(row.arrived_at),
            &row.ended_at.map_or_else(String::new, |at| clock.local(at)),
            &after(row.ended_at),
            &row.cause.as_ref().map_or_else(String::new, |cause| said(&word::<Cause>(cause))),
            row.ended_by.as_deref().unwrap_or_default(),
            &row.note,
        ]));
    }
    text
}

/// A record as a table: a line for each of its lines.
pub(crate) fn record(record: &RecordView, zone: &str, language: Language) -> String {
    let clock = Clock::new(zone);
    let mut text = String::from(MARK);
    let said = |word: &str| said(word, language).to_owned();
    let head = ["local", "utc", "kind", "what", "who", "through", "detail"];
    text.push_str(&header(&head, language));
    for entry in &record.lines {
        let (kind, what, who, through, detail) = match &entry.what {
            Recorded::Signal { name, value, no_data, .. } => {
                let said = match (value, no_data) {
                    (Some(value), _) => said(&plain(value)),
                    (None, Some(reason)) => said(reason.word()),
                    (None, None) => String::new(),
                };
                ("signal", name.get(language).to_owned(), String::new(), String::new(), said)
            }
            Recorded::Alarm { name, change, .. } => {
                let name = name.get(language).to_owned();
                ("alarm", name, String::new(), String::new(), said(&word(change)))
            }
            Recorded::Message { name, channel, purpose, status, reason, .. } => {
                let why = reason.as_deref().unwrap_or_default();
                let detail = format!("{} {why}", said(&word(status))).trim_end().to_owned();
                ("message", said(&word(purpose)), name.clone(), channel.to_string(), detail)
            }
            Recorded::Moment { happened, by_name, through } => {
                let who = by_name.clone().unwrap_or_default();
                (
                    "answer",
                    said(&tag(happened)),
                    who,
                    said(through),
                    detail(happened, record, language),
                )
            }
        };
        let (local, utc) = (clock.local(entry.at), entry.at.to_string());
        text.push_str(&line(&[&local, &utc, &said(kind), &what, &who, &through, &detail]));
    }
    text
}

fn header(words: &[&str], language: Language) -> String {
    let words: Vec<&str> = words.iter().map(|word| said(word, language)).collect();
    line(&words)
}

struct Clock(TimeZone);

impl Clock {
    fn new(zone: &str) -> Self {
        Self(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
    }

    fn local(&self, at: Timestamp) -> String {
        at.to_jiff().to_zoned_datetime(self.0.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }
}

/// Seconds from the opening.
fn seconds(row: &IncidentRow, at: Timestamp) -> String {
    (at.since(row.opened_at).as_millis() / 1_000).to_string()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Bool(on) => on.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// The word that the API has for it.
fn word<T: Serialize>(of: &T) -> String {
    let json = serde_json::to_value(of).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

/// The word that the API has for what happened.
fn tag(happened: &Happened) -> String {
    let json = serde_json::to_value(happened).unwrap_or_default();
    json.get("what").and_then(|what| what.as_str()).unwrap_or_default().to_owned()
}

/// Whom or how much it was about.
fn detail(happened: &Happened, record: &RecordView, language: Language) -> String {
    let name = |id: &gengfu_core::id::PersonId| {
        record.names.get(id.as_str()).cloned().unwrap_or_else(|| id.to_string())
    };
    match happened {
        Happened::StepStarted { people, .. } => {
            people.iter().map(name).collect::<Vec<_>>().join("; ")
        }
        Happened::HandedOver { to: Some(person) } | Happened::Lapsed { person } => name(person),
        Happened::Prompted { count } => count.to_string(),
        Happened::Reminded { minutes } => format!("{minutes} {}", said("min", language)),
        Happened::Rested { until } => until.to_string(),
        Happened::Ended { cause } => said(&word(cause), language).to_owned(),
        Happened::Mustered { people, .. } => people.to_string(),
        Happened::Switched { output, on, .. } => {
            format!("{output}: {}", said(if *on { "on" } else { "off" }, language))
        }
        _ => String::new(),
    }
}
