//! Nobody who picks up waits for a sentence to be made: it was, before anything happened.

use std::{fs, os::unix::fs::PermissionsExt};

use gengfu_tests::{baresip::Baresip, eventually};

use crate::house::{House, ports};

/// A voice that writes down what it was asked to say.
const VOICE: &str = "#!/bin/sh\ntext=$(cat)\nprintf '%s\\n' \"$text\" >> \"$0.log\"\n\
    printf '%s' \"$text\" | exec espeak-ng -v en --stdin --stdout\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_call_has_to_say_is_made_before_it_rings() {
    let (port, _) = ports();
    let phone = Baresip::start(port).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let voice = folder.path().join("voice");
    fs::write(&voice, VOICE).unwrap();
    fs::set_permissions(&voice, fs::Permissions::from_mode(0o755)).unwrap();
    let line = format!(
        "register = false\nvoices = {{ zh = [\"{0}\"], en = [\"{0}\"] }}\n",
        voice.display()
    );
    let house = House::with_line(port, &line, &[]).await;
    let asked = || fs::read_to_string(voice.with_extension("log")).unwrap_or_default();
    eventually("both lifts are spoken of, though nothing has happened", async || {
        let asked = asked();
        let trapped = |lift| format!("Person trapped in the lift! Place: {lift}.");
        (asked.contains(&trapped("Lift 1")) && asked.contains(&trapped("Lift 2"))).then_some(())
    })
    .await;
    // Until it has nothing more to do.
    let mut before = String::new();
    while before != asked() {
        before = asked();
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let _board = house.press(1).await;
    house.told("accepted").await;
    eventually("Wang has heard it and answers", async || {
        phone.press('1').unwrap();
        house.incidents().await.iter().any(|i| i["phase"] == "going").then_some(())
    })
    .await;
    assert_eq!(asked(), before, "nothing was left to be made");
    house.gateway.stop().unwrap();
}
