//! A Mosquitto that Home Assistant and the gateway both use, and what stands at it.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Instant,
};

use gengfu_tests::site::Site;

/// The broker of a site. Dropping it ends it.
pub struct Mosquitto {
    child: Child,
    port: u16,
}

impl Mosquitto {
    /// Starts it at the site's port, open to everybody on this machine.
    pub fn start(site: &Site) -> Self {
        let conf = site.folder().join("mosquitto.conf");
        let text = format!("listener {} 127.0.0.1\nallow_anonymous true\n", site.mqtt);
        fs::write(&conf, text).unwrap();
        // Debian keeps it outside an ordinary user's path.
        let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
        let mut child = Command::new("mosquitto")
            .env("PATH", path)
            .arg("-c")
            .arg(conf)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", site.mqtt)).is_err() {
            assert!(child.try_wait().unwrap().is_none(), "mosquitto ended");
            assert!(begun.elapsed() < gengfu_tests::LIMIT, "mosquitto does not answer");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Self { child, port: site.mqtt }
    }

    /// What is retained below these filters, by topic.
    pub fn retained(&self, filters: &[&str]) -> BTreeMap<String, String> {
        let mut command = self.client("mosquitto_sub");
        for filter in filters {
            command.args(["-t", filter]);
        }
        // A second without another message is the end: the broker sends them at once.
        let output = command.args(["--retained-only", "-W", "1", "-F", "%t\t%p"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        pairs.map(|(topic, payload)| (topic.to_owned(), payload.to_owned())).collect()
    }

    /// Publishes; an empty payload takes away what is retained.
    pub fn say(&self, retain: bool, topic: &str, payload: &str) {
        let mut command = self.client("mosquitto_pub");
        if retain {
            command.arg("-r");
        }
        match payload {
            "" => command.args(["-t", topic, "-n"]),
            _ => command.args(["-t", topic, "-m", payload]),
        };
        assert!(command.status().unwrap().success(), "{topic}");
    }

    fn client(&self, tool: &str) -> Command {
        let mut command = Command::new(tool);
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-V", "mqttv5", "-q", "1"]);
        command
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
