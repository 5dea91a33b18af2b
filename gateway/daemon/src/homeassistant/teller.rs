//! Keeps what stands at the broker as it is to be.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use gengfu_core::state::State;
use gengfu_field::{adapter::Publication, discovery::Catalogue, mqtt::Outbound};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{
    kept::Kept,
    shown::{Shown, Site},
};
use crate::{gateway::Running, published::Published};

/// Changes that follow each other closely are told together.
const GATHER: Duration = Duration::from_millis(200);
/// What is announced is looked at this often, besides at each change of the devices.
const LOOK: Duration = Duration::from_secs(5);
/// At once handed to the connection, which has room for 2,048: receipts and outputs find theirs.
const AT_ONCE: usize = 200;
/// Then, so much later, the next.
const PAUSE: Duration = Duration::from_millis(100);

/// Shows the site for as long as the gateway runs.
pub async fn run(
    running: Weak<Running>,
    published: Arc<Published>,
    found: Catalogue,
    outbound: Outbound,
    folder: PathBuf,
) {
    let (mut changes, mut comes) = (published.changes(), found.births());
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut teller = Teller { kept: Kept::open(&folder), told: Shown::new(), configs: None };
    loop {
        let is_look = tokio::select! {
            changed = changes.changed() => {
                if changed.is_err() {
                    return;
                }
                false
            }
            come = comes.changed() => {
                if come.is_err() {
                    return;
                }
                // Home Assistant came, or the broker: it may know nothing any more.
                teller.told.clear();
                true
            }
            _ = look.tick() => true,
        };
        sleep(GATHER).await;
        let (publish, prefix) = {
            let Some(running) = running.upgrade() else { return };
            let config = running.config.read();
            (config.homeassistant.publish, config.homeassistant.prefix.clone())
        };
        if !publish && teller.kept.topics().is_empty() || !outbound.is_connected() {
            continue;
        }
        let state = published.state();
        let wanted = if publish { teller.wanted(&state, &prefix, is_look) } else { Shown::new() };
        if let Err(error) = teller.kept.add(wanted.keys()) {
            tracing::warn!(%error, "what Home Assistant is shown can't be noted, so nothing is shown");
            continue;
        }
        while teller.tell(&wanted, &outbound) {
            sleep(PAUSE).await;
        }
    }
}

struct Teller {
    kept: Kept,
    /// What was handed to the connection since the broker, or Home Assistant, came.
    told: Shown,
    /// What is announced, and of which devices it was made.
    configs: Option<(State, String, Shown)>,
}

impl Teller {
    fn wanted(&mut self, state: &State, prefix: &str, is_look: bool) -> Shown {
        let site = Site { state, prefix };
        let is_known = |(of, with, _): &(State, String, Shown)| {
            Arc::ptr_eq(&of.wiring, &state.wiring)
                && of.boards.ptr_eq(&state.boards)
                && with == prefix
        };
        let known = self.configs.take().filter(|known| !is_look && is_known(known));
        let known = known.unwrap_or_else(|| (state.clone(), prefix.to_owned(), site.configs()));
        let (_, _, configs) = self.configs.insert(known);
        let mut all = configs.clone();
        all.extend(site.values());
        all
    }

    /// Tells a part of it; true where there is more.
    fn tell(&mut self, wanted: &Shown, outbound: &Outbound) -> bool {
        let mut left = AT_ONCE;
        let mut say = |topic: &String, payload: &[u8], at_least_once: bool| {
            if left == 0 {
                return false;
            }
            left -= 1;
            outbound.try_publish(Publication {
                topic: topic.clone(),
                payload: payload.to_vec(),
                retain: true,
                at_least_once,
            })
        };
        let gone = self.kept.topics().iter().filter(|topic| !wanted.contains_key(*topic));
        let gone: Vec<String> = gone.take_while(|topic| say(topic, b"", true)).cloned().collect();
        for topic in &gone {
            self.told.remove(topic);
        }
        if let Err(error) = self.kept.remove(&gone) {
            tracing::warn!(%error, "what Home Assistant is shown no more can't be noted");
        }
        for (topic, payload) in wanted {
            if self.told.get(topic) == Some(payload) {
                continue;
            }
            if !say(topic, payload.as_bytes(), false) {
                return outbound.is_connected();
            }
            self.told.insert(topic.clone(), payload.clone());
        }
        left == 0 && outbound.is_connected()
    }
}
