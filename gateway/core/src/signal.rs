//! What boards show and sound. The call lamps of a lift (EN 81-28): yellow while the call is being
//! passed on, green once a person has acknowledged it. The sounder, where nobody answers: whoever is
//! near hears then that somebody waits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    danger::Danger,
    id::DeviceId,
    incident::{Incident, Phase},
    state::State,
};

/// What one board shows and sounds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Signal {
    /// The call lamps.
    pub lamp: CallLamp,
    /// The sounder is on.
    pub sounder: bool,
}

/// The call lamps of a lift.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallLamp {
    /// Nobody calls.
    #[default]
    Off,
    /// The call is being passed on.
    Yellow,
    /// A person has acknowledged it.
    Green,
}

/// What is on, by the board whose contact began it.
pub fn signals(state: &State) -> BTreeMap<DeviceId, Signal> {
    let mut on: BTreeMap<DeviceId, Signal> = BTreeMap::new();
    for incident in state.open_incidents() {
        let wanted = signal(incident);
        if wanted == Signal::default() {
            continue;
        }
        for alarm in incident.alarms.iter().filter_map(|a| state.alarms.get(a)) {
            let Some(device) = &alarm.subject.device else { continue };
            let shown = on.entry(device.clone()).or_default();
            shown.sounder |= wanted.sounder;
            // A call that nobody has answered is never hidden by one that somebody has.
            if shown.lamp != CallLamp::Yellow && wanted.lamp != CallLamp::Off {
                shown.lamp = wanted.lamp;
            }
        }
    }
    on
}

fn signal(incident: &Incident) -> Signal {
    let calling = incident.phase() == Phase::Calling;
    let lamp = match (incident.danger, calling) {
        (Danger::Trapped, true) => CallLamp::Yellow,
        (Danger::Trapped, false) => CallLamp::Green,
        _ => CallLamp::Off,
    };
    // Not for a fault or a silent board: those can wait for the morning, and the house sleeps.
    let sounder = calling && incident.run.prompts > 0 && incident.danger.is_vital();
    Signal { lamp, sounder }
}
