//! What messages may come to say: each rule of each device, as its first alert would put it. Channels that
//! must make something of the words, as speech, do so before anybody waits for it.

use super::incidents::place_name;
use crate::{
    notification::outbox::{Content, Purpose},
    state::State,
    time::Timestamp,
};

/// The first alert of every rule; `since` is no true time.
pub fn foreseen(state: &State) -> Vec<Content> {
    let mut all = Vec::new();
    for device in state.devices() {
        let place = place_name(state, &device.place);
        all.extend(device.rules.iter().map(|rule| Content {
            purpose: Purpose::Alert { step: 0, round: 0 },
            what: rule.name.as_ref().clone(),
            place: place.clone(),
            since: Timestamp::default(),
            danger: rule.danger,
            priority: rule.priority,
            test: false,
        }));
    }
    all
}
