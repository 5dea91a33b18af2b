//! Whatever stands in a journal's rows or in a snapshot, a start never panics: the stable twin of
//! the fuzz target `journal`, and the same through the files themselves.

#[path = "store/building.rs"]
#[expect(dead_code, reason = "the building of the other stories; not all of it is needed here")]
mod building;
#[path = "../../../tests/fuzz/checks/journal.rs"]
mod journal;
#[path = "../../../tests/fuzz/twins/near.rs"]
mod near;

use std::{fs, path::Path, sync::LazyLock};

use gengfu_core::input::Command;
use gengfu_store::{Journal, SqliteJournal, snapshot};
use near::near;
use proptest::prelude::*;

/// The rows of a day in the building, and its state at the end.
static DAY: LazyLock<(Vec<Vec<u8>>, Vec<u8>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut live = building::Live::start(folder.path());
    live.press(true, 0.1);
    let incident = live.state.open_incidents().next().unwrap().id;
    live.command("li", Command::Acknowledge(incident));
    live.press(false, 1e300);
    let events = building::all(&mut live.journal);
    let rows = events.iter().map(|(_, event)| serde_json::to_vec(event).unwrap()).collect();
    (rows, serde_json::to_vec(&live.state).unwrap())
});

/// The whole day, each of its rows, and the whole day without one of them.
fn seeds() -> Vec<Vec<u8>> {
    let rows = &DAY.0;
    let mut seeds = rows.clone();
    seeds.extend((0..rows.len()).map(|left_out| {
        let kept: Vec<&[u8]> = rows
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != left_out)
            .map(|(_, row)| &row[..])
            .collect();
        kept.join(&b'\n')
    }));
    seeds.push(rows.join(&b'\n'));
    seeds
}

/// Puts rows into a journal as the gateway would have: with a checksum that is right.
fn forge(folder: &Path, rows: &[&[u8]]) {
    drop(building::open(folder));
    let file = rusqlite::Connection::open(folder.join("journal.sqlite")).unwrap();
    for (seq, row) in (1_u64..).zip(rows) {
        let summed = [&seq.to_le_bytes()[..], b"bench\0", row].concat();
        let sum = crc32fast::hash(&summed);
        let insert = "INSERT INTO event (seq, site, body, sum) VALUES (?1, 'bench', ?2, ?3)";
        file.execute(insert, (seq, row, sum)).unwrap();
    }
}

#[test]
fn the_seeds_are_understood() {
    assert!(DAY.0.len() > 8, "{} rows", DAY.0.len());
    journal::check(&DAY.0.join(&b'\n'));
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<&[u8]> = DAY.0.iter().map(|row| &row[..]).collect();
    forge(folder.path(), &rows);
    let state = building::open(folder.path()).load(&mut |_| ()).unwrap().state;
    assert_eq!(serde_json::to_vec(&state).unwrap(), DAY.1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn no_rows_make_a_replay_panic(bytes in near(seeds())) {
        journal::check(&bytes);
    }

    #[test]
    fn no_snapshot_makes_the_reader_panic(bytes in near(vec![DAY.1.clone()])) {
        journal::snapshot(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_start_from_a_forged_file_ends_well_or_says_why(bytes in near(seeds())) {
        let folder = tempfile::tempdir().unwrap();
        forge(folder.path(), &bytes.split(|b| *b == b'\n').collect::<Vec<_>>());
        let started = SqliteJournal::open(folder.path(), &building::site())
            .and_then(|mut journal| journal.load(&mut |_| ()));
        if let Err(error) = started {
            prop_assert!(error.to_string().contains("journal.sqlite is damaged"), "{}", error);
        }
    }

    #[test]
    fn a_snapshot_file_is_believed_or_passed_over(
        bytes in near(vec![DAY.1.clone()]), is_signed: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let sum = crc32fast::hash(&bytes);
        let head = format!("gengfu-snapshot/1 9 {} {sum:08x} bench\n", bytes.len());
        let file = if is_signed { [head.as_bytes(), &bytes].concat() } else { bytes };
        fs::write(folder.path().join(format!("snapshot-{:020}.json", 9)), file).unwrap();
        let found = snapshot::newest(folder.path(), &building::site()).unwrap();
        prop_assert!(is_signed || found.is_none(), "what has no checksum is not believed");
    }
}
