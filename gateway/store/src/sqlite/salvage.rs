//! What saves a damaged journal: every event that proves whole goes into a new file, under its old
//! number; the damaged file is moved aside and never deleted.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use gengfu_core::id::SiteId;
use rusqlite::Connection;

use super::{integrity, journal::FILE, migration, page::Pages, row::INSERT};
use crate::{
    error::StoreError,
    folder::{Folder, create_private, sync_folder},
    snapshot,
};

/// A new file that is not finished yet; worth nothing, and begun anew.
const HALF: &str = "journal.recovering.sqlite";
/// A new file that is finished and waits to take the old one's place.
const DONE: &str = "journal.recovered.sqlite";

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// Whose journal it is; none where no event was left to tell.
    pub site: Option<SiteId>,
    /// How many events were read and are kept on.
    pub recovered: u64,
    /// The numbers that are lost, first and last of each stretch.
    pub missing: Vec<(u64, u64)>,
    /// The last event within the newest good snapshot, if there is one: what was lost up to there
    /// is missing from the record only, not from the state.
    pub snapshot: Option<u64>,
    /// Where the damaged file lies now.
    pub moved_to: PathBuf,
}

impl Salvaged {
    /// True where the state is as if nothing had been lost, as far as anybody can know.
    pub fn state_is_whole(&self) -> bool {
        self.missing.iter().all(|(_, last)| self.snapshot.is_some_and(|seq| *last <= seq))
    }
}

impl fmt::Display for Salvaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} events recovered", self.recovered)?;
        for (first, last) in &self.missing {
            writeln!(f, "lost: events {first} to {last}")?;
        }
        let whole = match (self.missing.is_empty(), self.state_is_whole()) {
            (true, _) => "nothing is known to be lost",
            (false, true) => "a snapshot holds what the lost events led to",
            (false, false) => {
                "no snapshot covers all that was lost: compare people, rosters and boards with what you know"
            }
        };
        writeln!(f, "{whole}")?;
        write!(f, "the damaged file is kept in {}", self.moved_to.display())
    }
}

/// Makes a new journal of all that can be read in the damaged one of this data folder. Run again
/// after it was interrupted, it begins anew or goes on, and loses nothing.
pub fn salvage(folder: &Path) -> Result<Salvaged, StoreError> {
    let held = Folder::open(folder)?;
    let folder = held.path();
    finish(folder)?;
    let old = folder.join(FILE);
    fs::metadata(&old).map_err(|error| StoreError::io(&old, error))?;
    let half = folder.join(HALF);
    for left in [&half, &half.with_extension("sqlite-journal")] {
        match fs::remove_file(left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(left, error));
            }
            _ => {}
        }
    }
    create_private(&half)?;
    let mut conn = Connection::open(&half).map_err(|error| StoreError::sqlite(&half, error))?;
    migration::migrate(&half, &mut conn, migration::JOURNAL_MARK, migration::JOURNAL)?;
    let (site, recovered) = copy(&old, &half, &mut conn)?;
    let missing = note_missing(&half, &conn, site.as_ref())?;
    integrity::check_structure(&half, &conn)?;
    conn.close().map_err(|(_, error)| StoreError::sqlite(&half, error))?;
    let done = folder.join(DONE);
    File::open(&half)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&half, &done))
        .map_err(|error| StoreError::io(&half, error))?;
    sync_folder(&done)?;
    let moved_to = finish(folder)?.unwrap_or_else(|| folder.to_owned());
    let snapshot = match &site {
        Some(site) => snapshot::newest(folder, site)?.map(|(seq, _)| seq),
        None => None,
    };
    Ok(Salvaged { site, recovered, missing, snapshot, moved_to })
}

/// Puts a finished new file into the old one's place, and the old one aside: also what an
/// interrupted run left to do. Where the old one lies then.
pub(super) fn finish(folder: &Path) -> Result<Option<PathBuf>, StoreError> {
    let done = folder.join(DONE);
    if !done.exists() {
        return Ok(None);
    }
    let file = folder.join(FILE);
    let aside = aside(folder)?;
    // The log goes with its file: beside the new one it would be taken for the new one's.
    for suffix in ["sqlite-wal", "sqlite-shm", "sqlite"] {
        let from = file.with_extension(suffix);
        let Some(name) = from.file_name() else { continue };
        match fs::rename(&from, aside.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(&from, error));
            }
            _ => {}
        }
    }
    sync_folder(&aside.join(FILE))?;
    fs::rename(&done, &file).map_err(|error| StoreError::io(&done, error))?;
    sync_folder(&file)?;
    Ok(Some(aside))
}

/// Makes a folder for a damaged file: `damaged-1`, `damaged-2`...
pub(crate) fn aside(folder: &Path) -> Result<PathBuf, StoreError> {
    let mut number = 1;
    loop {
        let path = folder.join(format!("damaged-{number}"));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(StoreError::io(&path, error)),
        }
    }
}

/// Copies every whole event of one site; whose they are, and how many.
fn copy(
    old: &Path,
    new: &Path,
    conn: &mut Connection,
) -> Result<(Option<SiteId>, u64), StoreError> {
    let fail = |error| StoreError::sqlite(new, error);
    let unread = |error| StoreError::io(old, error);
    let mut pages = Pages::open(old, &old.with_extension("sqlite-wal")).map_err(unread)?;
    let mut site: Option<String> = None;
    let mut recovered = 0;
    let tx = conn.transaction().map_err(fail)?;
    {
        let insert = INSERT.replace("INSERT", "INSERT OR IGNORE");
        let mut insert = tx.prepare(&insert).map_err(fail)?;
        for number in 1..=pages.count() {
            for kept in pages.events(number).map_err(unread)? {
                if *site.get_or_insert_with(|| kept.site.clone()) != kept.site {
                    tracing::warn!(seq = kept.seq, site = kept.site, "event of another site left");
                    continue;
                }
                let added = insert.execute((kept.seq, kept.site, kept.body, kept.sum));
                recovered += added.map_err(fail)? as u64;
            }
        }
        if let Some(site) = &site {
            tx.execute("INSERT INTO owner (site) VALUES (?1)", [site]).map_err(fail)?;
        }
    }
    tx.commit().map_err(fail)?;
    Ok((site.map(|site| SiteId::from(site.as_str())), recovered))
}

/// Finds the numbers that no event has, and notes them, so that they are not given again and the
/// next start does not take them for new damage.
fn note_missing(
    file: &Path,
    conn: &Connection,
    site: Option<&SiteId>,
) -> Result<Vec<(u64, u64)>, StoreError> {
    let find = || -> rusqlite::Result<Vec<(u64, u64)>> {
        conn.prepare(
            "SELECT before + 1, seq - 1 FROM
               (SELECT seq, lag(seq, 1, 0) OVER (ORDER BY seq) AS before FROM event)
             WHERE seq > before + 1 ORDER BY seq",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
    };
    let note = |gaps: &[(u64, u64)]| -> rusqlite::Result<()> {
        let mut insert = conn
            .prepare("INSERT INTO gap (first, last, site, why) VALUES (?1, ?2, ?3, 'damaged')")?;
        for (first, last) in gaps {
            insert.execute((first, last, site.map_or("", SiteId::as_str)))?;
        }
        Ok(())
    };
    find()
        .and_then(|gaps| note(&gaps).map(|()| gaps))
        .map_err(|error| StoreError::sqlite(file, error))
}
