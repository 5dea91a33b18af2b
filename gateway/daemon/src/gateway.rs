//! What the pages ask of the gateway.

use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use gengfu_channel::Settings;
use gengfu_core::{
    device::{Device, Presence},
    event::Event,
    id::{ChannelId, DeviceId, IncidentId, MessageId, PointId},
    incident::By,
    input::{Command, Input},
    notification::receipt::Receipt,
    point::Reading,
    state::State,
    text::{Language, Text},
    time::Timestamp,
};
use gengfu_field::credentials;
use gengfu_field::{discovery::Catalogue, mqtt::Routes};
use gengfu_store::{History, JournalReader, history::Summary};
use gengfu_web::{
    boards::{BoardFileWish, BoardKinds, BoardWords},
    found::{Adoption, Found},
    gateway::{
        ChannelSetup, CommandError, Credential, FileMaker, Gateway, NewDevice, Part, Past,
        PictureFile, Pictures, Push, Step,
    },
    updates::{NewUpdate, UpdateView},
};
use parking_lot::RwLock;
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::{
    boards, cap,
    config::Config,
    deadband::Deadbands,
    engine::{Job, now},
    field::Field,
    found,
    looks::Scans,
    meters::Meters,
    pictures::Cameras,
    published::Published,
    sender::Channels,
    telemetry::{Export, Latest},
    updates::Updates,
};

/// The running gateway, as its pages see it.
pub struct Running {
    /// The configuration in force.
    pub config: Arc<RwLock<Arc<Config>>>,
    /// The durable state.
    pub published: Arc<Published>,
    /// To the engine.
    pub commands: mpsc::Sender<Job>,
    /// The journal, for looking back.
    pub journal: Arc<parking_lot::Mutex<Box<dyn JournalReader>>>,
    /// Telemetry.
    pub history: History,
    /// What it said last.
    pub latest: Latest,
    /// Its copy in InfluxDB.
    pub export: Export,
    /// Cameras, and their pictures.
    pub cameras: Arc<Cameras>,
    /// What of the telemetry is not kept.
    pub deadbands: Deadbands,
    /// Ways of reaching people.
    pub channels: Channels,
    /// The VAPID public key.
    pub vapid: String,
    /// Counters.
    pub meters: Arc<Meters>,
    /// Devices that announce themselves.
    pub found: Catalogue,
    /// Boards, and what they said last of themselves.
    pub routes: Routes,
    /// Firmware for boards.
    pub updates: Updates,
    /// Scans of Modbus buses.
    pub scans: Scans,
    /// The field side, for its counters.
    pub field: Weak<Mutex<Field>>,
}

impl Running {
    async fn ask(&self, input: Input) -> Result<(), CommandError> {
        let (done, answer) = oneshot::channel();
        let sent = self.commands.send(Job { input, done }).await;
        sent.map_err(|_| CommandError::Unavailable)?;
        answer.await.map_err(|_| CommandError::Unavailable)?.map_err(CommandError::Refused)
    }
}

impl Gateway for Running {
    fn now(&self) -> Timestamp {
        now()
    }

    fn state(&self) -> State {
        self.published.state()
    }

    fn telemetry(&self) -> Vec<Arc<Reading>> {
        self.latest.all()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.published.changes()
    }

