//! `docs/wire.md` is what a board's author reads: its examples are the snapshots.

use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD,
    codec::WireError,
    topic::{Down, Up},
};

use crate::examples::all;

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/wire.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_payload_stands_in_the_document_as_it_is_sent() {
    let document = document();
    for example in all() {
        let lines: Vec<&str> = document.lines().filter(|l| l.trim() == example.payload).collect();
        assert_eq!(
            lines.len(),
            1,
            "{} is to stand in docs/wire.md once:\n{}",
            example.name,
            example.payload
        );
    }
}

#[test]
fn every_whole_payload_of_the_document_is_one_of_the_examples() {
    let document = document();
    let known: Vec<String> = all().into_iter().map(|e| e.payload).collect();
    let shown: Vec<&str> =
        document.lines().map(str::trim).filter(|l| l.starts_with("{\"v\"")).collect();
    assert!(shown.len() >= known.len());
    for line in shown {
        assert!(known.iter().any(|k| k == line), "nobody sends {line}");
    }
}

#[test]
fn every_topic_and_limit_stands_in_the_document() {
    let document = document();
    for name in Up::ALL.map(Up::name) {
        assert!(document.contains(&format!("`up/{name}`")), "up/{name}");
    }
    for name in Down::ALL.map(Down::name) {
        assert!(document.contains(&format!("`down/{name}`")), "down/{name}");
    }
    assert!(document.contains(&format!("{MAX_PAYLOAD} bytes")));
    assert!(document.contains(&format!("1 to {MAX_INPUTS}")));
    assert!(WireError::Malformed.to_string().contains("docs/wire.md"));
}
