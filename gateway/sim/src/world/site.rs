//! What a world is made of: its wiring, its people, who is on duty and whom a policy asks.

use std::sync::Arc;

use gengfu_core::{
    danger::{Danger, Priority},
    device::Device,
    escalation::policy::{Policy, Step, Target},
    id::{ChannelId, DeviceId, PlaceId, PointId, RuleId, SiteId},
    person::{Method, Person},
    point::{Point, Value},
    rule::{Condition, Rule},
    site::Place,
    text::{Language, Text},
    time::Span,
    wiring::{ChannelInfo, Wiring},
};
use gengfu_field::{adapter::board::Board, profile::BoardInput};

use super::{plan::Plan, rng::Rng};

pub use super::duty::roster;

/// The site's name.
pub const SITE: &str = "estate";
/// The ways of reaching people.
pub const CHANNELS: [&str; 3] = ["push", "ntfy", "mail"];

/// The name of a board.
pub fn board(number: usize) -> DeviceId {
    DeviceId::from(format!("board-{number}").as_str())
}
/// The name of a lift controller.
pub fn controller(number: usize) -> DeviceId {
    DeviceId::from(format!("lift-{number}").as_str())
}
/// The name of a person.
pub fn person_id(number: usize) -> gengfu_core::id::PersonId {
    gengfu_core::id::PersonId::from(format!("p{number}").as_str())
}
/// The point of a device.
pub fn point(device: &DeviceId, name: &str) -> PointId {
    PointId::from(format!("{device}/{name}").as_str())
}

/// A board as the gateway's field side knows it: two contacts.
pub fn wire_board(plan: &Plan, number: usize) -> Board {
    let device = board(number);
    let roles = match kind(plan, number) {
        Kind::Lift => ["call", "lift"],
        Kind::Smoke => ["fire", "fire"],
        Kind::Pump => ["leak", "gate"],
    };
    let input = |(n, role): (u8, &str)| BoardInput {
        number: n,
        point: point(&device, &format!("in{n}")),
        role: role.to_owned(),
        normally_closed: false,
        bare: false,
        debounce: Span::millis(100),
    };
    let inputs = [(1, roles[0]), (2, roles[1])].map(input).to_vec();
    Board::new(device, inputs)
}

#[derive(Clone, Copy)]
enum Kind {
    Lift,
    Smoke,
    Pump,
}

fn kind(plan: &Plan, number: usize) -> Kind {
    let mut rng = Rng::about(plan.seed, &[10, number as u64]);
    *rng.pick(&[Kind::Lift, Kind::Lift, Kind::Smoke, Kind::Pump])
}

fn rule(device: &DeviceId, name: &str, danger: Danger, when: Condition) -> Rule {
    Rule {
        id: RuleId::from(format!("{device}/{name}").as_str()),
        name: Text::from(format!("{name} of {device}").as_str()).into(),
        danger,
        priority: Priority::High,
        when,
        on_delay: Span::ZERO,
        off_delay: Span::ZERO,
        latched: false,
    }
}

fn contact_rules(plan: &Plan, number: usize) -> Vec<Rule> {
    let device = board(number);
    let on =
        |input: &str| Condition::Equals { point: point(&device, input), value: Value::Bool(true) };
    let mut rng = Rng::about(plan.seed, &[11, number as u64]);
    match kind(plan, number) {
        Kind::Lift => vec![
            Rule {
                off_delay: Span::secs(rng.below(3) * 4),
                ..rule(&device, "call", Danger::Trapped, on("in1"))
            },
            Rule {
                on_delay: Span::secs(rng.below(3) * 10),
                off_delay: Span::secs(rng.below(2) * 5),
                ..rule(&device, "stopped", Danger::Lift, on("in2"))
            },
        ],
        Kind::Smoke => vec![
            rule(&device, "smoke-1", Danger::Fire, on("in1")),
            // A wrong wait in the configuration, which a fire must not be held back by.
            Rule { on_delay: Span::secs(30), ..rule(&device, "smoke-2", Danger::Fire, on("in2")) },
        ],
        Kind::Pump => vec![
            Rule { latched: rng.percent(50), ..rule(&device, "leak", Danger::Water, on("in1")) },
            Rule {
                priority: Priority::Normal,
                on_delay: Span::secs(10),
                off_delay: Span::secs(5),
                ..rule(&device, "gate", Danger::Gate, on("in2"))
            },
        ],
    }
}

fn controller_rules(device: &DeviceId) -> Vec<Rule> {
    let fault = Condition::NotEqual { point: point(device, "fault"), value: Value::Int(0) };
    let volts = Condition::Below { point: point(device, "battery"), setpoint: 22.0, deadband: 1.0 };
    let deaf = Condition::NoData { point: point(device, "fault"), reasons: vec![] };
    vec![
        rule(device, "fault", Danger::Lift, fault),
        Rule { priority: Priority::Normal, ..rule(device, "battery", Danger::Fault, volts) },
        Rule { on_delay: Span::secs(60), ..rule(device, "deaf", Danger::Fault, deaf) },
    ]
}

