//! The far end of the telemetry lane: the history, and the copy that goes to InfluxDB. A deadband thins
//! the history out, and not the copy.

use std::{collections::BTreeMap, fs, sync::Arc};

use anyhow::Context;
use gengfu_core::{
    id::{PointId, SiteId},
    point::Reading,
    time::Span,
};
use gengfu_store::{
    History,
    influx::{Influx, Target, Written},
};
use parking_lot::RwLock;
use tokio::sync::mpsc;

use crate::{
    config::influxdb::InfluxDb,
    deadband::{Deadbands, Kept},
    engine::now,
};

/// The copy that goes to InfluxDB, where one is wanted; changed by a reload.
#[derive(Clone, Default)]
pub struct Export(Arc<RwLock<Option<Influx>>>);

impl Export {
    /// Ends what is written so far, and begins what is wanted now.
    ///
    /// # Errors
    /// Where a file that the configuration names can't be used.
    pub fn set(&self, wanted: Option<&InfluxDb>, site: &SiteId) -> anyhow::Result<()> {
        *self.0.write() = wanted.map(|wanted| start(wanted, site)).transpose()?;
        Ok(())
    }

    /// What became of the readings; none without an export.
    pub fn counters(&self) -> Option<Written> {
        self.0.read().as_ref().map(Influx::counters)
    }
}

fn start(wanted: &InfluxDb, site: &SiteId) -> anyhow::Result<Influx> {
    let token = wanted.token_file.as_ref().map(|path| {
        let text = fs::read_to_string(path);
        text.with_context(|| format!("[influxdb] `token_file` {}", path.display()))
    });
    let token = token.transpose()?.map(|token| token.trim().to_owned());
    let client = gengfu_channel::client_trusting(wanted.ca.as_deref()).context("[influxdb]")?;
    Ok(Influx::start(client, Target { url: wanted.url.clone(), token }, site.clone()))
}

/// What each point of the telemetry lane said last, since the start: pages show it, and nothing is decided
/// by it.
#[derive(Clone, Default)]
pub struct Latest(Arc<RwLock<BTreeMap<PointId, Arc<Reading>>>>);

impl Latest {
    fn note(&self, reading: &Reading) {
        self.0.write().insert(reading.point.clone(), Arc::new(reading.clone()));
    }

    /// All of it.
    pub fn all(&self) -> Vec<Arc<Reading>> {
        self.0.read().values().cloned().collect()
    }
}

/// Records what rides in the telemetry lane until its senders are gone.
pub async fn record(
    mut readings: mpsc::Receiver<Reading>,
    history: History,
    export: Export,
    deadbands: Deadbands,
    latest: Latest,
) {
    let mut forget_at = now();
    let mut kept = Kept::default();
    while let Some(reading) = readings.recv().await {
        if reading.received_at >= forget_at {
            forget_at = reading.received_at + Span::hours(1);
            let raw = u64::try_from(history.kept().raw).unwrap_or_default();
            history.forget(reading.received_at - Span::millis(raw));
        }
        latest.note(&reading);
        if let Some(influx) = &*export.0.read() {
            influx.record(&reading);
        }
        if kept.take(&reading, &deadbands) {
            history.record(reading);
        }
    }
}
