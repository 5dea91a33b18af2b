//! Devices that announce themselves, as the pages see them.

use std::collections::BTreeMap;

use gengfu_core::{device::Device, id::DeviceId, state::State};
use gengfu_field::discovery::{Adopted, Catalogue, Offer, Offered, PROFILE};
use gengfu_web::found::{Adoption, Found, FoundAlarm, FoundDevice, FoundEntity};

/// Everything that is announced, and what was taken in before.
pub fn found(catalogue: &Catalogue, state: &State) -> Found {
    let mut adopted = adopted(state);
    let mut devices: Vec<FoundDevice> = vec![];
    for offer in catalogue.offers() {
        let kept = adopted.remove(&offer.id);
        devices.push(FoundDevice {
            seen: Some(offer.seen),
            supervision: Some(offer.supervision()),
            entities: offer.entities.iter().map(entity).collect(),
            changed: kept.as_ref().is_some_and(|(_, kept)| differs(&offer, kept)),
            adopted: kept.map(|(device, _)| device),
            id: offer.id,
            name: offer.name,
            maker: offer.maker,
            model: offer.model,
        });
    }
    // Taken in, and silent about itself since.
    for (id, (device, kept)) in adopted {
        devices.push(FoundDevice {
            id,
            name: device.to_string(),
            maker: String::new(),
            model: String::new(),
            seen: None,
            supervision: kept.supervision,
            entities: vec![],
            adopted: Some(device),
            changed: false,
        });
    }
    Found { listening: catalogue.is_open(), refused: catalogue.refused(), devices }
}

/// Makes a device of one that is announced. The error says what is in the way.
pub fn adopt(catalogue: &Catalogue, offer: &str, wish: &Adoption) -> Result<Device, String> {
    let Some(offer) = catalogue.offer(offer) else {
        return Err("it is not announced any more: have it announce itself again".into());
    };
    let Some(adopted) = offer.adopt(wish.supervision) else {
        return Err(
            "nothing of what it announces can be read: see `trouble` of its entities".into()
        );
    };
    let made = adopted.expand(&wish.id, &wish.name, &wish.place);
    made.map(|made| made.device).map_err(|e| e.to_string())
}

/// What was taken in, by the offer that it was.
fn adopted(state: &State) -> BTreeMap<String, (DeviceId, Adopted)> {
    let boards = state.boards.values().filter(|board| board.device.profile == PROFILE);
    let kept = boards.filter_map(|board| {
        let adopted = Adopted::from_options(&board.device.options).ok()?;
        Some((adopted.offer.clone(), (board.device.id.clone(), adopted)))
    });
    kept.collect()
}

fn differs(offer: &Offer, kept: &Adopted) -> bool {
    offer.adopt(kept.supervision).is_some_and(|now| now != *kept)
}

fn entity(offered: &Offered) -> FoundEntity {
    let alarm = offered.alarm.clone().filter(|_| offered.entity.is_ok());
    FoundEntity {
        name: offered.name.clone(),
        class: offered.class.into(),
        topic: offered.entity.as_ref().ok().map(|entity| entity.topic.clone()),
        alarm: alarm.map(|(name, danger, priority)| FoundAlarm { name, danger, priority }),
        trouble: offered.entity.as_ref().err().cloned(),
    }
}
