//! Many worlds, and every planted bug, with the program built as for a release, but for the
//! last step of linking: built for debugging, the same takes a quarter of an hour.

use std::process::{Command, Output};

/// Builds the program (the second time costs nothing) and runs it.
fn optimized(features: &[&str], arguments: &[&str]) -> Output {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "run",
            "--quiet",
            "--profile",
            "worlds",
            "--package",
            "gengfu-sim",
            "--bin",
            "gengfu-sim",
        ])
        .args(features)
        .arg("--")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let [told, said] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    println!("{told}\n{said}");
    output
}

#[test]
fn ten_thousand_worlds_keep_every_promise_and_every_planted_bug_is_found() {
    // One program for both: the switches are there, and none is on.
    let planted = ["--features", "planted"];
    let seeds = optimized(&planted, &["--seeds", "10000"]);
    assert!(seeds.status.success(), "a promise was broken: its shortest history is above");
    let bugs = optimized(&planted, &["--mutations"]);
    assert!(bugs.status.success(), "a planted bug was not found");
    let table = String::from_utf8(bugs.stdout).unwrap();
    assert!(table.lines().count() > 25 + 2, "{table}");
}