fn device(id: DeviceId, place: usize, supervision: Option<Span>, rules: Vec<Rule>) -> Device {
    let mut points: Vec<Point> = vec![];
    for asked in rules.iter().flat_map(|rule| rule.when.points()) {
        if !points.iter().any(|p| p.id == *asked) {
            points.push(Point {
                id: asked.clone(),
                name: Text::from(asked.as_str()).into(),
                unit: String::new(),
                diagnostic: false,
            });
        }
    }
    Device {
        name: Text::from(id.as_str()),
        id,
        place: place_id(place),
        profile: "world".into(),
        supervision,
        silence_priority: Priority::Normal,
        behind: None,
        options: String::new(),
        points,
        words: Default::default(),
        outputs: vec![],
        rules,
    }
}

fn place_id(number: usize) -> PlaceId {
    PlaceId::from(format!("place-{number}").as_str())
}

/// The wiring, whole, or with something of it changed.
pub fn wiring(plan: &Plan, nonce: Option<u64>) -> Wiring {
    let shape = &plan.shape;
    let mut wiring = Wiring::new(SiteId::from(SITE));
    wiring.time_zone = shape.zone.to_owned();
    wiring.language = Language::En;
    for n in 0..shape.boards / 2 + shape.controllers + 1 {
        let inside = (n > 0 && n % 3 == 0).then(|| place_id(0));
        let place =
            Place { id: place_id(n), name: Text::from(format!("Place {n}").as_str()), inside };
        wiring.places.insert(place.id.clone(), place);
    }
    for n in 0..shape.boards {
        let board = device(board(n), n / 2, Some(shape.supervision), contact_rules(plan, n));
        wiring.devices.insert(board.id.clone(), board.into());
    }
    for n in 0..shape.controllers {
        let id = controller(n);
        let rules = controller_rules(&id);
        let lift = device(id, shape.boards / 2 + n, None, rules);
        wiring.devices.insert(lift.id.clone(), lift.into());
    }
    for channel in CHANNELS {
        wiring.channels.insert(ChannelId::from(channel), ChannelInfo { answerable: true });
    }
    let Some(nonce) = nonce else { return wiring };
    let mut rng = Rng::about(plan.seed, &[12, nonce]);
    match rng.below(6) {
        0 | 1 => {
            wiring.channels.remove(&ChannelId::from(*rng.pick(&CHANNELS)));
        }
        2 => {
            if let Some(board) = wiring.devices.get_mut(&board(rng.index(shape.boards))) {
                Arc::make_mut(board).supervision = Some(shape.supervision + Span::secs(3));
            }
        }
        3 => {
            wiring.devices.remove(&board(rng.index(shape.boards)));
        }
        4 => wiring.path_test.every = Span::mins(20),
        _ => {}
    }
    wiring
}

/// A person, and how they are reached.
pub fn person(plan: &Plan, number: usize, nonce: u64) -> Person {
    let mut rng = Rng::about(plan.seed, &[13, number as u64, nonce]);
    let mut channels = CHANNELS.to_vec();
    let from = rng.index(3);
    channels.rotate_left(from);
    let count = match rng.below(10) {
        0 if number > 0 => 0,
        1..4 => 1,
        4..8 => 2,
        _ => 3,
    };
    channels.truncate(count);
    let method =
        |channel: &&str| Method::new(ChannelId::from(*channel), format!("{number}@{channel}"));
    Person {
        id: person_id(number),
        name: format!("Person {number}"),
        language: Language::En,
        roles: std::collections::BTreeSet::new(),
        methods: channels.iter().map(method).collect(),
        quiet: None,
        home: None,
    }
}

/// Whom a policy asks.
pub fn policies(plan: &Plan, nonce: u64) -> Vec<Policy> {
    let mut rng = Rng::about(plan.seed, &[14, nonce]);
    let mut policies = vec![];
    if !rng.percent(90) {
        return policies;
    }
    policies.push(policy(plan, &mut rng, "house", vec![]));
    if rng.percent(40) {
        policies.push(policy(plan, &mut rng, "rescue", vec![Danger::Trapped, Danger::Fire]));
    }
    policies
}

fn policy(plan: &Plan, rng: &mut Rng, id: &str, dangers: Vec<Danger>) -> Policy {
    let steps = (0..rng.between(1, 4)).map(|_| Step {
        targets: (0..rng.between(1, 2)).map(|_| target(plan, rng)).collect(),
        wait: Span::secs(rng.between(5, 60)),
        muster: vec![],
        switch_on: vec![],
    });
    Policy {
        id: id.into(),
        name: id.into(),
        dangers,
        places: vec![],
        steps: steps.collect(),
        prompt_after: Span::secs(rng.between(60, 180)),
        prompt_every: Span::secs(rng.between(30, 180)),
        arrive_within: Span::secs(*rng.pick(&[40, 120, 900])),
        reminders: if rng.percent(50) { vec![Span::mins(2), Span::mins(5)] } else { vec![] },
    }
}

fn target(plan: &Plan, rng: &mut Rng) -> Target {
    match rng.below(8) {
        0..4 => Target::OnCall(format!("roster-{}", rng.below(2)).as_str().into()),
        4 | 5 => Target::Person(person_id(rng.index(plan.shape.people))),
        6 => Target::Team(format!("roster-{}", rng.below(2)).as_str().into()),
        _ => Target::Everyone,
    }
}
