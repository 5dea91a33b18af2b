//! Runs one of this program's own tests again as a process of its own, to be killed.

use std::{path::Path, process::Command};

/// Where the child finds its folder; set only in a child.
const FOLDER: &str = "FIELD_TEST_CHILD";

/// The folder that this process was given, if it is a child.
pub fn folder() -> Option<std::path::PathBuf> {
    std::env::var_os(FOLDER).map(Into::into)
}

/// The command that runs the test `name` as a child with this folder.
pub fn command(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(FOLDER, folder);
    command
}
