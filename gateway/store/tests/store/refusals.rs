//! What can't be used is refused, with words that help.

use std::{fs, os::unix::process::CommandExt as _, path::Path, process::Command};

use gengfu_core::id::SiteId;
use gengfu_store::{Journal, SqliteJournal, StoreError, folder::Folder, salvage};

use crate::{
    building::{event, fill, open, site},
    child,
};

fn refused(folder: &Path) -> StoreError {
    SqliteJournal::open(folder, &site()).err().expect("it should have been refused")
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("not-here");
    let error = refused(&missing);
    assert!(matches!(error, StoreError::Missing(_)));
    assert!(error.to_string().contains("not-here") && error.to_string().contains("create it"));
    fs::write(&missing, "a file").unwrap();
    assert!(matches!(refused(&missing), StoreError::NotAFolder(_)));
}

#[test]
fn two_gateways_cannot_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = open(folder.path());
    let error = refused(folder.path());
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    let me = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&me), "{error}");
    assert!(matches!(salvage(folder.path()), Err(StoreError::Locked { .. })));
    first.append(&[event(1)]).unwrap();
    drop(first);
    assert_eq!(open(folder.path()).last_seq(), 1);
}

#[test]
fn a_lock_dies_with_its_process() {
    if let Some(folder) = child::folder() {
        let _held = Folder::open(&folder).unwrap();
        println!("\nheld");
        loop {
            std::thread::park();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut holder = child::command("refusals::a_lock_dies_with_its_process", folder.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufRead::lines(std::io::BufReader::new(holder.stdout.take().unwrap()));
    assert!(lines.map_while(Result::ok).any(|line| line == "held"));
    assert!(matches!(refused(folder.path()), StoreError::Locked { .. }));
    holder.kill().unwrap();
    holder.wait().unwrap();
    open(folder.path());
}

#[test]
fn a_folder_without_the_right_to_write_is_named() {
    if let Some(folder) = child::folder() {
        let error = refused(&folder);
        assert!(matches!(error, StoreError::Denied(_)), "{error}");
        println!("\nrefused: {error}");
        return;
    }
    let outer = tempfile::tempdir().unwrap();
    open_to_all(outer.path(), 0o755);
    let folder = outer.path().join("data");
    fs::create_dir(&folder).unwrap();
    open_to_all(&folder, 0o555);
    // Rights don't bind root: there another user must try. Its program has to be where it may go.
    let program = outer.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    open_to_all(&program, 0o755);
    let mut command = Command::new(&program);
    command.args(["--exact", "refusals::a_folder_without_the_right_to_write_is_named"]);
    command.arg("--nocapture").env("STORE_TEST_CHILD", &folder);
    let me = Command::new("id").arg("-u").output().unwrap().stdout;
    if me == b"0\n" {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("no right to read and write") && said.contains("chown"), "{said}");
}

fn open_to_all(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn nobody_else_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, 3, 1);
    let state = journal.load(&mut |_| ()).unwrap().state;
    assert!(journal.snapshot(&state, 3).unwrap());
    journal.settle().unwrap();
    let _history = gengfu_store::History::open(folder.path()).unwrap();
    let mut files = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
        files += 1;
    }
    assert!(files >= 6, "journal, history, their logs, the lock and a snapshot");
}

#[test]
fn another_sites_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fill(&mut open(folder.path()), 3, 1);
    let other = SiteId::from("building-4");
    let Err(error) = SqliteJournal::open(folder.path(), &other) else { panic!() };
    assert!(matches!(error, StoreError::OtherSite { .. }), "{error}");
    assert!(error.to_string().contains("\"bench\", not \"building-4\""), "{error}");
}

#[test]
fn a_newer_gateways_journal_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    fill(&mut open(folder.path()), 3, 1);
    let file = folder.path().join("journal.sqlite");
    let conn = rusqlite::Connection::open(&file).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    let before = fs::read(&file).unwrap();
    let error = refused(folder.path());
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("install the newer gateway again"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn somebody_elses_database_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.sqlite");
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE photo (a)").unwrap();
    assert!(matches!(refused(folder.path()), StoreError::Foreign { .. }));
}
