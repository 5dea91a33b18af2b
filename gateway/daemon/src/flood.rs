//! A client that floods the embedded broker: the broker slows it down, and whoever looks after the
//! gateway is told which it is.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
    time::Duration,
};

use gengfu_core::{
    alarm::{Alarm, Source},
    input::Input,
    state::State,
    text::Text,
};
use gengfu_field::lane::Envelope;
use tokio::sync::{Mutex, mpsc};

use crate::{field::Field, published::Published};

/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// A part of the gateway by this name and the client's is what is told of.
const PART: &str = "flood of ";

/// Tells of each client that floods, and that it is over.
pub async fn watch(
    published: Arc<Published>,
    lane: mpsc::WeakSender<Envelope>,
    field: Weak<Mutex<Field>>,
) {
    let mut told = standing(&published.state());
    loop {
        tokio::time::sleep(LOOK).await;
        let (Some(lane), Some(field)) = (lane.upgrade(), field.upgrade()) else { return };
        // Held for long only by a reload or a stop.
        let Ok(field) = field.try_lock() else { continue };
        let flooding: BTreeSet<String> =
            field.broker.as_ref().map(|b| b.flooding()).unwrap_or_default().into_iter().collect();
        drop(field);
        for input in changes(&told, &flooding) {
            if lane.send(Envelope::unanswered(input)).await.is_err() {
                return;
            }
        }
        told = flooding;
    }
}

/// Of whom it was told before the gateway was started anew.
fn standing(state: &State) -> BTreeSet<String> {
    let floods = state.alarms.values().filter(|alarm| alarm.active);
    let name = |alarm: &Arc<Alarm>| match &alarm.subject.source {
        Source::Gateway(part) => Some(part.strip_prefix(PART)?.to_owned()),
        _ => None,
    };
    floods.filter_map(name).collect()
}

/// What is to be told of those who flood now and did not before, and the other way round.
fn changes(told: &BTreeSet<String>, flooding: &BTreeSet<String>) -> Vec<Input> {
    let input = |name: &String, fault| Input::Health { part: format!("{PART}{name}"), fault };
    let over = told.difference(flooding).map(|name| input(name, None));
    let new = flooding.difference(told).map(|name| {
        let words = Text::new(
            &format!("“{name}”发送的消息过多，已限速；请检查或更换该设备"),
            &format!("{name} sends far too many messages and is slowed down: check or replace it"),
        );
        input(name, Some(words))
    });
    over.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_of_once_and_taken_back_once() {
        let set = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
        let told = changes(&set(&[]), &set(&["board-1"]));
        let [Input::Health { part, fault: Some(words) }] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(part, "flood of board-1");
        assert!(words.get(gengfu_core::text::Language::En).contains("board-1"));
        assert_eq!(changes(&set(&["board-1"]), &set(&["board-1"])), []);
        let over = changes(&set(&["board-1"]), &set(&[]));
        assert_eq!(over, [Input::Health { part: "flood of board-1".into(), fault: None }]);
    }
}
