//! The embedded broker with TLS, tried with Mosquitto's client and with the gateway's own.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use gengfu_field::{
    broker::{Broker, BrokerSettings},
    lane::Outcome,
    mqtt::{MqttSettings, MqttSource, Roots},
};
use gengfu_wire::topic::Up;

use crate::{
    house::{GATEWAY, LIMIT, connected, engine, event, password, routes, up, users},
    tools::Tool,
};

struct Encrypted {
    _folder: tempfile::TempDir,
    at: SocketAddr,
    /// What clients trust.
    certificate: PathBuf,
    broker: Broker,
}

/// A broker that speaks TLS and nothing else.
async fn encrypted() -> Encrypted {
    let folder = tempfile::tempdir().unwrap();
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("broker.crt"), folder.path().join("broker.key"));
    std::fs::write(&certificate, own.cert.pem()).unwrap();
    std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = BrokerSettings {
        listen: None,
        tls: Some((listen, certificate.clone(), key)),
        own: GATEWAY.into(),
    };
    let broker = Broker::start(settings, users()).await.unwrap();
    let at = broker.tls_addr().expect("it listens with TLS");
    Encrypted { _folder: folder, at, certificate, broker }
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
        tls: Some(roots),
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
        tls: Some(Roots::Pem(other.cert.pem().into_bytes())),
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
