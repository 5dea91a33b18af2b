//! Modbus buses as installers look at them: which units answer, and what their registers hold.

use futures::future::BoxFuture;
use gengfu_core::{
    id::DeviceId,
    point::{NoData, Value},
    text::Text,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the web side asks of the running buses. Nothing of it writes to a device.
pub trait Buses: Send + Sync + 'static {
    /// The buses of the configuration, and what can be read of their units.
    fn buses(&self) -> BusesView;

    /// Begins to ask units one after the other. The error says why not.
    fn begin_scan(&self, bus: &str, wish: ScanWish, by: &str) -> Result<(), String>;

    /// Ends that; true where it was going on.
    fn stop_scan(&self, bus: &str) -> bool;

    /// Reads a unit once. The error is for people.
    fn read_unit<'a>(
        &'a self,
        bus: &'a str,
        wish: UnitWish,
    ) -> BoxFuture<'a, Result<UnitRead, String>>;
}

/// The buses, and what units can be read as.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BusesView {
    /// The buses of the configuration.
    pub buses: Vec<BusView>,
    /// The profiles of Modbus devices.
    pub profiles: Vec<UnitProfile>,
}

/// A bus.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BusView {
    /// Its name.
    pub id: String,
    /// Where it is: an address, or a serial port with its settings.
    pub line: String,
    /// The units that the configuration has on it.
    pub units: Vec<BusUnit>,
    /// The scan that goes on, or the last one since the gateway started.
    #[schema(required)]
    pub scan: Option<ScanView>,
}

/// A unit of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BusUnit {
    /// Its number.
    pub unit: u8,
    /// The device that it is.
    pub device: DeviceId,
    /// The device's name.
    pub name: Text,
    /// The device's profile.
    pub profile: String,
}

/// A profile of Modbus devices.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitProfile {
    /// Its name.
    pub id: String,
    /// What it is of.
    pub title: Text,
}

/// Which units are asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanWish {
    /// The first, from 1.
    pub from: u8,
    /// The last, 247 at the most.
    pub to: u8,
    /// Longest wait for each, in milliseconds: 20 to 2,000.
    #[serde(default = "usual")]
    pub timeout_ms: u16,
}

/// Slow units on a line of 9,600 baud answer within this.
fn usual() -> u16 {
    200
}

/// How a scan goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScanView {
    /// The first unit.
    pub from: u8,
    /// The last.
    pub to: u8,
    /// So many were asked.
    pub asked: u8,
    /// Where it stands.
    pub state: ScanState,
    /// Why it failed.
    #[schema(required)]
    pub why: Option<String>,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// By whom: their name for programs.
    pub by: String,
    /// The units that answered.
    pub found: Vec<FoundUnit>,
}

/// Where a scan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// It goes on.
    Going,
    /// Every unit was asked.
    Done,
    /// Somebody stopped it.
    Stopped,
    /// The bus can't be reached, or has changed meanwhile.
    Failed,
}

/// A unit that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FoundUnit {
    /// Its number.
    pub unit: u8,
    /// What its holding register 0 holds; none where it answered otherwise.
    #[schema(required)]
    pub register: Option<u16>,
    /// The exception that it answered with.
    #[schema(required)]
    pub exception: Option<u8>,
    /// What it answered can't be understood: two units of one number, or another baud rate.
    pub garbled: bool,
    /// How long the answer took with its turn, in milliseconds.
    pub took_ms: u32,
}

/// What is read of a unit: a device of the configuration, the registers of a profile, or a range.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitWish {
    /// Its number.
    pub unit: u8,
    /// As this device of the configuration has it, with its parameters.
    #[serde(default)]
    pub device: Option<DeviceId>,
    /// As this profile has it.
    #[serde(default)]
    pub profile: Option<String>,
    /// A plain range.
    #[serde(default)]
    pub range: Option<RangeWish>,
}

/// A plain range of registers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RangeWish {
    /// The table.
    pub table: TableName,
    /// The first address, from 0 as on the wire.
    pub address: u16,
    /// How many: 1 to 100.
    pub count: u16,
}

/// A table of Modbus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TableName {
    /// Function code 1.
    Coil,
    /// Function code 2.
    Discrete,
    /// Function code 3.
    Holding,
    /// Function code 4.
    Input,
}

/// What a unit holds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UnitRead {
    /// When it was read.
    pub at: Timestamp,
    /// The registers, by table and address.
    pub rows: Vec<RegisterRow>,
    /// What could not be read, and why.
    pub troubles: Vec<String>,
}

/// Registers, and what they mean.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RegisterRow {
    /// The table.
    pub table: TableName,
    /// The first address, from 0 as on the wire.
    pub address: u16,
    /// As they came; 0 and 1 for bits. Empty where nothing came.
    pub raw: Vec<u16>,
    /// The point that the profile makes of them.
    #[schema(required)]
    pub name: Option<Text>,
    /// The point's unit; empty for none.
    pub unit: String,
    /// The point's value.
    #[schema(required)]
    pub value: Option<Value>,
    /// What people call the value, where it is a word.
    #[schema(required)]
    pub word: Option<Text>,
    /// Why it has none.
    #[schema(required)]
    pub no_data: Option<NoData>,
}
