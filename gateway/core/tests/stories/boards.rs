//! Boards that are added through the API, and people who sign in.

use gengfu_core::{
    alarm::AlarmState::{LatchedUnacknowledged, Normal},
    device::Device,
    id::{DeviceId, PersonId},
    incident::Cause,
    input::Command,
    person::{Login, Session},
    refusal::Refusal,
    time::Span,
};

use crate::story::Story;

/// A board in the yard with an alarm button.
fn board() -> Device {
    toml::from_str(
        r#"
        id = "board-7"
        name = { en = "Board 7" }
        place = "yard"
        profile = "board"
        supervision = "90s"
        points = [{ id = "board-7/call", name = { en = "Button" } }]
        [[rules]]
        id = "board-7/call"
        name = { en = "Somebody calls from the yard" }
        danger = "trapped"
        priority = "critical"
        when = { equals = { point = "board-7/call", value = true } }
        "#,
    )
    .unwrap()
}

fn with_board() -> Story {
    let mut story = Story::at("20:00");
    let device = Box::new(board());
    story.admin(Command::PutDevice { device, verifier: Some("hash".into()) });
    story
}

#[test]
fn a_board_that_was_added_works_like_one_of_the_configuration() {
    let mut story = with_board();
    story.forward("89s").expect_nothing_more().forward("1s").expect_told("wang", "push");
    story.press("board-7/call").expect("wang", "push", "over");
    story.expect_told("wang", "push").expect_told("wang", "mail");
    // It survives a reload of the configuration, and a restart.
    story.rewire(|wiring| wiring.path_test.hour = 11).restart().expect_open(1);
    story.ends("wang", Cause::Drill).press("board-7/call");
    story.expect_told("wang", "push").expect_told("wang", "mail");
}

#[test]
fn a_changed_board_keeps_its_credential_and_what_it_has_said() {
    let mut story = with_board();
    story.press("board-7/call").whatever();
    let mut other = board();
    other.name.en = "Board at the gate".into();
    story.admin(Command::PutDevice { device: Box::new(other), verifier: None });
    let kept = &story.state.boards[&DeviceId::from("board-7")];
    assert_eq!(kept.verifier.as_deref(), Some("hash"));
    assert_eq!(kept.device.name.en, "Board at the gate");
    story.expect_open(1).ends("wang", Cause::Drill).expect_nothing_more();
}

#[test]
fn a_board_that_is_removed_leaves_a_call_for_help_open_until_somebody_ends_it() {
    let mut story = with_board();
    story.press("board-7/call").expect_told("wang", "push").expect_told("wang", "mail");
    story.admin(Command::RemoveDevice("board-7".into())).expect_open(1);
    story.expect_alarm("rule:board-7/call", LatchedUnacknowledged);
    story.press("board-7/call").expect_nothing_more();
    story.ends("wang", Cause::FalseAlarm).expect_alarm("rule:board-7/call", Normal);
    story.forward("1h").expect_nothing_more();
}

#[test]
fn a_silent_board_that_is_removed_is_missed_no_more() {
    let mut story = with_board();
    story.forward("90s").expect_told("wang", "push").expect_open(1);
    story.admin(Command::RemoveDevice("board-7".into()));
    story.expect("wang", "push", "over").expect_open(0).forward("1h").expect_nothing_more();
    let again = story.refused("wang", Command::RemoveDevice("board-7".into()));
    assert!(matches!(again, Refusal::Unknown { what: "device", .. }));
}

#[test]
fn a_new_password_ends_what_was_opened_with_the_old_one() {
    let mut story = Story::at("20:00");
    let until = story.now + Span::hours(1);
    let session = |who: &str| Session { person: who.into(), until };
    let login = |hash: &str, invited: bool| Login {
        password_hash: Some(hash.into()),
        invitation: invited.then(|| ("token".to_owned(), until)),
    };
    let set = |login| Command::SetLogin { person: "wang".into(), login };
    story.admin(set(login("one", false)));
    for (key, who) in [("a", "wang"), ("b", "wang"), ("c", "li")] {
        story.admin(Command::OpenSession { key: key.into(), session: session(who) });
    }
    story.admin(set(login("one", true)));
    assert_eq!(story.state.sessions.len(), 3, "an invitation alone changes nothing");
    story.admin(set(login("two", false)));
    let left: Vec<_> = story.state.sessions.keys().map(String::as_str).collect();
    assert_eq!(left, ["c"]);
    story.admin(Command::CloseSession("c".into()));
    assert!(story.state.sessions.is_empty());

    story.admin(Command::OpenSession { key: "d".into(), session: session("li") });
    story.admin(Command::PutPolicy(crate::story::policy(&["wang"])));
    story.admin(Command::RemovePerson("li".into()));
    assert!(story.state.sessions.is_empty(), "who is removed is signed out");
    assert!(!story.state.logins.contains_key(&PersonId::from("li")));
}

#[test]
fn a_session_that_has_ended_is_forgotten_when_another_opens() {
    let mut story = Story::at("20:00");
    for n in 0..50 {
        let session = Session { person: "wang".into(), until: story.now + Span::secs(30) };
        story.admin(Command::OpenSession { key: format!("key-{n}"), session });
        story.forward("1m");
    }
    assert_eq!(story.state.sessions.len(), 1);
}
