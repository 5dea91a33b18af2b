//! The volunteer's page in real Chromium.

use std::{path::Path, process::Command};

use gengfu_tests::{
    boards::board, eventually, gateway::Gateway, hooks::Hooks, operator::Operator, site::Site,
};
use gengfu_wire::up::InputState;

fn node(args: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    assert!(folder.join("node_modules").exists(), "run `npm ci` in {}", folder.display());
    let output = Command::new("node").current_dir(folder).args(args).output().unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    println!("{out}");
}

#[test]
fn the_page_holds_against_a_gateway_that_the_test_plays() {
    node(&["--test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_answers_the_real_gateway_and_another_sees_it_live() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let link = eventually("a message with a link", async || {
        hooks.told().first().and_then(|t| t.body["link"].as_str().map(ToOwned::to_owned))
    })
    .await;
    let story = tokio::task::spawn_blocking(move || node(&["story.mjs", &link]));
    story.await.unwrap();
    assert_eq!(operator.get("incidents/1").await.unwrap()["ended"]["cause"], "rescued");
    board.stop().await;
    drop(gateway);
}
