//! Counters of the engine and the senders, for `/metrics`. No allocation and no lock in the engine.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use gengfu_core::{
    id::ChannelId,
    notification::cost::{Cost, decimal},
};
use parking_lot::Mutex;

/// A count that only rises.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds to it.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }
    /// Reads it.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the engine and the sender count.
#[derive(Debug, Default)]
pub struct Meters {
    /// Inputs decided.
    pub inputs: Count,
    /// Readings of points that no device has.
    pub unknown_points: Count,
    /// Events made durable.
    pub events: Count,
    /// Appends, each one fsync.
    pub appends: Count,
    /// Microseconds spent in appends.
    pub append_us: Count,
    /// Appends that the disk refused.
    pub refused_writes: Count,
    /// Messages handed over to channels, tries included.
    pub handed_over: Count,
    /// Messages that a carrier accepted.
    pub accepted: Count,
    /// Tries that failed.
    pub failed: Count,
    /// What messages cost since the start, in millionths, by channel and currency.
    paid: Mutex<BTreeMap<(ChannelId, String), u64>>,
}

impl Meters {
    /// Notes one append.
    pub fn appended(&self, events: usize, took: Duration) {
        self.events.add(events as u64);
        self.appends.add(1);
        self.append_us.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// Notes what a message cost.
    pub fn paid(&self, channel: &ChannelId, cost: &Cost) {
        let mut paid = self.paid.lock();
        let sum = paid.entry((channel.clone(), cost.currency().to_owned())).or_default();
        *sum = sum.saturating_add(cost.millionths());
    }

    /// What messages cost since the start: the name of the metric, and the sum.
    pub fn costs(&self) -> Vec<(String, String)> {
        let name = |(channel, currency): &(ChannelId, String)| {
            format!("gengfu_messages_cost_total{{channel=\"{channel}\",currency=\"{currency}\"}}")
        };
        self.paid.lock().iter().map(|(of, sum)| (name(of), decimal(*sum))).collect()
    }

    /// The counters with their names and what they count.
    pub fn all(&self) -> [(&'static str, &'static str, u64); 9] {
        [
            ("gengfu_inputs_total", "Inputs decided by the engine", self.inputs.get()),
            (
                "gengfu_unknown_points_total",
                "Readings of points that no device has: a board whose profile changed",
                self.unknown_points.get(),
            ),
            ("gengfu_events_total", "Events made durable", self.events.get()),
            ("gengfu_appends_total", "Appends to the journal, one fsync each", self.appends.get()),
            ("gengfu_append_microseconds_total", "Time spent in appends", self.append_us.get()),
            (
                "gengfu_append_refused_total",
                "Appends that the disk refused",
                self.refused_writes.get(),
            ),
            (
                "gengfu_messages_handed_over_total",
                "Messages handed over to channels",
                self.handed_over.get(),
            ),
            (
                "gengfu_messages_accepted_total",
                "Messages accepted by a carrier",
                self.accepted.get(),
            ),
            ("gengfu_messages_failed_total", "Tries to send that failed", self.failed.get()),
        ]
    }
}
