//! The field side of a running gateway: its broker, its MQTT session, its buses.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use anyhow::{Context, anyhow};
use gengfu_core::{device::Device, id::DeviceId, state::State};
use gengfu_field::{
    adapter::{Publication, board::Board, json::JsonDevice},
    broker::{Broker, BrokerSettings, reachable},
    credentials::{self, Credentials},
    discovery::{self, Adopted, Wanted},
    lane::{IsWatched, Lanes},
    modbus::{self, BusHandle, BusSettings, Unit},
    mqtt::{MqttSettings, MqttSource, Routes},
    profile::{Expanded, Library, Overrides, Source},
};

use gengfu_web::tls::Identity;

use crate::{
    beside, broker_tls,
    brokers::{self, Brokers, client_id, secret, telemetry_id},
    callers,
    config::{
        self, Config,
        beside::units,
        camera::{self, Camera},
        device::Way,
        modbus::Bus,
    },
    engine::now,
    homeassistant,
    published::Published,
};

/// Everything that reads the building.
pub struct Field {
    /// The embedded broker, unless somebody else's is used.
    pub broker: Option<Broker>,
    /// The session at the main broker.
    pub mqtt: MqttSource,
    /// Which topic belongs to which device there.
    pub routes: Routes,
    /// The further brokers.
    pub brokers: Brokers,
    /// Who may use the embedded broker.
    pub credentials: Credentials,
    /// The buses by name, with what they were started from.
    pub buses: BTreeMap<String, RunningBus>,
    /// What the embedded broker's certificate is renewed with, until somebody takes it to do so.
    pub certificate: Option<Identity>,
    /// What is said before the connection is given up.
    goodbye: Option<Publication>,
    lanes: Lanes,
    is_watched: IsWatched,
}

/// A bus that is being asked.
pub struct RunningBus {
    /// The bus itself.
    pub handle: BusHandle,
    settings: BusSettings,
    units: Vec<Unit>,
}

impl Field {
    /// Starts all of it.
    ///
    /// # Errors
    /// Where a port can't be had, or a file can't be read.
    pub async fn start(
        config: &Config,
        published: Arc<Published>,
        lanes: Lanes,
    ) -> anyhow::Result<Self> {
        let site = config.site.id.as_str();
        let credentials = Credentials::default();
        let (broker, settings, certificate) = broker(config, &credentials).await?;
        let routes = Routes::new(site);
        let state = published.state();
        let callers = callers::of(config, &state);
        set_routes(&routes, &credentials, config, &state, &callers);
        let watched = published.clone();
        let is_watched: IsWatched = Arc::new(move |point| watched.is_watched(point));
        let mqtt = MqttSource::start(&settings, routes.clone(), lanes.clone(), is_watched.clone())?;
        let mut field = Self {
            broker,
            mqtt,
            routes,
            credentials,
            brokers: Brokers::new(lanes.clone(), is_watched.clone()),
            buses: BTreeMap::new(),
            certificate,
            goodbye: config.homeassistant.publish.then(|| offline(config)),
            lanes,
            is_watched,
        };
        field.brokers.set(config, &callers).await;
        field.set_buses(config).await;
        Ok(field)
    }

    /// Takes over a changed configuration: devices come and go, nothing that stays is interrupted.
    pub async fn reload(&mut self, config: &Config, state: &State) {
        let (before, known) = (self.routes.filters(), self.routes.boards());
        let callers = callers::of(config, state);
        let new = set_routes(&self.routes, &self.credentials, config, state, &callers);
        brokers::subscribe_anew(&before, new, &self.routes, &self.mqtt).await;
        let changed = self.routes.boards().into_iter().filter(|board| !known.contains(board));
        for publication in changed.flat_map(|board| board.retained(self.routes.site())) {
            if let Err(error) = self.mqtt.outbound.publish(publication).await {
                tracing::error!(%error, "a board could not be told its configuration");
            }
        }
        self.brokers.set(config, &callers).await;
        self.goodbye = config.homeassistant.publish.then(|| offline(config));
        self.set_buses(config).await;
    }

    /// Takes over devices that were added or removed through the API.
    pub async fn set_boards(&self, config: &Config, state: &State) {
        let callers = callers::of(config, state);
        for filter in set_routes(&self.routes, &self.credentials, config, state, &callers) {
            if self.mqtt.outbound.subscribe(&filter).await.is_err() {
                return;
            }
        }
        for publication in self.routes.configs() {
            if self.mqtt.outbound.publish(publication).await.is_err() {
                return;
            }
        }
    }

