//! Whoever else is at the site's broker: a user of it, by Mosquitto's clients.

use std::{
    path::Path,
    process::{Child, Stdio},
};

use gengfu_tests::{
    boards::mosquitto,
    site::{BOARD_PASSWORD, Site},
};
use serde_json::{Map, Value};

/// The user's lines in the configuration.
pub const USER: &str = r##"
[[mqtt.users]]
name = "neighbour"
password_file = "board"
publish = ["#"]
subscribe = ["#"]
"##;

/// Publishes, retained or not. An empty payload takes away what is retained.
pub fn say(site: &Site, retain: bool, topic: &str, payload: &str) {
    let mut command = mosquitto("mosquitto_pub", site, "neighbour", BOARD_PASSWORD);
    // As several at once: each has a session of its own.
    command.args(["-i", &format!("pub-{}", topic.len())]);
    if retain {
        command.arg("-r");
    }
    match payload {
        "" => command.args(["-t", topic, "-n"]),
        _ => command.args(["-t", topic, "-m", payload]),
    };
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{topic}: {said}");
}

/// What makers announce, by topic.
pub fn announcements(name: &str) -> Map<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/field/tests/announced");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A device that the broker speaks for when its power is cut.
pub struct Powered(Child);

impl Powered {
    /// On: it says so, and leaves a will.
    pub fn on(site: &Site, status: &str) -> Self {
        let child = mosquitto("mosquitto_sub", site, "neighbour", BOARD_PASSWORD)
            .args(["-i", "powered", "-t", "nobody/speaks/here"])
            .args(["--will-topic", status, "--will-payload", "offline", "--will-retain"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        say(site, true, status, "online");
        Self(child)
    }

    /// The power is cut.
    pub fn cut(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Powered {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
