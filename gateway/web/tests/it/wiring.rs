//! The house's lift: its call button, its doors, a gate that can be switched.

use gengfu_core::{
    danger::{Danger, Priority},
    device::Device,
    id::{ChannelId, DeviceId, PlaceId, PointId, SiteId},
    output::{Output, OutputKind},
    point::{Point, Value},
    rule::{Condition, Rule},
    site::Place,
    text::Text,
    time::Span,
    wiring::{ChannelInfo, Wiring},
};

/// All of it.
pub fn wiring() -> Wiring {
    let mut wiring = Wiring::new(SiteId::from("house"));
    for (id, name, inside) in
        [("building-3", "Building 3", None), ("lift-1", "Lift 1", Some("building-3"))]
    {
        let place = Place {
            id: PlaceId::from(id),
            name: Text::from(name),
            inside: inside.map(PlaceId::from),
        };
        wiring.places.insert(place.id.clone(), place);
    }
    let device = lift("lift-1");
    wiring.devices.insert(device.id.clone(), device.into());
    for channel in ["ntfy", "push"] {
        wiring.channels.insert(ChannelId::from(channel), ChannelInfo { answerable: true });
    }
    wiring
}

/// A lift of this name.
pub fn lift(id: &str) -> Device {
    let point = |name: &str| Point {
        id: PointId::from(format!("{id}/{name}").as_str()),
        name: Text::from(name).into(),
        unit: String::new(),
        diagnostic: false,
    };
    let rule = |name: &str, danger, priority| Rule {
        id: format!("{id}/{name}").parse().unwrap(),
        name: Text::new("呼救", name).into(),
        danger,
        priority,
        when: Condition::Equals {
            point: PointId::from(format!("{id}/{name}").as_str()),
            value: Value::Bool(true),
        },
        on_delay: Span::ZERO,
        off_delay: Span::ZERO,
        latched: danger == Danger::Trapped,
    };
    Device {
        id: DeviceId::from(id),
        name: Text::from("Lift 1"),
        place: PlaceId::from("lift-1"),
        profile: "lift".into(),
        options: Default::default(),
        supervision: None,
        silence_priority: Priority::Normal,
        behind: None,
        points: vec![point("call"), point("door"), point("gate"), point("speed")],
        words: Default::default(),
        outputs: vec![Output {
            id: PointId::from(format!("{id}/gate").as_str()),
            kind: OutputKind::Gate,
            hold: Span::secs(30),
            most: Span::mins(10),
        }],
        rules: vec![
            rule("call", Danger::Trapped, Priority::Critical),
            rule("door", Danger::Lift, Priority::Normal),
        ],
    }
}
