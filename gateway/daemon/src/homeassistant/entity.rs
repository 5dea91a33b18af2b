//! What a point is to Home Assistant: on and off, a number, a word.

use gengfu_core::{
    danger::Danger,
    device::Device,
    point::{Point, Sample, Value},
    rule::Condition,
};

/// What a point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entity {
    /// On or off, of this device class.
    Binary(Option<&'static str>),
    /// A number.
    Number,
    /// A word, as a mode's name.
    Word,
}

impl Entity {
    /// What the point is, by its unit, by the rules that watch it, and by what it says; none for one that
    /// nobody watches and that is neither on nor off, or of which nothing is known yet.
    pub fn of(device: &Device, point: &Point, said: &Sample) -> Option<Self> {
        let mut is_watched = false;
        let mut known = None;
        for rule in &device.rules {
            let mut asks = |condition: &Condition| {
                if !condition.points().contains(&&point.id) {
                    return;
                }
                is_watched = true;
                match condition {
                    Condition::Equals { value: Value::Bool(on), .. } => {
                        let class = on.then(|| class(rule.danger)).flatten();
                        known = known.or(Some(Self::Binary(class)));
                    }
                    Condition::NotEqual { value: Value::Bool(_), .. } => {
                        known = known.or(Some(Self::Binary(None)));
                    }
                    Condition::Above { .. } | Condition::Below { .. } => {
                        known = known.or(Some(Self::Number));
                    }
                    _ => {}
                }
            };
            walk(&rule.when, &mut asks);
        }
        let known = known.or_else(|| (!point.unit.is_empty()).then_some(Self::Number));
        match said {
            Ok(Value::Bool(_)) => known.or(Some(Self::Binary(None))),
            _ if !is_watched => None,
            Ok(Value::Int(_) | Value::Float(_)) => known.or(Some(Self::Number)),
            Ok(Value::Text(_)) => known.or(Some(Self::Word)),
            Err(_) => known,
        }
    }

    /// Its kind of entity.
    pub fn component(self) -> &'static str {
        match self {
            Entity::Binary(_) => "binary_sensor",
            Entity::Number | Entity::Word => "sensor",
        }
    }

    /// A value as it is told; `None` is Home Assistant's own word for one that is not known.
    pub fn words(self, said: &Sample) -> String {
        match (self, said) {
            (Entity::Binary(_), Ok(value)) => match value.as_f64() {
                Some(number) => if number == 0.0 { "OFF" } else { "ON" }.into(),
                None => "None".into(),
            },
            (Entity::Number, Ok(Value::Text(_))) | (_, Err(_)) => "None".into(),
            (Entity::Number, Ok(Value::Bool(on))) => u8::from(*on).to_string(),
            (_, Ok(Value::Bool(on))) => on.to_string(),
            (_, Ok(Value::Int(number))) => number.to_string(),
            (_, Ok(Value::Float(number))) => number.to_string(),
            (_, Ok(Value::Text(text))) => short(text),
        }
    }
}

/// Every comparison in a condition.
fn walk(condition: &Condition, see: &mut impl FnMut(&Condition)) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| walk(part, see));
        }
        other => see(other),
    }
}

/// What being on means, where it raises an alarm of this kind.
fn class(danger: Danger) -> Option<&'static str> {
    match danger {
        Danger::Fire => Some("smoke"),
        Danger::Gas => Some("gas"),
        Danger::Water => Some("moisture"),
        Danger::Trapped => Some("safety"),
        Danger::Lift | Danger::Fault => Some("problem"),
        Danger::Gate => None,
    }
}

/// The device class of a number with this unit; none where the unit alone does not tell.
pub(super) fn class_of_unit(unit: &str) -> Option<&'static str> {
    match unit {
        "°C" | "°F" | "K" => Some("temperature"),
        "V" | "mV" => Some("voltage"),
        "A" | "mA" => Some("current"),
        "W" | "kW" => Some("power"),
        "Pa" | "hPa" | "kPa" | "bar" | "mbar" | "psi" => Some("pressure"),
        "dB" | "dBm" => Some("signal_strength"),
        "Hz" => Some("frequency"),
        "lx" => Some("illuminance"),
        "m/s" => Some("speed"),
        _ => None,
    }
}

/// Home Assistant takes no state that is longer, in letters.
const MAX_STATE: usize = 255;

/// A text that fits into a state.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= MAX_STATE {
        return text.to_owned();
    }
    text.chars().take(MAX_STATE - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::NoData;

    use super::*;

    const DEVICE: &str = r#"
id = "d"
name = { en = "D" }
place = "p"
profile = "x"
points = [
  { id = "d/smoke", name = { en = "Smoke" } },
  { id = "d/shut", name = { en = "Shut" } },
  { id = "d/heat", name = { en = "Heat" }, unit = "°C" },
  { id = "d/mode", name = { en = "Mode" } },
  { id = "d/other", name = { en = "Other" }, unit = "V" },
]
[[rules]]
id = "d/fire"
name = { en = "Fire" }
danger = "fire"
priority = "critical"
when = { any = [
  { equals = { point = "d/smoke", value = true } },
  { above = { point = "d/heat", setpoint = 60 } },
] }
[[rules]]
id = "d/gate"
name = { en = "Open" }
danger = "fire"
priority = "normal"
when = { equals = { point = "d/shut", value = false } }
[[rules]]
id = "d/mode"
name = { en = "Mode" }
danger = "lift"
priority = "normal"
when = { equals = { point = "d/mode", value = "fault" } }
"#;

    #[test]
    fn a_point_is_what_its_rules_its_unit_and_its_values_say() {
        let device: Device = toml::from_str(DEVICE).unwrap();
        let of = |n: usize, said: Sample| Entity::of(&device, &device.points[n], &said);
        let unknown = || Err(NoData::NotYet);
        assert_eq!(of(0, unknown()), Some(Entity::Binary(Some("smoke"))));
        assert_eq!(of(1, unknown()), Some(Entity::Binary(None)), "shut is not smoke");
        assert_eq!(of(2, unknown()), Some(Entity::Number));
        assert_eq!(of(3, unknown()), None, "nothing is known of it yet");
        assert_eq!(of(3, Ok(Value::Text("up".into()))), Some(Entity::Word));
        assert_eq!(of(4, Ok(Value::Float(12.5))), None, "nobody watches it");
        assert_eq!(of(4, Ok(Value::Bool(true))), Some(Entity::Number));
    }

    #[test]
    fn values_are_told_in_home_assistants_words() {
        let binary = Entity::Binary(None);
        assert_eq!(binary.words(&Ok(Value::Bool(true))), "ON");
        assert_eq!(binary.words(&Ok(Value::Int(0))), "OFF");
        assert_eq!(binary.words(&Err(NoData::Silent)), "None");
        assert_eq!(Entity::Number.words(&Ok(Value::Float(21.5))), "21.5");
        assert_eq!(Entity::Number.words(&Ok(Value::Text("?".into()))), "None");
        let long = Entity::Word.words(&Ok(Value::Text("烟".repeat(300))));
        assert_eq!(long.chars().count(), 255);
    }
}
