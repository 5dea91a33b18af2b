//! From a profile to one device: its points, its rules, and where each point is found.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{
    device::Device,
    id::{DeviceId, PlaceId, PointId},
    point::Point,
    text::Text,
    time::Span,
};
use toml::Table;

use super::{
    Profile, ProfileError, deadbands,
    error::{list, twice},
    every_point::EveryPoint,
    family::Spot,
    overrides::{InputUse, Overrides},
    points::{self, Words},
    registers,
    rules::{check_rule, local, rule},
    schema::{Kind, Knobs, Role, SHORTEST_POLL, Setting},
    source::{BoardInput, Expanded, Source},
    template::{ROOM, copies, fill_table},
    work::{Entry, Found, Work},
};
use crate::modbus::field::Table as Registers;

/// An entry, and where it was written; nowhere stands for the configuration.
type Written<'a> = (Option<&'a Spot>, &'a Table);

impl Profile {
    /// The device `id` at `place`: all its points and rules named after it. Returns every mistake
    /// in the profile (with its line) and in `overrides` (with its key, without a file).
    pub fn expand(
        &self,
        id: &DeviceId,
        name: &Text,
        place: &PlaceId,
        overrides: &Overrides,
    ) -> Result<Expanded, Vec<ProfileError>> {
        let mut mistakes = Vec::new();
        let parameters = self.settings(overrides, &mut mistakes);
        let knobs = self.knobs(overrides, &mut mistakes);
        let source = match self.whole.kind {
            Kind::Modbus => Source::Modbus { knobs, fields: vec![] },
            Kind::Board => Source::Board { inputs: vec![], own: vec![] },
            Kind::MqttJson => Source::Json {
                points: vec![],
                availability: self.availability(&parameters, &mut mistakes),
                dedupe: self.dedupe(&mut mistakes),
            },
            Kind::Sparkplug => Source::Sparkplug { points: vec![] },
            Kind::Call => Source::Call,
            Kind::Modem => Source::Modem,
        };
        let mut work = Work {
            points: vec![],
            words: BTreeMap::new(),
            point_at: BTreeMap::new(),
            outputs: vec![],
            rules: vec![],
            rule_at: BTreeMap::new(),
            source,
            deadbands: BTreeMap::new(),
            mistakes,
            room: ROOM,
        };

        self.add_inputs(id, overrides, &mut work);
        let entries = self.whole.points.iter().map(|(spot, table)| (Some(spot), table));
        for (line, entry) in entries.chain(overrides.points.iter().map(|t| (None, t))) {
            self.add_points(id, (line, entry), &parameters, overrides, &mut work);
        }
        let entries = self.whole.rules.iter().map(|(spot, table)| (Some(spot), table));
        for (line, entry) in entries.chain(overrides.rules.iter().map(|t| (None, t))) {
            self.add_rules(id, (line, entry), &parameters, overrides, &mut work);
        }
        self.check_names(id, overrides, &mut work);
        deadbands::adjust(id, overrides, &mut work);
        work.source.spell(&work.rules);

        let options = overrides.to_options().unwrap_or_else(|e| {
            work.mistakes.push(e);
            String::new()
        });
        if !work.mistakes.is_empty() {
            return Err(work.mistakes);
        }
        // They stay for as long as the gateway runs.
        work.points.shrink_to_fit();
        work.rules.shrink_to_fit();
        let device = Device {
            id: id.clone(),
            name: name.clone(),
            place: place.clone(),
            profile: self.name.clone(),
            supervision: overrides.supervision.or(self.whole.supervision),
            options,
            silence_priority: overrides.silence_priority.unwrap_or(self.whole.silence_priority),
            behind: None,
            points: work.points,
            words: self.whole.words.clone().into(),
            outputs: work.outputs,
            rules: work.rules,
        };
        Ok(Expanded { device, source: work.source, deadbands: work.deadbands })
    }

    fn at(&self, mistake: ProfileError, spot: Option<&Spot>) -> ProfileError {
        match spot {
            Some(spot) => mistake.on(&spot.file, Some(spot.line)),
            None => mistake,
        }
    }

