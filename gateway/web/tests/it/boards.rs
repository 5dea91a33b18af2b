//! Boards: what they say of themselves, and which one it is.

use axum::http::StatusCode;
use gengfu_core::{
    id::DeviceId,
    input::{Command, Input},
    person::Role,
    state::State,
    time::Timestamp,
};
use gengfu_web::{
    Gateway,
    boards::{BoardBirth, BoardFileWish, BoardKind, BoardKinds, BoardPanic, BoardWords},
    gateway::FileMaker,
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
        inputs: vec![],
    };
    added.map(words).collect()
}

/// One kind of board, with firmware.
pub fn kinds() -> BoardKinds {
    let pico = BoardKind {
        id: "pico".into(),
        name: "Pico".into(),
        inputs: 8,
        image: Some("pico.elf".into()),
        wanted: "/data/firmware/pico.elf".into(),
        drive: "RPI-RP2".into(),
        usb_product: 3,
    };
    BoardKinds {
        kinds: vec![pico],
        broker_host: None,
        broker_port: 1883,
        updatable: false,
        note: None,
    }
}

/// A file that says what went into it; one for the broker `long` has no room for a password.
pub fn file(board: &DeviceId, wish: &BoardFileWish) -> Result<FileMaker, String> {
    if wish.kind != "pico" {
        return Err(format!("there is no firmware for {}", wish.kind));
    }
    let (board, brokers) = (board.clone(), wish.brokers.clone());
    Ok(Box::new(move |password| match brokers.iter().any(|broker| broker == "long") {
        true => Err("it does not fit".into()),
        false => Ok(format!("{board} {brokers:?} {password}").into_bytes()),
    }))
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
    // Who began it and who stopped it is kept.
    let audit = ma.get("/api/v1/audit").await.ok();
    let acts: Vec<(&str, &str)> = audit["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["about"] == "1.5.0")
        .map(|line| (line["act"].as_str().unwrap(), line["by_name"].as_str().unwrap()))
        .collect();
    let ma = "ma of the house";
    assert_eq!(acts, [("update_stopped", ma), ("update_begun", ma)], "{audit}");
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
    let early = zhao.post(identify, json!({ "seconds": 10 })).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "it has not come yet, so that nothing blinks");
    house.input(Input::Heard("lift-2".into()));
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

#[tokio::test]
async fn an_installer_gets_a_board_s_file_once_with_a_new_password() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    house.do_(Command::PutPerson(person("ma", &[Role::Maintainer])));
    let (zhao, ma) = (house.signed_in("zhao"), house.signed_in("ma"));
    let kinds = zhao.get("/api/v1/boards/kinds").await.ok();
    assert_eq!((&kinds["kinds"][0]["id"], &kinds["broker_port"]), (&json!("pico"), &json!(1883)));
    assert_eq!(ma.get("/api/v1/boards/kinds").await.status, StatusCode::FORBIDDEN);
    let wish = json!({ "id": "lift/二", "name": { "en": "Lift 2" }, "place": "lift-1", "profile": "lift" });
    zhao.post("/api/v1/devices", wish).await.ok();
    let verifier = || house.state().boards[&DeviceId::from("lift/二")].verifier.clone();
    let before = verifier();
    let path = "/api/v1/boards/lift%2F%E4%BA%8C/image";
    let good = json!({ "kind": "pico", "brokers": ["10.0.0.2:1883"] });
    assert_eq!(ma.post(path, good.clone()).await.status, StatusCode::FORBIDDEN);
    // What can't be made changes nothing: the board goes on with the password that it has.
    let changed = house.changes();
    for (path, wish, status) in [
        (path, json!({ "kind": "abacus", "brokers": [] }), StatusCode::UNPROCESSABLE_ENTITY),
        (path, json!({ "kind": "pico", "brokers": ["long"] }), StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/boards/lift-1/image", good.clone(), StatusCode::CONFLICT),
        ("/api/v1/boards/nobody/image", good.clone(), StatusCode::NOT_FOUND),
    ] {
        let refused = zhao.post(path, wish).await;
        assert_eq!(refused.status, status, "{}", refused.text);
    }
    assert_eq!((verifier(), *house.changes().borrow()), (before, *changed.borrow()));
    let file = zhao.post(path, good).await;
    assert_eq!(file.status, StatusCode::OK, "{}", file.text);
    assert_eq!(file.text, "lift/二 [\"10.0.0.2:1883\"] secret of lift/二");
    let header = |name: &str| file.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/octet-stream");
    assert_eq!(header("content-disposition"), "attachment; filename=\"lift__.uf2\"");
    assert_eq!(header("cache-control"), "no-store");

    let wiring = "/api/v1/boards/lift%2F%E4%BA%8C/wiring.svg?language=zh&kind=";
    let picture = ma.get(&format!("{wiring}pico")).await;
    assert_eq!(picture.text, "<svg><!-- lift/二 Zh --></svg>");
    assert_eq!(picture.headers["content-type"], "image/svg+xml");
    let none = ma.get(&format!("{wiring}abacus")).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", none.text);
}
