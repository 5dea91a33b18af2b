//! The call lamps of lift boards (EN 81-28): yellow while the call is being passed on, green once a
//! person has acknowledged it; dark again by itself when the gateway falls silent.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gengfu_core::{danger::Danger, id::DeviceId, incident::Phase, state::State};
use gengfu_field::mqtt::{Outbound, Routes};
use gengfu_wire::{
    VERSION,
    down::{Lamp, Output},
    topic::Down,
};

use crate::published::Published;

/// A lamp holds for so long without being told again.
const HOLD_S: u16 = 60;
/// It is told again this often.
const AGAIN: Duration = Duration::from_secs(20);

/// Keeps the lamps as the incidents say, for as long as the gateway runs.
pub async fn run(published: Arc<Published>, routes: Routes, outbound: Outbound) {
    let mut changes = published.changes();
    let mut shown: BTreeMap<DeviceId, Lamp> = BTreeMap::new();
    loop {
        let told_again = tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            () = tokio::time::sleep(AGAIN) => true,
        };
        let wanted = lamps(&published.state());
        let mut next = shown.clone();
        next.retain(|_, lamp| *lamp != Lamp::Off);
        next.values_mut().for_each(|lamp| *lamp = Lamp::Off);
        next.extend(wanted);
        for (device, lamp) in &next {
            if !told_again && shown.get(device) == Some(lamp) {
                continue;
            }
            let Some(board) = routes.board(device.as_str()) else { continue };
            let output = Output { v: VERSION, lamp: *lamp, sounder: false, hold_s: HOLD_S };
            let Some(publication) = board.publish(routes.site(), Down::Output, &output, false)
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

/// The lamps that are lit, by the board whose button was pressed.
pub fn lamps(state: &State) -> BTreeMap<DeviceId, Lamp> {
    let mut lit = BTreeMap::new();
    for incident in state.open_incidents().filter(|i| i.danger == Danger::Trapped) {
        let lamp = if incident.phase() == Phase::Calling { Lamp::Yellow } else { Lamp::Green };
        for alarm in incident.alarms.iter().filter_map(|a| state.alarms.get(a)) {
            lit.extend(alarm.subject.device.clone().map(|device| (device, lamp)));
        }
    }
    lit
}
