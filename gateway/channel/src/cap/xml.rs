//! How a message is written: the elements in the standard's order, everything that others wrote escaped.

use std::borrow::Cow;

use gengfu_core::{
    incident::Cause,
    text::{Language, Text},
};

use super::{Alert, NAMESPACE, Stage, levels::levels};
use crate::advice::whole;

/// A headline of 160 characters is shown whole by "relatively small displays" (section 3.2.2).
const HEADLINE: usize = 160;

pub(super) fn write(alert: &Alert) -> String {
    let mut to = Writer::new();
    to.open(&format!("alert xmlns=\"{NAMESPACE}\""));
    to.put("identifier", &alert.identifier(&alert.name));
    to.put("sender", alert.issuer.site.as_str());
    to.put("sent", &alert.time(alert.at));
    to.put("status", if alert.stage == Stage::Test { "Test" } else { "Actual" });
    to.put("msgType", kind(alert.stage));
    // For those who look after the house: not for the public, which could do nothing about it.
    to.put("scope", "Restricted");
    to.put("restriction", "For those who look after the site");
    if let Some(note) = note(alert.stage) {
        to.put("note", note);
    }
    if !alert.earlier.is_empty() {
        let reference = |(name, at): &(String, _)| {
            format!("{},{},{}", alert.issuer.site, alert.identifier(name), alert.time(*at))
        };
        to.put("references", &alert.earlier.iter().map(reference).collect::<Vec<_>>().join(" "));
    }
    if let Some((id, _)) = alert.incident {
        to.put("incidents", &alert.identifier(&id.to_string()));
    }
    for (language, tag) in [(Language::Zh, "zh-CN"), (Language::En, "en")] {
        info(&mut to, alert, language, tag);
    }
    to.close("alert");
    to.text
}

fn info(to: &mut Writer, alert: &Alert, language: Language, tag: &str) {
    let levels = levels(alert.danger, alert.priority, alert.stage, alert.confirmed);
    let pick = |text: &Text| text.get(language).to_owned();
    to.open("info");
    to.put("language", tag);
    to.put("category", levels.category);
    to.put("event", &pick(&alert.event()));
    to.put("responseType", levels.response);
    to.put("urgency", levels.urgency);
    to.put("severity", levels.severity);
    to.put("certainty", levels.certainty);
    if let Some((_, since)) = alert.incident {
        to.put("onset", &alert.time(since));
    }
    to.put("senderName", &pick(&alert.issuer.name));
    to.put("headline", &pick(&alert.title()).chars().take(HEADLINE).collect::<String>());
    to.put("description", &description(alert, language));
    if !matches!(alert.stage, Stage::Over(_) | Stage::Test) {
        to.put("instruction", &whole(&alert.card, language));
    }
    to.open("area");
    to.put("areaDesc", &pick(&alert.place));
    to.close("area");
    to.close("info");
}

fn description(alert: &Alert, language: Language) -> String {
    let what = alert.what.get(language).to_owned();
    match (alert.state().get(language), language) {
        ("", _) => what,
        (state, Language::Zh) => format!("{what}。{state}。"),
        (state, Language::En) => format!("{what}. {state}."),
    }
}

fn kind(stage: Stage) -> &'static str {
    match stage {
        Stage::Opened | Stage::Test => "Alert",
        Stage::Over(Cause::FalseAlarm) => "Cancel",
        _ => "Update",
    }
}

/// The standard asks for a word of explanation where something is taken back, or is no true event.
fn note(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Over(Cause::FalseAlarm) => Some("False alarm"),
        // Not "Exercise": the messages before it were not, and whoever hides exercises would still show them.
        Stage::Over(Cause::Drill) => Some("It was a drill"),
        Stage::Test => Some("A test of the way to this receiver"),
        _ => None,
    }
}

struct Writer {
    text: String,
}

impl Writer {
    fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into() }
    }
    fn open(&mut self, element: &str) {
        self.text.push_str(&format!("<{element}>\n"));
    }
    fn close(&mut self, element: &str) {
        self.text.push_str(&format!("</{element}>\n"));
    }
    fn put(&mut self, element: &str, words: &str) {
        self.text.push_str(&format!("<{element}>{}</{element}>\n", escaped(words)));
    }
}

/// Words within an element. What XML 1.0 can't hold at all becomes U+FFFD.
pub fn escaped(words: &str) -> Cow<'_, str> {
    let is_plain = |c: char| {
        matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '&' | '<' | '>')
    };
    if words.chars().all(is_plain) {
        return Cow::Borrowed(words);
    }
    let mut text = String::with_capacity(words.len() + 16);
    for c in words.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            // A reader would make a line's end of it otherwise.
            '\r' => text.push_str("&#13;"),
            c if is_plain(c) => text.push(c),
            _ => text.push('\u{fffd}'),
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a reader makes of it.
    fn read(text: &str) -> String {
        let plain = [("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&amp;", "&")];
        plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read_again_and_ends_no_element(words in any::<String>()) {
            let text = escaped(&words);
            let within = ["&amp;", "&lt;", "&gt;", "&#13;"]
                .iter()
                .fold(text.clone().into_owned(), |text, known| text.replace(known, ""));
            prop_assert!(!within.contains(['&', '<', '>', '\r']));
            let held = |c: char| {
                let code = u32::from(c);
                let is_control = code < 0x20 && !matches!(c, '\t' | '\n' | '\r');
                if is_control || matches!(code, 0xfffe | 0xffff) { '\u{fffd}' } else { c }
            };
            prop_assert_eq!(read(&text), words.chars().map(held).collect::<String>());
        }
    }
}
