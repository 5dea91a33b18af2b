//! The roll of boards: what each said last of itself, in memory, for whoever looks after them. After a
//! restart of the gateway it is empty until they say it again.

use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::{id::DeviceId, time::Timestamp};
use gengfu_wire::{
    codec::decode,
    topic::Up,
    up::{Birth, ConfigAck, Health, Update, UpdateState},
};
use parking_lot::RwLock;
use tokio::sync::broadcast;

use super::board::Board;

/// What boards said that waits to be noticed; who misses some hears of that.
const VOICES: usize = 256;

/// What a board said last of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    /// When it came last.
    pub birth: Option<BirthWords>,
    /// How it is, since that start; none where it had nothing to tell.
    pub health: Option<HealthWords>,
    /// Why it does not run by its configuration, where it refused it.
    pub config_error: Option<String>,
    /// Why it does not read what is beside it, where it refused that list.
    pub list_error: Option<String>,
    /// What it said before its last crash, and when that was told.
    pub panic: Option<(Timestamp, String)>,
}

/// A birth, without its inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BirthWords {
    /// When it was told.
    pub at: Timestamp,
    /// Its start, counted over its life.
    pub boot: u32,
    /// Version of its firmware.
    pub firmware: String,
    /// What kind of board it is.
    pub hardware: String,
    /// Why it started: `power`, `watchdog`, `panic`, `brown-out`, `update`, `request`.
    pub reset: String,
    /// Revision of the configuration that it runs by; 0 for none.
    pub config: u32,
}

/// How a board is, by its own word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthWords {
    /// When it was told.
    pub at: Timestamp,
    /// Starts in a row that followed a crash.
    pub crashes: u8,
    /// It does only what tells of danger.
    pub safe: bool,
    /// Events that were given up since the start because there was no room.
    pub dropped: u32,
    /// How often the supply became low since the start.
    pub dips: u16,
    /// Tenths of a degree Celsius, where it is measured.
    pub temperature_dc: Option<i16>,
    /// Its flash has refused to keep something since the start: a power cut may lose events.
    pub flash: bool,
    /// Messages of the gateway since the start that it could not understand.
    pub garbled: u16,
}

/// How an update of a board goes on, by its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateWords {
    /// Of which version.
    pub version: String,
    /// What the board does.
    pub state: UpdateState,
    /// The first byte that it wants, or how many it has.
    pub offset: u32,
    /// How many bytes it wants from there on.
    pub length: u16,
    /// Why it was refused or given up.
    pub error: Option<String>,
}

/// What a board has just said, for whoever updates it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voice {
    /// It has come, with this firmware.
    Birth(DeviceId, String),
    /// How its update goes on.
    Update(DeviceId, UpdateWords),
}

impl Voice {
    /// Who said it.
    pub fn board(&self) -> &DeviceId {
        let (Voice::Birth(board, _) | Voice::Update(board, _)) = self;
        board
    }
}

/// All boards by name; copies share one roll.
#[derive(Debug, Clone)]
pub struct Roll {
    words: Arc<RwLock<BTreeMap<DeviceId, Words>>>,
    voices: broadcast::Sender<Voice>,
}

impl Default for Roll {
    fn default() -> Self {
        Self { words: Arc::default(), voices: broadcast::Sender::new(VOICES) }
    }
}

impl Roll {
    /// What boards say from now on.
    pub fn voices(&self) -> broadcast::Receiver<Voice> {
        self.voices.subscribe()
    }

    /// What a board said last; nothing for one that has not spoken since the gateway started.
    pub fn words(&self, board: &DeviceId) -> Words {
        self.words.read().get(board).cloned().unwrap_or_default()
    }

    /// Forgets boards that are not known any more.
    pub(crate) fn keep(&self, is_known: impl Fn(&str) -> bool) {
        self.words.write().retain(|board, _| is_known(board.as_str()));
    }