    async fn set_buses(&mut self, config: &Config) {
        let mut wanted: BTreeMap<String, (BusSettings, Vec<Unit>)> = BTreeMap::new();
        for (name, bus) in &config.buses {
            // A board's line is the board's to ask.
            let Bus::Line(line) = bus else { continue };
            let settings = BusSettings::on(name, line.clone());
            wanted.insert(name.clone(), (settings, units(config, name)));
        }
        let changed: Vec<String> = self
            .buses
            .iter()
            .filter(|(name, bus)| {
                wanted.get(*name).is_none_or(|(s, u)| *s != bus.settings || *u != bus.units)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in changed {
            if let Some(bus) = self.buses.remove(&name) {
                bus.handle.stop().await;
            }
        }
        for (name, (settings, units)) in wanted {
            // One without units runs too: an installer looks at it before there are any.
            if self.buses.contains_key(&name) {
                continue;
            }
            let handle =
                modbus::start(settings.clone(), units.clone(), &self.lanes, &self.is_watched);
            self.buses.insert(name, RunningBus { handle, settings, units });
        }
    }

    /// Counters of the field side, in the Prometheus text format's names.
    pub fn counters(&self) -> Vec<(String, u64)> {
        let mut all = vec![
            ("gengfu_mqtt_not_understood_total".into(), self.mqtt.quarantine.count()),
            ("gengfu_telemetry_dropped_total".into(), self.lanes.telemetry.dropped()),
            ("gengfu_mqtt_connected".into(), u64::from(self.mqtt.is_connected())),
            (
                "gengfu_mqtt_telemetry_connected".into(),
                u64::from(self.mqtt.outbound.hears_telemetry()),
            ),
            ("gengfu_announcements_refused_total".into(), self.routes.found().refused()),
        ];
        all.extend(self.brokers.counters());
        if let Some(broker) = &self.broker {
            all.push(("gengfu_mqtt_refused_total".into(), broker.refused()));
            let (held, dropped) = broker.over_limit();
            all.push(("gengfu_mqtt_flood_held_total".into(), held));
            all.push(("gengfu_mqtt_flood_dropped_total".into(), dropped));
        }
        for (name, bus) in &self.buses {
            for (counter, value) in bus.handle.counters.snapshot() {
                all.push((format!("gengfu_modbus_{counter}_total{{bus=\"{name}\"}}"), value));
            }
        }
        all
    }

    /// Stops the embedded broker, then leaves all brokers and the buses.
    pub async fn stop(self) {
        if let Some(goodbye) = self.goodbye {
            // Only a connection that is lost leaves its will.
            self.mqtt.outbound.try_publish(goodbye);
        }
        // First, while somebody still decides what it has taken.
        if let Some(broker) = self.broker {
            broker.stop().await;
        }
        tokio::join!(self.mqtt.stop(), self.brokers.stop());
        for bus in self.buses.into_values() {
            bus.handle.stop().await;
        }
    }
}

/// Home Assistant hears that the gateway is gone.
fn offline(config: &Config) -> Publication {
    let topic = homeassistant::status(&config.site.id);
    Publication { topic, payload: b"offline".to_vec(), retain: true, at_least_once: true }
}

async fn broker(
    config: &Config,
    users: &Credentials,
) -> anyhow::Result<(Option<Broker>, MqttSettings, Option<Identity>)> {
    let name = client_id(config);
    match &config.mqtt.broker {
        config::mqtt::Broker::Embedded { listen, tls_listen } => {
            // A password of its own for each start: it is never written down.
            let own = credentials::issue()?;
            users.put_user(&name, &own.verifier, &["#".into()], &["#".into()]);
            for user in &config.mqtt.users {
                let password = secret(&user.password_file)?;
                users.put_user(
                    &user.name,
                    &credentials::verifier(&password)?,
                    &user.publish,
                    &user.subscribe,
                );
            }
            let (tls, certificate, boards) = match tls_listen {
                Some(listen) => {
                    let (identity, shown) = broker_tls::open(config, *listen, now())?;
                    let boards = broker_tls::for_boards(config)?;
                    (Some((*listen, shown)), Some(identity), Some(boards))
                }
                None => (None, None, None),
            };
            let telemetry = telemetry_id(config);
            let settings = BrokerSettings {
                listen: Some(*listen),
                tls,
                boards,
                own: name.clone(),
                telemetry: Some(telemetry.clone()),
            };
            let broker = Broker::start(settings, users.clone()).await?;
            let address = broker.local_addr().context("the broker has no address")?;
            let host = reachable(address).ip().to_string();
            let login = Some((name.clone(), own.password.clone()));
            users.put_user(&telemetry, &own.verifier, &[], &["#".into()]);
            let settings = MqttSettings {
                host,
                port: address.port(),
                client_id: name,
                login,
                telemetry: Some((telemetry.clone(), (telemetry, own.password))),
                tls: None,
                will: None,
            };
            Ok((Some(broker), settings, certificate))
        }
        config::mqtt::Broker::Outside(outside) => {
            let mut settings = brokers::settings(outside, name)?;
            // The embedded broker is gone with the gateway, and all that it holds; this one stays.
            settings.will = config.homeassistant.publish.then(|| offline(config));
            Ok((None, settings, None))
        }
    }
}

/// The devices of the configuration, and those that were added through the API. Returns the topics
/// of those that are new or changed.
fn set_routes(
    routes: &Routes,
    users: &Credentials,
    config: &Config,
    state: &State,
    callers: &BTreeSet<DeviceId>,
) -> Vec<String> {
    let home = &config.homeassistant;
    routes.found().listen(Wanted {
        prefix: home.prefix.clone(),
        devices: home.discover,
        births: home.publish,
    });
    let mut lines = beside::of(config);
    let (mut boards, mut json) = (vec![], brokers::json(config, None, callers));
    let mut known: Vec<DeviceId> = vec![];
    for (id, link) in &config.links {
        if let (Way::Board, Source::Board { inputs, own }) = (&link.way, &link.source) {
            if let Some(file) = &link.password_file {
                admit(users, config, id, file);
                known.push(id.clone());
            }
            let beside = lines.remove(id).unwrap_or_default();
            let (device, inputs, own) = (id.clone(), inputs.clone(), own.clone());
            boards.push(Board { device, inputs, own, beside });
        }
    }
    for board in state.boards.values() {
        match again(&config.profiles, &board.device) {
            Ok(Expanded { device, source: Source::Board { inputs, own }, .. }) => {
                let beside = lines.remove(&device.id).unwrap_or_default();
                boards.push(Board { device: device.id.clone(), inputs, own, beside });
                if let Some(verifier) = &board.verifier {
                    users.put_board(config.site.id.as_str(), device.id.as_str(), verifier);
                    known.push(device.id);
                }
            }
            Ok(Expanded { device, source: Source::Announced { points, presence }, .. }) => {
                // Every topic of it is whole.
                let (base, availability) = (String::new(), String::new());
                let (recent, calls) = (None, callers.contains(&device.id));
                json.push(JsonDevice {
                    device: device.id,
                    calls,
                    base,
                    points,
                    availability,
                    presence,
                    recent,
                });
            }
            Ok(other) => tracing::warn!(device = %other.device.id, "an added device is no board"),
            Err(error) => {
                tracing::error!(device = %board.device.id, %error, "an added board can't be used")
            }
        }
    }
    for board in lines.keys() {
        tracing::warn!(%board, "a bus is the line of this board, and there is no such board");
    }
    let kept = |name: &String| {
        *name == client_id(config)
            || *name == telemetry_id(config)
            || config.mqtt.users.iter().any(|u| u.name == *name)
            || known.iter().any(|id| id.as_str() == name)
    };
    for gone in users.names().into_iter().filter(|name| !kept(name)) {
        users.remove(&gone);
    }
    let new = routes.set(boards, json);
    routes.set_sparkplug(brokers::sparkplug(config, None));
    let camera = |(id, camera): (&String, &Camera)| match &camera.source {
        camera::Source::Frigate(filter) => Some((filter.clone(), id.clone())),
        camera::Source::Snapshot(_) => None,
    };
    routes.set_cameras(config.cameras.iter().filter_map(camera).collect());
    let is_known = |camera: &str| config.cameras.contains_key(camera);
    routes.pictures().keep(config.pictures.max_bytes, is_known);
    new
}

/// Lets a board of the configuration in with the password of its file.
fn admit(users: &Credentials, config: &Config, board: &DeviceId, file: &Path) {
    let site = config.site.id.as_str();
    let admitted = secret(file)
        .and_then(|password| Ok(users.put_board_with(site, board.as_str(), &password)?));
    if let Err(error) = admitted {
        tracing::error!(%board, "the board can't connect: {error:#}");
    }
}

/// Makes an added board of its profile again, as it was made when it was added.
///
/// # Errors
/// Where the profile is gone or says something else now.
pub fn again(profiles: &Library, device: &Device) -> anyhow::Result<Expanded> {
    if device.profile == discovery::PROFILE {
        let adopted = Adopted::from_options(&device.options)?;
        return Ok(adopted.expand(&device.id, &device.name, &device.place)?);
    }
    let profile = profiles
        .get(&device.profile)
        .ok_or_else(|| anyhow!("there is no profile \"{}\" any more", device.profile))?;
    let overrides: Overrides = if device.options.is_empty() {
        Overrides::default()
    } else {
        serde_json::from_str(&device.options)?
    };
    profile.expand(&device.id, &device.name, &device.place, &overrides).map_err(|mistakes| {
        anyhow!(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })
}
