//! By texts through a modem, with no internet at all.

use std::process::Stdio;

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings,
    eventually,
    gateway::program,
    python::{MODEM, Peer},
    site::Site,
};
use gengfu_wire::up::InputState;
use serde_json::{Value, json};

use crate::house::House;

/// As it stands at Wang, and as the network names it.
const NUMBER: &str = "138 0013 8000";
const REPORTED: &str = "+8613800138000";

/// The text that the modem sent next, and the network's numbers for its parts.
async fn sent(modem: &mut Peer) -> (String, Vec<Value>) {
    let (mut text, mut numbers) = (String::new(), vec![]);
    loop {
        let said = modem.json().await.unwrap();
        let part = &said["sent"];
        if part.is_null() {
            continue;
        }
        text += part["text"].as_str().unwrap();
        numbers.push(part["ref"].clone());
        if part["part"] == part["of"] {
            return (text, numbers);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_is_tried_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("modem");
    let mut modem = Peer::start(MODEM, &[device.to_str().unwrap()]).unwrap();
    modem.line().await.unwrap();
    let lines = format!("\n[channels.sms]\nkind = \"sms\"\ndevice = \"{}\"\n", device.display());
    let site = Site::new(1, &lines).unwrap();
    let config = site.config();
    let test = |address: &str| {
        let mut command = tokio::process::Command::new(program().unwrap());
        command.args(["notify", "test", "sms", address, "--language", "en", "--config"]);
        command.arg(&config).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command.spawn().unwrap().wait_with_output()
    };
    let running = tokio::spawn(test(NUMBER));
    let (text, numbers) = sent(&mut modem).await;
    assert!(text.contains("[TEST]"), "{text}");
    for number in numbers {
        let report = json!({ "report": { "ref": number, "to": REPORTED, "status": 0 } });
        modem.order(&report).await.unwrap();
    }
    modem.order(&json!({ "incoming": { "from": REPORTED, "text": "1" } })).await.unwrap();
    let output = running.await.unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let mut rest = said.as_str();
    for words in ["the carrier has it", "it is with the person", "the person answered"] {
        rest = rest.split_once(words).unwrap_or_else(|| panic!("{words}: {said}")).1;
    }
    let refused = test("wang").await.unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("no telephone number"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_modem_is_a_device_that_tells_of_little_credit() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("modem");
    let mut modem = Peer::start(MODEM, &[device.to_str().unwrap()]).unwrap();
    modem.line().await.unwrap();
    modem
        .order(&json!({ "signal": 9, "credit": "Valid until 31.12. Balance: 3.20 EUR" }))
        .await
        .unwrap();
    let lines = format!(
        "device = \"{}\"\ncredit_ussd = \"*100#\"\ncredit_after = \"Balance\"\n\n[[devices]]\nid = \"stick\"\n\
         place = \"yard\"\nprofile = \"modem\"\nchannel = \"sms\"\n",
        device.display()
    );
    let house = House::new("sms", &lines, "", NUMBER).await;
    let shown = async |point: &str| {
        let id = format!("stick/{point}");
        eventually(&id, async || {
            let device = house.operator.get("devices/stick").await.unwrap();
            let points = device["points"].as_array().unwrap();
            let found = points.iter().find(|p| p["id"] == id.as_str());
            let value = found.unwrap_or_else(|| panic!("{device}"))["value"].clone();
            (!value.is_null()).then_some(value)
        })
        .await
    };
    assert_eq!(shown("signal").await, json!(-95));
    assert_eq!(shown("network").await, json!(true));
    assert_eq!(shown("credit").await, json!(3.2));
    let incident = house.incident("little credit", |i| i["what"]["en"].is_string()).await;
    assert_eq!(incident["what"]["en"], "The SIM's credit is low", "{incident}");
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn digits_answer_from_the_first_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("modem");
    let mut modem = Peer::start(MODEM, &[device.to_str().unwrap()]).unwrap();
    modem.line().await.unwrap();
    let lines = format!("device = \"{}\"", device.display());
    let house = House::new("sms", &lines, "", NUMBER).await;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let (text, numbers) = sent(&mut modem).await;
    assert!(text.contains("Reply 1: I'm going; 2: I can't."), "{text}");
    let told = |status: &'static str| {
        move |i: &Value| i["told"].as_array().unwrap().iter().any(|t| t["status"] == status)
    };
    house.incident("the network has it", told("accepted")).await;
    for number in numbers {
        let report = json!({ "report": { "ref": number, "to": REPORTED, "status": 0 } });
        modem.order(&report).await.unwrap();
    }
    house.incident("it is on the phone", told("delivered")).await;
    let texts = |text: &str| json!({ "incoming": { "from": REPORTED, "text": text } });
    modem.order(&texts("收到")).await.unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    assert!(sent(&mut modem).await.0.starts_with("Noted: you are going."));
    board.set_input(1, InputState::Idle);
    modem.order(&texts("3")).await.unwrap();
    house.incident("Wang is there", |i| i["phase"] == "there").await;
    assert!(sent(&mut modem).await.0.starts_with("Noted: you are there."));
    modem.order(&texts("5")).await.unwrap();
    assert!(sent(&mut modem).await.0.starts_with("Is everybody out and safe?"));
    modem.order(&texts("5")).await.unwrap();
    let over = house.incident("it is over", |i| i["phase"] == "ended").await;
    let by_text = |m: &&Value| m["through"] == "sms";
    assert!(over["timeline"].as_array().unwrap().iter().filter(by_text).count() >= 3, "{over}");
    let said = house.gateway.said();
    assert!(!said.contains("13800138000") && !said.contains(NUMBER), "{said}");
    house.gateway.stop().unwrap();
}
