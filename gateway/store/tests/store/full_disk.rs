//! The disk is full: nothing acknowledged is lost, and keeping goes on when there is room again.

use std::{fs, path::Path, process::Command};

use gengfu_core::time::Timestamp;
use gengfu_store::{
    History, Journal, StoreError,
    backup::{BackupError, restore, take},
    bench,
};

use crate::{
    building::{events, expect_exactly, fill, open},
    child,
};

#[test]
fn a_real_full_disk_stops_appends_until_there_is_room() {
    const NAME: &str = "full_disk::a_real_full_disk_stops_appends_until_there_is_room";
    on_a_disk_of_our_own(NAME, on_a_small_disk);
}

#[test]
fn a_disk_that_is_too_small_is_no_fault_of_the_backup() {
    const NAME: &str = "full_disk::a_disk_that_is_too_small_is_no_fault_of_the_backup";
    on_a_disk_of_our_own(NAME, |small| {
        let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fill(&mut open(data.path()), 30_000, 1_000);
        let file = room.path().join("backup.tar");
        let (at, quiet) = (Timestamp::from_millis(0), &mut |_, _, _| {});
        let error = take(data.path(), &[], &small.join("backup.tar"), at, quiet).unwrap_err();
        assert!(matches!(error, BackupError::Full(_)), "{error}");
        assert!(!error.to_string().contains("by itself"), "{error}");
        take(data.path(), &[], &file, at, quiet).unwrap();
        let error = restore(&file, &small.join("data"), quiet).unwrap_err();
        assert!(matches!(error, BackupError::Full(_)), "{error}");
        restore(&file, &room.path().join("data"), quiet).unwrap();
        println!("\nroom again");
    });
}

/// Does it on a disk of 3 MB of our own, which only a child sees and which goes with it.
fn on_a_disk_of_our_own(name: &str, act: impl FnOnce(&Path)) {
    if let Some(folder) = child::folder() {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=3m", "tmpfs"])
            .arg(&folder)
            .status()
            .unwrap();
        assert!(mounted.success(), "mounting was permitted a moment ago");
        return act(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    let unshare = if is_root() {
        &["unshare", "--mount", "--"][..]
    } else {
        &["unshare", "--user", "--map-root-user", "--mount", "--"][..]
    };
    let permitted = Command::new(unshare[0])
        .args(&unshare[1..])
        .args(["mount", "-t", "tmpfs", "tmpfs"])
        .arg(folder.path())
        .output();
    if !permitted.is_ok_and(|tried| tried.status.success()) {
        eprintln!("skipped: this machine permits no disk of our own; see the page limit's test");
        return;
    }
    let output = child::command_behind(unshare, name, folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("room again"), "{said}");
}

fn on_a_small_disk(folder: &Path) {
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let mut journal = open(folder);
    let history = History::open(folder).unwrap();
    let mut kept = 0;
    let full = loop {
        match journal.append(&events(kept + 1, kept + 100)) {
            Ok(last) => kept = last,
            Err(error) => break error,
        }
    };
    assert!(full.is_full(), "{full}");
    assert!(full.to_string().contains("free some room"), "{full}");
    assert!(kept > 1_000, "{kept}");
    // It stays so, says so each time, and what was kept can be read all the while.
    for _ in 0..5 {
        let error = journal.append(&events(kept + 1, kept + 100)).unwrap_err();
        assert!(error.is_full(), "{error}");
        expect_exactly(&mut journal, kept);
    }
    // A snapshot fails, and says so; the journal does not mind.
    let state = journal.load(&mut |_| ()).unwrap().state;
    fs::write(folder.join("more-ballast"), vec![1; 1 << 20]).unwrap_err();
    assert!(journal.snapshot(&state, kept).unwrap());
    match journal.settle() {
        Err(StoreError::Trouble(what)) => assert!(what.contains("full"), "{what}"),
        other => panic!("the snapshot should have failed: {other:?}"),
    }
    // Telemetry is lost and counted.
    for n in 0..50_000 {
        history.record(bench::reading(n));
    }
    let dropped = |history: &History| history.counters().dropped;
    while dropped(&history) == 0 {
        std::thread::yield_now();
    }
    assert!(history.trouble().unwrap().contains("full"));

    fs::remove_file(&ballast).unwrap();
    fs::remove_file(folder.join("more-ballast")).unwrap();
    let last = journal.append(&events(kept + 1, kept + 100)).unwrap();
    assert_eq!(last, kept + 100);
    assert!(journal.snapshot(&state, kept).unwrap());
    journal.settle().unwrap();
    expect_exactly(&mut journal, last);
    drop((journal, history));
    expect_exactly(&mut open(folder), last);
    println!("\nroom again");
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}
