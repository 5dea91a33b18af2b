//! What a call says, as sentences to be spoken: short, the danger first, no symbols.

use gengfu_core::{
    notification::{
        outbox::{Content, Purpose},
        wish::Wish,
    },
    text::{Language, Text},
};

use super::conversation::Phrase;

/// The sentences that are the same in every call: made when the line is opened, so that the first
/// words are never waited for.
pub(super) fn standing() -> Vec<(Language, String)> {
    let phrases = [
        Phrase::Greeting,
        Phrase::Menu,
        Phrase::MusterMenu,
        Phrase::CarMenu,
        Phrase::Sure,
        Phrase::Noted(Wish::Going),
        Phrase::Noted(Wish::HandOn),
        Phrase::Unknown,
        Phrase::NoCar,
        Phrase::Car,
        Phrase::CarGone,
        Phrase::Bye,
    ];
    let both = [Language::Zh, Language::En];
    let of = |language| phrases.iter().map(move |p| (language, common(p, language)));
    let car = |language| (language, to_the_car(language, false).to_owned());
    both.into_iter().flat_map(of).chain(both.map(car)).collect()
}

/// Words that name no incident.
pub(super) fn common(phrase: &Phrase, language: Language) -> String {
    let pick = |zh: &str, en: &str| match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    };
    match phrase {
        Phrase::Greeting => pick("您好，这里是更夫。", "This is Gengfu, the night watchman."),
        Phrase::Menu => pick(
            "我去，请按一。去不了，请按二。再听一遍，请按三。人都出来了，请按五。",
            "I'm going: press 1. I can't: press 2. Say it again: press 3. Everybody is out: press 5.",
        ),
        Phrase::MusterMenu => pick(
            "我平安，请按一。需要帮助，请按二。我来帮忙，请按三。再听一遍，请按零。",
            "I'm safe: press 1. I need help: press 2. I'm coming to help: press 3. Say it again: press 0.",
        ),
        Phrase::CarMenu => pick("接通轿厢，请按四。", "To speak with the car: press 4."),
        Phrase::Sure => pick(
            "确定人都平安出来了？确定请再按一次五。",
            "Is everybody out and safe? Then press 5 once more.",
        ),
        Phrase::Noted(Wish::Going | Wish::There) => {
            pick("记下了，谢谢您，路上小心。", "Noted. Thank you. Take care.")
        }
        Phrase::Noted(Wish::HandOn) => {
            pick("记下了，马上叫别人。", "Noted. Somebody else is called now.")
        }
        Phrase::Noted(Wish::AllClear(_)) => {
            pick("记下了，警报已结束。", "Noted. The alarm is over.")
        }
        Phrase::Noted(Wish::Counted(_)) => pick("记下了，谢谢您。", "Noted. Thank you."),
        Phrase::Refused(_) => pick(
            "没有记下：这件事已经结束或有变化。",
            "That did not count: it is over or has changed.",
        ),
        Phrase::Unknown => pick("没有这个选项。", "There is no such key."),
        Phrase::NoCar => pick("现在接不通轿厢。", "The lift car can't be reached now."),
        Phrase::Car => pick("正在接通轿厢。", "You are put through to the car."),
        Phrase::CarGone => pick("轿厢的电话断了。", "The car has hung up."),
        Phrase::Bye => pick("再见。", "Good bye."),
        Phrase::Message(_) => String::new(),
    }
}

/// What the passenger hears.
pub(super) fn to_the_car(language: Language, is_test: bool) -> &'static str {
    match (language, is_test) {
        (Language::Zh, true) => "测试电话已收到。",
        (Language::En, true) => "The test call was received.",
        (Language::Zh, false) => "您的求助已收到，正在叫人。请放心等待，不要扒门。",
        (Language::En, false) => {
            "Your call was received. People are being called. Please wait, and do not force the doors."
        }
    }
}

/// What happened, where.
pub(super) fn message(content: &Content, language: Language) -> String {
    let said = happened(content, language);
    match (content.test, language) {
        (true, Language::Zh) => format!("测试。这是巡检测试，没有真的出事。{said}"),
        (true, Language::En) => format!("Test. This is a walk test: nothing happened. {said}"),
        (false, _) => said,
    }
}

fn happened(content: &Content, language: Language) -> String {
    let say = |text: &Text| text.get(language).replace(['›', '(', ')', '—'], ",");
    let (what, place) = (say(&content.what), say(&content.place));
    let danger = content.danger.words().get(language).to_owned();
    match (language, &content.purpose) {
        (Language::Zh, Purpose::PathTest) => {
            "这是测试电话，不是警报。您听到了就好，可以挂断。".to_owned()
        }
        (Language::En, Purpose::PathTest) => {
            "This is a test call, not an alarm. That you hear it is enough. You may hang up."
                .to_owned()
        }
        (Language::Zh, Purpose::NobodyAnswered { .. }) => {
            format!("没有人回应！{danger}。地点：{place}。{what}。请马上打一一九或者九六三三三。")
        }
        (Language::En, Purpose::NobodyAnswered { .. }) => format!(
            "Nobody has answered! {danger}. Place: {place}. {what}. Call 1 1 9 or 9 6 3 3 3 now."
        ),
        (Language::Zh, Purpose::AskAgain) => {
            format!("您说过要去，还没有报到。{danger}。地点：{place}。")
        }
        (Language::En, Purpose::AskAgain) => {
            format!("You said you were going and have not arrived. {danger}. Place: {place}.")
        }
        (Language::Zh, Purpose::Muster { .. }) => {
            format!("全员通知。{danger}。地点：{place}。{what}。您平安吗？")
        }
        (Language::En, Purpose::Muster { .. }) => {
            format!("To everybody. {danger}. Place: {place}. {what}. Are you safe?")
        }
        (Language::Zh, _) => format!("{danger}！地点：{place}。{what}。您能去吗？"),
        (Language::En, _) => format!("{danger}! Place: {place}. {what}. Can you go?"),
    }
}

/// The phone rings for what asks somebody to act, and for its own test. That somebody else is going
/// or that it is over is no reason to wake anybody: another way tells of it.
pub(super) fn is_worth_a_call(purpose: &Purpose) -> bool {
    purpose.asks() || *purpose == Purpose::PathTest
}
