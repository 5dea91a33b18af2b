//! `[[devices]]`: what hangs in the building, and how the gateway reaches it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::PathBuf,
};

use gengfu_channel::Settings;
use gengfu_core::{
    device::Device,
    id::{ChannelId, DeviceId, PlaceId, PointId},
    site::Place,
    text::Text,
    time::Span,
};
use gengfu_field::profile::{Expanded, Library, Overrides, ProfileError, Source};
use imbl::OrdMap;

use super::{
    adjust,
    alike::Alike,
    beside,
    broker::Outside,
    fields::{Fields, Node},
    front,
    kind::Words,
    modbus::Bus,
    place,
    problem::{At, Problems, choose},
    way::{Written, resolve, way},
};

pub use super::way::Way;

/// How the gateway reaches a device, and where its points are found there.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The way to it.
    pub way: Way,
    /// Its points' places in what it sends or holds.
    pub source: Source,
    /// How much each point must move to be a row of the history.
    pub deadbands: BTreeMap<PointId, f64>,
    /// Holds a board's password at the embedded broker.
    pub password_file: Option<PathBuf>,
}

/// Longest supervision time of a device that tells of fire or of trapped people.
const VITAL_SUPERVISION: Span = Span::secs(90);

/// Keys of a device that say how it differs from its profile.
const OVERRIDES: [&str; 12] = [
    "supervision",
    "silence_priority",
    "parameters",
    "without",
    "inputs",
    "poll",
    "timeout",
    "pause",
    "max_registers",
    "deadbands",
    "points",
    "rules",
];

/// What the devices refer to.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The places.
    pub places: &'a OrdMap<PlaceId, Place>,
    /// The buses.
    pub buses: &'a BTreeMap<String, Bus>,
    /// The channels.
    pub channels: &'a BTreeMap<ChannelId, Settings>,
    /// The further brokers.
    pub brokers: &'a BTreeMap<String, Outside>,
    /// The profiles.
    pub profiles: &'a Library,
    /// Boards get their passwords from the gateway.
    pub is_embedded: bool,
}

/// The devices by id, as core knows them and as the field side reaches them.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    /// For core.
    pub known: BTreeMap<DeviceId, Device>,
    /// For the field side.
    pub links: BTreeMap<DeviceId, Link>,
    /// Every id that an entry has, those of unusable entries too.
    pub named: BTreeSet<DeviceId>,
}

/// Reads `[[devices]]`.
pub fn read(nodes: Vec<Node<'_>>, around: Around<'_>) -> Devices {
    let mut devices = Devices::default();
    let (mut fronts, mut askers) = (BTreeMap::new(), vec![]);
    let mut alike = Alike::default();
    let problems = nodes.first().map(|node| node.walk.problems);
    for node in nodes {
        let problems = node.walk.problems;
        let Some(mut fields) = node.fields("[[devices]]") else { continue };
        let id = fields.required::<DeviceId>("id");
        if let Some(At { value: id, span }) = &id {
            fields.name = format!("device \"{id}\"");
            if !devices.named.insert(id.clone()) {
                problems.error(
                    span,
                    format!("there is a device \"{id}\" already"),
                    "give each device an id of its own",
                );
            }
        }
        let behind = fields.optional::<DeviceId>("behind");
        if let (Some(id), Some(behind)) = (&id, behind) {
            fronts.entry(id.value.clone()).or_insert(behind);
        }
        if let Some((device, link)) = one(fields, id, around)
            && !devices.links.contains_key(&device.value.id)
        {
            check_same(problems, &device, &link, &devices);
            let asker = beside::place(problems, around.buses, &device, &link, &devices);
            let At { value: mut device, span } = device;
            alike.share(&mut device);
            askers.extend(asker.map(|board| (board, span)));
            devices.links.insert(device.id.clone(), link);
            devices.known.insert(device.id.clone(), device);
        }
    }
    if let Some(problems) = problems {
        beside::check(problems, &askers, &devices);
        front::place(problems, &fronts, around.buses, &mut devices);
    }
    devices
}

