//! Boards, seen from the gateway.

use std::{sync::atomic::Ordering, time::Duration};

use gengfu_sim::building::{Board, board::Status};
use gengfu_wire::{
    VERSION,
    codec::decode,
    down::{Config, InputConfig, Lamp, Output, Time},
    topic::{Down, Up},
    up::{Birth, ConfigAck, Heartbeat, InputState, Presence},
};
use tokio::time::timeout;

use crate::gateway::{Gateway, PATIENCE};

async fn until(board: &Board, so: impl FnMut(&Status) -> bool) -> Status {
    let mut status = board.status();
    *timeout(PATIENCE, status.wait_for(so)).await.expect("the board never gets there").unwrap()
}

#[tokio::test]
async fn a_board_says_who_it_is_then_what_happens_until_it_has_the_receipt() {
    let mut gateway = Gateway::start(false).await;
    let mut settings = gateway.board("lift-1");
    settings.boot = 5;
    settings.resend = Duration::from_millis(200);
    let board = Board::start(settings);
    let birth = gateway.next(Up::Birth).await;
    let read: Birth<'_> = decode(&birth.payload).unwrap();
    assert_eq!((birth.board.as_str(), read.boot, read.config), ("lift-1", 5, 0));
    assert_eq!(read.inputs.as_slice(), [InputState::Idle; 8]);

    board.set_input(1, InputState::Active);
    let first = gateway.next(Up::Event).await.event();
    assert_eq!((first.boot, first.seq, first.input), (5, 1, 1));
    let again = gateway.next(Up::Event).await.event();
    assert_eq!((again.boot, again.seq, again.state), (5, 1, InputState::Active));
    assert!(again.age_ms >= 200, "it says how long ago it happened: {}", again.age_ms);

    gateway.answers.store(true, Ordering::Relaxed);
    assert_eq!(until(&board, |s| s.queue == 0).await.receipts, 1);
    board.set_input(1, InputState::Active);
    board.set_input(1, InputState::Idle);
    while gateway.next(Up::Event).await.event().seq != 2 {}
    assert_eq!(until(&board, |s| s.receipts == 2).await.queue, 0);
}

#[tokio::test]
async fn a_pulled_plug_publishes_the_will_and_what_waited_is_told_after_the_next_start() {
    let mut gateway = Gateway::start(false).await;
    let board = Board::start(gateway.board("lift-1"));
    let online = |payload: &[u8]| decode::<Presence>(payload).unwrap().online;
    assert!(online(&gateway.next(Up::Presence).await.payload));
    until(&board, |s| s.online).await;
    board.set_input(1, InputState::Active);
    assert_eq!(gateway.next(Up::Event).await.event().seq, 1);
    board.cut_power();
    assert!(!online(&gateway.next(Up::Presence).await.payload), "the broker publishes the will");
    assert!(!until(&board, |s| !s.powered).await.online);

    gateway.answers.store(true, Ordering::Relaxed);
    board.power_on();
    let birth = gateway.next(Up::Birth).await;
    let birth: Birth<'_> = decode(&birth.payload).unwrap();
    assert_eq!((birth.boot, birth.inputs[0]), (2, InputState::Active));
    let kept = gateway.next(Up::Event).await.event();
    assert_eq!((kept.boot, kept.seq), (1, 1), "under the number of the start in which it happened");
    until(&board, |s| s.queue == 0).await;
    board.set_input(1, InputState::Idle);
    let new = gateway.next(Up::Event).await.event();
    assert_eq!((new.boot, new.seq), (2, 1));
}

#[tokio::test]
async fn a_board_that_leaves_says_so_itself() {
    let mut gateway = Gateway::start(true).await;
    let board = Board::start(gateway.board("lift-1"));
    until(&board, |s| s.online).await;
    gateway.next(Up::Presence).await;
    timeout(PATIENCE, board.stop()).await.unwrap();
    let said = gateway.next(Up::Presence).await;
    assert!(!decode::<Presence>(&said.payload).unwrap().online);
}

#[tokio::test]
async fn heartbeats_come_by_themselves_and_tell_how_everything_stands() {
    let mut gateway = Gateway::start(false).await;
    let mut settings = gateway.board("lift-1");
    settings.heartbeat = Duration::from_millis(50);
    let board = Board::start(settings);
    until(&board, |s| s.online).await;
    board.set_input(3, InputState::Open);
    loop {
        let said = gateway.next(Up::Heartbeat).await;
        let beat: Heartbeat = decode(&said.payload).unwrap();
        if beat.inputs[2] == InputState::Open {
            assert_eq!(beat.queue, 1);
            break;
        }
    }
}

#[tokio::test]
async fn a_board_takes_a_configuration_it_can_follow_and_refuses_another() {
    let mut gateway = Gateway::start(true).await;
    let config = |revision: u32, input: u8| Config {
        v: VERSION,
        revision,
        inputs: [InputConfig {
            input,
            normally_closed: false,
            debounce_ms: 50,
            vital: true,
            bare: false,
        }]
        .into_iter()
        .collect(),
    };
    // Retained: it is there before the board is.
    gateway.tell("lift-1", Down::Config, &config(7, 1));
    let board = Board::start(gateway.board("lift-1"));
    let said = gateway.next(Up::ConfigAck).await;
    let ack: ConfigAck<'_> = decode(&said.payload).unwrap();
    assert_eq!((ack.revision, ack.error), (7, None));
    gateway.tell("lift-1", Down::Config, &config(8, 12));
    let said = gateway.next(Up::ConfigAck).await;
    let ack: ConfigAck<'_> = decode(&said.payload).unwrap();
    assert_eq!((ack.revision, ack.error), (8, Some("no such input")));
    assert_eq!(until(&board, |s| s.config != 0).await.config, 7, "it goes on as before");
}

#[tokio::test]
async fn outputs_do_what_the_gateway_says_and_fall_back_when_it_says_no_more() {
    let gateway = Gateway::start(true).await;
    let board = Board::start(gateway.board("lift-1"));
    until(&board, |s| s.online).await;
    let mut outputs = board.outputs();
    gateway.tell(
        "lift-1",
        Down::Output,
        &Output { v: VERSION, lamp: Lamp::Yellow, sounder: true, relay: false, hold_s: 1 },
    );
    let lit = timeout(PATIENCE, outputs.wait_for(|o| o.lamp == Lamp::Yellow && o.sounder)).await;
    lit.expect("the lamp is lit").unwrap();
    let off = timeout(PATIENCE, outputs.wait_for(|o| o.lamp == Lamp::Off && !o.sounder)).await;
    off.expect("nobody said it again").unwrap();
    gateway.tell("lift-1", Down::Time, &Time { v: VERSION, unix_ms: 1_800_000_000_000 });
    assert_eq!(until(&board, |s| s.unix_ms.is_some()).await.unix_ms, Some(1_800_000_000_000));
}
