//! Firmware from the gateway to its boards: signed, one board first, then more, and never beside an alarm.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use gengfu_sim::building::{Board, Program};
use gengfu_tests::{
    LIMIT,
    boards::settings,
    eventually,
    gateway::{Gateway, program},
    operator::{Operator, PASSWORD},
    site::Site,
};
use gengfu_wire::{manifest::from_hex, up::InputState};
use serde_json::Value;
use tokio::time::timeout;

/// A site with so many boards that believes the key `updates.key` in its folder.
fn site(boards: usize) -> (Site, [u8; 32]) {
    let site = Site::new(boards, "\n[updates]\nkey_file = \"updates.key.pub\"\n").unwrap();
    let key = keygen(site.folder(), "updates.key");
    (site, key)
}

/// Makes a pair of keys; the public one.
fn keygen(folder: &Path, name: &str) -> [u8; 32] {
    let mut command = Command::new(program().unwrap());
    assert!(
        command.args(["board", "keygen", name]).current_dir(folder).status().unwrap().success()
    );
    let text = std::fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
    let mut key = [0; 32];
    assert_eq!(from_hex(text.split_whitespace().nth(1).unwrap(), &mut key), Some(32));
    key
}

fn board(site: &Site, n: usize, key: [u8; 32], broken: &[&str]) -> Board {
    let mut settings = settings(site.mqtt, n);
    settings.resend = Duration::from_millis(500);
    settings.program = Program {
        version: "1.4.0".into(),
        key: Some(key),
        broken: broken.iter().map(|&version| version.to_owned()).collect(),
        trial: Duration::from_millis(300),
        ..Program::default()
    };
    Board::start(settings)
}

fn update(site: &Site, version: &str, key: &str) -> Command {
    let mut command = Command::new(program().unwrap());
    command.args(["board", "update", "--image", "new.bin", "--kind", "software"]);
    command.args(["--to", version, "--key", key, "--config"]).arg(site.config());
    command.env("GENGFU_PASSWORD", PASSWORD).current_dir(site.folder());
    command
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

/// The firmware of every board, by its own word.
async fn versions(operator: &Operator) -> Vec<String> {
    let boards = operator.get("boards").await.unwrap();
    let version = |board: &Value| board["birth"]["firmware"].as_str().unwrap_or("-").to_owned();
    boards.as_array().unwrap().iter().map(version).collect()
}

// A command that waits must not keep the boards from running.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_board_is_updated_one_first_and_the_one_in_an_alarm_is_left_alone() {
    const BOARDS: usize = 12;
    let (site, key) = site(BOARDS);
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let boards: Vec<Board> = (1..=BOARDS).map(|n| board(&site, n, key, &[])).collect();
    eventually("all boards are there", async || {
        versions(&operator).await.iter().all(|version| version == "1.4.0").then_some(())
    })
    .await;
    std::fs::write(site.folder().join("new.bin"), vec![0x5a; 10_300]).unwrap();

    // A stranger's key: nothing is taken.
    keygen(site.folder(), "stranger.key");
    let refused = update(&site, "1.5.0", "stranger.key").output().unwrap();
    assert!(
        !refused.status.success() && said(&refused).contains("the signature is not of the key")
    );
    assert!(operator.get("updates").await.is_err(), "nothing was begun");

    // Somebody is shut in lift 12 meanwhile.
    let trapped = &boards[BOARDS - 1];
    trapped.set_input(1, InputState::Active);
    let mut status = trapped.status();
    timeout(LIMIT, status.wait_for(|s| s.receipts == 1)).await.unwrap().unwrap();
    let command =
        update(&site, "1.5.0", "updates.key").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let command = command.unwrap();
    let mut most_before_the_first = 0;
    eventually("eleven run it, and the twelfth is held", async || {
        let view = operator.get("updates").await.ok()?;
        let count = |state: &str| {
            let all = view["boards"].as_array().unwrap();
            all.iter().filter(|board| board["state"] == state).count()
        };
        if count("done") == 0 {
            let begun = count("fetching") + count("starting") + count("trial");
            most_before_the_first = begun.max(most_before_the_first);
        }
        (count("done") == BOARDS - 1 && count("held") == 1).then_some(())
    })
    .await;
    assert_eq!(most_before_the_first, 1, "one board first");
    let versions = versions(&operator).await;
    assert_eq!(versions.iter().filter(|version| *version == "1.5.0").count(), BOARDS - 1);
    assert_eq!(versions.iter().filter(|version| *version == "1.4.0").count(), 1);
    // An event passes as ever, from a board that was updated too.
    let updated = &boards[0];
    let mut status = updated.status();
    let before = status.borrow().receipts;
    updated.set_input(1, InputState::Active);
    timeout(LIMIT, status.wait_for(|s| s.receipts > before)).await.unwrap().unwrap();

    let mut stop = Command::new(program().unwrap());
    stop.args(["board", "stop-update", "--config"]).arg(site.config());
    assert!(stop.env("GENGFU_PASSWORD", PASSWORD).status().unwrap().success());
    let output = command.wait_with_output().unwrap();
    let text = said(&output);
    assert!(!output.status.success() && text.contains("stopped by admin"), "{text}");
    assert!(text.contains("board-12  held: it is in an alarm"), "{text}");
    for board in boards {
        board.stop().await;
    }
    gateway.stop().unwrap();
}

// A command that waits must not keep the boards from running.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_firmware_that_does_not_start_ends_with_the_first_board() {
    let (site, key) = site(3);
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let boards: Vec<Board> = (1..=3).map(|n| board(&site, n, key, &["1.6.0"])).collect();
    eventually("all boards are there", async || {
        versions(&operator).await.iter().all(|version| version == "1.4.0").then_some(())
    })
    .await;
    std::fs::write(site.folder().join("new.bin"), vec![1; 3_000]).unwrap();
    let output = update(&site, "1.6.0", "updates.key").output().unwrap();
    let text = said(&output);
    assert!(!output.status.success() && text.contains("put back what ran before"), "{text}");
    let view = operator.get("updates").await.unwrap();
    assert_eq!(view["state"], "stopped");
    let states: Vec<&str> =
        view["boards"].as_array().unwrap().iter().map(|b| b["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["failed", "waiting", "waiting"]);
    assert_eq!(versions(&operator).await, ["1.4.0"; 3]);

    // The next one is better, and every board has it.
    let output = update(&site, "1.6.1", "updates.key").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("Every board runs 1.6.1"));
    assert_eq!(versions(&operator).await, ["1.6.1"; 3]);
    // There is nobody left to give it to.
    let again = update(&site, "1.6.1", "updates.key").output().unwrap();
    assert!(!again.status.success() && said(&again).contains("no board would take it"));
    for board in boards {
        board.stop().await;
    }
    gateway.stop().unwrap();
}
