//! What the modem shows of itself, for those who watch it as a device: its signal, whether it is in a
//! network, and what the SIM has left.

use std::time::Duration;

use gengfu_core::point::{NoData, Sample, Value};
use tokio::time::Instant;

use super::{Settings, credit, modem::Modem, port::Fault};
use crate::desk::{Desk, Heard};

/// Signal and network are shown this often.
const SHOW: Duration = Duration::from_secs(55);
/// The carrier is asked this often what the SIM has left.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The gauges.
pub(super) struct Gauges<'a> {
    desk: &'a Desk,
    settings: &'a Settings,
    shown: Option<Instant>,
    asked_credit: Option<Instant>,
}

impl<'a> Gauges<'a> {
    pub fn new(desk: &'a Desk, settings: &'a Settings) -> Self {
        Self { desk, settings, shown: None, asked_credit: None }
    }

    /// The modem is in a network, with this signal.
    pub async fn is_in(&mut self, dbm: Option<i32>) {
        if self.shown.is_some_and(|at| at.elapsed() < SHOW) {
            return;
        }
        self.shown = Some(Instant::now());
        self.show("network", Ok(Value::Bool(true))).await;
        let signal = dbm.map(|dbm| Value::Int(dbm.into())).ok_or(NoData::Refused);
        self.show("signal", signal).await;
    }

    /// It is in none.
    pub async fn is_out(&mut self) {
        self.shown = None;
        self.show("network", Ok(Value::Bool(false))).await;
    }

    /// Asks what the SIM has left, where that is wanted and not known of today.
    pub async fn ask_credit(&mut self, modem: &mut Modem) -> Result<(), Fault> {
        let Some(code) = &self.settings.credit_ussd else { return Ok(()) };
        if self.asked_credit.is_some_and(|at| at.elapsed() < DAY) {
            return Ok(());
        }
        self.asked_credit = Some(Instant::now());
        let dialled = modem.dial(code).await;
        if let Err(fault) = &dialled {
            tracing::warn!(reason = fault.words(), "the SIM's credit can't be asked for");
        }
        dialled
    }

    /// What the carrier said to that.
    pub async fn credit(&self, said: &str) {
        let words = credit::words(said).unwrap_or_default();
        let amount = credit::amount(&words, &self.settings.credit_after);
        if amount.is_none() {
            tracing::warn!(words, "the carrier's answer has no credit in it: see `credit_after`");
        }
        self.show("credit", amount.map(Value::Float).ok_or(NoData::Garbled)).await;
    }

    async fn show(&self, point: &'static str, sample: Sample) {
        if let Err(reason) = self.desk.put(Heard::Shown { point, sample }).await {
            tracing::debug!(point, reason, "what the modem shows was not noted");
        }
    }
}
