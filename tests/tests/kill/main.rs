//! The plug is pulled, again and again, while boards report and a volunteer answers: nothing that was
//! acknowledged is lost, every incident goes on where it was, and nobody is told less than once.

mod kept;
mod volunteer;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use gengfu_sim::{
    building::{Board, Login},
    swarm::{OnReceipt, Swarm, SwarmSettings},
};
use gengfu_tests::{
    boards::board,
    buttons::{Buttons, Events},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    site::{BOARD_PASSWORD, SITE, Site},
};
use gengfu_wire::up::InputState;
use kept::Kept;
use tokio::sync::Semaphore;
use volunteer::Volunteer;

/// Times that the gateway is killed.
const KILLS: u32 = 200;
/// Boards whose buttons are pressed all the while.
const SWARM: usize = 16;
/// What they press between two kills, at the most: on a slow machine a kill takes longer, and the load
/// must not grow with it.
const PRESSES: usize = 64;
/// Boards beside them that keep what has no receipt, and say it again by themselves.
const BOARDS: usize = 4;

/// Small, seeded, and good enough to choose moments with.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    async fn pause(&mut self, below_ms: u64) {
        tokio::time::sleep(Duration::from_millis(self.next(below_ms))).await;
    }
}

/// The swarm and what it has receipts for.
struct Load {
    swarm: Arc<Swarm>,
    confirmed: Arc<Mutex<Events>>,
    presses: Arc<Semaphore>,
}

impl Load {
    async fn start(site: &Site) -> Self {
        let login = |user: &String| Login { user: user.clone(), password: BOARD_PASSWORD.into() };
        let names = (1..=SWARM).map(|n| format!("board-{n}"));
        let settings = SwarmSettings {
            broker_host: "127.0.0.1".into(),
            broker_port: site.mqtt,
            site: SITE.into(),
            members: names.map(|name| (name.clone(), Some(login(&name)))).collect(),
            boot: 1,
        };
        let confirmed: Arc<Mutex<Events>> = Arc::default();
        let noted = confirmed.clone();
        let on_receipt: OnReceipt = Arc::new(move |answered| {
            let board = format!("board-{}", answered.member + 1);
            noted.lock().unwrap().insert((board, answered.seq));
        });
        let swarm = Arc::new(Swarm::connect(&settings, &on_receipt).await.unwrap());
        Self { swarm, confirmed, presses: Arc::new(Semaphore::new(0)) }
    }

    /// Presses and lets go, one board after the other; returns what was said once it is told to stop.
    fn run(&self, stop: Arc<tokio::sync::Notify>) -> tokio::task::JoinHandle<Events> {
        let swarm = self.swarm.clone();
        let presses = self.presses.clone();
        tokio::spawn(async move {
            let mut said = Events::new();
            for turn in 0_usize.. {
                let at = turn % SWARM;
                let state = match (turn / SWARM).is_multiple_of(2) {
                    true => InputState::Active,
                    false => InputState::Idle,
                };
                let pause = tokio::time::sleep(Duration::from_millis(8));
                let press = async {
                    presses.acquire().await.unwrap().forget();
                    swarm.send(at, 1, state).await.unwrap()
                };
                tokio::select! {
                    () = stop.notified() => break,
                    seq = press => {
                        said.insert((format!("board-{}", at + 1), seq));
                        pause.await;
                    }
                }
            }
            said
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_nothing() {
    let begun = Instant::now();
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(SWARM + BOARDS, "").unwrap();
    let mut gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_person("li", &[("hook", &hooks.of("li"))]).await.unwrap();
    operator.put_policy(&["wang", "li"]).await.unwrap();

    let boards: Vec<Board> = (SWARM + 1..=SWARM + BOARDS).map(|n| board(&site, n)).collect();
    let mut buttons = Buttons::new(boards);
    let load = Load::start(&site).await;
    let stop = Arc::new(tokio::sync::Notify::new());
    let running = load.run(stop.clone());
    let mut volunteer = Volunteer::new(hooks.clone());
    let mut moments = Moments(20_261_123);
    for kill in 0..KILLS {
        load.presses.add_permits(PRESSES.saturating_sub(load.presses.available_permits()));
        if kill.is_multiple_of(20) {
            eprintln!("{kill} kills after {:?}", begun.elapsed());
            // A board would do so after every one.
            load.swarm.resend().await.unwrap();
        }
        if kill % 8 == 7 {
            // Killed while it starts.
            gateway.kill().unwrap();
            gateway = Gateway::launch(&site.config(), &[]).unwrap();
            moments.pause(120).await;
        } else {
            for _ in 0..3 {
                buttons.press(usize::try_from(moments.next(BOARDS as u64)).unwrap());
                moments.pause(40).await;
                volunteer.answer(&mut moments).await;
            }
            volunteer.look().await;
            moments.pause(150).await;
        }
        gateway.kill().unwrap();
        gateway = Gateway::start(&site.config(), site.web).unwrap();
        volunteer.look_again().await;
    }
    stop.notify_one();
    let mut said = running.await.unwrap();

    buttons.settle().await;
    eventually("every receipt of the swarm", async || {
        load.swarm.resend().await.unwrap();
        (load.swarm.settle(Duration::from_secs(3)).await == 0).then_some(())
    })
    .await;
    let operator = Operator::sign_in_as(&site.base(), "admin").await.unwrap();
    let open = operator.get("incidents?open=true").await.unwrap();
    let open: BTreeSet<u64> =
        open.as_array().unwrap().iter().map(|i| i["id"].as_u64().unwrap()).collect();
    eventually("everybody is told of every incident", async || {
        let told = hooks.told();
        let told: BTreeSet<u64> = told.iter().filter_map(|t| t.body["incident"].as_u64()).collect();
        open.is_subset(&told).then_some(())
    })
    .await;
    let (took, well) = gateway.stop().unwrap();
    assert!(well && took < Duration::from_secs(5), "stopped in {took:?}, well: {well}");
    for board in buttons.boards() {
        assert!(board.status().borrow().queue == 0);
    }

    said.extend(buttons.events());
    let confirmed = load.confirmed.lock().unwrap().clone();
    let kept = Kept::read(&site);
    kept.has_each_once(&said);
    assert!(confirmed.is_subset(&said) && confirmed.len() + buttons.events().len() == said.len());
    kept.has_each_answer(&volunteer);
    kept.went_forwards_only();
    kept.was_told(&hooks.told());
    println!(
        "{KILLS} kills in {:?}: {} events, each with its receipt; {} incidents, {} messages told, \
         {} answers confirmed, {} ends confirmed, {} standings compared",
        begun.elapsed(),
        said.len(),
        kept.incidents().len(),
        hooks.told().len(),
        volunteer.going.len(),
        volunteer.ended.len(),
        volunteer.compared,
    );
    assert!(kept.incidents().len() > 50 && volunteer.ended.len() > 20, "that was no load");
}
