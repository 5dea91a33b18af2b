//! From the outbox to the channels: one task a message, so that a slow carrier holds up nobody else,
//! and the receipt back in by the same door as every other input.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gengfu_channel::channel::{Accepted, Channel, Outgoing, SEND_LIMIT};
use gengfu_core::{
    id::{ChannelId, SiteId},
    input::Input,
    notification::{
        outbox::{Message, Purpose, Status},
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
                let passes = message.content.danger.must_pass(message.content.priority);
                let _place = if place.is_some() {
                    place
                } else if passes {
                    queue.pass(pace);
                    None
                } else {
                    queue.wait(pace).await
                };
                // It may have been called off while it waited for its place.
                let state = sender.published.state();
                if passes || state.due.contains(&message.id) {
                    sender.send(&message).await;
                } else if state.messages.get(&message.id).is_some_and(|m| is_called_off(m)) {
                    // Otherwise its channel would seem to say nothing about it.
                    let reason = "called off while it waited for its turn".to_owned();
                    sender.report(&message, Receipt::Failed { reason, retry: false }).await;
                }
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
        self.report(message, receipt).await;
    }

    async fn report(&self, message: &Message, receipt: Receipt) {
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
            key: key(state.site(), message),
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

/// Where a backup was put back numbers come again, and a carrier or a mailbox that knows one would drop what
/// is new: so the second at which the message was made belongs to it.
fn key(site: &SiteId, message: &Message) -> String {
    format!("{site}-{}-{:x}", message.id, message.made_at.as_millis() / 1_000)
}

fn is_called_off(message: &Message) -> bool {
    matches!(message.status, Status::Cancelled { .. })
}

#[cfg(test)]
mod tests {
    use gengfu_channel::{
        Pace,
        channel::{BoxFuture, SendError},
    };
    use gengfu_core::{
        danger::{Danger, Priority},
        id::MessageId,
        notification::outbox::Content,
        person::Method,
        state::State,
        text::Text,
        time::Timestamp,
    };

    use super::*;

    /// Takes one message in ten minutes, and at once.
    struct Slow;

    impl Channel for Slow {
        fn kind(&self) -> &'static str {
            "slow"
        }
        fn send<'a>(&'a self, _: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
            Box::pin(async { Ok(Accepted::default()) })
        }
        fn check_address(&self, _: &str) -> Result<(), String> {
            Ok(())
        }
        fn pace(&self) -> Option<Pace> {
            Some(Pace { messages: 1, span: Span::mins(10) })
        }
    }

    fn message(id: u64, danger: Danger, priority: Priority) -> Message {
        let at = Timestamp::default();
        Message {
            id: MessageId(id),
            incident: None,
            person: "li".into(),
            method: Method::new("slow".into(), "li"),
            language: Default::default(),
            content: Content {
                purpose: Purpose::Alert { step: 0, round: 0 },
                what: Text::from("what"),
                place: Text::from("where"),
                since: at,
                danger,
                priority,
                test: false,
            },
            made_at: at,
            not_before: at,
            failures: 0,
            status: Status::Due,
            cost: None,
        }
    }

    fn show(published: &Published, messages: &[Message]) {
        let mut state = State::new("site".into());
        for message in messages {
            state.messages.insert(message.id, Arc::new(message.clone()));
            if message.is_due() {
                state.due.insert(message.id);
            }
        }
        published.show(state);
    }

    #[test]
    fn a_number_that_comes_again_after_a_backup_is_another_message() {
        let site = SiteId::from("garden");
        let mut first = message(41, Danger::Fire, Priority::Critical);
        first.made_at = Timestamp::from_millis(1_764_446_400_500);
        assert_eq!(key(&site, &first), "garden-41-692b50c0");
        let again =
            Message { failures: 2, not_before: first.made_at + Span::secs(6), ..first.clone() };
        assert_eq!(key(&site, &again), key(&site, &first), "another try of the same");
        let other = Message { made_at: first.made_at + Span::hours(9), ..first.clone() };
        assert_ne!(key(&site, &other), key(&site, &first));
    }

    #[tokio::test(start_paused = true)]
    async fn a_critical_one_waits_for_no_turn_and_one_that_is_called_off_meanwhile_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let mut messages = vec![
            message(1, Danger::Water, Priority::High),
            message(2, Danger::Water, Priority::High),
            message(3, Danger::Gas, Priority::Critical),
        ];
        let published = Published::new(State::new("site".into()));
        show(&published, &messages);
        let slow: Arc<dyn Channel> = Arc::new(Slow);
        let (lane, mut heard) = mpsc::channel(8);
        let key = AnswerKey::load(&folder.path().join("answer.key"), &"site".into()).unwrap();
        let sender = Sender {
            channels: Arc::new(RwLock::new(BTreeMap::from([("slow".into(), slow)]))),
            published: published.clone(),
            lane,
            queues: Arc::default(),
            meters: Arc::default(),
            key: Arc::new(key),
            public_url: Arc::default(),
        };
        let (outbox, from) = mpsc::channel(8);
        tokio::spawn(sender.run(from));
        for message in &messages {
            let handed = Handed { message: Arc::new(message.clone()), place: None };
            outbox.send(handed).await.ok().unwrap();
        }
        let mut next = async || match heard.recv().await.unwrap().input {
            Input::Receipt { message, receipt } => (message.0, receipt),
            other => panic!("{other:?}"),
        };
        let begun = tokio::time::Instant::now();
        let mut first = [next().await.0, next().await.0];
        first.sort_unstable();
        assert_eq!((first, begun.elapsed().as_secs()), ([1, 3], 0));
        messages[1].status = Status::Cancelled { at: Timestamp::default() };
        show(&published, &messages);
        let (id, receipt) = next().await;
        assert_eq!(id, 2);
        assert!(matches!(receipt, Receipt::Failed { retry: false, .. }), "{receipt:?}");
    }
}
