//! What the boards do all the time, and what they are ordered.

use core::hash::BuildHasher;
use std::{
    hash::RandomState,
    io::stdin,
    sync::mpsc::{Receiver, channel},
    thread,
};

use embassy_time::Timer;
use gengfu_board::net::{
    Moment,
    beside::Nobody,
    now_ms,
    session::{Packets, Speaker},
    way,
};
use gengfu_wire::topic::{Down, Up};

use crate::{
    crew::{Crew, Member},
    sockets::Sockets,
    stand::Stand,
    tally::count,
};

/// The inputs of all boards are looked at this often, in milliseconds; as on a board.
const LOOK_MS: u64 = 5;
/// How they stand is said this often where they are pressed by the clock, in milliseconds.
const SAY_MS: u64 = 10_000;

/// Holds the session of a board.
pub async fn session(crew: &'static Crew, member: &'static Member) {
    let Member { who, settings, board, news, .. } = member;
    let tally = &crew.tally;
    let speaker = Speaker { who, password: settings.password, board, news, beside: &Nobody };
    let mut packets = Packets::new();
    // The keys of each such state are other ones.
    let random = || RandomState::new().hash_one(()) as u32;
    way::keep(Sockets, settings, &speaker, &mut packets, random, |moment| match moment {
        Moment::Round | Moment::Trying(_) => {}
        Moment::Connected => count(&tally.connects),
        Moment::Said(Up::Event) => count(&tally.events),
        Moment::Heard(Down::Receipt) => {
            count(&tally.receipts);
            if let Some(ms) = member.received(now_ms()) {
                tally.took(ms);
            }
        }
        Moment::Said(_) | Moment::Heard(_) => {}
        Moment::Lost(_) => count(&tally.lost),
    })
    .await
}

/// Looks at the inputs of all boards, and presses them by the clock where that is wished, one after the other
/// over the time between two presses of one.
pub async fn look(crew: &'static Crew) {
    let begun_ms = now_ms();
    let mut pressed = 0;
    let mut said_ms = begun_ms;
    loop {
        let now = now_ms();
        if let Some(every_ms) = crew.press_every_ms {
            let count = crew.members.len() as u64;
            let due = now.saturating_sub(begun_ms).saturating_mul(count) / every_ms;
            for nth in pressed..due {
                if let Some(member) = crew.members.get((nth % count) as usize) {
                    member.press(now);
                }
            }
            pressed = due;
            if now.saturating_sub(said_ms) >= SAY_MS {
                said_ms = now;
                say(crew);
            }
        }
        for member in &crew.members {
            member.look(now, &crew.tally);
        }
        Timer::after_millis(LOOK_MS).await;
    }
}

/// Obeys who sits at the other end of the standard input.
pub async fn orders(crew: &'static Crew) {
    let orders = lines();
    loop {
        for order in orders.try_iter() {
            match order.as_str() {
                "press" => {
                    crew.members.iter().for_each(|member| member.press(now_ms()));
                    say(crew);
                }
                "state" => say(crew),
                _ => println!("no such order"),
            }
        }
        Timer::after_millis(LOOK_MS).await;
    }
}

fn say(crew: &Crew) {
    println!("{}", Stand { members: &crew.members, tally: &crew.tally });
}

/// What is written there, read by a thread of its own: it waits for each line.
fn lines() -> Receiver<String> {
    let (send, receive) = channel();
    thread::spawn(move || {
        for line in stdin().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                break;
            }
        }
    });
    receive
}
