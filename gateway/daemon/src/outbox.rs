//! From the engine to the sender: what is due goes at once, but for what calls everybody. Of that so much
//! goes as each carrier takes now; the rest stays due, so that it holds up no alarm.

use std::sync::Arc;

use gengfu_core::{notification::outbox::Message, turn::Offer};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::{queue::Queues, sender::Channels};

/// Messages that may wait for the sender before they stay in the outbox.
const WAITING: usize = 4096;

/// A message on its way to its channel.
pub struct Handed {
    /// The message.
    pub message: Arc<Message>,
    /// Its place before the channel, where it had to have one first.
    pub place: Option<OwnedSemaphorePermit>,
}

/// Where the engine puts what is due.
pub struct Outbox {
    to: mpsc::Sender<Handed>,
    channels: Channels,
    queues: Arc<Queues>,
}

impl Outbox {
    /// An outbox and its far end.
    pub fn new(channels: Channels, queues: Arc<Queues>) -> (Self, mpsc::Receiver<Handed>) {
        let (to, from) = mpsc::channel(WAITING);
        (Self { to, channels, queues }, from)
    }

    /// Takes a message, if there is room for it now.
    pub fn offer(&self, message: &Arc<Message>) -> Offer {
        let place = if message.content.purpose.is_muster() {
            let channel = self.channels.read().get(message.channel()).cloned();
            match channel {
                Some(channel) if !channel.has_room() => return Offer::Waits,
                Some(channel) => {
                    let place = self.queues.of(message.channel()).take_place(channel.pace());
                    if place.is_none() {
                        return Offer::Waits;
                    }
                    place
                }
                // The sender says that it is gone.
                None => None,
            }
        } else {
            None
        };
        match self.to.try_send(Handed { message: message.clone(), place }) {
            Ok(()) => Offer::Taken,
            Err(mpsc::error::TrySendError::Full(_)) => Offer::Full,
            Err(mpsc::error::TrySendError::Closed(_)) => {
                tracing::error!("the sender has stopped: messages stay in the outbox");
                Offer::Full
            }
        }
    }
}
