//! The embedded broker with TLS, tried with Mosquitto's client and with the gateway's own.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use gengfu_field::{
    broker::{Broker, BrokerSettings},
    lane::Outcome,
    mqtt::{MqttSettings, MqttSource, Roots, Tls},
};
use gengfu_wire::{TLS_NAME, topic::Up};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};

use crate::{
    house::{GATEWAY, LIMIT, connected, engine, event, password, routes, up, users},
    tools::Tool,
};

struct Encrypted {
    folder: tempfile::TempDir,
    at: SocketAddr,
    /// What clients trust.
    certificate: PathBuf,
    /// What boards trust.
    boards: PathBuf,
    broker: Broker,
}

/// A certificate for this machine, and what trusts it.
fn certificate() -> (ServerConfig, String) {
    certificate_for("localhost")
}

fn certificate_for(name: &str) -> (ServerConfig, String) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (config, own.cert.pem())
}

/// A broker that speaks TLS and nothing else.
async fn encrypted() -> Encrypted {
    let folder = tempfile::tempdir().unwrap();
    let (shown, trusted) = certificate();
    let certificate = folder.path().join("broker.crt");
    std::fs::write(&certificate, trusted).unwrap();
    let (for_boards, trusted) = certificate_for(TLS_NAME);
    let boards = folder.path().join("boards.crt");
    std::fs::write(&boards, trusted).unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = BrokerSettings {
        listen: None,
        tls: Some((listen, Arc::new(shown))),
        boards: Some(Arc::new(for_boards)),
        own: GATEWAY.into(),
        telemetry: None,
    };
    let broker = Broker::start(settings, users()).await.unwrap();
    let at = broker.tls_addr().expect("it listens with TLS");
    Encrypted { folder, at, certificate, boards, broker }
}

#[tokio::test]
async fn a_board_and_the_gateway_speak_over_tls() {
    let house = encrypted().await;
    let (lanes, mut engine) = engine();
    let settings = |roots| MqttSettings {
        host: "localhost".into(),
        port: house.at.port(),
        client_id: GATEWAY.into(),
        login: Some((GATEWAY.into(), password(GATEWAY))),
        telemetry: None,
        tls: Some(Tls::trusting(roots)),
        will: None,
    };
    let roots = Roots::Pem(std::fs::read(&house.certificate).unwrap());
    let source = MqttSource::start(&settings(roots), routes(), lanes, Arc::new(|_| true)).unwrap();
    connected(&source).await;

    let tool = Tool {
        at: house.at,
        user: "lift-1".into(),
        password: password("lift-1"),
        client_id: "lift-1".into(),
        version: "5",
    };
    let trust = house.certificate.to_str().unwrap();
    // The last host that is named counts: the certificate is for a name, not for an address.
    let with_tls = ["--cafile", trust, "-h", "localhost"];
    let topic = up("lift-1", Up::Event);
    for (version, seq) in [("5", 1), ("311", 2)] {
        let said = tool.version(version).publish(&topic, &event(1, seq), &with_tls).await;
        assert_eq!((said.code, said.complaint.as_str()), (0, ""), "MQTT {version}");
        let (origin, envelope) = engine.event().await;
        assert_eq!(origin.seq, seq);
        (envelope.done)(Outcome::Kept);
    }

    // The password counts here as well; and what is not encrypted gets no answer.
    let refused = tool.password("wrong").publish(&topic, "x", &with_tls).await;
    assert_eq!(refused.code, 134, "{refused:?}");
    let plain = tool.publish(&topic, "x", &[]).await;
    assert_ne!(plain.code, 0, "{plain:?}");
    assert_eq!(house.broker.local_addr(), None);
}

