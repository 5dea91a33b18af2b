//! Everybody is called at once, and counted.

use gengfu_core::{
    danger::Danger,
    escalation::policy::{Policy, Step, Target},
    id::{MusterId, PersonId},
    incident::Cause,
    input::{About, Command},
    muster::{Answer, Muster},
    notification::outbox::Status,
    person::{Person, Role},
    refusal::Refusal,
    time::Span,
};

use crate::story::{Carrier, Story, person, policy};

/// Wang lives off the stairs of building 3, Li in building 3, Zhao nowhere.
fn estate() -> Story {
    let mut story = Story::at("03:00");
    for (who, channels, home) in
        [("wang", ["push", "mail"], "stairs"), ("li", ["ntfy", "mail"], "b3")]
    {
        let home = Some(home.into());
        story.admin(Command::PutPerson(Person { home, ..person(who, &channels) }));
    }
    story
}

fn fire_drill(drill: bool) -> About {
    let words = "请从东门离开 Leave by the east gate".to_owned();
    About::Words { danger: Danger::Fire, place: "b3".into(), words, drill }
}

fn call(targets: Vec<Target>, about: About) -> Command {
    Command::CallMuster { targets, about }
}

fn answer(person: &str, answer: Answer) -> Command {
    Command::AnswerMuster { muster: MusterId(1), person: person.into(), answer }
}

fn muster(story: &Story) -> &Muster {
    &story.state.musters[&MusterId(1)]
}

#[test]
fn everybody_of_a_building_is_told_by_all_they_have_and_counted_and_hears_the_end() {
    let mut story = estate();
    story.does("zhao", call(vec![Target::Residents("b3".into())], fire_drill(false)));
    for (who, channel) in [("wang", "push"), ("wang", "mail"), ("li", "ntfy"), ("li", "mail")] {
        story.expect(who, channel, "muster");
    }
    story.expect_nothing_more();
    story.does("wang", answer("wang", Answer::Safe));
    // Li changes her mind; whoever called hears of it by all they have.
    story.does("li", answer("li", Answer::Coming)).does("li", answer("li", Answer::NeedHelp));
    story.expect("zhao", "push", "li needs help").expect("zhao", "ntfy", "li needs help");
    story.does("li", answer("li", Answer::NeedHelp)).expect_nothing_more();
    let counted = [Answer::Safe, Answer::NeedHelp, Answer::Coming].map(|a| muster(&story).count(a));
    assert_eq!((counted, muster(&story).silent()), ([1, 1, 0], 0));
    story.restart();
    // Somebody knocked at her door.
    story.does("zhao", answer("li", Answer::Safe));
    let by = muster(&story).roll[&PersonId::from("li")].as_ref().unwrap().by.person.clone();
    assert_eq!(by, Some("zhao".into()));
    story.does("zhao", Command::EndMuster(MusterId(1)));
    story.expect("wang", "push", "muster over").expect("li", "ntfy", "muster over");
    story.expect_nothing_more();
    let refused = story.refused("li", answer("li", Answer::Safe));
    assert!(matches!(refused, Refusal::Ended(_)));
}

#[test]
fn a_step_of_a_policy_calls_the_building_once_and_its_end_is_the_incidents() {
    let mut story = estate();
    let asks = policy(&["zhao", "wang"]);
    let muster_too = |(n, step): (usize, Step)| Step {
        muster: if n == 1 { vec![Target::Residents("b3".into())] } else { vec![] },
        ..step
    };
    let steps = asks.steps.into_iter().enumerate().map(muster_too).collect();
    story.admin(Command::PutPolicy(Policy { steps, ..policy(&["zhao"]) }));
    story.press("stairs/smoke-1").expect_told("zhao", "push").expect_told("zhao", "ntfy");
    story.forward("45s").expect_told("wang", "push").expect_told("wang", "mail");
    for (who, channel) in [("wang", "push"), ("wang", "mail"), ("li", "ntfy"), ("li", "mail")] {
        story.expect(who, channel, "muster");
    }
    // "I'm coming" is no answer to the question who goes: that one is asked on.
    story.does("li", answer("li", Answer::Coming)).expect_nothing_more();
    story.forward("45s").whatever();
    assert_eq!(story.state.musters.len(), 1, "the second round calls nobody anew");
    story.going("zhao").whatever();
    story.does("wang", answer("wang", Answer::NeedHelp));
    story.expect("zhao", "push", "wang needs help").expect("zhao", "ntfy", "wang needs help");
    story.ends("zhao", Cause::Rescued);
    story.expect("li", "ntfy", "muster over");
    assert!(!muster(&story).is_open());
    story.whatever();
}

