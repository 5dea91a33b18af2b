//! Answers that name no message: a word by text, from an address.

use gengfu_core::{
    id::PersonId,
    incident::Cause,
    input::Command,
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
    story.does("wang", Wish::Going.command(second.incident.unwrap()));
    story.does("wang", Wish::AllClear(Cause::Rescued).command(second.incident.unwrap()));
    assert_eq!(asked(&story).unwrap().id, first.id, "the other one still waits");
    assert!(matches!(
        Wish::HandOn.command(first.incident.unwrap()),
        Command::HandOver { to: None, .. }
    ));
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
