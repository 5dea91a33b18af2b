//! The swarm: every event is timed to its receipt, and none is lost sight of.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use gengfu_sim::swarm::{Answered, OnReceipt, Swarm, SwarmError, SwarmSettings};
use gengfu_wire::up::InputState;

use crate::gateway::{Gateway, PATIENCE, SITE};

fn settings(gateway: &Gateway, members: usize) -> SwarmSettings {
    SwarmSettings {
        broker_host: "127.0.0.1".into(),
        broker_port: gateway.port,
        site: SITE.into(),
        members: (0..members).map(|n| (format!("board-{n}"), None)).collect(),
        boot: 3,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_timed_to_its_receipt_and_counted_once() {
    let gateway = Gateway::start(true).await;
    let answered: Arc<Mutex<Vec<Answered>>> = Arc::default();
    let log = answered.clone();
    let on_receipt: OnReceipt = Arc::new(move |a| log.lock().unwrap().push(a));
    let swarm = Swarm::connect(&settings(&gateway, 8), &on_receipt).await.unwrap();
    for n in 0..400 {
        let state = if n / 8 % 2 == 0 { InputState::Active } else { InputState::Idle };
        swarm.send(n % 8, 1, state).await.unwrap();
    }
    assert_eq!(swarm.settle(PATIENCE).await, 0);
    let answered = answered.lock().unwrap();
    let numbers: BTreeSet<(usize, u32)> = answered.iter().map(|a| (a.member, a.seq)).collect();
    assert_eq!((answered.len(), numbers.len()), (400, 400));
    assert!(answered.iter().all(|a| a.boot == 3 && a.latency > Duration::ZERO));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_no_receipt_is_sent_again_under_its_number() {
    let gateway = Gateway::start(false).await;
    let swarm =
        Swarm::connect(&settings(&gateway, 2), &(Arc::new(|_| {}) as OnReceipt)).await.unwrap();
    for n in 0..6 {
        swarm.send(n % 2, 1, InputState::Active).await.unwrap();
    }
    assert_eq!(swarm.settle(Duration::from_millis(100)).await, 6);
    gateway.answers.store(true, Ordering::Relaxed);
    assert_eq!(swarm.resend().await, Ok(6));
    assert_eq!(swarm.settle(PATIENCE).await, 0);
    assert_eq!(swarm.send(2, 1, InputState::Idle).await, Err(SwarmError::Gone(2)));
    swarm.stop().await;
}