fn one(
    mut fields: Fields<'_>,
    id: Option<At<DeviceId>>,
    around: Around<'_>,
) -> Option<(At<Device>, Link)> {
    let problems = fields.walk.problems;
    let name = fields.optional::<Words>("name").map(|at| Text::from(at.value));
    let place = fields.required::<PlaceId>("place");
    if let Some(At { value, span }) = &place
        && !around.places.contains_key(value)
    {
        place::unknown(problems, span, value, around.places);
    }
    let profile = fields.required::<String>("profile");
    let profile = profile.and_then(|At { value, span }| {
        let found = around.profiles.get(&value);
        if found.is_none() && !problems.is_broken("profile", &value) {
            problems.missing(
                &span,
                format!("there is no profile \"{value}\""),
                choose(&value, around.profiles.iter().map(|p| p.name.as_str()), "see [profiles]"),
            );
        }
        found
    });
    let (way, password_file) = way(&mut fields, profile, around);
    if let (Some(Written::Whole(Way::Board)), Some(id)) = (&way, &id) {
        check_board(problems, id, password_file.is_none() && around.is_embedded);
    }
    let changes = fields.take("adjust").and_then(|node| node.fields("`adjust`"));
    let written = fields.part(&OVERRIDES);
    let spans = written.spans();
    let overrides = written.foreign::<Overrides>(&fields.name).map(|at| at.value);
    let name_of_table = fields.name.clone();
    fields.done();

    let (At { value: id, span }, profile) = (id?, profile?);
    let name = name.unwrap_or_else(|| Text::from(id.as_str()));
    let place = place.map_or_else(|| PlaceId::from("nowhere"), |at| at.value);
    let mut expanded = match profile.expand(&id, &name, &place, &overrides?) {
        Ok(expanded) => expanded,
        Err(mistakes) => {
            for mistake in mistakes {
                let at = blame(&mistake, &spans).unwrap_or(&span);
                let what = if mistake.file.is_empty() {
                    format!("{name_of_table}: {}: {}", mistake.at, mistake.problem)
                } else {
                    format!("{name_of_table}: {}", mistake.what())
                };
                problems.error(at, what, mistake.remedy);
            }
            return None;
        }
    };
    if let Some(changes) = changes {
        adjust::apply(changes, &mut expanded.device);
    }
    let switches = !expanded.device.outputs.is_empty();
    let way = resolve(way?, &expanded.source, around, problems, (&span, switches));
    beside::hear(&mut expanded.device, &way, around.buses);
    check_supervision(problems, spans.get("supervision").unwrap_or(&span), &expanded.device, &way);
    let Expanded { device, source, deadbands } = expanded;
    Some((At { value: device, span }, Link { way, source, deadbands, password_file }))
}

/// A board's id is a level of its topics, and its user's name at the broker.
fn check_board(problems: &Problems, id: &At<DeviceId>, without_password: bool) {
    let At { value: id, span } = id;
    if id.as_str().contains('/') {
        problems.error(
            span,
            format!("the board's id \"{id}\" has a slash in it"),
            "it is one level of the MQTT topics: use letters, digits and . _ - only",
        );
    }
    if without_password {
        problems.warning(
            span,
            format!("board \"{id}\" has no password here, so it can't connect"),
            "add `password_file = \"secrets/…\"`, or remove this entry and add the board through \
             the API, which makes its password",
        );
    }
}

/// What a profile's complaint is about: it names it as `inputs.9`, `rule hot` or `poll`.
fn blame<'a>(
    mistake: &ProfileError,
    spans: &'a BTreeMap<String, Range<usize>>,
) -> Option<&'a Range<usize>> {
    let (word, name) = mistake.at.split_once(' ').unwrap_or((&mistake.at, ""));
    let entry = format!("{word}s {}", name.rsplit('/').next().unwrap_or_default());
    let key = word.split('.').next().unwrap_or_default();
    spans.get(word).or_else(|| spans.get(&entry)).or_else(|| spans.get(key))
}

/// Silence of what tells of fire or of trapped people must be noticed: within 90 s where the device
/// is asked or speaks all the time. A sensor on a battery speaks too seldom for that.
fn check_supervision(problems: &Problems, span: &Range<usize>, device: &Device, way: &Way) {
    let is_seldom_heard =
        matches!(way, Way::Json { .. } | Way::Sparkplug { .. } | Way::Call { .. });
    if is_seldom_heard && device.supervision.is_some() {
        return;
    }
    if let Some((what, remedy)) = unwatched(device) {
        problems.warning(
            span,
            format!("device \"{}\" tells of fire or of trapped people, but {what}", device.id),
            remedy,
        );
    }
}

/// What is wrong with how the silence of a device is noticed that is asked or speaks all the time and
/// tells of fire or of trapped people, and what to write.
pub fn unwatched(device: &Device) -> Option<(String, &'static str)> {
    if !device.rules.iter().any(|rule| rule.danger.is_vital()) {
        return None;
    }
    match device.supervision {
        Some(time) if time <= VITAL_SUPERVISION => None,
        Some(time) => Some((
            format!("its silence is noticed only after {time}"),
            "write `supervision = \"90s\"` or less",
        )),
        None => Some((
            "its silence is not noticed at all".to_owned(),
            "write a `supervision` of a little more than the time between two of its messages",
        )),
    }
}

/// Two devices that are one: a copied entry in which the address was not changed.
fn check_same(problems: &Problems, device: &At<Device>, link: &Link, others: &Devices) {
    let same = |(id, other): &(&DeviceId, &Link)| {
        other.way == link.way
            && link.way != Way::Board
            && others.known.get(*id).is_some_and(|d| d.profile == device.value.profile)
    };
    if let Some((other, _)) = others.links.iter().find(same) {
        problems.warning(
            &device.span,
            format!("device \"{}\" is reached exactly as \"{other}\" is", device.value.id),
            "correct its `bus`, `unit`, `topic`, `node`, `number` or `channel`: this looks like a copied entry",
        );
    }
}
