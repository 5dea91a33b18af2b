//! pymodbus as a child process: a Modbus server that shares no code with ours.

use std::{path::Path, process::Stdio};

use serde_json::Value as Json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/modbus/pymodbus_server.py");

pub struct Peer {
    pub port: u16,
    orders: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Peer {
    pub async fn start(units: Json) -> Self {
        Self::with(units, &[]).await
    }

    /// At the far end of a serial line that is opened as `device`, and takes its time at `baud`.
    pub async fn serial(units: Json, device: &Path, baud: Option<u32>) -> Self {
        let device = device.to_str().unwrap().to_owned();
        let baud = baud.map(|baud| baud.to_string());
        Self::with(units, &[Some(device), baud].into_iter().flatten().collect::<Vec<_>>()).await
    }

    async fn with(units: Json, further: &[String]) -> Self {
        let set = std::env::var("GENGFU_TEST_PYTHON").ok().filter(|python| !python.is_empty());
        let python = set.unwrap_or_else(|| "python3".into());
        let mut child = Command::new(&python)
            .args([SCRIPT, &units.to_string()])
            .args(further)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|e| panic!("{python} can't be started ({e}); run tests/run"));
        let orders = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = answers.next_line().await.unwrap().unwrap_or_default();
        let port = first.strip_prefix("port ").and_then(|port| port.parse().ok());
        let port = port.unwrap_or_else(|| {
            panic!(
                "{python} has no usable pymodbus 3.16 ({first}): run tests/run, or put it into a \
                 virtual environment and set GENGFU_TEST_PYTHON to its python"
            )
        });
        Self { port, orders, answers, _child: child }
    }

    pub async fn order(&mut self, order: Json) {
        self.orders.write_all(format!("{order}\n").as_bytes()).await.unwrap();
        assert_eq!(self.answers.next_line().await.unwrap().as_deref(), Some("done"));
    }
}
