//! Look-ups: which rules ask about a point, whose it is, what can be switched.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    device::Device,
    id::{DeviceId, PointId, RuleId},
    output::Output,
    rule::Rule,
};

/// Look-ups that are derived from the configuration and the boards, and made anew when they change.
#[derive(Debug, Default)]
pub struct Index {
    /// Every rule.
    pub rules: BTreeMap<RuleId, Arc<RuleOf>>,
    /// The rules that ask about a point. A point that is here rides in the alarm lane.
    pub by_point: BTreeMap<PointId, Vec<Arc<RuleOf>>>,
    /// The device that a point belongs to.
    pub device_of: BTreeMap<PointId, DeviceId>,
    /// What can be switched.
    pub outputs: BTreeMap<PointId, Output>,
}

/// A rule and the device that it belongs to.
#[derive(Debug, PartialEq)]
pub struct RuleOf {
    /// The rule.
    pub rule: Rule,
    /// The device whose place the alarm is at.
    pub device: DeviceId,
}

impl Index {
    /// The look-ups of these devices.
    pub fn of<'a>(devices: impl Iterator<Item = &'a Device>) -> Self {
        let mut index = Self::default();
        for device in devices {
            for point in &device.points {
                index.device_of.insert(point.id.clone(), device.id.clone());
            }
            for output in &device.outputs {
                index.outputs.insert(output.id.clone(), output.clone());
            }
            for rule in &device.rules {
                let of = Arc::new(RuleOf { rule: rule.clone(), device: device.id.clone() });
                for point in rule.when.points() {
                    let rules = index.by_point.entry(point.clone()).or_default();
                    if !rules.iter().any(|r| r.rule.id == rule.id) {
                        rules.push(of.clone());
                    }
                }
                index.rules.insert(rule.id.clone(), of);
            }
        }
        index
    }
}
