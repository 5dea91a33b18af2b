//! Cameras that publish their pictures, as Frigate does.

use gengfu_core::time::{Span, Timestamp};
use gengfu_field::mqtt::Routes;

use crate::{
    house::{House, SITE, connected, engine, gateway, until},
    peer::Peer,
};

/// The beginning of a WebP. (The peer's words are UTF-8, which the first byte of a JPEG is not.)
fn webp(mark: char) -> String {
    format!("RIFF\u{10}\0\0\0WEBPVP8 {mark}")
}

fn routes() -> Routes {
    let routes = Routes::new(SITE);
    let hall = ("home/hall/+/snapshot".to_owned(), "hall".to_owned());
    routes.set_cameras([hall].into());
    routes
}

#[tokio::test]
async fn a_picture_goes_to_its_camera_s_shelf_and_to_nobody_who_decides() {
    let house = House::start().await;
    let home = Peer::connect(house.at, "home", &[]).await;
    // Kept by the broker from who knows when: no picture of now.
    home.retain("home/hall/person/snapshot", &webp('0')).await.unwrap();
    let routes = routes();
    let shelf = routes.pictures().clone();
    let (lanes, mut decided) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    let begun = Timestamp::from(jiff::Timestamp::now());
    home.publish("home/hall/person/snapshot", "<html>no picture</html>").await.unwrap();
    home.publish("home/yard/person/snapshot", &webp('1')).await.unwrap();
    home.publish("home/hall/person/snapshot", &webp('2')).await.unwrap();
    until("the picture is there", || shelf.after("hall", begun - Span::secs(60)).is_some()).await;
    let taken = shelf.after("hall", begun - Span::secs(60)).unwrap();
    assert_eq!(*taken.bytes, *webp('2').as_bytes(), "neither the kept one nor the page");
    assert!(taken.at >= begun);
    assert_eq!(shelf.refused(), 1);
    assert_eq!(shelf.after("yard", begun - Span::secs(60)), None, "a camera that nobody named");
    assert_eq!(source.quarantine.count(), 0, "a picture is no poison");
    assert!(decided.is_idle());
}

#[tokio::test]
async fn one_picture_after_the_other_holds_nothing_up() {
    let house = House::start().await;
    let home = Peer::connect(house.at, "home", &[]).await;
    let routes = routes();
    let shelf = routes.pictures().clone();
    let (lanes, _decided) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    let start = Timestamp::from_millis(0);
    // More than the gateway may have under way at once: it must acknowledge each.
    let large = webp('x') + &" ".repeat(20_000);
    for _ in 0..600 {
        home.publish("home/hall/car/snapshot", &large).await.unwrap();
    }
    home.publish("home/hall/car/snapshot", &webp('z')).await.unwrap();
    let end = webp('z');
    let is_last = || {
        let now = Timestamp::from(jiff::Timestamp::now());
        shelf.before("hall", now, now.since(start)).is_some_and(|t| *t.bytes == *end.as_bytes())
    };
    until("the last picture is there", is_last).await;
}
