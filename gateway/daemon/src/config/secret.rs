//! Files that the configuration names: there, readable, and read by nobody else where they are secret.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{
    fields::{Fields, Walk},
    problem::At,
};

/// The path behind `key`, checked to be a file that can be read.
pub fn file(fields: &mut Fields<'_>, key: &'static str) -> Option<PathBuf> {
    fields.optional::<PathBuf>(key).and_then(|at| check(fields.walk, key, at, false))
}

/// The path behind `key`, checked to be a file that can be read, and not by everybody.
pub fn secret(fields: &mut Fields<'_>, key: &'static str) -> Option<PathBuf> {
    fields.optional::<PathBuf>(key).and_then(|at| check(fields.walk, key, at, true))
}

/// The file as a full path, or nothing and a problem where it can't serve.
pub fn check(walk: Walk<'_>, key: &str, at: At<PathBuf>, is_secret: bool) -> Option<PathBuf> {
    let path = full(walk.folder, &at.value);
    let shown = path.display();
    let text = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) => {
            walk.problems.error(
                &at.span,
                format!("`{key}` names {shown}, which can't be read: {e}"),
                "write the file, give the gateway's user the right to read it, or correct the path \
                 (relative paths start at the folder of this file)",
            );
            return None;
        }
    };
    if text.iter().all(u8::is_ascii_whitespace) {
        walk.problems.error(
            &at.span,
            format!("`{key}` names {shown}, which is empty"),
            "write the value into it, in one line",
        );
    }
    let mode = fs::metadata(&path).map_or(0, |m| m.permissions().mode());
    if is_secret && mode & 0o007 != 0 {
        walk.problems.error(
            &at.span,
            format!("`{key}` names {shown}, a secret that everybody on this machine can reach"),
            format!("take the others' rights away: chmod o= {shown}"),
        );
    }
    Some(path)
}

/// A path of the file, from the folder that the file is in.
pub fn full(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path)
}
