//! Which readings are worth a row of the history: a number that has hardly moved since the last row says
//! nothing new. Rules are asked about every reading all the same; only what is kept gets thinner.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use gengfu_core::{
    id::PointId,
    point::{Reading, Sample, Value},
    time::{Span, Timestamp},
};
use parking_lot::RwLock;

/// One reading at least in this time is kept however little it moves. A value is believed for an hour
/// without another one; so there are six chances before a chart shows a hole, and a value that is shown
/// is never older than this.
const AT_LEAST: Span = Span::mins(10);

/// The deadbands of points, in their units; copies share them. Changed by a reload.
#[derive(Debug, Clone, Default)]
pub struct Deadbands {
    of: Arc<RwLock<BTreeMap<PointId, f64>>>,
    passed_over: Arc<AtomicU64>,
}

impl Deadbands {
    /// Replaces all of them.
    pub fn set(&self, of: BTreeMap<PointId, f64>) {
        *self.of.write() = of;
    }

    /// Readings that were not kept since the start.
    pub fn passed_over(&self) -> u64 {
        self.passed_over.load(Ordering::Relaxed)
    }

    fn of(&self, point: &PointId) -> Option<f64> {
        self.of.read().get(point).copied()
    }
}

/// What was kept last of each point that has a deadband.
#[derive(Debug, Default)]
pub struct Kept(BTreeMap<PointId, (Timestamp, Sample)>);

impl Kept {
    /// True for a reading that is to be kept; it counts as kept from then on.
    pub fn take(&mut self, reading: &Reading, deadbands: &Deadbands) -> bool {
        let Some(deadband) = deadbands.of(&reading.point) else {
            self.0.remove(&reading.point);
            return true;
        };
        let says_nothing = self.0.get(&reading.point).is_some_and(|(at, last)| {
            // A clock that was put back makes a new row rather than none for long.
            let is_fresh = reading.received_at >= *at && reading.received_at.since(*at) < AT_LEAST;
            is_fresh && is_near(last, &reading.sample, deadband)
        });
        if says_nothing {
            deadbands.passed_over.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        self.0.insert(reading.point.clone(), (reading.received_at, reading.sample.clone()));
        true
    }
}

/// Two numbers with no more than the deadband between them. Whatever is no number is news whenever it
/// differs, and so is having no value, or having one again.
fn is_near(last: &Sample, now: &Sample, deadband: f64) -> bool {
    match (last, now) {
        (Ok(last), Ok(now)) => match (number(last), number(now)) {
            (Some(last), Some(now)) => (now - last).abs() <= deadband,
            _ => last == now,
        },
        _ => last == now,
    }
}

fn number(value: &Value) -> Option<f64> {
    matches!(value, Value::Int(_) | Value::Float(_)).then(|| value.as_f64()).flatten()
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::{Kind, NoData};

    use super::*;

    fn reading(second: u64, sample: Sample) -> Reading {
        Reading {
            point: PointId::from("boiler/temperature"),
            sample,
            source_at: None,
            received_at: Timestamp::from_millis(1_795_000_000_000) + Span::secs(second),
            kind: Kind::State,
            origin: None,
        }
    }

    #[test]
    fn a_number_that_hardly_moves_is_kept_once_in_a_while_and_whatever_is_news_at_once() {
        let deadbands = Deadbands::default();
        deadbands.set([(PointId::from("boiler/temperature"), 0.5)].into());
        let mut kept = Kept::default();
        let mut take = |second, sample| kept.take(&reading(second, sample), &deadbands);
        let at = |x| Ok(Value::Float(x));
        assert!(take(0, at(20.0)));
        assert!(!take(1, at(20.5)), "just within");
        assert!(!take(2, at(19.5)), "of the last one that was kept, not of the one before it");
        assert!(take(3, at(20.6)));
        assert!(!take(4, at(20.2)));
        assert!(take(5, Err(NoData::Timeout)), "it has no value");
        assert!(!take(6, Err(NoData::Timeout)));
        assert!(take(7, Err(NoData::Faulty)), "for another reason");
        assert!(take(8, at(20.2)), "it has one again");
        assert!(!take(607, at(20.2)));
        assert!(take(608, at(20.2)), "ten minutes later");
        assert!(take(100, at(20.2)), "the clock was put back");
        assert!(take(101, Ok(Value::Text("broken".into()))));
        assert!(!take(102, Ok(Value::Text("broken".into()))));
        assert_eq!(deadbands.passed_over(), 6);
    }

    #[test]
    fn a_slow_drift_is_seen_in_steps_of_the_deadband() {
        let deadbands = Deadbands::default();
        deadbands.set([(PointId::from("boiler/temperature"), 1.0)].into());
        let mut kept = Kept::default();
        let drift = (0..100_u32).filter(|n| {
            let sample = Ok(Value::Float(f64::from(*n) * 0.25));
            kept.take(&reading(u64::from(*n), sample), &deadbands)
        });
        assert_eq!(drift.count(), 20);
    }

    #[test]
    fn without_a_deadband_everything_is_kept() {
        let (deadbands, mut kept) = (Deadbands::default(), Kept::default());
        for second in 0..5 {
            assert!(kept.take(&reading(second, Ok(Value::Int(7))), &deadbands));
        }
        assert_eq!(deadbands.passed_over(), 0);
    }
}
