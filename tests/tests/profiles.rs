//! The profile language as others understand it: every profile that comes with the gateway keeps to its
//! JSON Schema, and what the gateway refuses is refused by an editor too.

use std::{path::PathBuf, process::Command};

use gengfu_tests::{
    gateway::program,
    python::{PROFILES, Peer},
};

/// The schema as the program prints it, in a file.
fn schema() -> tempfile::NamedTempFile {
    let printed = Command::new(program().unwrap()).args(["profile", "schema"]).output().unwrap();
    assert!(printed.status.success(), "{printed:?}");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), printed.stdout).unwrap();
    file
}

/// The first complaint about each file.
async fn judge(files: &[String]) -> Vec<(String, Option<String>)> {
    let schema = schema();
    let args: Vec<&str> = std::iter::once(schema.path().to_str().unwrap())
        .chain(files.iter().map(String::as_str))
        .collect();
    let mut peer = Peer::start(PROFILES, &args).unwrap();
    let mut judged = Vec::new();
    for _ in files {
        let line = peer.json().await.unwrap();
        let complaint = line["complaint"].as_str().map(ToOwned::to_owned);
        judged.push((line["file"].as_str().unwrap().to_owned(), complaint));
    }
    judged
}

#[tokio::test]
async fn every_profile_that_comes_with_the_gateway_keeps_to_the_schema() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../gateway/field/profiles");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|x| x == "toml"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    assert!(files.len() >= 26, "{files:?}");
    // And so does the one that the page for beginners writes.
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/profiles.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let example = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(example.path(), rest.split("```").next().unwrap()).unwrap();
    files.push(example.path().to_string_lossy().into_owned());
    for (file, complaint) in judge(&files).await {
        assert_eq!(complaint, None, "{file}");
    }
}

#[tokio::test]
async fn what_the_gateway_refuses_is_refused_by_the_schema() {
    const HEAD: &str = "name = { en = \"x\" }\n";
    const POINT: &str = "[[point]]\nid = \"a\"\nname = { en = \"a\" }\n";
    const RULE: &str =
        "[[rule]]\nid = \"r\"\nname = { en = \"r\" }\ndanger = \"gas\"\npriority = \"low\"\n";
    let broken = [
        ("no kind", HEAD.to_owned()),
        ("an unknown kind", format!("{HEAD}kind = \"zigbee\"")),
        ("an unknown key", format!("{HEAD}kind = \"modbus\"\nspeed = 1")),
        ("no address", format!("{HEAD}kind = \"modbus\"\n{POINT}")),
        ("a slip in a key", format!("{HEAD}kind = \"modbus\"\n{POINT}address = 1\ntyp = \"u16\"")),
        (
            "a slash in an id",
            format!("{HEAD}kind = \"call\"\n[[point]]\nid = \"a/b\"\nname = {{ en = \"a\" }}"),
        ),
        (
            "a pointer that is none",
            format!("{HEAD}kind = \"mqtt_json\"\n{POINT}pointer = \"smoke\""),
        ),
        ("a bit without bytes", format!("{HEAD}kind = \"mqtt_json\"\n{POINT}bit = 1")),
        (
            "an empty list",
            format!("{HEAD}kind = \"mqtt_json\"\n{POINT}{RULE}when = {{ all = [] }}"),
        ),
        (
            "two conditions",
            format!(
                "{HEAD}kind = \"mqtt_json\"\n{POINT}{RULE}when = {{ equals = {{ point = \"a\", value = 1 }}, above = {{ point = \"a\", setpoint = 1 }} }}"
            ),
        ),
        (
            "an unknown danger",
            format!(
                "{HEAD}kind = \"mqtt_json\"\n{POINT}{}when = {{ equals = {{ point = \"a\", value = 1 }} }}",
                RULE.replace("gas", "smoke")
            ),
        ),
        (
            "a length of time that is none",
            format!("{HEAD}kind = \"modbus\"\nsupervision = \"10 minuten\""),
        ),
        ("too large a block", format!("{HEAD}kind = \"modbus\"\n[modbus]\nmax_registers = 126")),
    ];
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<String> = (0..broken.len())
        .map(|n| folder.path().join(format!("{n}.toml")).to_string_lossy().into_owned())
        .collect();
    for (file, (_, text)) in files.iter().zip(&broken) {
        std::fs::write(file, text).unwrap();
    }
    let list = Command::new(program().unwrap())
        .args(["profile", "list", "--folder", folder.path().to_str().unwrap()])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&list.stderr);
    for ((file, complaint), (why, _)) in judge(&files).await.into_iter().zip(&broken) {
        assert!(complaint.is_some(), "the schema takes {why}");
        assert!(complaints.contains(&file), "the gateway takes {why}: {complaints}");
    }
}
