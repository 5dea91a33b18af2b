//! News of shifts as people read them.

use gengfu_channel::words::{self, words};
use gengfu_core::{
    notification::{duty::DutyNews, outbox::Purpose},
    roster::{Outcome, Turn},
    text::{Language, Text},
    time::Timestamp,
};

use crate::support::outgoing;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn turn(day: u32) -> Turn {
    let at = |day: u32| at(&format!("2026-11-{day}T20:00:00+08:00"));
    Turn { from: at(day), to: at(day + 1) }
}

fn say(language: Language, news: DutyNews, has_link: bool) -> String {
    let mut out = outgoing("", language, Purpose::Duty(news));
    out.time_zone = "Asia/Shanghai".into();
    out.message.content.what = Text::from("夜班");
    if !has_link {
        out.link = None;
    }
    assert!(!words::is_loud(&out.message.content) && !out.message.content.purpose.asks());
    let words = words(&out);
    let (_, lines) = words.lines.split_last().unwrap();
    format!("{}\n{}", words.title, lines.join("\n"))
}

fn ask(against: Option<Turn>) -> DutyNews {
    let (name, note) = ("王阿姨".to_owned(), "女儿病了".to_owned());
    DutyNews::SwapAsked { swap: Default::default(), name, turn: turn(23), against, note }
}

#[test]
fn a_swap_is_asked_for_in_plain_words() {
    assert_eq!(
        say(Language::Zh, ask(None), true),
        "换班：王阿姨想请您代班\n王阿姨在11月23日 20:00到11月24日 20:00的班，您能代吗？\n附言：女儿病了\n\
         打开链接，登录后接受或谢绝。\n值班表：夜班"
    );
    assert_eq!(
        say(Language::En, ask(Some(turn(25))), false),
        "Swap: 王阿姨 asks you to do a shift\n\
         王阿姨 would do your shift, from 20:00 on 25 Nov until 20:00 on 26 Nov, if you do theirs, \
         from 20:00 on 23 Nov until 20:00 on 24 Nov. Can you?\nNote: 女儿病了\n\
         Accept or decline on the gateway's page at home.\nRoster: 夜班"
    );
}

#[test]
fn how_it_ended_says_who_is_on_duty() {
    let end = |outcome, against| DutyNews::SwapEnded {
        swap: Default::default(),
        name: "王阿姨".into(),
        turn: turn(23),
        against,
        outcome,
        by_name: "李叔".into(),
    };
    let accepted = Outcome::Accepted { by: "li".into() };
    assert_eq!(
        say(Language::Zh, end(accepted, Some(turn(25))), true),
        "换班定了\n11月23日 20:00到11月24日 20:00由李叔值班。\n\
         11月25日 20:00到11月26日 20:00由王阿姨值班。\n值班表：夜班"
    );
    assert_eq!(
        say(Language::En, end(Outcome::Lapsed, None), true),
        "No swap: the shift has begun\n王阿姨 is still on duty from 20:00 on 23 Nov until 20:00 on 24 Nov.\n\
         Roster: 夜班"
    );
}

#[test]
fn a_hand_over_says_who_follows_whom_and_a_gap_is_said_aloud() {
    let (from, until) = (turn(23).from, Some(turn(23).to));
    assert_eq!(
        say(Language::Zh, DutyNews::Coming { from, until, follows: vec!["王阿姨".into()] }, true),
        "值班提醒：您11月23日 20:00开始值班\n您从11月23日 20:00值班到11月24日 20:00。\n您接王阿姨的班。\n\
         请看看手机电量和音量。\n值班表：夜班"
    );
    let over = |next: &[&str], stays| DutyNews::Over {
        since: from,
        next: next.iter().map(ToString::to_string).collect(),
        stays,
    };
    let relieved = say(Language::En, over(&["李叔", "赵爷爷"], false), true);
    assert!(relieved.contains("You are relieved by 李叔, 赵爷爷."), "{relieved}");
    let gap = say(Language::En, over(&[], true), true);
    assert!(gap.contains("Nobody is on duty now!"), "{gap}");
}
