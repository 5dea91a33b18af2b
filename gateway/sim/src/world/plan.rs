//! A plan: everything that is going to happen, as a list. A run is a plan carried out, so that a
//! history is shortened by leaving things out of its plan.

use std::fmt;

use gengfu_core::time::{Span, Timestamp};

use super::{rng::Rng, schedule};

/// A world and what happens in it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Everything in here, and all chances while it is carried out, follow from it.
    pub seed: u64,
    /// The world.
    pub shape: Shape,
    /// What happens, first to last.
    pub deeds: Vec<Deed>,
}

/// How large a world is, where and when.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Boards with two contacts each.
    pub boards: usize,
    /// Lift controllers that are polled.
    pub controllers: usize,
    /// People.
    pub people: usize,
    /// The site's time zone, which the rosters follow too.
    pub zone: &'static str,
    /// When it begins.
    pub start: Timestamp,
    /// How long things happen; then faults stop and the world settles.
    pub span: Span,
    /// How often a board beats.
    pub beat: Span,
    /// How long a board may be silent.
    pub supervision: Span,
}

/// Something that happens.
#[derive(Debug, Clone)]
pub struct Deed {
    /// When, since the beginning.
    pub at: Span,
    /// What.
    pub what: What,
}

/// What a carrier does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// Takes and delivers it.
    Works,
    /// Takes and delivers it, after a while.
    Slow,
    /// Takes it, and it never arrives.
    Loses,
    /// Takes it and delivers it twice.
    Twice,
    /// Takes it, and finds out later that it can't deliver it.
    TakesThenFails,
    /// Delivers it, and says so when it has been answered long since.
    ReportsLate,
    /// Fails; trying again may help.
    Fails,
    /// Fails for good.
    Refuses,
    /// Says nothing at all.
    Silent,
}

/// Every mood, the good ones first.
pub const MOODS: [Mood; 9] = [
    Mood::Works,
    Mood::Slow,
    Mood::Twice,
    Mood::ReportsLate,
    Mood::Loses,
    Mood::TakesThenFails,
    Mood::Fails,
    Mood::Refuses,
    Mood::Silent,
];

/// What a person does unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whim {
    /// "I'm going."
    Goes,
    /// "I'm there."
    Arrives,
    /// "I can't."
    Declines,
    /// "I can't, ask that one."
    Names,
    /// "It is over."
    Ends,
}

/// What happens.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "each names its parts: numbers choose among what there is, spans say how long"
)]
pub enum What {
    /// A contact closes and opens again, so many times.
    Press { board: usize, input: u8, hold: Span, times: u32 },
    /// A contact bounces, or steam drifts through a detector.
    Bounce { board: usize, input: u8, count: u32, every: Span },
    /// A board loses its power.
    Cut { board: usize, length: Span },
    /// A board's radio is dead.
    Mute { board: usize, length: Span },
    /// A lift shows a fault, and is polled, at this very instant: that of a hand-over.
    Exactly { controller: usize },
    /// A lift flaps between fault and normal.
    Flap { controller: usize, count: u32, every: Span },
    /// A battery sags, slowly, with noise.
    Sag { controller: usize, length: Span },
    /// A controller does not answer.
    Deaf { controller: usize, length: Span },
    /// The way between a board and the gateway loses, duplicates, delays and reorders.
    Net { board: usize, length: Span, loss: u64, twice: u64, delay: Span },
    /// A payload that no board should send.
    Garbage { board: usize },
    /// A carrier's mood changes for a while.
    Carrier { channel: usize, mood: Mood, length: Span },
    /// Somebody acts unasked on one of the last incidents.
    Unasked { person: usize, whim: Whim, back: u64, to: usize },
    /// Somebody shelves whatever alarm stands at this place in the list.
    Shelve { person: usize, alarm: usize, length: Span },
    /// Somebody takes a device out of service.
    OutOfService { person: usize, board: usize, length: Span },
    /// A roster changes: another exception, other hand-overs.
    Roster { nonce: u64 },
    /// A policy changes.
    Policy { nonce: u64 },
    /// A person is reached in other ways.
    Methods { person: usize, nonce: u64 },
    /// The gateway dies at the so manieth step from now; so many bytes of what was not brought to
    /// the disk yet survive.
    Crash { steps: u32, torn: u64, down: Span },
    /// The disk refuses to write.
    Full { length: Span },
    /// The next writes fail, half done.
    WriteFails { times: u32, torn: u64 },
    /// The disk is slow.
    SlowDisk { length: Span, pause: Span },
    /// The clock is put forward.
    ClockForward { by: Span },
    /// The clock is put back.
    ClockBack { by: Span },
    /// The clock stands still.
    ClockStands { length: Span },
    /// The configuration is read again, changed.
    Reload { nonce: u64 },
    /// A snapshot is taken, whole or torn at this byte.
    Snapshot { torn: Option<u64> },
    /// The way to the channels has no room.
    Clogged { length: Span },
}

