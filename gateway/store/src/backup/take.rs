//! From a data folder to a file.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use gengfu_core::time::Timestamp;

use super::{
    BackupError, Entry, Manifest, Progress, Stage, archive,
    manifest::{FORM, sum},
};
use crate::{folder::sync_folder, history, picture, sqlite};

/// The folder of the backup for files from outside the data folder.
pub const EXTRAS: &str = "configuration";
/// What is not worth keeping, or is somebody's who runs: it is made again. A disk of its own has the last
/// one, which only root may read.
const MADE_AGAIN: [&str; 5] = ["gateway.lock", "speech", EXTRAS, "restoring", "lost+found"];

/// A file from outside the data folder that goes along, as the configuration.
#[derive(Debug, Clone)]
pub struct Extra {
    /// Its name in the backup, in the folder `configuration`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Takes a backup of the data folder `data` into the new file `to`, and reads it again. The gateway may
/// run. The file is its owner's alone: it holds keys, names and telephone numbers.
///
/// # Errors
/// Where something can't be read or written. `to` is there only where all went well.
pub fn take(
    data: &Path,
    extras: &[Extra],
    to: &Path,
    taken: Timestamp,
    progress: Progress<'_>,
) -> Result<Manifest, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.into()));
    }
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        return Err(BackupError::Missing(folder.into()));
    }
    let is_within = |folder: &Path, data: &Path| {
        Some(folder.canonicalize().ok()?.starts_with(data.canonicalize().ok()?))
    };
    if is_within(folder, data) == Some(true) {
        return Err(BackupError::Within(to.into()));
    }
    // Beside the target: there is room for the one where there is room for the other.
    let room = tempfile::Builder::new()
        .prefix(".gengfu-backup-")
        .tempdir_in(folder)
        .map_err(BackupError::io(folder))?;
    let mut sources: Vec<(String, PathBuf)> = vec![];
    let databases = [
        (sqlite::FILE, Stage::Journal),
        (history::FILE, Stage::History),
        (picture::FILE, Stage::Pictures),
    ];
    for (name, stage) in databases {
        let from = data.join(name);
        if from.exists() || stage == Stage::Journal {
            let copy = room.path().join(name);
            sqlite::copy(&from, &copy, &mut |done, of| progress(stage, done, of))?;
            sources.push((name.to_owned(), copy));
        }
    }
    let journal = room.path().join(sqlite::FILE);
    let read = sqlite::inspect(&journal, &mut |done, of| progress(Stage::Reading, done, of))?;
    let Some(site) = read.site else {
        return Err(BackupError::unusable(&data.join(sqlite::FILE), "no gateway ever used it"));
    };
    let mut others = vec![];
    further(data, Path::new(""), &mut others)?;
    let outside = |extra: &Extra| (format!("{EXTRAS}/{}", extra.name), extra.path.clone());
    others.extend(extras.iter().map(outside));
    for (number, (name, path)) in others.into_iter().enumerate() {
        // They may grow while they are read: what counts is the copy.
        let copy = room.path().join(number.to_string());
        match fs::copy(&path, &copy) {
            Ok(_) => sources.push((name, copy)),
            // Gone meanwhile, as a recording whose time is over.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.starts_with(data) => {}
            Err(error) => {
                let is_read = File::open(&path).is_ok();
                return Err(BackupError::io(if is_read { &copy } else { &path })(error));
            }
        }
    }
    let mut files = vec![];
    for (name, path) in &sources {
        let (sha256, size) = sum(path).map_err(BackupError::io(path))?;
        files.push(Entry { name: name.clone(), size, sha256 });
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { form: FORM, version, site, taken, last_seq: read.last_seq, files };
    let half = room.path().join("backup.tar");
    archive::write(&half, &manifest, &sources, progress)?;
    archive::read(&half, progress, |_, from| archive::copy(from, &mut io::sink(), &half))?;
    // Not over a file that came meanwhile.
    match fs::hard_link(&half, to) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(to.into()));
        }
        // A disk that knows no links.
        Err(_) => fs::rename(&half, to).map_err(BackupError::io(to))?,
        Ok(()) => {}
    }
    sync_folder(to)?;
    Ok(manifest)
}

/// What lies in the data folder beside the databases.
fn further(
    data: &Path,
    within: &Path,
    found: &mut Vec<(String, PathBuf)>,
) -> Result<(), BackupError> {
    let folder = data.join(within);
    let mut names = vec![];
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder != data => return Ok(()),
        entries => entries.map_err(BackupError::io(&folder))?,
    };
    for entry in entries {
        names.push(entry.map_err(BackupError::io(&folder))?.file_name());
    }
    names.sort();
    for name in names {
        let Some(text) = name.to_str() else { continue };
        let is_top = within.as_os_str().is_empty();
        let is_database = text.contains(".sqlite") || text.starts_with("snapshot-");
        let is_aside = text.starts_with("damaged-") || text.starts_with('.');
        if is_top && (MADE_AGAIN.contains(&text) || is_database || is_aside) {
            continue;
        }
        let inner = within.join(text);
        let path = data.join(&inner);
        // Gone meanwhile, as a recording whose time is over.
        let Ok(about) = fs::symlink_metadata(&path) else { continue };
        if about.is_dir() {
            further(data, &inner, found)?;
        } else if about.is_file() {
            found.push((inner.to_string_lossy().into_owned(), path));
        }
    }
    Ok(())
}
