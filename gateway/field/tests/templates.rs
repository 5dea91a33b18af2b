//! Templates of announcements mean here what they mean to Home Assistant: the same messages are rendered by
//! its own template engine. `GENGFU_TEST_HOMEASSISTANT` names a Python that has it.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use gengfu_core::point::Value;
use gengfu_field::{
    adapter::presence::Presence,
    discovery::{Adopted, Component, Entity, Template, Words},
    profile::{JsonPoint, Source},
};

const BINARY: [&str; 9] = [
    "{{ value_json.x }}",
    "{{ value_json['x'] }}",
    "{{ value_json.x | default('OFF') }}",
    "{{ 'ON' if value_json.x else 'OFF' }}",
    "{{ 'OFF' if value_json.x else 'ON' }}",
    "{{ 'ON' if not value_json.x else 'OFF' }}",
    "{{ 'ON' if value_json.x == 'open' else 'OFF' }}",
    "{{ 'ON' if value_json.x != 'open' else 'OFF' }}",
    "{{- 'ON' if value_json.list[1].y == true else 'OFF' -}}",
];
const NUMBER: [&str; 5] = [
    "{{ value_json.x }}",
    "{{ value_json.x | float }}",
    "{{ value_json.x | is_defined }}",
    "{{ value_json.x | float(0) }}",
    "{{ value_json['a b'].c }}",
];
const MESSAGES: [&str; 13] = [
    r#"{"x":"ON","list":[0,{"y":true}]}"#,
    r#"{"x":"OFF","list":[0,{"y":false}]}"#,
    r#"{"x":true,"list":[0,{"y":true}]}"#,
    r#"{"x":false,"list":[0,{"y":false}]}"#,
    r#"{"x":0,"list":[0,{"y":true}]}"#,
    r#"{"x":1,"list":[0,{"y":true}]}"#,
    r#"{"x":"","list":[0,{"y":true}]}"#,
    r#"{"x":"open","list":[0,{"y":true}]}"#,
    r#"{"x":"closed","list":[0,{"y":true}]}"#,
    r#"{"x":21.5,"a b":{"c":3},"list":[0,{"y":true}]}"#,
    r#"{"x":-4,"a b":{"c":-0.25},"list":[0,{"y":true}]}"#,
    r#"{"x":"perhaps","a b":{"c":1},"list":[0,{"y":true}]}"#,
    r#"{"x":1000000,"a b":{"c":1e3},"list":[0,{"y":true}]}"#,
];

fn rendered(cases: &[(&str, &str)]) -> Vec<Option<String>> {
    let set = std::env::var("GENGFU_TEST_HOMEASSISTANT").ok().filter(|python| !python.is_empty());
    let mut child = Command::new(set.as_deref().unwrap_or("python3"))
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/announced/render.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = serde_json::to_string(cases).unwrap();
    child.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "set GENGFU_TEST_HOMEASSISTANT; see tests/homeassistant.txt");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn point(template: &str, component: Component, class: &str) -> JsonPoint {
    let is_binary = component == Component::BinarySensor;
    let entity = Entity {
        id: "p".into(),
        which: String::new(),
        component,
        class: class.into(),
        topic: "t".into(),
        read: Template::parse(template).unwrap(),
        words: is_binary.then(|| Words { on: "ON".into(), off: "OFF".into() }),
        unit: String::new(),
    };
    let adopted = Adopted {
        offer: "o".into(),
        supervision: None,
        presence: Presence::default(),
        entities: vec![entity],
    };
    let made = adopted.expand(&"d".into(), &"D".into(), &"here".into()).unwrap();
    let Source::Announced { mut points, .. } = made.source else { panic!("{template}") };
    points.remove(0)
}

#[test]
fn what_is_understood_means_what_it_means_to_home_assistant() {
    let pairs = |templates: &'static [&str]| {
        templates.iter().flat_map(|t| MESSAGES.iter().map(|m| (*t, *m))).collect::<Vec<_>>()
    };
    let cases = pairs(&BINARY);
    for ((template, message), word) in cases.iter().zip(rendered(&cases)) {
        let json = serde_json::from_str(message).unwrap();
        let read = point(template, Component::BinarySensor, "smoke").sample(0, &json);
        let wanted = match word.as_deref() {
            Some("ON") => Some(Value::Bool(true)),
            Some("OFF") => Some(Value::Bool(false)),
            _ => None,
        };
        assert_eq!(read.and_then(Result::ok), wanted, "{template} of {message}: {word:?}");
    }
    let cases = pairs(&NUMBER);
    let mut numbers = 0;
    for ((template, message), word) in cases.iter().zip(rendered(&cases)) {
        let json = serde_json::from_str(message).unwrap();
        let read = point(template, Component::Sensor, "temperature").sample(0, &json);
        // What is no number to it is none to us, whatever stands in for it there.
        let Some(Ok(Value::Int(_) | Value::Float(_))) = &read else { continue };
        let ours = read.and_then(Result::ok).and_then(|value| value.as_f64());
        assert_eq!(ours, word.and_then(|w| w.parse().ok()), "{template} of {message}");
        numbers += 1;
    }
    assert!(numbers > 20, "{numbers}");
}
