//! One MQTT session: what the board has to say goes out, what the gateway says comes in.

use core::cell::RefCell;

use embassy_futures::select::{Either3, select3};
use embassy_time::{Duration, Timer, with_timeout};
use gengfu_wire::{
    MAX_PAYLOAD,
    topic::{self, MAX_TOPIC, Up},
};
use minimq::{
    Buffers, ConfigBuilder, Connection, Error, InboundPublish, Io, PeerError, PubError, QoS,
    Session, SubscriptionOptions, TopicFilter, Will,
};

use super::{Lost, Moment, News, beside::Beside, now_ms, tls::stream::Memory};
use crate::{
    board::{Board, Publication},
    identity::Identity,
};

/// Keep-alive in seconds; see `docs/wire.md`.
const KEEP_ALIVE_S: u16 = 15;
/// The broker answers a connect and a subscription within so long.
const ANSWER: Duration = Duration::from_secs(10);
/// A message is on its way, or acknowledged, within so long.
const STALL: Duration = Duration::from_secs(20);
/// Without news, the board is asked this often whether something is due: a heartbeat, or an event
/// once more.
const LOOK: Duration = Duration::from_millis(250);
/// Around topic and payload of a message stand a few bytes of MQTT.
const AROUND: usize = 32;

/// Room for a session.
pub struct Packets {
    pub(super) words: Words,
    pub(super) tls: Memory,
}

impl Packets {
    /// Room in which nothing stands.
    pub const fn new() -> Self {
        Self { words: Words::new(), tls: Memory::new() }
    }
}

impl Default for Packets {
    fn default() -> Self {
        Self::new()
    }
}

/// Room for what is said in it.
pub struct Words {
    /// One message of the gateway.
    heard: [u8; MAX_PAYLOAD + MAX_TOPIC + AROUND],
    /// Messages without acknowledgement: the longest one and a few events at once.
    unacknowledged: [u8; 2 * (MAX_PAYLOAD + MAX_TOPIC)],
    /// One message of the board.
    said: [u8; MAX_PAYLOAD],
    will: [u8; 64],
}

impl Words {
    const fn new() -> Self {
        Self {
            heard: [0; MAX_PAYLOAD + MAX_TOPIC + AROUND],
            unacknowledged: [0; 2 * (MAX_PAYLOAD + MAX_TOPIC)],
            said: [0; MAX_PAYLOAD],
            will: [0; 64],
        }
    }
}

/// Who speaks in a session.
pub struct Speaker<'s, 'a, const INPUTS: usize, const QUEUE: usize> {
    /// The board's name is its user and its client id.
    pub who: &'s Identity<'a>,
    /// Its password.
    pub password: &'s str,
    /// Asked for what is to be said, and told what was heard.
    pub board: &'s RefCell<Board<'a, INPUTS, QUEUE>>,
    /// Given when the board has something new to say.
    pub news: &'s News,
    /// Who speaks beside it.
    pub beside: &'s dyn Beside<INPUTS, QUEUE>,
}

