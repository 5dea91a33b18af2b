//! Messages of Sparkplug B that are tried. Their own form is binary and can't be typed, so each is
//! written as a JSON object of metrics and values, put into that form, and read as one of a node that
//! was born: what comes of births, numbers of messages and commands can't be tried like this.

use anyhow::{anyhow, bail};
use gengfu_core::input::Input;
use gengfu_field::{
    adapter::sparkplug::{Metric, MetricValue, Payload, SparkplugDevice, SparkplugPoint},
    mqtt::Routes,
    profile::Expanded,
};
use serde_json::Value as Json;

use super::{Try, trial::Trial};

/// Types by their numbers in the specification: a whole number, a number, a truth, words.
const INT64: u32 = 4;
const DOUBLE: u32 = 10;
const BOOLEAN: u32 = 11;
const STRING: u32 = 12;

/// Gives the messages to the trial, in their order.
pub fn tell(
    trial: &mut Trial,
    expanded: &Expanded,
    points: &[SparkplugPoint],
    wish: &Try,
) -> anyhow::Result<()> {
    let Some(first) = wish.topic.first() else {
        bail!(
            "a message has a topic; write --topic spBv1.0/plant/DDATA/n1/panel before its --payload"
        );
    };
    if wish.topic.len() != 1 && wish.topic.len() != wish.payload.len() {
        bail!(
            "there are {} topics for {} messages; write --topic once for all, or once for each",
            wish.topic.len(),
            wish.payload.len()
        );
    }
    let levels: Vec<&str> = first.split('/').collect();
    let (group, node, member) = match levels[..] {
        ["spBv1.0", group, _, node] => (group, node, None),
        ["spBv1.0", group, _, node, member] => (group, node, Some(member)),
        _ => bail!(
            "\"{first}\" is no topic of Sparkplug B; write spBv1.0/<group>/NDATA/<node>, or \
             spBv1.0/<group>/DDATA/<node>/<device>"
        ),
    };
    let routes = Routes::without_boards("trial");
    routes.set_sparkplug(vec![SparkplugDevice {
        device: expanded.device.id.clone(),
        group: group.into(),
        node: node.into(),
        member: member.map(Into::into),
        points: points.to_vec(),
    }]);
    // The births come first: of the node, and of the device below it.
    let mut seq = 0;
    let mut births = vec![format!("spBv1.0/{group}/NBIRTH/{node}")];
    births.extend(member.map(|member| format!("spBv1.0/{group}/DBIRTH/{node}/{member}")));
    for topic in births {
        let payload = Payload { timestamp: None, metrics: vec![], seq: Some(seq) };
        seq += 1;
        let read = routes.read(&topic, &payload.to_bytes(), false, trial.now());
        let understood = read.map_err(|why| anyhow!("{why}"))?;
        trial.tell(&understood.inputs);
    }
    let topics = wish.topic.iter().chain(std::iter::repeat(first));
    for (topic, words) in topics.zip(&wish.payload) {
        let payload = Payload { timestamp: None, metrics: metrics(words)?, seq: Some(seq % 256) };
        seq += u64::from(!topic.contains("/NDEATH/"));
        let read = routes.read(topic, &payload.to_bytes(), wish.retained, trial.now());
        let Ok(understood) = read else {
            bail!(
                "nothing of this device comes on \"{topic}\": it is heard on {}",
                routes.filters().into_iter().collect::<Vec<_>>().join(", ")
            );
        };
        if !understood.inputs.iter().any(|i| matches!(i, Input::Reading(_) | Input::Gone { .. })) {
            trial.note(format!("the message on \"{topic}\" says nothing of the profile's points"));
        }
        trial.tell(&understood.inputs);
    }
    Ok(())
}

/// `{"Inputs/Smoke": true}` as metrics; null is one that has no value.
fn metrics(words: &str) -> anyhow::Result<Vec<Metric>> {
    let wanted = "write a JSON object of metrics, as '{\"Inputs/1\": true}': the messages themselves \
                  are binary";
    let Ok(Json::Object(object)) = serde_json::from_str(words) else { bail!("{words}: {wanted}") };
    let one = |(name, value): (String, Json)| {
        let (datatype, value) = match value {
            Json::Null => (BOOLEAN, None),
            Json::Bool(b) => (BOOLEAN, Some(MetricValue::Boolean(b))),
            Json::String(text) => (STRING, Some(MetricValue::String(text))),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(n), _) => (INT64, Some(MetricValue::Long(n.cast_unsigned()))),
                (None, Some(x)) => (DOUBLE, Some(MetricValue::Double(x))),
                (None, None) => bail!("{number} is too large"),
            },
            Json::Array(_) | Json::Object(_) => bail!("{name}: a metric has one value; {wanted}"),
        };
        let is_null = value.is_none().then_some(true);
        let (name, datatype) = (Some(name), Some(datatype));
        Ok(Metric { name, datatype, is_null, value, ..Metric::default() })
    };
    object.into_iter().map(one).collect()
}
