//! The payloads and topics, byte for byte: what boards in the field were built against.

use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD, MAX_READS, MAX_VALUES, VERSION,
    codec::{Payload, WireError, decode, encode},
    down::{
        self, Block, Config, Identify, InputConfig, Lamp, Output, Parity, Poll, Read, Receipt, Time,
    },
    topic::{self, Down, Up},
    up::{
        self, Birth, ConfigAck, Event, Health, Heartbeat, InputState, Presence, Registers,
        UpdateState,
    },
};
use heapless::Vec;

use crate::examples::all;

#[test]
fn payloads_and_topics_are_what_boards_were_built_against() {
    let examples = all();
    assert_eq!(examples.len(), 20);
    for example in examples {
        let shown = format!("{}\n{}", example.topic, example.payload);
        insta::assert_snapshot!(example.name, shown);
    }
}

#[test]
fn every_topic_has_an_example() {
    let topics: std::vec::Vec<_> = all().into_iter().map(|e| e.topic).collect();
    for what in Up::ALL {
        assert!(topics.contains(&topic::up("garden-12", "lift-1", what).unwrap()), "{what:?}");
    }
    for what in Down::ALL {
        assert!(topics.contains(&topic::down("garden-12", "lift-1", what).unwrap()), "{what:?}");
    }
}

fn length<P: Payload>(payload: &P) -> usize {
    encode(payload, &mut [0; 4 * MAX_PAYLOAD]).unwrap().len()
}

/// With every number at its largest, a board's buffer is long enough, and stays so.
#[test]
fn the_longest_payloads_fit() {
    let inputs = Vec::from_slice(&[InputState::Active; MAX_INPUTS]).unwrap();
    let entry = InputConfig {
        input: MAX_INPUTS as u8,
        normally_closed: false,
        debounce_ms: u16::MAX,
        vital: false,
        bare: true,
    };
    let config = Config {
        v: VERSION,
        revision: u32::MAX,
        inputs: Vec::from_slice(&[entry; MAX_INPUTS]).unwrap(),
    };
    let long = "x".repeat(64);
    let read = Read {
        unit: u8::MAX,
        function: u8::MAX,
        address: u16::MAX,
        count: u16::MAX,
        every_s: u16::MAX,
    };
    let lengths = [
        length(&Presence { v: VERSION, online: false }),
        length(&Birth {
            v: VERSION,
            boot: u32::MAX,
            firmware: &long,
            hardware: &long,
            reset: "brown-out",
            config: u32::MAX,
            inputs: inputs.clone(),
        }),
        length(&Heartbeat {
            v: VERSION,
            boot: u32::MAX,
            uptime_s: u32::MAX,
            inputs,
            queue: u16::MAX,
            supply_mv: Some(u32::MAX),
            battery_mv: Some(u32::MAX),
        }),
        length(&Event {
            v: VERSION,
            boot: u32::MAX,
            seq: u32::MAX,
            input: u8::MAX,
            state: InputState::Active,
            age_ms: u32::MAX,
        }),
        length(&ConfigAck { v: VERSION, revision: u32::MAX, error: Some(&long) }),
        length(&Health {
            v: VERSION,
            boot: u32::MAX,
            crashes: u8::MAX,
            safe: false,
            panic: Some(&long),
            dropped: u32::MAX,
            dips: u16::MAX,
            temperature_dc: Some(i16::MIN),
            flash: true,
            garbled: u16::MAX,
        }),
        length(&up::Update {
            v: VERSION,
            version: &long,
            state: UpdateState::Confirmed,
            offset: u32::MAX,
            length: u16::MAX,
            error: Some(&long),
        }),
        length(&down::Update {
            v: VERSION,
            version: &long,
            hardware: &long,
            size: u32::MAX,
            sha256: &long,
            signature: &long.repeat(2),
            forced: false,
        }),
        length(&Poll {
            v: VERSION,
            revision: u32::MAX,
            baud: u32::MAX,
            parity: Parity::None,
            reads: Vec::from_slice(&[read; MAX_READS]).unwrap(),
        }),
        length(&Registers {
            v: VERSION,
            revision: u32::MAX,
            read: u8::MAX,
            values: Vec::from_slice(&[u16::MAX; MAX_VALUES]).unwrap(),
            error: Some(&long),
            age_ms: u32::MAX,
        }),
        length(&Block { v: VERSION, offset: u32::MAX, data: &long.repeat(16) }),
        length(&Receipt { v: VERSION, boot: u32::MAX, seq: u32::MAX }),
        length(&config),
        length(&Time { v: VERSION, unix_ms: u64::MAX }),
        length(&Output {
            v: VERSION,
            lamp: Lamp::Yellow,
            sounder: false,
            relay: true,
            hold_s: u16::MAX,
        }),
        length(&Identify { v: VERSION, seconds: u16::MAX }),
    ];
    assert!(lengths.iter().all(|l| *l <= MAX_PAYLOAD), "{lengths:?}");
}

#[test]
fn what_does_not_fit_the_buffer_is_not_written_in_part() {
    let receipt = Receipt { v: VERSION, boot: 7, seq: 3 };
    assert_eq!(encode(&receipt, &mut [0; 10]), Err(WireError::TooLong));
    let mut exact = vec![0; length(&receipt)];
    let written = encode(&receipt, &mut exact).unwrap();
    assert_eq!(decode::<Receipt>(written), Ok(receipt));
}
