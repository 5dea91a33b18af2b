//! A node and its devices, told as stories.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::{NoData, Reading, Sample, Value},
    time::{Span, Timestamp},
};
use proptest::{collection::vec, prelude::*};
use prost::Message as _;

use super::{Metric, MetricValue, Nodes, Payload, SparkplugDevice, SparkplugPoint};
use crate::adapter::{Poison, Understood};

const BOOLEAN: u32 = 11;

fn device(id: &str, member: Option<&str>, metric: &str) -> SparkplugDevice {
    let point = PointId::from(format!("{id}/value").as_str());
    SparkplugDevice {
        device: DeviceId::from(id),
        group: "plant".into(),
        node: "n1".into(),
        member: member.map(Into::into),
        points: vec![SparkplugPoint::new(point, metric)],
    }
}

fn metric(name: Option<&str>, alias: Option<u64>, value: bool) -> Metric {
    Metric {
        name: name.map(Into::into),
        alias,
        datatype: name.map(|_| BOOLEAN),
        value: Some(MetricValue::Boolean(value)),
        ..Metric::default()
    }
}

fn number(bd_seq: u64) -> Metric {
    let value = Some(MetricValue::Long(bd_seq));
    Metric { name: Some("bdSeq".into()), datatype: Some(4), value, ..Metric::default() }
}

/// The edge node, and the gateway that hears it.
struct Story {
    nodes: Nodes,
    now: Timestamp,
    seq: u64,
}

impl Story {
    fn new() -> Self {
        let nodes = Nodes::default();
        nodes.set(vec![
            device("node", None, "Mains"),
            device("panel", Some("panel"), "Smoke"),
            device("door", Some("door"), "Open"),
        ]);
        Self { nodes, now: Timestamp::from_millis(1_795_000_000_000), seq: 0 }
    }

    fn says(&mut self, topic: &str, metrics: Vec<Metric>) -> Understood {
        let counted = !topic.contains("NDEATH");
        let seq = counted.then_some(self.seq);
        self.seq += u64::from(counted);
        self.now = self.now + Span::secs(1);
        let payload = Payload { timestamp: None, metrics, seq: seq.map(|seq| seq % 256) };
        self.bytes(topic, &payload.to_bytes()).unwrap()
    }

    fn bytes(&self, topic: &str, bytes: &[u8]) -> Result<Understood, Poison> {
        self.nodes.read(&format!("spBv1.0/plant/{topic}"), bytes, false, self.now).unwrap()
    }

    /// Births of the node and of both devices.
    fn born(&mut self, bd_seq: u64) {
        self.seq = 0;
        self.says("NBIRTH/n1", vec![number(bd_seq), metric(Some("Mains"), Some(1), true)]);
        self.says("DBIRTH/n1/panel", vec![metric(Some("Smoke"), Some(7), false)]);
        self.says("DBIRTH/n1/door", vec![metric(Some("Open"), Some(9), false)]);
    }
}

/// The readings of a message.
fn read(understood: &Understood) -> Vec<(&str, &Sample)> {
    let of = |input| match input {
        &Input::Reading(Reading { ref point, ref sample, .. }) => Some((point.as_str(), sample)),
        _ => None,
    };
    understood.inputs.iter().filter_map(of).collect()
}

fn gone(understood: &Understood) -> Vec<&str> {
    let of = |input| match input {
        &Input::Gone { ref device, reason: NoData::Offline } => Some(device.as_str()),
        _ => None,
    };
    understood.inputs.iter().filter_map(of).collect()
}

fn asks(understood: &Understood) -> bool {
    understood.then.iter().any(|p| p.topic == "spBv1.0/plant/NCMD/n1")
}

const TRUE: Sample = Ok(Value::Bool(true));
const FALSE: Sample = Ok(Value::Bool(false));

