//! Commands that are not carried out, and why.

use gengfu_core::{
    device::Device,
    id::{IncidentId, RosterId},
    incident::Cause,
    input::Command,
    premise::Premise,
    refusal::Refusal,
    time::Span,
};

use crate::story::{Story, person, policy, roster};

#[test]
fn what_is_not_there_cant_be_dealt_with() {
    let mut story = Story::at("20:00");
    let nine = IncidentId(9);
    let until = story.now + Span::hours(1);
    let commands = [
        Command::Acknowledge(nine),
        Command::Arrive(nine),
        Command::HandOver { incident: nine, to: None },
        Command::End { incident: nine, cause: Cause::Fixed, note: String::new() },
        Command::AcknowledgeAlarm("rule:x".into()),
        Command::Shelve { alarm: "rule:x".into(), until },
        Command::Unshelve("rule:x".into()),
        Command::OutOfService { device: "x".into(), until, reason: "test".into() },
        Command::BackInService("x".into()),
        Command::TestPath { channel: "push".into(), person: "x".into() },
        Command::RemovePerson("x".into()),
        Command::SetLogin { person: "x".into(), login: Default::default() },
        Command::RemoveRoster("x".into()),
        Command::RemovePolicy("x".into()),
        Command::RemoveDevice("x".into()),
        Command::PutPolicy(policy(&["@x"])),
        Command::PutPolicy(policy(&["x"])),
        Command::PutPerson(person("chen", &["telegraph"])),
        Command::PutRoster(roster("duty", &["x"], "08:00")),
    ];
    for command in commands {
        let refusal = story.refused("wang", command);
        assert!(matches!(refusal, Refusal::Unknown { .. }), "{refusal:?}");
    }
}

#[test]
fn what_somebody_else_has_changed_meanwhile_is_not_changed_by_what_was_seen_before() {
    let mut story = Story::at("20:00");
    let duty = |people: &[&str]| roster("duty", people, "08:00");
    let change = |seen: &Premise, people: &[&str]| Command::IfStill {
        seen: seen.clone(),
        change: Box::new(Command::PutRoster(duty(people))),
    };
    let id = RosterId::from("duty");
    let none = Premise::roster(&story.state, &id);
    story.admin(change(&none, &["wang"]));
    let first = Premise::roster(&story.state, &id);
    let taken = Refusal::Taken { what: "roster", name: "duty".into() };
    assert_eq!(story.refused("wang", change(&none, &["li"])), taken);
    story.admin(change(&first, &["wang", "li"]));
    let changed = Refusal::Changed { what: "roster", name: "duty".into() };
    assert_eq!(story.refused("wang", change(&first, &["li"])), changed);
    assert_eq!(*story.state.rosters[&id], duty(&["wang", "li"]));
    // What is as it was seen is changed, though it was otherwise in between.
    story.admin(Command::PutRoster(duty(&["wang"])));
    story.admin(change(&first, &["li"]));
}

#[test]
fn what_is_over_is_over() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    story.going("wang").ends("wang", Cause::Rescued);
    let (id, at) = (story.id(), story.now);
    story.forward("1m");
    for command in [
        Command::Acknowledge(id),
        Command::Arrive(id),
        Command::HandOver { incident: id, to: None },
        Command::End { incident: id, cause: Cause::Fixed, note: String::new() },
    ] {
        assert_eq!(story.refused("wang", command), Refusal::Ended(at));
    }
}

#[test]
fn an_incident_is_dealt_with_by_people() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call").whatever();
    let id = story.id();
    for command in [
        Command::Acknowledge(id),
        Command::Arrive(id),
        Command::HandOver { incident: id, to: None },
        Command::End { incident: id, cause: Cause::Rescued, note: String::new() },
    ] {
        assert_eq!(story.refused("", command.clone()), Refusal::NoPerson);
        let stranger = story.refused("stranger", command);
        assert!(matches!(stranger, Refusal::Unknown { what: "person", .. }), "{stranger:?}");
    }
    let nobody = Command::HandOver { incident: id, to: Some("stranger".into()) };
    assert!(matches!(story.refused("wang", nobody), Refusal::Unknown { what: "person", .. }));
    // "Cleared" is the gateway's own word.
    let cleared = Command::End { incident: id, cause: Cause::Cleared, note: String::new() };
    assert!(matches!(story.refused("wang", cleared), Refusal::Invalid(_)));
    story.expect_open(1);
}

