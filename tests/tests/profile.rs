//! A board that was added through the page has a profile of the operator's own, and the profile
//! changes: the board has what it says now, under the same password.

use gengfu_tests::{
    boards::{event, publish, up},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    site::Site,
};
use reqwest::Method;
use serde_json::json;

const BELL: &str = r#"
name = { zh = "门铃", en = "Bell" }
kind = "board"
inputs = 2
supervision = "60s"
silence_priority = "high"

[[role]]
id = "contact"
name = { zh = "触点", en = "Contact" }
debounce = "50ms"

[[role]]
id = "bell"
name = { zh = "按钮", en = "Button" }
debounce = "100ms"
"#;

/// What the maker of the profile had forgotten.
const RULE: &str = r#"
[[role.rule]]
id = "{input}-trapped"
name = { zh = "{zh}：电梯困人", en = "{en}: person trapped" }
danger = "trapped"
priority = "critical"
latched = true
when = { equals = { point = "{input}", value = true } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_added_board_follows_its_profile() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let text = std::fs::read_to_string(site.config()).unwrap();
    std::fs::write(site.config(), format!("profiles = \"own\"\n{text}")).unwrap();
    let profile = site.folder().join("own").join("bell.toml");
    std::fs::create_dir(profile.parent().unwrap()).unwrap();
    std::fs::write(&profile, BELL).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let bell = json!({ "id": "bell", "name": { "zh": "门铃", "en": "Bell" }, "place": "lift-1",
        "profile": "bell", "options": { "inputs": { "1": "bell" } } });
    let added = operator.ask(Method::POST, "devices", bell).await.unwrap();
    let password = added["credential"].as_str().unwrap().to_owned();
    let rules = async || {
        let bell = operator.get("devices/bell").await.unwrap();
        bell["rules"].as_array().unwrap().len()
    };
    assert_eq!(rules().await, 0);

    std::fs::write(&profile, [BELL, RULE].concat()).unwrap();
    gateway.signal("HUP").unwrap();
    eventually("the changed profile is taken over", async || (rules().await == 1).then_some(()))
        .await;
    let topic = up("bell", "event");
    let said = event(1, "active");
    assert!(publish(&site, "bell", &password, &topic, &said).unwrap(), "its password still holds");
    let call = hooks.first("wang", "alert").await;
    assert!(call["what"]["en"].as_str().unwrap().contains("person trapped"), "{call}");

    // The same at a start.
    let (_, well) = gateway.stop().unwrap();
    assert!(well);
    std::fs::write(&profile, BELL).unwrap();
    let _gateway = Gateway::start(&site.config(), site.web).unwrap();
    assert_eq!(rules().await, 0);
}
