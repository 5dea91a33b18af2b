//! Checks by programs that are not ours: Python with the packages of `tests/requirements.txt`.
//!
//! `GENGFU_TEST_PYTHON` names the interpreter that has them; otherwise it is `python3`.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/channel/peer").join(name)
}

fn command(name: &str, args: &[&str]) -> Command {
    let python = std::env::var("GENGFU_TEST_PYTHON").ok().filter(|p| !p.is_empty());
    let mut command = Command::new(python.as_deref().unwrap_or("python3"));
    command.arg(script(name)).args(args).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const NEEDED: &str = "set GENGFU_TEST_PYTHON to a Python with tests/requirements.txt installed";

/// Runs a script on some JSON, and gives back the JSON it prints.
pub async fn run(name: &str, args: &[&str], input: &Value) -> Value {
    let mut child = command(name, args).spawn().unwrap_or_else(|e| panic!("{e}: {NEEDED}"));
    let mut stdin = child.stdin.take().unwrap();
    // A script that ends without reading tells why on its own.
    let _ = stdin.write_all(input.to_string().as_bytes()).await;
    drop(stdin);
    let done = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} {args:?} failed ({NEEDED}):\n{said}");
    serde_json::from_slice(&done.stdout).expect("JSON from the script")
}

/// A script that goes on running and prints a line of JSON for whatever happens.
pub struct Peer {
    _child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    pub fn start(name: &str, args: &[&str]) -> Self {
        let mut command = command(name, args);
        // Its complaints belong in the test's output.
        command.stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{e}: {NEEDED}"));
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let stdin = child.stdin.take().unwrap();
        Self { _child: child, stdin, lines }
    }

    /// Tells it something, as a line of JSON.
    pub async fn tell(&mut self, what: &Value) {
        self.stdin.write_all(format!("{what}\n").as_bytes()).await.unwrap();
    }

    /// What it says next; it must say something.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(30), self.lines.next_line())
            .await
            .expect("a line from the peer within 30 s")
            .unwrap()
            .unwrap_or_else(|| panic!("the peer ended: {NEEDED}"));
        serde_json::from_str(&line).expect("a line of JSON")
    }
}
