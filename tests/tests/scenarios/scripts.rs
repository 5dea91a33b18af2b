//! The scripts, and the stage in virtual time for one.

use std::path::PathBuf;

use gengfu::{config::Config, outputs::outputs};
use gengfu_sim::scenario::{
    Failure, Rehearsal, Restarts, Script, play, read,
    settings::{PASSWORD_FILE, Ports, toml},
};

/// The folder of the scripts.
fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"))
}

/// All scripts, by name.
pub fn all() -> Vec<Script> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    paths.sort();
    let read = |path: &PathBuf| {
        let name = format!("tests/scenarios/{}", path.file_name().unwrap().to_str().unwrap());
        let text = std::fs::read_to_string(path).unwrap();
        read(&name, &text).unwrap_or_else(|mistake| panic!("{mistake}"))
    };
    paths.iter().map(read).collect()
}

/// Plays a script in virtual time, with the wiring that the real program makes of its settings.
pub async fn rehearse(script: &Script, restarts: Restarts) -> Result<(), Failure> {
    let folder = tempfile::tempdir().unwrap();
    write_private(&folder.path().join(PASSWORD_FILE), "0123456789abcdef0123456789abcdef");
    let path = folder.path().join("gengfu.toml");
    std::fs::write(&path, toml(&script.building, Ports { web: 8443, mqtt: 1883 })).unwrap();
    let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{}: {report}", script.file));
    let mut stage = Rehearsal::new(script, loaded.config.wiring(), outputs).unwrap();
    play(script, &mut stage, restarts).await
}

/// Writes a file that only this user may read.
pub fn write_private(path: &std::path::Path, text: &str) {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).write(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
