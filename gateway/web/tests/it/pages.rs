//! The pages and their files, and the headers that keep browsers safe.

use axum::http::{Method, StatusCode, header};
use gengfu_core::text::Text;
use gengfu_web::{CONTENT_SECURITY_POLICY, gateway::Part};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn every_page_and_answer_forbids_what_no_page_needs() {
    let house = House::new();
    let incident = house.press_call_button();
    let token = house.link(incident, "wang");
    let visitor = house.visitor();
    for path in [
        "/",
        "/sign-in",
        &format!("/a/{token}"),
        "/incidents/1",
        "/invitation/abc",
        "/sw.js",
        "/nothing-here",
        "/ca",
        "/openapi.json",
        "/healthz",
        "/api/v1/session",
        "/api/v1/nothing",
        &format!("/api/v1/answer/{token}"),
    ] {
        let headers = visitor.get(path).await.headers;
        let is = |name: &str, value: &str| {
            assert_eq!(
                headers.get(name).map(|v| v.to_str().unwrap()),
                Some(value),
                "{path}: {name}"
            );
        };
        is("content-security-policy", CONTENT_SECURITY_POLICY);
        is("x-content-type-options", "nosniff");
        is("referrer-policy", "no-referrer");
        is("x-frame-options", "DENY");
        is("strict-transport-security", "max-age=31536000");
        if path.starts_with("/api/") {
            is("cache-control", "no-store");
        }
    }
    assert!(CONTENT_SECURITY_POLICY.contains("default-src 'self'"));
    assert!(CONTENT_SECURITY_POLICY.contains("frame-ancestors 'none'"));
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
}

#[tokio::test]
async fn the_page_needs_nothing_inline_and_its_files_are_there() {
    let house = House::new();
    let visitor = house.visitor();
    let page = visitor.get("/a/any-token").await;
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-cache");
    let mut files = 0;
    for (at, _) in page.text.match_indices("=\"/") {
        let path: String = page.text[at + 2..].chars().take_while(|c| *c != '"').collect();
        let file = visitor.get(&path).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        if path.starts_with("/assets/") {
            let keep = file.headers[header::CACHE_CONTROL].to_str().unwrap();
            assert_eq!(keep, "public, max-age=31536000, immutable", "{path}");
        }
        files += 1;
    }
    assert!(files >= 2, "a script and a style at least: {}", page.text);
    for inline in page.text.split("<script").skip(1) {
        let (tag, rest) = inline.split_once('>').unwrap();
        assert!(tag.contains("src=") && rest.starts_with("</script>"), "inline script: {inline}");
    }
    assert!(!page.text.contains("<style") && !page.text.contains(" style="), "{}", page.text);
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let house = House::new();
    let visitor = house.visitor();
    let first = visitor.get("/sw.js").await;
    assert_eq!(first.headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    assert_eq!(first.headers[header::CACHE_CONTROL], "no-cache", "a new version shows at once");
    let mut again = visitor.request(Method::GET, "/sw.js", None);
    again.headers_mut().insert(header::IF_NONE_MATCH, first.headers[header::ETAG].clone());
    let again = visitor.send(again).await;
    assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));

    let mut packed = visitor.request(Method::GET, "/openapi.json", None);
    packed.headers_mut().insert(header::ACCEPT_ENCODING, "gzip".parse().unwrap());
    let packed = visitor.send(packed).await;
    assert_eq!(packed.headers[header::CONTENT_ENCODING], "gzip");
}

#[tokio::test]
async fn what_is_no_page_is_not_found_and_nothing_can_be_written_to_one() {
    let house = House::new();
    let visitor = house.visitor();
    for path in ["/nothing", "/assets/../index.html", "/%2e%2e/Cargo.toml", "/assets/"] {
        assert_eq!(visitor.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let answer = visitor.post("/", json!({})).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_body_that_is_too_large_or_no_json_is_refused_in_words() {
    let house = House::new();
    let visitor = house.visitor();
    let long = json!({"person": "x".repeat(300_000), "password": ""});
    let answer = visitor.post("/api/v1/session", long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.error(), "bad_body");
    let mut broken = visitor.request(Method::POST, "/api/v1/session", Some(json!({})));
    *broken.body_mut() = "{\"person\":".into();
    let answer = visitor.send(broken).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::BAD_REQUEST, "bad_body"));
}

#[tokio::test]
async fn readiness_tells_which_part_does_not_work() {
    let house = House::new();
    let visitor = house.visitor();
    assert_eq!(visitor.get("/healthz").await.text, "ok\n");
    assert_eq!(visitor.get("/readyz").await.ok()["ready"], true);
    let fault = Some(Text::from("disk /dev/sda1 is full"));
    house.faults.lock().push(Part { name: "store".into(), fault });
    let answer = visitor.get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.text.contains("sda1"), "strangers need not know more than that");
    let parts = answer.json()["parts"].clone();
    assert!(parts.as_array().unwrap().contains(&json!({"name": "store", "ok": false})), "{parts}");
    let seen = house.signed_in("chen").get("/api/v1/health").await.ok();
    assert!(seen.to_string().contains("sda1"), "whoever looks after it must");
}

#[tokio::test]
async fn every_path_that_the_page_draws_is_the_page() {
    let house = House::new();
    let visitor = house.visitor();
    for path in [
        "/",
        "/a/t",
        "/found",
        "/incidents/1",
        "/invitation/t",
        "/m/t",
        "/musters/new",
        "/outputs",
        "/sign-in",
        "/upkeep/rosters",
        "/ways",
    ] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
    }
    assert_eq!(visitor.get("/musters-of-old").await.status, StatusCode::NOT_FOUND);
}
