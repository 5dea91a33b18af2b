//! Which readings of a unit go where: what rules watch goes to the engine and to the history when it
//! changes, the rest to the history alone, at every poll.

use std::{sync::Arc, time::SystemTime};

use gengfu_core::{
    id::DeviceId,
    input::Input,
    point::{Kind, Reading, Sample},
    time::{Span, Timestamp},
};
use tokio::time::Instant;

use super::{
    counters::{Counters, count},
    field::Field,
};
use crate::lane::{Envelope, IsWatched, Lanes};

/// The engine's end of the lane is gone: the gateway stops.
#[derive(Debug)]
pub(super) struct Closed;

/// The outgoing side of one unit.
pub(super) struct Publisher {
    device: DeviceId,
    lanes: Lanes,
    is_watched: IsWatched,
    counters: Arc<Counters>,
    liveness: Span,
    heard_every: Span,
    heard: Option<Instant>,
    /// Per field: what the engine was told last, and when.
    told: Vec<Option<(Sample, Instant)>>,
    /// Per field: what the history was told last.
    noted: Vec<Option<Sample>>,
}

impl Publisher {
    pub fn new(
        device: DeviceId,
        fields: usize,
        lanes: Lanes,
        is_watched: IsWatched,
        counters: Arc<Counters>,
        (liveness, supervision): (Span, Option<Span>),
    ) -> Self {
        // Three signs of life in a supervision time: one may be late, one may be lost.
        let heard_every = supervision.map_or(liveness, |s| Span::millis(s.as_millis() / 3));
        let (told, noted) = (vec![None; fields], vec![None; fields]);
        Self {
            device,
            lanes,
            is_watched,
            counters,
            liveness,
            heard_every,
            heard: None,
            told,
            noted,
        }
    }

    /// Passes on what a field says now.
    pub async fn publish(
        &mut self,
        index: usize,
        field: &Field,
        sample: Sample,
    ) -> Result<(), Closed> {
        let now = Instant::now();
        let reading = |sample: Sample| Reading {
            point: field.point.clone(),
            sample,
            source_at: None,
            received_at: wall_clock(),
            kind: Kind::State,
            origin: None,
        };
        if (self.is_watched)(&field.point) {
            let stands = self.told[index].as_ref().is_some_and(|(last, at)| {
                *last == sample && now.duration_since(*at) < self.liveness.to_std()
            });
            if !stands {
                let reading = reading(sample.clone());
                self.lanes.telemetry.send(reading.clone());
                self.send(Input::Reading(reading)).await?;
                count(&self.counters.alarm_readings);
                count(&self.counters.telemetry_readings);
                self.told[index] = Some((sample, now));
            }
            return Ok(());
        }
        // That there is no value is noted once, not at every poll.
        if sample.is_ok() || self.noted[index].as_ref() != Some(&sample) {
            self.lanes.telemetry.send(reading(sample.clone()));
            count(&self.counters.telemetry_readings);
        }
        self.noted[index] = Some(sample);
        Ok(())
    }

    /// The unit answered.
    pub async fn hear(&mut self) -> Result<(), Closed> {
        let now = Instant::now();
        let fresh = |at: Instant| now.duration_since(at) < self.heard_every.to_std();
        if self.heard.is_some_and(fresh) {
            return Ok(());
        }
        self.heard = Some(now);
        self.send(Input::Heard(self.device.clone())).await
    }

    async fn send(&self, input: Input) -> Result<(), Closed> {
        self.lanes.alarm.send(Envelope::unanswered(input)).await.map_err(|_| Closed)
    }
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
