//! The installer's pages in real Chromium, against the real gateway.

use std::{fs, path::PathBuf, time::Duration};

use gengfu_sim::building::{Board, BoardSettings, Login};
use gengfu_tests::{
    LIMIT, eventually,
    gateway::Gateway,
    node::node,
    operator::Operator,
    python::{MODBUS, Peer},
    site::{SITE, Site},
    tap::Tap,
};
use gengfu_wire::identity;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::timeout;

/// An installer's invitation.
async fn installer(operator: &Operator) -> String {
    let person = json!({ "name": "陈师傅", "roles": ["installer"], "methods": [] });
    operator.ask(Method::PUT, "people/chen", person).await.unwrap();
    operator.invitation("chen").await.unwrap()
}

/// What a board's boot loader would write to the second MiB of its flash.
fn identity_page(file: &[u8]) -> Vec<u8> {
    let word = |block: &[u8], at: usize| u32::from_le_bytes(block[at..at + 4].try_into().unwrap());
    let blocks = file.chunks(512).filter(|block| word(block, 12) >= 0x1010_0000);
    blocks.flat_map(|block| block[32..288].to_vec()).collect()
}

/// The file that the page saves, as soon as all of it is there.
async fn saved(path: PathBuf) -> Vec<u8> {
    eventually("the page saves a board's file", async || {
        let file = fs::read(&path).ok()?;
        let whole = file.len() >= 512 && file.len().is_multiple_of(512);
        // The count of blocks stands in each of them.
        let count = u32::from_le_bytes(file.get(24..28)?.try_into().ok()?);
        (whole && file.len() / 512 == count as usize).then_some(file)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_adds_a_board_gets_its_file_and_sees_it_come() {
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let invitation = installer(&operator).await;
    let image = site.data().join("firmware/w5500-evb-pico.bin");
    let file = site.folder().join("pit-2.uf2");
    let args = [invitation, image.display().to_string(), file.display().to_string()];
    let story = tokio::task::spawn_blocking(move || {
        node(&["boards.mjs", &args[0], &args[1], &args[2]]);
    });
    let come = async {
        let file = saved(file).await;
        let page = identity_page(&file);
        let who = identity::read(&page).unwrap();
        let broker = format!("127.0.0.1:{}", site.mqtt);
        assert_eq!((who.site, who.board, who.gateways[0]), (SITE, "pit-2", Some(broker.as_str())));
        let mut settings = BoardSettings::new("127.0.0.1", site.mqtt, SITE, who.board);
        settings.login = Some(Login { user: who.board.into(), password: who.password.into() });
        let board = Board::start(settings);
        let mut outputs = board.outputs();
        // Two starts of Chromium and a form lie between.
        let patience = LIMIT + Duration::from_secs(60);
        timeout(patience, outputs.wait_for(|outputs| outputs.blinking)).await.unwrap().unwrap();
        board
    };
    let board = come.await;
    story.await.unwrap();
    let device = operator.get("devices/pit-2").await.unwrap();
    assert_eq!((&device["place"], &device["added"]), (&json!("yard"), &json!(true)));
    let dangers: Vec<&Value> =
        device["rules"].as_array().unwrap().iter().map(|rule| &rule["danger"]).collect();
    assert!(dangers.contains(&&json!("trapped")) && dangers.contains(&&json!("fire")), "{device}");
    // No password was ever written into the log.
    board.stop().await;
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_printed_and_their_codes_lead_to_the_devices_pages() {
    let site = Site::new(11, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let invitation = installer(&operator).await;
    let story = tokio::task::spawn_blocking(move || node(&["labels.mjs", &invitation]));
    story.await.unwrap();
    drop(gateway);
}

/// A lift's controller, and a unit that nobody has configured.
const UNITS: &str = r#"{
    "1": { "holding": { "4112": [0], "4120": [3, 90, 0, 16, 0, 1136], "12288": [3], "32768": [0] } },
    "3": { "holding": { "0": [42, 7] } }
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_sees_which_units_answer_and_what_their_registers_mean() {
    let mut server = Peer::start(MODBUS, &[UNITS]).unwrap();
    let port = server.port().await.unwrap();
    let tap = Tap::before(port).await.unwrap();
    let site = Site::new(
        0,
        &format!(
            r#"
[[modbus.buses]]
id = "machine-room"
tcp = "{}"

[[devices]]
id = "lift"
name = {{ zh = "电梯控制器", en = "Lift controller" }}
place = "yard"
profile = "nice3000"
bus = "machine-room"
unit = 1
"#,
            tap.address
        ),
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let invitation = installer(&operator).await;
    let story = tokio::task::spawn_blocking(move || node(&["modbus.mjs", &invitation]));
    story.await.unwrap();
    // Whatever was looked at, it was only read.
    let asked = tap.asked();
    assert!(asked.keys().all(|(_, function)| (1..=4).contains(function)), "{asked:?}");
    drop(gateway);
}
