//! Truths and numbers that a source sends as texts: `"true"`, `"ON"`, `"18"`. Where all that rules ask of a
//! point is a truth or a number, a text is taken as what it spells ([`super::meaning`]), and one that spells
//! neither is no value: compared as a text it would make every rule false without a word.

use std::collections::BTreeMap;

use gengfu_core::{
    id::PointId,
    point::Value,
    rule::{Condition, Rule},
};

use super::source::Source;

impl Source {
    /// Lets its points take texts as what they spell, where these rules (of all devices that may ask about
    /// them) compare them with truths and numbers alone.
    pub fn spell<'a>(&mut self, rules: impl IntoIterator<Item = &'a Rule>) {
        let mut asked = BTreeMap::new();
        match self {
            Source::Json { .. } | Source::Announced { .. } | Source::Sparkplug { .. } => {
                rules.into_iter().for_each(|rule| ask(&rule.when, &mut asked));
            }
            _ => return,
        }
        let is_spelled = |point: &PointId| asked.get(point).copied().unwrap_or(false);
        match self {
            Source::Json { points, .. } | Source::Announced { points, .. } => {
                points.iter_mut().for_each(|p| p.spelled = is_spelled(&p.point));
            }
            Source::Sparkplug { points } => {
                points.iter_mut().for_each(|p| p.meaning.spelled = is_spelled(&p.point));
            }
            _ => {}
        }
    }
}

/// Notes of each point that is compared whether that is with truths and numbers alone.
fn ask<'a>(condition: &'a Condition, asked: &mut BTreeMap<&'a PointId, bool>) {
    let (point, is_number) = match condition {
        Condition::Equals { point, value } | Condition::NotEqual { point, value } => {
            (point, !matches!(value, Value::Text(_)))
        }
        Condition::Above { point, .. }
        | Condition::Below { point, .. }
        | Condition::Bit { point, .. } => (point, true),
        Condition::NoData { .. } => return,
        Condition::All(parts) | Condition::Any(parts) => {
            return parts.iter().for_each(|part| ask(part, asked));
        }
    };
    *asked.entry(point).or_insert(true) &= is_number;
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::{NoData, Sample};

    use super::*;
    use crate::profile::{Library, Overrides};

    /// What the first point of a device says of `{"x": …}` when its one rule asks this.
    fn says(when: &str, found: &str) -> Option<Sample> {
        let overrides: Overrides = toml::from_str(&format!(
            r#"
            points = [{{ id = "x", name = {{ en = "x" }}, pointer = "/x" }}]
            [[rules]]
            id = "r"
            name = {{ en = "r" }}
            danger = "fault"
            priority = "low"
            when = {when}
            "#
        ))
        .unwrap();
        let library = Library::shipped().unwrap();
        let json = library.get("json").unwrap();
        let made = json.expand(&"d".into(), &"d".into(), &"p".into(), &overrides).unwrap();
        let Source::Json { points, .. } = &made.source else { panic!("not JSON") };
        points[0].sample(0, &serde_json::from_str(&format!("{{\"x\": {found}}}")).unwrap())
    }

    const TRUTH: &str = r#"{ equals = { point = "x", value = true } }"#;
    const NUMBER: &str = r#"{ below = { point = "x", setpoint = 20 } }"#;

    #[test]
    fn a_text_is_the_truth_or_the_number_that_it_spells() {
        for (found, value) in [
            (r#""true""#, Value::Bool(true)),
            (r#""TRUE""#, Value::Bool(true)),
            (r#""On""#, Value::Bool(true)),
            (r#""OFF""#, Value::Bool(false)),
            (r#""1""#, Value::Int(1)),
            ("true", Value::Bool(true)),
        ] {
            assert_eq!(says(TRUTH, found), Some(Ok(value)), "{found}");
        }
        assert_eq!(says(NUMBER, r#""18""#), Some(Ok(Value::Int(18))));
        assert_eq!(says(NUMBER, r#""-3.5""#), Some(Ok(Value::Float(-3.5))));
    }

    #[test]
    fn any_other_text_where_a_truth_or_a_number_is_asked_for_is_no_value() {
        for text in ["alarm", "", " 18", "18 %", "+18", "1e999", "NaN", "yes", "true "] {
            for when in [TRUTH, NUMBER] {
                let found = format!("\"{text}\"");
                assert_eq!(says(when, &found), Some(Err(NoData::Garbled)), "{found}");
            }
        }
    }

    #[test]
    fn a_text_stays_one_where_a_rule_asks_for_a_text_or_none_asks() {
        let text = |t: &str| Some(Ok(Value::Text(t.into())));
        let word = r#"{ equals = { point = "x", value = "on" } }"#;
        assert_eq!(says(word, r#""on""#), text("on"));
        let both = format!("{{ any = [{TRUTH}, {word}] }}");
        assert_eq!(says(&both, r#""alarm""#), text("alarm"));
        let none = r#"{ no_data = { point = "x" } }"#;
        assert_eq!(says(none, r#""18""#), text("18"));
    }
}
