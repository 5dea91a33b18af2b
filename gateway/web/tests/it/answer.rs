//! A volunteer answers through the link in a message, without signing in.

use axum::http::{Method, StatusCode, header};
use futures::StreamExt;
use gengfu_core::{
    id::{IncidentId, MessageId, PersonId},
    input::Command,
    notification::receipt::Receipt,
    time::Span,
};
use gengfu_web::Gateway;
use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn a_volunteer_goes_arrives_and_ends_it_through_the_link() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let phone = house.visitor();

    let seen = phone.get(&link).await.ok();
    assert_eq!(seen["me"], json!({"id": "wang", "name": "wang of the house", "language": "en"}));
    assert_eq!(seen["incident"]["phase"], "calling");
    assert_eq!(seen["incident"]["place_name"]["en"], "Building 3 › Lift 1");
    assert_eq!(seen["incident"]["answerable"], true);
    let told: Vec<&Value> = seen["incident"]["told"].as_array().unwrap().iter().collect();
    assert!(told.iter().any(|t| t["person"] == "wang" && t["channel"] == "ntfy"), "{told:?}");
    assert!(!seen.to_string().contains("address"), "addresses are nobody else's business");

    house.pass(Span::secs(10));
    let going = phone.post(&format!("{link}/acknowledge"), json!({})).await.ok();
    assert_eq!(going["phase"], "going");
    assert_eq!(going["going"][0]["person"], "wang");
    assert_eq!(house.phase(incident), "going");
    let last = going["timeline"].as_array().unwrap().iter().rev();
    let said = last.into_iter().find(|m| m["happened"]["what"] == "acknowledged").unwrap();
    assert_eq!((&said["by_name"], &said["through"]), (&json!("wang of the house"), &json!("link")));

    let there = phone.post(&format!("{link}/arrive"), json!({})).await.ok();
    assert_eq!(there["phase"], "there");
    let body = json!({"cause": "rescued", "note": "一位老人，平安"});
    let ended = phone.post(&format!("{link}/end"), body).await.ok();
    assert_eq!(ended["ended"]["cause"], "rescued");
    assert_eq!(ended["ended"]["note"], "一位老人，平安");

    let again = phone.post(&format!("{link}/acknowledge"), json!({})).await;
    assert_eq!((again.status, again.error().as_str()), (StatusCode::CONFLICT, "ended"));
}

#[tokio::test]
async fn opening_the_link_acknowledges_nothing() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let before = house.state();
    let scanner = house.visitor();
    for path in [link.clone(), link.replace("/api/v1/answer", "/a")] {
        assert!(scanner.get(&path).await.status.is_success());
        let head = scanner.request(Method::HEAD, &path, None);
        assert!(scanner.open(head).await.status().is_success());
    }
    for action in ["acknowledge", "arrive", "hand-over", "end"] {
        let answer = scanner.get(&format!("{link}/{action}")).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{action}");
    }
    assert!(house.state() == before, "reading changed the state");
    assert!(house.receipts.lock().is_empty());
    assert_eq!(house.phase(incident), "calling");
}

#[tokio::test]
async fn a_link_is_for_one_incident_one_person_and_a_time() {
    let house = House::new();
    let incident = house.press_call_button();
    let phone = house.visitor();
    let token = house.link(incident, "wang");

    let mut garbled = token.clone();
    garbled.replace_range(3..4, if &token[3..4] == "A" { "B" } else { "A" });
    for bad in [garbled.as_str(), &token[..token.len() - 1], "x", "%00", "..%2f..%2fetc"] {
        let answer = phone.post(&format!("/api/v1/answer/{bad}/acknowledge"), json!({})).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{bad}");
        assert_eq!(answer.error(), "bad_link");
    }

    let until = house.now() + Span::hours(1);
    let other = house.key().sign(IncidentId(99), &PersonId::from("wang"), MessageId(1), until);
    let answer = phone.post(&format!("/api/v1/answer/{other}/acknowledge"), json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "a link of another incident");

    let receipt = house.key().sign_receipt(MessageId(1), until);
    let answer = phone.post(&format!("/api/v1/answer/{receipt}/acknowledge"), json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "a receipt's token is no link");
    assert_eq!(house.phase(incident), "calling");

    house.later(house.now() + Span::hours(25));
    let answer = phone.post(&format!("/api/v1/answer/{token}/acknowledge"), json!({})).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::GONE, "expired"));
    assert_ne!(house.phase(incident), "going");
}

