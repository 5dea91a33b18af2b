//! Whatever comes over MQTT, stands in a profile or is answered by a device, nothing panics: the
//! stable twin of the fuzz targets `messages`, `profile` and `frames`.

#[path = "../../../tests/fuzz/checks/frames.rs"]
mod frames;
#[path = "../../../tests/fuzz/checks/messages.rs"]
mod messages;
#[path = "../../../tests/fuzz/twins/near.rs"]
mod near;
#[path = "../../../tests/fuzz/checks/profile.rs"]
mod profile;

use std::time::{Duration, Instant};

use gengfu_field::profile::{Library, Overrides, Profile, Setting};
use near::near;
use proptest::prelude::*;

/// Far longer than anything here takes, far shorter than quadratic time on such an input.
const PATIENCE: Duration = Duration::from_secs(10);

fn said() -> Vec<Vec<u8>> {
    let board = |what: &str, payload: &str| format!("\0gengfu/v1/s/lift-1/up/{what}\n{payload}");
    [
        board("presence", r#"{"v":1,"online":false}"#),
        board("birth", r#"{"v":1,"boot":7,"firmware":"1.0","hardware":"b8","reset":"power","config":3,"inputs":["idle","active"]}"#),
        board("heartbeat", r#"{"v":1,"boot":7,"uptime_s":2,"inputs":["open","short"],"queue":0}"#),
        board("event", r#"{"v":1,"boot":7,"seq":3,"input":1,"state":"active","age_ms":4294967295}"#),
        board("health", r#"{"v":1,"boot":7,"crashes":3,"safe":true,"panic":"x","dropped":1,"dips":2,"temperature_dc":-5}"#),
        board("registers", &messages::registers()),
        board("config-ack", r#"{"v":1,"revision":9,"error":"too many"}"#),
        "\0home/smoke\n{\"smoke\":true,\"word\":\"ON\",\"volt\":[{\"x/y\":1e9}]}".into(),
        "\0home/smoke\nON".into(),
        "\x01home/smoke/availability\n{\"state\":\"offline\"}".into(),
        "\0home/17/status/x\n{\"state\":1}".into(),
        "\0spBv1.0/g/DBIRTH/n/d\n\x12\x10\x0a\x08Inputs/1\x10\x07\x20\x0b\x70\x01\x18\x01".into(),
    ]
    .map(String::into_bytes)
    .into()
}

fn written() -> Vec<Vec<u8>> {
    let shipped = ["board", "json", "nice3000-core", "lift-unit", "adam-6050-mqtt", "notifier-gw"]
        .map(|name| {
            let path = format!("{}/profiles/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(path).unwrap()
        });
    let small = "name = { en = \"x\" }\nkind = \"modbus\"\n[parameters]\nn = { default = 3, max = 9 }\n\
        [[point]]\nid = \"a{i}\"\nname = { en = \"a{i}\" }\naddress = 0\ntype = \"f32\"\norder = \"cdab\"\nscale = 0.1\n\
        repeat = [{ name = \"i\", count = \"n\", step = 2 }]\n\
        [[point]]\nid = \"b\"\nname = { en = \"b\" }\naddress = 90\nbits = [3, 5]\nvalues = { 1 = true }\nabsent = [7]\n\
        [[point]]\nid = \"c\"\nname = { en = \"c\" }\naddress = 94\ntype = \"text\"\nlength = 4\n\
        [[rule]]\nid = \"r\"\nname = { en = \"r\" }\ndanger = \"lift\"\npriority = \"normal\"\n\
        when = { equals = { point = \"b\", value = true } }\n\0\u{7f}\u{c0}\0\0\u{ff}\u{ff}";
    // The small one three times, so that it is chosen as often as the large ones together.
    let small: Vec<u8> = small.chars().map(|c| c as u8).collect();
    shipped.into_iter().chain(vec![small; 3]).collect()
}

#[test]
fn the_seeds_are_understood() {
    let routes = messages::routes();
    for seed in said() {
        messages::check(&routes, &seed);
    }
    for seed in written() {
        let text: String =
            seed.split(|b| *b == 0).next().map(String::from_utf8_lossy).unwrap().into();
        Profile::parse("seed", "seed.toml", &text).unwrap_or_else(|e| panic!("{e:?}"));
        profile::check(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn no_message_makes_an_adapter_panic(bytes in near(said())) {
        messages::check(&messages::routes(), &bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn no_profile_and_no_reply_makes_the_reader_panic(bytes in near(written())) {
        profile::check(&bytes);
    }
}

/// What a unit could send: whole answers, exceptions, lengths that lie, two answers at once. The first
/// byte says that it knows the transaction's number.
fn sent() -> Vec<Vec<u8>> {
    let frame = |pdu: &[u8], length: u16| {
        let [high, low] = length.to_be_bytes();
        [&[1, 0, 0, 0, 0, high, low, 1], pdu].concat()
    };
    let good: &[u8] = &[3, 4, 0, 17, 0xff, 0xee];
    vec![
        frame(good, 7),
        [frame(good, 7), frame(good, 7)[1..].to_vec()].concat(),
        frame(good, 0),
        frame(good, 1),
        frame(good, 0xffff),
        frame(&[3, 2, 0, 17], 5),
        frame(&[3, 200, 0, 17], 7),
        frame(&[4, 4, 0, 17, 0, 18], 7),
        frame(&[0x83, 6], 3),
        frame(&[0x83, 99], 3),
        vec![1],
        vec![0; 300],
    ]
}

#[test]
fn a_whole_answer_gives_its_values_and_nothing_else_gives_any() {
    let runtime = frames::runtime();
    let read: Vec<bool> = sent().iter().map(|bytes| frames::check(&runtime, bytes)).collect();
    assert_eq!(read.iter().position(|has_values| *has_values), Some(0));
    assert!(!read[2..].contains(&true), "{read:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_frame_of_a_unit_makes_a_value_that_was_not_sent(bytes in near(sent())) {
        frames::check(&frames::runtime(), &bytes);
    }
}

#[test]
fn messages_as_large_as_the_broker_lets_in_are_read_in_no_time() {
    let routes = messages::routes();
    let began = Instant::now();
    for one in ["[", "{\"a\":", "\"", "1", "1,", "\\", "{\"smoke\":1},", " "] {
        for topic in
            ["\0home/smoke\n", "\0home/smoke/availability\n", "\0gengfu/v1/s/lift-1/up/event\n"]
        {
            // One that is refused for its size, and one that is read.
            for size in [1_000_000, 256 * 1024] {
                let bytes = [topic, &one.repeat(size / one.len())].concat();
                messages::check(&routes, bytes.as_bytes());
            }
        }
    }
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

/// What a profile is refused for, or nothing.
fn refused(rest: &str) -> String {
    let began = Instant::now();
    let text = format!("name = {{ en = \"x\" }}\n{rest}");
    let problem = Profile::parse("x", "x.toml", &text).err().map_or(String::new(), |mistakes| {
        assert!(mistakes.len() < 2_000, "{} mistakes", mistakes.len());
        mistakes[0].to_string()
    });
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
    problem
}

#[test]
fn a_few_lines_that_repeat_themselves_do_not_fill_the_memory() {
    let point = |name: &str, repeat: &str| {
        format!(
            "[[point]]\nid = \"a{{i}}\"\nname = {{ en = \"{name}\" }}\npointer = \"/a\"\nrepeat = [{repeat}]\n"
        )
    };
    let json = "kind = \"mqtt_json\"\n";
    let often = "{ name = \"i\", count = 10000 }";
    let long = refused(&[json, &point(&"{i}".repeat(60_000), often)].concat());
    assert!(long.contains("too many to be kept"), "{long}");
    let many = refused(&[json, &point("x", often).repeat(2_000)].concat());
    assert!(!many.is_empty(), "two thousand times ten thousand points");
    let counters = vec!["{ name = \"i\", count = 1 }"; 4_000].join(", ");
    let nested = refused(&[json, &point(&"x".repeat(100_000), &counters)].concat());
    assert!(nested.contains("more than 4 counters"), "{nested}");
}

#[test]
fn a_name_that_its_rules_repeat_does_not_fill_the_memory() {
    let name = "x".repeat(100_000);
    let words = "{en}".repeat(25_000);
    let board = format!(
        "kind = \"board\"\ninputs = 255\n[[role]]\nid = \"contact\"\nname = {{ en = \"{name}\" }}\n\
         debounce = \"1ms\"\n[[role.rule]]\nid = \"{{input}}\"\nname = {{ en = \"{words}\" }}\n"
    );
    let problem = refused(&board);
    assert!(problem.contains("longer than 200 bytes"), "{problem}");
}

#[test]
fn very_many_entries_are_read_in_no_time() {
    let rules = "[[rule]]\n".repeat(28_000);
    assert!(!refused(&["kind = \"mqtt_json\"\n", &rules].concat()).is_empty());
    let large = "#".repeat(300_000);
    assert!(refused(&large).contains("too many for a profile"));
}

#[test]
fn the_largest_device_that_a_shipped_profile_allows_fits() {
    let library = Library::shipped().unwrap();
    for profile in library.iter() {
        let most = profile.parameters().filter(|(_, parameter)| !parameter.is_word());
        let all = most.map(|(name, parameter)| (name.to_owned(), Setting::Number(parameter.max)));
        let overrides = Overrides { parameters: all.collect(), ..Default::default() };
        let made = profile.expand(&"device".into(), &"device".into(), &"place".into(), &overrides);
        assert!(made.is_ok(), "{}: {:?}", profile.name, made.map(|_| ()));
    }
}
