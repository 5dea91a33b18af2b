//! Shifts that people ask one another to do.

use gengfu_core::{
    id::{PersonId, RosterId, SwapId},
    input::Command,
    person::Person,
    refusal::Refusal,
    roster::{Outcome, Turn},
    time::Timestamp,
};

use crate::story::{Carrier, Story, person, roster};

/// Wang, Li and Zhao take turns of a day from eight in the evening: Wang's is tonight's, Li's
/// tomorrow's.
fn with_duty() -> Story {
    let mut story = Story::at("12:00");
    story.admin(Command::PutRoster(roster("duty", &["zhao", "wang", "li"], "20:00")));
    story
}

/// The turn that begins at eight in the evening of this day of November.
fn evening(day: u32) -> Turn {
    let at = |day: u32| format!("2026-11-{day}T20:00:00+08:00").parse::<Timestamp>().unwrap();
    Turn { from: at(day), to: at(day + 1) }
}

fn ask(turn: Turn, against: Option<Turn>, asked: &[&str]) -> Command {
    let asked = asked.iter().map(|id| PersonId::from(*id)).collect();
    let note = "my daughter is ill".to_owned();
    Command::AskSwap { roster: "duty".into(), turn, against, asked, note }
}

fn on_duty(story: &Story, turn: Turn) -> Vec<String> {
    let roster = &story.state.rosters[&RosterId::from("duty")];
    let shifts: Vec<_> = roster.shifts(turn.from, turn.to).collect();
    assert_eq!(shifts.len(), 1, "{shifts:?}");
    shifts[0].people.iter().map(ToString::to_string).collect()
}

fn outcome(story: &Story, swap: u64) -> Option<Outcome> {
    story.state.swaps[&SwapId(swap)].ended.clone().map(|ended| ended.outcome)
}

fn why_not(refusal: Refusal) -> String {
    assert!(matches!(refusal, Refusal::Invalid(_)), "{refusal:?}");
    refusal.to_string()
}

#[test]
fn a_shift_is_taken_over_in_the_turn_in_which_somebody_accepts() {
    let mut story = with_duty();
    assert_eq!(on_duty(&story, evening(23)), ["wang"]);
    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    assert_eq!(on_duty(&story, evening(23)), ["wang"], "asking changes nothing");
    story.does("li", Command::AcceptSwap(SwapId(1)));
    story.expect("wang", "push", "li does it").expect("li", "ntfy", "li does it");
    assert_eq!(on_duty(&story, evening(23)), ["li"]);
    assert_eq!(outcome(&story, 1), Some(Outcome::Accepted { by: "li".into() }));
    // And whoever has it now is asked when it matters.
    story.admin(Command::PutPolicy(crate::story::policy(&["@duty"])));
    story.until_time("21:00").poll("lift-2/fault", 30).expect_told("li", "ntfy").going("li");
    story.restart().expect_nothing_more();
}

#[test]
fn two_exchange_their_shifts() {
    let mut story = with_duty();
    story.does("wang", ask(evening(23), Some(evening(24)), &["li"]));
    story.expect("li", "ntfy", "wang asks");
    story.does("li", Command::AcceptSwap(SwapId(1))).whatever();
    assert_eq!(on_duty(&story, evening(23)), ["li"]);
    assert_eq!(on_duty(&story, evening(24)), ["wang"]);
    assert_eq!(on_duty(&story, evening(25)), ["zhao"]);
}

#[test]
fn everybody_is_asked_and_one_is_enough() {
    let mut story = with_duty();
    story.does("wang", ask(evening(23), None, &[]));
    story.expect("li", "ntfy", "wang asks").expect("zhao", "push", "wang asks");
    story.does("li", Command::DeclineSwap(SwapId(1))).expect_nothing_more();
    assert_eq!(outcome(&story, 1), None, "somebody else may still");
    story.does("zhao", Command::AcceptSwap(SwapId(1)));
    // Who has declined hears no more of it.
    story.expect("wang", "push", "zhao does it").expect("zhao", "push", "zhao does it");
    let late = story.refused("li", Command::AcceptSwap(SwapId(1)));
    assert_eq!(late, Refusal::Settled(story.now));
}

