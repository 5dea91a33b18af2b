//! The pictures on the volunteer's page, in a real browser.

use std::{path::Path, process::Command};

use crate::{
    camera::{Lighttpd, still},
    house::{House, site},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_behind_a_message_s_link_shows_them() {
    let folder = tempfile::tempdir().unwrap();
    let picture = still(folder.path());
    let camera = Lighttpd::start(folder.path(), &picture, "digest", "SHA-256").await;
    let house = House::start(site(&camera.lines("every = \"1s\""))).await;
    camera.log_with(" 200 ").await;
    let (_, link) = house.press().await;
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let story = tokio::task::spawn_blocking(move || {
        Command::new("node").current_dir(page).args(["pictures.mjs", &link]).output().unwrap()
    });
    let said = story.await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "{out}\n{err}");
    house.board.stop().await;
}
