//! Our own boards: the protocol of `gengfu-wire`.

use gengfu_core::{
    id::DeviceId,
    input::Input,
    planted::{self, Bug},
    point::{Kind, NoData, Origin, Reading, Sample, Value},
    time::{Span, Timestamp},
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, WireError, decode, encode},
    down::{Config, InputConfig, Receipt, Time},
    topic::{self, Down, Up},
    up::{
        Birth, ConfigAck, Event, Health, Heartbeat, InputState, Presence, Registers, Update,
        UpdateState,
    },
};

use super::{
    Poison, Publication, Understood,
    beside::Beside,
    own::{self, OwnPoint},
};
use crate::profile::BoardInput;

/// A board as the gateway knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    /// The device, and its name on the wire.
    pub device: DeviceId,
    /// Its inputs, in order.
    pub inputs: Vec<BoardInput>,
    /// Points of what it says of itself.
    pub own: Vec<OwnPoint>,
    /// What it reads over RS-485.
    pub beside: Beside,
}

/// Roles whose events are the last to be dropped by a full queue.
const VITAL_ROLES: [&str; 2] = ["call", "fire"];

impl Board {
    /// A board with these inputs, of which nothing else is a point, and beside which nothing stands.
    pub fn new(device: DeviceId, inputs: Vec<BoardInput>) -> Self {
        Self { device, inputs, own: vec![], beside: Beside::default() }
    }

