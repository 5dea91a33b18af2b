//! Pictures beside incidents: kept, found, and gone when their time is over.

use std::fs;

use gengfu_core::{
    id::IncidentId,
    text::Text,
    time::{Span, Timestamp},
};
use gengfu_store::{
    Pictures,
    backup::{restore, take},
    picture::{FILE, Picture, When},
};

use crate::building::{fill, open};

const PLENTY: u64 = 1 << 30;

fn picture(incident: u64, camera: &str, when: When, taken_at: Timestamp) -> Picture {
    let name = Text::new("大堂", "Hall");
    Picture { incident: IncidentId(incident), camera: camera.into(), name, taken_at, when }
}

fn noon() -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000)
}

/// The bytes of the file and of its log.
fn on_disk(folder: &std::path::Path) -> Vec<u8> {
    let mut all = fs::read(folder.join(FILE)).unwrap();
    all.extend(fs::read(folder.join(FILE).with_extension("sqlite-wal")).unwrap_or_default());
    all
}

fn holds(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}

#[test]
fn an_incident_has_its_pictures_by_number_and_no_other_s() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = Pictures::open(folder.path()).unwrap();
    let before = picture(7, "hall", When::Before, noon());
    let after = picture(7, "hall", When::After, noon() + Span::secs(2));
    assert!(pictures.put(&after, b"after", PLENTY).unwrap());
    assert!(pictures.put(&before, b"before", PLENTY).unwrap());
    assert!(!pictures.put(&after, b"later still", PLENTY).unwrap(), "the first one stays");
    pictures.put(&picture(8, "yard", When::After, noon()), b"another", PLENTY).unwrap();
    drop(pictures);
    let pictures = Pictures::open(folder.path()).unwrap();
    let of: Vec<(u64, Picture)> = pictures.of(IncidentId(7)).unwrap();
    assert_eq!(of.iter().map(|(_, p)| p.clone()).collect::<Vec<_>>(), [before, after]);
    let bytes = |incident, number| pictures.bytes(IncidentId(incident), number).unwrap();
    assert_eq!(bytes(7, of[1].0).as_deref(), Some(&b"after"[..]));
    assert_eq!(bytes(8, of[1].0), None, "a number of another incident");
    assert_eq!(bytes(7, u64::MAX), None);
    assert_eq!(pictures.of(IncidentId(9)).unwrap(), []);
}

#[test]
fn what_is_over_is_gone_from_the_disk_and_from_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = Pictures::open(folder.path()).unwrap();
    let faces: Vec<u8> = b"a face that nobody may keep ".repeat(2_000);
    pictures.put(&picture(1, "hall", When::After, noon()), &faces, PLENTY).unwrap();
    let later = noon() + Span::hours(24);
    pictures.put(&picture(2, "hall", When::After, later), b"stays", PLENTY).unwrap();
    assert!(holds(&on_disk(folder.path()), &faces[..100]));
    assert_eq!(pictures.forget(noon()).unwrap(), 0, "its time is not over");
    assert_eq!(pictures.forget(later).unwrap(), 1);
    assert_eq!(pictures.of(IncidentId(1)).unwrap(), []);
    assert_eq!(pictures.of(IncidentId(2)).unwrap().len(), 1);
    assert!(!holds(&on_disk(folder.path()), &faces[..100]));
}

#[test]
fn where_there_are_too_many_bytes_the_oldest_give_way() {
    let folder = tempfile::tempdir().unwrap();
    let pictures = Pictures::open(folder.path()).unwrap();
    for number in 1..=9 {
        let at = noon() + Span::secs(number);
        pictures.put(&picture(number, "hall", When::After, at), &[0; 1_000], 3_500).unwrap();
    }
    let left: Vec<u64> =
        (1..=9).filter(|n| !pictures.of(IncidentId(*n)).unwrap().is_empty()).collect();
    assert_eq!(left, [7, 8, 9]);
}

#[test]
fn a_backup_holds_them_and_a_damaged_file_is_begun_anew() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut journal = open(data.path());
    fill(&mut journal, 10, 10);
    let pictures = Pictures::open(data.path()).unwrap();
    pictures.put(&picture(3, "hall", When::Before, noon()), b"bytes", PLENTY).unwrap();
    let file = room.path().join("backup.tar");
    take(data.path(), &[], &file, noon(), &mut |_, _, _| {}).unwrap();
    let again = room.path().join("again");
    restore(&file, &again, &mut |_, _, _| {}).unwrap();
    let restored = Pictures::open(&again).unwrap();
    let (number, found) = restored.of(IncidentId(3)).unwrap().remove(0);
    assert_eq!(found.name, Text::new("大堂", "Hall"));
    assert_eq!(restored.bytes(IncidentId(3), number).unwrap().as_deref(), Some(&b"bytes"[..]));
    drop(restored);

    fs::write(again.join(FILE), b"no database, whatever it was ".repeat(500)).unwrap();
    let _gone = fs::remove_file(again.join(FILE).with_extension("sqlite-wal"));
    let anew = Pictures::open(&again).unwrap();
    assert_eq!(anew.of(IncidentId(3)).unwrap(), []);
    assert!(again.join("damaged-1").join(FILE).exists());
}
