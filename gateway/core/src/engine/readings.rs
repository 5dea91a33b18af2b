//! From a reading to a rule that holds.

use crate::{
    device::Presence,
    event::What,
    id::{DeviceId, PointId, RuleId},
    index::RuleOf,
    planted::{self, Bug},
    point::{Kind, NoData, Reading, Sample},
    rule::Rule,
    state::{RuleState, State},
    time::Span,
};

use super::Draft;

static SILENT: Sample = Err(NoData::Silent);
static OFFLINE: Sample = Err(NoData::Offline);

impl Draft {
    pub(super) fn read(&mut self, reading: &Reading) {
        // No setpoint can be compared with it, and the journal could not be read back.
        if reading.sample.as_ref().is_ok_and(|value| !value.is_finite()) {
            return self.read(&Reading { sample: Err(NoData::Garbled), ..reading.clone() });
        }
        let Some(device) = self.state.index.device_of.get(&reading.point).cloned() else { return };
        let seen = self.state.seen.get(&reading.device());
        if let (Some(seen), Some(origin)) = (seen, reading.origin)
            && seen.contains(origin)
        {
            // The board did not get its receipt. It gets another one; nothing else happens twice.
            return self.hear(&device);
        }
        let overtaken = self.state.overtaken(reading);
        if reading.is_sign_of_life() {
            self.find(&device);
            self.find_fronts(&device);
        }
        let before = self.state.sample(&reading.point).cloned();
        let durable = reading.kind == Kind::Edge
            || reading.origin.is_some()
            || planted::is(Bug::JournalsTelemetry);
        self.emit(if durable {
            What::PointChanged(reading.clone())
        } else {
            What::Sampled(reading.clone())
        });

        self.touch(&device, reading);
        let Some(rules) = self.state.index.by_point.get(&reading.point).cloned() else { return };
        if overtaken {
            self.echo(&rules, reading);
            return;
        }
        for of in rules.iter() {
            let held = self.rule(&of.rule().id).holds;
            self.evaluate(of);
            // A second press is a second call: where the release was never heard of, while the
            // off-delay runs, and on another contact of the same rule.
            let calls = held && reading.kind == Kind::Edge && of.rule().is_insistent();
            if calls
                && of.rule().when.is_called_by(reading, before.as_ref())
                && self.holds(of, None) == Some(true)
            {
                self.raise_rule(of);
            }
        }
    }

    /// An event that a newer one overtook: what it told of did happen, but is not so any more.
    fn echo(&mut self, rules: &[RuleOf], old: &Reading) {
        for of in rules {
            // How long it lasted is not known: a rule that waits could not have believed it.
            let at_once = of.rule().delay(true) == Span::ZERO;
            let insistent = of.rule().is_insistent() && at_once && !self.rule(&of.rule().id).holds;
            if insistent && self.holds(of, Some((&old.point, &old.sample))) == Some(true) {
                self.raise_rule(of);
                self.clear(&of.alarm());
            }
        }
    }

    pub(super) fn rule(&self, id: &RuleId) -> RuleState {
        self.state.rules.get(id).copied().unwrap_or(RuleState { holds: false, due: None })
    }

    /// Whether the rule's condition is true now, with one sample replaced where `instead` says so.
    fn holds(&self, of: &RuleOf, instead: Option<(&PointId, &Sample)>) -> Option<bool> {
        let state = &self.state;
        // The borrow checker wants one lifetime for all samples; a copy of one reading is cheap.
        let replaced = instead.map(|(point, sample)| (point.clone(), sample.clone()));
        let look = |point: &PointId| match &replaced {
            Some((other, sample)) if other == point => Some(sample),
            _ => believed(state, point),
        };
        of.rule().when.holds(self.rule(&of.rule().id).holds, &look)
    }

    /// Compares a rule's condition with how it stood; true if anything was decided.
    fn evaluate(&mut self, of: &RuleOf) -> bool {
        let was = self.rule(&of.rule().id);
        let Some(now_true) = self.holds(of, None) else { return false };
        let id = of.rule().id.clone();
        if now_true == was.holds {
            if was.due.is_some() {
                self.emit(What::RuleKept { rule: id });
            }
            return was.due.is_some();
        }
        if was.due.is_some() {
            return false;
        }
        let delay = of.rule().delay(now_true);
        if delay == Span::ZERO {
            self.settle(of, now_true);
        } else {
            self.emit(What::RulePending { rule: id, to: now_true, due: self.now + delay });
        }
        true
    }

    fn settle(&mut self, of: &RuleOf, holds: bool) {
        self.emit(What::RuleSettled { rule: of.rule().id.clone(), holds });
        if holds {
            self.raise_rule(of);
        } else {
            self.clear(&of.alarm());
        }
    }

    /// Rules whose delay is over.
    pub(super) fn settle_rules(&mut self) {
        let due: Vec<RuleId> = self
            .state
            .rules
            .iter()
            .filter(|(_, r)| r.due.is_some_and(|due| due <= self.now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in due {
            let Some(of) = self.state.index.rules.get(&id).cloned() else { continue };
            let to = !self.rule(&id).holds;
            self.settle(&of, to);
        }
    }

    /// Every rule: after the configuration changed, what is known may mean something else.
    pub(super) fn evaluate_all(&mut self) {
        let index = self.state.index.clone();
        for of in index.rules.values() {
            self.evaluate(of);
        }
    }

    /// Every rule that asks about this device: its silence is an answer to some of them.
    pub(super) fn evaluate_device(&mut self, device: &DeviceId) {
        let index = self.state.index.clone();
        let points = self.state.device(device).map(|d| d.points.clone()).unwrap_or_default();
        for rules in points.iter().filter_map(|p| index.by_point.get(&p.id)) {
            for of in rules.iter() {
                self.evaluate(of);
            }
        }
    }
}

/// What a rule may believe of a point: nothing of a device that is lost. Where the device itself is
/// not, but something in front of it is, not even its silence says anything.
///
/// What a device said before it was lost is believed again as soon as it is heard: most are quiet while
/// nothing changes, and a smoke detector on a battery may say nothing for hours after its bridge was started
/// anew. Unknown for so long, its alarm could neither end nor be told from health. Where a source forgets what
/// it told of, as a camera its objects, it is the field side that says so, by a reading (`after_outage` of a
/// profile); where it says all of its state when it is back, as Zigbee2MQTT from its cache, that is one too.
fn believed<'a>(state: &'a State, point: &PointId) -> Option<&'a Sample> {
    let device = state.index.device_of.get(point);
    match device.and_then(|d| state.lost.get(d)) {
        Some(Presence::Lost { reason: NoData::Offline, .. }) => Some(&OFFLINE),
        Some(Presence::Lost { .. }) => Some(&SILENT),
        _ if device.is_some_and(|d| state.cover(d).is_some()) => None,
        _ => state.sample(point),
    }
}

impl Rule {
    /// Somebody must act on every single call of it, even when it is gone at once.
    fn is_insistent(&self) -> bool {
        self.latched || self.danger.is_vital()
    }

    /// The wait before the rule turns. A vital alarm is never held back by an on-delay.
    fn delay(&self, to: bool) -> Span {
        match (to, self.danger.is_vital()) {
            (true, true) if planted::is(Bug::VitalWaits) => self.on_delay,
            (true, true) => Span::ZERO,
            (true, false) => self.on_delay,
            (false, _) => self.off_delay,
        }
    }
}
