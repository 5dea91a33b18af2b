//! What others may send: newer boards, garbage, too much of it.

use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD, VERSION,
    codec::{Payload, WireError, decode, encode},
    down::{
        self, Block, Config, Identify, InputConfig, Lamp, Output, Parity, Poll, Read, Receipt, Time,
    },
    manifest, topic,
    up::{
        self, Birth, ConfigAck, Event, Health, Heartbeat, InputState, Presence, Registers,
        UpdateState,
    },
};
use proptest::prelude::*;
use serde::Deserialize;

fn any_state() -> impl Strategy<Value = InputState> {
    use InputState::{Active, Drift, Idle, Open, Short};
    prop::sample::select(vec![Idle, Active, Open, Short, Drift])
}

fn any_inputs() -> impl Strategy<Value = heapless::Vec<InputState, MAX_INPUTS>> {
    prop::collection::vec(any_state(), 0..=MAX_INPUTS)
        .prop_map(|states| heapless::Vec::from_slice(&states).unwrap())
}

fn any_config() -> impl Strategy<Value = Config> {
    let entry = (any::<u8>(), any::<bool>(), any::<u16>(), any::<[bool; 2]>()).prop_map(
        |(input, normally_closed, debounce_ms, [vital, bare])| InputConfig {
            input,
            normally_closed,
            debounce_ms,
            vital,
            bare,
        },
    );
    (any::<u32>(), prop::collection::vec(entry, 0..=MAX_INPUTS)).prop_map(|(revision, inputs)| {
        Config { v: VERSION, revision, inputs: heapless::Vec::from_slice(&inputs).unwrap() }
    })
}

/// Written, read by us, and read by a full JSON parser as a board in another language would use.
fn round_trip<'b, P>(payload: &P, buffer: &'b mut [u8; MAX_PAYLOAD])
where
    P: Payload + Deserialize<'b> + PartialEq + std::fmt::Debug,
{
    let written: &'b [u8] = encode(payload, buffer).unwrap();
    assert_eq!(decode::<P>(written).as_ref(), Ok(payload));
    let json: serde_json::Value = serde_json::from_slice(written).unwrap();
    assert_eq!(json["v"], 1, "every payload names the version");
}

/// Every payload's reader, none of which may panic.
fn read_as_everything(bytes: &[u8]) -> [Option<WireError>; 16] {
    [
        decode::<Presence>(bytes).err(),
        decode::<Birth<'_>>(bytes).err(),
        decode::<Heartbeat>(bytes).err(),
        decode::<Event>(bytes).err(),
        decode::<ConfigAck<'_>>(bytes).err(),
        decode::<Receipt>(bytes).err(),
        decode::<Config>(bytes).err(),
        decode::<Time>(bytes).err(),
        decode::<Output>(bytes).err(),
        decode::<Identify>(bytes).err(),
        decode::<Health<'_>>(bytes).err(),
        decode::<up::Update<'_>>(bytes).err(),
        decode::<down::Update<'_>>(bytes).err(),
        decode::<Block<'_>>(bytes).err(),
        decode::<Poll>(bytes).err(),
        decode::<Registers<'_>>(bytes).err(),
    ]
}

