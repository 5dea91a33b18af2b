//! A gateway from its start to its stop: opens what it keeps, joins the parts, reloads, and ends.

use std::{
    collections::BTreeMap, fs, net::SocketAddr, os::unix::fs::PermissionsExt, path::Path,
    sync::Arc, time::Duration,
};

use anyhow::Context;
use gengfu_channel::{Channel, push::vapid::VapidKey};
use gengfu_core::{
    id::{ChannelId, PersonId},
    incident::By,
    input::Input,
    text::Language,
};
use gengfu_field::lane::{ALARM_LANE, Lanes, TELEMETRY_LANE, TelemetryLane};
use gengfu_store::{History, Journal, Pictures, PromptJournal, SqliteJournal, prompt};
use gengfu_web::{AnswerKey, Server, WebSettings};
use parking_lot::RwLock;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::{
    away, boards, broker_tls,
    config::{Config, change::needs_restart},
    deadband::Deadbands,
    desks::Desks,
    engine::{self, Job, Parts, now},
    field::Field,
    flood,
    gateway::Running,
    homeassistant, invitation,
    looks::Scans,
    meters::Meters,
    outbox::Outbox,
    outputs,
    pictures::Cameras,
    published::Published,
    queue::Queues,
    sender::{Channels, Sender},
    supervisor::{Supervisor, Watchdog},
    switching,
    telemetry::{self, Export, Latest},
    updates::{self, Updates},
    ways::Ways,
};

/// Commands that may wait for the engine before their senders have to.
const COMMAND_LANE: usize = 256;
/// The pages and the field side have so long to end.
const STOP_LIMIT: Duration = Duration::from_secs(3);
/// After them the engine has so long, for the last write: five seconds in all.
const LAST_WRITE: Duration = Duration::from_millis(1_800);
/// Ends are looked for this often.
const LOOK: Duration = Duration::from_millis(5);

/// A running gateway.
pub struct Gengfu {
    /// What the pages see of it.
    pub running: Arc<Running>,
    /// Where the pages are.
    pub web: SocketAddr,
    /// Where boards connect to the embedded broker.
    pub broker: Option<SocketAddr>,
    /// The one-time link's token, where nobody can sign in yet.
    pub invitation: Option<String>,
    ways: Mutex<Ways>,
    desks: Desks,
    server: Server,
    field: Arc<Mutex<Field>>,
    supervisor: Arc<Supervisor>,
    public_url: Arc<RwLock<Option<url::Url>>>,
    stop: oneshot::Sender<()>,
    engine: std::thread::JoinHandle<()>,
}