#[tokio::test]
async fn the_gateway_does_not_speak_to_a_broker_that_it_has_no_reason_to_trust() {
    let house = encrypted().await;
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    // In front of the broker, somebody who counts the attempts.
    let door = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = MqttSettings {
        host: "localhost".into(),
        port: door.local_addr().unwrap().port(),
        client_id: GATEWAY.into(),
        login: Some((GATEWAY.into(), password(GATEWAY))),
        telemetry: None,
        tls: Some(Tls::trusting(Roots::Pem(other.cert.pem().into_bytes()))),
        will: None,
    };
    let (lanes, _engine) = engine();
    let source = MqttSource::start(&settings, routes(), lanes, Arc::new(|_| true)).unwrap();
    for _ in 0..3 {
        // Each attempt but the first proves that the one before it has failed.
        let attempt = tokio::time::timeout(LIMIT, door.accept()).await.expect("it tries again");
        let (mut from, mut to) =
            (attempt.unwrap().0, tokio::net::TcpStream::connect(house.at).await.unwrap());
        let _cut = tokio::io::copy_bidirectional(&mut from, &mut to).await;
        assert!(!source.is_connected());
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_who_comes_next_and_cuts_nobody_off() {
    let house = encrypted().await;
    let settings = |user: &str, trusted: Vec<u8>| MqttSettings {
        host: "localhost".into(),
        port: house.at.port(),
        client_id: user.into(),
        login: Some((user.into(), password(user))),
        telemetry: None,
        tls: Some(Tls::trusting(Roots::Pem(trusted))),
        will: None,
    };
    let (lanes, mut engine) = engine();
    let old = std::fs::read(&house.certificate).unwrap();
    let own = settings(GATEWAY, old.clone());
    let source = MqttSource::start(&own, routes(), lanes, Arc::new(|_| true)).unwrap();
    connected(&source).await;

    let (renewed, trusted) = certificate();
    house.broker.show(&renewed);
    let new = house.folder.path().join("renewed.crt");
    std::fs::write(&new, &trusted).unwrap();
    let board = Tool {
        at: house.at,
        user: "lift-1".into(),
        password: password("lift-1"),
        client_id: "lift-1".into(),
        version: "5",
    };
    let topic = up("lift-1", Up::Event);
    let trusting = |file: &PathBuf| {
        ["--cafile".to_owned(), file.to_str().unwrap().to_owned(), "-h".into(), "localhost".into()]
    };
    let (before, after) = (trusting(&house.certificate), trusting(&new));
    let before = before.each_ref().map(String::as_str);
    let after = after.each_ref().map(String::as_str);
    assert_ne!(board.publish(&topic, &event(1, 1), &before).await.code, 0, "the old one is gone");
    assert_eq!(board.publish(&topic, &event(1, 2), &after).await.code, 0);
    // The gateway's own connection, from before, hears it.
    let (origin, envelope) = engine.event().await;
    assert_eq!(origin.seq, 2);
    (envelope.done)(Outcome::Kept);
    assert!(source.is_connected());
}

#[tokio::test]
async fn a_board_is_shown_the_key_that_it_knows_whatever_others_are_shown() {
    let house = encrypted().await;
    let shown_to = async |name: &'static str, trusted: &PathBuf| {
        let mut roots = rustls::RootCertStore::empty();
        let pem = std::fs::read(trusted).unwrap();
        roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = tokio::net::TcpStream::connect(house.at).await.unwrap();
        let name = ServerName::try_from(name).unwrap();
        tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.is_ok()
    };
    assert!(shown_to(TLS_NAME, &house.boards).await);
    assert!(shown_to("localhost", &house.certificate).await);
    // A new certificate for the others is none for the boards.
    house.broker.show(&certificate().0);
    assert!(shown_to(TLS_NAME, &house.boards).await);
    assert!(!shown_to("localhost", &house.certificate).await);
}

#[tokio::test]
async fn who_says_nothing_with_tls_is_in_nobody_s_way() {
    let house = encrypted().await;
    let mut silent = vec![];
    for _ in 0..50 {
        silent.push(tokio::net::TcpStream::connect(house.at).await.unwrap());
    }
    let board = Tool {
        at: house.at,
        user: "lift-1".into(),
        password: password("lift-1"),
        client_id: "lift-1".into(),
        version: "5",
    };
    let trust = house.certificate.to_str().unwrap();
    let said =
        board.publish(&up("lift-1", Up::Event), "x", &["--cafile", trust, "-h", "localhost"]).await;
    assert_eq!(said.code, 0, "{said:?}");
}