impl What {
    /// What kind of fault it is; none for what is daily life.
    pub fn fault(&self) -> Option<&'static str> {
        Some(match self {
            What::Bounce { .. } => "contact bounces",
            What::Cut { .. } => "board without power",
            What::Mute { .. } => "board without radio",
            What::Flap { .. } => "lift flaps",
            What::Sag { .. } => "battery sags",
            What::Deaf { .. } => "controller does not answer",
            What::Net { .. } => "network loses, doubles, delays, reorders",
            What::Garbage { .. } => "garbled payload",
            What::Carrier { .. } => "carrier misbehaves",
            What::Unasked { .. } => "person acts unasked",
            What::Roster { .. } | What::Policy { .. } | What::Methods { .. } => "directory changes",
            What::Crash { .. } => "crash between two steps, torn tail",
            What::Full { .. } => "disk full",
            What::WriteFails { .. } => "write fails half done",
            What::SlowDisk { .. } => "disk slow",
            What::ClockForward { .. } => "clock put forward",
            What::ClockBack { .. } => "clock put back",
            What::ClockStands { .. } => "clock stands still",
            What::Reload { .. } => "configuration reloaded",
            What::Snapshot { torn: Some(_) } => "snapshot torn",
            What::Snapshot { torn: None } => "snapshot at any moment",
            What::Clogged { .. } => "way to the channels clogged",
            What::Exactly { .. }
            | What::Press { .. }
            | What::Shelve { .. }
            | What::OutOfService { .. } => return None,
        })
    }
}

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::about(seed, &[1]);
        let shape = Shape::of(&mut rng);
        let deeds = schedule::deeds(&shape, &mut rng);
        let mut plan = Self { seed, shape, deeds };
        plan.deeds.extend(schedule::at_hand_overs(&plan, &mut rng));
        plan
    }
}

/// Zones with a change of clocks, without one, with one of half an hour, and off the full hour; and
/// days close before a change.
const PLACES: [(&str, &[&str]); 5] = [
    ("America/Chicago", &["2026-03-08T05:00Z", "2026-11-01T04:00Z"]),
    ("Australia/Lord_Howe", &["2026-04-04T13:00Z", "2026-10-03T13:30Z"]),
    ("Asia/Shanghai", &["2026-11-23T11:50Z", "2026-06-01T00:00Z"]),
    ("Europe/London", &["2026-03-28T23:30Z", "2026-10-25T00:10Z"]),
    ("Asia/Kathmandu", &["2026-01-31T17:40Z", "2026-07-15T18:00Z"]),
];

impl Shape {
    /// One world in so many is like this: a hundredth lasts a year, another is large, the rest are
    /// small and nasty.
    fn of(rng: &mut Rng) -> Self {
        let (zone, starts) = rng.pick(&PLACES);
        let start: Timestamp = rng.pick(starts).parse().unwrap_or_default();
        let minutes = Span::mins(1);
        let (boards, controllers, span) = match rng.below(200) {
            0 | 1 => (2, 1, Span::hours(366 * 24)),
            2 => (rng.between(150, 400), 20, minutes.times(rng.between(6, 15))),
            3..=12 => (rng.between(8, 30), 3, minutes.times(rng.between(20, 90))),
            13..=30 => (2, 1, Span::hours(rng.between(24, 72))),
            _ => (rng.between(1, 4), rng.below(2), minutes.times(rng.between(20, 150))),
        };
        let long = span >= Span::hours(24 * 30);
        let slow = span >= Span::hours(24);
        Self {
            boards: usize::try_from(boards).unwrap_or(1),
            controllers: usize::try_from(controllers).unwrap_or(0),
            people: rng.index(5) + 2,
            zone,
            start: start + Span::millis(rng.below(5_400_000)),
            span,
            beat: if long {
                Span::hours(6)
            } else if slow {
                Span::mins(10)
            } else {
                Span::secs(rng.between(15, 30))
            },
            supervision: if long {
                Span::hours(20)
            } else if slow {
                Span::mins(35)
            } else {
                Span::secs(rng.between(65, 87))
            },
        }
    }

    /// When faults stop.
    pub fn calm_at(&self) -> Timestamp {
        self.start + self.span
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shape { boards, controllers, people, zone, start, span, beat, supervision } =
            &self.shape;
        writeln!(
            f,
            "seed {}: {boards} boards (a beat every {beat}, missed after {supervision}), {controllers} controllers, \
             {people} people, {zone}, {span} from {start}",
            self.seed
        )?;
        for deed in &self.deeds {
            writeln!(f, "  after {}: {:?}", deed.at, deed.what)?;
        }
        Ok(())
    }
}
