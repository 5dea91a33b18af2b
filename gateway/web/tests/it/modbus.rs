//! Modbus buses, as installers look at them.

use axum::http::StatusCode;
use futures::{FutureExt, future::BoxFuture};
use gengfu_core::{input::Command, person::Role, time::Timestamp};
use gengfu_web::modbus::{
    BusView, Buses, BusesView, RegisterRow, ScanState, ScanView, ScanWish, TableName, UnitRead,
    UnitWish,
};
use serde_json::json;

use crate::house::{House, person};

/// One bus; its scan is where the house has left it.
impl Buses for House {
    fn buses(&self) -> BusesView {
        let scan = self.scan.lock().clone();
        let line = BusView { id: "line 1".into(), line: "/dev/x".into(), units: vec![], scan };
        BusesView { buses: vec![line], profiles: vec![] }
    }
    fn begin_scan(&self, _: &str, wish: ScanWish, by: &str) -> Result<(), String> {
        let mut scan = self.scan.lock();
        if scan.is_some() {
            return Err("a scan goes on".into());
        }
        *scan = Some(ScanView {
            from: wish.from,
            to: wish.to,
            asked: 0,
            state: ScanState::Going,
            why: None,
            begun_at: Timestamp::from_millis(0),
            by: by.to_owned(),
            found: vec![],
        });
        Ok(())
    }
    fn stop_scan(&self, _: &str) -> bool {
        self.scan.lock().take().is_some()
    }
    fn read_unit<'a>(
        &'a self,
        _: &'a str,
        wish: UnitWish,
    ) -> BoxFuture<'a, Result<UnitRead, String>> {
        let row = RegisterRow {
            table: TableName::Holding,
            address: wish.range.map_or(0, |range| range.address),
            raw: vec![7],
            name: None,
            unit: String::new(),
            value: None,
            word: None,
            no_data: None,
        };
        let read = UnitRead { at: Timestamp::from_millis(0), rows: vec![row], troubles: vec![] };
        async { Ok(read) }.boxed()
    }
}

#[tokio::test]
async fn installers_look_at_a_bus_and_ask_for_what_can_be_asked() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    house.do_(Command::PutPerson(person("ma", &[Role::Maintainer])));
    let (zhao, ma) = (house.signed_in("zhao"), house.signed_in("ma"));
    assert_eq!(ma.get("/api/v1/modbus").await.status, StatusCode::FORBIDDEN);
    assert_eq!(zhao.get("/api/v1/modbus").await.ok()["buses"][0]["id"], "line 1");
    let scan = "/api/v1/modbus/line%201/scan";
    let units = |from: u8, to: u8| json!({ "from": from, "to": to });
    for (path, wish, status) in [
        (scan, units(0, 9), StatusCode::UNPROCESSABLE_ENTITY),
        (scan, units(1, 248), StatusCode::UNPROCESSABLE_ENTITY),
        (scan, units(9, 8), StatusCode::UNPROCESSABLE_ENTITY),
        (scan, json!({ "from": 1, "to": 9, "timeout_ms": 5 }), StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/modbus/moon/scan", units(1, 9), StatusCode::NOT_FOUND),
        (scan, units(1, 9), StatusCode::CREATED),
        (scan, units(1, 9), StatusCode::CONFLICT),
    ] {
        let answer = zhao.post(path, wish.clone()).await;
        assert_eq!(answer.status, status, "{wish}: {}", answer.text);
    }
    assert_eq!(zhao.get("/api/v1/modbus").await.ok()["buses"][0]["scan"]["by"], "zhao");
    assert_eq!(ma.delete(scan).await.status, StatusCode::FORBIDDEN);
    assert_eq!(zhao.delete(scan).await.status, StatusCode::NO_CONTENT);
    assert_eq!(zhao.delete(scan).await.status, StatusCode::CONFLICT);

    let read = "/api/v1/modbus/line%201/read";
    let range = |count: u16| json!({ "table": "holding", "address": 3, "count": count });
    let got = zhao.post(read, json!({ "unit": 1, "range": range(1) })).await.ok();
    assert_eq!((&got["rows"][0]["address"], &got["rows"][0]["raw"]), (&json!(3), &json!([7])));
    for wish in [
        json!({ "unit": 1 }),
        json!({ "unit": 1, "range": range(101) }),
        json!({ "unit": 1, "range": range(1), "profile": "x" }),
    ] {
        let refused = zhao.post(read, wish.clone()).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wish}: {}", refused.text);
    }
}
