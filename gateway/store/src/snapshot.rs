//! Snapshots: a state in a file of its own, so that a start replays only what came after it. They
//! save time and nothing else; one that is damaged or half written is passed over, and the one
//! before it serves. Files instead of rows, because a writer in the journal would hold it up.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use gengfu_core::{
    id::SiteId,
    planted::{self, Bug},
    state::State,
};

use crate::{
    error::StoreError,
    folder::{private, sync_folder},
};

/// So many are kept: the newest, and the one before it in case the newest can't be read.
const KEPT: usize = 2;
/// The first word of the file, with the version of its form.
const MARK: &str = "gengfu-snapshot/1";
/// The ending of one that is being written.
const HALF: &str = "snapshot-half";

/// The bytes of a snapshot of the state after event `seq`.
///
/// The state is read back and compared first: a snapshot that would not give the same state is an
/// error, not a trap for the next start.
///
/// # Errors
/// Where the state can't be read back, or comes back different.
pub fn encode(state: &State, seq: u64) -> Result<Vec<u8>, StoreError> {
    let body = serde_json::to_vec(state)
        .map_err(|error| StoreError::Unkeepable { what: format!("the state: {error}") })?;
    let back = serde_json::from_slice::<State>(&body)
        .map_err(|error| StoreError::Unkeepable { what: format!("the state: {error}") })?;
    if back != *state {
        return Err(StoreError::Unkeepable { what: "the state comes back different".into() });
    }
    let head = format!(
        "{MARK} {seq} {} {:08x} {}\n",
        body.len(),
        crc32fast::hash(&body),
        state.site().as_str()
    );
    Ok([head.as_bytes(), &body].concat())
}

/// Writes the state after event `seq`, and removes all but the newest snapshots.
pub fn write(folder: &Path, state: &State, seq: u64) -> Result<PathBuf, StoreError> {
    let bytes = encode(state, seq)?;
    let path = folder.join(format!("snapshot-{seq:020}.json"));
    let half = path.with_extension(HALF);
    let done = private(OpenOptions::new().write(true).create(true).truncate(true))
        .open(&half)
        .and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&half, &path));
    if let Err(error) = done {
        // Half a snapshot only takes up room, which may be just what lacks.
        let _gone = fs::remove_file(&half);
        return Err(StoreError::io(&path, error));
    }
    sync_folder(&path)?;
    for (_, old) in list(folder)?.into_iter().skip(KEPT) {
        fs::remove_file(&old).map_err(|error| StoreError::io(&old, error))?;
    }
    Ok(path)
}

/// The newest snapshot of this site that can be read, and its last event's number.
pub fn newest(folder: &Path, site: &SiteId) -> Result<Option<(u64, State)>, StoreError> {
    for (seq, path) in list(folder)? {
        match read(&path, seq, site) {
            Ok(state) => return Ok(Some((seq, state))),
            Err(what) => {
                tracing::warn!(file = %path.display(), what, "snapshot passed over");
            }
        }
    }
    Ok(None)
}

/// Removes what a process that was killed left half written.
pub(crate) fn sweep(folder: &Path) -> Result<(), StoreError> {
    let sweep = || -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == HALF) {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    };
    sweep().map_err(|error| StoreError::io(folder, error))
}

/// Every snapshot's last event number and file, newest first.
pub(crate) fn list(folder: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let read = || -> io::Result<Vec<(u64, PathBuf)>> {
        let mut found = vec![];
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let seq = path
                .file_name()
                .and_then(|name| name.to_str())
                .and_then(|name| name.strip_prefix("snapshot-")?.strip_suffix(".json"))
                .and_then(|digits| digits.parse().ok());
            if let Some(seq) = seq {
                found.push((seq, path));
            }
        }
        found.sort_unstable_by_key(|(seq, _)| std::cmp::Reverse(*seq));
        Ok(found)
    };
    read().map_err(|error| StoreError::io(folder, error))
}

/// Reads one snapshot, or says in words why it can't be believed.
fn read(path: &Path, seq: u64, site: &SiteId) -> Result<State, String> {
    decode(&fs::read(path).map_err(|error| error.to_string())?, seq, site)
}

/// The state in a snapshot's bytes.
///
/// # Errors
/// Why it can't be believed, in words.
pub fn decode(bytes: &[u8], seq: u64, site: &SiteId) -> Result<State, String> {
    let end = bytes.iter().position(|b| *b == b'\n').ok_or("it has no first line")?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "its first line is not text")?;
    let body = &bytes[end + 1..];
    let words: Vec<&str> = head.split(' ').collect();
    let [mark, number, length, sum, whose] = words[..] else {
        return Err("its first line is not a snapshot's".into());
    };
    if mark != MARK {
        return Err(format!("its form is {mark}, not {MARK}"));
    }
    if number.parse() != Ok(seq) {
        return Err("its name and its first line disagree".into());
    }
    if whose != site.as_str() {
        return Err(format!("it is of the site {whose}"));
    }
    if length.parse() != Ok(body.len()) {
        return Err(format!("it has {} bytes where {length} were written", body.len()));
    }
    if u32::from_str_radix(sum, 16) != Ok(crc32fast::hash(body)) {
        return Err("its checksum is wrong".into());
    }
    let mut state: State = serde_json::from_slice(body)
        .map_err(|error| format!("it was written by another version: {error}"))?;
    if planted::is(Bug::SnapshotForgets) {
        state.seen = Default::default();
    }
    state.reindex();
    Ok(state)
}
