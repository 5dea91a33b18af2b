//! What a board reads over RS-485, and what it says of itself: from its words to readings.

use gengfu_core::{
    id::DeviceId,
    input::Input,
    point::{NoData, Sample, Value},
    text::Text,
    time::Timestamp,
};
use gengfu_field::{
    adapter::{
        beside::{Beside, Unfit},
        board::Board,
        own::{OwnPoint, What},
    },
    modbus::{Unit, line::Parity},
    profile::{Overrides, Profile},
};
use gengfu_wire::{
    VERSION,
    down::{self, Read},
    topic::Up,
};

/// A lift controller: two neighbours, a text, and one of another table with a clock of its own.
const LIFT: &str = "name = { en = \"x\" }\nkind = \"modbus\"\n\
    [modbus]\npoll = \"500ms\"\nmax_registers = 100\n\
    [[point]]\nid = \"fault\"\nname = { en = \"f\" }\naddress = 16\n\
    [[point]]\nid = \"speed\"\nname = { en = \"s\" }\naddress = 17\ntype = \"i16\"\nscale = 0.1\n\
    [[point]]\nid = \"hours\"\nname = { en = \"h\" }\ntable = \"input\"\naddress = 4\ntype = \"u32\"\npoll = \"10s\"\n";

fn unit(device: &str, number: u8, text: &str) -> Unit {
    let profile = Profile::parse("t", "t.toml", text).unwrap();
    let (id, name) = (DeviceId::from(device), Text::from(device));
    let expanded = profile.expand(&id, &name, &"p".into(), &Overrides::default()).unwrap();
    Unit::new(&expanded, Some(number)).unwrap()
}

fn beside(units: Vec<Unit>) -> Result<Beside, Unfit> {
    Beside::new(19_200, Parity::Even, units)
}

fn board() -> Board {
    let own = What::ALL
        .map(|what| OwnPoint { what, point: format!("pit-1/{}", what.name()).parse().unwrap() });
    let beside = beside(vec![unit("lift", 7, LIFT)]).unwrap();
    Board { own: own.to_vec(), beside, ..Board::new("pit-1".into(), vec![]) }
}

/// What a message means: readings by point, and everything else.
fn heard(board: &Board, what: Up, payload: &str) -> (Vec<(String, Sample)>, Vec<Input>) {
    let now = Timestamp::from_millis(1_800_000_000_000);
    let understood = board.read("garden-12", what, payload.as_bytes(), false, now).unwrap();
    let (mut readings, mut others) = (vec![], vec![]);
    for input in understood.inputs {
        match input {
            Input::Reading(reading) => readings.push((reading.point.to_string(), reading.sample)),
            other => others.push(other),
        }
    }
    (readings, others)
}

/// A board's word of the first entry of its list.
fn registers(revision: u32, values: &str, error: &str, age_ms: u32) -> String {
    format!(
        r#"{{"v":1,"revision":{revision},"read":1,"values":{values},"error":{error},"age_ms":{age_ms}}}"#
    )
}

fn is_heard(others: &[Input], device: &str) -> bool {
    others.contains(&Input::Heard(device.into()))
}

#[test]
fn the_list_is_what_the_gateway_itself_would_ask() {
    let list = board().beside.list();
    let reads = [
        Read { unit: 7, function: 3, address: 16, count: 2, every_s: 1 },
        Read { unit: 7, function: 4, address: 4, count: 2, every_s: 10 },
    ];
    assert_eq!((list.v, list.baud, list.parity), (VERSION, 19_200, down::Parity::Even));
    assert_eq!(list.reads, reads);
    let none = Beside::default().list();
    assert!(none.reads.is_empty() && none.revision != 0 && none.revision != list.revision);
    let other = beside(vec![unit("lift", 8, LIFT)]).unwrap().list();
    assert_ne!(other.revision, list.revision);
    let slower = Beside::new(9_600, Parity::Even, vec![unit("lift", 7, LIFT)]).unwrap().list();
    assert_ne!(slower.revision, list.revision);
}

#[test]
fn a_range_is_no_longer_than_a_board_reads_at_a_time() {
    let head = "name = { en = \"x\" }\nkind = \"modbus\"\n[modbus]\nmax_registers = 100\n";
    let point =
        |n: u32| format!("[[point]]\nid = \"p{n}\"\nname = {{ en = \"p\" }}\naddress = {n}\n");
    let text: String = std::iter::once(head.to_owned()).chain((0..40).map(point)).collect();
    let counts = |beside: Beside| beside.list().reads.iter().map(|r| r.count).collect::<Vec<_>>();
    assert_eq!(counts(beside(vec![unit("d", 1, &text)]).unwrap()), [32, 8]);
    // Two ranges each: the ninth device is one too many.
    let many = |count: u8| (1..=count).map(|n| unit(&format!("d{n}"), n, &text)).collect();
    assert!(beside(many(8)).is_ok());
    assert_eq!(beside(many(9)), Err(Unfit::Many(18)));
}

#[test]
fn what_a_board_can_t_do_is_refused_with_the_point_s_name() {
    let point = |words: &str| {
        let text = format!(
            "name = {{ en = \"x\" }}\nkind = \"modbus\"\n[[point]]\nid = \"p\"\nname = {{ en = \"p\" }}\n{words}\n"
        );
        beside(vec![unit("d", 1, &text)]).unwrap_err()
    };
    assert_eq!(point("table = \"discrete\"\naddress = 0"), Unfit::Bit("d/p".into()));
    assert_eq!(point("address = 0\ntype = \"text\"\nlength = 33"), Unfit::Wide("d/p".into()));
    let coil =
        "table = \"coil\"\naddress = 0\noutput = { kind = \"gate\", hold = \"1m\", most = \"5m\" }";
    assert_eq!(point(coil), Unfit::Output("d/p".into()));
    assert_eq!(beside(vec![unit("d", 255, LIFT)]), Err(Unfit::Unit(255)));
}

