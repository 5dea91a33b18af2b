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
    match content.danger {
        Danger::Fire => pick(
            "怎么做：看到烟或火就打119，叫大家出来，不要坐电梯，不要冒险。",
            "What to do: at any smoke or fire call 119, get people out, take no lift, take no risk.",
        ),
        Danger::Trapped => pick(
            "怎么做：到电梯门口跟里面的人说话，让他们等，不要扒门。电梯救援：96333。",
            "What to do: go to the lift, talk to the people inside, let them wait, force no door. Lift rescue: 96333.",
        ),
        Danger::Gas => pick(
            "怎么做：不要碰开关，不要点火，开窗，叫大家出来，到外面打119。",
            "What to do: touch no switch, light nothing, open windows, get people out, call 119 from outside.",
        ),
        Danger::Water => pick(
            "怎么做：去看看，关上水阀，小心触电。",
            "What to do: have a look, shut the valve, stay clear of wet wiring.",
        ),
        Danger::Lift => pick(
            "怎么做：去看看里面有没有人，叫大家别坐，通知维保。有人被困打96333。",
            "What to do: see whether anybody is inside, keep people out of it, tell the maintainer. If somebody is trapped call 96333.",
        ),
        Danger::Gate => pick(
            "怎么做：去看看门口的情况；有危险不要上前，打110。",
            "What to do: have a look at the gate; if it is not safe stay away and call 110.",
        ),
        Danger::Fault => pick(
            "怎么做：去看看设备。修好之前，那里出事可能没有人知道。",
            "What to do: have a look at the equipment. Until it works, trouble there may go unseen.",
        ),
    }
}
