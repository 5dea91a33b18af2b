//! `deadband` of a point: how much a number must move to be a row of the history.

use gengfu_core::id::{DeviceId, PointId};
use toml::{Table, Value};

use super::{ProfileError, every_point, overrides::Overrides, work::Work};

/// What the key is called, in a point.
const KEY: &str = "deadband";

/// Takes it out of an entry.
pub(super) fn of(entry: &mut Table) -> Result<Option<f64>, ProfileError> {
    let Some(written) = entry.remove(KEY) else { return Ok(None) };
    let number = match written {
        Value::Float(x) => Some(x),
        Value::Integer(n) => Some(n as f64),
        _ => None,
    };
    match number.filter(|x| is_usable(*x)) {
        Some(deadband) => Ok(Some(deadband)),
        None => Err(wrong(every_point::place(entry))),
    }
}

/// Puts what the configuration says in the place of what the profile does.
pub(super) fn adjust(device: &DeviceId, overrides: &Overrides, work: &mut Work) {
    for (local, deadband) in &overrides.deadbands {
        let id = PointId::from(format!("{device}/{local}").as_str());
        if !work.point_at.contains_key(&id) {
            work.mistakes.push(ProfileError::new(
                format!("deadbands.{local}"),
                format!("there is no point \"{local}\""),
                "remove it, or write it as the list of the device's points does",
            ));
        } else if is_usable(*deadband) {
            work.deadbands.insert(id, *deadband);
        } else {
            work.mistakes.push(wrong(format!("deadbands.{local}")));
        }
    }
}

fn is_usable(deadband: f64) -> bool {
    deadband.is_finite() && deadband >= 0.0
}

fn wrong(at: String) -> ProfileError {
    ProfileError::new(at, "a deadband is a number that is not negative", "write deadband = 0.5")
}

#[cfg(test)]
mod tests {
    use gengfu_core::{id::PointId, text::Text};

    use crate::profile::{Overrides, Profile};

    const BOILER: &str = r#"
name = { en = "Boiler" }
kind = "mqtt_json"
[[point]]
id = "temperature"
name = { en = "Temperature" }
pointer = "/t"
deadband = 0.5
[[point]]
id = "pressure"
name = { en = "Pressure" }
pointer = "/p"
"#;

    fn expand(text: &str, overrides: &Overrides) -> Result<Vec<(String, f64)>, String> {
        let told = |m: Vec<crate::profile::ProfileError>| m[0].to_string();
        let profile = Profile::parse("boiler", "boiler.toml", text).map_err(told)?;
        let made = profile.expand(&"b".into(), &Text::from("b"), &"p".into(), overrides);
        let all = made.map_err(told)?.deadbands;
        Ok(all.into_iter().map(|(id, x): (PointId, f64)| (id.to_string(), x)).collect())
    }

    #[test]
    fn a_point_s_deadband_is_the_profile_s_or_the_device_s_own() {
        let profile_s = Overrides::default();
        assert_eq!(expand(BOILER, &profile_s), Ok(vec![("b/temperature".into(), 0.5)]));
        let deadbands = [("temperature".to_owned(), 2.0), ("pressure".to_owned(), 0.01)].into();
        let own = Overrides { deadbands, ..Overrides::default() };
        let wanted = vec![("b/pressure".into(), 0.01), ("b/temperature".into(), 2.0)];
        assert_eq!(expand(BOILER, &own), Ok(wanted));
    }

    #[test]
    fn what_is_no_deadband_is_refused_with_its_line() {
        for wrong in ["-1", "\"wide\"", "nan", "inf"] {
            let text = BOILER.replace("deadband = 0.5", &format!("deadband = {wrong}"));
            let told = expand(&text, &Overrides::default()).unwrap_err();
            assert!(told.contains("boiler.toml:4: point temperature: a deadband"), "{told}");
        }
        let deadbands = [("smoke".to_owned(), 2.0)].into();
        let own = Overrides { deadbands, ..Overrides::default() };
        assert!(expand(BOILER, &own).unwrap_err().contains("there is no point \"smoke\""));
    }
}
