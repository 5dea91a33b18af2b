//! Invitations, passwords, sessions, and those who guess.

use axum::http::{Method, StatusCode, header};
use gengfu_core::{id::PersonId, input::Command, time::Span};
use gengfu_web::{Gateway, invite};
use serde_json::json;

use crate::{
    browser::Browser,
    house::{House, ORIGIN},
};

const PASSWORD: &str = "four plain words together";

/// Invites a person as the first start does, and returns the token.
fn invited(house: &House, person: &str) -> String {
    let person = PersonId::from(person);
    let (token, login) = invite(house.state().logins.get(&person), house.now()).unwrap();
    house.do_(Command::SetLogin { person, login });
    token
}

#[tokio::test]
async fn the_first_link_sets_a_password_once() {
    let house = House::new();
    let mut chen = house.visitor();
    assert_eq!(chen.sign_in("chen", "").await.status, StatusCode::UNAUTHORIZED, "no default one");
    let link = format!("/api/v1/invitation/{}", invited(&house, "chen"));
    assert_eq!(chen.get(&link).await.ok()["me"]["id"], "chen");
    let weak = chen.post(&link, json!({"password": "short"})).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);

    let answer = chen.post(&link, json!({"password": PASSWORD})).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    for part in ["__Host-gengfu=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert_eq!(answer.ok()["roles"], json!(["admin"]));
    let again = chen.post(&link, json!({"password": "somebody else's words"})).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::UNAUTHORIZED, "bad_invitation")
    );

    chen.sign_in("chen", PASSWORD).await.ok();
    assert_eq!(chen.get("/api/v1/session").await.ok()["person"], "chen");
    let state = format!("{:?}", house.state().sessions);
    let token = chen.cookie.clone().unwrap();
    let token = token.strip_prefix("__Host-gengfu=").unwrap();
    assert!(!state.contains(token), "the state must not hold what the browser holds");
    chen.delete("/api/v1/session").await.ok();
    assert_eq!(chen.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_invitation_lapses_and_a_newer_one_replaces_it() {
    let house = House::new();
    let visitor = house.visitor();
    let old = invited(&house, "li");
    let new = invited(&house, "li");
    let get = async |token: &str| visitor.get(&format!("/api/v1/invitation/{token}")).await.status;
    assert_eq!(get(&old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&new).await, StatusCode::OK);
    house.later(house.now() + Span::hours(72));
    assert_eq!(get(&new).await, StatusCode::GONE);
}

#[tokio::test]
async fn two_who_use_one_invitation_at_once_do_not_both_get_in() {
    let house = House::new();
    let link = format!("/api/v1/invitation/{}", invited(&house, "li"));
    let visitor = house.visitor();
    let (a, b) = tokio::join!(
        visitor.post(&link, json!({"password": "the words of the one"})),
        visitor.post(&link, json!({"password": "the words of another"})),
    );
    let let_in = [a.status, b.status].iter().filter(|status| status.is_success()).count();
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn an_admin_invites_and_the_link_is_made_of_the_public_url() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let made = chen.post("/api/v1/people/li/invitation", json!({})).await.ok();
    let link = made["link"].as_str().unwrap();
    let token = link.strip_prefix(&format!("{ORIGIN}/invitation/")).unwrap();
    let li = house.visitor();
    li.post(&format!("/api/v1/invitation/{token}"), json!({"password": PASSWORD})).await.ok();
    assert_eq!(house.visitor().sign_in("li", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_password_ends_the_old_sessions_and_time_ends_the_new_one() {
    let house = House::new();
    let thief = house.signed_in("li");
    thief.get("/api/v1/session").await.ok();
    let link = format!("/api/v1/invitation/{}", invited(&house, "li"));
    house.visitor().post(&link, json!({"password": PASSWORD})).await.ok();
    assert_eq!(thief.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);

    let mut li = house.visitor();
    li.sign_in("li", PASSWORD).await.ok();
    house.later(house.now() + Span::hours(29 * 24));
    li.get("/api/v1/session").await.ok();
    house.later(house.now() + Span::hours(24));
    assert_eq!(li.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn who_guesses_waits_and_learns_nothing() {
    let house = House::new();
    let link = format!("/api/v1/invitation/{}", invited(&house, "li"));
    house.visitor().post(&link, json!({"password": PASSWORD})).await.ok();
    let mut guesser = house.visitor();

    let known = guesser.sign_in("li", "wrong").await;
    let unknown = guesser.sign_in("nobody-here", "wrong").await;
    let strange = guesser.sign_in("not a name!", "wrong").await;
    assert_eq!(known.status, StatusCode::UNAUTHORIZED);
    assert_eq!(known.text, unknown.text, "the answer tells who exists");
    assert_eq!(known.text, strange.text);

    for _ in 0..7 {
        assert_eq!(guesser.sign_in("li", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let stopped = guesser.sign_in("li", PASSWORD).await;
    assert_eq!(
        (stopped.status, stopped.error().as_str()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many")
    );
    let wait: u64 = stopped.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    guesser.from = [192, 168, 1, 99];
    assert_eq!(guesser.sign_in("li", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);

    house.later(house.now() + Span::secs(wait));
    guesser.sign_in("li", PASSWORD).await.ok();
}

#[tokio::test]
async fn whoever_guesses_at_a_name_does_not_lock_its_owner_out() {
    let house = House::new();
    let link = format!("/api/v1/invitation/{}", invited(&house, "li"));
    let mut li = house.visitor();
    let answer = li.post(&link, json!({"password": PASSWORD})).await;
    let cookies: Vec<&str> = answer
        .headers
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|cookie| cookie.to_str().unwrap())
        .collect();
    let [session, known] = cookies[..] else { panic!("{cookies:?}") };
    assert!(session.starts_with("__Host-gengfu="), "{session}");
    for part in ["__Host-gengfu-known=", "HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
        assert!(known.contains(part), "{part} in {known}");
    }
    // She signed out: of all cookies only that her browser is known is left, and it lets nobody in.
    let known = known.split(';').next().unwrap().to_owned();
    let keep = |browser: &mut Browser| browser.cookie = Some(known.clone());
    keep(&mut li);
    assert_eq!(li.get("/api/v1/session").await.status, StatusCode::UNAUTHORIZED);

    // On her own network, and on others.
    for from in [[192, 168, 1, 20], [192, 168, 1, 99]] {
        let mut stranger = Browser { cookie: None, from, ..li.clone() };
        for n in 0..24 {
            stranger.sign_in("li", &format!("guess {n}")).await;
        }
        let stopped = stranger.sign_in("li", PASSWORD).await.status;
        assert_eq!(stopped, StatusCode::TOO_MANY_REQUESTS);
    }
    li.sign_in("li", PASSWORD).await.ok();

    // Her browser is counted like any other, and known for her alone.
    keep(&mut li);
    for _ in 0..8 {
        assert_eq!(li.sign_in("li", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(li.sign_in("li", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    let mut stranger = Browser { from: [192, 168, 1, 98], ..li.clone() };
    for _ in 0..8 {
        stranger.sign_in("wang", "wrong").await;
    }
    let wang = stranger.sign_in("wang", "wrong").await.status;
    assert_eq!(wang, StatusCode::TOO_MANY_REQUESTS);
    let forged = known.replace('A', "B");
    let mut forger = Browser { cookie: Some(format!("{forged}x")), ..li.clone() };
    assert_eq!(forger.sign_in("li", PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn another_site_can_not_act_with_somebodys_cookie() {
    let house = House::new();
    let incident = house.press_call_button();
    let li = house.signed_in("li");
    let path = format!("/api/v1/incidents/{incident}/acknowledge");
    let forged = |site: Option<&str>, origin: Option<&str>| {
        let mut request = li.request(Method::POST, &path, Some(json!({})));
        let headers = request.headers_mut();
        headers.remove("sec-fetch-site");
        if let Some(site) = site {
            headers.insert("sec-fetch-site", site.parse().unwrap());
        }
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        request
    };
    for (site, origin) in [
        (Some("cross-site"), Some("https://evil.example")),
        (Some("same-site"), Some(ORIGIN)),
        (None, Some("https://evil.example")),
        (None, Some("https://gengfu.example.evil.example")),
        (None, Some("null")),
        (None, None),
    ] {
        let answer = li.send(forged(site, origin)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site:?} {origin:?}");
        assert_eq!(answer.error(), "foreign_origin");
    }
    assert_eq!(house.phase(incident), "calling");
    li.send(forged(None, Some(ORIGIN))).await.ok();
    assert_eq!(house.phase(incident), "going");
}

#[tokio::test]
async fn another_site_can_not_sign_somebody_in() {
    let house = House::new();
    let visitor = house.visitor();
    let body = json!({"person": "li", "password": PASSWORD});
    let mut request = visitor.request(Method::POST, "/api/v1/session", Some(body));
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(visitor.send(request).await.error(), "foreign_origin");
}