#[test]
fn what_it_read_becomes_readings_and_what_it_did_not_never_a_value() {
    let board = board();
    let revision = board.beside.list().revision;
    let (readings, others) =
        heard(&board, Up::Registers, &registers(revision, "[41,65526]", "null", 40));
    let fault = ("lift/fault".to_owned(), Ok(Value::Int(41)));
    assert_eq!(readings, [fault, ("lift/speed".to_owned(), Ok(Value::Float(-1.0)))]);
    assert!(is_heard(&others, "lift") && is_heard(&others, "pit-1"));

    for (values, error, age_ms, reason, is_there) in [
        ("[]", "\"no answer\"", 0, NoData::Timeout, false),
        ("[]", "\"refused: no such register\"", 0, NoData::Refused, true),
        ("[41,1]", "\"no answer\"", 0, NoData::Timeout, false),
        ("[41]", "null", 0, NoData::Garbled, false),
        ("[41,1,2]", "null", 0, NoData::Garbled, false),
        // It remembers, and does not ask any more.
        ("[41,1]", "null", 62_001, NoData::Timeout, false),
    ] {
        let word = registers(revision, values, error, age_ms);
        let (readings, others) = heard(&board, Up::Registers, &word);
        assert_eq!(readings.len(), 2, "{word}");
        assert!(readings.iter().all(|(_, sample)| *sample == Err(reason)), "{word}: {readings:?}");
        assert_eq!(is_heard(&others, "lift"), is_there, "{word}");
    }
    // By another list, it may mean anything; nor is there a third entry.
    let (readings, others) =
        heard(&board, Up::Registers, &registers(revision ^ 1, "[41,1]", "null", 0));
    assert_eq!((readings.len(), is_heard(&others, "lift")), (0, false));
    let third = registers(revision, "[1]", "null", 0).replace("\"read\":1", "\"read\":3");
    assert_eq!(heard(&board, Up::Registers, &third).0, []);
}

#[test]
fn a_board_that_is_gone_refuses_or_is_in_safe_mode_reads_nothing() {
    let board = board();
    let (_, others) = heard(&board, Up::Presence, r#"{"v":1,"online":false}"#);
    let gone = |device: &str| Input::Gone { device: device.into(), reason: NoData::Offline };
    assert_eq!(others, [gone("pit-1"), gone("lift")]);
    let ack =
        |revision: u32| format!(r#"{{"v":1,"revision":{revision},"error":"unit: 1 to 247"}}"#);
    let (readings, _) = heard(&board, Up::ConfigAck, &ack(board.beside.list().revision));
    assert_eq!(readings.len(), 3);
    assert!(readings.iter().all(|(_, sample)| *sample == Err(NoData::Refused)));
    assert_eq!(heard(&board, Up::ConfigAck, &ack(board.config().revision)).0, []);
}

#[test]
fn what_it_says_of_itself_are_points_and_a_birth_without_a_health_says_that_all_is_well() {
    let board = board();
    let of = |what: Up, payload: &str| {
        let own = |(point, sample): (String, Sample)| {
            Some((point.strip_prefix("pit-1/")?.to_owned(), sample.unwrap()))
        };
        heard(&board, what, payload).0.into_iter().filter_map(own).collect::<Vec<_>>()
    };
    let named = |values: &[(&str, Value)]| -> Vec<(String, Value)> {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let birth = r#"{"v":1,"boot":7,"firmware":"1","hardware":"x","reset":"power","config":0,"inputs":["idle"]}"#;
    let (no, none) = (Value::Bool(false), Value::Int(0));
    let well = [
        ("safe", no.clone()),
        ("dropped", none.clone()),
        ("dips", none.clone()),
        ("flash", no),
        ("garbled", none),
    ];
    assert_eq!(of(Up::Birth, birth), named(&well));
    let health = r#"{"v":1,"boot":7,"crashes":3,"safe":true,"panic":null,"dropped":2,"dips":1,"temperature_dc":415,"flash":true,"garbled":4}"#;
    let ill = [
        ("safe", Value::Bool(true)),
        ("dropped", Value::Int(2)),
        ("dips", Value::Int(1)),
        ("flash", Value::Bool(true)),
        ("garbled", Value::Int(4)),
        ("temperature", Value::Float(41.5)),
    ];
    let all = heard(&board, Up::Health, health).0;
    assert!(all.iter().filter(|(point, _)| point.starts_with("lift/")).all(|(_, s)| s.is_err()));
    let own: Vec<_> = all.into_iter().filter(|(point, _)| point.starts_with("pit-1/")).collect();
    let wanted: Vec<_> =
        ill.iter().map(|(name, value)| (format!("pit-1/{name}"), Ok(value.clone()))).collect();
    assert_eq!(own, wanted);
    let beat = r#"{"v":1,"boot":7,"uptime_s":60,"inputs":["idle"],"queue":0,"supply_mv":12050,"battery_mv":null}"#;
    assert_eq!(of(Up::Heartbeat, beat), named(&[("supply", Value::Float(12.05))]));
}