#[test]
fn a_birth_says_how_all_stands_and_numbers_stand_for_its_names() {
    let mut story = Story::new();
    story.seq = 0;
    let born = story.says("NBIRTH/n1", vec![number(0), metric(Some("Mains"), Some(1), true)]);
    assert_eq!(read(&born), [("node/value", &TRUE)]);
    let born = story.says("DBIRTH/n1/panel", vec![metric(Some("Smoke"), Some(7), false)]);
    assert_eq!(read(&born), [("panel/value", &FALSE)]);
    assert!(born.inputs.contains(&Input::Heard("panel".into())));
    let data = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&data), [("panel/value", &TRUE)]);
    assert!(!asks(&data));
    // A device that nobody set up counts along, and its names are its own.
    let other = story.says("DBIRTH/n1/pump", vec![metric(Some("Smoke"), Some(7), true)]);
    assert_eq!(read(&other), []);
    let data = story.says("NDATA/n1", vec![metric(None, Some(1), false)]);
    assert_eq!(read(&data), [("node/value", &FALSE)]);
    assert!(!asks(&data));
}

#[test]
fn a_number_or_a_node_that_is_not_known_is_asked_for_its_birth_but_not_all_the_time() {
    let mut story = Story::new();
    let data = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&data), []);
    assert!(asks(&data), "before a birth");
    assert!(!asks(&story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)])), "at once");
    // What has its name and its type is understood all the same.
    let named = story.says("DDATA/n1/panel", vec![metric(Some("Smoke"), None, true)]);
    assert_eq!(read(&named), [("panel/value", &TRUE)]);

    story.now = story.now + Span::mins(1);
    story.born(3);
    let data = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&data), [("panel/value", &TRUE)]);
    let strange = story.says("DDATA/n1/panel", vec![metric(None, Some(8), true)]);
    assert_eq!(read(&strange), []);
    assert!(asks(&strange), "a number that the certificate does not hold");
}

#[test]
fn the_count_goes_round_and_a_gap_makes_numbers_of_metrics_doubtful() {
    let mut story = Story::new();
    story.born(1);
    for n in 0..600 {
        let data = story.says("DDATA/n1/door", vec![metric(None, Some(9), n % 2 == 0)]);
        assert_eq!(read(&data).len(), 1, "{n}");
        assert!(!asks(&data), "{n}");
    }
    story.seq += 1;
    let late = story.says("DDATA/n1/door", vec![metric(None, Some(9), true)]);
    assert_eq!(read(&late), [], "a birth may have been lost: 9 may be something else now");
    assert!(asks(&late));
    story.born(1);
    let data = story.says("DDATA/n1/door", vec![metric(None, Some(9), true)]);
    assert_eq!(read(&data), [("door/value", &TRUE)]);
}

#[test]
fn a_death_takes_its_devices_along_and_one_of_an_old_session_nobody() {
    let mut story = Story::new();
    story.born(4);
    let stale = story.says("NDEATH/n1", vec![number(3)]);
    assert!(stale.inputs.is_empty());
    let data = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&data), [("panel/value", &TRUE)]);
    let door = story.says("DDEATH/n1/door", vec![]);
    assert_eq!(gone(&door), ["door"]);
    story.now = story.now + Span::mins(1);
    let life = story.says("NDATA/n1", vec![metric(None, Some(1), true)]);
    assert!(life.inputs.contains(&Input::Heard("panel".into())), "it lives with its node");
    assert!(!life.inputs.contains(&Input::Heard("door".into())), "it is dead");

    assert_eq!(gone(&story.says("NDEATH/n1", vec![number(4)])), ["node", "panel", "door"]);
    let after = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&after), []);
    // A death before any birth, after a restart of the gateway, is believed.
    assert_eq!(gone(&Story::new().says("NDEATH/n1", vec![number(9)])).len(), 3);
}

#[test]
fn what_was_once_or_has_no_value_is_no_value_of_now() {
    let mut story = Story::new();
    story.born(0);
    let old = Metric { is_historical: Some(true), ..metric(None, Some(7), true) };
    assert_eq!(read(&story.says("DDATA/n1/panel", vec![old])), []);
    let none = Metric { is_null: Some(true), value: None, ..metric(None, Some(7), true) };
    let none = story.says("DDATA/n1/panel", vec![none]);
    assert_eq!(read(&none), [("panel/value", &Err(NoData::Faulty))]);
}