#[test]
fn an_alarm_goes_ahead_of_five_hundred_messages_of_a_muster() {
    let mut story = estate();
    for n in 0..40 {
        story.admin(Command::PutPerson(person(&format!("flat-{n}"), &["push"])));
    }
    // Nothing is handed over until everything is due.
    story.carrier("push", Carrier::Fails).carrier("ntfy", Carrier::Fails);
    story.carrier("mail", Carrier::Fails);
    story.does("wang", call(vec![Target::Everyone], fire_drill(false)));
    story.press("lift-1/call");
    let retried_at = story.now + Span::secs(15);
    let due = gengfu_core::engine::due(&story.state, retried_at);
    let musters = due.iter().map(|message| message.content.purpose.is_muster());
    assert!(due.len() > 40 && musters.is_sorted(), "alarms first, musters after them");
    story.whatever();
}

#[test]
fn what_is_not_sent_yet_is_not_sent_to_whoever_has_answered() {
    let mut story = estate();
    story.carrier("mail", Carrier::Fails);
    story.does("zhao", call(vec![Target::Residents("b3".into())], fire_drill(true)));
    story.whatever();
    story.does("wang", answer("wang", Answer::Safe));
    let of_wang = story.state.messages.values().filter(|m| m.person.as_str() == "wang");
    let status: Vec<bool> = of_wang.map(|m| matches!(m.status, Status::Answered { .. })).collect();
    assert!(status.contains(&true) && status.contains(&false), "{status:?}");
    story.forward("1m");
    let mut again = story.whatever();
    again.retain(|message| message.content.purpose.is_muster());
    assert!(again.iter().all(|message| message.person.as_str() == "li"), "{again:?}");
}

#[test]
fn a_muster_that_could_call_nobody_or_twice_the_same_is_refused_and_one_is_forgotten_after_a_day() {
    let mut story = estate();
    let refused =
        story.refused("wang", call(vec![Target::Residents("yard".into())], fire_drill(true)));
    assert!(refused.to_string().contains("nobody lives there"), "{refused}");
    story.refused("wang", call(vec![Target::Residents("mars".into())], fire_drill(true)));
    story.refused("", call(vec![Target::Everyone], fire_drill(true)));
    let silent =
        About::Words { danger: Danger::Fire, place: "b3".into(), words: "  ".into(), drill: true };
    story.refused("wang", call(vec![Target::Everyone], silent));
    story.refused("wang", call(vec![Target::Everyone], About::Incident(story.id())));
    story.does("wang", call(vec![Target::Everyone], fire_drill(true))).whatever();
    let twice = story.refused("li", call(vec![Target::Everyone], fire_drill(true)));
    assert!(matches!(twice, Refusal::InUse { .. }), "{twice}");
    let stranger = story.refused("wang", answer("nobody", Answer::Safe));
    assert!(matches!(stranger, Refusal::Unknown { .. }));
    let topic = &muster(&story).topic;
    assert!(topic.is_drill());
    story.forward("23h").whatever();
    assert!(muster(&story).is_open());
    story.forward("1h").whatever();
    assert!(!muster(&story).is_open());
    for _ in 0..30 {
        story.does("wang", call(vec![Target::Everyone], fire_drill(true))).whatever();
        let last = MusterId(story.state.next_muster.0 - 1);
        story.does("wang", Command::EndMuster(last)).whatever();
    }
    assert_eq!(story.state.musters.len(), 20, "the last ones are known");
    assert!(story.state.messages.len() < 400);
}

#[test]
fn whoever_only_lives_here_is_called_with_everybody_and_never_asked_to_go() {
    let mut story = estate();
    let roles = [Role::Resident].into();
    story.admin(Command::PutPerson(Person { roles, ..person("flat-9", &["push"]) }));
    let steps = vec![Step {
        targets: vec![Target::Everyone],
        wait: Span::secs(45),
        muster: vec![Target::Everyone],
        switch_on: vec![],
    }];
    story.admin(Command::PutPolicy(Policy { steps, ..policy(&["wang"]) }));
    story.press("stairs/smoke-1");
    let asked = story.whatever();
    let got = |musters: bool| {
        let to_them = asked.iter().filter(|m| m.person.as_str() == "flat-9");
        to_them.filter(|m| m.content.purpose.is_muster() == musters).count()
    };
    assert_eq!((got(true), got(false)), (1, 0));
}
