//! From the outbox to the channels: one task a message, so that a slow carrier holds up nobody else,
//! and the receipt back in by the same door as every other input.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gengfu_channel::channel::{Accepted, Channel, Outgoing, SEND_LIMIT};
use gengfu_core::{
    id::ChannelId,
    input::Input,
    notification::{
        outbox::{Message, Purpose},
        receipt::Receipt,
    },
    time::Span,
};
use gengfu_field::lane::{AlarmLane, Envelope};
use gengfu_web::answer_key::{AnswerKey, RollCall};
use parking_lot::RwLock;
use tokio::sync::mpsc;
use url::Url;

use crate::{engine::now, meters::Meters, outbox::Handed, published::Published, queue::Queues};

/// An answer link works this long: longer than any incident should last, short enough to be useless
/// to whoever finds an old phone.
const LINK_LIFE: Span = Span::hours(48);

/// The channels that are set up, changed as a whole by a reload.
pub type Channels = Arc<RwLock<BTreeMap<ChannelId, Arc<dyn Channel>>>>;

/// What the sender needs.
pub struct Sender {
    /// The channels by name.
    pub channels: Channels,
    /// The state, for names and languages.
    pub published: Arc<Published>,
    /// Back to the engine.
    pub lane: AlarmLane,
    /// Before each channel.
    pub queues: Arc<Queues>,
    /// Counters.
    pub meters: Arc<Meters>,
    /// Signs the links.
    pub key: Arc<AnswerKey>,
    /// What links are made from; none makes every message one-way.
    pub public_url: Arc<RwLock<Option<Url>>>,
}

impl Sender {
    /// Sends what comes until the engine is gone.
    pub async fn run(self, mut outbox: mpsc::Receiver<Handed>) {
        let sender = Arc::new(self);
        while let Some(Handed { message, place }) = outbox.recv().await {
            let queue = sender.queues.of(message.channel());
            let sender = sender.clone();
            tokio::spawn(async move {
                let channel = sender.channels.read().get(message.channel()).cloned();
                let pace = channel.and_then(|channel| channel.pace());
                let vital = message.content.danger.is_vital();
                let _place = if place.is_some() {
                    place
                } else if vital {
                    queue.pass(pace);
                    None
                } else {
                    queue.wait(pace).await
                };
                // It may have been called off while it waited for its place.
                if !vital && !sender.published.state().due.contains(&message.id) {
                    return;
                }
                sender.send(&message).await;
            });
        }
    }

    async fn send(&self, message: &Message) {
        let channel = self.channels.read().get(message.channel()).cloned();
        let receipt = match channel {
            Some(channel) => self.through(channel.as_ref(), message).await,
            None => {
                let reason = format!("channel \"{}\" is not set up any more", message.channel());
                Receipt::Failed { reason, retry: false }
            }
        };
        match &receipt {
            Receipt::Failed { reason, .. }
            | Receipt::Gone { reason }
            | Receipt::Declined { reason } => {
                self.meters.failed.add(1);
                tracing::warn!(id = %message.id, channel = %message.channel(), person = %message.person,
                    %reason, "a message did not go");
            }
            _ => {
                self.meters.accepted.add(1);
                tracing::info!(id = %message.id, channel = %message.channel(), person = %message.person,
                    "a carrier took a message");
            }
        }
        let input = Input::Receipt { message: message.id, receipt };
        // Gone only when the gateway stops; then the message is still due and goes out again.
        drop(self.lane.send(Envelope::unanswered(input)).await);
    }

    async fn through(&self, channel: &dyn Channel, message: &Message) -> Receipt {
        let outgoing = self.outgoing(message);
        // The channel keeps its own limit; this one is for a channel that forgets.
        let limit = SEND_LIMIT.to_std() + Duration::from_secs(5);
        match tokio::time::timeout(limit, channel.send(&outgoing)).await {
            Ok(Ok(accepted)) => {
                let Accepted { carrier_id, cost } = accepted;
                if let Some(cost) = &cost {
                    self.meters.paid(message.channel(), cost);
                }
                Receipt::Accepted { carrier_id, cost }
            }
            Ok(Err(error)) => error.receipt(),
            Err(_) => {
                Receipt::Failed { reason: format!("no answer within {SEND_LIMIT}"), retry: true }
            }
        }
    }

    fn outgoing(&self, message: &Message) -> Outgoing {
        let state = self.published.state();
        let public = self.public_url.read().clone();
        let until = now() + LINK_LIFE;
        let link = |path: String| public.as_ref().and_then(|url| url.join(&path).ok());
        let person = &message.person;
        let answer = match (&message.content.purpose, message.incident) {
            (Purpose::Muster { muster }, _) => {
                let call = RollCall { muster: *muster, person: person.clone() };
                link(format!("m/{}", self.key.sign_roll_call(&call, until)))
            }
            (purpose, Some(incident)) if purpose.asks() => {
                link(format!("a/{}", self.key.sign(incident, person, message.id, until)))
            }
            // Whoever is asked about a shift answers on the first page, signed in.
            (Purpose::Duty(news), _) if news.asks_about().is_some() => link(String::new()),
            _ => None,
        };
        let receipt = link(format!("api/v1/receipt/{}", self.key.sign_receipt(message.id, until)));
        Outgoing {
            key: format!("{}-{}", state.site(), message.id),
            message: message.clone(),
            site: state.site().clone(),
            incident: message.incident.and_then(|id| state.incidents.get(&id).cloned()),
            card: state.advice.card(message.content.danger),
            site_name: state.wiring.name.clone(),
            time_zone: state.wiring.time_zone.clone(),
            link: answer,
            receipt_link: receipt,
        }
    }
}
