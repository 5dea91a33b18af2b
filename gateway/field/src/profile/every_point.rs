//! What a point may say of itself wherever it is found, in a register or a message: read before the rest
//! of its entry.

use toml::{Table, Value};

use super::{ProfileError, deadbands};

/// Keys that every point may have.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct EveryPoint {
    /// How much its number must move to be a row of the history.
    pub deadband: Option<f64>,
    /// The device says it of itself, as its battery: a walk test does not ask that somebody touches it.
    pub diagnostic: bool,
}

impl EveryPoint {
    /// The entry without these keys, and what they said.
    pub fn split(mut entry: Table) -> Result<(Table, Self), ProfileError> {
        let deadband = deadbands::of(&mut entry)?;
        let diagnostic = match entry.remove("diagnostic") {
            None => false,
            Some(Value::Boolean(said)) => said,
            Some(_) => {
                let problem = "diagnostic is true or false";
                return Err(ProfileError::new(place(&entry), problem, "write diagnostic = true"));
            }
        };
        Ok((entry, Self { deadband, diagnostic }))
    }
}

/// Which point an entry is, for people.
pub(super) fn place(entry: &Table) -> String {
    format!("point {}", entry.get("id").and_then(Value::as_str).unwrap_or("without id"))
}

#[cfg(test)]
mod tests {
    use gengfu_core::text::Text;

    use crate::profile::{Overrides, Profile};

    const DETECTOR: &str = r#"
name = { en = "Detector" }
kind = "mqtt_json"
[[point]]
id = "smoke"
name = { en = "Smoke" }
pointer = "/smoke"
[[point]]
id = "battery_low"
name = { en = "Battery low" }
pointer = "/battery_low"
diagnostic = true
"#;

    fn diagnostic(text: &str) -> Result<Vec<bool>, String> {
        let told = |m: Vec<crate::profile::ProfileError>| m[0].to_string();
        let profile = Profile::parse("detector", "detector.toml", text).map_err(told)?;
        let overrides = Overrides::default();
        let made = profile.expand(&"d".into(), &Text::from("d"), &"p".into(), &overrides);
        Ok(made.map_err(told)?.device.points.iter().map(|point| point.diagnostic).collect())
    }

    #[test]
    fn what_a_device_says_of_itself_is_marked() {
        assert_eq!(diagnostic(DETECTOR), Ok(vec![false, true]));
    }

    #[test]
    fn a_mark_that_is_none_is_refused_with_its_line() {
        let told = diagnostic(&DETECTOR.replace("= true", "= \"yes\"")).unwrap_err();
        assert!(told.contains("detector.toml:8: point battery_low: diagnostic is"), "{told}");
    }
}
