//! All devices that are announced now. Whoever may publish may announce, so what is kept has an end:
//! what does not fit is counted, and what is there stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_core::time::Timestamp;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    announcement::{self, Announced},
    offer::Offer,
};
use crate::{adapter::Poison, filter::covers};

/// Messages that are kept: a thousand devices with what belongs to each.
const MAX_MESSAGES: usize = 8_000;
/// Of all of them together, in bytes as they came.
const MAX_BYTES: usize = 8 << 20;
/// The largest that is looked at, in bytes: one for a whole device with all of its components.
const MAX_MESSAGE: usize = 64 << 10;
/// The longest topic of one, in bytes.
const MAX_TOPIC: usize = 256;
/// Node ids that begin so are a gateway's own announcements, this one's or another's: taking them in
/// would close a circle.
pub const OWN_NODES: &str = "gengfu_";
/// What is announced of this kind is listened to.
const COMPONENTS: [&str; 3] = ["binary_sensor", "sensor", "device"];
/// Where Home Assistant says that it is there, below the prefix.
const STATUS: &str = "status";

/// What is listened to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The first level of Home Assistant's topics, as `homeassistant`.
    pub prefix: String,
    /// Devices that announce themselves.
    pub devices: bool,
    /// Home Assistant itself, as it comes.
    pub births: bool,
}

/// All that is announced now; copies share it.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Kept>,
    /// How often Home Assistant or the broker came.
    births: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    wanted: Wanted,
    /// By topic.
    messages: BTreeMap<String, Message>,
    bytes: usize,
    refused: u64,
}

#[derive(Debug)]
struct Message {
    announced: Announced,
    seen: Timestamp,
    bytes: usize,
}

impl Catalogue {
    /// Listens to this from now on; what is not wanted any more is forgotten.
    pub fn listen(&self, wanted: Wanted) {
        let mut kept = self.0.kept.lock();
        if kept.wanted == wanted {
            return;
        }
        if !wanted.devices || kept.wanted.prefix != wanted.prefix {
            kept.messages.clear();
            kept.bytes = 0;
        }
        kept.wanted = wanted;
    }

    /// True if devices that announce themselves are listened to.
    pub fn is_open(&self) -> bool {
        self.0.kept.lock().wanted.devices
    }

    /// The topics that are listened to.
    pub fn filters(&self) -> Vec<String> {
        let Wanted { prefix, devices, births } = &self.0.kept.lock().wanted;
        let mut filters = vec![];
        if *devices {
            for component in COMPONENTS {
                filters.push(format!("{prefix}/{component}/+/config"));
                filters.push(format!("{prefix}/{component}/+/+/config"));
            }
        }
        if *births {
            filters.push(format!("{prefix}/{STATUS}"));
        }
        filters
    }

    /// Takes a message; none where its topic is nothing of this.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn take(
        &self,
        topic: &str,
        payload: &[u8],
        now: Timestamp,
    ) -> Option<Result<(), Poison>> {
        // Asked for every message: what is surely none of these is not looked at closely.
        if !topic.starts_with(self.0.kept.lock().wanted.prefix.as_str())
            || !self.filters().iter().any(|filter| covers(filter, topic))
        {
            return None;
        }
        let mut kept = self.0.kept.lock();
        let inner = topic.strip_prefix(kept.wanted.prefix.as_str())?.strip_prefix('/')?;
        if inner == STATUS {
            drop(kept);
            if payload == b"online" {
                self.note_birth();
            }
            return Some(Ok(()));
        }
        let (component, name) = inner.split_once('/')?;
        if name.starts_with(OWN_NODES) {
            return Some(Ok(()));
        }
        kept.remove(topic);
        if payload.is_empty() {
            return Some(Ok(()));
        }
        let wrong = |why: String| Some(Err(Poison::Garbled(format!("an announcement: {why}"))));
        if payload.len() > MAX_MESSAGE || topic.len() > MAX_TOPIC {
            return wrong(format!("{} bytes are too many", payload.len()));
        }
        match announcement::read(component, topic, payload) {
            Err(why) => return wrong(why),
            // Nothing of it is taken over.
            Ok(announced) if announced.parts.is_empty() => {}
            Ok(announced) => {
                let bytes = payload.len() + topic.len();
                if kept.messages.len() >= MAX_MESSAGES || kept.bytes + bytes > MAX_BYTES {
                    kept.refused += 1;
                    return Some(Ok(()));
                }
                kept.bytes += bytes;
                kept.messages.insert(topic.into(), Message { announced, seen: now, bytes });
            }
        }
        Some(Ok(()))
    }

    /// All devices that are announced now, by their ids.
    pub fn offers(&self) -> Vec<Offer> {
        let kept = self.0.kept.lock();
        let mut devices: BTreeMap<&str, Vec<(&Announced, Timestamp)>> = BTreeMap::new();
        for message in kept.messages.values() {
            let key = message.announced.about.key.as_str();
            devices.entry(key).or_default().push((&message.announced, message.seen));
        }
        let shared = kept.shared_signs();
        devices.into_values().map(|messages| Offer::new(messages.into_iter(), &shared)).collect()
    }

    /// One of them.
    pub fn offer(&self, id: &str) -> Option<Offer> {
        let kept = self.0.kept.lock();
        let mut its = kept
            .messages
            .values()
            .filter(|message| message.announced.about.key == id)
            .map(|message| (&message.announced, message.seen))
            .peekable();
        its.peek()?;
        Some(Offer::new(its, &kept.shared_signs()))
    }

    /// How many announcements found no room.
    pub fn refused(&self) -> u64 {
        self.0.kept.lock().refused
    }

    /// Home Assistant came, or the broker did: what stands there is to be told again.
    pub(crate) fn note_birth(&self) {
        self.0.births.send_modify(|count| *count += 1);
    }

    /// Rises whenever Home Assistant or the broker comes: what stands there is told again then.
    pub fn births(&self) -> watch::Receiver<u64> {
        self.0.births.subscribe()
    }
}

impl Kept {
    /// The topics by which more than one device is said to be there.
    fn shared_signs(&self) -> BTreeSet<&str> {
        let mut told_of: BTreeMap<&str, &str> = BTreeMap::new();
        let mut shared = BTreeSet::new();
        for Message { announced, .. } in self.messages.values() {
            let key = announced.about.key.as_str();
            for sign in announced.parts.iter().flat_map(|part| &part.presence.signs) {
                if *told_of.entry(&sign.topic).or_insert(key) != key {
                    shared.insert(sign.topic.as_str());
                }
            }
        }
        shared
    }

    fn remove(&mut self, topic: &str) {
        if let Some(message) = self.messages.remove(topic) {
            self.bytes -= message.bytes;
        }
    }
}
