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
    pub rules: BTreeMap<RuleId, RuleOf>,
    /// The rules that ask about a point. A point that is here rides in the alarm lane.
    pub by_point: BTreeMap<PointId, Arc<[RuleOf]>>,
    /// The device that a point belongs to.
    pub device_of: BTreeMap<PointId, DeviceId>,
    /// What can be switched.
    pub outputs: BTreeMap<PointId, Output>,
}

/// A rule and the device that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleOf {
    device: Arc<Device>,
    at: usize,
}

impl RuleOf {
    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.device.rules[self.at]
    }

    /// The device whose place the alarm is at.
    pub fn device(&self) -> &DeviceId {
        &self.device.id
    }
}

impl Index {
    /// The look-ups of these devices. Each map is made of a whole list: one that grows entry by
    /// entry would take twice the room.
    pub fn of<'a>(devices: impl Iterator<Item = &'a Arc<Device>>) -> Self {
        let (mut device_of, mut outputs, mut rules) = (vec![], vec![], vec![]);
        let mut by_point: BTreeMap<&PointId, Vec<RuleOf>> = BTreeMap::new();
        for device in devices {
            device_of.extend(device.points.iter().map(|p| (p.id.clone(), device.id.clone())));
            outputs.extend(device.outputs.iter().map(|output| (output.id.clone(), output.clone())));
            for (at, rule) in device.rules.iter().enumerate() {
                let of = RuleOf { device: device.clone(), at };
                for point in rule.when.points() {
                    let asking = by_point.entry(point).or_default();
                    if !asking.iter().any(|r| r.rule().id == rule.id) {
                        asking.push(of.clone());
                    }
                }
                rules.push((rule.id.clone(), of));
            }
        }
        Self {
            rules: rules.into_iter().collect(),
            by_point: by_point.into_iter().map(|(id, of)| (id.clone(), of.into())).collect(),
            device_of: device_of.into_iter().collect(),
            outputs: outputs.into_iter().collect(),
        }
    }
}
