//! Rules: what turns a reading into an alarm.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    id::{PointId, RuleId},
    point::{NoData, Reading, Sample, Value},
    text::Text,
    time::Span,
};

/// A condition over points, with the delays and the latch that make it an alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `device/rule`.
    pub id: RuleId,
    /// What the alarm says: "Passenger calls for help".
    // Shared: every device of a kind says the same.
    #[cfg_attr(feature = "schema", schema(value_type = Text))]
    pub name: Arc<Text>,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// When it holds.
    pub when: Condition,
    /// The condition must hold this long before the alarm is raised. Not for fire and trapped:
    /// there somebody must act even when the condition clears at once.
    #[serde(default)]
    pub on_delay: Span,
    /// The condition must be gone this long before the alarm clears.
    #[serde(default)]
    pub off_delay: Span,
    /// The alarm stays after its condition has gone, until somebody ends it.
    #[serde(default)]
    pub latched: bool,
}

/// A question about points that is true, false, or can't be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The value equals this one.
    Equals {
        /// The point asked.
        point: PointId,
        /// The value compared with.
        value: Value,
    },
    /// The value is known and another one.
    NotEqual {
        /// The point asked.
        point: PointId,
        /// The value compared with.
        value: Value,
    },
    /// Above the setpoint; once true, until it falls below setpoint − deadband.
    Above {
        /// The point asked.
        point: PointId,
        /// In the point's unit.
        setpoint: f64,
        /// In the point's unit, not negative.
        #[serde(default)]
        deadband: f64,
    },
    /// Below the setpoint; once true, until it rises above setpoint + deadband.
    Below {
        /// The point asked.
        point: PointId,
        /// In the point's unit.
        setpoint: f64,
        /// In the point's unit, not negative.
        #[serde(default)]
        deadband: f64,
    },
    /// One bit of a whole number is set (or clear).
    Bit {
        /// The point asked.
        point: PointId,
        /// 0 is the lowest.
        bit: u8,
        /// True: the bit must be set; false: it must be clear.
        #[serde(default = "yes")]
        set: bool,
    },
    /// The point has no value (for one of these reasons, or for any where none is named).
    NoData {
        /// The point asked.
        point: PointId,
        /// The reasons that count; empty for all but `not_yet`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reasons: Vec<NoData>,
    },
    /// Every one of these.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    All(Vec<Condition>),
    /// At least one of these.
    #[cfg_attr(feature = "schema", schema(no_recursion))]
    Any(Vec<Condition>),
}

fn yes() -> bool {
    true
}

/// Conditions nested deeper than this are refused by [`Condition::depth`]'s callers.
pub const MAX_DEPTH: usize = 8;

impl Condition {
    /// The points it asks about, each as often as it asks.
    pub fn points(&self) -> Vec<&PointId> {
        match self {
            Condition::Equals { point, .. }
            | Condition::NotEqual { point, .. }
            | Condition::Above { point, .. }
            | Condition::Below { point, .. }
            | Condition::Bit { point, .. }
            | Condition::NoData { point, .. } => vec![point],
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().flat_map(Condition::points).collect()
            }
        }
    }

    /// How deep it nests; a plain comparison is 1.
    pub fn depth(&self) -> usize {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                1 + parts.iter().map(Condition::depth).max().unwrap_or(0)
            }
            _ => 1,
        }
    }

    /// Every setpoint, deadband and value is a number that can be compared and written down: NaN and
    /// the infinities are neither.
    pub fn is_finite(&self) -> bool {
        match self {
            Condition::Above { setpoint, deadband, .. }
            | Condition::Below { setpoint, deadband, .. } => {
                setpoint.is_finite() && deadband.is_finite()
            }
            Condition::Equals { value, .. } | Condition::NotEqual { value, .. } => {
                value.is_finite()
            }
            Condition::Bit { .. } | Condition::NoData { .. } => true,
            Condition::All(parts) | Condition::Any(parts) => parts.iter().all(Self::is_finite),
        }
    }

    /// The reading alone makes a comparison true that its point's last value left false, or says
    /// so once more.
    pub fn is_called_by(&self, reading: &Reading, before: Option<&Sample>) -> bool {
        match self {
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().any(|part| part.is_called_by(reading, before))
            }
            comparison => {
                let with = |sample: Option<&Sample>| {
                    comparison.holds(false, &|point| sample.filter(|_| *point == reading.point))
                };
                let repeated = before == Some(&reading.sample);
                with(Some(&reading.sample)) == Some(true)
                    && (repeated || with(before) != Some(true))
            }
        }
    }

    /// True, false, or `None` where a value that it needs is missing. `held` is whether it held
    /// until now: the deadband applies while it does. A missing value never makes a comparison
    /// false: silence is not "normal".
    pub fn holds<'a>(
        &self,
        held: bool,
        look: &impl Fn(&PointId) -> Option<&'a Sample>,
    ) -> Option<bool> {
        let value = |point: &PointId| look(point).and_then(|sample| sample.as_ref().ok());
        match self {
            Condition::Equals { point, value: wanted } => value(point).map(|v| v.same_as(wanted)),
            Condition::NotEqual { point, value: wanted } => {
                value(point).map(|v| !v.same_as(wanted))
            }
            Condition::Above { point, setpoint, deadband } => value(point)
                .and_then(Value::as_f64)
                .map(|x| if held { x >= setpoint - deadband } else { x > *setpoint }),
            Condition::Below { point, setpoint, deadband } => value(point)
                .and_then(Value::as_f64)
                .map(|x| if held { x <= setpoint + deadband } else { x < *setpoint }),
            Condition::Bit { point, bit, set } => match value(point) {
                Some(Value::Int(bits)) => Some((bits >> (*bit).min(63)) & 1 == i64::from(*set)),
                Some(Value::Bool(b)) if *bit == 0 => Some(b == set),
                _ => None,
            },
            Condition::NoData { point, reasons } => look(point).map(|sample| match sample {
                Ok(_) => false,
                Err(NoData::NotYet) => reasons.contains(&NoData::NotYet),
                Err(reason) => reasons.is_empty() || reasons.contains(reason),
            }),
            Condition::All(parts) => combine(parts, held, look, false),
            Condition::Any(parts) => combine(parts, held, look, true),
        }
    }
}

/// Three-valued and/or: one `decisive` part settles it; otherwise one unknown part leaves it open.
fn combine<'a>(
    parts: &[Condition],
    held: bool,
    look: &impl Fn(&PointId) -> Option<&'a Sample>,
    decisive: bool,
) -> Option<bool> {
    let mut open = false;
    for part in parts {
        match part.holds(held, look) {
            Some(b) if b == decisive => return Some(decisive),
            Some(_) => {}
            None => open = true,
        }
    }
    if open { None } else { Some(!decisive) }
}
