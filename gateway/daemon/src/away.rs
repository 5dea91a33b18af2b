//! A broker that is away is an alarm of its own: nothing that speaks MQTT is heard there then. Each
//! broker is looked at by itself.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use gengfu_core::{alarm::Source, input::Input, state::State, text::Text};
use gengfu_field::lane::Envelope;
use tokio::sync::{Mutex, mpsc};

use crate::{config::front::part, field::Field, published::Published};

/// A broker that is away for so long is an alarm.
const LIMIT: Duration = Duration::from_secs(30);
/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// Tells that one is away, and that it is back.
pub async fn watch(
    published: Arc<Published>,
    lane: mpsc::WeakSender<Envelope>,
    field: Weak<Mutex<Field>>,
) {
    let mut told = Told::of(&published.state());
    drop(published);
    loop {
        tokio::time::sleep(LOOK).await;
        let (Some(lane), Some(field)) = (lane.upgrade(), field.upgrade()) else { return };
        // Held for long only by a reload or a stop.
        let Ok(field) = field.try_lock() else { continue };
        let mut well = BTreeMap::from([(part(None), field.mqtt.is_connected())]);
        well.extend(field.brokers.connected().map(|(name, is)| (part(Some(name)), is)));
        drop(field);
        for (part, fault) in told.look(&well, Instant::now()) {
            let input = Input::Health { fault: fault.then(|| words(&part)), part };
            if lane.send(Envelope::unanswered(input)).await.is_err() {
                return;
            }
        }
    }
}

/// What is said of it.
fn words(part: &str) -> Text {
    match part.split_once(':') {
        Some((_, name)) => Text::new(
            &format!("与 MQTT 服务器“{name}”断开：收不到它那边的设备"),
            &format!("No MQTT broker \"{name}\": what speaks there is not heard"),
        ),
        _ => Text::new(
            "与 MQTT 服务器断开：采集板的报警收不到",
            "No MQTT broker: boards are not heard",
        ),
    }
}

/// What was said of each broker.
#[derive(Default)]
struct Told(BTreeMap<String, Last>);

/// Of one of them.
#[derive(Clone, Copy, Default)]
struct Last {
    /// Since when it is away.
    away: Option<Instant>,
    /// Whether it was said to be away. Nothing yet: a fault from before the start would otherwise
    /// stand for ever.
    fault: Option<bool>,
}

impl Told {
    /// What stands from before the start: a broker may have been taken out of the file meanwhile.
    fn of(state: &State) -> Self {
        let standing = state.alarms.values().filter(|alarm| alarm.active);
        let parts = standing.filter_map(|alarm| match &alarm.subject.source {
            Source::Gateway(name) => name.starts_with(&part(Some(""))).then(|| name.clone()),
            _ => None,
        });
        Self(parts.map(|part| (part, Last::default())).collect())
    }

    /// What is to be said now, with who is there.
    fn look(&mut self, well: &BTreeMap<String, bool>, now: Instant) -> Vec<(String, bool)> {
        let mut news = vec![];
        self.0.retain(|part, last| {
            let stays = well.contains_key(part);
            if !stays && last.fault != Some(false) {
                news.push((part.clone(), false));
            }
            stays
        });
        for (part, is_well) in well {
            let last = self.0.entry(part.clone()).or_default();
            last.away = if *is_well { None } else { last.away.or(Some(now)) };
            let fault = last.away.is_some_and(|since| now.duration_since(since) >= LIMIT);
            if last.fault != Some(fault) {
                last.fault = Some(fault);
                news.push((part.clone(), fault));
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::text::Language;

    use super::*;

    #[test]
    fn each_broker_is_told_of_by_itself_and_one_that_is_taken_out_is_over() {
        let start = Instant::now();
        let at = |secs| start + Duration::from_secs(secs);
        let well = |parts: &[(&str, bool)]| {
            parts.iter().map(|(part, is)| ((*part).to_owned(), *is)).collect::<BTreeMap<_, _>>()
        };
        let said = |news: Vec<(String, bool)>| {
            news.into_iter().map(|(part, fault)| format!("{part}: {fault}")).collect::<Vec<_>>()
        };
        let mut told = Told(BTreeMap::from([("broker:old".to_owned(), Last::default())]));
        let both = well(&[("broker", true), ("broker:zigbee", false)]);
        let first = ["broker:old: false", "broker: false", "broker:zigbee: false"];
        assert_eq!(said(told.look(&both, at(0))), first);
        assert!(told.look(&both, at(29)).is_empty());
        assert_eq!(said(told.look(&both, at(30))), ["broker:zigbee: true"]);
        assert!(told.look(&both, at(90)).is_empty(), "once");
        assert_eq!(said(told.look(&well(&[("broker", true)]), at(92))), ["broker:zigbee: false"]);
        assert!(told.look(&well(&[("broker", true)]), at(94)).is_empty());
    }

    #[test]
    fn the_words_name_the_broker() {
        assert!(words("broker:zigbee").get(Language::En).contains("\"zigbee\""));
        assert!(words("broker:zigbee").get(Language::Zh).contains("“zigbee”"));
        assert_eq!(words(&part(None)).get(Language::En), "No MQTT broker: boards are not heard");
    }
}
