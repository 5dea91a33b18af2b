//! A device while it is put together from its profile.

use std::collections::BTreeMap;

use gengfu_core::{
    id::{PointId, RuleId},
    output::Output,
    point::Point,
    rule::Rule,
};

use super::{
    ProfileError,
    error::twice,
    every_point::EveryPoint,
    json::JsonPoint,
    points::Words,
    source::{BoardInput, Source},
};
use crate::{
    adapter::{own::OwnPoint, sparkplug::SparkplugPoint},
    modbus::field::Field,
};

/// So many mistakes are told at once; nobody reads more of them.
const MAX_MISTAKES: usize = 1_000;

/// The device while it is put together. A Modbus or JSON source holds one entry per point, in the
/// order of the points.
pub(super) struct Work {
    pub points: Vec<Point>,
    pub words: BTreeMap<PointId, Words>,
    pub point_at: BTreeMap<PointId, usize>,
    pub rules: Vec<Rule>,
    pub rule_at: BTreeMap<RuleId, usize>,
    pub source: Source,
    /// As in [`super::Expanded`].
    pub deadbands: BTreeMap<PointId, f64>,
    pub mistakes: Vec<ProfileError>,
    /// Those of the points that can be switched.
    pub outputs: Vec<Output>,
    /// What further entries may take, in bytes; 0 once that was said to be too little.
    pub room: usize,
}

/// One point as it was written: what core knows of it, where it is found, what it can say, and
/// whether it can be switched.
pub(super) struct Entry {
    pub point: Point,
    pub found: Found,
    pub words: Words,
    pub output: Option<Output>,
}

/// Where one point is found.
pub(super) enum Found {
    Register(Box<Field>),
    Key(Box<JsonPoint>),
    Metric(SparkplugPoint),
    Input(BoardInput),
    Own(OwnPoint),
    Call,
    Modem,
}

impl Work {
    /// True where going on would only take time and memory: all that counts was said already.
    pub fn is_hopeless(&self) -> bool {
        self.room == 0 || self.mistakes.len() >= MAX_MISTAKES
    }

    /// Adds a point with what every point may say of itself.
    pub fn add_with(
        &mut self,
        mut entry: Entry,
        every: EveryPoint,
        anew: bool,
    ) -> Result<(), ProfileError> {
        let id = entry.point.id.clone();
        entry.point.diagnostic |= every.diagnostic;
        self.add(entry, anew)?;
        match every.deadband {
            Some(deadband) => drop(self.deadbands.insert(id, deadband)),
            None => drop(self.deadbands.remove(&id)),
        }
        Ok(())
    }

    /// Adds a point, or writes one anew where `anew` allows it.
    pub fn add(&mut self, entry: Entry, anew: bool) -> Result<(), ProfileError> {
        let Entry { point, found, words, output } = entry;
        let id = point.id.clone();
        if anew {
            self.outputs.retain(|known| known.id != id);
        }
        match self.point_at.get(&id) {
            Some(_) if !anew => return Err(twice("point", id.as_str())),
            Some(&at) => {
                self.points[at] = point;
                match (&mut self.source, found) {
                    (Source::Modbus { fields, .. }, Found::Register(field)) => fields[at] = *field,
                    (Source::Json { points, .. }, Found::Key(key)) => points[at] = *key,
                    (Source::Sparkplug { points }, Found::Metric(found)) => points[at] = found,
                    _ => {}
                }
            }
            None => {
                self.point_at.insert(id.clone(), self.points.len());
                self.points.push(point);
                match (&mut self.source, found) {
                    (Source::Modbus { fields, .. }, Found::Register(field)) => fields.push(*field),
                    (Source::Json { points, .. }, Found::Key(key)) => points.push(*key),
                    (Source::Sparkplug { points }, Found::Metric(found)) => points.push(found),
                    (Source::Board { inputs, .. }, Found::Input(input)) => inputs.push(input),
                    (Source::Board { own, .. }, Found::Own(point)) => own.push(point),
                    _ => {}
                }
            }
        }
        self.outputs.extend(output);
        self.words.insert(id, words);
        Ok(())
    }
}
