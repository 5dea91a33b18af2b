//! `[devices.adjust.<rule>]`: a profile's rule with another setpoint or other delays.

use std::ops::Range;

use gengfu_core::{
    danger::Priority,
    device::Device,
    rule::{Condition, Rule},
    time::Span,
};

use super::{
    fields::{Fields, Node},
    problem::{Problems, choose},
    rule::{check_on_delay, check_setpoint},
};

/// Applies the entries of `adjust` to the device's rules, each named without the device.
pub fn apply(mut changes: Fields<'_>, device: &mut Device) {
    for node in changes.rest() {
        let id = format!("{}/{}", device.id, node.key);
        let prefix = format!("{}/", device.id);
        match device.rules.iter_mut().find(|rule| rule.id.as_str() == id) {
            Some(rule) => change(node, rule),
            None => node.walk.problems.missing(
                &node.key_span,
                format!("device \"{}\" has no rule \"{}\"", device.id, node.key),
                choose(
                    &node.key,
                    device.rules.iter().filter_map(|r| r.id.as_str().strip_prefix(&prefix)),
                    "remove it: this device has no rules",
                ),
            ),
        }
    }
}

fn change(node: Node<'_>, rule: &mut Rule) {
    let key_span = node.key_span.clone();
    let Some(mut fields) = node.fields(&format!("the adjustment of rule \"{}\"", rule.id)) else {
        return;
    };
    let problems = fields.walk.problems;
    let setpoint = fields.optional::<f64>("setpoint").map(|at| at.value);
    let deadband = fields.optional::<f64>("deadband").map(|at| at.value);
    if let Some(delay) = fields.optional::<Span>("on_delay") {
        check_on_delay(problems, &delay, rule.danger);
        rule.on_delay = delay.value;
    }
    rule.off_delay = fields.or("off_delay", rule.off_delay);
    rule.priority = fields.or::<Priority>("priority", rule.priority);
    fields.done();
    if setpoint.is_some() || deadband.is_some() {
        move_setpoint(problems, &key_span, rule, setpoint, deadband);
    }
}

fn move_setpoint(
    problems: &Problems,
    span: &Range<usize>,
    rule: &mut Rule,
    setpoint: Option<f64>,
    deadband: Option<f64>,
) {
    match &mut rule.when {
        Condition::Above { setpoint: s, deadband: d, .. }
        | Condition::Below { setpoint: s, deadband: d, .. } => {
            *s = setpoint.unwrap_or(*s);
            *d = deadband.unwrap_or(*d);
            check_setpoint(problems, span, *s, *d);
        }
        _ => problems.error(
            span,
            format!("rule \"{}\" compares with no setpoint", rule.id),
            "remove `setpoint` and `deadband`, or write the rule anew under [[devices.rules]]",
        ),
    }
}
