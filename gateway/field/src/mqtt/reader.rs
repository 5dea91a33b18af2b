//! What comes over the connection to a broker: read, handed on, and finished once it is durable.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use gengfu_core::{input::Input, time::Timestamp};
use rumqttc::mqttbytes::{QoS, v5::Publish};
use tokio::sync::mpsc;

use super::{quarantine::Quarantine, routes::Routes, share::Share, signs::Signs};
use crate::{
    adapter::{Poison, Publication, Understood, recent::Number},
    broker::IN_FLIGHT,
    lane::{Envelope, IsWatched, Lanes, Outcome},
};

/// Of the finished messages that may wait to be acknowledged, what was sent at most once leaves so many to
/// what wants an acknowledgement.
const RESERVED: usize = 2 * IN_FLIGHT as usize;

/// A message that is under way to the engine, in as many parts as it has inputs.
pub(super) struct UnderWay {
    pub left: AtomicUsize,
    pub publish: Publish,
    pub then: Vec<Publication>,
    /// To be remembered once it is on the disk.
    pub numbers: Vec<Number>,
    /// It is on the disk; otherwise the broker is answered, but no board gets its receipt.
    pub kept: AtomicBool,
    /// Nobody wants to hear more of it.
    pub leave: bool,
    /// The connection that it came over: its packet number means nothing on another one.
    pub connection: u64,
}

impl UnderWay {
    /// A message of which nothing goes to the engine.
    fn nothing_of(publish: Publish, connection: u64) -> Self {
        let (left, kept) = (AtomicUsize::new(0), AtomicBool::new(true));
        Self { left, publish, then: vec![], numbers: vec![], kept, leave: false, connection }
    }

    /// Has it acknowledged. Of those that want it, the broker has never more under way than there
    /// is room for; what was sent at most once may be passed over, and its sender asks again.
    fn finish(self: Arc<Self>, done: &mpsc::Sender<Arc<Self>>) {
        if self.kept.load(Ordering::Acquire) {
            self.numbers.iter().for_each(Number::remember);
        }
        let once = self.publish.qos == QoS::AtMostOnce;
        if once && (self.then.is_empty() && !self.leave || done.capacity() <= RESERVED) {
            return;
        }
        if done.try_send(self).is_err() {
            tracing::debug!("no room for an acknowledgement: its sender will ask again");
        }
    }
}

pub(super) struct Reader {
    /// Its address, for the log.
    pub broker: String,
    pub share: Share,
    pub routes: Routes,
    pub lanes: Lanes,
    pub is_watched: IsWatched,
    pub quarantine: Quarantine,
    pub signs: Signs,
    pub done: mpsc::Sender<Arc<UnderWay>>,
    /// Number of the connection, counted up when it is lost.
    pub connection: Arc<AtomicU64>,
}

impl Reader {
    /// A picture: no reading, so that it is acknowledged at once. One that the broker kept is of any age,
    /// and counts for nothing.
    fn look(&self, camera: &str, publish: Publish, now: Timestamp) {
        if !publish.retain
            && let Err(why) = self.routes.pictures().put(camera, now, &publish.payload)
        {
            tracing::debug!(camera, %why, "not kept");
        }
        let connection = self.connection.load(Ordering::Acquire);
        Arc::new(UnderWay::nothing_of(publish, connection)).finish(&self.done);
    }

    /// Takes a message: its readings go to the lanes, and it is acknowledged once they are durable.
    pub async fn take(&self, publish: Publish) {
        let now = Timestamp::from(jiff::Timestamp::now());
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        if let Some(camera) = self.routes.camera(&topic) {
            return self.look(&camera, publish, now);
        }
        let read = self.routes.read_of(self.share, &topic, &publish.payload, publish.retain, now);
        let mut understood = match read {
            Ok(understood) => understood,
            Err(why) => Understood { set_aside: Some(why), ..Understood::default() },
        };
        let leave = understood.set_aside == Some(Poison::Left);
        if self.share == Share::Telemetry {
            // What waits for the engine leaves room for alarms; a sign of life comes again.
            let has_room = 2 * self.lanes.alarm.capacity() > self.lanes.alarm.max_capacity();
            self.signs.thin(&mut understood.inputs, now, has_room);
        } else {
            self.signs.note(&understood.inputs);
        }
        if let Some(why) = &understood.set_aside {
            self.quarantine.put(&topic, &publish.payload, why, now);
        }
        let (telemetry, alarms): (Vec<Input>, Vec<Input>) =
            understood.inputs.into_iter().partition(|input| match input {
                Input::Reading(reading) => {
                    reading.origin.is_none() && !(self.is_watched)(&reading.point)
                }
                _ => false,
            });
        for input in telemetry.into_iter().chain(alarms.iter().cloned()) {
            if let Input::Reading(reading) = input {
                self.lanes.telemetry.send(reading);
            }
        }
        let message = Arc::new(UnderWay {
            left: AtomicUsize::new(alarms.len()),
            publish,
            then: understood.then,
            numbers: understood.numbers,
            kept: AtomicBool::new(true),
            leave,
            connection: self.connection.load(Ordering::Acquire),
        });
        if alarms.is_empty() {
            return message.finish(&self.done);
        }
        for input in alarms {
            let (message, done) = (message.clone(), self.done.clone());
            let envelope = Envelope {
                input,
                done: Box::new(move |outcome| {
                    if outcome == Outcome::InMemory {
                        message.kept.store(false, Ordering::Release);
                    }
                    if message.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        message.finish(&done);
                    }
                }),
            };
            // Closed only when the gateway stops: then nothing is acknowledged, and all comes again.
            if self.lanes.alarm.send(envelope).await.is_err() {
                return;
            }
        }
    }
}
