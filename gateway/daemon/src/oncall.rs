//! `gengfu oncall`: the shifts that a roster gives, so that it can be checked before it is trusted.

use std::{io::Write, path::Path};

use anyhow::{Context, bail};
use gengfu_core::{roster::Roster, time::Timestamp};
use gengfu_web::calendar::calendar;

use crate::engine::now;

/// Prints the shifts of the roster in `file` between two instants, one JSON object a line:
/// `start`, `end`, `people`, `why`. Times without anybody on duty have an empty `people`. With `ical`, a
/// calendar of them instead.
///
/// # Errors
/// Where the file can't be read, is no roster, or has mistakes: all of them are named at once.
pub fn run(
    file: &Path,
    from: &str,
    to: &str,
    ical: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let roster = read(file)?;
    let (from, to) = (instant(&roster, "--from", from)?, instant(&roster, "--to", to)?);
    if from >= to {
        bail!("--from {from} must lie before --to {to}");
    }
    if ical {
        let shifts = roster.shifts(from, to);
        let made = calendar(&roster, shifts, ToString::to_string, now());
        return Ok(write!(out, "{made}")?);
    }
    for shift in roster.shifts(from, to) {
        serde_json::to_writer(&mut *out, &shift)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The roster in a TOML or JSON file.
fn read(file: &Path) -> anyhow::Result<Roster> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("{name} can't be read"))?;
    let roster: Roster = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).with_context(|| format!("{name} is not a roster in JSON"))?
    } else {
        toml::from_str(&text).with_context(|| format!("{name} is not a roster in TOML"))?
    };
    let problems = roster.validate();
    if !problems.is_empty() {
        let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
        bail!("{name} has {} mistakes:\n{}", list.len(), list.join("\n"));
    }
    Ok(roster)
}

/// An instant with its offset (`2026-11-23T08:00:00+08:00`), or a wall time or a day of the roster's
/// own zone (`2026-11-23T08:00`, `2026-11-23`).
fn instant(roster: &Roster, option: &str, text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wall: jiff::civil::DateTime =
        text.parse().or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into)).with_context(
            || format!("{option} \"{text}\" is not a time: write 2026-11-23T08:00 or 2026-11-23"),
        )?;
    let zone = jiff::tz::TimeZone::get(&roster.time_zone)?;
    Ok(zone.to_timestamp(wall)?.into())
}
