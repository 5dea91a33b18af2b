//! What devices have alike is kept once: boards of one kind say the same texts, and what a rule asks about is a
//! point of its device. Hundreds of boards would otherwise hold hundreds of copies.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_core::{device::Device, id::PointId, rule::Condition, text::Text};

/// The texts of all devices so far.
#[derive(Debug, Default)]
pub struct Alike {
    texts: BTreeSet<Arc<Text>>,
    words: BTreeSet<Arc<BTreeMap<String, Text>>>,
}

impl Alike {
    /// Has a device share what others said before it.
    pub fn share(&mut self, device: &mut Device) {
        once(&mut self.words, &mut device.words);
        let points: BTreeSet<PointId> = device.points.iter().map(|p| p.id.clone()).collect();
        for point in &mut device.points {
            once(&mut self.texts, &mut point.name);
        }
        for rule in &mut device.rules {
            once(&mut self.texts, &mut rule.name);
            name_once(&points, &mut rule.when);
        }
    }
}

/// Takes the copy that is known already, or makes this one known.
fn once<T: Ord>(known: &mut BTreeSet<Arc<T>>, one: &mut Arc<T>) {
    match known.get(one) {
        Some(known) => *one = known.clone(),
        None => drop(known.insert(one.clone())),
    }
}

fn name_once(points: &BTreeSet<PointId>, when: &mut Condition) {
    match when {
        Condition::Equals { point, .. }
        | Condition::NotEqual { point, .. }
        | Condition::Above { point, .. }
        | Condition::Below { point, .. }
        | Condition::Bit { point, .. }
        | Condition::NoData { point, .. } => {
            if let Some(known) = points.get(point) {
                *point = known.clone();
            }
        }
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter_mut().for_each(|part| name_once(points, part));
        }
    }
}