#[test]
fn a_new_connection_asks_every_node_once_and_forgets_what_it_knew() {
    let mut story = Story::new();
    story.born(0);
    let said = story.nodes.greet(story.now);
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].topic, "spBv1.0/plant/NCMD/n1");
    let command = Payload::decode(said[0].payload.as_slice()).unwrap();
    assert_eq!(command.metrics[0].name.as_deref(), Some("Node Control/Rebirth"));
    assert_eq!(command.metrics[0].value, Some(MetricValue::Boolean(true)));
    assert_eq!(read(&story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)])), []);
    assert_eq!(story.nodes.filters(), ["spBv1.0/plant/+/n1/#"]);
    // A change of the configuration forgets nothing.
    story.now = story.now + Span::mins(1);
    story.born(1);
    story.nodes.set(vec![device("panel", Some("panel"), "Smoke")]);
    let data = story.says("DDATA/n1/panel", vec![metric(None, Some(7), true)]);
    assert_eq!(read(&data), [("panel/value", &TRUE)]);
}

#[test]
fn what_is_no_payload_a_command_or_a_stranger_s_means_nothing() {
    let story = Story::new();
    assert!(matches!(story.bytes("NBIRTH/n1", b"{\"a\":1}"), Err(Poison::Garbled(_))));
    let large = vec![0; super::MAX_PAYLOAD + 1];
    assert!(matches!(story.bytes("NBIRTH/n1", &large), Err(Poison::Garbled(_))));
    assert!(story.bytes("NCMD/n1", b"anything").unwrap().inputs.is_empty());
    assert!(story.nodes.read("spBv1.0/plant/NBIRTH/n2", b"", false, story.now).is_none());
    assert!(story.nodes.read("zigbee2mqtt/n1", b"", false, story.now).is_none());
    let retained = story.nodes.read("spBv1.0/plant/NDEATH/n1", b"", true, story.now);
    assert!(retained.unwrap().unwrap().inputs.is_empty());
}

const KINDS: [&str; 6] =
    ["NBIRTH/n1", "NDEATH/n1", "NDATA/n1", "DBIRTH/n1/panel", "DDEATH/n1/panel", "DDATA/n1/panel"];

proptest! {
    /// Whatever comes, nothing breaks, and nobody hears of what is not set up.
    #[test]
    fn any_bytes_are_read_without_harm(
        messages in vec((0..KINDS.len(), vec(any::<u8>(), 0..200)), 1..20),
    ) {
        let story = Story::new();
        for (kind, bytes) in messages {
            if let Ok(understood) = story.bytes(KINDS[kind], &bytes) {
                prop_assert!(understood.then.len() <= 1);
                for (point, _) in read(&understood) {
                    prop_assert!(["node/value", "panel/value"].contains(&point));
                }
            }
        }
    }

    /// The same with payloads that are well formed and say anything at all.
    #[test]
    fn any_metrics_in_any_order_are_read_without_harm(
        messages in vec(
            (0..KINDS.len(), any::<u64>(), vec((any::<u64>(), any::<u32>(), any::<u32>()), 0..5)),
            1..30,
        ),
    ) {
        let mut story = Story::new();
        for (kind, seq, metrics) in messages {
            let metric = |(alias, datatype, bits): (u64, u32, u32)| Metric {
                name: (alias % 3 == 0).then(|| ["Smoke", "Mains", "bdSeq"][bits as usize % 3].into()),
                alias: Some(alias % 8),
                timestamp: Some(u64::MAX),
                datatype: Some(datatype % 25),
                value: Some(MetricValue::Int(bits)),
                ..Metric::default()
            };
            let metrics = metrics.into_iter().map(metric).collect();
            let payload = Payload { timestamp: Some(seq), metrics, seq: Some(seq) };
            let understood = story.bytes(KINDS[kind], &payload.to_bytes()).unwrap();
            prop_assert!(understood.then.len() <= 1);
            story.now = story.now + Span::secs(1);
        }
    }
}
