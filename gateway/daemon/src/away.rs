//! A broker that is away is an alarm of its own: nothing that speaks MQTT is heard then.

use std::{
    sync::Weak,
    time::{Duration, Instant},
};

use gengfu_core::{input::Input, text::Text};
use gengfu_field::lane::Envelope;
use tokio::sync::{Mutex, mpsc};

use crate::field::Field;

/// A broker that is away for so long is an alarm.
const LIMIT: Duration = Duration::from_secs(30);
/// It is looked at this often.
const LOOK: Duration = Duration::from_secs(2);

/// Tells that it is away, and that it is back.
pub async fn watch(lane: mpsc::WeakSender<Envelope>, field: Weak<Mutex<Field>>) {
    let mut away: Option<Instant> = None;
    // Nothing yet: a fault from before the start would otherwise stand for ever.
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let (Some(lane), Some(field)) = (lane.upgrade(), field.upgrade()) else { return };
        // Held for long only by a reload or a stop.
        let Ok(field) = field.try_lock() else { continue };
        let well = field.mqtt.is_connected();
        drop(field);
        away = if well { None } else { away.or_else(|| Some(Instant::now())) };
        let fault = away.is_some_and(|since| since.elapsed() >= LIMIT);
        if told == Some(fault) {
            continue;
        }
        told = Some(fault);
        let fault = fault.then(|| {
            Text::new(
                "与 MQTT 服务器断开：采集板的报警收不到",
                "No MQTT broker: boards are not heard",
            )
        });
        let input = Input::Health { part: "broker".into(), fault };
        if lane.send(Envelope::unanswered(input)).await.is_err() {
            return;
        }
    }
}
