//! The files of the product: all of the checkout but what is built or fetched.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold no product files.
const BUILT: [&str; 6] = ["target", "node_modules", "dist", ".git", ".venv", "__pycache__"];

/// A file of the product.
pub struct Source {
    /// Its path from the root of the checkout, with `/` in between.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// The root of the checkout.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests lie in a folder of the checkout").to_owned()
}

/// The text of a file of the checkout.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Every text file below `folder` whose name ends in one of `endings`.
pub fn files(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = vec![];
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for entry in entries {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && !BUILT.contains(&name.as_str()) {
                folders.push(entry.path());
            } else if kind.is_file() && endings.iter().any(|e| name.ends_with(e)) {
                let path = entry.path();
                let shown = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                // Others may be at work in the checkout: a file that is gone has no faults.
                let Ok(bytes) = fs::read(&path) else { continue };
                found.push(Source { path: shown, text: String::from_utf8_lossy(&bytes).into() });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The names of the folders in `folder`.
pub fn folders(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
