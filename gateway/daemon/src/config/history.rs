//! `[history]`: how long telemetry is kept.

use gengfu_store::history::Kept;

use super::fields::Fields;

const DAY_MS: i64 = 24 * 3_600_000;
/// Minutes and hours are made of raw readings, some time after a day is over.
const LEAST_RAW: u32 = 2;
/// A hundred years: more is a slip of the pen.
const MOST: u32 = 36_525;

/// Reads `[history]`.
pub fn read(mut fields: Fields<'_>) -> Kept {
    let problems = fields.walk.problems;
    let default = Kept::default();
    let days = |ms: i64| u32::try_from(ms / DAY_MS).unwrap_or(MOST);
    let mut kept = |key: &'static str, default: i64, least: u32, than: &str| {
        let Some(at) = fields.optional::<u32>(key) else { return days(default).max(least) };
        if !(least..=MOST).contains(&at.value) {
            problems.error(
                &at.span,
                format!("`{key}` = {} is out of range", at.value),
                format!("use {least} ({than}) to {MOST}"),
            );
        }
        at.value
    };
    let raw = kept("raw_days", default.raw, LEAST_RAW, "what minutes are made of");
    let minutes = kept("minutes_days", default.minutes, raw, "as `raw_days`");
    let hours = kept("hours_days", default.hours, minutes, "as `minutes_days`");
    fields.done();
    let ms = |days: u32| i64::from(days) * DAY_MS;
    Kept { raw: ms(raw), minutes: ms(minutes), hours: ms(hours) }
}