    fn knobs(&self, overrides: &Overrides, mistakes: &mut Vec<ProfileError>) -> Knobs {
        let own = &self.whole.knobs;
        let knobs = Knobs {
            poll: overrides.poll.unwrap_or(own.poll),
            timeout: overrides.timeout.unwrap_or(own.timeout),
            pause: overrides.pause.unwrap_or(own.pause),
            max_registers: overrides.max_registers.unwrap_or(own.max_registers),
            ..own.clone()
        };
        let mut wrong = |at: &str, problem: &str, remedy: &str| {
            mistakes.push(self.at(ProfileError::new(at, problem, remedy), None));
        };
        if !(1..=Registers::Holding.most()).contains(&knobs.max_registers) {
            wrong("max_registers", "a request can't hold that many", "use 1 to 125");
        }
        if !(1..=Registers::Coil.most()).contains(&knobs.max_bits) {
            wrong("max_bits", "a request can't hold that many", "use 1 to 2000");
        }
        if knobs.poll < SHORTEST_POLL {
            let remedy = format!("use {SHORTEST_POLL} or more; 1s is usual");
            wrong("poll", &format!("a poll of {} is too short", knobs.poll), &remedy);
        }
        if knobs.timeout == Span::ZERO {
            wrong("timeout", "it can't be zero", "use 100ms or more");
        }
        knobs
    }

    fn add_points(
        &self,
        device: &DeviceId,
        (line, entry): Written<'_>,
        parameters: &BTreeMap<String, Setting>,
        overrides: &Overrides,
        work: &mut Work,
    ) {
        if work.is_hopeless() {
            return;
        }
        let copies = match copies(entry, parameters, &mut work.room) {
            Ok(copies) => copies,
            Err(e) => return work.mistakes.push(self.at(e, line)),
        };
        for copy in copies {
            if work.is_hopeless() {
                return;
            }
            if is_left_out(&copy.table, overrides) {
                continue;
            }
            let (table, every) = match EveryPoint::split(copy.table) {
                Ok(split) => split,
                Err(e) => {
                    work.mistakes.push(self.at(e, line));
                    continue;
                }
            };
            let entry = match &work.source {
                Source::Modbus { knobs, .. } => {
                    registers::register(device, &table, copy.shift, knobs)
                }
                // Nothing that a profile makes.
                Source::Announced { .. } => Err(ProfileError::new(
                    "point",
                    "the points of a device that announces itself are announced",
                    "write them for a profile of the kind mqtt_json",
                )),
                Source::Json { .. } => points::json(device, &table),
                Source::Sparkplug { .. } => points::metric(device, &table),
                Source::Call => points::call(device, &table),
                Source::Modem => points::modem(device, &table),
                Source::Board { .. } => points::own(device, &table),
            };
            // The configuration may write a point of the profile anew, the profile itself may not.
            let added = entry.and_then(|entry| work.add_with(entry, every, line.is_none()));
            if let Err(e) = added {
                work.mistakes.push(self.at(e, line));
            }
        }
    }

    fn add_inputs(&self, device: &DeviceId, overrides: &Overrides, work: &mut Work) {
        for key in overrides.inputs.keys() {
            if !key.parse().is_ok_and(|n: u8| (1..=self.whole.inputs).contains(&n)) {
                work.mistakes.push(ProfileError::new(
                    format!("inputs.{key}"),
                    format!("profile {} has no such input", self.name),
                    &format!("use 1 to {}", self.whole.inputs),
                ));
            }
        }
        for number in 1..=self.whole.inputs {
            let (role, name, wiring) = match overrides.inputs.get(&number.to_string()) {
                Some(InputUse::Role(role)) => (role.as_str(), None, (false, false)),
                Some(InputUse::Full { role, name, normally_closed, bare }) => {
                    (role.as_str(), name.clone(), (*normally_closed, *bare))
                }
                None => (SPARE, None, (false, false)),
            };
            let found = self.whole.roles.iter().position(|(_, r)| r.id == role);
            let Some(at) = found else {
                let known = self.whole.roles.iter().map(|(_, r)| &r.id);
                work.mistakes.push(ProfileError::new(
                    format!("inputs.{number}"),
                    format!("there is no role \"{role}\""),
                    &format!("use one of: {}", list(known)),
                ));
                continue;
            };
            self.add_input(device, number, at, (name, wiring), overrides, work);
        }
    }

