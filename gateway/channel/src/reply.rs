//! What a person is told who has answered by a button or a text: that it counts, or why it does not.

use gengfu_core::{muster::Answer, notification::wish::Wish, text::Language};

/// Their answer counts.
pub(crate) fn noted(language: Language, wish: Wish) -> &'static str {
    match (language, wish) {
        (Language::Zh, Wish::Going) => "记下了：您去。到了请按下面的按钮。",
        (Language::En, Wish::Going) => "Noted: you are going. Press the button once you are there.",
        (Language::Zh, Wish::There) => "记下了：您到了。人都出来后请按下面的按钮。",
        (Language::En, Wish::There) => {
            "Noted: you are there. Press the button once everybody is out."
        }
        (Language::Zh, Wish::HandOn) => "记下了：去叫下一位。谢谢。",
        (Language::En, Wish::HandOn) => "Noted: the next person is asked. Thank you.",
        (Language::Zh, Wish::AllClear(_)) => "记下了：已结束。谢谢您。",
        (Language::En, Wish::AllClear(_)) => "Noted: it is over. Thank you.",
        (Language::Zh, Wish::Counted(answer)) => counted_zh(answer),
        (Language::En, Wish::Counted(answer)) => counted_en(answer),
    }
}

fn counted_zh(answer: Answer) -> &'static str {
    match answer {
        Answer::Safe => "记下了：您平安。情况有变请再回复。",
        Answer::NeedHelp => "记下了：您需要帮助，正在通知帮忙的人。有生命危险请打119。",
        Answer::Coming => "记下了：您来帮忙。注意自己的安全。",
    }
}

fn counted_en(answer: Answer) -> &'static str {
    match answer {
        Answer::Safe => "Noted: you are safe. Answer again if that changes.",
        Answer::NeedHelp => {
            "Noted: you need help, and whoever helps is told now. If your life is in danger call 119."
        }
        Answer::Coming => "Noted: you are coming to help. Mind your own safety.",
    }
}

/// The same, where they answer by text.
pub(crate) fn noted_by_text(language: Language, wish: Wish) -> &'static str {
    match (language, wish) {
        (Language::Zh, Wish::Going) => "记下了：您去。到了请回复3，人都出来后回复5。",
        (Language::En, Wish::Going) => {
            "Noted: you are going. Reply 3 once you are there, and 5 once everybody is out."
        }
        (Language::Zh, Wish::There) => "记下了：您到了。人都出来后请回复5。",
        (Language::En, Wish::There) => "Noted: you are there. Reply 5 once everybody is out.",
        (_, Wish::HandOn | Wish::AllClear(_) | Wish::Counted(_)) => noted(language, wish),
    }
}

/// They are asked once more, where they answer by text.
pub(crate) fn sure_by_text(language: Language) -> &'static str {
    match language {
        Language::Zh => "所有人都平安出来了吗？是的话请再回复一次5。",
        Language::En => "Is everybody out and safe? If so, reply 5 once more.",
    }
}

/// What they wrote is no answer.
pub(crate) fn not_understood(language: Language) -> &'static str {
    match language {
        Language::Zh => {
            "没有看懂。请只回复一个数字：1 我去；2 去不了；3 我到了；5 人都出来了。问您是否平安时：1 平安；2 需要帮助；3 来帮忙。有危险请打119。"
        }
        Language::En => {
            "This was not understood. Reply one digit: 1 I'm going; 2 I can't; 3 I'm there; 5 everybody is out. Asked whether you are safe: 1 safe; 2 I need help; 3 I'm coming. In danger call 119."
        }
    }
}

/// They are asked once more before "everybody is out" counts.
pub(crate) fn sure(language: Language) -> &'static str {
    match language {
        Language::Zh => "所有人都平安出来了吗？",
        Language::En => "Is everybody out and safe?",
    }
}

/// Their answer did not count.
pub(crate) fn refused(language: Language, reason: &str) -> String {
    match language {
        Language::Zh => format!("没有记下：{reason}"),
        Language::En => format!("This did not count: {reason}"),
    }
}
