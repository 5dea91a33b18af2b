//! The plug is pulled, again and again, while boards report: nothing that was acknowledged is lost,
//! every incident goes on where it was, and nobody is told less than once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use gengfu_core::{event::What, id::IncidentId, point::Origin};
use gengfu_sim::building::Board;
use gengfu_store::{Journal, SqliteJournal};
use gengfu_tests::{
    boards::board,
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    site::{SITE, Site},
};
use gengfu_wire::up::InputState;

/// Times that the gateway is killed.
const KILLS: u32 = 200;
/// Boards that report all the while.
const BOARDS: usize = 12;

/// Small, seeded, and good enough to choose moments with.
struct Moments(u64);

impl Moments {
    fn next(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_kills_lose_nothing() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(BOARDS, "").unwrap();
    let mut gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_person("li", &[("hook", &hooks.of("li"))]).await.unwrap();
    operator.put_policy(&["wang", "li"]).await.unwrap();

    let boards: Vec<Board> = (1..=BOARDS).map(|n| board(&site, n)).collect();
    let mut pressed = vec![0_u32; BOARDS];
    let mut moments = Moments(20_261_123);
    for _ in 0..KILLS {
        for _ in 0..3 {
            let at = usize::try_from(moments.next(BOARDS as u64)).unwrap();
            pressed[at] += 1;
            // Every other time the button is let go: each is an event of its own.
            let state = if pressed[at] % 2 == 1 { InputState::Active } else { InputState::Idle };
            boards[at].set_input(1, state);
            tokio::time::sleep(Duration::from_millis(moments.next(60))).await;
        }
        tokio::time::sleep(Duration::from_millis(moments.next(250))).await;
        gateway.kill().unwrap();
        gateway = Gateway::start(&site.config(), site.web).unwrap();
    }

    for (n, board) in boards.iter().enumerate() {
        let wanted = u64::from(pressed[n]);
        let status = board.status();
        let what = format!("the receipts of board {}", n + 1);
        eventually(&what, async || {
            let now = *status.borrow();
            (now.queue == 0 && now.receipts == wanted).then_some(())
        })
        .await;
    }
    let opened = pressed.iter().filter(|p| **p > 0).count();
    eventually("a message for every incident", async || {
        let told: BTreeSet<u64> =
            hooks.told().iter().filter_map(|t| t.body["incident"].as_u64()).collect();
        (told.len() >= opened).then_some(())
    })
    .await;
    let (took, well) = gateway.stop().unwrap();
    assert!(well && took < Duration::from_secs(5), "stopped in {took:?}, well: {well}");
    for board in boards {
        board.stop().await;
    }

    let told = hooks.told();
    let journal = look_at_journal(&site, &pressed);
    for incident in &journal.incidents {
        let alerts = told.iter().filter(|t| t.body["incident"] == incident.0).count();
        assert!(alerts >= 1, "nobody was told of incident {incident}");
    }
    let mut texts: BTreeMap<&str, (&str, &serde_json::Value)> = BTreeMap::new();
    for t in &told {
        let first = texts.entry(&t.key).or_insert((&t.person, &t.body["message"]));
        assert_eq!(
            *first,
            (t.person.as_str(), &t.body["message"]),
            "one key, one message: {}",
            t.key
        );
    }
    println!(
        "{KILLS} kills, {} board events, {} incidents, {} messages of {} keys",
        journal.events,
        journal.incidents.len(),
        told.len(),
        texts.len()
    );
}

struct Looked {
    events: usize,
    incidents: Vec<IncidentId>,
}

/// Every event of every board is there once, and every escalation went forwards only.
fn look_at_journal(site: &Site, pressed: &[u32]) -> Looked {
    let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
    let events = journal.read(1, usize::MAX).unwrap();
    let mut seen: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    let mut steps: BTreeMap<IncidentId, (u32, usize)> = BTreeMap::new();
    let mut incidents = vec![];
    for stored in &events {
        match &stored.event.what {
            What::PointChanged(reading) => {
                if let Some(origin) = reading.origin {
                    seen.entry(reading.device().to_string()).or_default().push(origin);
                }
            }
            What::IncidentOpened { incident, .. } => incidents.push(*incident),
            What::StepStarted { incident, step, round, .. } => {
                let before = steps.insert(*incident, (*round, *step));
                assert!(
                    before.is_none_or(|before| before < (*round, *step)),
                    "incident {incident} went back from {before:?} to {:?}",
                    (round, step)
                );
            }
            _ => {}
        }
    }
    for (n, count) in pressed.iter().enumerate() {
        let kept = seen.remove(&format!("board-{}", n + 1)).unwrap_or_default();
        let wanted: Vec<Origin> = (1..=*count).map(|seq| Origin { boot: 1, seq }).collect();
        let mut sorted = kept.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, wanted, "board {}: each event once, none missing", n + 1);
    }
    Looked { events: pressed.iter().map(|p| *p as usize).sum(), incidents }
}
