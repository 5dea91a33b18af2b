//! Another firmware, as a person puts it to the gateway, and what the gateway says of it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_tests::{eventually, gateway::program, operator::PASSWORD, qemu::image, site::Site};
use serde_json::Value;

use crate::house::House;

/// The version that is built, and the one that is made of it.
pub const OLD: &str = env!("CARGO_PKG_VERSION");
pub const NEW: &str = "9.9.9";
/// A firmware is on trial for a minute, by the clock.
pub const LONG: Duration = Duration::from_secs(300);

/// A lift, and a gateway that believes `updates.key`.
pub async fn house() -> House {
    let lift = format!("{}\n[updates]\nkey_file = \"updates.key.pub\"\n", crate::house::LIFT);
    let site = Site::new(0, &lift).unwrap();
    for name in ["updates.key", "stranger.key"] {
        let mut keygen = Command::new(program().unwrap());
        keygen.args(["board", "keygen", name]).current_dir(site.folder());
        assert!(keygen.status().unwrap().success());
    }
    House::start(site).await
}

/// The program of this kind of board that is built, which says of itself that it is another version.
fn newer(folder: &Path, kind: &str) -> PathBuf {
    assert_eq!(OLD.len(), NEW.len());
    let mut bytes = std::fs::read(image(kind).unwrap()).unwrap();
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

/// Signs it and puts it to the gateway.
pub fn update(house: &House, kind: &str) -> Child {
    let mut update = Command::new(program().unwrap());
    update.args(["board", "update", "--kind", kind, "--to", NEW, "--key", "updates.key"]);
    update.arg("--image").arg(newer(house.site.folder(), kind));
    update.arg("--config").arg(house.site.config()).env("GENGFU_PASSWORD", PASSWORD);
    update.current_dir(house.site.folder()).stdout(Stdio::piped()).stderr(Stdio::piped());
    update.spawn().unwrap()
}

/// Waits until the gateway says this of the board's update; `log` is what the board says.
pub async fn ends_as(house: &House, wanted: &str, log: impl Fn() -> String) -> Value {
    let begun = Instant::now();
    loop {
        let stands = state(house).await.unwrap_or_default();
        if stands["state"] == wanted {
            return stands;
        }
        assert!(begun.elapsed() < LONG, "never {wanted}: {stands}\n{}", log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn state(house: &House) -> Option<Value> {
    let view = house.operator.get("updates").await.ok()?;
    view["boards"].as_array()?.first().cloned()
}

/// Waits until the board has said that it runs this version.
pub async fn runs(house: &House, version: &str) {
    eventually(&format!("the board runs {version}"), async || {
        let boards = house.operator.get("boards").await.ok()?;
        (boards[0]["birth"]["firmware"] == version).then_some(())
    })
    .await;
}