impl<const INPUTS: usize, const QUEUE: usize> Speaker<'_, '_, INPUTS, QUEUE> {
    /// Holds a session over an established stream until it is lost; why, and for how many
    /// milliseconds it stood (none where it never did). Where `has_other` gateways to go to, it is lost too when
    /// nobody behind the broker is heard.
    pub async fn speak<IO: Io>(
        &self,
        io: IO,
        words: &mut Words,
        has_other: bool,
        log: &mut impl FnMut(Moment<'_>),
    ) -> (Lost, Option<u64>) {
        let Words { heard, unacknowledged, said, will } = words;
        let Some(mut session) = self.session(Buffers::new(heard, unacknowledged), will) else {
            return (Lost::Name, None);
        };
        let mut connection = match with_timeout(ANSWER, session.connect(io)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return (why(&error), None),
            Err(_) => return (Lost::Silent, None),
        };
        let subscribed = with_timeout(ANSWER, self.subscribe(&mut connection, log)).await;
        if let Err(lost) = subscribed.unwrap_or(Err(Lost::Silent)) {
            return (lost, None);
        }
        let since_ms = now_ms();
        self.board.borrow_mut().connected(since_ms);
        log(Moment::Connected);
        let Err(lost) = self.converse(&mut connection, said, has_other, log).await;
        self.board.borrow_mut().disconnected();
        (lost, Some(now_ms().saturating_sub(since_ms)))
    }

    fn session<'p>(&'p self, buffers: Buffers<'p>, will: &'p mut [u8]) -> Option<Session<'p>> {
        let Publication { topic, payload, .. } = self.board.borrow().will(will).ok()?;
        let will = Will::new(&topic, payload, &[]).ok()?.retained().qos(QoS::AtLeastOnce);
        let config = ConfigBuilder::new(buffers)
            .client_id(self.who.board)
            .and_then(|config| config.auth(self.who.board, self.password.as_bytes()))
            .and_then(|config| config.will(will));
        Some(Session::new(config.ok()?.keepalive_interval(KEEP_ALIVE_S)))
    }

    async fn subscribe<IO: Io>(
        &self,
        connection: &mut Connection<'_, '_, IO>,
        log: &mut impl FnMut(Moment<'_>),
    ) -> Result<(), Lost> {
        let all = topic::all_down(self.who.site, self.who.board).ok_or(Lost::Name)?;
        let options = SubscriptionOptions::default().maximum_qos(QoS::AtLeastOnce);
        let filters = [TopicFilter::new(&all).options(options)];
        let asked = connection.subscribe(&filters, &[]).await.map_err(|e| why(&e))?;
        while connection.is_pending(&asked) {
            if let Some(message) = connection.poll().await.map_err(|e| why(&e))? {
                self.hear(&message, log);
            }
        }
        Ok(())
    }

    async fn converse<IO: Io>(
        &self,
        connection: &mut Connection<'_, '_, IO>,
        buffer: &mut [u8],
        has_other: bool,
        log: &mut impl FnMut(Moment<'_>),
    ) -> Result<core::convert::Infallible, Lost> {
        loop {
            log(Moment::Round);
            if has_other && self.board.borrow().is_unheard(now_ms()) {
                return Err(Lost::Unheard);
            }
            while connection.can_publish(QoS::AtLeastOnce) {
                let said = self.board.borrow_mut().next_publication(now_ms(), buffer);
                if let Ok(Some(said)) = said {
                    self.say(connection, &said, log).await?;
                    continue;
                }
                let said = self.beside.say(now_ms(), &self.board.borrow(), buffer);
                let Some(said) = said else { break };
                self.say(connection, &said, log).await?;
            }
            let heard = select3(connection.poll(), self.news.wait(), Timer::after(LOOK)).await;
            if let Either3::First(heard) = heard
                && let Some(message) = heard.map_err(|e| why(&e))?
            {
                self.hear(&message, log);
            }
        }
    }

    /// What was taken from the board is said, or the session is lost: the board counts it as said.
    async fn say<IO: Io>(
        &self,
        connection: &mut Connection<'_, '_, IO>,
        said: &Publication<'_>,
        log: &mut impl FnMut(Moment<'_>),
    ) -> Result<(), Lost> {
        loop {
            let message = minimq::Publication::bytes(&said.topic, said.payload);
            let message = message.qos(QoS::AtLeastOnce);
            let message = if said.retain { message.retain() } else { message };
            let sent = with_timeout(STALL, connection.publish(message)).await;
            match sent.map_err(|_| Lost::Silent)? {
                Ok(_) => break,
                // There is room for it once something else is acknowledged.
                Err(PubError::Session(Error::NotReady | Error::Resource(_)))
                    if !connection.session().is_publish_quiescent() => {}
                Err(PubError::Session(error)) => return Err(why(&error)),
                Err(PubError::Payload(())) => return Err(Lost::Ended),
            }
            let heard = with_timeout(STALL, connection.poll()).await.map_err(|_| Lost::Silent)?;
            if let Some(message) = heard.map_err(|e| why(&e))? {
                self.hear(&message, log);
            }
        }
        let what = Up::ALL.into_iter().find(|up| said.topic.ends_with(up.name()));
        if let Some(what) = what {
            log(Moment::Said(what));
        }
        Ok(())
    }

    /// Unknown topics are passed over; what can't be understood is refused by whoever it is for.
    fn hear(&self, message: &InboundPublish<'_>, log: &mut impl FnMut(Moment<'_>)) {
        let what = topic::parse_down(self.who.site, self.who.board, message.topic());
        let Some(what) = what else { return };
        let understood = self.board.borrow_mut().receive(now_ms(), what, message.payload()).is_ok();
        self.beside.hear(now_ms(), what, message.payload());
        if understood {
            log(Moment::Heard(what));
        }
    }
}

fn why<E>(error: &Error<E>) -> Lost {
    match error {
        Error::Peer(PeerError::Rejected(reason)) => Lost::Refused((*reason).into()),
        _ => Lost::Ended,
    }
}
