//! `[[rules]]`: the site's own rules, over points of one device or of several.

use std::ops::Range;

use gengfu_core::{
    danger::Danger,
    id::{DeviceId, PointId, RuleId},
    point::device_of,
    rule::{Condition, MAX_DEPTH, Rule},
    text::Text,
    time::Span,
};

use super::{
    device::Devices,
    fields::Node,
    kind::Words,
    problem::{At, Problems, choose},
};

/// Reads `[[rules]]` into the devices that they are named after.
pub fn read(nodes: Vec<Node<'_>>, devices: &mut Devices) {
    let mut has_own = false;
    for node in nodes {
        let problems = node.walk.problems;
        let Some((At { value: rule, span }, when)) = one(node) else { continue };
        if let Some(when) = when {
            check_points(problems, &when, &rule.when, devices);
        }
        let device = device_of(&PointId::from(rule.id.as_str()));
        match devices.known.get_mut(&device) {
            Some(found) if found.rules.iter().any(|r| r.id == rule.id) => problems.error(
                &span,
                format!("there is a rule \"{}\" already", rule.id),
                format!("choose another name behind \"{device}/\""),
            ),
            Some(found) => {
                found.rules.push(rule);
                has_own = true;
            }
            None if devices.named.contains(&device) => {} // Its own mistake is reported.
            None => problems.missing(
                &span,
                format!(
                    "rule \"{}\" belongs to a device \"{device}\", which is not there",
                    rule.id
                ),
                choose(
                    device.as_str(),
                    devices.known.keys().map(DeviceId::as_str),
                    "begin its id with the id of one of the [[devices]] of this file and a slash",
                ),
            ),
        }
    }
    if has_own {
        // Such a rule may ask about any device's points.
        for link in devices.links.values_mut() {
            link.source.spell(devices.known.values().flat_map(|device| &device.rules));
        }
    }
}

fn one(node: Node<'_>) -> Option<(At<Rule>, Option<Range<usize>>)> {
    let mut fields = node.fields("[[rules]]")?;
    let problems = fields.walk.problems;
    let id = fields.required::<RuleId>("id");
    let name = fields.required::<Words>("name");
    let danger = fields.required::<Danger>("danger");
    let priority = fields.required("priority");
    let when = fields.required::<Condition>("when");
    let on_delay = fields.optional::<Span>("on_delay");
    let off_delay = fields.or("off_delay", Span::ZERO);
    let latched = fields.or("latched", false);
    if let (Some(delay), Some(danger)) = (&on_delay, &danger) {
        check_on_delay(problems, delay, danger.value);
    }
    if let Some(when) = &when {
        check_condition(problems, &when.span, &when.value);
    }
    fields.done();
    let (id, name, when) = (id?, name?, when?);
    let rule = Rule {
        id: id.value,
        name: Text::from(name.value).into(),
        danger: danger?.value,
        priority: priority?.value,
        when: when.value,
        on_delay: on_delay.map_or(Span::ZERO, |at| at.value),
        off_delay,
        latched,
    };
    Some((At { value: rule, span: id.span }, Some(when.span)))
}

/// Somebody must act on fire and trapped even when the condition clears at once.
pub fn check_on_delay(problems: &Problems, delay: &At<Span>, danger: Danger) {
    if danger.is_vital() && delay.value > Span::ZERO {
        problems.error(
            &delay.span,
            format!("an `on_delay` of {} on a rule about fire or a trapped person", delay.value),
            "remove it: such an alarm must be raised at once. To keep it from flapping, use `off_delay`",
        );
    }
}

/// Reports what can't be right in a condition by itself.
pub fn check_condition(problems: &Problems, span: &Range<usize>, when: &Condition) {
    if when.depth() > MAX_DEPTH {
        problems.error(
            span,
            format!("the condition nests {} deep, more than {MAX_DEPTH}", when.depth()),
            "split it into several rules",
        );
    }
    walk(when, &mut |part| match part {
        Condition::Above { setpoint, deadband, .. }
        | Condition::Below { setpoint, deadband, .. } => {
            check_setpoint(problems, span, *setpoint, *deadband);
        }
        Condition::Equals { value, .. } | Condition::NotEqual { value, .. }
            if !value.is_finite() =>
        {
            problems.error(
                span,
                "nothing equals a value that is no number",
                "write the value as the device says it, as true, 3 or \"open\"; \
                 where no data comes, ask for `no_data`",
            );
        }
        Condition::Bit { bit, .. } if *bit > 63 => problems.error(
            span,
            format!("there is no bit {bit}"),
            "bits are counted from 0, the lowest, to 63",
        ),
        Condition::All(parts) | Condition::Any(parts) if parts.is_empty() => problems.error(
            span,
            "`all` and `any` need at least one condition",
            "write the conditions in brackets: all = [{ … }, { … }]",
        ),
        _ => {}
    });
}

/// Reports a setpoint or deadband that no value can meet.
pub fn check_setpoint(problems: &Problems, span: &Range<usize>, setpoint: f64, deadband: f64) {
    if !setpoint.is_finite() {
        problems.error(span, "the setpoint is no number", "write it in the point's unit, as 90.0");
    }
    if deadband < 0.0 || !deadband.is_finite() {
        problems.error(
            span,
            format!("a deadband of {deadband}"),
            "write how far the value must come back before the alarm clears: 0 or more",
        );
    }
}

fn check_points(problems: &Problems, span: &Range<usize>, when: &Condition, devices: &Devices) {
    let known: Vec<&str> =
        devices.known.values().flat_map(|d| &d.points).map(|p| p.id.as_str()).collect();
    for point in when.points() {
        let device = device_of(point);
        let is_broken = devices.named.contains(&device) && !devices.known.contains_key(&device);
        if !known.contains(&point.as_str()) && !is_broken {
            let near: Vec<&str> = devices
                .known
                .get(&device)
                .map(|d| d.points.iter().map(|p| p.id.as_str()).collect())
                .unwrap_or_else(|| known.clone());
            problems.missing(
                span,
                format!("there is no point \"{point}\""),
                choose(
                    point.as_str(),
                    near,
                    "name a point as \"device/point\"; a board that was added through the page \
                     has the rules of its profile only: for one of its points here, \
                     remove it there and write it into this file under [[devices]]",
                ),
            );
        }
    }
}

fn walk(when: &Condition, look: &mut impl FnMut(&Condition)) {
    look(when);
    if let Condition::All(parts) | Condition::Any(parts) = when {
        for part in parts {
            walk(part, look);
        }
    }
}
