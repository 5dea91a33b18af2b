//! A backup of a journal in use, and the way back.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use gengfu_core::time::Timestamp;
use gengfu_store::{
    History, Journal as _, SqliteJournal,
    backup::{BackupError, EXTRAS, Extra, Manifest, Stage, restore, take},
    sqlite::FILE,
};

use crate::building::{expect_exactly, fill, open, site};

fn noon() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000)
}

fn taken(data: &Path, to: &Path) -> Result<Manifest, BackupError> {
    take(data, &[], to, noon(), &mut |_, _, _| {})
}

fn restored(from: &Path, data: &Path) -> Result<Manifest, BackupError> {
    restore(from, data, &mut |_, _, _| {})
}

fn last_seq(data: &Path) -> u64 {
    let mut journal = SqliteJournal::open(data, &site()).unwrap();
    let last = journal.last_seq();
    expect_exactly(&mut journal, last);
    last
}

#[test]
fn what_is_there_at_one_moment_is_kept_while_the_gateway_goes_on() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut journal = open(data.path());
    let history = History::open(data.path()).unwrap();
    fill(&mut journal, 20_000, 500);
    fs::write(data.path().join("answer.key"), "a key").unwrap();
    fs::create_dir_all(data.path().join("recordings/7")).unwrap();
    fs::write(data.path().join("recordings/7/call.wav"), "a call").unwrap();
    fs::create_dir(data.path().join("speech")).unwrap();
    fs::write(data.path().join("speech/again.wav"), "made again").unwrap();
    let configuration = room.path().join("gengfu.toml");
    fs::write(&configuration, "[site]").unwrap();
    let file = room.path().join("backup.tar");

    // The gateway goes on all the while, and is not held up.
    let stop = AtomicBool::new(false);
    let mut stages = vec![];
    let (made, went_on) = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let before = journal.last_seq();
            while !stop.load(Ordering::Relaxed) {
                let last = journal.last_seq() + 50;
                fill(&mut journal, last, 50);
            }
            journal.last_seq() - before
        });
        let extras = [Extra { name: "gengfu.toml".into(), path: configuration }];
        let made = take(data.path(), &extras, &file, noon(), &mut |stage, done, of| {
            assert!(done <= of, "{stage:?}: {done} of {of}");
            stages.push(stage);
        });
        stop.store(true, Ordering::Relaxed);
        (made.unwrap(), writing.join().unwrap())
    });
    assert!(went_on > 0, "nothing was written beside it");
    assert!(made.last_seq >= 20_000 && made.last_seq <= journal.last_seq());
    assert_eq!(made.site, site());
    stages.dedup();
    use Stage::{Proving, Reading, Writing};
    assert_eq!(stages, [Stage::Journal, Stage::History, Reading, Writing, Proving]);
    drop((journal, history));

    let again = room.path().join("data");
    assert_eq!(restored(&file, &again).unwrap(), made);
    assert_eq!(last_seq(&again), made.last_seq);
    assert_eq!(fs::read_to_string(again.join("answer.key")).unwrap(), "a key");
    assert_eq!(fs::read_to_string(again.join("recordings/7/call.wav")).unwrap(), "a call");
    assert!(again.join(EXTRAS).join("gengfu.toml").exists() && !again.join("speech").exists());
    History::open(&again).unwrap();
    // One that was put back can be backed up like any other.
    taken(&again, &room.path().join("second.tar")).unwrap();
}

#[test]
#[cfg(unix)]
fn it_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&mut open(data.path()), 10, 10);
    let file = room.path().join("backup.tar");
    taken(data.path(), &file).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    let again = room.path().join("data");
    restored(&file, &again).unwrap();
    assert_eq!(mode(&again.join(FILE)), 0o600);
    let left: Vec<_> = fs::read_dir(room.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing half done is left: {left:?}");
}

#[test]
fn nothing_is_written_over() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&mut open(data.path()), 10, 10);
    let file = room.path().join("backup.tar");
    taken(data.path(), &file).unwrap();
    assert!(matches!(taken(data.path(), &file), Err(BackupError::Exists(_))));
    assert!(matches!(restored(&file, data.path()), Err(BackupError::NotEmpty(_))));
    fs::create_dir(data.path().join("backups")).unwrap();
    let inside = data.path().join("backups/backup.tar");
    assert!(matches!(taken(data.path(), &inside), Err(BackupError::Within(_))));
    assert!(!inside.exists());
    let held = open(data.path());
    let error = restored(&file, data.path()).unwrap_err().to_string();
    assert!(error.contains("in use"), "{error}");
    drop(held);
    assert_eq!(last_seq(data.path()), 10);
}

