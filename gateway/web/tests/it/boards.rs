//! Boards: what they say of themselves, and which one it is.

use axum::http::StatusCode;
use gengfu_core::{input::Command, person::Role, state::State, time::Timestamp};
use gengfu_web::{
    boards::{BoardBirth, BoardPanic, BoardWords},
    updates::{NewUpdate, UpdateState, UpdateView},
};
use parking_lot::Mutex;
use serde_json::json;

use crate::house::{House, person};

/// Every board that was added, after a crash.
pub fn words(state: &State, now: Timestamp) -> Vec<BoardWords> {
    let added = state.boards.values().map(|board| board.device.id.clone());
    let words = |id| BoardWords {
        id,
        birth: Some(BoardBirth {
            at: now,
            boot: 7,
            firmware: "1.4.2".into(),
            hardware: "w5500-evb-pico".into(),
            reset: "panic".into(),
            configuration: 12,
        }),
        wanted_configuration: 12,
        configuration_error: None,
        health: None,
        last_panic: Some(BoardPanic { at: now, said: "link.rs:41: gone".into() }),
    };
    added.map(words).collect()
}

/// An update of no board, of an image that is not empty.
pub fn begin_update(
    updates: &Mutex<Option<UpdateView>>,
    wish: NewUpdate,
    image: &[u8],
    by: &str,
) -> Result<UpdateView, String> {
    if image.is_empty() {
        return Err("the image is empty".into());
    }
    let view = UpdateView {
        version: wish.version,
        hardware: wish.hardware,
        size: image.len() as u32,
        begun_at: Timestamp::from_millis(0),
        by: by.to_owned(),
        state: UpdateState::Going,
        why: None,
        boards: vec![],
    };
    *updates.lock() = Some(view.clone());
    Ok(view)
}

#[tokio::test]
async fn an_update_is_begun_by_upkeep_alone_and_seen_by_installers() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    house.do_(Command::PutPerson(person("ma", &[Role::Maintainer])));
    let (zhao, ma) = (house.signed_in("zhao"), house.signed_in("ma"));
    assert_eq!(zhao.get("/api/v1/updates").await.status, StatusCode::NOT_FOUND, "none yet");
    let path = "/api/v1/updates?version=1.5.0&hardware=software&sha256=00&signature=00";
    // More than the body of any other request may have.
    let image = json!("x".repeat(1_000_000));
    assert_eq!(zhao.post(path, image.clone()).await.status, StatusCode::FORBIDDEN);
    let begun = ma.post(path, image.clone()).await;
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text);
    let seen = zhao.get("/api/v1/updates").await.ok();
    assert_eq!((&seen["version"], &seen["by"]), (&json!("1.5.0"), &json!("ma")));
    assert_eq!((&seen["size"], &seen["state"]), (&json!(1_000_002), &json!("going")));
    let large = ma.post(path, json!("x".repeat(5_000_000))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", large.text);
    let unknown = ma.post("/api/v1/updates?version=1.5.0", image).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST, "{}", unknown.text);
    ma.delete("/api/v1/updates").await.ok();
    assert_eq!(ma.delete("/api/v1/updates").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_board_shows_what_runs_on_it_and_blinks_for_who_looks_for_it() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    let zhao = house.signed_in("zhao");
    assert_eq!(zhao.get("/api/v1/boards").await.ok(), json!([]), "lift-1 is no such board");
    let wish =
        json!({ "id": "lift-2", "name": { "en": "Lift 2" }, "place": "lift-1", "profile": "lift" });
    zhao.post("/api/v1/devices", wish).await.ok();
    let board = zhao.get("/api/v1/boards").await.ok()[0].clone();
    assert_eq!((&board["id"], &board["presence"]["state"]), (&json!("lift-2"), &json!("present")));
    let birth = &board["birth"];
    assert_eq!((&birth["firmware"], &birth["reset"]), (&json!("1.4.2"), &json!("panic")));
    assert_eq!(board["last_panic"]["said"], "link.rs:41: gone");

    let identify = "/api/v1/boards/lift-2/identify";
    assert_eq!(zhao.post(identify, json!({ "seconds": 10 })).await.status, StatusCode::NO_CONTENT);
    assert_eq!(*house.blinks.lock(), [("lift-2".into(), 10)]);
    for (path, seconds, status) in [
        (identify, 0, StatusCode::UNPROCESSABLE_ENTITY),
        (identify, 601, StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/boards/lift-1/identify", 10, StatusCode::NOT_FOUND),
    ] {
        assert_eq!(zhao.post(path, json!({ "seconds": seconds })).await.status, status, "{path}");
    }
    let wang = house.signed_in("wang");
    assert_eq!(wang.get("/api/v1/boards").await.status, StatusCode::FORBIDDEN);
    assert_eq!(house.blinks.lock().len(), 1);
}
