//! A camera behind a password.

use std::fs;

use gengfu_core::time::Span;
use gengfu_tests::{clock::FastClock, eventually, operator::Operator};

use crate::{
    camera::{Lighttpd, still},
    house::{House, PASSWORD, site},
};

const HOUR_MS: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_camera_that_wants_digest_gives_a_picture_by_sha_256_and_by_md5() {
    for algorithm in ["SHA-256", "MD5"] {
        let folder = tempfile::tempdir().unwrap();
        let picture = still(folder.path());
        let camera = Lighttpd::start(folder.path(), &picture, "digest", algorithm).await;
        let house = House::start(site(&camera.lines("every = \"1s\""))).await;
        // It was looked at while nothing happened, so that there is one from before.
        camera.log_with(" 200 ").await;
        let (_, link) = house.press().await;
        let taken = house.pictures().await;
        let when: Vec<&str> = taken.iter().map(|p| p["when"].as_str().unwrap()).collect();
        assert_eq!(when, ["before", "after"], "{algorithm}");
        assert_eq!(taken[1]["name"]["zh"], "大堂摄像头");
        for one in &taken {
            let (bytes, kind) = house.by_link(&link, &one["number"]).await;
            assert_eq!(kind, "image/jpeg");
            assert!(bytes == fs::read(&picture).unwrap(), "not the camera's bytes");
        }
        let said = house.gateway.said();
        assert!(!said.contains(PASSWORD) && !said.contains("stream=main"), "{said}");
        house.board.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_nowhere_in_the_open_unless_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let picture = still(folder.path());
    let camera = Lighttpd::start(folder.path(), &picture, "basic", "").await;
    let house = House::start(site(&camera.lines(""))).await;
    house.press().await;
    assert!(house.pictures().await.is_empty());
    let log = camera.log_with(" 401 ").await;
    assert!(!log.contains("viewer"), "its password was given away: {log}");
    assert!(house.gateway.said().contains("allow that with `basic = true`"));
    house.board.stop().await;

    let house = House::start(site(&camera.lines("basic = true"))).await;
    let (_, link) = house.press().await;
    let taken = house.pictures().await;
    assert_eq!(taken.len(), 1, "none from before: it is not asked while nothing happens");
    let (bytes, _) = house.by_link(&link, &taken[0]["number"]).await;
    assert!(bytes == fs::read(&picture).unwrap());
    house.board.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_gone_when_its_days_are_over() {
    let folder = tempfile::tempdir().unwrap();
    let picture = still(folder.path());
    let camera = Lighttpd::start(folder.path(), &picture, "digest", "MD5").await;
    let site = site(&(camera.lines("") + "[pictures]\nkeep_days = 2\n"));
    let clock = FastClock::new(site.folder(), jiff::Timestamp::now().into());
    let environment = clock.environment();
    let house = House::start_with(site, &environment).await;
    house.press().await;
    assert_eq!(house.pictures().await.len(), 1);
    let left = async || {
        // Nobody stays signed in for so long.
        let operator = Operator::sign_in_as(&house.site.base(), "admin").await.ok()?;
        let found = operator.get("incidents/1/pictures").await.ok()?;
        Some(found["taken"].as_array()?.len())
    };
    // It is looked for every ten minutes.
    clock.leap(47 * HOUR_MS);
    clock.go(300);
    let until = clock.now() + Span::mins(15);
    eventually("a quarter of an hour passes", async || (clock.now() > until).then_some(())).await;
    // Slow enough for whoever asks over HTTP, whose connection lasts ten seconds of this clock.
    clock.go(1);
    assert_eq!(left().await, Some(1), "its two days are not over");
    clock.leap(2 * HOUR_MS);
    clock.go(60);
    eventually("it is deleted", async || left().await.filter(|left| *left == 0)).await;
    house.board.stop().await;
}
