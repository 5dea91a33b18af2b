//! How a device is reached: the keys of `[[devices]]` that its profile's kind asks for.

use std::{ops::Range, path::PathBuf};

use gengfu_channel::Settings;
use gengfu_core::id::ChannelId;
use gengfu_field::{
    adapter::sparkplug,
    modbus::line::{Line, UNITS},
    profile::{Kind, Profile, Source},
};

use super::{
    device::Around,
    fields::Fields,
    modbus::Bus,
    problem::{At, Problems, choose},
    secret,
};

/// The way to a device.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A unit on one of the buses.
    Modbus {
        /// The bus.
        bus: String,
        /// Its unit id there.
        unit: u8,
    },
    /// A board of ours: its topics follow from the site's id and its own.
    Board,
    /// A telephone that calls us.
    Call {
        /// From this number.
        number: String,
    },
    /// A channel's own modem.
    Modem {
        /// Whose it is.
        channel: ChannelId,
    },
    /// A source of JSON by MQTT.
    Json {
        /// The further broker that it speaks at; none for the main one.
        broker: Option<String>,
        /// The topic that its own ones begin with.
        topic: String,
    },
    /// An edge node of Sparkplug B, or a device below one.
    Sparkplug {
        /// The further broker that it speaks at; none for the main one.
        broker: Option<String>,
        /// The node's group.
        group: String,
        /// The node.
        node: String,
        /// The device's name below it; none for the node itself.
        member: Option<String>,
    },
}

/// The way as it is written: the unit may be left to the profile.
pub enum Written {
    /// As [`Way::Modbus`].
    Modbus {
        /// The bus.
        bus: String,
        /// Its unit id there, if it is not the profile's.
        unit: Option<At<u8>>,
    },
    /// As it will be.
    Whole(Way),
}

/// Keys that say how a device is reached, each with the kinds of profiles that ask for it.
const WAYS: [(&str, &[Kind]); 10] = [
    ("channel", &[Kind::Modem]),
    ("number", &[Kind::Call]),
    ("bus", &[Kind::Modbus]),
    ("unit", &[Kind::Modbus]),
    ("topic", &[Kind::MqttJson]),
    ("broker", &[Kind::MqttJson, Kind::Sparkplug]),
    ("group", &[Kind::Sparkplug]),
    ("node", &[Kind::Sparkplug]),
    ("member", &[Kind::Sparkplug]),
    ("password_file", &[Kind::Board]),
];

/// Reads the keys that the profile's kind asks for, and complains of those that it has no use for.
pub fn way(
    fields: &mut Fields<'_>,
    profile: Option<&Profile>,
    around: Around<'_>,
) -> (Option<Written>, Option<PathBuf>) {
    let problems = fields.walk.problems;
    let kind = profile.map(Profile::kind);
    for (key, of) in WAYS {
        let is_wanted = kind
            .is_some_and(|kind| of.contains(&kind) && (kind != Kind::Board || around.is_embedded));
        let node = if is_wanted { None } else { fields.take(key) };
        if let (Some(node), Some(_)) = (node, kind) {
            let (why, remedy) = match kind {
                Some(Kind::Board) if key == "password_file" => {
                    ("with a broker outside", "make the board's user there, and remove this")
                }
                Some(Kind::Board) if key == "broker" => {
                    ("as a board", "boards speak to the main broker: remove it")
                }
                _ => ("with this profile", "remove it, or correct the `profile`"),
            };
            let what = format!("{} has no use for `{key}` {why}", fields.name);
            problems.error(&node.key_span, what, remedy);
        }
    }
    let Some(kind) = kind else { return (None, None) };
    let is_board = kind == Kind::Board && around.is_embedded;
    let password_file = if is_board { secret::secret(fields, "password_file") } else { None };
    (way_of(fields, kind, around), password_file)
}

