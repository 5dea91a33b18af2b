//! Messages that are tried: routed and read as those of a broker.

use anyhow::{anyhow, bail};
use gengfu_core::input::Input;
use gengfu_field::{
    adapter::{
        Poison,
        json::{JsonDevice, base_of},
        presence::Presence,
        recent::Recent,
    },
    mqtt::Routes,
    profile::{Expanded, JsonPoint, Source},
};

use super::{Try, trial::Trial};

/// Gives the messages to the trial, in their order.
pub fn tell(trial: &mut Trial, expanded: &Expanded, wish: &Try) -> anyhow::Result<()> {
    let Some(first) = wish.topic.first() else {
        bail!("a message has a topic; write --topic zigbee2mqtt/kitchen before its --payload");
    };
    if wish.topic.len() != 1 && wish.topic.len() != wish.payload.len() {
        bail!(
            "there are {} topics for {} messages; write --topic once for all, or once for each",
            wish.topic.len(),
            wish.payload.len()
        );
    }
    let device = device(expanded, wish.base.as_deref(), first)?;
    let base = device.base.clone();
    let routes = Routes::new("trial");
    routes.set(vec![], vec![device]);
    let topics = wish.topic.iter().chain(std::iter::repeat(first));
    for (topic, payload) in topics.zip(&wish.payload) {
        let read = routes.read(topic, payload.as_bytes(), wish.retained, trial.now());
        let understood = match read {
            Ok(understood) => understood,
            Err(Poison::Garbled(why)) => bail!("{why}; send JSON, or one plain word"),
            Err(_) => {
                let topics: Vec<String> =
                    routes.filters().into_iter().filter(|t| !t.starts_with("gengfu/")).collect();
                bail!(
                    "nothing of this device comes on \"{topic}\": with its own topic \"{base}\" it is heard \
                     on {}; correct --topic, or set --base",
                    topics.join(", ")
                );
            }
        };
        if let Some(why) = &understood.set_aside {
            bail!("{why}; send JSON, or one plain word");
        }
        if !understood.inputs.iter().any(|i| matches!(i, Input::Reading(_) | Input::Gone { .. })) {
            trial.note(format!("the message on \"{topic}\" says nothing of the profile's points"));
        }
        trial.tell(&understood.inputs);
    }
    Ok(())
}

/// The device, with its own topic as given, or as it must be for the first message to be its own.
fn device(expanded: &Expanded, base: Option<&str>, topic: &str) -> anyhow::Result<JsonDevice> {
    let Source::Json { points, availability, dedupe } = &expanded.source else {
        return Err(anyhow!("the profile is none of messages; use another one"));
    };
    let written = points.iter().flat_map(JsonPoint::topics).chain([availability.as_str()]);
    // The more of the topic is the profile's, the surer is the rest.
    let guess =
        written.filter(|w| !w.is_empty()).filter_map(|w| base_of(w, topic)).min_by_key(|b| b.len());
    Ok(JsonDevice {
        device: expanded.device.id.clone(),
        base: base.or(guess).unwrap_or(topic).to_owned(),
        points: points.clone(),
        availability: availability.clone(),
        presence: Presence::default(),
        recent: dedupe.as_deref().map(Recent::new),
        calls: true,
    })
}
