//! A gateway that is killed at any moment has lost nothing that it had acknowledged.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use gengfu_store::Journal;

use crate::{
    building::{all, event, events, open},
    child,
};

const KILLS: u64 = 30;

#[test]
fn everything_acknowledged_before_a_kill_is_read_back() {
    if let Some(folder) = child::folder() {
        append_for_ever(&folder);
    }
    let mut folder = tempfile::tempdir().unwrap();
    let mut kept = 0;
    for kill in 0..KILLS {
        // Several lives in one journal, and then a new one: reading back a long one takes long.
        if kill % 6 == 0 {
            folder = tempfile::tempdir().unwrap();
            kept = 0;
        }
        let name = "kill::everything_acknowledged_before_a_kill_is_read_back";
        let mut gateway = child::command(name, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(gateway.stdout.take().unwrap()).lines();
        let mut acknowledged = 0;
        // Another number of appends each time, so that the kill falls at another moment: during
        // a write, a checkpoint, a snapshot.
        let mut left = 1 + kill * 37 % 100;
        let mut killed = false;
        while let Some(Ok(line)) = said.next() {
            let Some(seq) = line.strip_prefix("kept ") else { continue };
            acknowledged = seq.parse().unwrap();
            left = left.saturating_sub(1);
            if left == 0 && !killed {
                gateway.kill().unwrap();
                killed = true;
            }
        }
        gateway.wait().unwrap();
        assert!(killed, "the gateway ended by itself: see its own words above");

        let mut journal = open(folder.path());
        let last = journal.last_seq();
        assert!(last >= acknowledged, "kill {kill}: {acknowledged} acknowledged, {last} kept");
        assert!(acknowledged > kept, "kill {kill}: the gateway got somewhere");
        let back = all(&mut journal);
        assert_eq!(back.len() as u64, last);
        for ((seq, kept), n) in back.iter().zip(1..) {
            assert_eq!((*seq, kept), (n, &event(n)), "kill {kill}");
        }
        let loaded = journal.load(&mut |_| ()).unwrap();
        assert_eq!(loaded.events_replayed + loaded.from_snapshot.unwrap_or(0), last);
        journal.settle().unwrap();
        let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let halves = left.filter(|path| path.extension().is_some_and(|e| e == "snapshot-half"));
        assert_eq!(halves.count(), 0, "what was half written is swept up");
        kept = last;
    }
}

/// Appends batches of all sizes, says what is kept, and has snapshots written meanwhile.
fn append_for_ever(folder: &std::path::Path) -> ! {
    let mut journal = open(folder);
    let state = journal.load(&mut |_| ()).unwrap().state;
    let mut out = std::io::stdout();
    for n in 0_u64.. {
        let next = journal.last_seq() + 1;
        let last = journal.append(&events(next, next + n * 7 % 60)).unwrap();
        writeln!(out, "\nkept {last}").unwrap();
        if n % 5 == 0 {
            // False where the one before is still being written.
            let _begun = journal.snapshot(&state, last).unwrap();
        }
    }
    unreachable!("there is no last number")
}
