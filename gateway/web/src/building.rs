//! The building's picture, made once for all who look at it: with twenty pages open, each of their streams would
//! walk through thousands of points for the same outcome otherwise.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

use crate::views::LiveView;

/// Changes that follow each other closer than this are sent as one: a storm of readings must not
/// keep phones busy.
const BEAT: Duration = Duration::from_millis(100);
/// Telemetry is looked at this often where nothing else changes, in beats.
const TELEMETRY: u64 = 5;

/// The last picture, and the beat to which all streams look: at the same time, so that one of them makes it and
/// the others have it.
pub(crate) struct Building {
    begun: Instant,
    last: Mutex<Option<Seen>>,
}

struct Seen {
    beat: u64,
    /// It shows all changes up to this one.
    version: u64,
    picture: Arc<LiveView>,
}

impl Building {
    /// Nobody has looked yet.
    pub fn new() -> Self {
        Self { begun: Instant::now(), last: Mutex::default() }
    }

    /// The picture of this beat, and the change up to which it shows them all. `make` it after change number
    /// `version`, where nobody has yet; the others wait meanwhile.
    pub fn picture(&self, version: u64, make: impl FnOnce() -> LiveView) -> (Arc<LiveView>, u64) {
        let mut last = self.last.lock();
        let beat = self.beat();
        if let Some(seen) = last.as_ref().filter(|seen| seen.beat == beat) {
            return (seen.picture.clone(), seen.version);
        }
        let picture = Arc::new(make());
        *last = Some(Seen { beat, version, picture: picture.clone() });
        (picture, version)
    }

    /// When what has changed is looked at.
    pub fn next_look(&self) -> Instant {
        self.at(self.beat() + 1)
    }

    /// When telemetry is looked at.
    pub fn next_telemetry(&self) -> Instant {
        self.at((self.beat() / TELEMETRY + 1) * TELEMETRY)
    }

    fn beat(&self) -> u64 {
        let beats = self.begun.elapsed().as_millis() / BEAT.as_millis();
        u64::try_from(beats).unwrap_or(u64::MAX)
    }

    fn at(&self, beat: u64) -> Instant {
        let millis = u64::try_from(BEAT.as_millis()).unwrap_or(u64::MAX);
        self.begun + Duration::from_millis(beat.saturating_mul(millis))
    }
}
