//! Which topic belongs to which device. Live: a board that is added is heard at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_core::{id::DeviceId, time::Timestamp};
use gengfu_wire::topic::{self, Up};
use parking_lot::RwLock;

use super::{births::Births, share::Share};
use crate::{
    adapter::{
        Poison, Publication, Understood,
        board::Board,
        json::JsonDevice,
        roll::Roll,
        sparkplug::{self, Nodes, SparkplugDevice},
    },
    discovery::Catalogue,
    filter::{covers, is_pattern},
    picture::Shelf,
};

/// All devices that speak MQTT; copies share one list.
#[derive(Debug, Clone)]
pub struct Routes {
    site: Arc<str>,
    /// Boards speak there. They do so at the main broker alone: what another one says in their name
    /// is nobody's word.
    has_boards: bool,
    known: Arc<RwLock<Known>>,
    nodes: Nodes,
    roll: Roll,
    /// Boards that have just come.
    births: Births,
    /// Where cameras publish their pictures: the filter, and which camera's they are.
    cameras: Arc<RwLock<BTreeMap<String, String>>>,
    pictures: Shelf,
    /// Devices that announce themselves.
    found: Catalogue,
}

#[derive(Debug, Default)]
struct Known {
    boards: BTreeMap<String, Arc<Board>>,
    /// By topic, or by a pattern of topics.
    json: BTreeMap<String, Vec<Arc<JsonDevice>>>,
    /// Those of its keys that are patterns.
    patterns: Vec<String>,
}

impl Known {
    /// Every device, perhaps more than once.
    fn all(&self) -> impl Iterator<Item = &Arc<JsonDevice>> {
        self.json.values().flatten()
    }

    /// True if an alarm may come of what is said there by devices that speak JSON.
    fn calls(&self, filter: &str) -> bool {
        self.json.get(filter).is_some_and(|devices| devices.iter().any(|device| device.calls))
    }

    /// The devices that publish on this topic to a session, each once.
    fn devices(&self, share: Share, topic: &str) -> Vec<Arc<JsonDevice>> {
        let here = |filter: &str| self.json.get(filter).filter(|_| share.takes(self.calls(filter)));
        let mut found = here(topic).cloned().unwrap_or_default();
        let patterns = self.patterns.iter().filter(|pattern| covers(pattern, topic));
        for device in patterns.filter_map(|pattern| here(pattern)).flatten() {
            if !found.iter().any(|other| Arc::ptr_eq(other, device)) {
                found.push(device.clone());
            }
        }
        found
    }
}

impl Routes {
    /// No devices yet.
    pub fn new(site: &str) -> Self {
        Self {
            site: site.into(),
            has_boards: true,
            known: Arc::default(),
            nodes: Nodes::default(),
            births: Births::default(),
            roll: Roll::default(),
            cameras: Arc::default(),
            pictures: Shelf::default(),
            found: Catalogue::default(),
        }
    }

    /// The same for a broker at which no boards are.
    pub fn without_boards(site: &str) -> Self {
        Self { has_boards: false, ..Self::new(site) }
    }

    /// What boards said last of themselves.
    pub fn roll(&self) -> &Roll {
        &self.roll
    }

    /// Devices that announce themselves.
    pub fn found(&self) -> &Catalogue {
        &self.found
    }

    /// Replaces all of them. Returns the topics of those that are new or changed, in the order in
    /// which they are to be subscribed to.
    pub fn set(&self, boards: Vec<Board>, json: Vec<JsonDevice>) -> Vec<String> {
        let mut known = Known::default();
        let before: BTreeMap<DeviceId, Arc<JsonDevice>> =
            self.known.read().all().map(|device| (device.device.clone(), device.clone())).collect();
        let mut new = BTreeSet::new();
        for board in boards {
            known.boards.insert(board.device.to_string(), Arc::new(board));
        }
        for device in share_out(json) {
            // One that stays as it is goes on knowing who said that it is there.
            let device = match before.get(&device.device) {
                Some(old) if **old == device => old.clone(),
                _ => {
                    new.extend(device.topics());
                    Arc::new(device)
                }
            };
            for topic in device.topics() {
                known.json.entry(topic).or_default().push(device.clone());
            }
        }
        known.patterns = known.json.keys().filter(|topic| is_pattern(topic)).cloned().collect();
        self.roll.keep(|board| known.boards.contains_key(board));
        let before = std::mem::replace(&mut *self.known.write(), known);
        // What goes to the other session from now on has to be subscribed to there.
        let known = self.known.read();
        let moved = |filter: &&String| {
            before.json.contains_key(*filter) && before.calls(filter) != known.calls(filter)
        };
        new.extend(known.json.keys().filter(moved).cloned());
        drop(known);
        let mut new: Vec<String> = new.into_iter().collect();
        new.sort_by_key(|filter| self.tells_presence(filter));
        new
    }

    /// True if it is said there whether a device is there at all: that is heard after all values.
    pub(super) fn tells_presence(&self, filter: &str) -> bool {
        let known = self.known.read();
        known.json.get(filter).is_some_and(|all| all.iter().any(|d| d.is_told_on(filter)))
    }

    /// Replaces the cameras that publish their pictures: by filter, the camera's name.
    pub fn set_cameras(&self, cameras: BTreeMap<String, String>) {
        *self.cameras.write() = cameras;
    }

    /// Where pictures go.
    pub fn pictures(&self) -> &Shelf {
        &self.pictures
    }

    /// The camera that publishes a picture there.
    pub(super) fn camera(&self, topic: &str) -> Option<String> {
        let cameras = self.cameras.read();
        cameras.iter().find(|(filter, _)| covers(filter, topic)).map(|(_, name)| name.clone())
    }