#[test]
fn a_damaged_one_is_refused_wherever_the_damage_is() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&mut open(data.path()), 300, 100);
    fs::write(data.path().join("answer.key"), "a key").unwrap();
    let file = room.path().join("backup.tar");
    taken(data.path(), &file).unwrap();
    let whole = fs::read(&file).unwrap();
    let again = room.path().join("data");
    let damaged = room.path().join("damaged.tar");
    // The padding between files, and after the last one, says nothing.
    let says_nothing = |at: usize| {
        let block = at / 512 * 512;
        whole[block..(block + 512).min(whole.len())].iter().all(|b| *b == 0)
            || whole[at..block + 512].iter().all(|b| *b == 0)
    };
    let mut tried = 0;
    for at in (0..whole.len()).step_by(701).filter(|at| !says_nothing(*at)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&damaged, &bytes).unwrap();
        match restored(&damaged, &again) {
            Err(_) => assert!(!again.join(FILE).exists(), "byte {at}"),
            // An owner's name or a time in a head: all that is put back is what it was.
            Ok(_) => {
                assert_eq!(last_seq(&again), 300, "byte {at}");
                assert_eq!(fs::read_to_string(again.join("answer.key")).unwrap(), "a key");
                fs::remove_dir_all(&again).unwrap();
            }
        }
        tried += 1;
    }
    assert!(tried > 30, "{tried} places tried");
    for length in (0..whole.len()).step_by(4_096) {
        fs::write(&damaged, &whole[..length]).unwrap();
        if let Ok(made) = restored(&damaged, &again) {
            let needed = made.size();
            assert!(length as u64 > needed, "{length} of {needed} bytes");
            fs::remove_dir_all(&again).unwrap();
        }
    }
    // The next try, with a whole one, finds the folder free.
    restored(&file, &again).unwrap();
}

#[test]
fn another_file_is_named_without_what_stands_in_it() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("letter.txt");
    fs::write(&file, "a secret line\n".repeat(200)).unwrap();
    let refused = restored(&file, &room.path().join("data")).unwrap_err().to_string();
    assert!(refused.contains("does not begin as a backup does"), "{refused}");
    assert!(!refused.contains("secret"), "{refused}");
}

#[test]
fn what_points_out_of_the_folder_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("backup.tar");
    for name in ["../outside", "/tmp/outside", "a/../../outside"] {
        let manifest = serde_json::json!({
            "form": 1, "version": "0", "site": "bench", "taken": "2026-11-28T12:00:00Z",
            "last_seq": 0, "files": [{ "name": name, "size": 1, "sha256": "0" }],
        });
        let text = serde_json::to_vec(&manifest).unwrap();
        let mut bytes = vec![];
        for (name, body) in [("backup.json", text.as_slice()), (name, b"x")] {
            let mut head = [0_u8; 512];
            head[..name.len()].copy_from_slice(name.as_bytes());
            head[100..107].copy_from_slice(b"0000600");
            head[124..135].copy_from_slice(format!("{:011o}", body.len()).as_bytes());
            head[136..147].copy_from_slice(b"00000000000");
            head[148..156].copy_from_slice(b"        ");
            head[156] = b'0';
            head[257..263].copy_from_slice(b"ustar ");
            let sum: u32 = head.iter().map(|b| u32::from(*b)).sum();
            head[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
            bytes.extend(head);
            bytes.extend(body);
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
        bytes.extend([0; 1_024]);
        fs::write(&file, bytes).unwrap();
        let error = restored(&file, &room.path().join("data")).unwrap_err().to_string();
        assert!(error.contains("something else stands"), "{name}: {error}");
        assert!(!room.path().join("outside").exists());
    }
}

#[test]
fn what_is_no_backup_is_said_to_be_none() {
    let room = tempfile::tempdir().unwrap();
    let file = room.path().join("holiday.jpg");
    for text in ["", "not a backup at all", &"x".repeat(10_000)] {
        fs::write(&file, text).unwrap();
        let error = restored(&file, &room.path().join("data")).unwrap_err().to_string();
        assert!(error.contains("holiday.jpg"), "{error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let error = taken(empty.path(), &room.path().join("backup.tar")).unwrap_err().to_string();
    assert!(error.contains("journal.sqlite"), "{error}");
    assert!(!room.path().join("backup.tar").exists());
}

#[test]
fn a_place_where_nothing_can_be_written_is_named_with_what_to_do_and_once() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fill(&mut open(data.path()), 10, 10);
    let file = room.path().join("backup.tar");
    let error = taken(data.path(), &room.path().join("gone/x.tar")).unwrap_err();
    assert!(error.to_string().contains("gone does not exist: make it"), "{error}");
    taken(data.path(), &file).unwrap();
    let error = restored(&file, &file).unwrap_err();
    assert!(error.to_string().contains("backup.tar is not a folder"), "{error}");
    let error = restored(&file, &file.join("data")).unwrap_err();
    assert!(error.to_string().contains("is not a folder"), "{error}");
    let io = taken(data.path(), &room.path().join(format!("{}/x", "y".repeat(300)))).unwrap_err();
    for error in [error, io] {
        assert!(std::error::Error::source(&error).is_none(), "it would be said twice: {error}");
    }
}
