//! `gengfu oncall`: the shifts that a roster gives, so that it can be checked before it is trusted; and a
//! calendar of shifts as a roster.

use std::{io::Write, path::Path};

use anyhow::{Context, bail};
use gengfu_core::{
    id::{PersonId, RosterId},
    roster::Roster,
    time::{Span, Timestamp},
};
use gengfu_web::{
    calendar::{
        calendar,
        import::{Names, Wish, import},
    },
    month,
};
use jiff::civil::Date;

use crate::{cli::Oncall, config::problem::count, engine::now};

/// An import that says no end goes so far ahead.
const AHEAD: Span = Span::hours(120 * 24);

/// Prints the shifts of a roster between two instants, one JSON object a line: `start`, `end`, `people`,
/// `why`. Times without anybody on duty have an empty `people`. Or a calendar of them, or a sheet for
/// printing; or the roster that a calendar makes.
///
/// # Errors
/// Where a file can't be read, is no roster or no calendar, or has mistakes: all of them are named at once.
pub fn run(wish: &Oncall, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(file) = &wish.import {
        return imported(file, wish, out);
    }
    let file = wish.roster.as_deref().context("name a roster: --roster FILE")?;
    let roster = read(file)?;
    let (from, to) = match &wish.month {
        Some(month) => {
            let first = month::first_day(month)
                .with_context(|| format!("--month \"{month}\" is no month: write 2026-12"))?;
            if wish.html {
                let (name, style) = (ToString::to_string, month::Style::Inside);
                let page = month::page(&roster, first, wish.language.into(), name, now(), style);
                return Ok(write!(out, "{page}")?);
            }
            let after = first.last_of_month().tomorrow().context("time ends with this month")?;
            (midnight(&roster.time_zone, first)?, midnight(&roster.time_zone, after)?)
        }
        None => (
            instant(&roster.time_zone, "--from", wish.from.as_deref().unwrap_or_default())?,
            instant(&roster.time_zone, "--to", wish.to.as_deref().unwrap_or_default())?,
        ),
    };
    if from >= to {
        bail!("--from {from} must lie before --to {to}");
    }
    if wish.ical {
        let shifts = roster.shifts(from, to);
        let made = calendar(&roster, shifts, ToString::to_string, None, now());
        return Ok(write!(out, "{made}")?);
    }
    for shift in roster.shifts(from, to) {
        serde_json::to_writer(&mut *out, &shift)?;
        writeln!(out)?;
    }
    Ok(())
}

/// The roster that a calendar makes.
fn imported(file: &Path, wish: &Oncall, out: &mut impl Write) -> anyhow::Result<()> {
    let name = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{name} can't be read"))?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let id = wish.id.clone().or(stem).unwrap_or_default();
    let id: RosterId = id.parse().context("give the roster a name: --id nights")?;
    let (from, to) = (wish.from.as_deref(), wish.to.as_deref());
    let from = from.map_or_else(|| Ok(now()), |from| instant(&wish.zone, "--from", from))?;
    let until = to.map_or(Ok(from + AHEAD), |to| instant(&wish.zone, "--to", to))?;
    let names = wish.people.iter().map(|pair| called(pair)).collect::<anyhow::Result<Vec<_>>>()?;
    let names = Names::new(names.into_iter().flatten());
    let how = Wish { id, name: None, time_zone: wish.zone.clone(), from, until, names };
    let made = import(&bytes, &how).map_err(|mistakes| {
        let list: Vec<String> = mistakes.iter().map(|mistake| format!("  {mistake}")).collect();
        anyhow::anyhow!(
            "{name} can't be kept, {}:\n{}",
            count(list.len(), "mistake"),
            list.join("\n")
        )
    })?;
    serde_json::to_writer_pretty(&mut *out, &made.roster)?;
    writeln!(out)?;
    let (events, until) = (made.events, made.until);
    eprintln!("{events} events are kept; exceptions end at {until}: import again before then");
    Ok(())
}

/// `王阿姨=wang`: both the name and the name for programs mean this person.
fn called(pair: &str) -> anyhow::Result<[(String, PersonId); 2]> {
    let wrong = || format!("--people \"{pair}\" says not who it is: write 王阿姨=wang");
    let (name, id) = pair.split_once('=').with_context(wrong)?;
    let id: PersonId = id.trim().parse().with_context(wrong)?;
    Ok([(name.trim().to_owned(), id.clone()), (id.to_string(), id)])
}

fn midnight(zone: &str, day: Date) -> anyhow::Result<Timestamp> {
    let zone = jiff::tz::TimeZone::get(zone)?;
    Ok(zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()))?.into())
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
        bail!("{name} has {}:\n{}", count(list.len(), "mistake"), list.join("\n"));
    }
    Ok(roster)
}

/// An instant with its offset (`2026-11-23T08:00:00+08:00`), or a wall time or a day of the roster's
/// own zone (`2026-11-23T08:00`, `2026-11-23`).
fn instant(zone: &str, option: &str, text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wall: jiff::civil::DateTime =
        text.parse().or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into)).with_context(
            || format!("{option} \"{text}\" is not a time: write 2026-11-23T08:00 or 2026-11-23"),
        )?;
    let zone = jiff::tz::TimeZone::get(zone)
        .with_context(|| format!("\"{zone}\" is no IANA time zone"))?;
    Ok(zone.to_timestamp(wall)?.into())
}
