//! `gengfu backup` and `gengfu restore`, and what they say meanwhile.

use std::{
    io::{IsTerminal as _, Write, stderr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use gengfu_core::time::Timestamp;
use gengfu_store::backup::{self, EXTRAS, Extra, Stage};
use jiff::tz::TimeZone;

use crate::{config::Config, engine::now};

/// Progress is shown this often.
const SHOWN: Duration = Duration::from_millis(500);

/// Takes a backup of what the configuration file `config` names.
///
/// # Errors
/// Where the data can't be read or the file can't be written; nothing is left behind then.
pub fn take(config: &Path, loaded: &Config, to: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let taken = now();
    let to = if to.is_dir() { to.join(name(loaded, taken)?) } else { to.to_owned() };
    let mut extras = vec![extra("", config)?];
    if let Some(folder) = &loaded.profiles_folder {
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                extras.push(extra("profiles/", &path)?);
            }
        }
    }
    let mut told = Told::default();
    let made = backup::take(&loaded.data_dir, &extras, &to, taken, &mut |stage, done, of| {
        told.tell(stage, done, of);
    })?;
    told.end();
    writeln!(
        out,
        "{}: {} up to event {}, {} files, {}; it was read again and is whole. It holds keys, names and \
         telephone numbers: keep it where only you can read it, and not on this machine alone",
        to.display(),
        made.site,
        made.last_seq,
        made.files.len(),
        megabytes(made.size()),
    )?;
    Ok(())
}

/// Puts a backup into the data folder.
///
/// # Errors
/// Where it is not whole, or the folder is not empty; nothing is changed then.
pub fn restore(from: &Path, data: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    if !from.exists() {
        bail!("{} is not there: name a file that `gengfu backup` made", from.display());
    }
    let mut told = Told::default();
    let made = backup::restore(from, data, &mut |stage, done, of| told.tell(stage, done, of))?;
    told.end();
    writeln!(
        out,
        "{} is back in {}, as it was at {} (event {}).",
        made.site,
        data.display(),
        made.taken,
        made.last_seq
    )?;
    let configuration: Vec<&str> = made
        .files
        .iter()
        .map(|f| f.name.as_str())
        .filter(|name| name.starts_with(EXTRAS))
        .collect();
    for name in configuration {
        writeln!(
            out,
            "The configuration of then: {}. Compare it with yours; passwords in files of their own are \
             not in a backup.",
            data.join(name).display()
        )?;
    }
    writeln!(
        out,
        "Start the gateway. What was open then is open again: whoever answered since will be asked once more."
    )?;
    Ok(())
}

/// `gengfu-garden-12-20261128T173000.tar`: the clock of the wall, in the site's zone.
fn name(config: &Config, taken: Timestamp) -> anyhow::Result<PathBuf> {
    let zone = TimeZone::get(&config.site.time_zone)?;
    let at = taken.to_jiff().to_zoned_datetime(zone);
    Ok(format!("gengfu-{}-{}.tar", config.site.id, at.strftime("%Y%m%dT%H%M%S")).into())
}

fn extra(within: &str, path: &Path) -> anyhow::Result<Extra> {
    let name = path.file_name().context("the configuration has no name")?;
    Ok(Extra { name: format!("{within}{}", name.to_string_lossy()), path: path.to_owned() })
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// A line on the terminal that is written over; none where nobody watches.
#[derive(Default)]
struct Told {
    last: Option<(Stage, Instant)>,
}

impl Told {
    fn tell(&mut self, stage: Stage, done: u64, of: u64) {
        let is_due = |(last, at): (Stage, Instant)| last != stage || at.elapsed() >= SHOWN;
        if !stderr().is_terminal() || !self.last.is_none_or(is_due) {
            return;
        }
        self.last = Some((stage, Instant::now()));
        let what = match stage {
            Stage::Journal => "copying the journal",
            Stage::History => "copying the history",
            Stage::Pictures => "copying the pictures",
            Stage::Reading => "reading the journal",
            Stage::Writing => "writing the file",
            Stage::Proving => "reading the file",
        };
        let percent = done.saturating_mul(100).checked_div(of).unwrap_or(100);
        eprint!("\r\x1b[K{what}: {percent} %");
    }

    fn end(&self) {
        if self.last.is_some() {
            eprint!("\r\x1b[K");
        }
    }
}
