//! Pictures of cameras, kept in memory for a moment: what stood before the lens just before something
//! happened. No readings: nothing is decided by them, nothing waits for them, and the newest takes the
//! place of the oldest.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use gengfu_core::time::{Span, Timestamp};
use parking_lot::Mutex;
use tokio::sync::watch;

/// Of each camera so many are kept: at one in five seconds, those of the last twenty.
const KEPT: usize = 4;
/// The largest picture, in bytes, until the configuration says otherwise.
pub const MAX_BYTES: usize = 2 << 20;

/// What a picture is, by its first bytes: what else the sender says of it is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ISO/IEC 10918.
    Jpeg,
    /// ISO/IEC 15948.
    Png,
    /// RFC 9649.
    WebP,
}

impl Format {
    /// The format of these bytes; none where they are no picture that browsers show.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// When it came.
    pub at: Timestamp,
    /// The file.
    pub bytes: Arc<[u8]>,
}

/// Why a picture is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It is none.
    #[error("no picture came: a JPEG, PNG or WebP is wanted")]
    NoPicture,
    /// It has more bytes than are allowed.
    #[error("the picture has more than {0} bytes: make it smaller there, or raise `max_bytes`")]
    TooLarge(usize),
}

/// The last pictures of every camera; copies are the same shelf.
#[derive(Debug, Clone)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cameras: Mutex<BTreeMap<String, VecDeque<Taken>>>,
    max_bytes: AtomicUsize,
    refused: AtomicU64,
    changes: watch::Sender<u64>,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Inner {
            cameras: Mutex::default(),
            max_bytes: AtomicUsize::new(MAX_BYTES),
            refused: AtomicU64::new(0),
            changes: watch::Sender::new(0),
        }))
    }
}

impl Shelf {
    /// Puts a picture there; the oldest of the same camera gives way. Never waits.
    ///
    /// # Errors
    /// Where it is none, or too large.
    pub fn put(&self, camera: &str, at: Timestamp, bytes: &[u8]) -> Result<(), NotKept> {
        let most = self.max_bytes();
        let why = match Format::of(bytes) {
            None => Some(NotKept::NoPicture),
            Some(_) if bytes.len() > most => Some(NotKept::TooLarge(most)),
            Some(_) => None,
        };
        if let Some(why) = why {
            self.0.refused.fetch_add(1, Ordering::Relaxed);
            return Err(why);
        }
        // Copied: a message's bytes hold on to all that was read from the socket with it.
        let taken = Taken { at, bytes: bytes.into() };
        let mut cameras = self.0.cameras.lock();
        let pictures = cameras.entry(camera.to_owned()).or_default();
        if pictures.len() >= KEPT {
            pictures.pop_front();
        }
        pictures.push_back(taken);
        drop(cameras);
        self.0.changes.send_modify(|count| *count += 1);
        Ok(())
    }

    /// The camera's newest picture from `until`, or at the most so long before.
    pub fn before(&self, camera: &str, until: Timestamp, at_most: Span) -> Option<Taken> {
        let cameras = self.0.cameras.lock();
        let within = |taken: &&Taken| taken.at <= until && taken.at >= until - at_most;
        cameras.get(camera)?.iter().rev().find(within).cloned()
    }

    /// The camera's first picture that came later than `from`.
    pub fn after(&self, camera: &str, from: Timestamp) -> Option<Taken> {
        let cameras = self.0.cameras.lock();
        cameras.get(camera)?.iter().find(|taken| taken.at > from).cloned()
    }

    /// Forgets every camera but these, and takes pictures of so many bytes from now on.
    pub fn keep(&self, max_bytes: usize, is_known: impl Fn(&str) -> bool) {
        self.0.max_bytes.store(max_bytes, Ordering::Relaxed);
        self.0.cameras.lock().retain(|camera, _| is_known(camera));
    }

    /// The largest picture that is taken, in bytes.
    pub fn max_bytes(&self) -> usize {
        self.0.max_bytes.load(Ordering::Relaxed)
    }

    /// A count that rises with every picture.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changes.subscribe()
    }

    /// What came and was no picture, or too large.
    pub fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(mark: u8) -> Vec<u8> {
        vec![0xff, 0xd8, 0xff, mark]
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn a_picture_is_known_by_its_first_bytes_and_a_page_is_none() {
        let riff = b"RIFF\x10\0\0\0WEBPVP8 ";
        assert_eq!(Format::of(&jpeg(0xe0)), Some(Format::Jpeg));
        assert_eq!(Format::of(b"\x89PNG\r\n\x1a\n\0"), Some(Format::Png));
        assert_eq!(Format::of(riff), Some(Format::WebP));
        let nothing: [&[u8]; 5] = [b"", b"<html>", b"\xff\xd8", b"RIFF\x10\0\0\0WAVE", b"GIF89a;"];
        for bytes in nothing {
            assert_eq!(Format::of(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn the_newest_take_the_place_of_the_oldest_and_none_is_taken_for_fresh_that_is_not() {
        let shelf = Shelf::default();
        for second in 0..10_u8 {
            shelf.put("hall", at(second.into()), &jpeg(second)).unwrap();
        }
        let bytes = |taken: Option<Taken>| taken.map(|taken| taken.bytes[3]);
        assert_eq!(bytes(shelf.before("hall", at(8), Span::secs(3))), Some(8));
        assert_eq!(bytes(shelf.after("hall", at(7))), Some(8));
        assert_eq!(bytes(shelf.before("hall", at(5), Span::secs(3))), None, "gone by then");
        assert_eq!(bytes(shelf.before("hall", at(60), Span::secs(3))), None, "too old");
        assert_eq!(bytes(shelf.after("hall", at(9))), None);
        assert_eq!(bytes(shelf.after("yard", at(0))), None);
        shelf.keep(3, |camera| camera == "yard");
        assert_eq!(shelf.after("hall", at(0)), None, "the camera is not there any more");
        assert_eq!(shelf.put("yard", at(1), &jpeg(1)), Err(NotKept::TooLarge(3)));
        assert_eq!(shelf.put("yard", at(1), b"<html>"), Err(NotKept::NoPicture));
        assert_eq!(shelf.refused(), 2);
    }
}
