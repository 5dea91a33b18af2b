//! All edge nodes that something is set up of, at one broker. What is known of a node outlives a change
//! of the configuration.

use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::time::Timestamp;
use parking_lot::Mutex;
use prost::Message as _;

use super::{MAX_PAYLOAD, SparkplugDevice, node::Node, payload::Payload, topic};
use crate::adapter::{Poison, Publication, Understood};

/// The nodes by group and name; copies share them.
#[derive(Debug, Clone, Default)]
pub struct Nodes(Arc<Mutex<BTreeMap<(String, String), Node>>>);

impl Nodes {
    /// Replaces the devices. What is known of a node that stays is kept.
    pub fn set(&self, devices: Vec<SparkplugDevice>) {
        let mut nodes = self.0.lock();
        let mut old = std::mem::take(&mut *nodes);
        for device in devices {
            let key = (device.group.clone(), device.node.clone());
            let node = nodes.entry(key).or_insert_with_key(|key| {
                let mut node = old.remove(key).unwrap_or_else(|| Node::new(&key.0, &key.1));
                node.devices.clear();
                node
            });
            node.devices.push(device);
        }
    }

    /// What is subscribed to.
    pub fn filters(&self) -> Vec<String> {
        self.0.lock().keys().map(|(group, node)| topic::filter(group, node)).collect()
    }

    /// What is said to the nodes on a new connection.
    pub fn greet(&self, now: Timestamp) -> Vec<Publication> {
        self.0.lock().values_mut().filter_map(|node| node.greet(now)).collect()
    }

    /// What is said to nodes that are new, or did not answer yet.
    pub fn introduce(&self, now: Timestamp) -> Vec<Publication> {
        self.0.lock().values_mut().filter_map(|node| node.introduce(now)).collect()
    }

    /// What a message means; none where it is from nobody who is set up.
    ///
    /// # Errors
    /// Where it is no Sparkplug B payload.
    pub fn read(
        &self,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Option<Result<Understood, Poison>> {
        let at = topic::parse(topic)?;
        let mut nodes = self.0.lock();
        let node = nodes.get_mut(&(at.group.to_owned(), at.node.to_owned()))?;
        // Nobody retains them, and the order of what is retained says nothing. A command is the
        // gateway's own, or another host's.
        let Some(what) = at.what.filter(|_| !retained) else {
            return Some(Ok(Understood::default()));
        };
        let garbled = |why: String| {
            Some(Err(Poison::Garbled(format!("{}/{} on {topic}: {why}", at.group, at.node))))
        };
        if payload.len() > MAX_PAYLOAD {
            return garbled(format!("{} bytes are too many for a reading", payload.len()));
        }
        match Payload::decode(payload) {
            Ok(payload) => Some(Ok(node.read(at.member, what, &payload, now))),
            Err(error) => garbled(format!("no Sparkplug B payload: {error}")),
        }
    }
}
