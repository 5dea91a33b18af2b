//! Pictures of cameras beside an incident: who sees them, and as what they are served.

use axum::{
    body::to_bytes,
    http::{Method, StatusCode, header},
};
use gengfu_core::{id::IncidentId, time::Span};
use gengfu_web::{
    CONTENT_SECURITY_POLICY, Gateway,
    gateway::{Picture, PictureWhen},
};

use crate::house::House;

/// Not valid as text: it must come through as it is.
const JPEG: [u8; 6] = [0xff, 0xd8, 0xff, 0xe0, b'<', b'>'];

fn put(house: &House, incident: IncidentId) {
    let picture = Picture {
        number: 41,
        camera: "hall".into(),
        name: "Hall".into(),
        taken_at: house.now() - Span::secs(3),
        when: PictureWhen::Before,
    };
    house.pictures.lock().push((incident, picture, JPEG.to_vec()));
}

#[tokio::test]
async fn whoever_holds_the_link_sees_the_pictures_of_that_incident_and_of_no_other() {
    let house = House::new();
    let incident = house.press_call_button();
    put(&house, incident);
    let link = format!("/api/v1/answer/{}", house.link(incident, "wang"));
    let phone = house.visitor();
    let list = phone.get(&format!("{link}/pictures")).await.ok();
    assert_eq!(list["taken"][0]["number"], 41);
    assert_eq!(list["taken"][0]["when"], "before");
    assert_eq!(list["taken"][0]["name"]["en"], "Hall");
    let request = phone.request(Method::GET, &format!("{link}/pictures/41"), None);
    let (parts, body) = phone.open(request).await.into_parts();
    assert_eq!(parts.status, StatusCode::OK);
    for (name, value) in [
        (header::CONTENT_TYPE, "image/jpeg"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_DISPOSITION, "inline"),
    ] {
        assert_eq!(parts.headers[&name], value);
    }
    assert_eq!(to_bytes(body, 1_000).await.unwrap(), JPEG.as_slice());
    for (path, status) in [
        (format!("{link}/pictures/42"), StatusCode::NOT_FOUND),
        (format!("{link}/pictures/x"), StatusCode::BAD_REQUEST),
        (format!("{link}x/pictures/41"), StatusCode::UNAUTHORIZED),
        ("/api/v1/answer/x/pictures/x".into(), StatusCode::UNAUTHORIZED),
        (format!("/api/v1/incidents/{incident}/pictures"), StatusCode::UNAUTHORIZED),
        (format!("/api/v1/incidents/{incident}/pictures/41"), StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(phone.get(&path).await.status, status, "{path}");
    }

    // Another incident's link opens its own pictures, and not these.
    house.read("lift-1/door", gengfu_core::point::Value::Bool(true));
    let state = house.state();
    let other = state.open_incidents().map(|i| i.id).find(|id| *id != incident).unwrap();
    let link = format!("/api/v1/answer/{}", house.link(other, "wang"));
    assert_eq!(phone.get(&format!("{link}/pictures/41")).await.status, StatusCode::NOT_FOUND);

    house.later(house.now() + Span::hours(25));
    assert_eq!(phone.get(&format!("{link}/pictures")).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn whoever_is_signed_in_sees_them_and_there_are_none_without_an_incident() {
    let house = House::new();
    let incident = house.press_call_button();
    put(&house, incident);
    let browser = house.signed_in("li");
    let base = format!("/api/v1/incidents/{incident}/pictures");
    assert_eq!(browser.get(&base).await.ok()["taken"].as_array().unwrap().len(), 1);
    assert_eq!(browser.get(&format!("{base}/41")).await.status, StatusCode::OK);
    assert_eq!(browser.get("/api/v1/incidents/77/pictures").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/api/v1/incidents/77/pictures/41").await.status, StatusCode::NOT_FOUND);
}
