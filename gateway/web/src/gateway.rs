//! The door between the pages and the rest of the gateway. The daemon implements it; the web side
//! knows nothing of journals, brokers or channels.

use std::{collections::BTreeMap, sync::Arc};

use futures::future::BoxFuture;
use gengfu_core::{
    device::Device,
    event::Event,
    id::{ChannelId, DeviceId, IncidentId, MessageId, PlaceId, PointId},
    incident::By,
    input::Command,
    notification::receipt::Receipt,
    point::{Reading, Sample},
    refusal::Refusal,
    state::State,
    text::{Language, Text},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::{
    boards::{BoardFileWish, BoardKinds, BoardWords},
    found::{Adoption, Found},
    modbus::Buses,
    updates::{NewUpdate, UpdateView},
};

/// What the web side asks of the gateway.
pub trait Gateway: Buses {
    /// What time it is.
    fn now(&self) -> Timestamp;

    /// The site as it stands; a copy is cheap.
    fn state(&self) -> State;

    /// What points said last, since the start, that no rule asks about: the state knows nothing of them.
    fn telemetry(&self) -> Vec<Arc<Reading>>;

    /// A count that rises with every change of [`Gateway::state`].
    fn changes(&self) -> watch::Receiver<u64>;

    /// Carries out what a person wants. Returns after it is durable.
    fn command(&self, by: By, command: Command) -> BoxFuture<'_, Result<(), CommandError>>;

    /// Notes what a person's device reports of a message. Returns after it is durable.
    fn receipt(
        &self,
        message: MessageId,
        receipt: Receipt,
    ) -> BoxFuture<'_, Result<(), CommandError>>;

    /// What a point said from `from` to `to`, oldest first, at most `limit` values: where there are
    /// more, the oldest. The error is for people.
    fn history<'a>(
        &'a self,
        point: &'a PointId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Past>, String>>;

    /// What a point said from `from` to `to`, as numbers in `count` steps of equal length, without those of
    /// which nothing is known. The error is for people.
    fn chart<'a>(
        &'a self,
        point: &'a PointId,
        from: Timestamp,
        to: Timestamp,
        count: usize,
    ) -> BoxFuture<'a, Result<Vec<Step>, String>>;

    /// Events of the journal from number `from` on, at most `limit`, in order, with their numbers, which
    /// count from 1. The error is for people.
    fn events(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<(u64, Event)>, String>>;

    /// The pictures of cameras beside an incident. The error is for people.
    fn pictures(&self, incident: IncidentId) -> BoxFuture<'_, Result<Pictures, String>>;

    /// One of them; none where the incident has none of this number. The error is for people.
    fn picture(
        &self,
        incident: IncidentId,
        number: u64,
    ) -> BoxFuture<'_, Result<Option<PictureFile>, String>>;

    /// The newest incidents as a feed of alerts by the Common Alerting Protocol, in this language: Atom.
    fn alerts(&self, language: Language) -> String;

    /// One of them, by its name in the feed; none where there is none by this name.
    fn alert(&self, name: &str) -> Option<String>;

    /// Makes a device of its profile. The error says which part of the wish can't be met.
    fn expand_device(&self, wish: &NewDevice) -> Result<Device, String>;

    /// Devices that announce themselves.
    fn found(&self) -> Found;

    /// Makes a device of the one that this offer is of. The error says what is in the way.
    fn adopt(&self, offer: &str, wish: &Adoption) -> Result<Device, String>;

    /// Makes a new credential for a board. The error says why none can be made.
    fn issue_credential(&self, device: &DeviceId) -> Result<Credential, String>;

    /// The boards that speak the protocol of `docs/wire.md`, and what each said last of itself.
    fn boards(&self) -> Vec<BoardWords>;

    /// What there is for making boards ready.
    fn board_kinds(&self) -> BoardKinds;

    /// Reads what a board's file is made of. The error says what is missing.
    fn board_file<'a>(
        &'a self,
        board: &'a DeviceId,
        wish: BoardFileWish,
    ) -> BoxFuture<'a, Result<FileMaker, String>>;

    /// What goes to which terminal of a board of this kind, drawn as SVG. The error says why not.
    fn wiring(&self, board: &DeviceId, kind: &str, language: Language) -> Result<String, String>;

    /// Has a board blink for so many seconds. The error says why it can't be told.
    fn identify<'a>(
        &'a self,
        board: &'a DeviceId,
        seconds: u16,
    ) -> BoxFuture<'a, Result<(), String>>;

    /// Begins an update of boards. The error says why not.
    fn begin_update(&self, wish: NewUpdate, image: Vec<u8>, by: &str)
    -> Result<UpdateView, String>;

    /// The update that goes on, or the last one.
    fn update(&self) -> Option<UpdateView>;

    /// Ends it; true where one was going on.
    fn stop_update(&self, by: &str) -> bool;

    /// The ways of reaching people that are set up.
    fn channels(&self) -> Vec<ChannelSetup>;

    /// Whether a channel could send to this address; the error says what is wrong with it, without
    /// repeating it.
    fn check_address(&self, channel: &ChannelId, address: &str) -> Result<(), String>;

    /// The Web Push channel, where one is set up.
    fn push(&self) -> Option<Push>;

    /// Counters and gauges in the Prometheus text format.
    fn metrics(&self) -> String;

    /// The parts of the gateway and how they are.
    fn readiness(&self) -> Vec<Part>;
}

