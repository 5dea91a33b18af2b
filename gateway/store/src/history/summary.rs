//! What a point's readings of a while come to: the least, the mean over time, the greatest.

use gengfu_core::point::{Sample, Value};

/// A value is believed for no longer than this without another reading, in milliseconds.
pub(super) const HOLD_MS: i64 = 3_600_000;

/// A stretch of time and what a point said in it, as a number: on is 1, off is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Its beginning, in milliseconds.
    pub from: i64,
    /// Its end, exclusive.
    pub until: i64,
    /// The least.
    pub min: f64,
    /// The mean over time.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
}

/// The number that a chart shows of a sample.
fn number(sample: &Sample) -> Option<f64> {
    match sample.as_ref().ok()? {
        Value::Bool(on) => Some(if *on { 1.0 } else { 0.0 }),
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => x.is_finite().then_some(*x),
        Value::Text(_) => None,
    }
}

/// Readings, oldest first, as stretches of one value each: up to the next reading, or to `end`.
pub(super) fn stretches<'a>(
    readings: impl Iterator<Item = (i64, &'a Sample)>,
    end: i64,
) -> Vec<Summary> {
    let mut found: Vec<Summary> = vec![];
    let mut last: Option<(i64, f64)> = None;
    let mut close = |last: Option<(i64, f64)>, until: i64| {
        let Some((from, value)) = last else { return };
        let until = until.min(from.saturating_add(HOLD_MS)).max(from);
        found.push(Summary { from, until, min: value, mean: value, max: value });
    };
    for (at, sample) in readings {
        close(last.take(), at);
        last = number(sample).map(|value| (at, value));
    }
    close(last, end);
    found
}

/// Stretches, put together in steps of equal length from `from` to `until`; a step without any is left out.
/// A stretch without length, of two readings in one millisecond, counts for its extremes.
pub(super) fn steps(stretches: &[Summary], (from, until): (i64, i64), step: i64) -> Vec<Summary> {
    let step = step.max(1);
    let mut found: Vec<Gathered> = vec![];
    for stretch in stretches {
        let (begins, ends) = (stretch.from.max(from), stretch.until.min(until));
        let is_over = stretch.until <= from && stretch.from < from;
        if is_over || begins > ends || begins >= until {
            continue;
        }
        let mut at = (begins - from) / step;
        loop {
            let (left, right) = (from + at * step, (from + (at + 1) * step).min(until));
            let length = ends.min(right) - begins.max(left);
            match found.iter_mut().rev().take(2).find(|g| g.all.from == left) {
                Some(gathered) => gathered.add(stretch, length),
                None => found.push(Gathered::new(stretch, (left, right), length)),
            }
            at += 1;
            if right >= ends || right >= until {
                break;
            }
        }
    }
    found.sort_by_key(|gathered| gathered.all.from);
    found.into_iter().map(Gathered::end).collect()
}

/// A step that is being put together.
struct Gathered {
    all: Summary,
    weight: f64,
    sum: f64,
}

impl Gathered {
    fn new(stretch: &Summary, (from, until): (i64, i64), length: i64) -> Self {
        let all = Summary { from, until, ..*stretch };
        let mut gathered = Self { all, weight: 0.0, sum: 0.0 };
        gathered.add(stretch, length);
        gathered
    }

    fn add(&mut self, stretch: &Summary, length: i64) {
        self.all.min = self.all.min.min(stretch.min);
        self.all.max = self.all.max.max(stretch.max);
        self.weight += length as f64;
        self.sum += stretch.mean * length as f64;
    }

    fn end(self) -> Summary {
        // Only stretches without length: the value that was there first.
        let mean = if self.weight > 0.0 { self.sum / self.weight } else { self.all.mean };
        // Rounding must not lead out of what was seen.
        Summary { mean: mean.clamp(self.all.min, self.all.max), ..self.all }
    }
}

/// Writes the steps of a period that begins at `from`, each as its number and its values with the seven
/// digits that a chart can show.
pub(super) fn put(steps: &[Summary], from: i64, step: i64, out: &mut Vec<u8>) {
    for summary in steps {
        let at = u8::try_from((summary.from - from) / step).unwrap_or(u8::MAX);
        let (min, mean, max) = (summary.min as f32, summary.mean as f32, summary.max as f32);
        let is_steady = min == max;
        out.extend([at, u8::from(is_steady)]);
        out.extend(mean.to_le_bytes());
        if !is_steady {
            out.extend(min.to_le_bytes());
            out.extend(max.to_le_bytes());
        }
    }
}

/// Reads them; ends early where the bytes are damaged.
pub(super) fn get(mut bytes: &[u8], from: i64, step: i64) -> Vec<Summary> {
    let mut found = vec![];
    while let Some(summary) = one(&mut bytes, from, step) {
        found.push(summary);
    }
    found
}

