//! Boards: what they say of themselves, and which one it is.

use axum::http::StatusCode;
use gengfu_core::{input::Command, person::Role, state::State, time::Timestamp};
use gengfu_web::boards::{BoardBirth, BoardPanic, BoardWords};
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