    fn add_input(
        &self,
        device: &DeviceId,
        number: u8,
        role: usize,
        (name, (normally_closed, bare)): (Option<Text>, (bool, bool)),
        overrides: &Overrides,
        work: &mut Work,
    ) {
        let (spot, role): (&Spot, &Role) = (&self.whole.roles[role].0, &self.whole.roles[role].1);
        let local = format!("in{number}");
        let Ok(point) = format!("{device}/{local}").parse::<PointId>() else {
            let problem = format!("\"{device}/{local}\" is too long or has a forbidden sign");
            return work.mistakes.push(ProfileError::new(
                "id",
                problem,
                "choose another device id",
            ));
        };
        let name = name.unwrap_or_else(|| match role.id.as_str() {
            SPARE => Text::new(
                &format!("{} {number}", role.name.zh),
                &format!("{} {number}", role.name.en),
            ),
            _ => role.name.clone(),
        });
        let input = BoardInput {
            number,
            point: point.clone(),
            role: role.id.clone(),
            normally_closed,
            bare,
            debounce: role.debounce,
        };
        if let Err(e) = check_debounce(role) {
            return work.mistakes.push(self.at(e, Some(spot)));
        }
        let (zh, en) = (name.zh.clone(), name.en.clone());
        if zh.len().max(en.len()) > MAX_NAME {
            return work.mistakes.push(ProfileError::new(
                format!("inputs.{number}"),
                format!("its name is longer than {MAX_NAME} bytes"),
                "shorten it",
            ));
        }
        let point = Point { id: point, name: name.into(), unit: String::new(), diagnostic: false };
        let found = Found::Input(input);
        if let Err(e) = work.add(Entry { point, found, words: Words::Any, output: None }, false) {
            work.mistakes.push(self.at(e, Some(spot)));
        }
        for rule in &role.rules {
            let table = fill_table(rule, "input", &local);
            let table = fill_table(&fill_table(&table, "zh", &zh), "en", &en);
            self.add_rules(device, (Some(spot), &table), &BTreeMap::new(), overrides, work);
        }
    }

    fn add_rules(
        &self,
        device: &DeviceId,
        (line, entry): Written<'_>,
        parameters: &BTreeMap<String, Setting>,
        overrides: &Overrides,
        work: &mut Work,
    ) {
        if work.is_hopeless() {
            return;
        }
        let copies = match copies(entry, parameters, &mut work.room) {
            Ok(copies) => copies,
            Err(e) => return work.mistakes.push(self.at(e, line)),
        };
        for copy in copies {
            if work.is_hopeless() {
                return;
            }
            if is_left_out(&copy.table, overrides) {
                continue;
            }
            let rule = match rule(device, &copy.table) {
                Ok(rule) => rule,
                Err(e) => {
                    work.mistakes.push(self.at(e, line));
                    continue;
                }
            };
            // A rule over a point that is not fitted goes with the point.
            let fitted = |p: &&PointId| !overrides.without.contains(local(p.as_str()));
            if !rule.when.points().iter().all(fitted) {
                continue;
            }
            if let Err(e) = check_rule(&rule, &work.words) {
                work.mistakes.push(self.at(e, line));
            }
            match work.rule_at.get(&rule.id) {
                Some(&at) if line.is_none() => work.rules[at] = rule,
                Some(_) => work.mistakes.push(self.at(twice("rule", rule.id.as_str()), line)),
                None => {
                    work.rule_at.insert(rule.id.clone(), work.rules.len());
                    work.rules.push(rule);
                }
            }
        }
    }

    /// What `without` names must exist, or it is a slip of the pen that hides nothing.
    fn check_names(&self, device: &DeviceId, overrides: &Overrides, work: &mut Work) {
        if overrides.without.is_empty() {
            return;
        }
        let all = Overrides { without: BTreeSet::new(), ..overrides.clone() };
        let Ok(whole) = self.expand(device, &Text::default(), &"place".into(), &all) else {
            return;
        };
        let points = whole.device.points.iter().map(|p| p.id.as_str());
        let rules = whole.device.rules.iter().map(|r| r.id.as_str());
        let known: BTreeSet<&str> = points.chain(rules).map(local).collect();
        for name in overrides.without.iter().filter(|name| !known.contains(name.as_str())) {
            work.mistakes.push(ProfileError::new(
                "without",
                format!("there is no point or rule \"{name}\""),
                "remove it, or write it as the list of the device's points does",
            ));
        }
    }
}

/// A call button is believed after 30 to 100 ms, a fire contact after 500 ms at the most; a board takes no more
/// than 10 s, since delays are a rule's.
fn check_debounce(role: &Role) -> Result<(), ProfileError> {
    let (least, most) = match role.id.as_str() {
        "call" => (30, 100),
        "fire" => (0, 500),
        _ => (0, 10_000),
    };
    let (least, most) = (Span::millis(least), Span::millis(most));
    if (least..=most).contains(&role.debounce) {
        return Ok(());
    }
    Err(ProfileError::new(
        format!("role.{}.debounce", role.id),
        format!("{} is not for an input of this role", role.debounce),
        &format!("use {least} to {most}"),
    ))
}

/// The longest name of an input, in bytes: its rules say it over and over.
const MAX_NAME: usize = 200;

/// The role of an input that the configuration does not speak of.
const SPARE: &str = "contact";

fn is_left_out(table: &Table, overrides: &Overrides) -> bool {
    table.get("id").and_then(toml::Value::as_str).is_some_and(|id| overrides.without.contains(id))
}
