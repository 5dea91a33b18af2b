//! From a board's publish to its receipt, and to the hand-over to a channel: the whole gateway in
//! this process, with its broker over TCP, its journal on the disk, and a swarm of boards beside it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use gengfu_channel::{Accepted, BoxFuture, Channel, Outgoing, SendError};
use gengfu_core::{
    escalation::policy::Policy,
    id::{ChannelId, IncidentId, PersonId},
    incident::{By, Cause},
    input::Command,
    person::{Method, Person, Role},
    text::Language,
};
use gengfu_sim::{
    building::Login,
    swarm::{Answered, OnReceipt, Swarm, SwarmSettings},
};
use gengfu_web::gateway::Gateway;
use gengfu_wire::up::InputState;
use parking_lot::Mutex;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use super::{
    Spread,
    field::{FieldAtWork, Work},
    size,
};
use crate::{config::Config, run::Gengfu};

/// Boards that call in turn, at the least; each has a lift of its own. No board calls more than once
/// a second, so that there is time to end its incident before.
const BOARDS: usize = 200;
/// What is under way at the end has so long to arrive.
const SETTLE: Duration = Duration::from_secs(10);

/// What was measured at one rate.
pub struct Walk {
    /// From the publish to the board's receipt.
    pub receipt: Spread,
    /// From the publish to the first hand-over of a message about it.
    pub handed_over: Spread,
    /// Calls that were left out: the lift's incident before was not ended yet, and a second call
    /// joins it rather than asking anew.
    pub left_out: u64,
    /// What the field did meanwhile, where it was at work.
    pub work: Option<Work>,
}

/// A channel that only notes when a message is handed over to it: the one stand-in of the bench, for
/// what lies behind is the carrier's time.
struct Recorder {
    lifts: Arc<Mutex<Lifts>>,
    times: Arc<Mutex<Vec<Duration>>>,
    over: mpsc::Sender<(IncidentId, String)>,
}

/// What is under way, by the lifts' names.
#[derive(Default)]
struct Lifts {
    /// Calls that no message was handed over about yet.
    pressed: BTreeMap<String, Instant>,
    /// Lifts whose incident is not over.
    open: BTreeSet<String>,
}

