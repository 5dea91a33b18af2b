//! Another firmware for a W5500-EVB-Pico, over the network: boot loader and program as they are built, on the
//! emulated chip, with the gateway's own program on the other side.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_tests::{
    eventually,
    gateway::program,
    operator::PASSWORD,
    pico::{KIND, Pico},
    qemu::image,
    site::Site,
};
use serde_json::Value;

use crate::{house::House, pico::made};

/// The version that is built, and the one that is made of it.
const OLD: &str = env!("CARGO_PKG_VERSION");
const NEW: &str = "9.9.9";
/// A firmware is on trial for a minute, by the clock.
const LONG: Duration = Duration::from_secs(300);

async fn house() -> House {
    let lift = format!("{}\n[updates]\nkey_file = \"updates.key.pub\"\n", crate::house::LIFT);
    let site = Site::new(0, &lift).unwrap();
    for name in ["updates.key", "stranger.key"] {
        let mut keygen = Command::new(program().unwrap());
        keygen.args(["board", "keygen", name]).current_dir(site.folder());
        assert!(keygen.status().unwrap().success());
    }
    House::start(site).await
}

/// The program that is built, which says of itself that it is another version.
fn newer(folder: &Path) -> PathBuf {
    assert_eq!(OLD.len(), NEW.len());
    let mut bytes = std::fs::read(image(KIND).unwrap()).unwrap();
    let mut found = 0;
    for at in 0..bytes.len() - OLD.len() {
        if bytes[at..].starts_with(OLD.as_bytes()) {
            bytes[at..at + OLD.len()].copy_from_slice(NEW.as_bytes());
            found += 1;
        }
    }
    assert!(found > 0, "it does not say its version");
    let file = folder.join("newer.elf");
    std::fs::write(&file, bytes).unwrap();
    file
}

fn update(house: &House) -> Child {
    let mut update = Command::new(program().unwrap());
    update.args(["board", "update", "--kind", KIND, "--to", NEW, "--key", "updates.key"]);
    update.arg("--image").arg(newer(house.site.folder()));
    update.arg("--config").arg(house.site.config()).env("GENGFU_PASSWORD", PASSWORD);
    update.current_dir(house.site.folder()).stdout(Stdio::piped()).stderr(Stdio::piped());
    update.spawn().unwrap()
}

/// What the gateway says of the board's update.
async fn state(house: &House) -> Option<Value> {
    let view = house.operator.get("updates").await.ok()?;
    view["boards"].as_array()?.first().cloned()
}

async fn ends_as(house: &House, board: &Pico, wanted: &str) -> Value {
    let begun = Instant::now();
    loop {
        let stands = state(house).await.unwrap_or_default();
        if stands["state"] == wanted {
            return stands;
        }
        assert!(begun.elapsed() < LONG, "never {wanted}: {stands}\n{}", board.log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn runs(house: &House, version: &str) {
    eventually(&format!("the board runs {version}"), async || {
        let boards = house.operator.get("boards").await.ok()?;
        (boards[0]["birth"]["firmware"] == version).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_signed_one_is_fetched_swapped_in_and_stays_though_the_power_fails_on_the_way() {
    let house = house().await;
    let mut board = Pico::start(&made(&house, Some("updates.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let mut update = update(&house);
    // The first cut comes while it is fetched: the page that is written then is lost, and no other.
    board.cut(300).unwrap();
    board.is_off().await.unwrap();
    board.pull_plug().unwrap();
    board.logs("boot 2, after power", 1).await.unwrap();
    // The second while it is swapped in, page by page.
    board.cut_after_start(500).unwrap();
    board.is_off().await.unwrap();
    board.pull_plug().unwrap();
    runs(&house, NEW).await;
    assert!(board.log().contains("after update"), "{}", board.log());
    ends_as(&house, &board, "done").await;
    assert!(update.wait().unwrap().success());
    // It is no longer on trial: without power it stays.
    board.pull_plug().unwrap();
    runs(&house, NEW).await;
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
}

#[tokio::test]
async fn one_that_another_key_has_signed_is_refused_and_nothing_is_fetched() {
    let house = house().await;
    // The gateway trusts its own key, and this board another one.
    let mut board = Pico::start(&made(&house, Some("stranger.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let update = update(&house);
    let refused = update.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(!refused.status.success(), "{said}");
    let stands = ends_as(&house, &board, "failed").await;
    assert!(stands.to_string().contains("the signature is not of the key"), "{stands}");
    board.close(&[1]).unwrap();
    board.until("yellow=1 green=0").await.unwrap();
    runs(&house, OLD).await;
}

#[tokio::test]
async fn one_that_loses_its_power_on_trial_goes_back_to_what_ran() {
    let house = house().await;
    let mut board = Pico::start(&made(&house, Some("updates.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let mut update = update(&house);
    let begun = Instant::now();
    while !board.log().contains("after update") {
        assert!(begun.elapsed() < LONG, "{}", board.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    runs(&house, NEW).await;
    board.pull_plug().unwrap();
    runs(&house, OLD).await;
    let stands = ends_as(&house, &board, "failed").await;
    assert!(!update.wait().unwrap().success(), "{stands}");
    board.close(&[1]).unwrap();
    board.until("yellow=1 green=0").await.unwrap();
}
