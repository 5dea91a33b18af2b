//! The file itself: a list of its files, and the files, each proven when it is read.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, Read, Write},
    path::{Component, Path, PathBuf},
};

use super::{
    BackupError, Manifest, Progress, Stage,
    manifest::{self, FORM, Summed},
};
use crate::folder::private;

/// A list of files is no longer, in bytes.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Why a file of a backup was not taken out of it.
pub(super) enum Unpacking {
    /// The backup can't be read.
    Reading(io::Error),
    /// What comes out of it can't be written.
    Writing(BackupError),
}

/// Copies all of `from` into the file `to`, which `into` is. A disk that is full is no fault of the backup.
pub(super) fn copy(from: &mut dyn Read, into: &mut impl Write, to: &Path) -> Result<(), Unpacking> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Unpacking::Reading(e)),
        };
        into.write_all(&piece[..length]).map_err(|e| Unpacking::Writing(BackupError::io(to)(e)))?;
    }
}

/// Writes the file, with the files that its list names from where they lie, and brings it onto the disk.
pub(super) fn write(
    to: &Path,
    manifest: &Manifest,
    sources: &[(String, PathBuf)],
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let fail = |error| BackupError::io(to)(error);
    let file = private(OpenOptions::new().write(true).create_new(true)).open(to).map_err(fail)?;
    let mut archive = tar::Builder::new(file);
    let head = |size| {
        let mut head = tar::Header::new_gnu();
        head.set_size(size);
        head.set_mode(0o600);
        head.set_mtime(u64::try_from(manifest.taken.as_millis() / 1_000).unwrap_or_default());
        head
    };
    let text = serde_json::to_vec_pretty(manifest).map_err(|e| fail(e.into()))?;
    archive
        .append_data(&mut head(text.len() as u64), manifest::FILE, text.as_slice())
        .map_err(fail)?;
    let total = manifest.size();
    let mut done = 0;
    for (entry, (_, path)) in manifest.files.iter().zip(sources) {
        let file = File::open(path).map_err(BackupError::io(path))?;
        archive.append_data(&mut head(entry.size), &entry.name, file).map_err(fail)?;
        done += entry.size;
        progress(Stage::Writing, done, total);
    }
    archive.into_inner().and_then(|file| file.sync_all()).map_err(fail)
}

/// Reads the file from its first byte to its last. `each` is given the name and the bytes of every file
/// that the list names, and takes all of them; they are proven afterwards.
///
/// # Errors
/// Where something is damaged, missing, or not where the list says.
pub(super) fn read(
    from: &Path,
    progress: Progress<'_>,
    mut each: impl FnMut(&str, &mut dyn Read) -> Result<(), Unpacking>,
) -> Result<Manifest, BackupError> {
    let file = File::open(from).map_err(BackupError::io(from))?;
    let mut archive = tar::Archive::new(BufReader::new(file));
    let wrong = |what: String| BackupError::unusable(from, what);
    let no_backup = |e: io::Error| wrong(format!("it is no whole backup ({e})"));
    // Of a file that is none at all the library tells by repeating what stands in it.
    let no_archive = |_| wrong("it does not begin as a backup does".into());
    let mut entries = archive.entries().map_err(no_backup)?;
    let first = entries.next().ok_or_else(|| wrong("it is empty".into()))?.map_err(no_archive)?;
    let is_list = first.path().is_ok_and(|path| *path == *manifest::FILE);
    if !is_list {
        return Err(wrong("it does not begin with the list of its files".into()));
    }
    let manifest = read_manifest(from, first)?;
    let total = manifest.size();
    let mut done = 0;
    for wanted in &manifest.files {
        let entry =
            entries.next().ok_or_else(|| wrong(format!("it ends before {}", wanted.name)))?;
        let entry = entry.map_err(no_backup)?;
        let is_it = entry.path().is_ok_and(|path| *path == *wanted.name);
        if !is_it || !is_within(&wanted.name) || !entry.header().entry_type().is_file() {
            return Err(wrong(format!("something else stands where {} should", wanted.name)));
        }
        let mut summed = Summed::new(entry);
        each(&wanted.name, &mut summed).map_err(|error| match error {
            Unpacking::Reading(e) => wrong(format!("{}: {e}", wanted.name)),
            Unpacking::Writing(error) => error,
        })?;
        if summed.end() != (wanted.sha256.clone(), wanted.size) {
            return Err(wrong(format!("{} is damaged in it", wanted.name)));
        }
        done += wanted.size;
        progress(Stage::Proving, done, total);
    }
    Ok(manifest)
}

fn read_manifest(from: &Path, entry: impl Read) -> Result<Manifest, BackupError> {
    let mut text = vec![];
    entry.take(LONGEST).read_to_end(&mut text).map_err(BackupError::io(from))?;
    let wrong = |e: serde_json::Error| BackupError::unusable(from, format!("its list: {e}"));
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(wrong)?;
    match value["form"].as_u64().and_then(|form| u32::try_from(form).ok()) {
        Some(FORM) => serde_json::from_value(value).map_err(wrong),
        Some(found) => Err(BackupError::Newer { file: from.into(), found, known: FORM }),
        None => Err(BackupError::unusable(from, "its list of files has no form")),
    }
}

/// No file is put anywhere else than under the folder.
fn is_within(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}
