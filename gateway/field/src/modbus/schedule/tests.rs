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

/// A device with registers from 0 on, each a point, that refuses what `has` says no to; asked in steps of
/// its poll, with what it was asked and what is left out at the end.
struct Device {
    unit: Unit,
    schedule: Schedule,
    now: Instant,
    asked: Vec<(u16, u16)>,
}

impl Device {
    fn new(registers: u16) -> Self {
        let mut text =
            "name = { en = \"x\" }\nkind = \"modbus\"\n[modbus]\npoll = \"1s\"\n".to_owned();
        for n in 0..registers {
            text += &format!("[[point]]\nid = \"p{n}\"\nname = {{ en = \"n\" }}\naddress = {n}\n");
        }
        let (unit, now) = (made("d", &text), Instant::now());
        let schedule = Schedule::new(&unit, Span::secs(30), Span::ZERO, now);
        Self { unit, schedule, now, asked: vec![] }
    }

    /// Polls for so long, and forgets what was asked before.
    fn run(&mut self, time: Duration, has: impl Fn(u16, u16) -> bool) {
        self.asked.clear();
        let end = self.now + time;
        while self.schedule.next < end {
            self.now = self.now.max(self.schedule.next);
            let began = self.now;
            self.schedule.begin(began);
            let mut at = 0;
            while let Some(asked) = self.schedule.blocks.get(at) {
                if !self.schedule.is_due(at, began) {
                    at += 1;
                    continue;
                }
                let (start, count) = (asked.block.start, asked.block.count);
                // An answer takes its time.
                self.now += Duration::from_millis(3);
                self.asked.push((start, count));
                if has(start, count) {
                    self.schedule.gave(at);
                } else {
                    match self.schedule.refuse(at, &self.unit.fields, self.now) {
                        Refusal::Cut => continue,
                        Refusal::Again => {
                            at += 1;
                            continue;
                        }
                        Refusal::LeftOut => {}
                    }
                }
                self.schedule.answered(at, self.now);
                at += 1;
            }
            self.schedule.succeed(self.now);
        }
        self.now = self.now.max(end);
    }

    fn left_out(&self) -> Vec<String> {
        self.schedule.left_out().iter().map(Range::to_string).collect()
    }
}

#[test]
fn a_device_that_refuses_all_while_it_starts_is_asked_as_planned_afterwards() {
    for starting in [2, 6, 40] {
        let mut device = Device::new(100);
        device.run(Duration::from_secs(starting), |_, _| false);
        let whole = device.asked.iter().filter(|asked| **asked == (0, 100)).count();
        assert!(whole >= 2, "{:?}", device.asked);
        if starting == 2 {
            assert_eq!(device.asked.len(), whole, "it is not cut at once");
        } else {
            assert_eq!(device.left_out(), ["holding 0-99"]);
        }
        // It is asked for all of it again before long: the waits double.
        device.run(Duration::from_secs(60), |_, _| true);
        assert!(device.left_out().is_empty());
        device.run(Duration::from_secs(60), |_, _| true);
        assert!((59..=61).contains(&device.asked.len()), "{}", device.asked.len());
        assert!(device.asked.iter().all(|asked| *asked == (0, 100)));
        // It starts once more.
        device.run(Duration::from_secs(2), |_, _| false);
        assert!(device.asked.iter().all(|asked| *asked == (0, 100)), "{:?}", device.asked);
    }
}

#[test]
fn one_register_that_a_device_lacks_costs_its_neighbours_nothing() {
    let mut device = Device::new(100);
    let has = |start: u16, count: u16| !(start..start + count).contains(&37);
    device.run(Duration::from_secs(5), has);
    assert_eq!(device.left_out(), ["holding 37"]);
    device.run(Duration::from_secs(3_600), has);
    assert_eq!(device.left_out(), ["holding 37"]);
    // Two times seven halves at the most, a poll, and what it costs to look whether it is there now.
    assert!(device.asked.len() < 14 * 3_600 + 14 * 12, "{}", device.asked.len());
    assert!(device.asked.iter().filter(|asked| **asked == (0, 100)).count() <= 12);
    // Others were refused while it started; they are not asked one by one for ever.
    device.run(Duration::from_secs(700), |start, count| count == 1 && start % 2 == 0);
    device.run(Duration::from_secs(1_300), has);
    device.run(Duration::from_secs(60), has);
    assert!(device.asked.len() <= 14 * 61 + 14, "{}", device.asked.len());
}

#[test]
fn a_device_that_takes_no_long_requests_is_asked_in_parts() {
    let mut device = Device::new(100);
    let has = |_: u16, count: u16| count <= 60;
    device.run(Duration::from_secs(5), has);
    device.run(Duration::from_secs(3_600), has);
    assert!(device.left_out().is_empty());
    let whole = device.asked.iter().filter(|asked| **asked == (0, 100)).count();
    assert!((6..=12).contains(&whole), "{whole} times an hour it is tried");
    assert!(device.asked.iter().all(|(_, count)| [100, 50].contains(count)));
}