#[tokio::test]
async fn somebody_who_moved_away_can_not_answer_any_more() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = house.link(incident, "li");
    house.do_(Command::RemovePerson(PersonId::from("li")));
    let answer =
        house.visitor().post(&format!("/api/v1/answer/{link}/acknowledge"), json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn handing_over_names_somebody_or_leaves_it_to_the_gateway() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let phone = house.visitor();
    phone.post(&format!("{link}/acknowledge"), json!({})).await.ok();
    let view = phone.post(&format!("{link}/hand-over"), json!({"to": "li"})).await.ok();
    assert_eq!(view["phase"], "calling");
    let asked = view["told"].as_array().unwrap().iter();
    assert!(asked.clone().any(|t| t["person"] == "li" && t["purpose"] == "handed_over"), "{view}");
    let nobody = phone.post(&format!("{link}/hand-over"), json!({"to": "nobody"})).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND, "{}", nobody.text);
    phone.post(&format!("{link}/hand-over"), json!({})).await.ok();
}

#[tokio::test]
async fn only_causes_that_a_person_can_give_are_taken() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let phone = house.visitor();
    for body in [
        json!({"cause": "cleared"}),
        json!({"cause": "rescued", "note": "x".repeat(2001)}),
        json!({}),
        json!({"cause": "rescued", "nonsense": 1}),
    ] {
        let answer = phone.post(&format!("{link}/end"), body.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {}", answer.text);
    }
    assert_eq!(house.phase(incident), "calling");
}

#[tokio::test]
async fn a_device_reports_delivery_and_nothing_more() {
    let house = House::new();
    let incident = house.press_call_button();
    let message = house.state().messages.keys().next().copied().unwrap();
    let token = house.key().sign_receipt(message, house.now() + Span::hours(1));
    let phone = house.visitor();
    let answer = phone.post(&format!("/api/v1/receipt/{token}"), json!({})).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text);
    assert_eq!(*house.receipts.lock(), [(message, Receipt::Delivered)]);
    assert_eq!(house.phase(incident), "calling");
    let link = house.link(incident, "wang");
    let answer = phone.post(&format!("/api/v1/receipt/{link}"), json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

/// The next event of a stream: its name and its data.
pub async fn next_event(stream: &mut axum::body::BodyDataStream) -> Option<(String, Value)> {
    let wait = std::time::Duration::from_secs(10);
    let mut text = String::new();
    loop {
        let chunk = tokio::time::timeout(wait, stream.next()).await.expect("an event in time");
        text.push_str(std::str::from_utf8(&chunk?.unwrap()).unwrap());
        if let Some(event) = text.strip_suffix("\n\n") {
            let field = |name: &str| {
                event.lines().find_map(|l| l.strip_prefix(name)).map(|v| v.trim().to_owned())
            };
            let data = serde_json::from_str(&field("data:")?).unwrap();
            return Some((field("event:")?, data));
        }
    }
}

#[tokio::test]
async fn the_page_follows_live_what_others_do() {
    let house = House::new();
    let incident = house.press_call_button();
    let phone = house.visitor();
    let path = format!("/api/v1/answer/{}/events", house.link(incident, "wang"));
    let response = phone.open(phone.request(Method::GET, &path, None)).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut stream = response.into_body().into_data_stream();

    let (name, first) = next_event(&mut stream).await.unwrap();
    assert_eq!((name.as_str(), &first["phase"]), ("incident", &json!("calling")));
    let link = house.link(incident, "li");
    phone.post(&format!("/api/v1/answer/{link}/acknowledge"), json!({})).await.ok();
    let (_, second) = next_event(&mut stream).await.unwrap();
    assert_eq!(second["phase"], "going");
    assert_eq!(second["going"][0]["name"], "li of the house");

    // A storm of changes ends at the truth, however many of them the page missed.
    for n in 0..200 {
        house.read("lift-1/door", gengfu_core::point::Value::Bool(n % 2 == 0));
    }
    phone.post(&format!("/api/v1/answer/{link}/end"), json!({"cause": "rescued"})).await.ok();
    let mut events = 0;
    let last = loop {
        let (_, view) = next_event(&mut stream).await.unwrap();
        events += 1;
        if view["phase"] == "ended" {
            break view;
        }
    };
    assert!(events < 50, "changes are gathered, not sent one by one: {events}");
    assert_eq!(last["ended"]["by_name"], "li of the house");

    house.stop();
    assert!(next_event(&mut stream).await.is_none(), "the stream ends with the server");
}

#[tokio::test]
async fn a_live_page_ends_with_the_session() {
    let house = House::new();
    let li = house.signed_in("li");
    let response = li.open(li.request(Method::GET, "/api/v1/events", None)).await;
    let mut stream = response.into_body().into_data_stream();
    let (name, first) = next_event(&mut stream).await.unwrap();
    assert_eq!(name, "change");
    house.press_call_button();
    let (_, second) = next_event(&mut stream).await.unwrap();
    assert!(second["version"].as_u64() > first["version"].as_u64());
    li.delete("/api/v1/session").await.ok();
    assert!(next_event(&mut stream).await.is_none());
}
