//! A camera that Frigate watches: its pictures come by MQTT.

use std::{fs, path::Path};

use gengfu_tests::{boards::mosquitto, eventually, operator::counter, site::Site};

use crate::{
    camera::still,
    house::{House, site},
};

const LINES: &str = r#"
[[mqtt.users]]
name = "frigate"
password_file = "camera"
publish = ["frigate/#"]
subscribe = []

[cameras.car]
name = { zh = "轿厢摄像头", en = "Camera in the car" }
place = "lift-1"
frigate = "lift1"

[pictures]
before = "1m"
"#;

/// Publishes a file as Frigate does.
fn publish(site: &Site, camera: &str, file: &Path, retained: bool) {
    let mut client = mosquitto("mosquitto_pub", site, "frigate", crate::house::PASSWORD);
    client.args(["-t", &format!("frigate/{camera}/person/snapshot"), "-f"]).arg(file);
    if retained {
        client.arg("-r");
    }
    let said = client.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_from_before_and_the_first_from_after_stand_beside_the_incident() {
    let folder = tempfile::tempdir().unwrap();
    let picture = still(folder.path());
    let drawn = fs::read(&picture).unwrap();
    // Further bytes behind the end of a JPEG change nothing in it, and tell one from another.
    let marked = |mark: u8| {
        let path = folder.path().join(format!("{mark}.jpg"));
        fs::write(&path, [drawn.as_slice(), &[mark]].concat()).unwrap();
        path
    };
    let site = site(LINES);
    let house = House::start(site).await;
    publish(&house.site, "lift1", &marked(1), false);
    publish(&house.site, "lift1", &marked(2), false);
    publish(&house.site, "lift9", &marked(3), false);
    let page = folder.path().join("page.html");
    fs::write(&page, "<html>").unwrap();
    publish(&house.site, "lift1", &page, false);
    eventually("all of them are read", async || {
        let refused = counter(&house.site.base(), "gengfu_pictures_refused_total").await.ok()?;
        (refused == 1).then_some(())
    })
    .await;
    let (_, link) = house.press().await;
    publish(&house.site, "lift1", &marked(4), false);
    publish(&house.site, "lift1", &marked(5), false);
    let taken = house.pictures().await;
    let mut marks = vec![];
    for one in &taken {
        let (bytes, kind) = house.by_link(&link, &one["number"]).await;
        assert_eq!(kind, "image/jpeg");
        marks.push((one["when"].as_str().unwrap(), *bytes.last().unwrap()));
    }
    assert_eq!(marks, [("before", 2), ("after", 4)]);
    house.board.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_the_broker_kept_is_none_from_just_before() {
    let folder = tempfile::tempdir().unwrap();
    let picture = still(folder.path());
    // Only a broker outside has kept it over the gateway's start: here, the camera is made known later.
    let without = LINES.split("[cameras.car]").next().unwrap();
    let site = site(&format!("{without}\n[pictures]\nbefore = \"1m\"\nafter = \"2s\"\n"));
    let house = House::start(site).await;
    publish(&house.site, "lift1", &picture, true);
    house.site.write(1, &format!("{LINES}after = \"2s\"\n")).unwrap();
    house.gateway.signal("HUP").unwrap();
    eventually("the configuration is read again", async || {
        house.gateway.said().contains("the configuration was read again").then_some(())
    })
    .await;
    house.press().await;
    assert!(house.pictures().await.is_empty());
    house.board.stop().await;
}
