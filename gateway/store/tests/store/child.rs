//! Runs one of this program's own tests again as a process of its own, to be killed or confined.

use std::{path::Path, process::Command};

/// Where the child finds its folder; set only in a child.
const FOLDER: &str = "STORE_TEST_CHILD";

/// The folder that this process was given, if it is a child.
pub fn folder() -> Option<std::path::PathBuf> {
    std::env::var_os(FOLDER).map(Into::into)
}

/// The command that runs the test `name` as a child with this folder.
pub fn command(name: &str, folder: &Path) -> Command {
    dress(Command::new(std::env::current_exe().unwrap()), name, folder)
}

/// The same behind another program, as `unshare --mount`.
pub fn command_behind(program: &[&str], name: &str, folder: &Path) -> Command {
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).arg(std::env::current_exe().unwrap());
    dress(command, name, folder)
}

fn dress(mut command: Command, name: &str, folder: &Path) -> Command {
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(FOLDER, folder);
    command
}