#[test]
fn where_nobody_can_whoever_asked_is_told() {
    let mut story = with_duty();
    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    story.does("li", Command::DeclineSwap(SwapId(1)));
    story.expect("wang", "push", "declined").expect("li", "ntfy", "declined");
    assert_eq!(on_duty(&story, evening(23)), ["wang"]);
}

#[test]
fn a_swap_lapses_when_the_first_of_its_shifts_begins() {
    let mut story = with_duty();
    // Li's shift of the day after, against Wang's of tonight.
    story.does("li", ask(evening(24), Some(evening(23)), &["wang"]));
    story.expect("wang", "push", "li asks");
    story.until_time("19:59").expect_nothing_more();
    story.forward("1m").expect("li", "ntfy", "lapsed").expect("wang", "push", "lapsed");
    assert_eq!(outcome(&story, 1), Some(Outcome::Lapsed));
    let late = story.refused("wang", Command::AcceptSwap(SwapId(1)));
    assert_eq!(late, Refusal::Settled(evening(23).from));
}

#[test]
fn nobody_accepts_for_somebody_else() {
    let mut story = with_duty();
    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    for (who, command) in [
        ("zhao", Command::AcceptSwap(SwapId(1))),
        ("wang", Command::AcceptSwap(SwapId(1))),
        ("zhao", Command::DeclineSwap(SwapId(1))),
        ("li", Command::WithdrawSwap(SwapId(1))),
    ] {
        why_not(story.refused(who, command));
    }
    assert_eq!(story.refused("", Command::AcceptSwap(SwapId(1))), Refusal::NoPerson);
    story.does("wang", Command::WithdrawSwap(SwapId(1)));
    story.expect("wang", "push", "withdrawn").expect("li", "ntfy", "withdrawn");
}

#[test]
fn a_shift_that_has_changed_meanwhile_is_not_swapped() {
    let mut story = with_duty();
    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    // A maintainer turns the roster round: now Li has it anyway.
    story.admin(Command::PutRoster(roster("duty", &["wang", "li", "zhao"], "20:00")));
    let words = why_not(story.refused("li", Command::AcceptSwap(SwapId(1))));
    assert!(words.contains("wang is not on duty"), "{words}");
    assert!(words.contains("may have changed"), "{words}");
}

#[test]
fn only_one_s_own_shift_that_lies_ahead_is_offered_and_only_to_who_is_free() {
    let mut story = with_duty();
    let past = Turn { from: story.now, ..evening(23) };
    let upside_down = Turn { from: evening(25).from, to: evening(24).from };
    for (words, command) in [
        ("wang is not on duty", ask(evening(24), None, &["zhao"])),
        ("has begun", ask(past, None, &["li"])),
        ("after it begins", ask(upside_down, None, &["li"])),
        ("with themselves", ask(evening(23), None, &["wang"])),
        ("one person", ask(evening(23), Some(evening(24)), &["li", "zhao"])),
        ("li is not on duty", ask(evening(23), Some(evening(25)), &["li"])),
    ] {
        let said = why_not(story.refused("wang", command));
        assert!(said.contains(words), "{said}");
    }
    let stranger = story.refused("wang", ask(evening(23), None, &["stranger"]));
    assert!(matches!(stranger, Refusal::Unknown { what: "person", .. }));
    let unknown = story.refused("wang", Command::AcceptSwap(SwapId(7)));
    assert!(matches!(unknown, Refusal::Unknown { what: "swap", .. }));

    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    let twice = why_not(story.refused("wang", ask(evening(23), None, &["zhao"])));
    assert!(twice.contains("already"), "{twice}");
    // Li comes on top by an exception: whoever is on duty already can't stand in.
    let mut busy = roster("duty", &["zhao", "wang", "li"], "20:00");
    busy.exceptions = serde_json::from_str(
        r#"[{"kind":"add","from":"2026-11-24T00:00","to":"2026-11-24T06:00","person":"li"}]"#,
    )
    .unwrap();
    story.admin(Command::PutRoster(busy));
    let busy = why_not(story.refused("li", Command::AcceptSwap(SwapId(1))));
    assert!(busy.contains("on duty between"), "{busy}");
}

