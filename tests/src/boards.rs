//! Boards of a site's configuration, in software and by hand.

use std::{process::Command, time::Duration};

use gengfu_sim::building::{Board, BoardSettings, Login};

use crate::site::{BOARD_PASSWORD, SITE, Site};

/// Powers on the software board `board-<n>`, which says again soon what got no receipt.
pub fn board(site: &Site, n: usize) -> Board {
    let mut settings = settings(site.mqtt, n);
    settings.resend = Duration::from_millis(500);
    Board::start(settings)
}

/// The software board `board-<n>` as it is sold, with a broker at this port of the loopback.
pub fn settings(port: u16, n: usize) -> BoardSettings {
    let id = format!("board-{n}");
    let mut settings = BoardSettings::new("127.0.0.1", port, SITE, &id);
    settings.login = Some(Login { user: id, password: BOARD_PASSWORD.into() });
    settings
}

/// A Mosquitto client that speaks to the site's broker as `user`.
pub fn mosquitto(tool: &str, site: &Site, user: &str, password: &str) -> Command {
    let mut command = Command::new(tool);
    command.args(["-h", "127.0.0.1", "-p", &site.mqtt.to_string(), "-V", "mqttv5", "-q", "1"]);
    command.args(["-u", user, "-P", password, "-i", user]);
    command
}

/// Where `board` says `what`.
pub fn up(board: &str, what: &str) -> String {
    format!("gengfu/v1/{SITE}/{board}/up/{what}")
}

/// Where `board` is told `what`.
pub fn down(board: &str, what: &str) -> String {
    format!("gengfu/v1/{SITE}/{board}/down/{what}")
}

/// An event of input 1, as `docs/wire.md` has it.
pub fn event(seq: u32, state: &str) -> String {
    serde_json::json!({ "v": 1, "boot": 1, "seq": seq, "input": 1, "state": state, "age_ms": 0 })
        .to_string()
}

/// Publishes with `mosquitto_pub`; true if the broker took it.
///
/// # Errors
/// Where Mosquitto's clients are not installed.
pub fn publish(
    site: &Site,
    user: &str,
    password: &str,
    topic: &str,
    payload: &str,
) -> std::io::Result<bool> {
    let mut publish = mosquitto("mosquitto_pub", site, user, password);
    let output = publish.args(["-t", topic, "-m", payload]).output()?;
    // A refused publish is only told of: "Publish 1 failed: Not authorized."
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(output.status.success() && !said.to_lowercase().contains("not authorized"))
}
