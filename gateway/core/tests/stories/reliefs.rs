//! Hand-overs: who comes on duty is reminded, who goes off it is told.

use gengfu_core::{
    id::SwapId,
    input::{Command, Input},
    person::Person,
    roster::Roster,
    time::{Span, Timestamp},
};

use crate::story::{Story, person, roster, wiring};

/// Turns of a day from eight in the evening, with a reminder half an hour before.
fn turns(people: &[&str]) -> Roster {
    Roster { remind_before: Some(Span::mins(30)), ..roster("duty", people, "20:00") }
}

fn with_duty(at: &str) -> Story {
    let mut story = Story::at(at);
    story.admin(Command::PutRoster(turns(&["zhao", "wang", "li"])));
    story.expect_nothing_more();
    story
}

fn with_exception(exception: &str) -> Command {
    let mut roster = turns(&["zhao", "wang", "li"]);
    roster.exceptions.push(serde_json::from_str(exception).unwrap());
    Command::PutRoster(roster)
}

#[test]
fn who_comes_on_duty_is_reminded_and_who_goes_off_is_told_who_follows() {
    let mut story = with_duty("12:00");
    story.until_time("19:29").expect_nothing_more();
    story.forward("1m").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.until_time("19:59").expect_nothing_more();
    story.forward("1m").expect("zhao", "push", "off at 20:00, wang follows");
    story.until_time("19:30").whatever();
    story.until_time("20:00").expect("wang", "push", "off at 20:00, li follows");
}

#[test]
fn without_remind_before_nobody_is_told_anything() {
    let mut story = Story::at("12:00");
    story.admin(Command::PutRoster(roster("duty", &["wang", "li"], "20:00")));
    story.until_time("21:00").expect_nothing_more();
}

#[test]
fn each_shift_is_told_of_once_whatever_is_restarted_or_edited() {
    let mut story = with_duty("12:00");
    story.until_time("19:40").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.restart().expect_nothing_more();
    story.admin(Command::PutRoster(turns(&["zhao", "wang", "li"]))).expect_nothing_more();
    story.until_time("20:00").expect("zhao", "push", "off at 20:00, wang follows");
    story.restart().forward("5m").expect_nothing_more();
}

#[test]
fn an_exception_at_the_last_minute_reminds_who_has_the_shift_now() {
    let mut story = with_duty("12:00");
    story.until_time("19:55").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.admin(with_exception(
        r#"{"kind":"replace","from":"2026-11-23T20:00","to":"2026-11-24T08:00","person":"wang","by":"li"}"#,
    ));
    story.expect("li", "ntfy", "on at 20:00 until 08:00 after zhao");
    story.forward("5m").expect("zhao", "push", "off at 20:00, li follows");
    story.until_time("07:30").expect("wang", "push", "on at 08:00 until 20:00 after li");
    story.until_time("08:00").expect("li", "ntfy", "off at 08:00, wang follows");
}

#[test]
fn who_is_put_on_duty_from_this_moment_is_told_at_once_and_so_is_who_is_taken_off() {
    let mut story = with_duty("12:00");
    story.admin(with_exception(
        r#"{"kind":"replace","from":"2026-11-23T11:00","to":"2026-11-23T14:00","person":"zhao","by":"li"}"#,
    ));
    story.expect("li", "ntfy", "on at 12:00 until 14:00 after zhao");
    story.expect("zhao", "push", "off at 12:00, li follows");
    story.until_time("13:30").expect("zhao", "push", "on at 14:00 until 20:00 after li");
    story.until_time("14:00").expect("li", "ntfy", "off at 14:00, zhao follows");
}

#[test]
fn a_swap_just_before_the_shift_reminds_who_took_it() {
    let mut story = with_duty("12:00");
    story.until_time("19:40").whatever();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let turn = gengfu_core::roster::Turn {
        from: at("2026-11-23T20:00:00+08:00"),
        to: at("2026-11-24T20:00:00+08:00"),
    };
    let (roster, asked, note) = ("duty".into(), vec!["li".into()], String::new());
    story.does("wang", Command::AskSwap { roster, turn, against: None, asked, note }).whatever();
    story.does("li", Command::AcceptSwap(SwapId(1)));
    story.expect("li", "ntfy", "on at 20:00 until 20:00 after zhao");
    story.expect("wang", "push", "li does it").expect("li", "ntfy", "li does it");
}

#[test]
fn what_was_missed_for_longer_than_the_lead_is_no_news_any_more() {
    let mut story = with_duty("12:00");
    // The gateway is down from noon until a quarter past eight: the reminder is too late.
    story.wake_at("2026-11-23T20:15:00+08:00".parse().unwrap()).restart();
    let heard = story.whatever();
    let news: Vec<_> = heard.iter().filter(|m| m.content.what.en == "duty").collect();
    assert_eq!(news.len(), 1, "{news:?}");
    assert_eq!(news[0].person.as_str(), "zhao", "that it is over is fresh enough");
    // The day after it is down from noon until nine: even that is stale.
    story.forward("15h").whatever();
    story.wake_at("2026-11-24T21:00:00+08:00".parse().unwrap()).restart();
    assert!(story.whatever().iter().all(|m| m.content.what.en != "duty"));
}

