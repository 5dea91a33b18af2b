//! Nobody undoes, unseen, what somebody else has made or changed.

use axum::http::StatusCode;
use gengfu_core::{
    advice::PlaceNote,
    id::PlaceId,
    input::Command,
    person::{Person, Role},
};
use gengfu_web::Gateway;
use serde_json::{Value as Json, json};

use crate::house::{House, person};

#[tokio::test]
async fn of_two_who_make_the_same_one_is_refused() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let make =
        async |name: &str| chen.make("/api/v1/people/zhou", json!({ "name": name })).await.status;
    let (one, two) = tokio::join!(make("one"), make("two"));
    assert!(one.is_success() != two.is_success(), "{one} {two}");
}

/// Everything that two maintainers may have open at the same time, with what each makes of it.
fn edited() -> [(&'static str, Json, Json); 5] {
    let roster = |name: &str| {
        json!({ "id": "nights", "name": name, "time_zone": "Asia/Shanghai",
        "layers": [{ "kind": "rotation", "name": "all", "people": ["wang"], "starts": "2026-11-02",
            "handover": { "kind": "daily", "at": "08:00" } }] })
    };
    let steps = json!([{ "targets": ["everyone"], "wait": "45s" }]);
    let policy = |name: &str| json!({ "id": "house", "name": name, "steps": steps });
    let person = |name: &str| json!({ "name": name, "roles": ["volunteer"] });
    let words = |words: &str| json!({ "zh": words, "en": words });
    let card = |step: &str| json!({ "steps": [words(step)] });
    let flat = |help: &str| json!({ "flats": [{ "flat": "1101", "help": words(help) }] });
    [
        ("/api/v1/rosters/nights", roster("Nights"), roster("Night watch")),
        ("/api/v1/policies/house", policy("House"), policy("Everybody")),
        ("/api/v1/people/wang", person("Wang"), person("Wang Min")),
        ("/api/v1/cards/fire", card("Call first"), card("Get out first")),
        ("/api/v1/places/lift-1/advice", flat("Wheelchair"), flat("Deaf")),
    ]
}

#[tokio::test]
async fn of_two_who_change_the_same_the_second_is_told_and_changes_nothing() {
    let house = House::new();
    let (chen, zhou) = (house.signed_in("chen"), house.signed_in("chen"));
    for (path, first, second) in edited() {
        chen.put(path, first.clone()).await.ok();
        let (theirs, mine) = (chen.get(path).await.tag(), zhou.get(path).await.tag());
        assert_eq!(theirs, mine, "{path}: both see the same");
        let saved = zhou.change(path, &mine, Some(second.clone())).await;
        let now = saved.tag();
        assert_ne!(now, mine, "{path}");
        let refused = chen.change(path, &theirs, Some(first.clone())).await;
        assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED, "{path}: {}", refused.text);
        assert_eq!(refused.error(), "changed");
        assert!(refused.text.contains("by somebody else meanwhile"), "{}", refused.text);
        let seen = chen.get(path).await;
        assert_eq!(seen.tag(), now, "{path} is as the quicker one left it");
        // Who has read it again changes it, however a proxy that compresses writes its tag.
        let weak = format!("W/{}-gzip\"", now.trim_end_matches('"'));
        let saved = chen.change(path, &weak, Some(first.clone())).await;
        assert_eq!(saved.tag(), mine, "{path}: the same has the same tag");
        let refused = zhou.change(path, "\"\"", Some(second)).await;
        assert_eq!(refused.error(), "changed", "{path}: a tag that is none of ours");
    }
    for (path, ..) in edited() {
        let tag = chen.get(path).await.tag();
        if path.ends_with("/advice") {
            continue;
        }
        let refused = zhou.change(path, "\"old\"", None).await;
        assert_eq!(refused.error(), "changed", "{path}: what has changed is not removed either");
        chen.change(path, &tag, None).await.ok();
    }
}

#[tokio::test]
async fn what_is_decided_between_the_look_and_the_change_is_not_undone() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let note = |help: &str| {
        let flats = json!([{ "flat": "1101", "help": { "zh": help, "en": help } }]);
        serde_json::from_value::<PlaceNote>(json!({ "flats": flats })).unwrap()
    };
    let place = PlaceId::from("lift-1");
    let path = "/api/v1/places/lift-1/advice";
    let tag = chen.get(path).await.tag();
    let theirs = Command::PutNote { place: place.clone(), note: note("Wheelchair") };
    *house.meanwhile.lock() = Some(theirs);
    let refused = chen.change(path, &tag, Some(json!(note("Deaf")))).await;
    assert_eq!(refused.error(), "changed", "{}", refused.text);
    assert_eq!(*house.state().advice.notes[&place], note("Wheelchair"));
    // Nor is what an admin changes of somebody who says at the same moment how they are reached.
    let li = Person { roles: [Role::Maintainer].into(), ..person("li", &[]) };
    *house.meanwhile.lock() = Some(Command::PutPerson(li.clone()));
    let methods = json!([{ "channel": "ntfy", "address": "li-at-night" }]);
    let refused = house.signed_in("li").put("/api/v1/me/methods", methods).await;
    assert_eq!(refused.error(), "changed", "{}", refused.text);
    assert_eq!(*house.state().people[&li.id], li);
}

#[tokio::test]
async fn only_what_is_there_is_changed_where_somebody_asks_for_that() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let wish = json!({ "name": "Zhou" });
    let refused = chen.change("/api/v1/people/zhou", "*", Some(wish.clone())).await;
    assert_eq!(refused.error(), "changed");
    chen.make("/api/v1/people/zhou", wish.clone()).await.ok();
    chen.change("/api/v1/people/zhou", "*", Some(wish)).await.ok();
}
