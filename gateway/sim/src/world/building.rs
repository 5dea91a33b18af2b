//! What hangs in the building: boards with their contacts, their queue and their radio, and lift
//! controllers that are polled.

use std::collections::VecDeque;

use gengfu_core::{
    id::DeviceId,
    point::{Kind, NoData, Origin, Reading, Sample, Value},
    time::{Span, Timestamp},
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, encode},
    up::{Birth, Event, Heartbeat, InputState, Presence},
};

use super::{rng::Rng, site};

/// Events that a board's flash holds.
const CAPACITY: usize = 500;
/// Without a receipt, an event is said again after this long.
pub const RESEND: Span = Span::secs(5);

/// The way between a board and the gateway while it misbehaves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Net {
    /// Until when.
    pub until: Timestamp,
    /// Messages lost, of a hundred.
    pub loss: u64,
    /// Messages doubled, of a hundred.
    pub twice: u64,
    /// The longest delay of a message.
    pub delay: Span,
}

#[derive(Debug)]
struct Waiting {
    origin: Origin,
    input: u8,
    state: InputState,
    happened: Timestamp,
    sent: Option<Timestamp>,
}

/// A board.
#[derive(Debug)]
pub struct Board {
    /// Its name.
    pub device: DeviceId,
    /// It has power.
    pub powered: bool,
    /// Its radio is dead until then.
    pub mute_until: Timestamp,
    /// The way to the gateway.
    pub net: Net,
    /// It has planned to look at what waits.
    pub resends: bool,
    /// Messages that it has said so far.
    pub said: u64,
    inputs: [bool; 2],
    last: Origin,
    started: Timestamp,
    waiting: VecDeque<Waiting>,
}

impl Board {
    /// A board that starts for the first time.
    pub fn new(number: usize, now: Timestamp) -> Self {
        Self {
            device: site::board(number),
            powered: true,
            mute_until: Timestamp::default(),
            net: Net::default(),
            resends: false,
            said: 0,
            inputs: [false; 2],
            last: Origin { boot: 1, seq: 0 },
            started: now,
            waiting: VecDeque::new(),
        }
    }

    /// A contact moves; true where the board has noticed.
    pub fn contact(&mut self, input: u8, closed: bool, now: Timestamp) -> bool {
        let Some(stands) = self.inputs.get_mut(usize::from(input).wrapping_sub(1)) else {
            return false;
        };
        if *stands == closed {
            return false;
        }
        *stands = closed;
        if !self.powered {
            return false;
        }
        if self.waiting.len() >= CAPACITY {
            self.waiting.pop_front();
        }
        self.last.seq += 1;
        let (origin, state) = (self.last, state(closed));
        self.waiting.push_back(Waiting { origin, input, state, happened: now, sent: None });
        true
    }

    /// What is to be said now: events that were never said, or too long ago.
    pub fn due(&mut self, now: Timestamp) -> Vec<Vec<u8>> {
        if !self.powered {
            return vec![];
        }
        let mut payloads = vec![];
        for event in &mut self.waiting {
            if event.sent.is_some_and(|sent| now.since(sent) < RESEND) {
                continue;
            }
            event.sent = Some(now);
            let age = now.since(event.happened).as_millis();
            payloads.push(bytes(&Event {
                v: VERSION,
                boot: event.origin.boot,
                seq: event.origin.seq,
                input: event.input,
                state: event.state,
                age_ms: u32::try_from(age).unwrap_or(u32::MAX),
            }));
        }
        payloads
    }

    /// Events that wait for their receipt.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// The gateway has this event.
    pub fn receipt(&mut self, origin: Origin) {
        self.waiting.retain(|event| event.origin != origin);
    }

    /// What it says every so often.
    pub fn heartbeat(&self, now: Timestamp) -> Vec<u8> {
        bytes(&Heartbeat {
            v: VERSION,
            boot: self.last.boot,
            uptime_s: u32::try_from(now.since(self.started).as_millis() / 1000).unwrap_or(u32::MAX),
            inputs: self.inputs.map(state).into_iter().collect(),
            queue: u16::try_from(self.waiting.len()).unwrap_or(u16::MAX),
            supply_mv: Some(12_000),
            battery_mv: None,
        })
    }

    /// It gets power, and counts its events anew.
    pub fn power_on(&mut self, now: Timestamp) {
        self.powered = true;
        self.started = now;
        self.last = Origin { boot: self.last.boot + 1, seq: 0 };
        self.waiting.iter_mut().for_each(|event| event.sent = None);
    }

    /// What it says after a connect.
    pub fn birth(&self) -> [Vec<u8>; 2] {
        let birth = Birth {
            v: VERSION,
            boot: self.last.boot,
            firmware: "world",
            hardware: "world",
            reset: "power",
            config: 0,
            inputs: self.inputs.map(state).into_iter().collect(),
        };
        [bytes(&Presence { v: VERSION, online: true }), bytes(&birth)]
    }

    /// What its broker says for it when it is gone.
    pub fn will() -> Vec<u8> {
        bytes(&Presence { v: VERSION, online: false })
    }
}

fn state(closed: bool) -> InputState {
    if closed { InputState::Active } else { InputState::Idle }
}

fn bytes<P: Payload>(payload: &P) -> Vec<u8> {
    let mut buffer = [0; MAX_PAYLOAD];
    // A payload of two inputs is a tenth of what fits.
    encode(payload, &mut buffer).map(<[u8]>::to_vec).unwrap_or_default()
}

/// A lift controller.
#[derive(Debug)]
pub struct Controller {
    /// Its name.
    pub device: DeviceId,
    /// The fault that it shows; 0 for none.
    pub fault: i64,
    /// Its battery sags since then and until then.
    pub sags: Option<(Timestamp, Timestamp)>,
    /// It does not answer until then.
    pub deaf_until: Timestamp,
    /// How often it was polled.
    pub polls: u64,
}

impl Controller {
    /// A controller in good health.
    pub fn new(number: usize) -> Self {
        Self {
            device: site::controller(number),
            fault: 0,
            sags: None,
            deaf_until: Timestamp::default(),
            polls: 0,
        }
    }

    /// What a poll gives.
    pub fn poll(&mut self, now: Timestamp, clock: Timestamp, seed: u64) -> Vec<Reading> {
        self.polls += 1;
        let mut rng = Rng::about(seed, &[20, super::rng::number(self.device.as_str()), self.polls]);
        let noise = rng.below(100) as f64 / 100.0;
        let sag = match self.sags {
            Some((since, until)) if now < until => {
                4.0 * now.since(since).as_millis() as f64 / until.since(since).as_millis() as f64
            }
            _ => 0.0,
        };
        let read = |value: Value| -> Sample {
            if now < self.deaf_until { Err(NoData::Timeout) } else { Ok(value) }
        };
        [
            ("fault", read(Value::Int(self.fault))),
            ("battery", read(Value::Float(24.5 + noise - sag))),
        ]
        .map(|(name, sample)| Reading {
            point: site::point(&self.device, name),
            sample,
            source_at: None,
            received_at: clock,
            kind: Kind::State,
            origin: None,
        })
        .into()
    }
}
