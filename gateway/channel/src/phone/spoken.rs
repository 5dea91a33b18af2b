//! What a call says, as sentences to be spoken: short, the danger first, no symbols.

use gengfu_core::{
    advice::Card,
    notification::{
        outbox::{Content, Purpose},
        wish::Wish,
    },
    text::{Language, Text},
};

use super::conversation::Phrase;

/// What is written and not spoken.
const SYMBOLS: [char; 4] = ['›', '(', ')', '—'];

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
        Phrase::Message(_) | Phrase::First(_) => String::new(),
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
    let say = |text: &Text| text.get(language).replace(SYMBOLS, ",");
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

/// What to do first: the first step of the building's card. Longer nobody listens who has a way to go; nothing
/// where nothing happened.
pub(super) fn first(content: &Content, card: &Card, language: Language) -> String {
    let step = card.steps.first().filter(|_| !content.test).map(|step| step.get(language));
    match (step, language) {
        (None, _) => String::new(),
        (Some(step), Language::Zh) => format!("怎么做：{}", said(step, language)),
        (Some(step), Language::En) => format!("What to do: {}", said(step, language)),
    }
}

/// Words that were written, to be spoken: no symbols, and numbers that are dialled digit by digit.
fn said(words: &str, language: Language) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let is_digit = |c: &char| c.is_ascii_digit();
    let mut said = String::new();
    let mut rest = words.chars().peekable();
    while let Some(c) = rest.next() {
        if !is_digit(&c) {
            said.push(if SYMBOLS.contains(&c) || c.is_control() { ',' } else { c });
            continue;
        }
        let mut number = vec![c];
        while let Some(next) = rest.next_if(is_digit) {
            number.push(next);
        }
        match language {
            // "3 steps", "12 floors" are counts.
            _ if number.len() < 3 => said.extend(number),
            Language::Zh => {
                said.extend(number.iter().filter_map(|c| DIGITS.get(c.to_digit(10)? as usize)))
            }
            Language::En => {
                let number: Vec<String> = number.iter().map(char::to_string).collect();
                said.push_str(&number.join(" "));
            }
        }
    }
    said
}

/// The phone rings for what asks somebody to act, and for its own test. That somebody else is going
/// or that it is over is no reason to wake anybody: another way tells of it.
pub(super) fn is_worth_a_call(purpose: &Purpose) -> bool {
    purpose.asks() || *purpose == Purpose::PathTest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_dialled_is_spoken_digit_by_digit() {
        let zh = said("有就打 120；96333 找电梯（3 楼）。", Language::Zh);
        assert_eq!(zh, "有就打 一二零；九六三三三 找电梯（3 楼）。");
        let en = said("Call 119 (not 12).", Language::En);
        assert_eq!(en, "Call 1 1 9 ,not 12,.");
    }
}
