//! What people do about an incident: the same whether they are signed in or hold a link.

use axum::Json;
use gengfu_core::{
    id::{IncidentId, PersonId},
    incident::{By, Cause},
    input::Command,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{app::App, error::ApiError, views::IncidentView};

/// Characters of a note that are taken.
const NOTE_LEN: usize = 2000;

/// Whom to hand over to.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// A person of the incident's `people`; without one, whoever is next is asked.
    #[serde(default)]
    pub to: Option<PersonId>,
}

/// End of alarm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndOfAlarm {
    /// Why it is over.
    pub cause: EndCause,
    /// In one's own words.
    #[serde(default)]
    pub note: String,
}

/// Why an incident is over, as a person may say.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// The passenger is out, the people are safe.
    Rescued,
    /// The fault was mended.
    Fixed,
    /// There was nothing.
    FalseAlarm,
    /// It was a test.
    Drill,
    /// Something else; see the note.
    Other,
}

impl HandOver {
    pub(super) fn command(self, incident: IncidentId) -> Command {
        Command::HandOver { incident, to: self.to }
    }
}

impl EndOfAlarm {
    pub(super) fn command(self, incident: IncidentId) -> Result<Command, ApiError> {
        if self.note.chars().count() > NOTE_LEN {
            return Err(ApiError::invalid(format!(
                "the note is too long: {NOTE_LEN} characters at most"
            )));
        }
        let cause = match self.cause {
            EndCause::Rescued => Cause::Rescued,
            EndCause::Fixed => Cause::Fixed,
            EndCause::FalseAlarm => Cause::FalseAlarm,
            EndCause::Drill => Cause::Drill,
            EndCause::Other => Cause::Other,
        };
        Ok(Command::End { incident, cause, note: self.note })
    }
}

/// Carries out a command and shows the incident after it.
pub(super) async fn act(
    app: &App,
    by: By,
    incident: IncidentId,
    command: Command,
) -> Result<Json<IncidentView>, ApiError> {
    app.gateway.command(by, command).await?;
    app.incident(incident).map(Json)
}
