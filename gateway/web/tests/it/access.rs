//! Every route of the API document, and who gets through to it.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use gengfu_core::person::Role;
use gengfu_web::{
    api,
    auth::access::{Access, TABLE, access},
};
use serde_json::json;

use crate::house::{House, person};

/// Routes that anybody may use, or whoever holds a link: each is here because somebody thought of it.
const OPEN: [(&str, &str); 22] = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/push/key"),
    ("GET", "/api/v1/invitation/{token}"),
    ("POST", "/api/v1/invitation/{token}"),
    ("GET", "/api/v1/answer/{token}"),
    ("GET", "/api/v1/answer/{token}/events"),
    ("GET", "/api/v1/answer/{token}/pictures"),
    ("GET", "/api/v1/answer/{token}/pictures/{number}"),
    ("POST", "/api/v1/answer/{token}/acknowledge"),
    ("POST", "/api/v1/answer/{token}/arrive"),
    ("POST", "/api/v1/answer/{token}/hand-over"),
    ("POST", "/api/v1/answer/{token}/end"),
    ("POST", "/api/v1/receipt/{token}"),
    ("GET", "/api/v1/calendar/{token}"),
    ("GET", "/api/v1/cap/{token}/feed.atom"),
    ("GET", "/api/v1/cap/{token}/{name}"),
    ("GET", "/api/v1/roll-call/{token}"),
    ("POST", "/api/v1/roll-call/{token}"),
    // These two take a session, but no role: everybody may look at themselves and leave.
    ("GET", "/api/v1/session"),
    ("DELETE", "/api/v1/session"),
];
const ROLES: [Role; 5] =
    [Role::Admin, Role::Maintainer, Role::Installer, Role::Volunteer, Role::Resident];

/// Every method and path of the document.
fn routes() -> Vec<(Method, String)> {
    let mut document = api::document();
    let mut routes = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, _) in api::operations(item) {
            routes.push((method, path.clone()));
        }
    }
    routes
}

#[test]
fn the_table_and_the_document_name_the_same_routes() {
    let documented: BTreeSet<(String, String)> =
        routes().into_iter().map(|(method, path)| (method.to_string(), path)).collect();
    let declared: BTreeSet<(String, String)> =
        TABLE.iter().map(|(method, path, _)| (method.to_string(), (*path).to_owned())).collect();
    assert_eq!(documented, declared);
    assert_eq!(declared.len(), TABLE.len(), "a route stands in the table twice");
    let open: BTreeSet<(String, String)> = TABLE
        .iter()
        .filter(|(_, path, access)| {
            matches!(access, Access::Public | Access::Link)
                || (*access == Access::SignedIn && *path == "/api/v1/session")
        })
        .map(|(method, path, _)| (method.to_string(), (*path).to_owned()))
        .collect();
    let meant = OPEN.map(|(method, path)| (method.to_owned(), path.to_owned()));
    assert_eq!(open, meant.into(), "a route has become open, or is open no more");
}

#[tokio::test]
async fn no_route_answers_without_the_right_role() {
    let house = House::new();
    let stranger = house.visitor();
    let mut walked = 0;
    for (method, path) in routes() {
        let declared = access(&method, &path).unwrap();
        let url = path.replace("{id}", "nobody").replace("{token}", "nothing");
        let body = (!method.is_safe()).then(|| json!({}));
        let request = || stranger.request(method.clone(), &url, body.clone());
        let status = stranger.open(request()).await.status();
        match declared {
            Access::Public if url.starts_with("/api/v1/invitation") => {
                assert!(refused(status), "{method} {path}: a made-up invitation got {status}");
            }
            Access::Public => {
                assert_ne!(status, StatusCode::FORBIDDEN, "{method} {path} is open to anybody");
            }
            Access::Link => {
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}: a made-up link");
            }
            Access::SignedIn | Access::Roles(_) | Access::LocalOr(_) => {
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}: nobody signed in");
            }
        }
        for role in ROLES {
            // A house of its own: some routes sign out or remove what the next would need.
            let house = House::new();
            let name = format!("{role:?}").to_lowercase();
            house.do_(gengfu_core::input::Command::PutPerson(person(&name, &[role])));
            let browser = house.signed_in(&name);
            let request = browser.request(method.clone(), &url, body.clone());
            let status = browser.open(request).await.status();
            let may = match declared {
                Access::Public | Access::Link => continue,
                Access::SignedIn => true,
                Access::Roles(roles) | Access::LocalOr(roles) => {
                    role == Role::Admin || roles.contains(&role)
                }
            };
            if may {
                assert!(
                    !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
                    "{method} {path}: {name} may, but got {status}"
                );
            } else {
                assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}: {name} may not");
            }
            walked += 1;
        }
    }
    assert!(walked > 150, "the walk was too short: {walked}");
}

fn refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::UNPROCESSABLE_ENTITY)
}

#[tokio::test]
async fn an_unknown_route_or_method_is_answered_in_json() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let answer = chen.get("/api/v1/nothing").await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::NOT_FOUND, "not_found"));
    let answer = chen.put("/api/v1/alarms", json!({})).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.error(), "bad_method");
}

#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_once() {
    let house = House::new();
    let li = house.signed_in("li");
    house.do_(gengfu_core::input::Command::PutPerson(person("li", &[Role::Maintainer])));
    li.get("/api/v1/health").await.ok();
    house.do_(gengfu_core::input::Command::PutPerson(person("li", &[Role::Volunteer])));
    let answer = li.get("/api/v1/health").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.json()["message"].as_str().unwrap().contains("maintainer"), "{}", answer.text);
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_for_upkeep() {
    let house = House::new();
    let mut program = house.visitor();
    assert_eq!(program.get("/metrics").await.status, StatusCode::UNAUTHORIZED);
    program.from = [127, 0, 0, 1];
    let answer = program.get("/metrics").await;
    assert!(answer.status.is_success() && answer.text.contains("gengfu_incidents_open"));
    let mut proxied = program.request(Method::GET, "/metrics", None);
    proxied.headers_mut().insert("x-forwarded-for", "203.0.113.7".parse().unwrap());
    assert_eq!(program.open(proxied).await.status(), StatusCode::UNAUTHORIZED);
}