#[test]
fn a_short_stop_only_delays_the_reminder() {
    let mut story = with_duty("19:25");
    story.wake_at("2026-11-23T19:50:00+08:00".parse().unwrap()).restart();
    let heard = story.whatever();
    assert!(heard.iter().any(|m| m.person.as_str() == "wang" && m.content.what.en == "duty"));
    story.forward("1m").whatever();
}

#[test]
fn a_gap_is_told_to_who_leaves_it_behind() {
    let mut story = Story::at("12:00");
    let mut nights: Roster = toml::from_str(
        "id = 'duty'\nname = 'duty'\ntime_zone = 'Asia/Shanghai'\nremind_before = '1h'\n\
         [[layers]]\nkind = 'shift'\nname = 'late'\ndays = ['mon']\nfrom = '14:00'\nto = '18:00'\n\
         people = ['wang']\n",
    )
    .unwrap();
    story.admin(Command::PutRoster(nights.clone()));
    story.until_time("13:00").expect("wang", "push", "on at 14:00 until 18:00 after ");
    story.until_time("18:00").expect("wang", "push", "off at 18:00,  stays");
    // Of two, one stays.
    nights.remind_before = Some(Span::secs(1));
    assert!(nights.validate()[0].to_string().contains("remind_before"), "{:?}", nights.validate());
}

#[test]
fn quiet_hours_hold_and_a_shift_slept_through_needs_no_reminder() {
    let mut story = with_duty("12:00");
    let quiet = Some("19:00-22:00".parse().unwrap());
    story.admin(Command::PutPerson(Person { quiet, ..person("wang", &["push"]) }));
    story.until_time("20:00").expect("zhao", "push", "off at 20:00, wang follows");
    story.until_time("22:00").expect("wang", "push", "on at 20:00 until 20:00 after zhao");

    let mut story = with_duty("12:00");
    let quiet = Some("19:00-22:00".parse().unwrap());
    story.admin(Command::PutPerson(Person { quiet, ..person("li", &["ntfy"]) }));
    story.admin(with_exception(
        r#"{"kind":"add","from":"2026-11-23T20:10","to":"2026-11-23T21:00","person":"li"}"#,
    ));
    story.until_time("19:45").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.until_time("20:00").expect("zhao", "push", "off at 20:00, wang follows");
    story.until_time("22:00").expect("li", "ntfy", "off at 21:00, wang stays");
}

/// Wang on Sundays from half past two to ten by the clocks of Berlin, seen from Shanghai.
fn berlin(now: &str) -> Story {
    let mut story = Story::bare("12:00");
    story.wake_at(now.parse().unwrap());
    let mut wiring = wiring();
    wiring.devices.clear();
    // Tests of the paths are another story.
    wiring.path_test.every = Span::hours(10_000);
    wiring.path_test.limit = Span::hours(20_000);
    story.tell(Input::Configure(Box::new(wiring)));
    story.admin(Command::PutPerson(person("wang", &["push"])));
    let sundays = "id = 'duty'\nname = 'duty'\ntime_zone = 'Europe/Berlin'\nremind_before = '30m'\n\
         [[layers]]\nkind = 'shift'\nname = 'late'\ndays = ['sun']\nfrom = '02:30'\nto = '10:00'\n\
         people = ['wang']\n";
    story.admin(Command::PutRoster(toml::from_str(sundays).unwrap()));
    story
}

#[test]
fn a_shift_that_begins_in_an_hour_that_is_skipped_begins_when_the_clock_jumps() {
    // On 28 March 2027 the clocks of Berlin go from two to three at 01:00 UTC, nine in Shanghai.
    let mut story = berlin("2027-03-28T00:00:00Z");
    story.forward("29m").expect_nothing_more();
    story.forward("1m").expect("wang", "push", "on at 09:00 until 16:00 after ");
    story.until_time("16:00").expect("wang", "push", "off at 16:00,  stays");
}

#[test]
fn a_shift_that_begins_in_an_hour_that_comes_twice_is_reminded_of_once() {
    // On 31 October 2027 they go from three back to two at 01:00 UTC; half past two first at 00:30.
    let mut story = berlin("2027-10-30T23:45:00Z");
    story.forward("14m").expect_nothing_more();
    story.forward("1m").expect("wang", "push", "on at 08:30 until 17:00 after ");
    story.forward("3h").expect_nothing_more();
    story.until_time("17:00").expect("wang", "push", "off at 17:00,  stays");
}

#[test]
fn a_clock_that_is_put_back_over_a_hand_over_tells_nothing_twice() {
    let mut story = with_duty("12:00");
    story.until_time("20:00").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.expect("zhao", "push", "off at 20:00, wang follows");
    story.clock_back("40m").forward("1h").expect_nothing_more();
}

#[test]
fn a_clock_that_was_far_ahead_for_a_moment_silences_no_shift() {
    let mut story = with_duty("12:00");
    let now = story.now;
    // Long enough for a reminder of a shift that is not.
    let ahead = Span::hours(24 * 365 + 7) + Span::mins(45);
    story.wake_at(now + ahead).tell(Input::Tick).whatever();
    story.wake_at(now).tell(Input::Tick).whatever();
    story.until_time("19:30").expect("wang", "push", "on at 20:00 until 20:00 after zhao");
    story.until_time("20:00").expect("zhao", "push", "off at 20:00, wang follows");
}
