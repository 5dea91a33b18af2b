//! The further brokers, beside the main one: each with a session, a back-off and routes of its own, so
//! that one that is away is in nobody's way.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, anyhow};
use gengfu_core::id::DeviceId;
use gengfu_field::{
    adapter::{json::JsonDevice, presence::Presence, recent::Recent, sparkplug::SparkplugDevice},
    lane::{IsWatched, Lanes},
    mqtt::{MqttSettings, MqttSource, Routes},
    profile::Source,
};

use crate::{
    config::{Config, broker::Outside, device::Way},
    engine::now,
};

/// All of them by name.
pub struct Brokers {
    all: BTreeMap<String, Further>,
    lanes: Lanes,
    is_watched: IsWatched,
}

/// One of them.
pub struct Further {
    /// Which topic belongs to which device there.
    pub routes: Routes,
    /// The session there, with what it was started from; none while a file of it can't be read.
    session: Option<(MqttSettings, MqttSource)>,
}

impl Further {
    /// The session there.
    pub fn source(&self) -> Option<&MqttSource> {
        self.session.as_ref().map(|(_, source)| source)
    }
}

impl Brokers {
    /// None yet.
    pub fn new(lanes: Lanes, is_watched: IsWatched) -> Self {
        Self { all: BTreeMap::new(), lanes, is_watched }
    }

