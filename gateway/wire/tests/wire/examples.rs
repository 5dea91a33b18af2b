//! One of every payload, and some that show more: the snapshots and `docs/wire.md` show these.

use gengfu_wire::{
    VERSION,
    codec::{Payload, encode},
    down::{
        self, Block, Config, Identify, InputConfig, Lamp, Output, Parity, Poll, Read, Receipt, Time,
    },
    topic::{self, Down, Topic, Up},
    up::{
        self, Birth, ConfigAck, Event, Health, Heartbeat, InputState, Presence, Registers,
        UpdateState,
    },
};
use heapless::Vec;

/// A payload that is shown, with the topic that it belongs to.
pub struct Example {
    /// The snapshot's name.
    pub name: &'static str,
    /// Where it is said.
    pub topic: Topic,
    /// What is said.
    pub payload: String,
}

fn written<P: Payload>(payload: &P) -> String {
    let mut buffer = [0; gengfu_wire::MAX_PAYLOAD];
    String::from_utf8(encode(payload, &mut buffer).unwrap().to_vec()).unwrap()
}

fn up<P: Payload>(name: &'static str, what: Up, payload: &P) -> Example {
    let topic = topic::up("garden-12", "lift-1", what).unwrap();
    Example { name, topic, payload: written(payload) }
}

fn down<P: Payload>(name: &'static str, what: Down, payload: &P) -> Example {
    let topic = topic::down("garden-12", "lift-1", what).unwrap();
    Example { name, topic, payload: written(payload) }
}

fn asked(
    state: UpdateState,
    offset: u32,
    length: u16,
    error: Option<&'static str>,
) -> up::Update<'static> {
    up::Update { v: VERSION, version: "1.5.0", state, offset, length, error }
}

/// All of them.
pub fn all() -> std::vec::Vec<Example> {
    use InputState::{Active, Drift, Idle, Open, Short};
    let inputs = Vec::from_slice(&[Idle, Idle, Active, Idle, Open, Short, Drift, Idle]).unwrap();
    let input = |input, normally_closed, debounce_ms, vital| InputConfig {
        input,
        normally_closed,
        debounce_ms,
        vital,
        bare: false,
    };
    let used = [input(1, false, 100, true), input(2, true, 500, true), input(3, false, 50, false)];
    vec![
        up("presence", Up::Presence, &Presence { v: VERSION, online: true }),
        up("presence-will", Up::Presence, &Presence { v: VERSION, online: false }),
        up(
            "birth",
            Up::Birth,
            &Birth {
                v: VERSION,
                boot: 7,
                firmware: "1.4.2",
                hardware: "w5500-evb-pico",
                reset: "power",
                config: 0,
                inputs: inputs.clone(),
            },
        ),
        up(
            "heartbeat",
            Up::Heartbeat,
            &Heartbeat {
                v: VERSION,
                boot: 7,
                uptime_s: 86_415,
                inputs,
                queue: 0,
                supply_mv: Some(12_050),
                battery_mv: None,
            },
        ),
        up(
            "event",
            Up::Event,
            &Event { v: VERSION, boot: 7, seq: 3, input: 1, state: Active, age_ms: 12 },
        ),
        up(
            "config-ack",
            Up::ConfigAck,
            &ConfigAck { v: VERSION, revision: 3_405_691_582, error: None },
        ),
        up(
            "config-ack-refused",
            Up::ConfigAck,
            &ConfigAck { v: VERSION, revision: 3_405_691_582, error: Some("no input 9") },
        ),
        up(
            "health",
            Up::Health,
            &Health {
                v: VERSION,
                boot: 7,
                crashes: 1,
                safe: false,
                panic: Some("app/src/link.rs:41: no such socket"),
                dropped: 0,
                dips: 2,
                temperature_dc: Some(415),
                flash: false,
                garbled: 0,
            },
        ),
        up("update-asked", Up::Update, &asked(UpdateState::Wants, 4_096, 512, None)),
        up(
            "update-refused",
            Up::Update,
            &asked(
                UpdateState::Refused,
                0,
                0,
                Some("the signature is not of the key that this board trusts"),
            ),
        ),
        up(
            "registers",
            Up::Registers,
            &Registers {
                v: VERSION,
                revision: 12,
                read: 1,
                values: Vec::from_slice(&[1, 14]).unwrap(),
                error: None,
                age_ms: 40,
            },
        ),
        up(
            "registers-none",
            Up::Registers,
            &Registers {
                v: VERSION,
                revision: 12,
                read: 2,
                values: Vec::new(),
                error: Some("no answer"),
                age_ms: 0,
            },
        ),
        down("receipt", Down::Receipt, &Receipt { v: VERSION, boot: 7, seq: 3 }),
        down(
            "config",
            Down::Config,
            &Config {
                v: VERSION,
                revision: 3_405_691_582,
                inputs: Vec::from_slice(&used).unwrap(),
            },
        ),
        down("time", Down::Time, &Time { v: VERSION, unix_ms: 1_795_449_600_000 }),
        down(
            "output",
            Down::Output,
            &Output { v: VERSION, lamp: Lamp::Yellow, sounder: false, relay: false, hold_s: 60 },
        ),
        down(
            "update",
            Down::Update,
            &down::Update {
                v: VERSION,
                version: "1.5.0",
                hardware: "w5500-evb-pico",
                size: 187_392,
                sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                signature: &"5c".repeat(64),
                forced: false,
            },
        ),
        down("block", Down::Block, &Block { v: VERSION, offset: 4_096, data: "00bf704700bf" }),
        down(
            "poll",
            Down::Poll,
            &Poll {
                v: VERSION,
                revision: 12,
                baud: 9_600,
                parity: Parity::None,
                reads: Vec::from_slice(&[
                    Read { unit: 1, function: 3, address: 4_096, count: 2, every_s: 1 },
                    Read { unit: 2, function: 4, address: 0, count: 8, every_s: 10 },
                ])
                .unwrap(),
            },
        ),
        down("identify", Down::Identify, &Identify { v: VERSION, seconds: 10 }),
    ]
}