impl Channel for Recorder {
    fn kind(&self) -> &'static str {
        "bench"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        let content = &out.message.content;
        if content.purpose.asks() {
            let lift = content.place.get(Language::En);
            let pressed = self.lifts.lock().pressed.remove(lift);
            if let (Some(pressed), Some(incident)) = (pressed, out.message.incident) {
                self.times.lock().push(pressed.elapsed());
                // Ended at once, so that the next call of this board opens another.
                let _ = self.over.try_send((incident, lift.to_owned()));
            }
        }
        Box::pin(async { Ok(Accepted::named(None)) })
    }
    fn check_address(&self, _: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Lets boards call at this rate for so long, with the rest of the field at work or at rest.
///
/// # Errors
/// Where the gateway or the boards can't be started.
pub async fn measure(
    folder: &Path,
    rate: u32,
    length: Duration,
    mut field: Option<FieldAtWork>,
) -> anyhow::Result<Walk> {
    let boards = BOARDS.max(usize::try_from(rate)?);
    let further = field.as_ref().map(FieldAtWork::config).unwrap_or_default();
    let file = size::write_site(folder, boards, 1, &further)?;
    let config = Config::load(&file).map_err(|report| anyhow::anyhow!("{report}"))?.config;
    let (lifts, times) = (Arc::<Mutex<Lifts>>::default(), Arc::<Mutex<Vec<Duration>>>::default());
    let (over, ended) = mpsc::channel(10_000);
    let channels = ["one", "two"].map(|id| {
        let recorder = Recorder { lifts: lifts.clone(), times: times.clone(), over: over.clone() };
        (ChannelId::from(id), Arc::new(recorder) as Arc<dyn Channel>)
    });
    let gengfu = Gengfu::start_with(config, channels.into()).await?;
    let running = gengfu.running.clone();
    people(running.as_ref()).await?;
    let ending = tokio::spawn(end_all(running.clone(), ended, lifts.clone()));

    let receipts = Arc::<Mutex<Vec<Duration>>>::default();
    let noted = receipts.clone();
    let on_receipt: OnReceipt = Arc::new(move |a: Answered| noted.lock().push(a.latency));
    let port = gengfu.broker.context("the broker is embedded")?.port();
    let login = |id: &str| Login { user: id.into(), password: size::PASSWORD.into() };
    let swarm = Swarm::connect(
        &SwarmSettings {
            broker_host: "127.0.0.1".into(),
            broker_port: port,
            site: size::SITE.into(),
            members: (1..=boards)
                .map(|n| format!("board-{n}"))
                .map(|id| (id.clone(), Some(login(&id))))
                .collect(),
            boot: 1,
        },
        &on_receipt,
    )
    .await?;

    settled(&gengfu.running).await;
    if let Some(field) = &mut field {
        field.speak(port, &running).await;
    }
    let mut beat = interval(Duration::from_secs(1) / rate);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let begun = Instant::now();
    let (mut turn, mut left_out) = (0, 0);
    while begun.elapsed() < length {
        beat.tick().await;
        let board = turn % boards;
        let lift = format!("Lift {}", board + 1);
        turn += 1;
        if lifts.lock().open.contains(&lift) {
            left_out += 1;
            continue;
        }
        // The button that was pressed in the round before is let go first.
        if turn > boards {
            swarm.send(board, 1, InputState::Idle).await?;
        }
        {
            let mut lifts = lifts.lock();
            lifts.open.insert(lift.clone());
            lifts.pressed.insert(lift, Instant::now());
        }
        swarm.send(board, 1, InputState::Active).await?;
    }
    let work = match &field {
        Some(field) => field.done(&running).await,
        None => None,
    };
    swarm.settle(SETTLE).await;
    let waited = Instant::now();
    while !lifts.lock().pressed.is_empty() && waited.elapsed() < SETTLE {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lost = lifts.lock().pressed.len();
    anyhow::ensure!(lost == 0, "{lost} calls were never handed over");
    swarm.stop().await;
    ending.abort();
    drop(ending.await);
    drop(running);
    gengfu.stop().await;
    let (receipt, handed_over) =
        (std::mem::take(&mut *receipts.lock()), std::mem::take(&mut *times.lock()));
    Ok(Walk {
        receipt: Spread::of(receipt)?,
        handed_over: Spread::of(handed_over)?,
        left_out,
        work,
    })
}

/// Waits until the boards' births and configurations have gone through: what is measured is a
/// gateway at work, not one that starts.
async fn settled(gateway: &crate::gateway::Running) {
    let mut before = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = gateway.meters.inputs.get();
        if now == before {
            return;
        }
        before = now;
    }
}

async fn people(gateway: &dyn Gateway) -> anyhow::Result<()> {
    let by = By::gateway();
    let method = |channel: &str| Method::new(channel.into(), "bench");
    let person = Person {
        id: PersonId::from("wang"),
        name: "wang".into(),
        language: Language::Zh,
        roles: [Role::Volunteer].into(),
        methods: vec![method("one"), method("two")],
        quiet: None,
        home: None,
    };
    gateway.command(by.clone(), Command::PutPerson(person)).await?;
    let policy = Policy::everyone(gengfu_core::danger::Danger::Trapped);
    gateway.command(by, Command::PutPolicy(policy)).await?;
    Ok(())
}

async fn end_all(
    gateway: Arc<crate::gateway::Running>,
    mut ended: mpsc::Receiver<(IncidentId, String)>,
    lifts: Arc<Mutex<Lifts>>,
) {
    let by = By::person(PersonId::from("wang"), "bench");
    while let Some((incident, lift)) = ended.recv().await {
        let command = Command::End { incident, cause: Cause::Drill, note: String::new() };
        let (gateway, by, lifts) = (gateway.clone(), by.clone(), lifts.clone());
        tokio::spawn(async move {
            if gateway.command(by, command).await.is_ok() {
                lifts.lock().open.remove(&lift);
            }
        });
    }
}
