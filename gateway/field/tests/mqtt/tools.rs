//! Mosquitto's own clients, as programs of other authors.

use std::{
    net::SocketAddr,
    process::{Command, Output},
};

/// What a program said and how it ended.
#[derive(Debug)]
pub struct Ended {
    /// 0 for success; Mosquitto's clients end with the broker's reason otherwise.
    pub code: i32,
    /// Its lines.
    pub lines: Vec<String>,
    /// Its complaints.
    pub complaint: String,
}

/// A user of the broker, as one of Mosquitto's clients.
#[derive(Debug, Clone)]
pub struct Tool {
    pub at: SocketAddr,
    pub user: String,
    pub password: String,
    pub client_id: String,
    /// `5`, or `311` for 3.1.1.
    pub version: &'static str,
}

impl Tool {
    /// Runs one, with a time limit of its own, on a thread that may wait.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> Ended {
        let mut command = Command::new(program);
        command.args(["-h", &self.at.ip().to_string(), "-p", &self.at.port().to_string()]);
        command.args(["-V", self.version, "-i", &self.client_id]);
        if !self.user.is_empty() {
            command.args(["-u", &self.user, "-P", &self.password]);
        }
        command.args(arguments);
        let output: Output = tokio::task::spawn_blocking(move || command.output())
            .await
            .unwrap()
            .expect("Debian's package mosquitto-clients is installed");
        Ended {
            code: output.status.code().unwrap_or(-1),
            lines: String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect(),
            complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Publishes at least once.
    pub async fn publish(&self, topic: &str, words: &str, more: &[&str]) -> Ended {
        self.run("mosquitto_pub", &[&["-q", "1", "-t", topic, "-m", words], more].concat()).await
    }

    /// Hears up to `count` messages, for a few seconds at the most: `topic words`.
    pub async fn hear(&self, filter: &str, count: u32, more: &[&str]) -> Ended {
        let count = count.to_string();
        let arguments = ["-q", "1", "-v", "-t", filter, "-C", &count, "-W", "20"];
        self.run("mosquitto_sub", &[&arguments, more].concat()).await
    }

    pub fn version(&self, version: &'static str) -> Self {
        Self { version, ..self.clone() }
    }

    pub fn client_id(&self, client_id: &str) -> Self {
        Self { client_id: client_id.into(), ..self.clone() }
    }

    pub fn password(&self, password: &str) -> Self {
        Self { password: password.into(), ..self.clone() }
    }
}
