//! `behind` of `[[devices]]`: what stands in front of a device, so that people hear of a bridge or a
//! broker that is away, and not of everything behind it.

use std::collections::BTreeMap;

use gengfu_core::{
    front::{Front, MAX_FRONTS},
    id::DeviceId,
};

use super::{
    device::{Devices, Way},
    modbus::Bus,
    problem::{At, Problems, choose},
};

/// A broker as a part of the gateway, as its alarm names it; the main one for none.
pub fn part(broker: Option<&str>) -> String {
    broker.map_or_else(|| "broker".to_owned(), |name| format!("broker:{name}"))
}

/// Puts in front of each device what it names, or else the board that asks it, or the broker that it
/// speaks at. A name that
/// leads nowhere, or back to the device itself, is a mistake.
pub fn place(
    problems: &Problems,
    written: &BTreeMap<DeviceId, At<DeviceId>>,
    buses: &BTreeMap<String, Bus>,
    devices: &mut Devices,
) {
    for (id, At { value: front, span }) in written {
        if !devices.named.contains(front) {
            problems.missing(
                span,
                format!("there is no device \"{front}\" in this file"),
                choose(
                    front.as_str(),
                    devices.named.iter().map(DeviceId::as_str),
                    "name the bridge's own entry in [[devices]]",
                ),
            );
            continue;
        }
        // The last place in front is the broker's.
        let mut chain = vec![id];
        while let Some(next) = written.get(chain[chain.len() - 1]) {
            if chain.contains(&&next.value) || chain.len() == MAX_FRONTS {
                problems.error(
                    span,
                    match chain.contains(&&next.value) {
                        true => {
                            format!("\"{id}\" is behind itself: {}", shown(&chain, &next.value))
                        }
                        false => format!("too many stand in front of \"{id}\""),
                    },
                    format!("up to {} devices, one behind the other", MAX_FRONTS - 1),
                );
                break;
            }
            chain.push(&next.value);
        }
    }
    for (id, device) in &mut devices.known {
        let implied = || match &devices.links.get(id)?.way {
            Way::Json { broker, .. } | Way::Sparkplug { broker, .. } => {
                Some(Front::Part(part(broker.as_deref())))
            }
            // The board that asks it; it may have been added through the API, and be in no file.
            Way::Modbus { bus, .. } => match buses.get(bus)? {
                Bus::Board { board, .. } => Some(Front::Device(board.clone())),
                Bus::Line(_) => None,
            },
            _ => None,
        };
        let named = written.get(id).map(|at| Front::Device(at.value.clone()));
        device.behind = named.or_else(implied);
    }
}

fn shown(chain: &[&DeviceId], last: &DeviceId) -> String {
    let names: Vec<&str> = chain.iter().chain([&last]).map(|id| id.as_str()).collect();
    names.join(" behind ")
}