fn way_of(fields: &mut Fields<'_>, kind: Kind, around: Around<'_>) -> Option<Written> {
    let (problems, buses) = (fields.walk.problems, around.buses);
    match kind {
        Kind::Board => Some(Written::Whole(Way::Board)),
        Kind::Modem => {
            let At { value: channel, span } = fields.required::<ChannelId>("channel")?;
            let with_modem = |(_, settings): &(&ChannelId, &Settings)| settings.kind() == "sms";
            let mut known = around.channels.iter().filter(with_modem).map(|(id, _)| id);
            if !known.clone().any(|id| *id == channel) {
                problems.missing(
                    &span,
                    format!("there is no channel \"{channel}\" with a modem"),
                    choose(
                        channel.as_str(),
                        known.by_ref().map(ChannelId::as_str),
                        "add a channel of kind \"sms\" to [channels]",
                    ),
                );
            }
            Some(Written::Whole(Way::Modem { channel }))
        }
        Kind::Call => {
            let At { value: number, span } = fields.required::<String>("number")?;
            let digits = number.chars().filter(char::is_ascii_digit).count();
            if digits < 2 || !number.chars().all(|c| "+0123456789*# -()/.".contains(c)) {
                problems.error(
                    &span,
                    format!("\"{number}\" is no telephone number"),
                    "write the number that the telephone calls from, as \"2001\" or \"+86 21 6433 2001\"",
                );
            }
            Some(Written::Whole(Way::Call { number }))
        }
        Kind::MqttJson => {
            let broker = broker(fields, around);
            let At { value: topic, span } = fields.required::<String>("topic")?;
            if topic.is_empty() || topic.contains(['+', '#', '\0']) {
                problems.error(
                    &span,
                    format!("\"{topic}\" can't be a device's topic"),
                    "write the one topic that its messages come on, without + and #",
                );
            } else if topic.starts_with('/') || topic.ends_with('/') {
                problems.warning(
                    &span,
                    format!("the topic \"{topic}\" begins or ends with an empty level"),
                    "remove the slash, unless the device's messages do come with it",
                );
            }
            Some(Written::Whole(Way::Json { broker, topic }))
        }
        Kind::Sparkplug => {
            let broker = broker(fields, around);
            let mut level = |key: &'static str, is_needed| {
                let At { value, span } =
                    if is_needed { fields.required::<String>(key) } else { fields.optional(key) }?;
                if !sparkplug::is_name(&value) {
                    problems.error(
                        &span,
                        format!("\"{value}\" can't be a `{key}` of Sparkplug B"),
                        "write the one level of its topics, without / + and #",
                    );
                }
                Some(value)
            };
            let (group, node, member) =
                (level("group", true), level("node", true), level("member", false));
            Some(Written::Whole(Way::Sparkplug { broker, group: group?, node: node?, member }))
        }
        Kind::Modbus => {
            let bus = fields.required::<String>("bus");
            let unit = fields.optional::<u8>("unit");
            let At { value: bus, span } = bus?;
            if !buses.contains_key(&bus) && !problems.is_broken("bus", &bus) {
                problems.missing(
                    &span,
                    format!("there is no bus \"{bus}\""),
                    choose(&bus, buses.keys().map(String::as_str), "add it to [[modbus.buses]]"),
                );
            }
            Some(Written::Modbus { bus, unit })
        }
    }
}

/// The further broker that the device speaks at.
fn broker(fields: &mut Fields<'_>, around: Around<'_>) -> Option<String> {
    let At { value: name, span } = fields.optional::<String>("broker")?;
    let problems = fields.walk.problems;
    if !around.brokers.contains_key(&name) && !problems.is_broken("broker", &name) {
        problems.missing(
            &span,
            format!("there is no broker \"{name}\""),
            choose(
                &name,
                around.brokers.keys().map(String::as_str),
                "add [mqtt.brokers.<name>], or remove `broker`: the main one needs no name",
            ),
        );
    }
    Some(name)
}

/// The way with the unit that the profile gives it, where nothing else is written. `device` is where the
/// device's entry begins, and `switches` says that it has outputs.
pub fn resolve(
    way: Written,
    source: &Source,
    around: Around<'_>,
    problems: &Problems,
    (device, switches): (&Range<usize>, bool),
) -> Way {
    let (bus, unit) = match way {
        Written::Whole(way) => return way,
        Written::Modbus { bus, unit } => (bus, unit),
    };
    let own = match source {
        Source::Modbus { knobs, .. } => knobs.unit_id,
        _ => 1,
    };
    let span = unit.as_ref().map_or(device, |at| &at.span);
    let number = unit.as_ref().map_or(own, |at| at.value);
    match around.buses.get(&bus) {
        Some(Bus::Line(Line::Serial(_))) if !UNITS.contains(&number) => problems.error(
            span,
            format!("there is no unit {number} on a serial line"),
            "write `unit` as the device is set, 1 to 247: 0 speaks to every device at once",
        ),
        Some(Bus::Line(Line::Tcp { .. })) if number == 0 && switches => problems.error(
            span,
            "behind a gateway to a serial line, unit 0 would switch every device there at once",
            "write the device's own `unit`; 255 where the address is that of the device itself",
        ),
        _ => {}
    }
    Way::Modbus { bus, unit: number }
}
