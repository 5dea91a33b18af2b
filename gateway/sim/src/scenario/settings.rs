//! The configuration file that a building amounts to. One text serves every stage.

use gengfu_core::id::ChannelId;

use super::building::{Building, Spot, point_of};

/// The site's name for programs.
pub const SITE: &str = "scenario";
/// The file with the one secret of the scripts, beside the configuration.
pub const PASSWORD_FILE: &str = "board";

/// Where things are reached on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// The pages and the API.
    pub web: u16,
    /// The broker.
    pub mqtt: u16,
}

/// The whole of `gengfu.toml`.
pub fn toml(building: &Building, ports: Ports) -> String {
    let (name, zone) = (&building.name, &building.zone_name);
    let Ports { web, mqtt } = ports;
    let mut text = format!(
        r#"data_dir = "data"

[site]
id = "{SITE}"
name = "{name}"
time_zone = "{zone}"
language = "en"

[web]
listen = "127.0.0.1:{web}"
tls = "off"
public_url = "http://127.0.0.1:{web}"

[mqtt]
listen = "127.0.0.1:{mqtt}"
"#
    );
    if let Some(hour) = building.test_hour {
        text.push_str(&format!("\n[path_test]\nhour = {hour}\n"));
    }
    building.ways.iter().for_each(|way| text.push_str(&channel(way)));
    building.places.iter().for_each(|spot| text.push_str(&place(spot)));
    text
}

/// Every way is a webhook: what arrives there tells in full who was told what.
fn channel(way: &ChannelId) -> String {
    format!(
        r#"
[channels.{way}]
kind = "webhook"
secret_file = "{PASSWORD_FILE}"
hosts = ["127.0.0.1"]
"#
    )
}

fn place(spot: &Spot) -> String {
    let (place, board) = (&spot.id, spot.board());
    let mut text = format!("\n[[places]]\nid = \"{place}\"\nname = \"{place}\"\n");
    if spot.contacts.is_empty() {
        return text;
    }
    let inputs: Vec<String> = spot
        .contacts
        .iter()
        .enumerate()
        .map(|(n, contact)| {
            let (input, role, words) = (n + 1, contact.role, contact.words);
            format!("{input} = {{ role = \"{role}\", name = {{ en = \"{place} {words}\", zh = \"{place} {words}\" }} }}")
        })
        .collect();
    text.push_str(&format!(
        r#"
[[devices]]
id = "{board}"
name = "{place} board"
place = "{place}"
profile = "board"
password_file = "{PASSWORD_FILE}"
inputs = {{ {} }}
"#,
        inputs.join(", ")
    ));
    for (n, contact) in spot.contacts.iter().enumerate() {
        if contact.role == "contact" {
            let point = point_of(&board, u8::try_from(n + 1).unwrap_or(u8::MAX));
            let (rule, words) = (contact.rule, contact.words);
            text.push_str(&format!(
                r#"
[[rules]]
id = "{point}-{rule}"
name = "{place} {words}: low"
danger = "fault"
priority = "normal"
latched = true
when = {{ equals = {{ point = "{point}", value = true }} }}
"#
            ));
        }
    }
    text
}
