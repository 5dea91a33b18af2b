//! What comes over MQTT: boards of ours, and anything that publishes JSON.
//!
//! The first byte says whether the message is retained; the first line is its topic.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::Value,
    time::{Span, Timestamp},
};
use gengfu_field::{
    adapter::{
        beside::Beside,
        board::Board,
        json::JsonDevice,
        own::{OwnPoint, What},
        presence::Presence,
        sparkplug::{SparkplugDevice, SparkplugPoint},
    },
    modbus::{Unit, line::Parity},
    mqtt::Routes,
    profile::{BoardInput, Bytes, JsonPoint, Overrides, Profile},
};
use gengfu_wire::{MAX_INPUTS, MAX_PAYLOAD};

/// A board with every input in use and a lift controller beside it, a detector, a switch whose serial number is not known, and a device
/// below an edge node.
pub fn routes() -> Routes {
    let input = |number: u8| BoardInput {
        number,
        point: PointId::from(format!("lift-1/in{number}").as_str()),
        role: "call".into(),
        normally_closed: number.is_multiple_of(2),
        bare: number.is_multiple_of(2),
        debounce: Span::millis(50),
    };
    let own = |what: What| OwnPoint {
        what,
        point: PointId::from(format!("lift-1/{}", what.name()).as_str()),
    };
    let board = Board {
        own: What::ALL.map(own).to_vec(),
        beside: beside(),
        ..Board::new(DeviceId::from("lift-1"), (1..=MAX_INPUTS as u8).map(input).collect())
    };
    let point = |device: &str, name: &str, topic: &str, pointer: &str| {
        JsonPoint::new(PointId::from(format!("{device}/{name}").as_str()), topic, pointer)
    };
    let mut words = point("smoke", "word", "", "/word");
    words.values = [("ON", true), ("OFF", false)].map(|(w, v)| (w.into(), Value::Bool(v))).into();
    let mut scaled = point("smoke", "volt", "", "/volt/0/x~1y");
    (scaled.scale, scaled.offset) = (Some(1e300), Some(-0.5));
    let mut data = point("smoke", "data", "", "/data");
    data.bytes = Some(Bytes { first: 1, last: 8, bit: None, signed: true });
    data.missing = Some(Value::Bool(false));
    data.only_if = [("/fPort".into(), Value::Int(2))].into();
    let smoke = JsonDevice {
        device: DeviceId::from("smoke"),
        base: "home/smoke".into(),
        points: vec![
            point("smoke", "smoke", "", "/smoke"),
            point("smoke", "all", "", ""),
            words,
            scaled,
            data,
        ],
        availability: "availability".into(),
        presence: Presence::default(),
        recent: None,
        calls: true,
    };
    let switch = JsonDevice {
        device: DeviceId::from("switch"),
        base: "home".into(),
        points: vec![point("switch", "in0", "+/status/#", "/state")],
        availability: "tele/{topic}/LWT".into(),
        presence: Presence::default(),
        recent: None,
        calls: true,
    };
    let routes = Routes::new("s");
    routes.set(vec![board], vec![smoke, switch]);
    routes.set_sparkplug(vec![SparkplugDevice {
        device: DeviceId::from("edge"),
        group: "g".into(),
        node: "n".into(),
        member: Some("d".into()),
        points: vec![SparkplugPoint::new(PointId::from("edge/in1"), "Inputs/1")],
    }]);
    routes
}

/// A controller at the board's line: small, since it is made anew for each message.
fn beside() -> Beside {
    const CONTROLLER: &str = "name = { en = \"x\" }\nkind = \"modbus\"\n\
        [[point]]\nid = \"mode\"\nname = { en = \"m\" }\naddress = 0\nvalues = { 1 = \"up\" }\n\
        [[point]]\nid = \"fault\"\nname = { en = \"f\" }\naddress = 90\nabsent = [0]\n\
        [[point]]\nid = \"speed\"\nname = { en = \"s\" }\naddress = 91\ntype = \"f32\"\n";
    let profile = Profile::parse("c", "c.toml", CONTROLLER).unwrap();
    let id = DeviceId::from("controller");
    let made = profile.expand(&id, profile.title(), &"p".into(), &Overrides::default()).unwrap();
    Beside::new(9_600, Parity::None, vec![Unit::new(&made, None).unwrap()]).unwrap()
}

/// A board's word of the controller, by the list that it has.
#[allow(dead_code, reason = "the fuzz target finds it by itself")]
pub fn registers() -> String {
    let revision = beside().list().revision;
    format!(
        r#"{{"v":1,"revision":{revision},"read":2,"values":[41,16384,0],"error":null,"age_ms":40}}"#
    )
}

/// What a message may speak of beside a board's inputs: all that it says of itself, and of the controller.
const FURTHER: usize = 32;

/// Reads a message. Whatever it says, it speaks of what is set up, and of no more than that.
pub fn check(routes: &Routes, bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let end = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    let Ok(topic) = std::str::from_utf8(&rest[..end]) else { return };
    let payload = rest.get(end + 1..).unwrap_or_default();
    let now = Timestamp::from_millis(1_795_000_000_000);
    let understood = match routes.read(topic, payload, !first.is_multiple_of(2), now) {
        Ok(understood) => understood,
        Err(poison) => {
            assert!(poison.to_string().len() < 600 + 2 * topic.len(), "a log line stays short");
            return;
        }
    };
    // A metric takes two bytes at the least.
    let most = if topic.starts_with("spBv1.0/") { payload.len() } else { MAX_INPUTS + FURTHER };
    assert!(understood.inputs.len() <= most + 2, "{}", understood.inputs.len());
    for input in &understood.inputs {
        match input {
            Input::Reading(reading) => {
                let of = reading.point.as_str();
                assert!(
                    ["lift-1/", "controller/", "smoke/", "switch/", "edge/"]
                        .iter()
                        .any(|own| of.starts_with(own))
                );
                assert!(reading.source_at.is_none_or(|at| at <= now), "nothing is from tomorrow");
            }
            Input::Heard(_) | Input::Gone { .. } => {}
            other => panic!("a message has no business being {other:?}"),
        }
    }
    assert!(understood.then.len() <= 2);
    for said in &understood.then {
        let to_board = said.topic.starts_with("gengfu/v1/s/lift-1/down/");
        assert!(to_board || said.topic == "spBv1.0/g/NCMD/n", "{}", said.topic);
        assert!(said.payload.len() <= MAX_PAYLOAD);
    }
}
