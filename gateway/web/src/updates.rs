//! Updates of boards: what is put to the gateway, and how it goes.

use gengfu_core::{id::DeviceId, time::Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A firmware, as it was signed. Its bytes are the request's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NewUpdate {
    /// Its version: three numbers, as 1.5.0.
    pub version: String,
    /// The kind of board that it is for, as boards name it at their birth.
    pub hardware: String,
    /// SHA-256 of it, 64 hexadecimal digits.
    pub sha256: String,
    /// The ed25519 signature of what docs/wire.md says of an offer, 128 hexadecimal digits.
    pub signature: String,
    /// To be taken though it is not newer than what runs.
    #[serde(default)]
    pub forced: bool,
    /// Only these boards, with commas between; every one of that kind without it.
    #[serde(default)]
    pub boards: String,
}

/// An update, and how it goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateView {
    /// The firmware's version.
    pub version: String,
    /// The kind of board that it is for.
    pub hardware: String,
    /// Its length in bytes.
    pub size: u32,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// By whom: their name for programs.
    pub by: String,
    /// Whether it goes on.
    pub state: UpdateState,
    /// Why it was stopped.
    #[schema(required)]
    pub why: Option<String>,
    /// The boards.
    pub boards: Vec<UpdatedBoard>,
}

/// Whether an update goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdateState {
    /// It goes on.
    Going,
    /// Every board runs it.
    Done,
    /// A board failed, or somebody stopped it.
    Stopped,
}

/// A board of an update.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdatedBoard {
    /// The board.
    pub id: DeviceId,
    /// Where it is: `waiting`, `held`, `fetching`, `starting`, `trial`, `done`, `failed`.
    pub state: String,
    /// So many bytes of it are there.
    pub bytes: u32,
    /// Why it is held, or has failed.
    #[schema(required)]
    pub why: Option<String>,
}
