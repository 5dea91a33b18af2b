//! From a file back to a data folder.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read},
    path::Path,
};

use super::{
    BackupError, Manifest, Progress, Stage,
    archive::{self, Unpacking},
};
use crate::{
    folder::{Folder, private, sync_folder},
    sqlite,
};

/// Where files lie until all of them are proven.
const HALF: &str = "restoring";

/// Puts the backup `from` into the data folder `data`, which is made, or empty. Every file is proven
/// before the first one is in its place; an interrupted run is begun anew.
///
/// # Errors
/// Where the file is no whole backup, the folder holds something, or something can't be written.
pub fn restore(from: &Path, data: &Path, progress: Progress<'_>) -> Result<Manifest, BackupError> {
    if data.exists() && !data.is_dir() {
        return Err(BackupError::NotAFolder(data.into()));
    }
    fs::create_dir_all(data).map_err(BackupError::io(data))?;
    let _held = Folder::open(data)?;
    is_free(data)?;
    let half = data.join(HALF);
    if half.exists() {
        fs::remove_dir_all(&half).map_err(BackupError::io(&half))?;
    }
    make_folder(&half).map_err(BackupError::io(&half))?;
    let unpacked = archive::read(from, progress, |name, bytes| unpack(&half.join(name), bytes));
    let proven = unpacked.and_then(|manifest| {
        let journal = half.join(sqlite::FILE);
        let read = sqlite::inspect(&journal, &mut |done, of| progress(Stage::Reading, done, of))?;
        if read.last_seq != manifest.last_seq || read.site.as_ref() != Some(&manifest.site) {
            return Err(BackupError::unusable(from, "its journal is not the one that it names"));
        }
        Ok(manifest)
    });
    match proven {
        Ok(manifest) => put(&half, data).map(|()| manifest),
        Err(error) => {
            // What it leaves behind is begun anew by the next run.
            let _gone = fs::remove_dir_all(&half);
            Err(error)
        }
    }
}

fn unpack(to: &Path, bytes: &mut dyn Read) -> Result<(), Unpacking> {
    let fail = |error| Unpacking::Writing(BackupError::io(to)(error));
    if let Some(folder) = to.parent() {
        make_folder(folder).map_err(fail)?;
    }
    let mut file =
        private(OpenOptions::new().write(true).create_new(true)).open(to).map_err(fail)?;
    archive::copy(bytes, &mut file, to)?;
    file.sync_all().map_err(fail)
}

/// Nothing of a gateway is there, apart from what an interrupted run left.
fn is_free(data: &Path) -> Result<(), BackupError> {
    for entry in fs::read_dir(data).map_err(BackupError::io(data))? {
        let name = entry.map_err(BackupError::io(data))?.file_name();
        // A disk of its own has the last one.
        if !["gateway.lock", HALF, "lost+found"].iter().any(|known| name == *known) {
            return Err(BackupError::NotEmpty(data.into()));
        }
    }
    Ok(())
}

fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Moves everything to its place, the journal last: without it, the folder is not taken for a whole one.
fn put(half: &Path, data: &Path) -> Result<(), BackupError> {
    let mut names = vec![];
    for entry in fs::read_dir(half).map_err(BackupError::io(half))? {
        names.push(entry.map_err(BackupError::io(half))?.file_name());
    }
    names.sort_by_key(|name| name == sqlite::FILE);
    give(half, data)?;
    for name in names {
        let to = data.join(&name);
        if name == sqlite::FILE {
            // All the others are in their places on the disk before it is.
            sync_folder(&to)?;
        }
        fs::rename(half.join(&name), &to).map_err(BackupError::io(&to))?;
    }
    fs::remove_dir(half).map_err(BackupError::io(half))?;
    sync_folder(half)?;
    Ok(())
}

/// Whoever puts a backup back is often root; the gateway is not.
#[cfg(unix)]
fn give(folder: &Path, like: &Path) -> Result<(), BackupError> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let owner = fs::metadata(like).map_err(BackupError::io(like))?;
    let mine = fs::metadata(folder).map_err(BackupError::io(folder))?;
    if (owner.uid(), owner.gid()) == (mine.uid(), mine.gid()) {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(BackupError::io(folder))? {
        let path = entry.map_err(BackupError::io(folder))?.path();
        if path.is_dir() {
            give(&path, like)?;
        }
        chown(&path, Some(owner.uid()), Some(owner.gid())).map_err(BackupError::io(&path))?;
    }
    let lock = like.join("gateway.lock");
    chown(&lock, Some(owner.uid()), Some(owner.gid())).map_err(BackupError::io(&lock))
}

#[cfg(not(unix))]
fn give(_: &Path, _: &Path) -> Result<(), BackupError> {
    Ok(())
}