#[test]
fn what_is_given_away_comes_back_and_goes_again() {
    let mut story = with_duty();
    for (who, other, swap) in [("wang", "li", 1), ("li", "wang", 2), ("wang", "li", 3)] {
        story.does(who, ask(evening(23), None, &[other])).whatever();
        story.does(other, Command::AcceptSwap(SwapId(swap))).whatever();
        assert_eq!(on_duty(&story, evening(23)), [other]);
    }
}

#[test]
fn it_is_no_alarm_quiet_hours_hold_and_the_next_way_is_taken_where_one_fails() {
    let mut story = with_duty();
    let quiet = Some("11:00-13:00".parse().unwrap());
    story.admin(Command::PutPerson(Person { quiet, ..person("li", &["ntfy", "mail"]) }));
    story.carrier("ntfy", Carrier::Refuses);
    story.does("wang", ask(evening(23), None, &["li"])).expect_nothing_more();
    story.until_time("13:00").expect("li", "ntfy", "wang asks").expect("li", "mail", "wang asks");
    story.expect_nothing_more();
}

#[test]
fn what_was_not_sent_before_it_was_settled_is_not_sent() {
    let mut story = with_duty();
    let quiet = Some("11:00-13:00".parse().unwrap());
    story.admin(Command::PutPerson(Person { quiet, ..person("li", &["ntfy"]) }));
    story.does("wang", ask(evening(23), None, &["li"])).expect_nothing_more();
    story.does("wang", Command::WithdrawSwap(SwapId(1))).expect("wang", "push", "withdrawn");
    story.until_time("14:00").expect("li", "ntfy", "withdrawn").expect_nothing_more();
}

#[test]
fn many_swaps_wait_their_turn_and_hold_up_no_alarm() {
    let mut story = with_duty();
    for _ in 0..6 {
        let id = SwapId(story.state.last_swap.0 + 1);
        story.does("wang", ask(evening(23), None, &["li"]));
        story.does("wang", Command::WithdrawSwap(id));
    }
    let heard = story.whatever().into_iter().filter(|m| m.person.as_str() == "li").count();
    assert_eq!(heard, 10, "of twelve");
    story.admin(Command::PutPolicy(crate::story::policy(&["li"])));
    story.poll("lift-2/fault", 30).expect_told("li", "ntfy").going("li");
    story.forward("10m").expect("li", "ntfy", "withdrawn").expect_nothing_more();
}

#[test]
fn a_swap_of_a_roster_or_a_person_that_is_gone_is_void() {
    let mut story = with_duty();
    story.admin(Command::PutPerson(person("sun", &["mail"])));
    story.does("wang", ask(evening(23), None, &["sun"])).expect("sun", "mail", "wang asks");
    story.admin(Command::RemovePerson("sun".into())).expect("wang", "push", "void");
    story.does("wang", ask(evening(23), None, &["li"])).expect("li", "ntfy", "wang asks");
    story.admin(Command::RemoveRoster("duty".into()));
    assert_eq!(outcome(&story, 1), Some(Outcome::Void));
    assert_eq!(outcome(&story, 2), Some(Outcome::Void));
}

#[test]
fn memory_of_swaps_is_bounded() {
    let mut story = with_duty();
    for swap in 1..=120 {
        story.does("wang", ask(evening(23), None, &["li"]));
        story.does("wang", Command::WithdrawSwap(SwapId(swap)));
        story.whatever();
    }
    assert_eq!(story.state.swaps.len(), 100);
    assert_eq!(story.state.last_swap, SwapId(120), "numbers are not used twice");
    story.until_time("11:00").whatever();
    assert!(story.state.messages.len() < 300, "{}", story.state.messages.len());
}
