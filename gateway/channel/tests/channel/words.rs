//! Every message as people read it. The snapshots are the contract: read them aloud when they change.

use std::fmt::Write as _;

use gengfu_channel::words::{Answering, Room, words, words_answered};
use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    id::MusterId,
    incident::Cause,
    notification::outbox::Purpose,
    text::{Language, Text},
    time::Span,
};

use crate::support::outgoing;

fn purposes() -> Vec<Purpose> {
    let mut all = vec![
        Purpose::Alert { step: 0, round: 0 },
        Purpose::Alert { step: 1, round: 0 },
        Purpose::HandedOver { from: Some("wang".into()), from_name: "王芳".into() },
        Purpose::HandedOver { from: None, from_name: String::new() },
        Purpose::AskAgain,
        Purpose::Taken { person: "wang".into(), name: "王芳".into() },
        Purpose::NobodyAnswered { count: 2 },
        Purpose::NotOver { minutes: 15 },
    ];
    for cause in [
        Cause::Rescued,
        Cause::Fixed,
        Cause::FalseAlarm,
        Cause::Drill,
        Cause::Other,
        Cause::Cleared,
    ] {
        all.push(Purpose::Over { cause });
    }
    let muster = MusterId(3);
    all.push(Purpose::Muster { muster });
    let home = Some(Text::new("3号楼 › 501", "Building 3 › 501"));
    all.push(Purpose::NeedsHelp { muster, name: "王芳".into(), home });
    all.push(Purpose::MusterOver { muster });
    all.push(Purpose::PathTest);
    all
}

#[test]
fn every_purpose_in_both_languages() {
    for (language, name) in [(Language::Zh, "words_zh"), (Language::En, "words_en")] {
        let mut page = String::new();
        for purpose in purposes() {
            let mut out = outgoing("", language, purpose.clone());
            if purpose != (Purpose::Alert { step: 0, round: 0 }) {
                out.message.made_at = out.message.content.since + Span::mins(15);
            }
            let words = words(&out);
            writeln!(page, "== {purpose:?}\n# {}\n{}\n", words.title, words.body()).unwrap();
        }
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn every_danger_has_its_advice_in_both_languages() {
    for (language, name) in [(Language::Zh, "dangers_zh"), (Language::En, "dangers_en")] {
        let mut page = String::new();
        for danger in Danger::ALL {
            for purpose in
                [Purpose::Alert { step: 0, round: 0 }, Purpose::NobodyAnswered { count: 1 }]
            {
                let mut out = outgoing("", language, purpose);
                out.message.content.danger = danger;
                out.card = Card::usual(danger);
                let words = words(&out);
                writeln!(page, "# {}\n{}\n", words.title, words.lines[4]).unwrap();
            }
        }
        insta::assert_snapshot!(name, page);
    }
}

#[test]
fn whoever_cannot_answer_is_told_so_and_whom_to_tell() {
    for purpose in purposes() {
        for (language, no, link) in
            [(Language::Zh, "不能回答", "链接"), (Language::En, "can't be answered", "link")]
        {
            let mut out = outgoing("", language, purpose.clone());
            let with = words(&out).body();
            out.link = None;
            let without = words(&out).body();
            assert_eq!(with.contains(link), purpose.asks(), "{with}");
            assert!(!with.contains(no), "{with}");
            assert_eq!(without.contains(no), purpose.asks(), "{without}");
            assert!(!without.contains(link), "{without}");
        }
    }
}

#[test]
fn the_loud_prompt_names_both_numbers_whatever_it_is_about() {
    for danger in Danger::ALL {
        for language in [Language::Zh, Language::En] {
            let mut out = outgoing("", language, Purpose::NobodyAnswered { count: 1 });
            out.message.content.danger = danger;
            let words = words(&out);
            for number in ["119", "96333"] {
                assert!(words.title.contains(number) && words.body().contains(number), "{words:?}");
            }
        }
    }
}

#[test]
fn a_time_is_the_one_on_the_wall_of_the_site() {
    let since = |zone: &str, age: Span| {
        let mut out = outgoing("", Language::En, Purpose::AskAgain);
        out.time_zone = zone.into();
        out.message.made_at = out.message.content.since + age;
        words(&out).lines[3].clone()
    };
    assert_eq!(since("Asia/Shanghai", Span::ZERO), "Since: 16:00 on 23 Nov");
    assert_eq!(since("Asia/Shanghai", Span::mins(119)), "Since: 16:00 on 23 Nov, 119 min ago");
    assert_eq!(since("America/New_York", Span::hours(3)), "Since: 03:00 on 23 Nov, 3 h 0 min ago");
    assert_eq!(since("Asia/Urumqi", Span::hours(72)), "Since: 14:00 on 23 Nov, 3 days ago");
    assert_eq!(since("Nowhere/Atall", Span::ZERO), "Since: 08:00 on 23 Nov UTC");
}

#[test]
fn a_name_stays_on_its_line_and_is_not_endless() {
    let mut out = outgoing("", Language::En, Purpose::AskAgain);
    out.message.content.what = Text::from("a\nb\u{7}c\r");
    out.message.content.place = Text::from("楼".repeat(1000).as_str());
    let words = words(&out);
    assert_eq!(words.lines[1], "What: a b c");
    assert_eq!(words.lines[2].chars().count(), "Where: ".len() + 120);
    assert!(words.title.chars().count() < 200 && words.title.ends_with('…'));
}

#[test]
fn a_walk_test_says_so_first_in_both_languages_and_asks_nobody_to_call_119() {
    for (language, title, first) in [
        (Language::En, "[TEST] ", "This is a walk test"),
        (Language::Zh, "【测试】", "这是巡检测试"),
    ] {
        let mut out = outgoing("li", language, Purpose::Alert { step: 0, round: 0 });
        out.message.content.test = true;
        let said = words(&out);
        assert!(said.title.starts_with(title), "{}", said.title);
        assert!(said.lines[0].starts_with(first), "{said:?}");
        assert!(!said.body().contains("96333"), "{said:?}");
    }
}

#[test]
fn what_to_do_is_what_the_building_s_own_card_says_and_a_text_says_less_of_it() {
    let step =
        |n: usize| Text::new(&format!("第{n}步，{}。", "做".repeat(36)), &format!("Step {n}."));
    let mut out = outgoing("", Language::Zh, Purpose::Alert { step: 0, round: 0 });
    out.card = Card { steps: (1..=6).map(step).collect() };
    let said = |answering, room| {
        let lines = words_answered(&out, answering, room).lines;
        let from = lines.iter().position(|line| line.starts_with("怎么做")).unwrap();
        lines.into_iter().skip(from).filter(|line| line.contains("步，")).collect::<Vec<_>>()
    };
    let count =
        |lines: &[String]| lines.iter().map(|line| line.matches("步，").count()).sum::<usize>();
    let text = said(Answering::ByText, Room::Text);
    let notice = said(Answering::ByLink, Room::Notice);
    let letter = said(Answering::ByMail, Room::Letter);
    assert_eq!([&text, &notice, &letter].map(|lines| lines.len()), [1, 1, 6]);
    assert_eq!([&text, &notice, &letter].map(|lines| count(lines)), [1, 3, 6]);

    // In an exercise of everybody nobody is told to call 119.
    out.message.content.purpose = Purpose::Muster { muster: MusterId(3) };
    assert!(words(&out).body().contains("怎么做"));
    out.message.content.priority = Priority::Low;
    assert!(!words(&out).body().contains("怎么做"));
}
