//! What to do first, by the kind of danger, in plain words.

use gengfu_core::{
    danger::Danger,
    notification::outbox::{Content, Purpose},
    text::Language,
};

/// The emergency numbers, the fitting one first: 119 fire and rescue, 96333 lift rescue.
pub(crate) fn numbers(danger: Danger) -> &'static str {
    match danger {
        Danger::Trapped | Danger::Lift => "96333/119",
        _ => "119/96333",
    }
}

/// One line.
pub(crate) fn advice(content: &Content, language: Language) -> String {
    if content.test {
        return match language {
            Language::Zh => "怎么做：什么都不用做，这是测试。".to_owned(),
            Language::En => "What to do: nothing, it is a test.".to_owned(),
        };
    }
    let pick = |zh: &str, en: &str| match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    };
    if matches!(content.purpose, Purpose::NobodyAnswered { .. }) {
        return pick(
            "怎么做：马上打电话。119：火警、救援。96333：电梯救援。告诉他们上面的地点。",
            "What to do: call now. 119: fire and rescue. 96333: lift rescue. Tell them the place above.",
        );
    }
    let first = first_aid(content.danger, language);
    match language {
        Language::Zh => format!("怎么做：{first}"),
        Language::En => format!("What to do: {first}"),
    }
}

/// What to do first.
pub(crate) fn first_aid(danger: Danger, language: Language) -> &'static str {
    let pick = |zh: &'static str, en: &'static str| match language {
        Language::Zh => zh,
        Language::En => en,
    };
    match danger {
        Danger::Fire => pick(
            "看到烟或火就打119，叫大家出来，不要坐电梯，不要冒险。",
            "at any smoke or fire call 119, get people out, take no lift, take no risk.",
        ),
        Danger::Trapped => pick(
            "到电梯门口跟里面的人说话，让他们等，不要扒门。电梯救援：96333。",
            "go to the lift, talk to the people inside, let them wait, force no door. Lift rescue: 96333.",
        ),
        Danger::Gas => pick(
            "不要碰开关，不要点火，开窗，叫大家出来，到外面打119。",
            "touch no switch, light nothing, open windows, get people out, call 119 from outside.",
        ),
        Danger::Water => pick(
            "去看看，关上水阀，小心触电。",
            "have a look, shut the valve, stay clear of wet wiring.",
        ),
        Danger::Lift => pick(
            "去看看里面有没有人，叫大家别坐，通知维保。有人被困打96333。",
            "see whether anybody is inside, keep people out of it, tell the maintainer. If somebody is trapped call 96333.",
        ),
        Danger::Gate => pick(
            "去看看门口的情况；有危险不要上前，打110。",
            "have a look at the gate; if it is not safe stay away and call 110.",
        ),
        Danger::Fault => pick(
            "去看看设备。修好之前，那里出事可能没有人知道。",
            "have a look at the equipment. Until it works, trouble there may go unseen.",
        ),
    }
}