    /// Replaces all devices that speak Sparkplug B.
    pub fn set_sparkplug(&self, devices: Vec<SparkplugDevice>) {
        self.nodes.set(devices);
    }

    /// What is to be said on every new connection: edge nodes are asked who they are.
    pub fn greetings(&self, now: Timestamp) -> Vec<Publication> {
        self.nodes.greet(now)
    }

    /// What is to be said to nodes that were added while connected.
    pub fn introductions(&self, now: Timestamp) -> Vec<Publication> {
        self.nodes.introduce(now)
    }

    /// The subscription that a message on this topic came by, if it is not the topic itself.
    pub(super) fn subscription(topic: &str) -> String {
        sparkplug::filter_over(topic).unwrap_or_else(|| topic.to_owned())
    }

    /// What is subscribed to: all boards by one filter, every other topic by itself.
    pub fn filters(&self) -> BTreeSet<String> {
        let mut filters: BTreeSet<String> = self.known.read().json.keys().cloned().collect();
        filters.extend(self.cameras.read().keys().cloned());
        filters.extend(self.boards_filter());
        filters.extend(self.found.filters());
        filters.extend(self.nodes.filters());
        filters
    }

    /// The filter of all boards.
    pub(super) fn boards_filter(&self) -> Option<String> {
        let filter = self.has_boards.then(|| topic::every_board(&self.site)).flatten();
        filter.map(|t| t.as_str().to_owned())
    }

    /// Those of [`Self::filters`] that one session subscribes to.
    pub(super) fn filters_of(&self, share: Share) -> BTreeSet<String> {
        let mut filters = self.filters();
        filters.retain(|filter| share.takes(self.calls(filter)));
        filters
    }

    /// True if an alarm may come of what is said there: such a filter belongs to the session for alarms.
    pub(super) fn calls(&self, filter: &str) -> bool {
        self.boards_filter().is_some_and(|boards| boards == filter)
            || self.nodes.filters().iter().any(|nodes| nodes == filter)
            || self.known.read().calls(filter)
    }

    /// True if this is still one of [`Self::filters`], and the session's.
    pub(super) fn wants(&self, share: Share, filter: &str) -> bool {
        share.takes(self.calls(filter)) && self.is_filter(filter)
    }

    fn is_filter(&self, filter: &str) -> bool {
        self.known.read().json.contains_key(filter)
            || self.cameras.read().contains_key(filter)
            || self.boards_filter().is_some_and(|boards| boards == filter)
            || self.found.filters().iter().any(|found| found == filter)
            || self.nodes.filters().iter().any(|nodes| nodes == filter)
    }

    /// The configuration of every board, and what it is to read beside it, to be retained.
    pub fn configs(&self) -> Vec<Publication> {
        self.boards().iter().flat_map(|board| board.retained(&self.site)).collect()
    }

    /// Every board, by name.
    pub fn boards(&self) -> Vec<Arc<Board>> {
        self.known.read().boards.values().cloned().collect()
    }

    /// A board by its name.
    pub fn board(&self, name: &str) -> Option<Arc<Board>> {
        self.known.read().boards.get(name).cloned()
    }

    /// Boards that have just come.
    pub fn births(&self) -> &Births {
        &self.births
    }

    /// The site that these devices are in.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// What a message means.
    ///
    /// # Errors
    /// Where no device publishes there, or nothing of it can be understood.
    pub fn read(
        &self,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Result<Understood, Poison> {
        self.read_of(Share::All, topic, payload, retained, now)
    }

    /// What a message that came to one session means.
    pub(super) fn read_of(
        &self,
        share: Share,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Result<Understood, Poison> {
        if let Some((name, what)) = topic::parse_up(&self.site, topic).filter(|_| self.has_boards) {
            let board = self.board(name).ok_or(Poison::Unknown)?;
            let understood = board.read(&self.site, what, payload, retained, now)?;
            self.roll.hear(&board, what, payload, now);
            if what == Up::Birth {
                self.births.note(board.device.clone());
            }
            return Ok(understood);
        }
        if let Some(taken) = self.found.take(topic, payload, now) {
            return taken.map(|()| Understood::default());
        }
        if let Some(read) = self.nodes.read(topic, payload, retained, now) {
            return read;
        }
        let known = self.known.read();
        let mut devices = known.devices(share, topic);
        if devices.is_empty() {
            // It moves to the other session at this moment: better heard twice than not at all.
            devices = known.devices(Share::All, topic);
        }
        drop(known);
        if devices.is_empty() {
            let is_board_s = self.boards_filter().is_some_and(|boards| covers(&boards, topic));
            return Err(if is_board_s { Poison::Unknown } else { Poison::Left });
        }
        let mut all = Understood::default();
        for device in devices {
            match device.read(topic, payload, retained, now) {
                Ok(understood) => {
                    all.inputs.extend(understood.inputs);
                    all.then.extend(understood.then);
                    all.numbers.extend(understood.numbers);
                }
                Err(why) => all.set_aside = Some(why),
            }
        }
        Ok(all)
    }
}

/// Devices that share a topic are heard in the same session, so that what is said there stays in order:
/// an alarm may come of all of them if it may of one.
fn share_out(mut devices: Vec<JsonDevice>) -> Vec<JsonDevice> {
    loop {
        let topics = |calls: bool| {
            let those = devices.iter().filter(move |device| device.calls == calls);
            those.flat_map(JsonDevice::topics)
        };
        let called: BTreeSet<String> = topics(true).collect();
        if !topics(false).any(|topic| called.contains(&topic)) {
            return devices;
        }
        for device in &mut devices {
            device.calls |= device.topics().iter().any(|topic| called.contains(topic));
        }
    }
}