proptest! {
    #[test]
    fn what_a_board_writes_is_read_as_it_was_written(
        numbers in any::<[u32; 4]>(), queue: u16, input: u8, state in any_state(),
        inputs in any_inputs(), online: bool, text in "[ -!#-\\[\\]-~]{0,64}",
        supply in any::<Option<u32>>(),
    ) {
        let [boot, seq, a, b] = numbers;
        let v = VERSION;
        round_trip(&Presence { v, online }, &mut [0; MAX_PAYLOAD]);
        round_trip(&Event { v, boot, seq, input, state, age_ms: a }, &mut [0; MAX_PAYLOAD]);
        let (firmware, hardware, reset) = (text.as_str(), text.as_str(), "power");
        let birth =
            Birth { v, boot, firmware, hardware, reset, config: b, inputs: inputs.clone() };
        round_trip(&birth, &mut [0; MAX_PAYLOAD]);
        let beat = Heartbeat {
            v, boot, uptime_s: a, inputs, queue, supply_mv: supply, battery_mv: None,
        };
        round_trip(&beat, &mut [0; MAX_PAYLOAD]);
        let error = online.then_some(text.as_str());
        round_trip(&ConfigAck { v, revision: a, error }, &mut [0; MAX_PAYLOAD]);
        let health = Health {
            v, boot, crashes: input, safe: online, panic: error, dropped: a, dips: queue,
            temperature_dc: None, flash: online, garbled: queue,
        };
        round_trip(&health, &mut [0; MAX_PAYLOAD]);
        let (version, state) = (text.as_str(), UpdateState::Wants);
        let asked = up::Update { v, version, state, offset: a, length: queue, error };
        round_trip(&asked, &mut [0; MAX_PAYLOAD]);
        let values = heapless::Vec::from_slice(&[queue; 32]).unwrap();
        let read = Registers { v, revision: a, read: input, values, error, age_ms: b };
        round_trip(&read, &mut [0; MAX_PAYLOAD]);
    }

    #[test]
    fn what_the_gateway_writes_is_read_as_it_was_written(
        boot: u32, seq: u32, unix_ms: u64, hold_s: u16, sounder: bool, config in any_config(),
        lamp in prop::sample::select(vec![Lamp::Off, Lamp::Yellow, Lamp::Green]),
    ) {
        let v = VERSION;
        round_trip(&Receipt { v, boot, seq }, &mut [0; MAX_PAYLOAD]);
        round_trip(&Time { v, unix_ms }, &mut [0; MAX_PAYLOAD]);
        let output = Output { v, lamp, sounder, relay: !sounder, hold_s };
        round_trip(&output, &mut [0; MAX_PAYLOAD]);
        let read = Read { unit: 1, function: 3, address: hold_s, count: 2, every_s: hold_s };
        let reads = heapless::Vec::from_slice(&[read; 16]).unwrap();
        let poll = Poll { v, revision: boot, baud: seq, parity: Parity::Even, reads };
        round_trip(&poll, &mut [0; MAX_PAYLOAD]);
        round_trip(&Block { v, offset: seq, data: "00ff" }, &mut [0; MAX_PAYLOAD]);
        round_trip(&Identify { v, seconds: hold_s }, &mut [0; MAX_PAYLOAD]);
        // Sixteen inputs with the longest numbers fill less than a payload.
        round_trip(&config, &mut [0; MAX_PAYLOAD]);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2 * MAX_PAYLOAD)) {
        let answers = read_as_everything(&bytes);
        if bytes.len() > MAX_PAYLOAD {
            prop_assert!(answers.iter().all(|a| *a == Some(WireError::TooLong)));
        }
    }

    #[test]
    fn no_damaged_message_makes_a_reader_panic(
        at in any::<prop::sample::Index>(), with: u8, cut in any::<prop::sample::Index>(),
        which in any::<prop::sample::Index>(),
    ) {
        let examples = crate::examples::all();
        let mut bytes = which.get(&examples).payload.clone().into_bytes();
        let index = at.index(bytes.len());
        bytes[index] = with;
        read_as_everything(&bytes);
        bytes.truncate(cut.index(bytes.len()));
        let answers = read_as_everything(&bytes);
        prop_assert!(answers.iter().all(Option::is_some), "half a message is none");
    }

    #[test]
    fn no_offer_makes_the_manifest_s_writer_panic(
        text in "[0-9a-fA-F]{60,68}|\\PC{0,80}", size: u32,
    ) {
        let (version, hardware) = (text.as_str(), "b8");
        let offer = down::Update {
            v: 1, version, hardware, size, sha256: &text, signature: &text, forced: false,
        };
        let mut buffer = [0; manifest::MAX_MANIFEST];
        let written = manifest::write(&offer, &mut buffer).map(<[u8]>::len);
        let is_digest = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
        prop_assert_eq!(written, is_digest.then_some(4 + 1 + 3 + 65 + 4 + 32 + 1));
    }

    #[test]
    fn no_topic_makes_a_reader_panic(topic in "(gengfu/v1/)?\\PC{0,40}") {
        topic::parse_up("s", &topic);
        topic::parse_down("s", "b", &topic);
    }
}

#[test]
fn keys_that_are_not_known_yet_are_passed_over() {
    let newer = br#"{"v":1,"boot":7,"rssi":-61,"seq":3,"input":1,"state":"active",
        "more":{"deep":[1,{"x":null},"a\"b"]},"age_ms":0}"#;
    let known = Event { v: 1, boot: 7, seq: 3, input: 1, state: InputState::Active, age_ms: 0 };
    assert_eq!(decode::<Event>(newer), Ok(known));
}

