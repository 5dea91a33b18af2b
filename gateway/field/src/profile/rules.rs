//! Rules as profiles write them: put under their device, and looked at for slips of the pen.

use std::collections::BTreeMap;

use gengfu_core::{
    id::{DeviceId, PointId, RuleId},
    point::Value,
    rule::{Condition, MAX_DEPTH, Rule},
    time::Span,
};
use toml::Table;

use super::{error::ProfileError, points::Words};

/// A rule as it is written, with its own and its points' ids put under the device.
pub(super) fn rule(device: &DeviceId, table: &Table) -> Result<Rule, ProfileError> {
    let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("without id").to_owned();
    let wrong =
        |problem: String, remedy: &str| ProfileError::new(format!("rule {id}"), problem, remedy);
    let mut rule: Rule =
        table.clone().try_into().map_err(|e| ProfileError::of(format!("rule {id}"), &e))?;
    if rule.id.as_str().contains('/') {
        return Err(wrong("a rule's id can't hold \"/\"".into(), "use \".\" or \"-\" instead"));
    }
    rule.id = format!("{device}/{}", rule.id)
        .parse::<RuleId>()
        .map_err(|e| wrong(e.to_string(), "choose another id"))?;
    rebase(&mut rule.when, device).map_err(|e| wrong(e, "name a point of the same device"))?;
    Ok(rule)
}

fn rebase(condition: &mut Condition, device: &DeviceId) -> Result<(), String> {
    match condition {
        Condition::Equals { point, .. }
        | Condition::NotEqual { point, .. }
        | Condition::Above { point, .. }
        | Condition::Below { point, .. }
        | Condition::Bit { point, .. }
        | Condition::NoData { point, .. } => {
            *point = format!("{device}/{point}").parse().map_err(|e| format!("{e}"))?;
            Ok(())
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter_mut().try_for_each(|part| rebase(part, device))
        }
    }
}

/// Refuses what would never hold, always hold, or hold back a fire.
pub(super) fn check_rule(
    rule: &Rule,
    points: &BTreeMap<PointId, Words>,
) -> Result<(), ProfileError> {
    let wrong = |problem: String, remedy: &str| {
        Err(ProfileError::new(format!("rule {}", rule.id), problem, remedy))
    };
    for asked in rule.when.points() {
        if !points.contains_key(asked) {
            return wrong(format!("there is no point {asked}"), "name a point of the same device");
        }
    }
    if rule.when.depth() > MAX_DEPTH {
        return wrong(format!("it nests deeper than {MAX_DEPTH}"), "split it into several rules");
    }
    if rule.danger.is_vital() && rule.on_delay > Span::ZERO {
        let remedy = "remove on_delay, or use off_delay";
        return wrong("fire and trapped are never held back".into(), remedy);
    }
    check_condition(&rule.when, points).or_else(|(problem, remedy)| wrong(problem, remedy))
}

fn check_condition(
    condition: &Condition,
    points: &BTreeMap<PointId, Words>,
) -> Result<(), (String, &'static str)> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) if parts.is_empty() => {
            Err(("an empty list is always or never true".into(), "name at least one condition"))
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().try_for_each(|part| check_condition(part, points))
        }
        Condition::Above { deadband, setpoint, .. }
        | Condition::Below { deadband, setpoint, .. }
            if !deadband.is_finite() || *deadband < 0.0 || !setpoint.is_finite() =>
        {
            Err(("setpoint or deadband is no usable number".into(), "use a deadband of 0 or more"))
        }
        Condition::Equals { point, value } | Condition::NotEqual { point, value } => {
            let is_among = |words: &[Value]| words.iter().any(|word| word.same_as(value));
            let is_text = matches!(value, Value::Text(_));
            let is_said = match points.get(point) {
                None | Some(Words::Any) => true,
                Some(Words::Only(words)) => is_among(words),
                Some(Words::Numbers(words)) => !is_text || is_among(words),
                Some(Words::Texts) => is_text,
            };
            match is_said {
                true => Ok(()),
                false => {
                    Err((format!("{point} never says {value:?}"), "use a word the point can say"))
                }
            }
        }
        Condition::Above { point, .. }
        | Condition::Below { point, .. }
        | Condition::Bit { point, .. } => {
            let is_text = |word: &Value| matches!(word, Value::Text(_));
            let is_number = match points.get(point) {
                Some(Words::Texts) => false,
                Some(Words::Only(words)) => !words.iter().all(is_text),
                _ => true,
            };
            match is_number {
                true => Ok(()),
                false => Err((format!("{point} says no number"), "compare it by equals")),
            }
        }
        _ => Ok(()),
    }
}

/// The part of an id behind the device's.
pub(super) fn local(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
