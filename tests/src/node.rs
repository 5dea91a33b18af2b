//! The stories that a browser plays: programs in `tests/page`, run by Node.js.

use std::{path::Path, process::Command};

/// Runs one to its end.
///
/// # Panics
/// Where it fails; with all that it said.
pub fn node(args: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    assert!(folder.join("node_modules").exists(), "run `npm ci` in {}", folder.display());
    let output = Command::new("node").current_dir(folder).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("Node.js can't be run: {error}"));
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}");
}
