//! Whatever happens in whatever order: nothing panics, the laws of `story::laws` hold after every
//! step, no timer spins, and nobody who calls for help is passed over.

use gengfu_core::{
    event::What,
    id::{AlarmId, ChannelId, DeviceId, IncidentId, MessageId, PersonId, PointId},
    incident::Cause,
    input::{Command, Input},
    notification::{outbox::Purpose, receipt::Receipt},
    output::OrderEnd,
    point::{NoData, Origin},
    time::Span,
};
use proptest::prelude::*;

use crate::story::{Carrier, Story, person, policy};

const BUTTONS: [(&str, &str); 3] = [
    ("lift-1/call", "rule:lift-1/trapped"),
    ("stairs/smoke-1", "rule:stairs/smoke-1"),
    ("stairs/smoke-2", "rule:stairs/smoke-2"),
];
const PEOPLE: [&str; 4] = ["wang", "li", "zhao", "nobody"];
const CHANNELS: [&str; 3] = ["push", "ntfy", "mail"];
const DEVICES: [&str; 5] = ["lift-1", "stairs", "lift-2", "gate", "wet-1"];
const OUTPUTS: [&str; 3] = ["stairs/gate", "stairs/siren", "stairs/smoke-1"];
const SPANS: [&str; 7] = ["1ms", "1s", "7s", "45s", "2m", "6m", "16m"];

/// Something that may happen; the numbers choose who, what and how long.
#[derive(Debug, Clone)]
enum Chance {
    Edge { button: usize, closed: bool },
    Overtaken { button: usize, back: u32 },
    Duplicate { button: usize },
    Poll { point: usize, value: i64 },
    Unread { point: usize },
    Heard { device: usize },
    Gone { device: usize },
    Silence { device: usize },
    Time { span: usize },
    Leap { span: usize },
    ClockBack { span: usize },
    Crash,
    CrashAfterSnapshot,
    Snapshot,
    Carrier { channel: usize, does: usize },
    Answer { who: usize, how: usize, incident: u64, to: usize },
    Aside { what: usize, span: usize },
    Receipt { message: u64, what: usize },
    Change { what: usize },
    Switch { output: usize, span: usize },
    Switched { output: usize, end: usize },
}

fn chance() -> impl Strategy<Value = Chance> {
    let n = 0_usize..100;
    prop_oneof![
        4 => (n.clone(), any::<bool>()).prop_map(|(button, closed)| Chance::Edge { button, closed }),
        1 => (n.clone(), 0_u32..5).prop_map(|(button, back)| Chance::Overtaken { button, back }),
        1 => n.clone().prop_map(|button| Chance::Duplicate { button }),
        4 => (n.clone(), -2_i64..60).prop_map(|(point, value)| Chance::Poll { point, value }),
        1 => n.clone().prop_map(|point| Chance::Unread { point }),
        1 => n.clone().prop_map(|device| Chance::Heard { device }),
        1 => n.clone().prop_map(|device| Chance::Gone { device }),
        1 => n.clone().prop_map(|device| Chance::Silence { device }),
        6 => n.clone().prop_map(|span| Chance::Time { span }),
        1 => n.clone().prop_map(|span| Chance::Leap { span }),
        1 => n.clone().prop_map(|span| Chance::ClockBack { span }),
        1 => Just(Chance::Crash),
        1 => Just(Chance::CrashAfterSnapshot),
        1 => Just(Chance::Snapshot),
        2 => (n.clone(), n.clone()).prop_map(|(channel, does)| Chance::Carrier { channel, does }),
        5 => (n.clone(), n.clone(), 0_u64..4, n.clone())
            .prop_map(|(who, how, incident, to)| Chance::Answer { who, how, incident, to }),
        2 => (n.clone(), n.clone()).prop_map(|(what, span)| Chance::Aside { what, span }),
        2 => (0_u64..20, n.clone()).prop_map(|(message, what)| Chance::Receipt { message, what }),
        2 => (n.clone(), n.clone()).prop_map(|(output, span)| Chance::Switch { output, span }),
        2 => (n.clone(), n.clone()).prop_map(|(output, end)| Chance::Switched { output, end }),
        1 => n.prop_map(|what| Chance::Change { what }),
    ]
}

fn pick<T: Copy>(from: &[T], at: usize) -> T {
    from[at % from.len()]
}

/// A story in which things happen by chance.
struct World {
    story: Story,
    snapshot: (gengfu_core::state::State, usize),
    seq: u32,
}

impl World {
    fn new() -> Self {
        let story = Story::at("20:00");
        let snapshot = story.snapshot();
        Self { story, snapshot, seq: 10 }
    }

