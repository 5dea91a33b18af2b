//! Inputs for the property tests: plain noise, and what lies near something that is understood.

use proptest::{prelude::*, sample::Index};

/// One slip of the pen, or of a stranger's hand.
#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    Repeat(Index, usize, usize),
}

/// Words that readers treat in a way of their own.
const WORDS: [&str; 22] = [
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "1e-999",
    "18446744073709551616",
    "-9223372036854775808",
    "9999-12-31T23:59:59",
    "-9999-01-01T00:00:00",
    "NaN",
    "\"\"",
    "{}",
    "[]",
    "[[[[[[[[",
    "\\u0000",
    "\\ud800",
    "梯",
    "\r\n",
    "/",
    "{a}",
    "%2F",
];

fn edit() -> impl Strategy<Value = Edit> {
    let word = prop::sample::select(WORDS.to_vec()).prop_map(|w| w.as_bytes().to_vec());
    let bytes = prop_oneof![3 => word, 1 => prop::collection::vec(any::<u8>(), 1..4)];
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, by)| Edit::Replace(at, by)),
        3 => (any::<Index>(), bytes).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        2 => (any::<Index>(), 1..24_usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        1 => (any::<Index>(), 1..40_usize, 1..20_usize)
            .prop_map(|(at, length, times)| Edit::Repeat(at, length, times)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    let place = |at: &Index| at.index(bytes.len() + 1);
    let part = |from: usize, length: usize| from..bytes.len().min(from + length);
    match edit {
        Edit::Replace(at, by) => {
            let at = place(at);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = *by;
            }
        }
        Edit::Insert(at, word) => {
            let at = place(at);
            bytes.splice(at..at, word.iter().copied());
        }
        Edit::Delete(at, length) => {
            let part = part(place(at), *length);
            bytes.drain(part);
        }
        Edit::Repeat(at, length, times) => {
            let part = part(place(at), *length);
            let again = bytes[part.clone()].repeat(*times);
            bytes.splice(part.end..part.end, again);
        }
    }
}

/// Mostly a seed with a few edits, sometimes nothing but noise.
pub fn near(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edited = (prop::sample::select(seeds), prop::collection::vec(edit(), 0..6)).prop_map(
        |(mut bytes, edits)| {
            edits.iter().for_each(|edit| apply(&mut bytes, edit));
            bytes
        },
    );
    prop_oneof![7 => edited, 1 => prop::collection::vec(any::<u8>(), 0..2_000)]
}