fn one(bytes: &mut &[u8], from: i64, step: i64) -> Option<Summary> {
    let (head, rest) = bytes.split_first_chunk::<2>()?;
    *bytes = rest;
    let mut number = || {
        let (number, rest) = bytes.split_first_chunk::<4>()?;
        *bytes = rest;
        Some(f64::from(f32::from_le_bytes(*number)))
    };
    let mean = number()?;
    let (min, max) = if head[1] == 1 { (mean, mean) } else { (number()?, number()?) };
    let from = from + i64::from(head[0]) * step;
    Some(Summary { from, until: from + step, min, mean, max })
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::NoData;

    use super::*;

    fn said(readings: &[(i64, Sample)], end: i64) -> Vec<Summary> {
        stretches(readings.iter().map(|(at, sample)| (*at, sample)), end)
    }

    fn of(found: &[Summary]) -> Vec<(i64, f64, f64, f64)> {
        found.iter().map(|s| (s.from, s.min, s.mean, s.max)).collect()
    }

    #[test]
    fn the_mean_is_over_time_and_not_over_readings() {
        // On for a quarter of a minute, told of by chatter.
        let on = |on| Ok(Value::Bool(on));
        let readings =
            [(0, on(false)), (30_000, on(true)), (40_000, on(true)), (45_000, on(false))];
        let minute = steps(&said(&readings, 60_000), (0, 60_000), 60_000);
        assert_eq!(of(&minute), [(0, 0.0, 0.25, 1.0)]);
    }

    #[test]
    fn a_value_lasts_until_the_next_one_and_no_value_ends_it() {
        let readings = [
            (10_000, Ok(Value::Int(4))),
            (90_000, Err(NoData::Timeout)),
            (150_000, Ok(Value::Float(6.0))),
        ];
        let found = steps(&said(&readings, 240_000), (0, 240_000), 60_000);
        let expected = [(0, 4.0, 4.0, 4.0), (60_000, 4.0, 4.0, 4.0), (120_000, 6.0, 6.0, 6.0)];
        assert_eq!(of(&found)[..3], expected);
        assert_eq!(found.len(), 4);
        let alone = said(&[(0, Ok(Value::Int(1)))], 10 * HOLD_MS);
        assert_eq!(alone[0].until, HOLD_MS, "nobody knows what it was after an hour of silence");
        assert!(said(&[(0, Ok(Value::Text("检修".into())))], 1).is_empty());
    }

    #[test]
    fn what_happened_in_one_millisecond_is_seen() {
        let value = |n| Ok(Value::Int(n));
        let readings = [(0, value(1)), (500, value(99)), (500, value(1))];
        let found = steps(&said(&readings, 1_000), (0, 1_000), 1_000);
        assert_eq!(of(&found), [(0, 1.0, 1.0, 99.0)]);
    }

    #[test]
    fn steps_come_back_from_their_bytes() {
        let value = |n: i64| Ok(Value::Float(n as f64 / 8.0));
        let readings: Vec<(i64, Sample)> = (0..900).map(|n| (n * 3_000, value(n % 50))).collect();
        let found = steps(&said(&readings, 2_700_000), (0, 3_600_000), 60_000);
        assert_eq!(found.len(), 45);
        let mut bytes = vec![];
        put(&found, 0, 60_000, &mut bytes);
        for (back, written) in get(&bytes, 0, 60_000).iter().zip(&found) {
            assert_eq!((back.from, back.min, back.max), (written.from, written.min, written.max));
            assert!((back.mean - written.mean).abs() < 1e-6);
        }
        assert!(bytes.len() <= 45 * 14);
        for cut in 0..bytes.len() {
            assert!(get(&bytes[..cut], 0, 60_000).len() <= 45);
        }
    }

    proptest::proptest! {
        #[test]
        fn however_it_is_divided_the_whole_is_the_same(
            readings in proptest::collection::vec((1_i64..400_000, -50_i64..50), 1..60),
            step in 1_000_i64..100_000,
        ) {
            let mut at = 0;
            let readings: Vec<(i64, Sample)> = readings
                .into_iter()
                .map(|(gap, n)| { at += gap; (at, Ok(Value::Int(n))) })
                .collect();
            let stretches = said(&readings, at + 1);
            let whole = steps(&stretches, (0, at + 1), at + 1);
            let fine = steps(&stretches, (0, at + 1), step);
            let least = fine.iter().map(|s| s.min).fold(f64::INFINITY, f64::min);
            let most = fine.iter().map(|s| s.max).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!((whole[0].min, whole[0].max), (least, most));
            for summary in fine {
                assert!(summary.min <= summary.mean && summary.mean <= summary.max);
            }
        }
    }
}