#[test]
fn what_nobody_knows_may_be_as_deep_as_a_payload_is_long() {
    let known = Event { v: 1, boot: 7, seq: 3, input: 1, state: InputState::Active, age_ms: 0 };
    let (open, close) = (r#"[{"x":"#.repeat(170), "}]".repeat(170));
    let event = r#""boot":7,"seq":3,"input":1,"state":"active","age_ms":0"#;
    let deep = format!(r#"{{"v":1,"more":{open}[-1.5e3,true,"]\"}}"]{close},{event}}}"#);
    assert_eq!(decode::<Event>(deep.as_bytes()), Ok(known));
    for unfinished in [deep.replacen("}]", "", 1), format!(r#"{{"v":1,"more":{open}"#)] {
        assert_eq!(decode::<Event>(unfinished.as_bytes()), Err(WireError::Malformed));
    }
}

#[test]
fn blanks_may_stand_between_all_that_stands_by_itself() {
    let tokens = r#"{ "v" : 1 , "boot" : 0 , "firmware" : "a\"b" , "hardware" : "" , "reset" : "电" ,
        "config" : 10 , "inputs" : [ "idle" , "short" ] }"#;
    for blank in ["", " ", "\t\r\n "] {
        let said = tokens.split_whitespace().collect::<Vec<_>>().join(blank);
        let birth: Birth<'_> = decode(said.as_bytes()).unwrap();
        assert_eq!((birth.firmware, birth.hardware, birth.reset), (r#"a\"b"#, "", "电"));
        assert_eq!((birth.boot, birth.config), (0, 10));
        assert_eq!(birth.inputs, [InputState::Idle, InputState::Short]);
    }
}

#[test]
fn what_may_be_missing_may_be_null_or_left_out() {
    for voltage in ["", r#","supply_mv":null,"battery_mv":null"#] {
        let said =
            format!(r#"{{"v":1,"boot":1,"uptime_s":2,"inputs":["idle"],"queue":0{voltage}}}"#);
        let beat: Heartbeat = decode(said.as_bytes()).unwrap();
        assert_eq!((beat.supply_mv, beat.battery_mv), (None, None));
    }
    assert_eq!(decode::<Event>(br#"{"v":1,"boot":7,"seq":3}"#), Err(WireError::Malformed));
}

#[test]
fn another_version_is_refused_by_its_number() {
    let later = br#"{"v":2,"boot":7,"seq":3,"input":1,"state":"active","age_ms":0}"#;
    assert_eq!(decode::<Event>(later), Err(WireError::Version(2)));
    let stranger = br#"{"v":2,"boot":7,"what":"nobody knows"}"#;
    assert_eq!(decode::<Event>(stranger), Err(WireError::Version(2)), "whatever else it says");
}

#[test]
fn strange_payloads_are_refused() {
    let event = |rest: &str| format!(r#"{{"v":1,"boot":7,"seq":3,"input":1,{rest}}}"#);
    for (what, said) in [
        ("nothing", String::new()),
        ("no JSON", "ON".into()),
        ("an unknown state", event(r#""state":"maybe","age_ms":0"#)),
        ("a negative number", event(r#""state":"idle","age_ms":-1"#)),
        ("a number too large", event(r#""state":"idle","age_ms":4294967296"#)),
        ("a number as a text", event(r#""state":"idle","age_ms":"0""#)),
        ("no whole number", event(r#""state":"idle","age_ms":1.5"#)),
        ("a number with a power", event(r#""state":"idle","age_ms":1e3"#)),
        ("a number that begins with 0", event(r#""state":"idle","age_ms":01"#)),
        ("a number that is none", event(r#""state":"idle","age_ms":"#)),
        ("a comma too many", event(r#""state":"idle","age_ms":0,"#)),
        ("a comma too few", event(r#""state":"idle" "age_ms":0"#)),
        ("a key twice", event(r#""state":"idle","age_ms":0,"seq":3"#)),
        ("a key without its value", event(r#""state":"idle","age_ms":0,"more""#)),
        ("a value that is none", event(r#""state":"idle","age_ms":0,"more":"#)),
        ("a blank that is none", event("\"state\":\"idle\",\"age_ms\":0,\"more\":[\u{c}]\u{c}")),
        ("a key that is no text", event(r#""state":"idle","age_ms":0,7:1"#)),
        ("a text without an end", event(r#""state":"idle","age_ms":0,"more":"\"#)),
        ("a list with a comma too many", {
            r#"{"v":1,"boot":1,"uptime_s":2,"inputs":["idle",],"queue":0}"#.into()
        }),
        ("something behind it", event(r#""state":"idle","age_ms":0"#) + "{}"),
        ("seventeen inputs", {
            let inputs = vec![r#""idle""#; MAX_INPUTS + 1].join(",");
            format!(r#"{{"v":1,"boot":1,"uptime_s":2,"inputs":[{inputs}],"queue":0}}"#)
        }),
    ] {
        let (bytes, malformed) = (said.as_bytes(), Some(WireError::Malformed));
        assert_eq!(decode::<Event>(bytes).err(), malformed, "{what}");
        assert_eq!(decode::<Heartbeat>(bytes).err(), malformed, "{what}");
    }
}
