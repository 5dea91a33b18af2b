//! `gengfu modbus` at a bus of pymodbus: what a caretaker sees who looks for the units.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex},
};

use clap::Parser;
use gengfu::{
    cli::{Cli, Command},
    modbus,
};
use gengfu_tests::{
    eventually,
    python::{MODBUS, Peer},
};
use serde_json::{Value, json};

fn units() -> Value {
    json!({
        "2": { "holding": { "0": [16320, 0, 65535] }, "coils": { "5": [true, false] } },
        "4": { "input": { "7": [9] } },
    })
}

async fn over_tcp() -> (Peer, String) {
    let mut server = Peer::start(MODBUS, &[&units().to_string()]).unwrap();
    let port = server.port().await.unwrap();
    (server, format!("--host 127.0.0.1 --port {port}"))
}

async fn over_serial(folder: &Path) -> (Peer, String) {
    let device = folder.join("line").display().to_string();
    let mut server = Peer::start(MODBUS, &[&units().to_string(), &device]).unwrap();
    assert_eq!(server.line().await.unwrap(), "port 0");
    (server, format!("--device {device}"))
}

fn command(args: &str) -> anyhow::Result<modbus::Command> {
    let words = ["gengfu", "modbus"].into_iter().chain(args.split_whitespace());
    match Cli::try_parse_from(words)?.command {
        Command::Modbus { command } => Ok(command),
        other => anyhow::bail!("{other:?} is another command"),
    }
}

/// What `gengfu modbus` writes for these arguments.
async fn told(args: &str) -> anyhow::Result<String> {
    let command = command(args)?;
    let mut out = Vec::new();
    modbus::run(&command, &mut out).await?;
    Ok(String::from_utf8(out)?)
}

/// The lines, without how long each answer took.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(|line| line.split(" (").next().unwrap_or(line)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_finds_the_units_that_are_there_over_either_kind_of_bus() {
    let folder = tempfile::tempdir().unwrap();
    let (_tcp, tcp) = over_tcp().await;
    let (_serial, serial) = over_serial(folder.path()).await;
    for bus in [tcp, serial] {
        let found = told(&format!("scan {bus} --from 1 --to 5 --timeout 150ms")).await.unwrap();
        assert_eq!(
            lines(&found),
            [
                "unit 2: holding register 0 is 0x3fc0",
                "unit 4: it is there: exception 2, Illegal data address",
                "2 found",
            ]
        );
        let nobody = told(&format!("scan {bus} --from 9 --to 9 --timeout 50ms")).await.unwrap_err();
        assert!(nobody.to_string().contains("no unit answers"), "{nobody:#}");
        let none = told(&format!("scan {bus} --from 10 --to 5")).await.unwrap_err().to_string();
        assert!(none.contains("--from 5 --to 10"), "{none}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_may_be_that_of_a_gateway_which_finds_no_unit() {
    let (mut server, bus) = over_tcp().await;
    for (exception, said) in [(4, "unit 2: answers with a failure: exception 4"), (11, "no unit")] {
        server.order(&json!({"unit": 2, "exception": exception})).await.unwrap();
        assert_eq!(server.line().await.unwrap(), "done");
        let told = told(&format!("scan {bus} --from 2 --to 2")).await;
        let told = told.unwrap_or_else(|error| error.to_string());
        assert!(told.starts_with(said), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_unit_is_asked_that_a_serial_line_can_t_have() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, bus) = over_serial(folder.path()).await;
    for unit in [0, 250] {
        let why = told(&format!("read {bus} --unit {unit}")).await.unwrap_err().to_string();
        assert!(why.contains(&format!("there is no unit {unit} on a serial line")), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_shown_as_numbers_of_several_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let (_server, bus) = over_serial(folder.path()).await;
    let shown = told(&format!("read {bus} --unit 2 --count 3")).await.unwrap();
    let rows: Vec<Vec<&str>> =
        shown.lines().skip(1).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..6], ["0x0000", "0", "0x3fc0", "16320", "16320", "1.5e0"]);
    assert_eq!(rows[2][..], ["0x0002", "2", "0xffff", "65535", "-1"]);
    let args = format!("read {bus} --unit 2 --table coil --address 0x5 --count 2");
    assert!(told(&args).await.unwrap().ends_with("0x0005      5  1\n0x0006      6  0\n"));

    let refused = told(&format!("read {bus} --unit 2 --count 4")).await.unwrap_err().to_string();
    assert!(refused.contains("exception 2") && refused.contains("take fewer"), "{refused}");
    let silent = told(&format!("read {bus} --unit 3 --timeout 50ms")).await.unwrap_err();
    assert!(silent.to_string().contains("A and B"), "{silent:#}");
    let absent = told("read --device /dev/serial/by-id/none").await.unwrap_err().to_string();
    assert!(absent.contains("can't be reached") && absent.contains("dialout"), "{absent}");
    for no_bus in ["read --unit 1", "read --port 502", "read --host a --device /dev/b"] {
        assert!(command(no_bus).is_err(), "{no_bus}");
    }
    let missing = command("read --unit 1").unwrap_err().to_string();
    assert!(missing.contains("--host") && missing.contains("--device"), "{missing}");
}

/// What was written so far, for who looks on.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<Vec<u8>>>);

impl Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shown {
    /// The rows under the heading, once there are so many.
    async fn rows(&self, count: usize) -> Vec<String> {
        eventually("rows of the watch", async || {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            let rows: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
            (rows.len() >= count).then_some(rows)
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn watching_shows_what_changes_alone() {
    let (mut server, bus) = over_tcp().await;
    let command = command(&format!("watch {bus} --unit 2 --count 3 --every 20ms")).unwrap();
    let shown = Shown::default();
    let mut out = shown.clone();
    let watching = tokio::spawn(async move { modbus::run(&command, &mut out).await });
    shown.rows(3).await;
    server.order(&json!({"unit": 2, "address": 2, "values": [7]})).await.unwrap();
    assert_eq!(server.line().await.unwrap(), "done");
    // The changed register, and the one that makes a number with it.
    let rows = shown.rows(5).await;
    assert_eq!(rows.len(), 5, "{rows:?}");
    assert!(rows[4].contains("0x0007"), "{rows:?}");
    server.order(&json!({"unit": 2, "exception": 4})).await.unwrap();
    assert_eq!(server.line().await.unwrap(), "done");
    assert!(shown.rows(6).await[5].contains("exception 4"));
    server.order(&json!({"unit": 2})).await.unwrap();
    assert_eq!(server.line().await.unwrap(), "done");
    assert!(shown.rows(7).await[6].ends_with("the device answers again"));
    watching.abort();
}