#[test]
fn what_is_still_used_stays() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutRoster(roster("duty", &["li", "zhao"], "08:00")));
    story.admin(Command::PutPolicy(policy(&["wang", "@duty"])));
    for command in [
        Command::RemovePerson("wang".into()),
        Command::RemovePerson("li".into()),
        Command::RemoveRoster("duty".into()),
        Command::RemoveDevice("lift-1".into()),
        Command::PutDevice {
            device: Box::new(
                story.state.device(&gengfu_core::id::DeviceId::from("gate")).unwrap().clone(),
            ),
            verifier: None,
        },
    ] {
        let refusal = story.refused("wang", command);
        assert!(matches!(refusal, Refusal::InUse { .. }), "{refusal:?}");
    }
    story.admin(Command::RemovePolicy("house".into()));
    story.admin(Command::RemoveRoster("duty".into()));
    story.admin(Command::RemovePerson("wang".into()));
    assert_eq!(story.state.people.len(), 2);
}

#[test]
fn a_policy_that_could_not_work_is_not_taken() {
    let mut story = Story::at("20:00");
    let with = |change: fn(&mut gengfu_core::escalation::policy::Policy)| {
        let mut policy = policy(&["wang"]);
        change(&mut policy);
        Command::PutPolicy(policy)
    };
    for command in [
        with(|p| p.steps.clear()),
        with(|p| p.steps[0].wait = Span::secs(4)),
        with(|p| p.steps[0].wait = Span::hours(25)),
        with(|p| p.prompt_every = Span::ZERO),
        with(|p| p.prompt_after = Span::hours(25)),
        with(|p| p.arrive_within = Span::secs(1)),
        with(|p| p.reminders = vec![Span::mins(30), Span::mins(15)]),
    ] {
        assert!(matches!(story.refused("wang", command), Refusal::Invalid(_)));
    }
}

#[test]
fn a_person_needs_a_name_and_a_test_needs_a_way() {
    let mut story = Story::at("20:00");
    let mut nameless = person("chen", &["push"]);
    nameless.name = "  ".into();
    assert!(matches!(story.refused("wang", Command::PutPerson(nameless)), Refusal::Invalid(_)));
    let test = Command::TestPath { channel: "ntfy".into(), person: "wang".into() };
    assert!(matches!(story.refused("wang", test), Refusal::Invalid(_)));
}

#[test]
fn a_board_needs_a_place_and_rules_that_can_be_answered() {
    let mut story = Story::at("20:00");
    let board = |text: &str| {
        let device: Device = toml::from_str(&format!(
            "id = 'board-7'\nname = {{ en = 'Board 7' }}\nprofile = 'board'\n{text}"
        ))
        .unwrap();
        Command::PutDevice { device: Box::new(device), verifier: None }
    };
    let nowhere = story.refused("wang", board("place = 'moon'"));
    assert!(matches!(nowhere, Refusal::Unknown { what: "place", .. }));
    let rule = |when: &str| {
        board(&format!(
            "place = 'yard'\n[[rules]]\nid = 'board-7/r'\nname = {{}}\ndanger = 'gate'\n\
             priority = 'low'\nwhen = {when}"
        ))
    };
    let deep = format!(
        "{}{{ equals = {{ point = 'a', value = 1 }} }}{}",
        "{ all = [".repeat(8),
        "] }".repeat(8)
    );
    assert!(matches!(story.refused("wang", rule(&deep)), Refusal::Invalid(_)));
    for number in ["nan", "inf"] {
        let odd = format!("{{ any = [{{ above = {{ point = 'a', setpoint = {number} }} }}] }}");
        assert!(matches!(story.refused("wang", rule(&odd)), Refusal::Invalid(_)));
    }
}
