//! When a unit is asked next, and for what: each class of points has a clock of its own, and a unit
//! that does not answer is asked more and more rarely.

use gengfu_core::{id::DeviceId, time::Span};
use tokio::time::Instant;

use super::{
    field::Field,
    plan::{Block, Limits, plan},
    unit::Unit,
};

/// A range that the device refused is asked for again after this long: some refuse all while they start.
/// The wait doubles ...
const ASK_REFUSED_AGAIN: Span = Span::secs(10);
/// ... up to this: it may have been given another configuration.
const ASK_REFUSED_AT_LAST: Span = Span::mins(10);

/// A block, when it is due, and when it is left out.
#[derive(Debug)]
pub(super) struct Asked {
    pub block: Block,
    /// Refused as a configuration error: left out until then.
    pub refused_until: Option<Instant>,
    /// How often, one after the other.
    pub refusals: u32,
    /// The device last had something to say of it.
    pub answered: Option<Instant>,
    /// In the poll that goes on.
    is_read: bool,
    due: Instant,
    every: Span,
    /// Its next interval is the first since the start, or since the unit was away.
    is_first: bool,
}

/// The requests of a unit and its clocks.
#[derive(Debug)]
pub(super) struct Schedule {
    pub blocks: Vec<Asked>,
    pub next: Instant,
    pub failures: u32,
    device: DeviceId,
    poll: Span,
    probe_max: Span,
    rest: Span,
}

impl Schedule {
    /// `rest` is how long the unit is left alone at the least when it did not answer.
    pub fn new(unit: &Unit, probe_max: Span, rest: Span, now: Instant) -> Self {
        let limits = Limits::from(&unit.knobs);
        let asked = |block: Block| Asked {
            refused_until: None,
            refusals: 0,
            answered: None,
            is_read: false,
            due: now,
            every: block.poll.unwrap_or(unit.knobs.poll),
            is_first: true,
            block,
        };
        let blocks: Vec<Asked> = plan(&unit.fields, limits).into_iter().map(asked).collect();
        let poll = blocks.iter().map(|asked| asked.every).min().unwrap_or(unit.knobs.poll);
        let device = unit.device.clone();
        Self { blocks, next: now, failures: 0, device, poll, probe_max, rest }
    }

    /// True where a block is to be asked for now.
    pub fn is_due(&self, at: usize, now: Instant) -> bool {
        self.blocks.get(at).is_some_and(|asked| asked.due <= now)
    }

    /// The device said something of a block.
    pub fn answered(&mut self, at: usize, now: Instant) {
        if let Some(asked) = self.blocks.get_mut(at) {
            (asked.answered, asked.is_read) = (Some(now), true);
        }
    }

    /// The unit answered: what was read is due again one interval after it was due, at the soonest now.
    /// That is one moment for all of it, so that blocks of one class stay together however late they
    /// are. The first interval is cut short by what the device's name says, so that units that began
    /// together do not stay in step.
    pub fn succeed(&mut self, now: Instant) {
        self.failures = 0;
        for asked in &mut self.blocks {
            if !std::mem::take(&mut asked.is_read) {
                continue;
            }
            asked.due = if std::mem::take(&mut asked.is_first) {
                now + phase(&self.device, asked.every).to_std()
            } else {
                (asked.due + asked.every.to_std()).max(now)
            };
            if let Some(until) = asked.refused_until {
                asked.due = asked.due.max(until);
            }
        }
        let due = self.blocks.iter().map(|asked| asked.due).min();
        self.next = due.unwrap_or(now + self.poll.to_std());
    }

    /// The unit did not answer: each time it is asked more rarely, so that it takes no time from
    /// the others, but never given up.
    pub fn fail(&mut self, now: Instant) {
        let doubled = self.poll.times(1_u64 << self.failures.min(16));
        let wait = doubled.min(self.probe_max.max(self.poll)).max(self.rest);
        self.failures = self.failures.saturating_add(1);
        self.next = now + wait.to_std();
        self.forget(self.next);
    }

    /// Nothing that was read counts any more: all of it is read again from then on.
    pub fn forget(&mut self, from: Instant) {
        for asked in &mut self.blocks {
            asked.is_read = false;
            // What the device refused it still refuses.
            if asked.refused_until.is_none_or(|until| until <= from) {
                (asked.due, asked.is_first) = (from, true);
            }
        }
    }

