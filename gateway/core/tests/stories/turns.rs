//! The order of one turn: what is decided is kept, and only then is anybody told.

use gengfu_core::{
    engine::evolve,
    event::Event,
    id::SiteId,
    input::Input,
    point::{Kind, Origin, Reading, Value},
    state::State,
    time::{Span, Timestamp},
    turn::{Answer, Disk, Offer, Turn},
};

use crate::story::Story;

/// A watch over the estate, with lift 1's call button at hand.
fn watch() -> (Turn<u32>, Timestamp) {
    let story = Story::at("20:00");
    (Turn::new(story.state.clone()), story.now)
}

fn call(at: Timestamp, seq: u32) -> Input {
    Input::Reading(Reading {
        point: "lift-1/call".into(),
        sample: Ok(Value::Bool(seq % 2 == 1)),
        source_at: None,
        received_at: at,
        kind: Kind::Edge,
        origin: Some(Origin { boot: 1, seq }),
    })
}

fn told(turn: &mut Turn<u32>) -> Vec<(u32, Answer)> {
    turn.tell().collect()
}

#[test]
fn one_write_serves_many_inputs_and_each_sender_hears_of_it_once() {
    let (mut turn, now) = watch();
    turn.take(now, &call(now, 1), Some(1));
    turn.take(now, &call(now, 2), Some(2));
    let mut writes = vec![];
    let disk = turn.keep(now, |events| -> Result<(), ()> {
        writes.push(events.len());
        Ok(())
    });
    assert!(matches!(disk, Ok(Disk::Took(count)) if vec![count] == writes && count > 2));
    assert_eq!(told(&mut turn), [(1, Answer::Kept), (2, Answer::Kept)]);
    assert_eq!(told(&mut turn), []);
    let second = turn.keep(now, |_| -> Result<(), ()> { panic!("there is nothing to write") });
    assert_eq!(second, Ok(Disk::Took(0)));
}

#[test]
fn while_the_disk_refuses_people_are_told_and_boards_keep_their_copy() {
    let (mut turn, now) = watch();
    turn.take(now, &call(now, 1), Some(1));
    assert_eq!(turn.keep(now, |_| Err("full")), Err(Some("full")));
    let mut handed = vec![];
    assert!(turn.hand_over(now, |message| {
        handed.push(message.person.to_string());
        Offer::Taken
    }));
    assert!(handed.contains(&"wang".to_owned()), "told from memory: {handed:?}");
    assert_eq!(told(&mut turn), [(1, Answer::InMemory)]);
    // Said once, however often it is tried.
    assert_eq!(turn.keep(now, |_| Err("full")), Err(None));
    assert!(turn.is_refused() && turn.backlog() > 0);
    let own = turn.state().alarms.values().filter(|a| a.subject.device.is_none()).count();
    assert_eq!(own, 1, "the full disk is an alarm of its own");
}

#[test]
fn when_the_disk_takes_events_again_nothing_is_missing() {
    let story = Story::at("20:00");
    let (mut turn, now) = (Turn::new(story.state.clone()), story.now);
    turn.take(now, &call(now, 1), Some(1));
    assert_eq!(turn.keep(now, |_| Err(())), Err(Some(())));
    turn.tell().for_each(drop);
    let later = now + Span::secs(30);
    turn.take(later, &call(later, 1), Some(2));
    let mut journal: Vec<Event> = vec![];
    let disk = turn.keep(later, |events| -> Result<(), ()> {
        journal.extend_from_slice(events);
        Ok(())
    });
    assert_eq!(disk, Ok(Disk::Recovered(journal.len())));
    assert_eq!(told(&mut turn), [(2, Answer::Kept)], "the copy that the board sent again");
    assert_eq!(turn.backlog(), 0);
    let mut replayed = story.state.clone();
    journal.iter().for_each(|event| evolve(&mut replayed, event));
    assert_eq!(replayed.incidents, turn.state().incidents);
    assert_eq!(replayed.messages, turn.state().messages);
}

#[test]
fn a_message_that_finds_no_room_stays_due() {
    let (mut turn, now) = watch();
    turn.take(now, &call(now, 1), None);
    let mut first = vec![];
    let all = turn.hand_over(now, |message| {
        first.push(message.id);
        if first.len() < 2 { Offer::Taken } else { Offer::Full }
    });
    assert!(!all && first.len() == 2);
    let mut second = vec![];
    assert!(turn.hand_over(now, |message| {
        second.push(message.id);
        Offer::Taken
    }));
    assert_eq!(second[0], first[1], "the one that was not taken comes first");
    assert!(!second.contains(&first[0]));
}

#[test]
fn a_message_that_waits_lets_others_pass() {
    let (mut turn, now) = watch();
    turn.take(now, &call(now, 1), None);
    let mut offered = vec![];
    let all = turn.hand_over(now, |message| {
        offered.push(message.id);
        if offered.len() == 1 { Offer::Waits } else { Offer::Taken }
    });
    assert!(!all && offered.len() > 1);
    let mut again = vec![];
    assert!(turn.hand_over(now, |message| {
        again.push(message.id);
        Offer::Taken
    }));
    assert_eq!(again, offered[..1]);
}

#[test]
fn a_refused_command_is_answered_with_the_reason() {
    let mut turn = Turn::new(State::new(SiteId::from("estate")));
    let now: Timestamp = "2026-11-23T20:00:00+08:00".parse().unwrap();
    let command = gengfu_core::input::Command::End {
        incident: gengfu_core::id::IncidentId(7),
        cause: gengfu_core::incident::Cause::Drill,
        note: String::new(),
    };
    let by = gengfu_core::incident::By::gateway();
    turn.take(now, &Input::Command { by, command }, Some(1));
    assert!(matches!(told(&mut turn)[..], [(1, Answer::Refused(_))]));
}
