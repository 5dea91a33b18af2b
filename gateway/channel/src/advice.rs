//! What to do first, as a message says it: the steps of the building's own card, as many as there is room
//! for.

use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    notification::outbox::{Content, Purpose},
    text::Language,
};

use crate::plain::plain;

/// What a text bears: steps, and their [`width`]. One of its parts has 153 letters or 67 Chinese characters,
/// with the words around it.
const TEXT: (usize, usize) = (2, 120);
/// What is read on a locked phone without opening it, in the same way.
const NOTICE: (usize, usize) = (3, 260);

/// How much of a card a way bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// A text message: each part is paid for, and what is too long loses its end.
    Text,
    /// A notification, a chat.
    Notice,
    /// A mail: the whole card, a step a line.
    Letter,
}

/// The emergency numbers, the fitting one first: 119 fire and rescue, 96333 lift rescue.
pub(crate) fn numbers(danger: Danger) -> &'static str {
    match danger {
        Danger::Trapped | Danger::Lift => "96333/119",
        _ => "119/96333",
    }
}

/// What stands in a message about what to do.
pub(crate) fn advice(
    content: &Content,
    card: &Card,
    language: Language,
    room: Room,
) -> Vec<String> {
    let pick = |zh: &str, en: &str| match language {
        Language::Zh => zh.to_owned(),
        Language::En => en.to_owned(),
    };
    if content.test {
        return vec![pick(
            "怎么做：什么都不用做，这是测试。",
            "What to do: nothing, it is a test.",
        )];
    }
    if matches!(content.purpose, Purpose::NobodyAnswered { .. }) {
        return vec![pick(
            "怎么做：马上打电话。119：火警、救援。96333：电梯救援。告诉他们上面的地点。",
            "What to do: call now. 119: fire and rescue. 96333: lift rescue. Tell them the place above.",
        )];
    }
    // In an exercise of everybody a card would have hundreds call 119: whoever calls it says what to do.
    if content.purpose.is_muster() && content.priority == Priority::Low {
        return vec![];
    }
    let begins = |rest: &str| match language {
        Language::Zh => format!("怎么做：{rest}"),
        Language::En => format!("What to do: {rest}").trim_end().to_owned(),
    };
    let steps = first_steps(card, language, room);
    match steps.as_slice() {
        [] => vec![],
        [only] => vec![begins(only)],
        steps if room == Room::Letter => {
            std::iter::once(begins("")).chain(numbered(steps)).collect()
        }
        steps => vec![begins(&numbered(steps).collect::<Vec<_>>().join(" "))],
    }
}

/// All steps of a card, a line each.
pub(crate) fn whole(card: &Card, language: Language) -> String {
    numbered(&first_steps(card, language, Room::Letter)).collect::<Vec<_>>().join("\n")
}

fn numbered(steps: &[String]) -> impl Iterator<Item = String> {
    steps.iter().enumerate().map(|(n, step)| format!("{}. {step}", n + 1))
}

/// The first step always, and what has room behind it. A step is said whole or not at all: the half of one
/// may say the opposite.
fn first_steps(card: &Card, language: Language, room: Room) -> Vec<String> {
    let (count, most) = match room {
        Room::Text => TEXT,
        Room::Notice => NOTICE,
        Room::Letter => (usize::MAX, usize::MAX),
    };
    let mut taken = 0;
    let steps = card.steps.iter().map(|step| plain(step.get(language)));
    let fits = |step: &String| {
        let is_first = taken == 0;
        taken += width(step);
        is_first || taken <= most
    };
    steps.filter(|step| !step.is_empty()).take(count).take_while(fits).collect()
}

/// In letters of a screen: what is no ASCII, as a Chinese character, takes the room of two.
fn width(words: &str) -> usize {
    words.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use gengfu_core::text::Text;

    use super::*;

    fn card(steps: &[(&str, &str)]) -> Card {
        Card { steps: steps.iter().map(|(zh, en)| Text::new(zh, en)).collect() }
    }

    #[test]
    fn a_step_is_said_whole_or_not_at_all_and_the_first_one_always() {
        let long = "不".repeat(120);
        let steps = card(&[(&long, ""), ("二", "two")]);
        for room in [Room::Text, Room::Notice] {
            assert_eq!(first_steps(&steps, Language::Zh, room).first(), Some(&long), "{room:?}");
        }
        assert_eq!(first_steps(&steps, Language::Zh, Room::Text).len(), 1);
        assert_eq!(first_steps(&steps, Language::Zh, Room::Letter).len(), 2);
        let half = "门".repeat(TEXT.1 / 4);
        let two = card(&[(&half, ""), (&half, ""), ("三", "")]);
        assert_eq!(first_steps(&two, Language::Zh, Room::Text), [half.clone(), half]);
    }

    #[test]
    fn every_usual_card_has_three_steps_on_a_locked_phone() {
        for danger in Danger::ALL {
            for language in [Language::Zh, Language::En] {
                let said = first_steps(&Card::usual(danger), language, Room::Notice).len();
                assert_eq!(said, 3, "{danger:?} {language:?}");
            }
        }
    }

    #[test]
    fn a_language_that_a_step_lacks_is_made_up_for_by_the_other() {
        let steps = card(&[("先看看", ""), ("", "shut the valve")]);
        assert_eq!(whole(&steps, Language::En), "1. 先看看\n2. shut the valve");
    }
}
