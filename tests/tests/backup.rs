//! A machine is lost while a passenger is trapped: another one goes on from the backup.

use std::{fs, process::Command};

use gengfu_tests::{
    boards::{event, publish, up},
    eventually,
    gateway::{Gateway, program},
    hooks::Hooks,
    operator::{Operator, client},
    site::{BOARD_PASSWORD, Site},
};
use serde_json::json;

fn gengfu(args: &[&str]) -> (bool, String) {
    let output = Command::new(program().unwrap()).args(args).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn an_incident_goes_on_where_a_backup_of_the_running_gateway_is_put_back() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(2, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_policy(&["wang"]).await.unwrap();
    assert!(
        publish(&site, "board-1", BOARD_PASSWORD, &up("board-1", "event"), &event(1, "active"))
            .unwrap()
    );
    let told = hooks.first("wang", "alert").await;

    let room = tempfile::tempdir().unwrap();
    let config = site.config();
    let to = room.path().display().to_string();
    let (well, said) = gengfu(&["backup", &to, "--config", &config.display().to_string()]);
    assert!(well && said.contains("garden-12 up to event"), "{said}");
    let file = fs::read_dir(room.path()).unwrap().next().unwrap().unwrap().path();
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("gengfu-garden-12-20") && name.ends_with(".tar"), "{name}");

    // The machine is gone, with all that it held; while it is there, nothing is written over it.
    let (data, file) = (site.data().display().to_string(), file.display().to_string());
    let (well, said) = gengfu(&["restore", &file, "--data", &data]);
    assert!(!well && said.contains("in use by another gateway"), "{said}");
    gateway.kill().unwrap();
    let (well, said) = gengfu(&["restore", &file, "--data", &data]);
    assert!(!well && said.contains("move the folder aside"), "{said}");
    fs::remove_dir_all(site.data()).unwrap();
    let (well, said) = gengfu(&["restore", &file, "--data", &data]);
    assert!(well && said.contains("configuration/gengfu.toml"), "{said}");

    // Whoever was told can answer by the very link, the operator's session goes on, the next call is heard.
    let _gateway = Gateway::start(&config, site.web).unwrap();
    let (base, token) = told["link"].as_str().unwrap().split_once("/a/").unwrap();
    let answer = client().unwrap().post(format!("{base}/api/v1/answer/{token}/acknowledge"));
    assert!(answer.json(&json!({})).send().await.unwrap().status().is_success());
    let open = operator.get("incidents?open=true").await.unwrap();
    assert_eq!(
        (&open[0]["place"], &open[0]["phase"]),
        (&json!("lift-1"), &json!("going")),
        "{open}"
    );
    assert!(
        publish(&site, "board-2", BOARD_PASSWORD, &up("board-2", "event"), &event(1, "active"))
            .unwrap()
    );
    eventually("the other lift's call is an incident", async || {
        let open = operator.get("incidents?open=true").await.unwrap();
        (open.as_array().unwrap().len() == 2).then_some(())
    })
    .await;
}