    fn happens(&mut self, chance: &Chance) {
        let story = &mut self.story;
        story.whatever();
        match *chance {
            Chance::Edge { button, closed } => {
                self.seq += 1;
                self.call(button, closed, Origin { boot: 1, seq: self.seq });
            }
            Chance::Overtaken { button, back } => {
                // It leaves a hole, and fills one that an earlier one left.
                self.seq += 2;
                let seq = self.seq.saturating_sub(2 * back + 1);
                self.call(button, true, Origin { boot: 1, seq });
            }
            Chance::Duplicate { button } => {
                let (point, _) = pick(&BUTTONS, button);
                let device = DeviceId::from(point.rsplit_once('/').unwrap().0);
                let known = story.state.seen.get(&device).and_then(|seen| seen.newest());
                if let Some(origin) = known {
                    let kept =
                        |story: &Story| story.count(|what| matches!(what, What::PointChanged(_)));
                    let before = kept(story);
                    story.numbered(point, true, origin);
                    assert_eq!(kept(story), before, "a second copy is a second event");
                }
            }
            Chance::Poll { point, value } => {
                match point % 5 {
                    0 => story.poll("gate/open", value % 2 == 0),
                    1 => story.poll("lift-2/fault", value.max(0) % 3),
                    2 => story.poll("lift-2/temp", f64::from(value as i32)),
                    3 => story.poll("lift-2/door", true).poll("lift-2/speed", value as f64 / 20.0),
                    _ => story.poll(&format!("wet-{}/leak", 1 + value.rem_euclid(15)), value > 20),
                };
            }
            Chance::Unread { point } => {
                let reason = pick(&[NoData::Timeout, NoData::Faulty, NoData::Garbled], point);
                let point = pick(&["lift-2/temp", "gate/open", "stairs/smoke-1"], point / 3);
                story.poll_fails(point, reason);
            }
            Chance::Heard { device } => drop(story.beats(pick(&DEVICES, device))),
            Chance::Gone { device } => {
                let device = pick(&DEVICES, device).into();
                story.tell(Input::Gone { device, reason: NoData::Offline });
            }
            Chance::Silence { device } => drop(story.silence(pick(&DEVICES, device))),
            Chance::Time { span } => drop(story.forward(pick(&SPANS, span))),
            Chance::Leap { span } => {
                let span = serde_json::from_value(pick(&SPANS, span).into()).unwrap();
                story.wake_at(story.now + span).tell(Input::Tick);
            }
            Chance::ClockBack { span } => drop(story.clock_back(pick(&SPANS, span))),
            Chance::Crash => drop(story.restart()),
            Chance::CrashAfterSnapshot => {
                let (state, after) = self.snapshot.clone();
                story.restart_from(state, after);
            }
            Chance::Snapshot => self.snapshot = story.snapshot(),
            Chance::Carrier { channel, does } => {
                let does = pick(
                    &[Carrier::Accepts, Carrier::Fails, Carrier::Refuses, Carrier::Silent],
                    does,
                );
                story.carrier(pick(&CHANNELS, channel), does);
            }
            Chance::Answer { who, how, incident, to } => self.answer(who, how, incident, to),
            Chance::Aside { what, span } => self.set_aside(what, span),
            Chance::Receipt { message, what } => {
                let newest = story.state.next_message.0;
                let message = MessageId(newest.saturating_sub(message));
                let failed = |retry| Receipt::Failed { reason: "late".into(), retry };
                let receipt = match what % 5 {
                    0 => Receipt::Accepted { carrier_id: None, cost: None },
                    1 => Receipt::Delivered,
                    2 => Receipt::Answered,
                    3 => failed(true),
                    _ => failed(false),
                };
                story.receipt(message, receipt);
            }
            Chance::Change { what } => self.change(what),
            Chance::Switch { output, span } => self.switch(output, span),
            Chance::Switched { output, end } => self.switched(output, end),
        }
        self.laws();
    }

    /// A vital contact: whoever calls is in an incident afterwards.
    fn call(&mut self, button: usize, closed: bool, origin: Origin) {
        let story = &mut self.story;
        let (point, alarm) = pick(&BUTTONS, button);
        let device = DeviceId::from(point.rsplit_once('/').unwrap().0);
        let known = story.state.seen.get(&device).is_some_and(|seen| seen.contains(origin));
        let served = !story.state.out_of_service.contains_key(&device);
        let last = story.state.points.get(&PointId::from(point));
        let overtaken = last.is_some_and(|last| last.origin > Some(origin));
        story.numbered(point, closed, origin);
        if !closed || known || !served {
            return;
        }
        let alarm = AlarmId::from(alarm);
        let open = story.state.alarms.get(&alarm).and_then(|a| a.incident);
        if overtaken {
            let mut incidents = story.state.incidents.values();
            assert!(incidents.any(|i| i.alarms.contains(&alarm)), "{point} was passed over");
        } else {
            let open = open.filter(|id| story.state.open.contains(id));
            assert!(open.is_some(), "{point} calls and nobody is asked");
        }
    }

