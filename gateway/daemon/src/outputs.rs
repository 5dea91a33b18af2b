//! Tells boards what they are to show and sound: the [signals](gengfu_core::signal) of the incidents.
//! They end by themselves when the gateway falls silent.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gengfu_core::{
    id::DeviceId,
    signal::{CallLamp, Signal, signals},
    state::State,
};
use gengfu_field::mqtt::{Outbound, Routes};
use gengfu_wire::{
    VERSION,
    down::{Lamp, Output},
    topic::Down,
};

use tokio::{
    sync::{broadcast, watch},
    time::{Instant, Interval, MissedTickBehavior, interval_at},
};

use crate::published::Published;

/// Outputs hold for so long without being told again.
const HOLD_S: u16 = 60;
/// They are told again this often.
const AGAIN: Duration = Duration::from_secs(20);

/// Both off: what a board shows that nothing is said to.
const REST: Output =
    Output { v: VERSION, lamp: Lamp::Off, sounder: false, relay: false, hold_s: HOLD_S };

/// Keeps the outputs as the incidents say, for as long as the gateway runs.
pub async fn run(published: Arc<Published>, routes: Routes, outbound: Outbound) {
    let mut ears = Ears::new(published.changes(), routes.births());
    let mut shown: BTreeMap<DeviceId, Output> = BTreeMap::new();
    while let Some(wake) = ears.next().await {
        let mut next = outputs(&published.state());
        // What was on and is not any more is told so, once.
        for (device, _) in shown.iter().filter(|(_, output)| **output != REST) {
            next.entry(device.clone()).or_insert(REST);
        }
        for (device, output) in &next {
            let is_known = match &wake {
                Wake::Change => shown.get(device) == Some(output),
                Wake::Birth(born) => shown.get(device) == Some(output) && born != device,
                Wake::Again => false,
            };
            if is_known {
                continue;
            }
            let Some(board) = routes.board(device.as_str()) else { continue };
            let Some(publication) = board.publish(routes.site(), Down::Output, output, false)
            else {
                continue;
            };
            if outbound.publish(publication).await.is_err() {
                return;
            }
        }
        shown = next;
    }
}

/// Why it is looked what is to be shown.
#[derive(Debug, PartialEq, Eq)]
enum Wake {
    /// Something changed.
    Change,
    /// A board has come: it may have missed what was told while it, or the gateway, was away.
    Birth(DeviceId),
    /// It is time to tell everything again.
    Again,
}

/// What wakes: changes come with every turn of the gateway, and must not put off the telling again.
struct Ears {
    changes: watch::Receiver<u64>,
    births: broadcast::Receiver<DeviceId>,
    again: Interval,
}

impl Ears {
    fn new(changes: watch::Receiver<u64>, births: broadcast::Receiver<DeviceId>) -> Self {
        let mut again = interval_at(Instant::now() + AGAIN, AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { changes, births, again }
    }

    /// None once the gateway is gone.
    async fn next(&mut self) -> Option<Wake> {
        tokio::select! {
            changed = self.changes.changed() => changed.ok().map(|()| Wake::Change),
            birth = self.births.recv() => match birth {
                Ok(board) => Some(Wake::Birth(board)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(Wake::Again),
                Err(broadcast::error::RecvError::Closed) => None,
            },
            _ = self.again.tick() => Some(Wake::Again),
        }
    }
}

/// What each board is to be told.
pub fn outputs(state: &State) -> BTreeMap<DeviceId, Output> {
    signals(state).into_iter().map(|(board, signal)| (board, output(signal))).collect()
}

fn output(signal: Signal) -> Output {
    let lamp = match signal.lamp {
        CallLamp::Off => Lamp::Off,
        CallLamp::Yellow => Lamp::Yellow,
        CallLamp::Green => Lamp::Green,
    };
    Output { lamp, sounder: signal.sounder, ..REST }
}

#[cfg(test)]
mod tests {
    use gengfu_core::{
        danger::Danger,
        engine::decide,
        escalation::policy::Policy,
        incident::By,
        input::{Command, Input},
        person::{Method, Person, Role},
        point::{Kind, Reading, Value},
        text::Language,
        time::Span,
    };

    use super::*;

    /// A lift with a call button.
    const SITE: &str = r#"
site = "estate"
name = { en = "Estate" }
time_zone = "Asia/Shanghai"
language = "en"
path_test = { every = "24h", limit = "72h", hour = 10 }
[channels]
push = { answerable = true }
[places.car-1]
id = "car-1"
name = { en = "Lift 1" }
[devices.lift-1]
id = "lift-1"
name = { en = "Lift 1" }
place = "car-1"
profile = "board"
points = [{ id = "lift-1/call", name = { en = "Call" } }]
[[devices.lift-1.rules]]
id = "lift-1/call"
name = { en = "Passenger calls" }
danger = "trapped"
priority = "critical"
latched = true
when = { equals = { point = "lift-1/call", value = true } }
"#;

    #[test]
    fn the_lamp_is_yellow_at_once_and_the_sounder_waits_until_nobody_answered() {
        let start = "2026-11-23T20:00:00+08:00".parse().unwrap();
        let mut state = State::new("estate".into());
        let mut tell = |at, input: &Input| {
            state = decide(&state, at, input).unwrap().state;
            outputs(&state).get(&"lift-1".into()).copied()
        };
        assert_eq!(tell(start, &Input::Configure(Box::new(toml::from_str(SITE).unwrap()))), None);
        let wang = Person {
            id: "wang".into(),
            name: "Wang".into(),
            language: Language::Zh,
            roles: [Role::Volunteer].into(),
            methods: vec![Method::new("push".into(), "wang")],
            quiet: None,
            home: None,
        };
        let policy = Policy::everyone(Danger::Trapped);
        for command in [Command::PutPerson(wang), Command::PutPolicy(policy)] {
            tell(start, &Input::Command { by: By::gateway(), command });
        }
        let pressed = Reading {
            point: "lift-1/call".into(),
            sample: Ok(Value::Bool(true)),
            source_at: None,
            received_at: start,
            kind: Kind::Edge,
            origin: None,
        };
        let yellow = Output { lamp: Lamp::Yellow, ..REST };
        assert_eq!(tell(start, &Input::Reading(pressed)), Some(yellow));
        // Three minutes without an answer: the loud prompt.
        let loud = (1..=200).map(|s| tell(start + Span::secs(s), &Input::Tick)).next_back();
        assert_eq!(loud, Some(Some(Output { sounder: true, ..yellow })));
    }

    #[tokio::test(start_paused = true)]
    async fn however_much_changes_outputs_are_told_again_before_they_lapse() {
        let (change, changes) = watch::channel(0_u64);
        let (birth, births) = broadcast::channel(8);
        let mut ears = Ears::new(changes, births);
        birth.send("lift-1".into()).unwrap();
        assert_eq!(ears.next().await, Some(Wake::Birth("lift-1".into())));
        tokio::spawn(async move {
            loop {
                change.send_modify(|version| *version += 1);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let begun = Instant::now();
        let mut again = 0;
        while begun.elapsed() < Duration::from_secs(HOLD_S.into()) {
            again += usize::from(ears.next().await == Some(Wake::Again));
        }
        assert!(again >= 2, "told again {again} times while the outputs hold");
    }
}