    /// Leaves a block out, or puts its halves in its place; true where it was split.
    pub fn refuse(&mut self, at: usize, fields: &[Field], now: Instant) -> bool {
        let Some(asked) = self.blocks.get_mut(at) else { return false };
        match asked.block.split(fields) {
            Some((left, right)) => {
                asked.block = left;
                let right = Asked { block: right, refused_until: None, refusals: 0, ..*asked };
                self.blocks.insert(at + 1, right);
                true
            }
            None => {
                let wait = ASK_REFUSED_AGAIN.times(1 << asked.refusals.min(10));
                asked.refusals += 1;
                asked.refused_until = Some(now + wait.min(ASK_REFUSED_AT_LAST).to_std());
                false
            }
        }
    }
}

/// Between half of an interval and all of it, always the same for a device (FNV-1a of its name).
fn phase(device: &DeviceId, every: Span) -> Span {
    let hash = device.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let half = every.as_millis() / 2;
    // The high bits: the low ones of short names are alike.
    Span::millis(every.as_millis() - (hash >> 20) % (half + 1))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, time::Duration};

    use gengfu_core::text::Text;

    use super::*;
    use crate::profile::{Overrides, Profile};

    /// A slow register, and a fast one.
    fn unit(device: &str) -> Unit {
        let text = "name = { en = \"x\" }\nkind = \"modbus\"\n[modbus]\npoll = \"1h\"\n\
            [[point]]\nid = \"slow\"\nname = { en = \"s\" }\naddress = 0\n\
            [[point]]\nid = \"fast\"\nname = { en = \"f\" }\naddress = 1\npoll = \"50ms\"\n";
        made(device, text)
    }

    fn made(device: &str, text: &str) -> Unit {
        let profile = Profile::parse("t", "t.toml", text).unwrap();
        let (id, name) = (DeviceId::from(device), Text::from(device));
        let expanded = profile.expand(&id, &name, &"p".into(), &Overrides::default()).unwrap();
        Unit::new(&expanded, Some(1)).unwrap()
    }

    #[test]
    fn each_class_has_a_clock_of_its_own() {
        let start = Instant::now();
        let mut schedule = Schedule::new(&unit("d"), Span::secs(30), Span::ZERO, start);
        assert_eq!(schedule.blocks[0].block.poll, None);
        let (mut slow, mut fast) = (0, 0);
        let end = start + Duration::from_secs(7_210);
        while schedule.next < end {
            let now = schedule.next;
            for at in 0..2 {
                if schedule.is_due(at, now) {
                    *if at == 0 { &mut slow } else { &mut fast } += 1;
                    schedule.answered(at, now);
                }
            }
            schedule.succeed(now);
        }
        assert_eq!(slow, 3, "at once, then every hour, the first one cut short");
        assert!((144_199..=144_202).contains(&fast), "{fast} times in 7,210 s");
    }

    #[test]
    fn blocks_of_one_class_stay_together_however_late_they_are() {
        let text = "name = { en = \"x\" }\nkind = \"modbus\"\n[modbus]\npoll = \"10ms\"\n\
            [[point]]\nid = \"near\"\nname = { en = \"n\" }\naddress = 0\n\
            [[point]]\nid = \"far\"\nname = { en = \"f\" }\naddress = 900\n";
        let start = Instant::now();
        let mut schedule = Schedule::new(&made("d", text), Span::secs(30), Span::ZERO, start);
        let mut now = start;
        for round in 0..50_u64 {
            now = now.max(schedule.next);
            assert!((0..2).all(|at| schedule.is_due(at, now)), "in round {round}");
            // Each answer takes longer than the interval, and never the same.
            for at in 0..2 {
                now += Duration::from_millis(11 + round % 7);
                schedule.answered(at, now);
            }
            schedule.succeed(now);
        }
    }

    #[test]
    fn a_unit_that_was_away_is_read_whole_when_it_is_back() {
        let start = Instant::now();
        let mut schedule = Schedule::new(&unit("d"), Span::secs(30), Span::secs(2), start);
        (0..2).for_each(|at| schedule.answered(at, start));
        schedule.succeed(start);
        let failed = schedule.next;
        assert!(!schedule.is_due(0, failed) && schedule.is_due(1, failed));
        schedule.fail(failed);
        assert_eq!(schedule.next, failed + Duration::from_secs(2), "it has its rest");
        assert!(schedule.is_due(0, schedule.next) && schedule.is_due(1, schedule.next));
    }

    #[test]
    fn units_that_begin_together_do_not_stay_in_step() {
        let phases: BTreeSet<Span> = (1..=32)
            .map(|n| phase(&DeviceId::from(format!("unit-{n}").as_str()), Span::secs(10)))
            .collect();
        assert!(phases.len() >= 30, "{} of 32 differ", phases.len());
        assert!(phases.iter().all(|p| (Span::secs(5)..=Span::secs(10)).contains(p)));
        assert_eq!(phase(&"d".into(), Span::secs(9)), phase(&"d".into(), Span::secs(9)));
    }
}