    /// Takes over what the configuration says: brokers come and go, and what stays as it was is not
    /// interrupted. The session at one that is gone is ended there, so that nothing is kept for it.
    pub async fn set(&mut self, config: &Config, callers: &BTreeSet<DeviceId>) {
        let wanted = &config.mqtt.further;
        let gone: Vec<String> =
            self.all.keys().filter(|name| !wanted.contains_key(*name)).cloned().collect();
        for name in gone {
            if let Some((_, source)) = self.all.remove(&name).and_then(|broker| broker.session) {
                source.forget().await;
            }
        }
        for (name, outside) in wanted {
            let broker = self.all.entry(name.clone()).or_insert_with(|| Further {
                routes: Routes::without_boards(config.site.id.as_str()),
                session: None,
            });
            let settings = match settings(outside, client_id(config)) {
                Ok(settings) => settings,
                Err(error) => {
                    tracing::error!(broker = name, "the broker stays as it was: {error:#}");
                    continue;
                }
            };
            let before = broker.routes.filters();
            let new = broker.routes.set(vec![], json(config, Some(name), callers));
            broker.routes.set_sparkplug(sparkplug(config, Some(name)));
            match broker.session.take() {
                Some((old, source)) if old == settings => {
                    subscribe_anew(&before, new, &broker.routes, &source).await;
                    broker.session = Some((old, source));
                    continue;
                }
                // Another server, or another name there: nobody comes back to that session.
                Some((old, source)) if (&old.host, old.port) != (&settings.host, settings.port) => {
                    source.forget().await;
                }
                Some((_, source)) => source.stop().await,
                None => {}
            }
            let (routes, lanes) = (broker.routes.clone(), self.lanes.clone());
            match MqttSource::start(&settings, routes, lanes, self.is_watched.clone()) {
                Ok(source) => broker.session = Some((settings, source)),
                Err(error) => tracing::error!(broker = name, %error, "the broker can't be used"),
            }
        }
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Further> {
        self.all.get(name)
    }

    /// Which there are, and whether each is there.
    pub fn connected(&self) -> impl Iterator<Item = (&str, bool)> {
        self.all.iter().map(|(name, broker)| {
            (name.as_str(), broker.source().is_some_and(MqttSource::is_connected))
        })
    }

    /// Their counters, in the Prometheus text format's names, each with its broker.
    pub fn counters(&self) -> Vec<(String, u64)> {
        let label =
            |counter: &str, name: &str| format!("gengfu_mqtt_{counter}{{broker=\"{name}\"}}");
        let not_understood = self.all.iter().filter_map(|(name, broker)| {
            let count = broker.source()?.quarantine.count();
            Some((label("not_understood_total", name), count))
        });
        let connected =
            self.connected().map(|(name, is)| (label("connected", name), u64::from(is)));
        not_understood.chain(connected).collect()
    }

    /// Leaves all of them at once; their sessions stay.
    pub async fn stop(self) {
        let sources = self.all.into_values().filter_map(|broker| broker.session);
        futures::future::join_all(sources.map(|(_, source)| source.stop())).await;
    }
}

/// Subscribes to what the routes have and did not have before, and leaves what they have no more: of a
/// pattern that nobody listens to any more, each message would come all the same.
/// `new` are the topics of devices that are new or changed, in the order in which what was retained there
/// is to come.
pub async fn subscribe_anew(
    before: &BTreeSet<String>,
    new: Vec<String>,
    routes: &Routes,
    source: &MqttSource,
) {
    let now_wanted = routes.filters();
    let others = now_wanted.difference(before).filter(|filter| !new.contains(filter)).cloned();
    for filter in others.chain(new.iter().cloned()) {
        if source.outbound.subscribe(&filter).await.is_err() {
            tracing::error!(filter, "a new topic could not be subscribed to");
        }
    }
    for filter in before.difference(&now_wanted) {
        if source.outbound.leave(filter).await.is_err() {
            return;
        }
    }
    for publication in routes.introductions(now()) {
        if source.outbound.publish(publication).await.is_err() {
            return;
        }
    }
}

/// The devices that speak JSON at a further broker, or at the main one; an alarm may come of `callers`.
pub fn json(config: &Config, at: Option<&str>, callers: &BTreeSet<DeviceId>) -> Vec<JsonDevice> {
    let device =
        |(id, link): (&DeviceId, &crate::config::device::Link)| match (&link.way, &link.source) {
            (Way::Json { broker, topic }, Source::Json { points, availability, dedupe })
                if broker.as_deref() == at =>
            {
                Some(JsonDevice {
                    device: Clone::clone(id),
                    base: topic.clone(),
                    points: points.clone(),
                    availability: availability.clone(),
                    presence: Presence::default(),
                    recent: dedupe.as_deref().map(Recent::new),
                    calls: callers.contains(id),
                })
            }
            _ => None,
        };
    config.links.iter().filter_map(device).collect()
}

/// The devices that speak Sparkplug B at a further broker, or at the main one.
pub fn sparkplug(config: &Config, at: Option<&str>) -> Vec<SparkplugDevice> {
    let device = |(id, link): (&_, &crate::config::device::Link)| match (&link.way, &link.source) {
        (Way::Sparkplug { broker, group, node, member }, Source::Sparkplug { points })
            if broker.as_deref() == at =>
        {
            Some(SparkplugDevice {
                device: Clone::clone(id),
                group: group.clone(),
                node: node.clone(),
                member: member.clone(),
                points: points.clone(),
            })
        }
        _ => None,
    };
    config.links.iter().filter_map(device).collect()
}

/// The gateway's own name at every broker: the same at every start, so that its session is found again.
pub fn client_id(config: &Config) -> String {
    format!("gengfu-{}", config.site.id)
}

/// Its name in the built-in broker's session for telemetry.
pub fn telemetry_id(config: &Config) -> String {
    format!("{}-telemetry", client_id(config))
}

/// How a broker outside is reached, with what its files hold now.
///
/// # Errors
/// Where a file can't be read.
pub fn settings(outside: &Outside, client_id: String) -> anyhow::Result<MqttSettings> {
    let url = &outside.url;
    let host = url.host_str().ok_or_else(|| anyhow!("{url} names no host"))?;
    let password = outside.password_file.as_deref().map(secret).transpose()?.unwrap_or_default();
    Ok(MqttSettings {
        // An IPv6 address stands in brackets in a URL alone.
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(if outside.is_secure() { 8883 } else { 1883 }),
        client_id,
        login: outside.user.clone().map(|user| (user, password)),
        // Many a broker makes the user's name the client id, and has room for one session of it.
        telemetry: None,
        tls: outside.tls().map_err(|error| anyhow!(error))?,
        will: None,
    })
}

/// What a secret file holds.
///
/// # Errors
/// Where it can't be read.
pub fn secret(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} can't be read", path.display()))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