    fn answer(&mut self, who: usize, how: usize, incident: u64, to: usize) {
        let newest = self.story.id().0;
        let incident = IncidentId(newest.saturating_sub(incident));
        let to = to.is_multiple_of(2).then(|| PersonId::from(pick(&PEOPLE, to / 2)));
        let command = match how % 5 {
            0 | 1 => Command::Acknowledge(incident),
            2 => Command::Arrive(incident),
            3 => Command::HandOver { incident, to },
            _ => Command::End { incident, cause: Cause::Fixed, note: "done".into() },
        };
        self.story.tries(pick(&PEOPLE, who), command);
    }

    fn set_aside(&mut self, what: usize, span: usize) {
        let story = &mut self.story;
        let span: Span = serde_json::from_value(pick(&SPANS, span).into()).unwrap();
        let until = story.now + span;
        let device: DeviceId = pick(&DEVICES, what / 5).into();
        let alarm = story.state.alarms.keys().nth(what / 5 % story.state.alarms.len().max(1));
        let alarm = alarm.cloned().unwrap_or_else(|| AlarmId::from("none"));
        let reason = "work".to_owned();
        let command = match what % 5 {
            0 => Command::Shelve { alarm, until },
            1 => Command::Unshelve(alarm),
            2 => Command::AcknowledgeAlarm(alarm),
            3 => Command::OutOfService { device, until, reason },
            _ => Command::BackInService(device),
        };
        story.tries("wang", command);
    }

    fn switch(&mut self, output: usize, span: usize) {
        let span: Span = serde_json::from_value(pick(&SPANS, span).into()).unwrap();
        let on = (!output.is_multiple_of(3)).then_some(span);
        let (output, reason) = (pick(&OUTPUTS, output).into(), "a van".into());
        self.story.tries("wang", Command::Switch { output, on, reason, incident: None });
    }

    fn switched(&mut self, output: usize, end: usize) {
        let output = PointId::from(pick(&OUTPUTS, output));
        let newest = self.story.state.outputs.get(&output).and_then(|orders| orders.standing());
        let Some(order) = newest.map(|order| order.id) else { return };
        let end = pick(&[OrderEnd::Done, OrderEnd::Done, OrderEnd::Failed, OrderEnd::Unclear], end);
        self.story.tell(Input::Switched { output, order, end, why: "by chance".into() });
    }

    fn change(&mut self, what: usize) {
        let story = &mut self.story;
        let channel = ChannelId::from(pick(&CHANNELS, what / 8));
        let span: Span = serde_json::from_value(pick(&SPANS, what / 8).into()).unwrap();
        match what % 8 {
            0 => story.tries("wang", Command::PutPolicy(policy(&["zhao", "wang+li"]))),
            1 => story.tries("wang", Command::RemovePolicy("house".into())),
            2 => story.tries("wang", Command::PutPerson(person("li", &[]))),
            3 => story.tries("wang", Command::PutPerson(person("li", &["mail", "push"]))),
            4 => story.rewire(|wiring| wiring.channels = wiring.channels.without(&channel)),
            5 => story.rewire(|wiring| *wiring = crate::story::wiring()),
            6 => story.rewire(|wiring| wiring.path_test.every = span),
            _ => story.change("lift-1", |device| {
                device.supervision =
                    (what / 8).is_multiple_of(2).then_some(span.max(Span::secs(20)));
            }),
        };
    }

    /// Once somebody goes, nobody else is asked any more.
    fn laws(&self) {
        let state = &self.story.state;
        crate::outputs::laws(state);
        for incident in state.open_incidents().filter(|i| !i.going.is_empty()) {
            assert!(incident.run.next_step_at.is_none() && incident.run.next_prompt_at.is_none());
            for message in incident.messages.iter().filter(|id| state.due.contains(*id)) {
                let message = &state.messages[message];
                let goes = incident.going.iter().any(|g| g.person == message.person);
                let alert = matches!(message.content.purpose, Purpose::Alert { .. });
                assert!(goes || !alert, "{} is still asked", message.person);
            }
        }
        for incident in state.open_incidents().filter(|i| i.going.is_empty()) {
            assert!(incident.run.next_step_at.is_some(), "an incident that nobody deals with");
            assert!(incident.run.next_prompt_at.is_some(), "an incident that never grows loud");
        }
        for incident in state.open_incidents() {
            let linked = |a: &AlarmId| {
                state.alarms.get(a).is_some_and(|alarm| alarm.incident == Some(incident.id))
            };
            assert!(incident.alarms.iter().all(linked), "an open incident without its alarms");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_laws_hold(chances in prop::collection::vec(chance(), 1..80)) {
        let mut world = World::new();
        world.story.check_every = 20;
        for chance in &chances {
            world.happens(chance);
        }
        world.story.whatever();
    }
}