/// Makes a board's file for a password: firmware and identity, as the board's boot loader takes it.
pub type FileMaker = Box<dyn Fn(&str) -> Result<Vec<u8>, String> + Send + Sync>;

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The core refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The gateway is starting, stopping, or can't write: whether it was carried out is not known.
    #[error("the gateway can't take this at the moment: try again in a few seconds")]
    Unavailable,
}

/// A board as an installer describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDevice {
    /// Its name for programs; a board uses it as its MQTT user.
    pub id: DeviceId,
    /// Its name for people.
    pub name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// The profile that tells its points and rules.
    pub profile: String,
    /// What else the profile asks for, by name.
    #[serde(default)]
    pub options: BTreeMap<String, serde_json::Value>,
}

/// What a board proves itself with.
#[derive(Clone)]
pub struct Credential {
    /// Shown once to the installer, then forgotten.
    pub password: String,
    /// What the gateway keeps.
    pub verifier: String,
}

/// One value of a point's past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// When it was read.
    pub at: Timestamp,
    /// Its value, or why there was none.
    pub sample: Sample,
}

/// What a point said in one step of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// When the step begins.
    pub at: Timestamp,
    /// The least; on is 1, off is 0.
    pub min: f64,
    /// The mean over time.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
}

/// The pictures of cameras beside an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Pictures {
    /// Those that there are, oldest first.
    pub taken: Vec<Picture>,
    /// So many cameras look at the place.
    pub cameras: usize,
    /// More may still come.
    pub pending: bool,
}

/// A picture, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Picture {
    /// Its number, for its address.
    pub number: u64,
    /// The camera, by its name for programs.
    pub camera: String,
    /// What the camera was called then.
    pub name: Text,
    /// When it came from the camera.
    pub taken_at: Timestamp,
    /// Beside the opening of the incident.
    pub when: PictureWhen,
}

/// When a picture was taken, beside the opening of its incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PictureWhen {
    /// Just before.
    Before,
    /// Just after.
    After,
}

/// A picture's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFile {
    /// By its first bytes, not by what the camera said.
    pub media_type: &'static str,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// One way of reaching people, as it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSetup {
    /// Its name.
    pub id: ChannelId,
    /// What it is: `push`, `phone`, `sms`, `mail` and the like.
    pub kind: String,
    /// People can answer through it.
    pub answerable: bool,
    /// What people should know of it, as "one-way: public_url is not set".
    pub note: Option<Text>,
}

/// The Web Push channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Its name.
    pub channel: ChannelId,
    /// The VAPID public key: an uncompressed P-256 point, base64url.
    pub key: String,
}

/// A part of the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which: `engine`, `journal`, `broker`, …
    pub name: String,
    /// What is wrong with it; none while it works.
    pub fault: Option<Text>,
}
