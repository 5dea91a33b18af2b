//! A board's place in the world: its broker, its name, its credential.

use std::time::Duration;

use super::update::Program;

/// How a board proves who it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// Its user.
    pub user: String,
    /// Its password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with a password", self.user)
    }
}

/// A board's place in the world.
#[derive(Debug, Clone)]
pub struct BoardSettings {
    /// The broker's host.
    pub broker_host: String,
    /// The broker's port.
    pub broker_port: u16,
    /// The site.
    pub site: String,
    /// The board's name, which is its MQTT client id as well.
    pub id: String,
    /// None where the broker lets everybody in.
    pub login: Option<Login>,
    /// Its inputs, 1 to 16.
    pub inputs: u8,
    /// How often it has started in its life, this start included.
    pub boot: u32,
    /// Time between two heartbeats; 15 s.
    pub heartbeat: Duration,
    /// What it runs, and whose updates it takes.
    pub program: Program,
    /// An event without a receipt is sent again after this long.
    pub resend: Duration,
}

impl BoardSettings {
    /// A board with eight inputs that starts for the first time.
    pub fn new(broker_host: &str, broker_port: u16, site: &str, id: &str) -> Self {
        Self {
            broker_host: broker_host.into(),
            broker_port,
            site: site.into(),
            id: id.into(),
            login: None,
            inputs: 8,
            boot: 1,
            heartbeat: Duration::from_secs(15),
            program: Program::default(),
            resend: Duration::from_secs(5),
        }
    }
}