impl Gengfu {
    /// Starts everything that the configuration names.
    ///
    /// # Errors
    /// Where something can't be opened; the text says which and what to do.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_with(config, BTreeMap::new()).await
    }

    /// The same with further channels, which take the place of the configuration's of that name.
    ///
    /// # Errors
    /// As [`Gengfu::start`].
    pub async fn start_with(
        config: Config,
        extra: BTreeMap<ChannelId, Arc<dyn Channel>>,
    ) -> anyhow::Result<Self> {
        let config = Arc::new(config);
        let supervisor = Arc::new(Supervisor::from_environment()?);
        private_folder(&config.data_dir)?;
        let site = config.site.id.clone();
        let mut journal = SqliteJournal::open(&config.data_dir, &site)?;
        let begun = std::time::Instant::now();
        let loaded = journal.load(&mut |progress| {
            if begun.elapsed() > Duration::from_secs(1) && progress.done % 50_000 < 1_000 {
                tracing::info!(done = progress.done, total = progress.total, "reading the journal");
            }
        })?;
        tracing::info!(
            events = journal.last_seq(),
            replayed = loaded.events_replayed,
            took_ms = begun.elapsed().as_millis(),
            "the journal is read"
        );
        let journal =
            PromptJournal::new(Box::new(journal), config.data_dir.clone(), prompt::LIMIT)?;
        let past = Arc::new(parking_lot::Mutex::new(journal.reader()?));
        let history = History::open(&config.data_dir)?;
        let pictures = Pictures::open(&config.data_dir)?;
        let key = Arc::new(AnswerKey::load(&config.data_dir.join("answer.key"), &site)?);
        let ways = Ways::default().renewed(&config.channels, &config.data_dir)?;
        let mut built = ways.channels();
        built.extend(extra);
        let channels: Channels = Arc::new(RwLock::new(built));
        let vapid = VapidKey::open(&config.data_dir)?.public_key();

        let published = Published::new(loaded.state.clone());
        let meters = Arc::new(Meters::default());
        let (alarm, alarms) = mpsc::channel(ALARM_LANE);
        let (telemetry, readings) = TelemetryLane::new(TELEMETRY_LANE);
        let (commands, jobs) = mpsc::channel(COMMAND_LANE);
        let queues = Arc::new(Queues::default());
        let (outbox, messages) = Outbox::new(channels.clone(), queues.clone());
        let (stop, stopped) = oneshot::channel();
        let parts = Parts {
            journal: Box::new(journal),
            alarms,
            commands: jobs,
            published: published.clone(),
            outbox,
            meters: meters.clone(),
            watchdog: Watchdog::from_environment(),
            supervisor: supervisor.clone(),
            stop: stopped,
        };
        let engine = engine::start(parts, loaded.state)?;
        ask(&commands, Input::Configure(Box::new(config.wiring()))).await?;
        boards::renew(&config, &published, &commands).await;
        let invitation = first_invitation(&published, &commands).await?;

        let lanes = Lanes { alarm: alarm.clone(), telemetry };
        let export = Export::default();
        export.set(config.influxdb.as_ref(), &site)?;
        history.keep(config.history);
        let deadbands = Deadbands::default();
        deadbands.set(config.deadbands());
        let (to, copy) = (history.clone(), export.clone());
        let (latest, thin) = (Latest::default(), deadbands.clone());
        tokio::spawn(telemetry::record(readings, to, copy, thin, latest.clone()));
        let public_url = Arc::new(RwLock::new(config.web.public_url.clone()));
        let sender = Sender {
            channels: channels.clone(),
            published: published.clone(),
            lane: alarm.clone(),
            queues,
            meters: meters.clone(),
            key: key.clone(),
            public_url: public_url.clone(),
        };
        tokio::spawn(sender.run(messages));
        let desks = Desks::new(published.clone(), commands.clone());
        desks.open(&config, &channels.read());
        let mut field = Field::start(&config, published.clone(), lanes).await?;
        let broker = field.broker.as_ref().and_then(gengfu_field::broker::Broker::local_addr);
        tokio::spawn(outputs::run(
            published.clone(),
            field.routes.clone(),
            field.mqtt.outbound.clone(),
        ));
        let certificate = field.certificate.take();
        let routes = field.routes.clone();
        let (found, outbound) = (field.routes.found().clone(), field.mqtt.outbound.clone());
        let field = Arc::new(Mutex::new(field));
        if let Some(identity) = certificate {
            tokio::spawn(broker_tls::renew(identity, Arc::downgrade(&field)));
        }
        let health = alarm.downgrade();
        let shared = Arc::new(RwLock::new(config.clone()));
        let shelf = field.lock().await.routes.pictures().clone();
        let cameras = Cameras::start(shared.clone(), published.clone(), pictures, shelf);
        let running = Arc::new(Running {
            config: shared,
            published: published.clone(),
            commands,
            journal: past,
            history,
            latest,
            export,
            cameras,
            deadbands,
            channels,
            vapid,
            meters,
            found,
            routes,
            updates: Updates::default(),
            scans: Scans::default(),
            field: Arc::downgrade(&field),
        });
        tokio::spawn(away::watch(published.clone(), health.clone(), Arc::downgrade(&field)));
        tokio::spawn(flood::watch(published.clone(), health, Arc::downgrade(&field)));
        tokio::spawn(boards::follow(running.clone(), Arc::downgrade(&field)));
        tokio::spawn(switching::run(Arc::downgrade(&running), Arc::downgrade(&field)));
        tokio::spawn(updates::run(Arc::downgrade(&running), outbound.clone()));
        tokio::spawn(homeassistant::run(
            Arc::downgrade(&running),
            published.clone(),
            running.found.clone(),
            outbound,
            config.data_dir.clone(),
        ));
        let server = Server::start(web_settings(&config, &key)?, running.clone()).await?;
        supervisor.ready(&format!("watching {}", config.site.name.get(Language::En)));
        Ok(Self {
            web: server.local_addr,
            broker,
            running,
            invitation,
            ways: Mutex::new(ways),
            desks,
            server,
            field,
            supervisor,
            public_url,
            stop,
            engine,
        })
    }

    /// Takes over a changed configuration file. With a mistake in it, nothing changes.
    ///
    /// # Errors
    /// All mistakes of the file; the old configuration stays in force.
    pub async fn reload(&self, path: &Path) -> anyhow::Result<()> {
        self.supervisor.reloading();
        let result = self.take_over(path).await;
        self.supervisor.ready(if result.is_ok() {
            "watching"
        } else {
            "watching; the last reload failed"
        });
        result
    }

    async fn take_over(&self, path: &Path) -> anyhow::Result<()> {
        let loaded = Config::load(path).map_err(|report| anyhow::anyhow!("{report}"))?;
        let new = Arc::new(loaded.config);
        let ways = self.ways.lock().await.renewed(&new.channels, &new.data_dir)?;
        let built = ways.channels();
        let old = self.running.config.read().clone();
        anyhow::ensure!(
            new.site.id == old.site.id,
            "the site's id can't change: its journal is kept under it"
        );
        let abandoned = switching::abandoned(&self.running.published.state(), &new.wiring());
        if let Some(output) = abandoned.first() {
            anyhow::bail!(
                "{output} is on, and the file does not name it any more: switch it off first, or keep it"
            );
        }
        for note in needs_restart(&old, &new) {
            tracing::warn!("{note}");
        }
        // Old and new channels both serve until the engine has changed over: no message that it
        // hands over meanwhile is without its channel.
        let mut both = self.running.channels.read().clone();
        both.extend(built.clone());
        *self.running.channels.write() = both;
        ask(&self.running.commands, Input::Configure(Box::new(new.wiring()))).await?;
        boards::renew(&new, &self.running.published, &self.running.commands).await;
        self.desks.open(&new, &built);
        *self.running.channels.write() = built;
        *self.ways.lock().await = ways;
        *self.public_url.write() = new.web.public_url.clone();
        if new.influxdb != old.influxdb {
            self.running.export.set(new.influxdb.as_ref(), &new.site.id)?;
        }
        self.running.history.keep(new.history);
        self.running.deadbands.set(new.deadbands());
        *self.running.config.write() = new.clone();
        self.field.lock().await.reload(&new, &self.running.published.state()).await;
        tracing::info!("the configuration was read again");
        Ok(())
    }

    /// Ends all parts in order: the pages, the field side, the engine last, so that everything that
    /// was acknowledged is on the disk.
    pub async fn stop(self) {
        self.supervisor.stopping();
        let Self { server, mut field, stop, engine, running, desks, .. } = self;
        desks.close();
        let ends = async {
            server.shutdown().await;
            drop(running);
            // Whoever follows the boards may hold it for a moment still.
            let field = loop {
                match Arc::try_unwrap(field) {
                    Ok(field) => break field,
                    Err(held) => field = held,
                }
                tokio::time::sleep(LOOK).await;
            };
            field.into_inner().stop().await;
        };
        if tokio::time::timeout(STOP_LIMIT, ends).await.is_err() {
            tracing::warn!("not everything ended within {STOP_LIMIT:?}");
        }
        // Gone already only if the engine ended by itself.
        let _ = stop.send(());
        let begun = std::time::Instant::now();
        while !engine.is_finished() {
            if begun.elapsed() > LAST_WRITE {
                // Nothing that was acknowledged waits for it: that is on the disk already.
                tracing::error!("the disk did not take the last write within {LAST_WRITE:?}");
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
        if engine.join().is_err() {
            tracing::error!("the engine did not end by itself");
        }
    }
}

/// Has the engine decide something, and waits until it is kept.
pub(crate) async fn ask(commands: &mpsc::Sender<Job>, input: Input) -> anyhow::Result<()> {
    let (done, answer) = oneshot::channel();
    commands.send(Job { input, done }).await.ok().context("the engine has stopped")?;
    answer.await.context("the engine has stopped")??;
    Ok(())
}

fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let cant = || {
        format!(
            "{}: the data folder can't be used: make it writable for this user",
            folder.display()
        )
    };
    fs::create_dir_all(folder).with_context(cant)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).with_context(cant)
}

fn web_settings(config: &Config, key: &AnswerKey) -> anyhow::Result<WebSettings> {
    let public_url = config.web.public_url.as_ref().map(|url| url.as_str().parse()).transpose()?;
    Ok(WebSettings {
        listen: config.web.listen,
        tls: config.tls(),
        public_url,
        plain_listen: config.web.plain_listen,
        allow_plain: config.web.allow_plain,
        answer_key: key.clone(),
    })
}

/// There is no default password: where nobody can sign in yet, an administrator is invited.
async fn first_invitation(
    published: &Published,
    commands: &mpsc::Sender<Job>,
) -> anyhow::Result<Option<String>> {
    let state = published.state();
    if state.logins.values().any(|login| login.password_hash.is_some()) {
        return Ok(None);
    }
    let (wanted, token) = invitation::commands(&state, &PersonId::from("admin"), now())?;
    for command in wanted {
        ask(commands, Input::Command { by: By::gateway(), command }).await?;
    }
    Ok(Some(token))
}
