//! Answers that name no message: a word by text, from an address.

use gengfu_core::{
    danger::Danger,
    escalation::policy::Target,
    id::PersonId,
    incident::Cause,
    input::{About, Command},
    muster::Answer,
    notification::wish::{Wish, is_wanted, newest_asked},
};

use crate::story::Story;

#[test]
fn a_word_refers_to_the_newest_thing_that_this_address_was_asked_and_that_is_not_over() {
    let mut story = Story::at("20:00");
    let address = |story: &Story, who: &str| {
        story.state.people.get(&PersonId::from(who)).unwrap().methods[0].address.clone()
    };
    let wang = address(&story, "wang");
    let asked =
        |story: &Story| newest_asked(&story.state, &"push".into(), |at| *at == wang).cloned();
    assert_eq!(asked(&story), None, "nothing was asked yet");
    story.press("lift-1/call").expect_told("wang", "push").expect_told("wang", "mail");
    let first = asked(&story).unwrap();
    story.poll("lift-2/fault", 30).expect_told("wang", "push");
    let second = asked(&story).unwrap();
    assert!(second.id > first.id && second.incident != first.incident);
    assert_eq!(newest_asked(&story.state, &"mail".into(), |at| at == "somebody@else"), None);
    story.does("wang", Wish::Going.command(&second).unwrap());
    story.does("wang", Wish::AllClear(Cause::Rescued).command(&second).unwrap());
    assert_eq!(asked(&story).unwrap().id, first.id, "the other one still waits");
    let on = Wish::HandOn.command(&first);
    assert!(matches!(on, Ok(Command::HandOver { to: None, .. })), "{on:?}");
    assert!(Wish::Counted(Answer::Safe).command(&first).is_err(), "nobody asked that");
    story.whatever();
}

#[test]
fn a_question_is_wanted_until_somebody_goes_and_news_until_it_is_over() {
    let mut story = Story::at("20:00");
    story.press("lift-1/call");
    let first = story.take("wang", "push", "alert").id;
    story.expect_told("wang", "mail").forward("45s");
    let second = story.take("li", "ntfy", "alert").id;
    story.expect_told("li", "mail");
    assert!(is_wanted(&story.state, first) && is_wanted(&story.state, second));
    story.going("li");
    let news = story.take("wang", "push", "li goes").id;
    assert!(!is_wanted(&story.state, first) && !is_wanted(&story.state, second));
    assert!(is_wanted(&story.state, news));
    story.ends("li", Cause::Rescued).whatever();
    assert!(!is_wanted(&story.state, news));
}

#[test]
fn a_digit_means_what_was_asked_and_whoever_has_answered_a_muster_is_not_called_for_it() {
    let mut story = Story::at("03:00");
    let words = "leave".to_owned();
    let about = About::Words { danger: Danger::Fire, place: "b3".into(), words, drill: false };
    story.does("zhao", Command::CallMuster { targets: vec![Target::Everyone], about });
    let message = story.take("li", "ntfy", "muster");
    let asked = newest_asked(&story.state, &"ntfy".into(), |at| at == message.method.address);
    assert_eq!(asked.map(|m| m.id), Some(message.id));
    assert!(is_wanted(&story.state, message.id));
    let wishes = ['1', '2', '3', '5'].map(|digit| Wish::of_digit(digit, true));
    let counted = |answer| Some(Wish::Counted(answer));
    let all = [Answer::Safe, Answer::NeedHelp, Answer::Coming].map(counted);
    assert_eq!((&wishes[..3], wishes[3]), (&all[..], None));
    assert_eq!(Wish::of_digit('2', false), Some(Wish::HandOn));
    assert!(Wish::AllClear(Cause::Rescued).command(&message).is_err());
    let coming = Wish::Going.command(&message).unwrap();
    assert!(matches!(coming, Command::AnswerMuster { answer: Answer::Coming, .. }));
    story.does("li", coming);
    assert!(!is_wanted(&story.state, message.id));
    story.whatever();
}

#[test]
fn whoever_goes_is_still_to_hear_that_it_has_grown() {
    let mut story = Story::at("20:00");
    story.press("stairs/smoke-1");
    let asked = story.take("wang", "push", "alert").id;
    story.expect_told("wang", "mail");
    story.going("wang");
    assert!(!is_wanted(&story.state, asked), "it is answered");
    story.press("stairs/smoke-2").expect_told("wang", "mail");
    let grown = story.take("wang", "push", "alert").id;
    assert!(is_wanted(&story.state, grown), "a phone must not stop ringing for it");
    story.going("wang").there("wang");
    assert!(!is_wanted(&story.state, grown));
}
