//! What to do first, where the keys are, who needs help: written on the upkeep page, read by whoever goes.

use std::sync::Arc;

use axum::http::StatusCode;
use gengfu_core::{
    danger::{Danger, Priority},
    id::DeviceId,
    input::{Command, Input},
    person::Role,
    point::Value,
};
use gengfu_web::Gateway;
use serde_json::{Value as Json, json};

use crate::{
    house::{House, person},
    wiring::wiring,
};

const NOTE: &str = "/api/v1/places/building-3/advice";

fn note() -> Json {
    json!({
        "things": [{
            "what": {"zh": "机房钥匙", "en": "Machine room key"},
            "kept_at": {"zh": "一楼值班室", "en": "Porter's lodge"},
            "holder": "li",
        }],
        "flats": [{"flat": "1101", "help": {"zh": "坐轮椅", "en": "Wheelchair"}}],
    })
}

/// The house with a maintainer, and smoke in the lift beside the call button.
fn house() -> Arc<House> {
    let house = House::new();
    house.do_(Command::PutPerson(person("sun", &[Role::Maintainer])));
    let mut wiring = wiring();
    let device = wiring.devices.get_mut(&DeviceId::from("lift-1")).unwrap();
    for rule in Arc::make_mut(device).rules.iter_mut().filter(|rule| rule.danger == Danger::Lift) {
        (rule.danger, rule.priority) = (Danger::Fire, Priority::Critical);
    }
    house.input(Input::Configure(Box::new(wiring)));
    house
}

#[tokio::test]
async fn a_card_is_edited_shown_at_once_and_taken_back() {
    let house = house();
    let sun = house.signed_in("sun");
    let cards = sun.get("/api/v1/cards").await.ok();
    assert_eq!(cards.as_array().unwrap().len(), Danger::ALL.len());
    assert_eq!((&cards[1]["danger"], &cards[1]["edited"]), (&json!("trapped"), &json!(false)));
    assert_eq!(cards[1]["steps"], cards[1]["usual"]);

    let incident = house.press_call_button();
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let usual = house.visitor().get(&link).await.ok()["incident"]["card"].clone();
    assert_eq!(usual, cards[1]["usual"]);
    let steps = json!([{"zh": "先找老李拿钥匙", "en": "Get the key from Li"}]);
    let path = "/api/v1/cards/trapped";
    let edited = sun.put(path, json!({"steps": steps})).await.ok();
    assert_eq!((&edited["steps"], &edited["edited"]), (&steps, &json!(true)));
    assert_eq!(edited["usual"], usual);
    assert_eq!(house.visitor().get(&link).await.ok()["incident"]["card"], steps);

    assert_eq!(sun.delete(path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(house.visitor().get(&link).await.ok()["incident"]["card"], usual);
    assert_eq!(sun.delete(path).await.status, StatusCode::NOT_FOUND);

    let answer = sun.put("/api/v1/cards/flood", json!({"steps": steps})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("trapped"), "it says which there are: {}", answer.text);
    let answer = sun.put(path, json!({"steps": []})).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("needs a step"), "{}", answer.text);
}

#[tokio::test]
async fn the_keys_are_shown_for_every_alarm_and_the_flats_for_a_fire_alone() {
    let house = house();
    let sun = house.signed_in("sun");
    assert_eq!(sun.get(NOTE).await.ok(), json!({"things": [], "flats": []}));
    assert_eq!(sun.put(NOTE, note()).await.ok(), note());
    assert_eq!(sun.get(NOTE).await.ok(), note());
    assert_eq!(sun.get("/api/v1/places/moon/advice").await.status, StatusCode::NOT_FOUND);

    let trapped = house.press_call_button();
    house.read("lift-1/door", Value::Bool(true));
    let fire = house.state().open_incidents().last().unwrap().id;
    assert_ne!(trapped, fire);
    let visitor = house.visitor();
    let mut seen = vec![];
    for incident in [trapped, fire] {
        let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
        let by_link = visitor.get(&link).await.ok()["incident"].clone();
        let path = format!("/api/v1/incidents/{incident}");
        let signed_in = house.signed_in("wang").get(&path).await.ok();
        assert_eq!(by_link, signed_in);
        let thing = &by_link["things"][0];
        assert_eq!(thing["what"]["en"], "Machine room key");
        assert_eq!(thing["kept_at"]["zh"], "一楼值班室");
        assert_eq!(thing["holder_name"], "li of the house");
        assert_eq!(thing["place_name"]["en"], "Building 3");
        seen.push(by_link["flats"].clone());
    }
    assert_eq!(seen[0], json!([]), "a lift's alarm says nothing of who needs help");
    let flat = json!({
        "flat": "1101",
        "help": {"zh": "坐轮椅", "en": "Wheelchair"},
        "place_name": {"zh": "Building 3", "en": "Building 3"},
    });
    assert_eq!(seen[1], json!([flat]));

    let end = json!({"cause": "false_alarm", "note": ""});
    let path = format!("/api/v1/incidents/{fire}/end");
    let ended = house.signed_in("wang").post(&path, end).await.ok();
    assert_eq!(ended["flats"], json!([]), "it is over");
}

#[tokio::test]
async fn who_needs_help_stands_in_no_list_no_log_and_no_message() {
    let house = house();
    let sun = house.signed_in("sun");
    sun.put(NOTE, note()).await.ok();
    house.read("lift-1/door", Value::Bool(true));
    let told = |text: &str| text.contains("1101") || text.contains("Wheelchair");
    for path in ["/api/v1/incidents", "/api/v1/places", "/api/v1/audit", "/api/v1/records"] {
        let answer = sun.get(path).await;
        assert!(answer.status.is_success() && !told(&answer.text), "{path}: {}", answer.text);
    }
    let messages = serde_json::to_string(&house.state().messages).unwrap();
    assert!(messages.contains("Lift 1") && !told(&messages), "{messages}");
    let line = sun.get("/api/v1/audit").await.ok()["lines"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["act"] == "note_put")
        .cloned()
        .unwrap();
    assert_eq!((&line["about"], &line["detail"]), (&json!("building-3"), &json!("")));
    assert_eq!(line["by_name"], "sun of the house");
}

#[tokio::test]
async fn advice_is_written_and_read_whole_by_those_who_keep_the_house_alone() {
    let house = house();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    for who in ["wang", "zhao"] {
        let browser = house.signed_in(who);
        for path in [NOTE, "/api/v1/cards"] {
            assert_eq!(browser.get(path).await.status, StatusCode::FORBIDDEN, "{who} {path}");
        }
        let put = browser.put(NOTE, note()).await;
        assert_eq!(put.status, StatusCode::FORBIDDEN, "{who}");
    }
    assert!(house.state().advice.notes.is_empty());
    let mut nobodys = note();
    nobodys["things"][0]["holder"] = "nobody".into();
    let sun = house.signed_in("sun");
    assert_eq!(sun.put(NOTE, nobodys).await.status, StatusCode::NOT_FOUND);
    sun.put(NOTE, note()).await.ok();
    let chen = house.signed_in("chen");
    let kept = chen.delete("/api/v1/people/li").await;
    assert_eq!((kept.status, kept.error().as_str()), (StatusCode::CONFLICT, "in_use"));
}
