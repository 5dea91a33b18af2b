//! A line that nobody on the way can read: SIP over TLS to a server that proves who it is, and speech
//! that is encrypted with the keys that go over it.

use std::time::{Duration, Instant};

use gengfu_tests::{
    baresip::Baresip,
    eventually, free_port,
    front::{Authority, Front, Identity},
    sipp::{Sipp, Step::*},
};

use crate::{
    heard::{CALL, GREETING, find, loudness, spoken},
    house::{CALLS_ALONE, House, ports},
    line::{LINE, asking},
};

/// A line by TLS whose server is vouched for by the authority in the file `ca`.
const TLS: &str = "transport = \"tls\"\nca = \"ca\"\n";

/// A server to register at, with TLS before it, that has this certificate.
async fn registrar(identity: &Identity) -> (Sipp, Front) {
    let (port, media) = ports();
    let server = Sipp::run_over_tcp(port, media, &asking("REGISTER", "200 OK"), 100).unwrap();
    (server, Front::before(port, identity).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_registers_by_tls_at_a_server_that_is_vouched_for() {
    let authority = Authority::new().unwrap();
    let (_server, front) = registrar(&authority.vouches_for("127.0.0.1").unwrap()).await;
    let secrets = [("line", "the right one"), ("ca", &authority.pem())];
    let house = House::with_line(front.port, &format!("{LINE}{TLS}"), &secrets).await;
    eventually("the line registers", async || house.said("telephone line is up").then_some(()))
        .await;
    assert!(house.phone_is_up().await);
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_cannot_prove_who_it_is_is_refused_and_people_read_why() {
    let (trusted, stranger) = (Authority::new().unwrap(), Authority::new().unwrap());
    for (identity, wanted) in [
        (stranger.vouches_for("127.0.0.1").unwrap(), "authority that is not trusted"),
        (trusted.vouches_for("sip.example.org").unwrap(), "for another name"),
    ] {
        let (_server, front) = registrar(&identity).await;
        let secrets = [("line", "the right one"), ("ca", &trusted.pem())];
        let house = House::with_line(front.port, &format!("{LINE}{TLS}"), &secrets).await;
        let words = eventually("the line is known to be down", async || {
            house.alarm("telephone line").await
        })
        .await;
        assert!(words.contains("not trusted") && words.contains(wanted), "{words}");
        assert!(!house.said("telephone line is up"));
        // Nor is anything said to it in a call, and the next way is taken at once.
        let begun = Instant::now();
        let _board = house.press(1).await;
        let failed = house.told("failed").await;
        assert!(failed["reason"].as_str().unwrap().contains(wanted), "{failed}");
        house.hooks.first("li", "alert").await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        house.gateway.stop().unwrap();
    }
}

/// A call by TLS to baresip, which encrypts in this manner, is heard and answered by a key.
async fn is_heard(manner: &str, srtp: &str) {
    let authority = Authority::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let identity = folder.path().join("phone.pem");
    authority.vouches_for("127.0.0.1").unwrap().write(&identity).unwrap();
    let port = free_port().unwrap();
    let _next = free_port().unwrap();
    let phone = Baresip::secure(port, &identity, manner).await.unwrap();
    let line = format!("register = false\n{TLS}{srtp}");
    let house = House::with_line(port + 1, &line, &[("ca", &authority.pem())]).await;
    eventually("the trunk answers", async || house.said("telephone line is up").then_some(()))
        .await;
    let _board = house.press(1).await;
    house.told("accepted").await;
    let (greeting, call) = (spoken(GREETING), spoken(CALL));
    let said = Duration::from_millis(20 * (greeting.len() + call.len() + 50) as u64);
    tokio::time::sleep(said).await;
    phone.press('1').unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    eventually("both sentences were heard", async || {
        let heard = loudness(&phone.heard()?);
        let ((at, greeted), (then, told)) = (find(&heard, &greeting), find(&heard, &call));
        println!("{manner}: greeting {greeted:.2} alike, call {told:.2} alike");
        (greeted > 0.9 && told > 0.9 && at < then).then_some(())
    })
    .await;
    assert!(!house.gateway.said().contains("inline:"), "a key is in the log");
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speech_is_encrypted_for_a_telephone_that_insists_on_it() {
    is_heard("srtp-mand", "").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn speech_is_encrypted_where_we_insist_on_it() {
    is_heard("srtp", "srtp = \"required\"\n").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_does_not_know_encryption_is_spoken_to_unless_we_insist() {
    for (srtp, is_spoken_to) in [("offered", true), ("required", false)] {
        let authority = Authority::new().unwrap();
        let (port, media) = ports();
        let again = [Ring, Wait(Duration::from_millis(600)), PickUp, Key('1'), IsHungUpOn];
        let phone = Sipp::refusing_secure_over_tcp(port, media, 488, &again).unwrap();
        let front =
            Front::before(port, &authority.vouches_for("127.0.0.1").unwrap()).await.unwrap();
        let line = format!("{CALLS_ALONE}{TLS}srtp = \"{srtp}\"\n");
        let house = House::with_line(front.port, &line, &[("ca", &authority.pem())]).await;
        let _board = house.press(1).await;
        if is_spoken_to {
            house.incident("Wang is going", |i| i["phase"] == "going").await;
        } else {
            let failed = house.told("failed").await;
            assert!(failed["reason"].as_str().unwrap().contains("encrypted"), "{failed}");
        }
        let (_, first) = phone.message("INVITE").unwrap();
        assert!(first.contains("RTP/SAVP") && first.contains("a=crypto:1"), "{first}");
        house.gateway.stop().unwrap();
    }
}
