//! Everything of this site that is to stand at the broker: what is announced, and the values.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::Danger,
    device::{Device, Presence},
    incident::Incident,
    site,
    state::State,
    text::{Language, Text},
};
use serde_json::{Value as Json, json};

use super::{
    entity::{Entity, class_of_unit, short},
    topic,
};

/// Payloads by topic, all of them retained.
pub(super) type Shown = BTreeMap<String, String>;

/// The state in the words of the site's language, for one prefix of Home Assistant's topics.
pub(super) struct Site<'a> {
    pub state: &'a State,
    pub prefix: &'a str,
}

impl Site<'_> {
    fn language(&self) -> Language {
        self.state.wiring.language
    }

    fn value(&self, name: &str) -> String {
        topic::value(self.state.site(), name)
    }

    /// What is announced.
    pub fn configs(&self) -> Shown {
        let mut all = Shown::new();
        let site = self.state.site();
        let node = topic::node(site);
        let mut announce = |component: &str, object: &str, config: Json| {
            let mut whole = json!({
                "unique_id": format!("{node}_{object}"),
                "object_id": format!("{node}_{object}"),
                "origin": { "name": "Gengfu", "sw_version": env!("CARGO_PKG_VERSION") },
            });
            if let (Some(whole), Json::Object(config)) = (whole.as_object_mut(), config) {
                whole.extend(config);
            }
            all.insert(topic::config(self.prefix, component, site, object), whole.to_string());
        };
        for device in self.state.devices() {
            for point in &device.points {
                let said = self.state.quality(&point.id);
                let Some(entity) = Entity::of(device, point, &said) else { continue };
                let object = topic::plain(point.id.as_str());
                let mut config = json!({
                    "name": point.name.get(self.language()),
                    "state_topic": self.value(&object),
                    "availability": self.availability(Some(device)),
                    "availability_mode": "all",
                    "device": self.device(device),
                });
                put(&mut config, "entity_category", point.diagnostic.then_some("diagnostic"));
                match entity {
                    Entity::Binary(class) => put(&mut config, "device_class", class),
                    Entity::Number => {
                        put(&mut config, "device_class", class_of_unit(&point.unit));
                        let unit = Some(point.unit.as_str()).filter(|unit| !unit.is_empty());
                        put(&mut config, "unit_of_measurement", unit);
                        put(&mut config, "state_class", Some("measurement"));
                    }
                    Entity::Word => {}
                }
                announce(entity.component(), &object, config);
            }
        }
        for danger in Danger::ALL {
            let name = danger.words();
            let object = incidents(danger);
            let config = |what: Text, template: &str, more: Json| {
                let mut config = json!({
                    "name": what.get(self.language()),
                    "state_topic": self.value(&object),
                    "value_template": template,
                    "availability": self.availability(None),
                    "device": self.gateway(),
                });
                if let (Some(config), Json::Object(more)) = (config.as_object_mut(), more) {
                    config.extend(more);
                }
                config
            };
            let is_open = "{{ 'ON' if value_json.count > 0 else 'OFF' }}";
            announce(
                "binary_sensor",
                &object,
                config(name.clone(), is_open, json!({ "device_class": "problem" })),
            );
            let what = said(&name, "事件数", "open incidents");
            let count = json!({ "state_class": "measurement" });
            announce(
                "sensor",
                &format!("{object}-count"),
                config(what, "{{ value_json.count }}", count),
            );
            let what = said(&name, "内容", "what and where");
            announce(
                "sensor",
                &format!("{object}-text"),
                config(what, "{{ value_json.text }}", json!({})),
            );
        }
        all
    }

    /// The values.
    pub fn values(&self) -> Shown {
        let mut all = Shown::new();
        for device in self.state.devices() {
            let is_there = self.state.presence(&device.id) == Presence::Present;
            let mut is_shown = false;
            for point in &device.points {
                let said = self.state.quality(&point.id);
                if let Some(entity) = Entity::of(device, point, &said) {
                    let object = topic::plain(point.id.as_str());
                    all.insert(self.value(&object), entity.words(&said));
                    is_shown = true;
                }
            }
            if is_shown {
                let word = if is_there { "online" } else { "offline" };
                all.insert(self.presence(device), word.into());
            }
        }
        for danger in Danger::ALL {
            let open: Vec<&Incident> = self
                .state
                .open_incidents()
                .map(AsRef::as_ref)
                .filter(|incident| incident.danger == danger && incident.test.is_none())
                .collect();
            let text: Vec<String> = open.iter().map(|incident| self.words(incident)).collect();
            let value = json!({ "count": open.len(), "text": short(&text.join("; ")) });
            all.insert(self.value(&incidents(danger)), value.to_string());
        }
        all.insert(topic::status(self.state.site()), "online".into());
        all
    }

    fn words(&self, incident: &Incident) -> String {
        let language = self.language();
        format!("{} · {}", incident.place_name.get(language), incident.what.get(language))
    }

    fn presence(&self, device: &Device) -> String {
        self.value(&format!("{}/presence", topic::plain(device.id.as_str())))
    }

    fn availability(&self, device: Option<&Device>) -> Json {
        let gateway = Some(topic::status(self.state.site()));
        let topics = gateway.into_iter().chain(device.map(|device| self.presence(device)));
        topics.map(|topic| json!({ "topic": topic })).collect()
    }

    fn device(&self, device: &Device) -> Json {
        let node = topic::node(self.state.site());
        let place = site::path(&self.state.wiring.places, &device.place);
        json!({
            "identifiers": [format!("{node}_{}", topic::plain(device.id.as_str()))],
            "name": device.name.get(self.language()),
            "manufacturer": "Gengfu",
            "model": device.profile,
            "suggested_area": place.get(self.language()),
            "via_device": node,
        })
    }

    fn gateway(&self) -> Json {
        json!({
            "identifiers": [topic::node(self.state.site())],
            "name": self.state.wiring.name.get(self.language()),
            "manufacturer": "Gengfu",
            "sw_version": env!("CARGO_PKG_VERSION"),
        })
    }
}

fn put(config: &mut Json, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        config[key] = value.into();
    }
}

fn said(name: &Text, zh: &str, en: &str) -> Text {
    Text::new(&format!("{}：{zh}", name.zh), &format!("{}: {en}", name.en))
}

/// Where the open incidents of one kind stand.
fn incidents(danger: Danger) -> String {
    format!("incidents-{}", format!("{danger:?}").to_lowercase())
}
