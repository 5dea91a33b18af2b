//! What a person writes back, in a text, a chat or a mail: one digit or a few words, in Chinese or
//! English, and what they want by it.

use gengfu_core::{incident::Cause, notification::wish::Wish, text::Language};

/// What a reply says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    /// What they want.
    Wish(Wish),
    /// "Everybody is out": asked again before it counts, as by [`SURE`].
    Out,
}

/// What is written to say "everybody is out" for good.
pub(crate) const SURE: &str = "55";
/// No longer reply is looked at, in characters: it is a letter, not an answer.
const LONGEST: usize = 40;

/// Understands a reply; none for anything that could be meant otherwise.
pub(crate) fn understand(text: &str) -> Option<Reply> {
    let text = text.trim().to_lowercase();
    if text.chars().count() > LONGEST {
        return None;
    }
    let plain: String = text
        .chars()
        .map(|c| if c == '’' { '\'' } else { c })
        .filter(|c| c.is_alphanumeric() || *c == ' ' || *c == '\'')
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(match plain.as_str() {
        "1" | "１" | "收到" | "我去" | "我来" | "马上去" | "马上到" | "好" | "好的" | "ok"
        | "yes" | "going" | "i'm going" | "im going" | "i go" | "on my way" => {
            Reply::Wish(Wish::Going)
        }
        "2" | "２" | "转交" | "去不了" | "我去不了" | "不能去" | "不去" | "no" | "can't"
        | "cant" | "i can't" | "i cant" | "hand over" | "hand on" | "pass" => {
            Reply::Wish(Wish::HandOn)
        }
        "3" | "３" | "到了" | "我到了" | "我在" | "there" | "i'm there" | "im there" | "here"
        | "arrived" => Reply::Wish(Wish::There),
        "5" | "５" | "都出来了" | "人出来了" | "没事了" | "结束" | "all out"
        | "everyone is out" | "everybody is out" | "out" | "over" => Reply::Out,
        SURE | "５５" => Reply::Wish(Wish::AllClear(Cause::Rescued)),
        _ => return None,
    })
}

/// How one replies, to stand in a message.
pub(crate) fn how(language: Language) -> &'static str {
    match language {
        Language::Zh => "回复：1 我去，2 去不了，3 我到了，5 人都出来了",
        Language::En => "Reply: 1 I'm going, 2 I can't, 3 I'm there, 5 everybody is out",
    }
}

/// What the person is told once their reply counts.
pub(crate) fn noted(language: Language, wish: Wish) -> &'static str {
    match (language, wish) {
        (Language::Zh, Wish::Going) => "记下了：您去。到了请回复3。",
        (Language::En, Wish::Going) => "Noted: you are going. Reply 3 once you are there.",
        (Language::Zh, Wish::There) => "记下了：您到了。人都出来后请回复5。",
        (Language::En, Wish::There) => "Noted: you are there. Reply 5 once everybody is out.",
        (Language::Zh, Wish::HandOn) => "记下了：去叫下一位。谢谢。",
        (Language::En, Wish::HandOn) => "Noted: the next person is asked. Thank you.",
        (Language::Zh, Wish::AllClear(_)) => "记下了：已结束。谢谢您。",
        (Language::En, Wish::AllClear(_)) => "Noted: it is over. Thank you.",
    }
}

/// What the person is asked before "everybody is out" counts.
pub(crate) fn sure(language: Language) -> String {
    match language {
        Language::Zh => format!("所有人都出来了吗？确定请回复{SURE}。"),
        Language::En => format!("Is everybody out? If you are sure, reply {SURE}."),
    }
}

/// What the person is told where their reply was not understood.
pub(crate) fn not_understood(language: Language) -> String {
    match language {
        Language::Zh => format!("没看懂。{}", how(language)),
        Language::En => format!("Not understood. {}", how(language)),
    }
}

/// What the person is told where their reply did not count.
pub(crate) fn refused(language: Language, reason: &str) -> String {
    match language {
        Language::Zh => format!("没有记下：{reason}"),
        Language::En => format!("This did not count: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_or_a_word_is_understood_as_people_write_it() {
        for (text, reply) in [
            ("1", Reply::Wish(Wish::Going)),
            (" 1。\n", Reply::Wish(Wish::Going)),
            ("收到！", Reply::Wish(Wish::Going)),
            ("I’m going", Reply::Wish(Wish::Going)),
            ("OK", Reply::Wish(Wish::Going)),
            ("2", Reply::Wish(Wish::HandOn)),
            ("去不了", Reply::Wish(Wish::HandOn)),
            ("Can't", Reply::Wish(Wish::HandOn)),
            ("３", Reply::Wish(Wish::There)),
            ("5", Reply::Out),
            ("55", Reply::Wish(Wish::AllClear(Cause::Rescued))),
        ] {
            assert_eq!(understand(text), Some(reply), "{text}");
        }
    }

    #[test]
    fn what_could_be_meant_otherwise_is_no_answer() {
        for text in
            ["", "11", "12", "555", "哪里？", "not going", "who is it", "-1 or 2", "我去不去？"]
        {
            assert_eq!(understand(text), None, "{text}");
        }
        assert_eq!(understand(&"1 ".repeat(50)), None);
    }
}