    /// Takes down what a message of a board says of it. What can't be understood is told elsewhere.
    pub(crate) fn hear(&self, board: &Board, what: Up, payload: &[u8], now: Timestamp) {
        let change: Box<dyn FnOnce(&mut Words)> = match what {
            Up::Birth => {
                let Ok(birth) = decode::<Birth<'_>>(payload) else { return };
                let birth = BirthWords {
                    at: now,
                    boot: birth.boot,
                    firmware: birth.firmware.to_owned(),
                    hardware: birth.hardware.to_owned(),
                    reset: birth.reset.to_owned(),
                    config: birth.config,
                };
                self.tell(Voice::Birth(board.device.clone(), birth.firmware.clone()));
                Box::new(move |words| {
                    // Counted since a start: what was told of an earlier one says nothing of this.
                    if words.birth.as_ref().is_some_and(|old| old.boot != birth.boot) {
                        words.health = None;
                    }
                    words.config_error = None;
                    words.birth = Some(birth);
                })
            }
            Up::Health => {
                let Ok(health) = decode::<Health<'_>>(payload) else { return };
                let panic = health.panic.map(|said| (now, said.to_owned()));
                let health = HealthWords {
                    at: now,
                    crashes: health.crashes,
                    safe: health.safe,
                    dropped: health.dropped,
                    dips: health.dips,
                    temperature_dc: health.temperature_dc,
                    flash: health.flash,
                    garbled: health.garbled,
                };
                Box::new(move |words| {
                    words.health = Some(health);
                    words.panic = panic.or(words.panic.take());
                })
            }
            Up::ConfigAck => {
                let Ok(ack) = decode::<ConfigAck<'_>>(payload) else { return };
                let (revision, error) = (ack.revision, ack.error.map(str::to_owned));
                // A list of reads is acknowledged by its own revision.
                if revision == board.beside.list().revision {
                    let mut words = self.words.write();
                    words.entry(board.device.clone()).or_default().list_error = error;
                    return;
                }
                // One of which not even that could be read is refused as 0.
                let is_unread = revision == 0 && error.is_some();
                if revision != board.config().revision && !is_unread {
                    return;
                }
                Box::new(move |words| {
                    if let (None, Some(birth)) = (&error, &mut words.birth) {
                        birth.config = revision;
                    }
                    words.config_error = error;
                })
            }
            Up::Update => {
                let Ok(update) = decode::<Update<'_>>(payload) else { return };
                let words = UpdateWords {
                    version: update.version.to_owned(),
                    state: update.state,
                    offset: update.offset,
                    length: update.length,
                    error: update.error.map(str::to_owned),
                };
                return self.tell(Voice::Update(board.device.clone(), words));
            }
            _ => return,
        };
        change(self.words.write().entry(board.device.clone()).or_default());
    }

    fn tell(&self, voice: Voice) {
        // Nobody may care.
        let _ = self.voices.send(voice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        Board::new("lift-1".into(), vec![])
    }

    fn birth(boot: u32, reset: &str) -> String {
        format!(
            r#"{{"v":1,"boot":{boot},"firmware":"1.4.2","hardware":"w5500-evb-pico","reset":"{reset}","config":0,"inputs":["idle"]}}"#
        )
    }

    #[test]
    fn last_words_outlive_the_next_start_and_counts_do_not() {
        let (roll, board) = (Roll::default(), board());
        let at = |second: i64| Timestamp::from_millis(1_800_000_000_000 + second * 1_000);
        let hear = |what, payload: &str, second| {
            roll.hear(&board, what, payload.as_bytes(), at(second));
            roll.words(&board.device)
        };
        assert_eq!(roll.words(&board.device), Words::default());
        hear(Up::Birth, &birth(7, "panic"), 1);
        let health = r#"{"v":1,"boot":7,"crashes":1,"safe":false,"panic":"link.rs:41: gone","dropped":0,"dips":2,"temperature_dc":415,"flash":true,"garbled":4}"#;
        let words = hear(Up::Health, health, 2);
        assert_eq!(words.birth.unwrap().reset, "panic");
        let health = words.health.unwrap();
        assert_eq!((health.dips, health.flash, health.garbled), (2, true, 4));
        assert_eq!(words.panic, Some((at(2), "link.rs:41: gone".into())));
        // The same start once more, after a lost connection: its counts still hold.
        assert!(hear(Up::Birth, &birth(7, "panic"), 3).health.is_some());
        let words = hear(Up::Birth, &birth(8, "power"), 4);
        assert_eq!((words.health, words.birth.unwrap().reset.as_str()), (None, "power"));
        assert_eq!(words.panic, Some((at(2), "link.rs:41: gone".into())), "kept");
        roll.keep(|name| name == "another");
        assert_eq!(roll.words(&board.device), Words::default());
    }

    #[test]
    fn a_board_runs_by_the_configuration_that_it_acknowledged() {
        let (roll, board) = (Roll::default(), board());
        let revision = board.config().revision;
        let now = Timestamp::from_millis(0);
        let ack = |revision: u32, error: &str| {
            let payload = format!(r#"{{"v":1,"revision":{revision},"error":{error}}}"#);
            roll.hear(&board, Up::ConfigAck, payload.as_bytes(), now);
            let words = roll.words(&board.device);
            (words.birth.unwrap().config, words.config_error)
        };
        roll.hear(&board, Up::Birth, birth(1, "power").as_bytes(), now);
        assert_eq!(ack(revision, "\"no input 9\""), (0, Some("no input 9".into())));
        assert_eq!(ack(revision.wrapping_add(1), "null").0, 0, "of a list of reads");
        assert_eq!(ack(0, "\"too long\""), (0, Some("too long".into())));
        assert_eq!(ack(0, "null").1, Some("too long".into()), "nobody takes 0");
        assert_eq!(ack(revision, "null"), (revision, None));
    }
}