    fn command(&self, by: By, command: Command) -> BoxFuture<'_, Result<(), CommandError>> {
        Box::pin(self.ask(Input::Command { by, command }))
    }

    fn receipt(
        &self,
        message: MessageId,
        receipt: Receipt,
    ) -> BoxFuture<'_, Result<(), CommandError>> {
        Box::pin(self.ask(Input::Receipt { message, receipt }))
    }

    fn history<'a>(
        &'a self,
        point: &'a PointId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Past>, String>> {
        let (history, point) = (self.history.clone(), point.clone());
        Box::pin(async move {
            let read = move || history.query(&point, from, to, limit);
            let past = tokio::task::spawn_blocking(read).await.map_err(|e| e.to_string())?;
            let past = past.map_err(|e| e.to_string())?;
            Ok(past.into_iter().map(|p| Past { at: p.at, sample: p.sample }).collect())
        })
    }

    fn chart<'a>(
        &'a self,
        point: &'a PointId,
        from: Timestamp,
        to: Timestamp,
        count: usize,
    ) -> BoxFuture<'a, Result<Vec<Step>, String>> {
        let (history, point) = (self.history.clone(), point.clone());
        Box::pin(async move {
            let draw = move || history.chart(&point, (from, to), now(), count);
            let steps = tokio::task::spawn_blocking(draw).await.map_err(|e| e.to_string())?;
            let steps = steps.map_err(|e| e.to_string())?;
            let step = |s: Summary| Step {
                at: Timestamp::from_millis(s.from),
                min: s.min,
                mean: s.mean,
                max: s.max,
            };
            Ok(steps.into_iter().map(step).collect())
        })
    }

    fn events(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<(u64, Event)>, String>> {
        let journal = self.journal.clone();
        Box::pin(async move {
            let read = move || journal.lock().read(from, limit);
            let events = tokio::task::spawn_blocking(read).await.map_err(|e| e.to_string())?;
            let events = events.map_err(|e| e.to_string())?;
            Ok(events.into_iter().map(|stored| (stored.seq, stored.event)).collect())
        })
    }

    fn pictures(&self, incident: IncidentId) -> BoxFuture<'_, Result<Pictures, String>> {
        Box::pin(self.cameras.clone().of(incident))
    }

    fn picture(
        &self,
        incident: IncidentId,
        number: u64,
    ) -> BoxFuture<'_, Result<Option<PictureFile>, String>> {
        Box::pin(self.cameras.clone().picture(incident, number))
    }

    fn alerts(&self, language: Language) -> String {
        cap::feed(&self.published.state(), language)
    }

    fn alert(&self, name: &str) -> Option<String> {
        cap::alert(&self.published.state(), name)
    }

    fn expand_device(&self, wish: &NewDevice) -> Result<Device, String> {
        let options = serde_json::to_string(&wish.options).map_err(|e| e.to_string())?;
        let wanted = Device {
            id: wish.id.clone(),
            name: wish.name.clone(),
            place: wish.place.clone(),
            profile: wish.profile.clone(),
            supervision: None,
            silence_priority: gengfu_core::danger::Priority::High,
            behind: None,
            options: if wish.options.is_empty() { String::new() } else { options },
            points: vec![],
            words: Default::default(),
            outputs: vec![],
            rules: vec![],
        };
        let device = boards::made(&self.config.read(), &wanted)?;
        Ok(Device { options: wanted.options, ..device })
    }

    fn found(&self) -> Found {
        found::found(&self.found, &self.state())
    }

    fn adopt(&self, offer: &str, wish: &Adoption) -> Result<Device, String> {
        found::adopt(&self.found, offer, wish)
    }

    fn issue_credential(&self, _device: &DeviceId) -> Result<Credential, String> {
        let issued = credentials::issue().map_err(|e| e.to_string())?;
        Ok(Credential { password: issued.password, verifier: issued.verifier })
    }

    fn boards(&self) -> Vec<BoardWords> {
        boards::words(&self.routes, &self.published.state())
    }

    fn board_kinds(&self) -> BoardKinds {
        boards::kinds(self)
    }

    fn board_file<'a>(
        &'a self,
        board: &'a DeviceId,
        wish: BoardFileWish,
    ) -> BoxFuture<'a, Result<FileMaker, String>> {
        Box::pin(boards::file(self, board, wish))
    }

    fn wiring(&self, board: &DeviceId, kind: &str, language: Language) -> Result<String, String> {
        boards::picture(self, board, kind, language)
    }

    fn identify<'a>(
        &'a self,
        board: &'a DeviceId,
        seconds: u16,
    ) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(boards::identify(self, board, seconds))
    }

    fn begin_update(
        &self,
        wish: NewUpdate,
        image: Vec<u8>,
        by: &str,
    ) -> Result<UpdateView, String> {
        self.updates.begin(self, wish, image, by)
    }

    fn update(&self) -> Option<UpdateView> {
        self.updates.view()
    }

    fn stop_update(&self, by: &str) -> bool {
        self.updates.stop(by)
    }

    fn channels(&self) -> Vec<ChannelSetup> {
        let note = || {
            Text::new(
                "单向：没有设置 public_url，收到的人无法通过链接应答",
                "one-way: public_url is not set, so people can't answer by a link",
            )
        };
        let config = self.config.read();
        let setup = |(id, settings): (&ChannelId, &Settings)| {
            let answerable = config.answerable(settings);
            ChannelSetup {
                id: id.clone(),
                kind: settings.kind().into(),
                answerable,
                note: (!answerable).then(note),
            }
        };
        config.channels.iter().map(setup).collect()
    }

    fn check_address(&self, channel: &ChannelId, address: &str) -> Result<(), String> {
        let found = self.channels.read().get(channel).cloned();
        found.ok_or_else(|| format!("there is no channel \"{channel}\""))?.check_address(address)
    }

    fn push(&self) -> Option<Push> {
        let config = self.config.read();
        let (id, _) = config.channels.iter().find(|(_, s)| s.kind() == "push")?;
        Some(Push { channel: id.clone(), key: self.vapid.clone() })
    }

    fn metrics(&self) -> String {
        let state = self.published.state();
        let mut text = String::new();
        let mut put = |name: &str, value: u64| {
            let plain = name.split('{').next().unwrap_or(name);
            let kind = if plain.ends_with("_total") { "counter" } else { "gauge" };
            if !text.contains(&format!("# TYPE {plain} ")) {
                text.push_str(&format!("# TYPE {plain} {kind}\n"));
            }
            text.push_str(&label(name, state.site().as_str(), value));
        };
        for (name, _, value) in self.meters.all() {
            put(name, value);
        }
        put(
            "gengfu_incidents_open",
            state.open_incidents().filter(|i| i.test.is_none()).count() as u64,
        );
        put("gengfu_messages_due", state.due.len() as u64);
        let lost = state.devices().filter(|d| state.presence(&d.id) != Presence::Present).count();
        put("gengfu_devices_lost", lost as u64);
        let active = state.alarms.values().filter(|a| a.active).count();
        put("gengfu_alarms_active", active as u64);
        let history = self.history.counters();
        put("gengfu_history_recorded_total", history.recorded);
        put("gengfu_history_dropped_total", history.dropped);
        for (name, value) in self.cameras.counters() {
            put(name, value);
        }
        put("gengfu_history_within_deadband_total", self.deadbands.passed_over());
        if let Some(influx) = self.export.counters() {
            put("gengfu_influxdb_written_total", influx.written);
            put("gengfu_influxdb_dropped_total", influx.dropped);
            put("gengfu_influxdb_refused_total", influx.refused);
            put("gengfu_influxdb_failures_total", influx.failures);
        }
        if let Some(field) = self.field.upgrade()
            && let Ok(field) = field.try_lock()
        {
            for (name, value) in field.counters() {
                put(&name, value);
            }
        }
        let costs = self.meters.costs();
        if !costs.is_empty() {
            text.push_str("# TYPE gengfu_messages_cost_total counter\n");
        }
        for (name, sum) in costs {
            text.push_str(&label(&name, state.site().as_str(), sum));
        }
        text
    }

    fn readiness(&self) -> Vec<Part> {
        let state = self.published.state();
        let standing = |part: &str| {
            let id = gengfu_core::alarm::Source::Gateway(part.into()).alarm();
            state.alarms.get(&id).filter(|a| a.active).map(|a| a.subject.name.clone())
        };
        let engine = self.commands.is_closed().then(|| Text::new("已停止", "stopped"));
        let mqtt = self.field.upgrade().and_then(|field| {
            let field = field.try_lock().ok()?;
            (!field.mqtt.is_connected()).then(|| Text::new("未连接", "not connected"))
        });
        vec![
            Part { name: "engine".into(), fault: engine },
            Part { name: "journal".into(), fault: standing("journal") },
            Part { name: "broker".into(), fault: mqtt },
        ]
    }
}

/// Every metric carries its site.
fn label(name: &str, site: &str, value: impl std::fmt::Display) -> String {
    match name.split_once('{') {
        Some((name, rest)) => format!("{name}{{site=\"{site}\",{rest} {value}\n"),
        None => format!("{name}{{site=\"{site}\"}} {value}\n"),
    }
}
