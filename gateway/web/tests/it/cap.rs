//! Alerts for programs of others: the link to them, and who holds it.

use axum::http::StatusCode;
use gengfu_core::{input::Command, person::Role};

use crate::house::{House, person};

#[tokio::test]
async fn a_program_reads_the_alerts_for_as_long_as_whoever_asked_may() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Maintainer])));
    let path = house.signed_in("zhao").get("/api/v1/cap").await.ok()["path"].clone();
    let path = path.as_str().unwrap();
    let program = house.visitor();
    let feed = program.get(path).await;
    assert_eq!(feed.status, StatusCode::OK);
    assert_eq!(feed.headers["content-type"], "application/atom+xml; charset=utf-8");
    let one = program.get(&path.replace("feed.atom", "1")).await;
    assert_eq!(one.headers["content-type"], "application/cap+xml; charset=utf-8");
    assert_eq!(one.text, "<alert/>");
    let other = program.get(&path.replace("feed.atom", "2")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let wrong = program.get("/api/v1/cap/made-up/1").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);

    house.do_(Command::PutPerson(person("zhao", &[Role::Volunteer])));
    assert_eq!(program.get(path).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_link_of_another_kind_is_none_to_the_alerts() {
    let house = House::new();
    let incident = house.press_call_button();
    let link = house.link(incident, "wang");
    let asked = house.visitor().get(&format!("/api/v1/cap/{link}/feed.atom")).await;
    assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
}
