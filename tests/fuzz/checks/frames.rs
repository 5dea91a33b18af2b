//! What a Modbus unit sends back, byte by byte, over a real connection.
//!
//! The first byte says whether the transaction's number is copied from the request into the first two
//! of the rest; a stranger can't know it, a device that is broken otherwise does.

use std::sync::Arc;

use gengfu_core::{
    id::DeviceId,
    input::Input,
    point::{Reading, Sample, Value},
    text::Text,
};
use gengfu_field::{
    lane::{Lanes, TelemetryLane},
    modbus::{self, BusSettings, IsWatched, Unit},
    profile::{Overrides, Profile},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::mpsc,
};

/// Two registers of a device, one point each: one question, of twelve bytes.
const PROFILE: &str = "name = { en = \"x\" }\nkind = \"modbus\"\nsupervision = \"1h\"\n[modbus]\ntimeout = \"5s\"\n\
    [[point]]\nid = \"a\"\nname = { en = \"a\" }\naddress = 7\n[[point]]\nid = \"b\"\nname = { en = \"b\" }\naddress = 8\n";
const QUESTION: usize = 12;

/// Where units answer.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime needs a socket or two")
}

/// A unit sends these bytes and hangs up. Both points say how they are, and a value is one only where
/// the bytes are the answer to what was asked. True if both have one.
pub fn check(runtime: &Runtime, bytes: &[u8]) -> bool {
    let Some((flags, rest)) = bytes.split_first() else { return false };
    let knows_the_number = flags & 1 == 1;
    let (said, samples) = runtime.block_on(ask(knows_the_number, rest));
    let proper = answer(&said);
    for (at, sample) in samples.iter().enumerate() {
        match (sample, proper) {
            (Ok(value), Some(values)) => assert_eq!(*value, Value::Int(values[at].into())),
            (Ok(value), None) => panic!("{value:?} was read from {said:02x?}"),
            // A whole answer that comes in one piece is taken; anything else may be refused.
            (Err(_), _) => {}
        }
    }
    samples.iter().all(Result::is_ok)
}

async fn ask(knows_the_number: bool, rest: &[u8]) -> (Vec<u8>, [Sample; 2]) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port of the loopback");
    let port = listener.local_addr().expect("it has an address").port();
    let profile = Profile::parse("frames", "frames.toml", PROFILE).expect("the profile is good");
    let (id, name) = (DeviceId::from("unit"), Text::from("unit"));
    let expanded = profile.expand(&id, &name, &"place".into(), &Overrides::default());
    let unit = Unit::new(&expanded.expect("so is the device"), Some(1)).expect("it is Modbus");
    let (alarm, mut alarms) = mpsc::channel(64);
    let (telemetry, _history) = TelemetryLane::new(64);
    let settings = BusSettings::new("bus", "127.0.0.1", port);
    let all: IsWatched = Arc::new(|_| true);
    let bus = modbus::start(settings, vec![unit], &Lanes { alarm, telemetry }, &all);
    let (mut master, _) = listener.accept().await.expect("the master comes");
    let mut question = [0; QUESTION];
    master.read_exact(&mut question).await.expect("the master asks");
    let mut said = rest.to_vec();
    if knows_the_number {
        said.iter_mut().zip(&question[..2]).for_each(|(to, number)| *to = *number);
    }
    // The master may have hung up in the middle of it.
    let _ = master.write_all(&said).await;
    let _ = master.shutdown().await;
    let mut samples: [Option<Sample>; 2] = [None, None];
    while samples.iter().any(Option::is_none) {
        let envelope = alarms.recv().await.expect("the bus goes on");
        let Input::Reading(Reading { point, sample, .. }) = envelope.input else { continue };
        samples[usize::from(point.as_str() == "unit/b")].get_or_insert(sample);
    }
    drop(bus);
    // What counts is whether the number fits, whoever knew it.
    if said.len() >= 2 && said[..2] != question[..2] {
        said.clear();
    }
    (said, samples.map(|sample| sample.expect("both have spoken")))
}

/// The two values, where the bytes begin with the answer to the question.
fn answer(said: &[u8]) -> Option<[u16; 2]> {
    match *said {
        [_, _, 0, 0, 0, 7, 1, 3, 4, a, b, c, d, ..] => {
            Some([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])])
        }
        _ => None,
    }
}
