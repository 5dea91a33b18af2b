//! What a person is told who has answered by a button: that it counts, or why it does not.

use gengfu_core::{notification::wish::Wish, text::Language};

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
