//! What a person writes back, by text or by mail: "1", "收到", "I'm going".

use gengfu_core::{
    incident::Cause,
    muster::Answer::{Coming, NeedHelp, Safe},
    notification::wish::Wish,
};

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Wish(Wish),
    /// 1, 2 or 3: what it stands for hangs on what was asked ([`Wish::of_digit`]).
    Digit(char),
    /// "Everybody is out": asked once more.
    Out,
    /// "Who is on call now?": no answer, but a question of theirs.
    Who,
}

/// "Everybody is out", for good.
pub(crate) const SURE: Wish = Wish::AllClear(Cause::Rescued);

/// What `text` means, if it is an answer. Longer texts are none: somebody explains something.
pub(crate) fn meant(text: &str) -> Option<Answer> {
    let plain: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            // Digits of full width, as Chinese keyboards write them.
            '０'..='９' => {
                char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c)
            }
            _ => c,
        })
        .collect();
    Some(match plain.as_str() {
        "1" | "2" | "3" => Answer::Digit(plain.chars().next()?),
        "收到" | "我去" | "去" | "好" | "好的" | "going" | "imgoing" | "yes" | "ok" => {
            Answer::Wish(Wish::Going)
        }
        "转" | "转交" | "不去" | "去不了" | "不行" | "no" | "icant" | "cant" => {
            Answer::Wish(Wish::HandOn)
        }
        "到了" | "我到了" | "there" | "imthere" => Answer::Wish(Wish::There),
        "5" | "出来了" | "都出来了" | "人都出来了" | "out" | "everybodyisout" => {
            Answer::Out
        }
        "平安" | "我平安" | "安全" | "没事" | "safe" | "imsafe" => {
            Answer::Wish(Wish::Counted(Safe))
        }
        "需要帮助" | "我需要帮助" | "救命" | "帮帮我" | "help" | "ineedhelp" => {
            Answer::Wish(Wish::Counted(NeedHelp))
        }
        "来帮忙" | "我来帮忙" | "我来" | "coming" | "imcoming" => {
            Answer::Wish(Wish::Counted(Coming))
        }
        "谁" | "谁值班" | "谁在值班" | "现在谁值班" | "值班" | "who" | "whoison" | "whoisonnow"
        | "whoisoncall" | "whosoncall" | "whoson" => Answer::Who,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_as_they_like() {
        for (text, wish) in [
            ("收到！", Wish::Going),
            ("I'm going", Wish::Going),
            ("OK", Wish::Going),
            ("去不了", Wish::HandOn),
            ("我平安！", Wish::Counted(Safe)),
            ("Help!!", Wish::Counted(NeedHelp)),
            ("我来帮忙", Wish::Counted(Coming)),
        ] {
            assert_eq!(meant(text), Some(Answer::Wish(wish)), "{text}");
        }
        for (text, digit) in [(" 1 ", '1'), ("１。", '1'), ("2", '2'), ("３", '3')] {
            assert_eq!(meant(text), Some(Answer::Digit(digit)), "{text}");
        }
        assert_eq!(meant("5."), Some(Answer::Out));
        for text in ["谁值班？", "谁", "Who", "who is on?", "Who's on call"] {
            assert_eq!(meant(text), Some(Answer::Who), "{text}");
        }
        for text in ["", "11", "我不去", "您好，请问1号电梯怎么了？", "1 2"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
