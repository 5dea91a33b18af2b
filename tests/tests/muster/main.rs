//! Five hundred people are called at once: all of them are told at their carriers' pace, their answers are
//! counted live, and a call for help is held up by none of it.

mod carrier;

use std::time::{Duration, Instant};

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings,
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

use carrier::Carrier;

const PEOPLE: usize = 500;
const SAFE: usize = 300;
const NEED_HELP: usize = 5;

/// A carrier of text messages that takes 400 in two seconds, described as data.
fn carrier_of(address: std::net::SocketAddr) -> String {
    format!(
        r#"
[channels.text]
kind = "http"
provider_file = "carrier.toml"
secret = "secret"
with = {{ server = "http://{address}" }}
"#
    )
}

const DESCRIPTION: &str = r#"
name = { zh = "短信", en = "Texts" }
secret = { zh = "密钥", en = "the key" }
limit = { messages = 400, in = "2s" }

[address]
about = { zh = "号码", en = "the number" }
form = "number"

[with.server]
about = { zh = "服务器", en = "the server" }

[request]
url = "{server}/send"
headers = { authorization = "Bearer {secret}" }
json = { to = "{address}", text = "{message|max 600}" }

[answer]
id = ["/id"]
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_people_are_called_at_once_and_a_call_for_help_passes_them_all() {
    let carrier = Carrier::start().await;
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, &carrier_of(carrier.address)).unwrap();
    std::fs::write(site.folder().join("carrier.toml"), DESCRIPTION).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    for n in 0..PEOPLE {
        let person = json!({ "name": format!("flat {n}"), "language": "en", "roles": ["resident"],
            "home": "yard", "methods": [
                { "channel": "hook", "address": hooks.of(&format!("flat-{n}")) },
                { "channel": "text", "address": format!("+8613800{n:06}") } ] });
        operator.ask(Method::PUT, &format!("people/flat-{n}"), person).await.unwrap();
    }
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_policy(&["wang"]).await.unwrap();
    let board = Board::start(settings(site.mqtt, 1));

    let begun = Instant::now();
    let call = json!({ "targets": [{ "residents": "yard" }], "words": "煤气泄漏，请到东门外集合",
        "danger": "gas", "place": "yard" });
    let muster = operator.ask(Method::POST, "musters", call).await.unwrap();
    let path = format!("musters/{}", muster["id"]);
    assert_eq!(
        (&muster["counts"]["people"], &muster["progress"]["messages"]),
        (&json!(PEOPLE), &json!(2 * PEOPLE))
    );

    // In the middle of it somebody is shut in a lift.
    let pressed = Instant::now();
    board.set_input(1, InputState::Active);
    hooks.first("wang", "alert").await;
    let alarm = pressed.elapsed();
    let waiting = progress(&operator, &path, "waiting").await;
    assert!(waiting > 0, "everybody was told before the alarm: it passed nobody");

    eventually("everybody is told", async || {
        (progress(&operator, &path, "waiting").await == 0).then_some(())
    })
    .await;
    let all_told = begun.elapsed();
    assert_eq!(progress(&operator, &path, "sent").await, 2 * PEOPLE as u64);
    assert_eq!(carrier.numbers(), PEOPLE, "each number got one text");
    let most = carrier.most_within(Duration::from_secs(2));
    // As many as are under way at once may come a moment late, and so close together.
    let bunched = 16;
    assert!(most <= 200 + bunched, "half of the carrier's pace is for everything else: {most}");

    // Their links answer.
    let answering = Instant::now();
    for (n, told) in hooks
        .told()
        .iter()
        .filter(|told| told.person.starts_with("flat-"))
        .take(SAFE + NEED_HELP)
        .enumerate()
    {
        let token = told.body["link"].as_str().unwrap().rsplit('/').next().unwrap();
        let answer = json!({ "answer": if n < SAFE { "safe" } else { "need_help" } });
        let url = format!("{}/api/v1/roll-call/{token}", site.base());
        let answered = client().unwrap().post(url).json(&answer).send().await.unwrap();
        assert!(answered.status().is_success(), "{}", answered.text().await.unwrap());
    }
    let counted = operator.get(&path).await.unwrap();
    let counts = |what: &str| counted["counts"][what].as_u64().unwrap() as usize;
    assert_eq!(
        (counts("safe"), counts("need_help"), counts("silent")),
        (SAFE, NEED_HELP, PEOPLE - SAFE - NEED_HELP)
    );
    assert_eq!(counted["roll"][0]["answer"], "need_help", "who needs help stands first");
    println!(
        "{PEOPLE} people, {} messages: all told {:.1?} after the call at a carrier's 100/s; a call for help in the middle of it reached its person after {alarm:.0?}; {} answers counted in {:.1?}",
        2 * PEOPLE,
        all_told,
        SAFE + NEED_HELP,
        answering.elapsed()
    );
    assert!(alarm < Duration::from_secs(3), "{alarm:?}");

    // Over: whoever was reached hears of it, once.
    operator.ask(Method::POST, &format!("{path}/end"), json!({})).await.unwrap();
    eventually("everybody hears that it is over", async || {
        let over = hooks.told().iter().filter(|told| is_over(&told.body)).count();
        (over == PEOPLE).then_some(())
    })
    .await;
    gateway.stop().unwrap();
}

fn is_over(message: &Value) -> bool {
    message["purpose"]["purpose"] == "muster_over"
}

async fn progress(operator: &Operator, path: &str, what: &str) -> u64 {
    operator.get(path).await.unwrap()["progress"][what].as_u64().unwrap()
}
