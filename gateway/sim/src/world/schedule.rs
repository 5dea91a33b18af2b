//! What happens in a world, drawn from its seed.

use gengfu_core::time::{Span, Timestamp};

use super::{
    plan::{Deed, MOODS, Plan, Shape, What, Whim},
    rng::Rng,
    site,
};
use crate::promise::oncall::on_duty;

/// Everything that happens, first to last.
pub(super) fn deeds(shape: &Shape, rng: &mut Rng) -> Vec<Deed> {
    let hours = shape.span.as_millis() / 3_600_000;
    let count = match hours {
        0..24 => rng.between(4, 40),
        24..720 => rng.between(40, 120),
        _ => rng.between(120, 300),
    };
    // Things come in knots: what happens close together is what breaks things.
    let knots: Vec<u64> = (0..count / 6 + 1).map(|_| rng.below(shape.span.as_millis())).collect();
    let mut deeds: Vec<Deed> = (0..count)
        .map(|_| {
            let wide = if rng.percent(50) { 20_000 } else { 400_000 };
            let near = rng.pick(&knots) + rng.below(wide);
            let at = Span::millis(near.min(shape.span.as_millis()));
            Deed { at, what: what(shape, rng) }
        })
        .collect();
    deeds.sort_by_key(|deed| deed.at);
    deeds
}

/// Alarms at the very instants at which one person hands over to another.
pub(super) fn at_hand_overs(plan: &Plan, rng: &mut Rng) -> Vec<Deed> {
    if plan.shape.controllers == 0 || !rng.percent(60) {
        return vec![];
    }
    let roster = site::roster(plan, rng.below(2), 0);
    let (start, minute) = (plan.shape.start.as_millis(), 60_000);
    let first = start + minute - start.rem_euclid(minute);
    let minutes = (plan.shape.span.as_millis() / 60_000).min(200);
    let at = |n: u64| Timestamp::from_millis(first + minute * n.cast_signed());
    let mut deeds = vec![];
    let mut before = on_duty(&roster, at(0));
    for n in 1..minutes {
        let after = on_duty(&roster, at(n));
        if after != before {
            let controller = rng.index(plan.shape.controllers);
            let at = at(n).since(plan.shape.start);
            deeds.push(Deed { at, what: What::Exactly { controller } });
        }
        before = after;
    }
    deeds.truncate(4);
    deeds
}

fn secs(rng: &mut Rng, from: u64, to: u64) -> Span {
    Span::millis(rng.between(from * 1000, to * 1000))
}

fn what(shape: &Shape, rng: &mut Rng) -> What {
    let board = rng.index(shape.boards);
    let input = if rng.percent(65) { 1 } else { 2 };
    let person = rng.index(shape.people);
    let controller = rng.index(shape.controllers);
    match rng.below(100) {
        0..22 => {
            let longest = if rng.percent(70) { 3_000 } else { 90_000 };
            let hold = Span::millis(rng.between(100, longest));
            What::Press { board, input, hold, times: if rng.percent(30) { 2 } else { 1 } }
        }
        22..27 => {
            let every = Span::millis(*rng.pick(&[150, 900, 7_000, 25_000]));
            What::Bounce { board, input, count: rng.between(2, 9) as u32, every }
        }
        27..30 => What::Cut { board, length: secs(rng, 1, 300) },
        30..32 => What::Mute { board, length: secs(rng, 5, 300) },
        32..35 if shape.controllers > 0 => {
            What::Flap { controller, count: rng.between(1, 8) as u32, every: secs(rng, 2, 60) }
        }
        35..36 if shape.controllers > 0 => What::Sag { controller, length: secs(rng, 60, 900) },
        36..37 if shape.controllers > 0 => What::Deaf { controller, length: secs(rng, 20, 300) },
        37..43 => What::Net {
            board,
            length: secs(rng, 5, 240),
            loss: rng.between(0, 60),
            twice: rng.between(0, 60),
            delay: secs(rng, 0, 20),
        },
        43..44 => What::Garbage { board },
        44..53 => What::Carrier {
            channel: rng.index(3),
            mood: *rng.pick(&MOODS),
            length: secs(rng, 5, 600),
        },
        53..60 => {
            let whims =
                [Whim::Goes, Whim::Goes, Whim::Arrives, Whim::Declines, Whim::Names, Whim::Ends];
            What::Unasked {
                person,
                whim: *rng.pick(&whims),
                back: rng.below(3),
                to: rng.index(shape.people),
            }
        }
        60..63 => What::Shelve { person, alarm: rng.index(12), length: secs(rng, 10, 1_800) },
        63..64 => What::OutOfService { person, board, length: secs(rng, 10, 900) },
        64..67 => What::Roster { nonce: rng.below(1 << 32) },
        67..69 => What::Policy { nonce: rng.below(1 << 32) },
        69..70 => What::Methods { person, nonce: rng.below(1 << 32) },
        70..81 => {
            let down = Span::millis(*rng.pick(&[50, 1_000, 3_000, 20_000, 100_000]));
            What::Crash { steps: rng.below(14) as u32, torn: rng.word() >> 8, down }
        }
        81..83 => What::Full { length: secs(rng, 1, 120) },
        83..85 => What::WriteFails { times: rng.between(1, 3) as u32, torn: rng.word() >> 8 },
        85..86 => {
            What::SlowDisk { length: secs(rng, 5, 60), pause: Span::millis(rng.between(20, 900)) }
        }
        86..91 => {
            let most = if rng.percent(80) { 60 } else { 7_200 };
            let by = secs(rng, 1, most);
            if rng.percent(40) { What::ClockForward { by } } else { What::ClockBack { by } }
        }
        91..93 => What::ClockStands { length: secs(rng, 1, 120) },
        93..95 => What::Reload { nonce: rng.below(1 << 32) },
        95..98 => What::Snapshot { torn: rng.percent(20).then(|| rng.word() >> 8) },
        _ => What::Clogged { length: Span::millis(rng.between(100, 2_500)) },
    }
}