    /// What a message of this board means.
    ///
    /// # Errors
    /// Where it is not what `docs/wire.md` describes.
    pub fn read(
        &self,
        site: &str,
        what: Up,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Result<Understood, Poison> {
        let garbled =
            |e: WireError| Poison::Garbled(format!("{} of {}: {e}", what.name(), self.device));
        let mut understood = Understood::default();
        match what {
            // What is retained may be old: that a board was online once says nothing, that it is
            // offline says that it has not come back since.
            Up::Presence => {
                if !decode::<Presence>(payload).map_err(garbled)?.online {
                    let (device, reason) = (self.device.clone(), NoData::Offline);
                    understood.inputs.push(Input::Gone { device, reason });
                    understood.inputs.extend(self.beside.gone(reason));
                } else if !retained {
                    understood.inputs.push(Input::Heard(self.device.clone()));
                }
            }
            _ if retained => {
                return Err(Poison::Garbled(format!("{} must not be retained", what.name())));
            }
            Up::Birth => {
                let birth: Birth<'_> = decode(payload).map_err(garbled)?;
                tracing::info!(board = %self.device, boot = birth.boot, firmware = birth.firmware,
                    hardware = birth.hardware, reset = birth.reset, "a board has come");
                understood.inputs.push(Input::Heard(self.device.clone()));
                understood.inputs.extend(self.states(&birth.inputs, now));
                understood.inputs.extend(own::at_birth(&self.own, now));
                understood.then.extend(self.time(site, now));
                if birth.config != self.config().revision {
                    understood.then.extend(self.publish_config(site));
                }
            }
            Up::Heartbeat => {
                let beat: Heartbeat = decode(payload).map_err(garbled)?;
                understood.inputs.push(Input::Heard(self.device.clone()));
                understood.inputs.extend(self.states(&beat.inputs, now));
                understood.inputs.extend(own::in_heartbeat(&self.own, &beat, now));
            }
            Up::Event => {
                let event: Event = decode(payload).map_err(garbled)?;
                let boot = if planted::is(Bug::FieldForgetsBoot) { 1 } else { event.boot };
                let origin = Origin { boot, seq: event.seq };
                match self.inputs.iter().find(|i| i.number == event.input) {
                    Some(input) => understood.inputs.push(Input::Reading(Reading {
                        point: input.point.clone(),
                        sample: sample(event.state),
                        source_at: Some(now - Span::millis(event.age_ms.into())),
                        received_at: now,
                        kind: Kind::Edge,
                        origin: Some(origin),
                    })),
                    // Nothing can be done with it, and a board without a receipt would say it for ever.
                    None => {
                        understood.inputs.push(Input::Heard(self.device.clone()));
                        let why = format!("input {} of {} is not used", event.input, self.device);
                        understood.set_aside = Some(Poison::Garbled(why));
                    }
                }
                let ahead = u32::from(planted::is(Bug::ReceiptForTheNext));
                let receipt = Receipt { v: VERSION, boot: event.boot, seq: event.seq + ahead };
                understood.then.extend(self.publish(site, Down::Receipt, &receipt, false));
            }
            Up::ConfigAck => {
                let ack: ConfigAck<'_> = decode(payload).map_err(garbled)?;
                if let Some(error) = ack.error {
                    tracing::warn!(board = %self.device, revision = ack.revision, error,
                        "a board refused its configuration");
                    if ack.revision == self.beside.list().revision {
                        understood.inputs.extend(self.beside.unread(NoData::Refused, now));
                    }
                }
                understood.inputs.push(Input::Heard(self.device.clone()));
            }
            Up::Health => {
                let health: Health<'_> = decode(payload).map_err(garbled)?;
                let counts = [
                    health.crashes.into(),
                    health.dropped,
                    health.dips.into(),
                    health.garbled.into(),
                ];
                if health.safe || health.flash || counts.iter().any(|count| *count > 0) {
                    tracing::warn!(board = %self.device, crashes = health.crashes,
                        safe = health.safe, panic = health.panic, dropped = health.dropped,
                        dips = health.dips, flash_refuses = health.flash, garbled = health.garbled,
                        "a board is not well");
                }
                understood.inputs.push(Input::Heard(self.device.clone()));
                understood.inputs.extend(own::in_health(&self.own, &health, now));
                if health.safe {
                    // It asks nobody any more.
                    understood.inputs.extend(self.beside.unread(NoData::Offline, now));
                }
            }
            Up::Registers => {
                let said: Registers<'_> = decode(payload).map_err(garbled)?;
                understood.inputs.push(Input::Heard(self.device.clone()));
                // By another list, it says nothing that is known: it is about to be told.
                understood.inputs.extend(self.beside.read(&said, now).into_iter().flatten());
            }
            Up::Update => {
                let update: Update<'_> = decode(payload).map_err(garbled)?;
                if update.state != UpdateState::Wants {
                    tracing::info!(board = %self.device, version = update.version,
                        state = ?update.state, error = update.error, "an update of a board");
                }
                understood.inputs.push(Input::Heard(self.device.clone()));
            }
        }
        Ok(understood)
    }

    /// How the inputs stand, as states: they settle what an event that was lost would have told.
    fn states(&self, states: &[InputState], now: Timestamp) -> Vec<Input> {
        let read = |input: &BoardInput| {
            let state = states.get(usize::from(input.number).checked_sub(1)?)?;
            Some(Input::Reading(Reading {
                point: input.point.clone(),
                sample: sample(*state),
                source_at: None,
                received_at: now,
                kind: Kind::State,
                origin: None,
            }))
        };
        self.inputs.iter().filter_map(read).collect()
    }

    /// How the inputs are used, for the board; its revision is a digest of the rest.
    pub fn config(&self) -> Config {
        let mut config = Config { v: VERSION, revision: 0, inputs: heapless::Vec::new() };
        for input in &self.inputs {
            let entry = InputConfig {
                input: input.number,
                normally_closed: input.normally_closed,
                debounce_ms: u16::try_from(input.debounce.as_millis()).unwrap_or(u16::MAX),
                vital: VITAL_ROLES.contains(&input.role.as_str()),
                bare: input.bare,
            };
            if config.inputs.push(entry).is_err() {
                tracing::warn!(board = %self.device, "more inputs than a board can have: the rest is left out");
                break;
            }
        }
        config.revision = revision(&config.inputs);
        config
    }

    /// The configuration, to be retained for the board.
    pub fn publish_config(&self, site: &str) -> Option<Publication> {
        self.publish(site, Down::Config, &self.config(), true)
    }

    /// All that is to be retained for the board: its configuration, and the list of what it is to read over
    /// RS-485, an empty one too, since the board may remember another.
    pub fn retained(&self, site: &str) -> impl Iterator<Item = Publication> + use<> {
        let list = self.publish(site, Down::Poll, &self.beside.list(), true);
        self.publish_config(site).into_iter().chain(list)
    }

    /// What time it is.
    fn time(&self, site: &str, now: Timestamp) -> Option<Publication> {
        let unix_ms = u64::try_from(now.as_millis()).unwrap_or(0);
        self.publish(site, Down::Time, &Time { v: VERSION, unix_ms }, false)
    }

    /// Something that the gateway says to this board.
    pub fn publish<P: Payload>(
        &self,
        site: &str,
        what: Down,
        payload: &P,
        retain: bool,
    ) -> Option<Publication> {
        let topic = topic::down(site, self.device.as_str(), what)?;
        let mut buffer = [0; MAX_PAYLOAD];
        let payload = encode(payload, &mut buffer).ok()?.to_vec();
        // A lost receipt or block is asked for again by the board itself; the rest nobody asks for again.
        let at_least_once = !matches!(what, Down::Receipt | Down::Block);
        Some(Publication { topic: topic.as_str().to_owned(), payload, retain, at_least_once })
    }
}

fn sample(state: InputState) -> Sample {
    match state {
        InputState::Idle => Ok(Value::Bool(false)),
        InputState::Active => Ok(Value::Bool(true)),
        InputState::Open | InputState::Short | InputState::Drift => Err(NoData::Faulty),
    }
}

/// FNV-1a over what the board is told; never 0, which stands for "none yet".
fn revision(inputs: &[InputConfig]) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    for i in inputs {
        let [low, high] = i.debounce_ms.to_le_bytes();
        let flags = u8::from(i.vital) | u8::from(i.bare) << 1;
        for byte in [i.input, u8::from(i.normally_closed), low, high, flags] {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash.max(1)
}
