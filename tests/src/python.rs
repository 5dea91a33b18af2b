//! Peers in Python, with none of the gateway's code: the scripts of this suite and of the crates'.
//!
//! `GENGFU_TEST_PYTHON` names an interpreter that has `tests/requirements.txt`; else it is `python3`.
//! `GENGFU_TEST_HOMEASSISTANT` names one that has `tests/homeassistant.txt`.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use anyhow::Context;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

/// A mail server: prints its port, then each mail that it took.
pub const MAILBOX: &str = "../gateway/channel/tests/channel/peer/mailbox.py";
/// A mailbox that is read by IMAP (Dovecot): prints its port, then takes orders.
pub const DOVECOT: &str = "../gateway/channel/tests/channel/peer/dovecot.py";
/// A Modbus TCP server (pymodbus): prints its port, then takes orders.
pub const MODBUS: &str = "../gateway/field/tests/modbus/pymodbus_server.py";
/// A Modbus master (pymodbus), over TCP or a serial line: answers each order with what it read.
pub const MASTER: &str = "peer/modbus_master.py";
/// An alarm receiving centre (pysiaalarm): prints its port, then each event that it took.
pub const CENTRE: &str = "peer/centre.py";
/// Reads alerts and their feed (cap-tools): answers each with what it says.
pub const CAP: &str = "peer/cap.py";
/// Reads the calendar in a file (icalendar): prints its name and entries.
pub const CALENDAR: &str = "peer/entries.py";
/// Says when the events of a calendar are (recurring-ical-events): prints each occurrence.
pub const SHIFTS: &str = "peer/shifts.py";
/// Judges profiles by a JSON Schema (jsonschema): prints the first complaint about each.
pub const PROFILES: &str = "peer/profiles.py";
/// Judges announcements by Home Assistant's MQTT integration: prints the complaint about each. It needs
/// [`Peer::start_beside_home_assistant`].
pub const ANNOUNCEMENTS: &str = "peer/announcements.py";
/// An edge node of Sparkplug B (pysparkplug): says when it was born, and takes orders.
pub const SPARKPLUG: &str = "peer/sparkplug_node.py";
/// A push service and the browser behind it: prints its subscription, then each message decrypted.
pub const PUSH: &str = "peer/push_service.py";

/// A modem for texts, on a terminal of its own: tells what it sent, takes what comes in.
pub const MODEM: &str = "../gateway/channel/tests/channel/peer/modem.py";

const NEEDED: &str = "set GENGFU_TEST_PYTHON to a Python with tests/requirements.txt installed, and \
                      GENGFU_TEST_HOMEASSISTANT to one with tests/homeassistant.txt";

/// A running script. Dropping it ends it.
pub struct Peer {
    _child: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    /// Starts a script of this suite's folder.
    ///
    /// # Errors
    /// Where there is no Python.
    pub fn start(script: &str, args: &[&str]) -> anyhow::Result<Self> {
        Self::start_by("GENGFU_TEST_PYTHON", script, args)
    }

    /// The same by the Python that has Home Assistant.
    ///
    /// # Errors
    /// As [`Peer::start`].
    pub fn start_beside_home_assistant(script: &str, args: &[&str]) -> anyhow::Result<Self> {
        Self::start_by("GENGFU_TEST_HOMEASSISTANT", script, args)
    }

    fn start_by(variable: &str, script: &str, args: &[&str]) -> anyhow::Result<Self> {
        let script: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let set = std::env::var(variable).ok().filter(|python| !python.is_empty());
        let mut child = Command::new(set.as_deref().unwrap_or("python3"))
            .arg(script)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context(NEEDED)?;
        let orders = child.stdin.take().context("no input")?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        Ok(Self { _child: child, orders, lines })
    }

    /// The next line that it says.
    ///
    /// # Errors
    /// Where it says nothing for [`crate::LIMIT`], or ends.
    pub async fn line(&mut self) -> anyhow::Result<String> {
        let line = tokio::time::timeout(crate::LIMIT, self.lines.next_line());
        line.await.context("the peer says nothing")??.context(NEEDED)
    }

    /// The port of a server that says first where it listens: `port 40123`.
    ///
    /// # Errors
    /// Where it says something else, and as [`Peer::line`].
    pub async fn port(&mut self) -> anyhow::Result<u16> {
        let line = self.line().await?;
        let port = line.strip_prefix("port ").and_then(|port| port.parse().ok());
        port.with_context(|| format!("no port ({NEEDED}): {line}"))
    }

    /// The next line that it says, which is JSON.
    ///
    /// # Errors
    /// As [`Peer::line`].
    pub async fn json(&mut self) -> anyhow::Result<Value> {
        let line = self.line().await?;
        serde_json::from_str(&line).with_context(|| format!("not JSON ({NEEDED}): {line}"))
    }

    /// Gives it an order.
    ///
    /// # Errors
    /// Where it has ended.
    pub async fn order(&mut self, order: &Value) -> anyhow::Result<()> {
        Ok(self.orders.write_all(format!("{order}\n").as_bytes()).await?)
    }
}
