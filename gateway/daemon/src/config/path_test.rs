//! `[path_test]`: when every channel's whole path is tested, and who gets the test.

use std::{collections::BTreeMap, path::Path};

use gengfu_channel::Settings;
use gengfu_core::{
    id::{ChannelId, PersonId},
    time::Span,
    wiring::{PathTest, Tester},
};

use super::{
    fields::{Fields, Node},
    problem::{At, choose},
};

/// Reads `[path_test]`.
pub fn read(
    mut fields: Fields<'_>,
    channels: &BTreeMap<ChannelId, Settings>,
    data_dir: &Path,
) -> PathTest {
    let problems = fields.walk.problems;
    let default = PathTest::default();
    let hour = fields.optional::<i8>("hour");
    let every = fields.or("every", default.every);
    let limit = fields.optional::<Span>("limit");
    if let Some(at) = &hour
        && !(0..24).contains(&at.value)
    {
        problems.error(&at.span, format!("there is no hour {}", at.value), "use 0 to 23");
    }
    if let Some(at) = &limit
        && at.value > default.limit
    {
        problems.warning(
            &at.span,
            format!("a missing test is noticed only after {}", at.value),
            "use 72h or less (EN 81-28)",
        );
    }
    let limit_at = limit.as_ref().map_or_else(|| fields.span.clone(), |at| at.span.clone());
    let limit = limit.map_or(default.limit, |at| at.value);
    if every == Span::ZERO || limit < every {
        problems.error(
            &limit_at,
            format!("tests come every {every}, but are missed after {limit} already"),
            "let `limit` be longer than `every`, as 72h and 24h",
        );
    }
    let to = fields.take("to").and_then(|node| node.fields("`to` of [path_test]"));
    let mut to = to.map(|mut to| to.rest()).unwrap_or_default();
    let to = to.drain(..).filter_map(|node| tester(node, channels, data_dir)).collect();
    fields.done();
    PathTest { every, limit, hour: hour.map_or(default.hour, |at| at.value), to }
}

/// Reads who gets the test of one channel: `mail = { person = "li-hua" }`.
fn tester(
    node: Node<'_>,
    channels: &BTreeMap<ChannelId, Settings>,
    data_dir: &Path,
) -> Option<(ChannelId, Tester)> {
    let problems = node.walk.problems;
    let (key, span) = (node.key.clone(), node.key_span.clone());
    let id = ChannelId::from(key.as_str());
    let settings = channels.get(&id);
    if settings.is_none() {
        problems.missing(
            &span,
            format!("there is no channel \"{key}\""),
            choose(&key, channels.keys().map(ChannelId::as_str), "add it to [channels]"),
        );
    }
    let mut fields = node.fields(&format!("`{key}`"))?;
    let person = fields.optional::<PersonId>("person");
    let address = fields.optional::<String>("address");
    fields.done();
    let settings = settings?;
    let tester = match (person, address) {
        (Some(person), None) => Tester::Person(person.value),
        (None, Some(At { value: address, span })) => {
            // A channel that can't be set up is told of where it stands.
            let channel = match settings {
                // Its addresses are made by browsers, and its key would be written.
                Settings::Push(_) => None,
                settings => settings.build(data_dir).ok(),
            };
            if let Some(Err(reason)) = channel.map(|channel| channel.check_address(&address)) {
                let what = format!("channel \"{key}\" can't reach this address: {reason}");
                problems.error(&span, what, "write it as it would stand at a person");
            }
            Tester::Address { address, must_arrive: settings.kind() == "phone" }
        }
        _ => {
            problems.error(
                &span,
                format!("who gets the test of \"{key}\" is not clear"),
                "write { person = \"…\" }, somebody's id, or { address = \"…\" }, an address of its own",
            );
            return None;
        }
    };
    Some((id, tester))
}
