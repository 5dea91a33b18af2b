//! Cameras that hang, pour, lie or send elsewhere: no picture of theirs is kept, and no alarm waits.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use gengfu_tests::{eventually, operator::counter};

use crate::{
    camera::Misbehaving,
    house::{House, site},
};

/// An alarm that waited for a camera would take longer: each of them hangs for more.
const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn whatever_cameras_do_nothing_of_it_is_stored_and_the_alarm_is_told_at_once() {
    let cameras = Misbehaving::start().await;
    let mut lines = "[pictures]\nafter = \"5s\"\n".to_owned();
    for path in ["hangs", "endless", "page", "lies", "elsewhere"] {
        lines.push_str(&format!(
            "[cameras.{path}]\nplace = \"lift-1\"\nevery = \"1s\"\nsnapshot = \"http://127.0.0.1:{}/{path}\"\n",
            cameras.port
        ));
    }
    let house = House::start(site(&lines)).await;
    eventually("all cameras are asked", async || {
        (cameras.counts.asked.load(Relaxed) >= 5).then_some(())
    })
    .await;
    let (took, _) = house.press().await;
    assert!(took < AT_ONCE, "told after {took:?}");
    println!("told {took:?} after the button was pressed, with five bad cameras beside it");
    assert!(house.pictures().await.is_empty());
    assert_eq!(cameras.counts.inside.load(Relaxed), 0, "a redirect was followed");
    let asked = cameras.counts.asked.load(Relaxed);
    let poured = cameras.counts.poured.load(Relaxed);
    // The limit is 2 MiB; what lies in the sockets' buffers comes to that, each time.
    assert!(poured / asked.max(1) < 16 << 20, "{poured} bytes in {asked} visits");
    let stored = counter(&house.site.base(), "gengfu_pictures_stored_total").await.unwrap();
    assert_eq!(stored, 0);
    for reason in [
        "gave no picture within 8 s",
        "more than 2097152 bytes",
        "no picture came: a JPEG",
        "sends elsewhere, which is not followed",
    ] {
        eventually(reason, async || house.gateway.said().contains(reason).then_some(())).await;
    }
    house.board.stop().await;
}
