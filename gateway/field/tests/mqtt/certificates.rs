//! A Mosquitto that wants to know who comes: by a certificate, or by a user and a password.

use std::sync::Arc;

use gengfu_core::{id::DeviceId, input::Input};
use gengfu_field::{
    adapter::json::JsonDevice,
    mqtt::{Identity, MqttSettings, MqttSource, Roots, Routes, Tls},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::{
    house::{GATEWAY, SITE, connected, engine, until},
    mosquitto::{Mosquitto, program},
};

/// Somebody who signs certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its certificate.
    fn pem(&self) -> Vec<u8> {
        self.0.pem().into_bytes()
    }

    /// A certificate and its key.
    fn signs(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.0).unwrap().pem().into_bytes();
        Identity { certificate, key: key.serialize_pem().into_bytes() }
    }
}

/// The broker's side: who signed its certificate, and who must have signed the gateway's.
struct Guarded {
    broker: Mosquitto,
    authority: Authority,
}

impl Guarded {
    /// It shows a certificate; `more` says what it wants to see.
    fn start(more: &str) -> Self {
        let authority = Authority::new("the house");
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let own = authority.signs("localhost");
        std::fs::write(at("ca.pem"), authority.pem()).unwrap();
        std::fs::write(at("cert.pem"), own.certificate).unwrap();
        std::fs::write(at("key.pem"), own.key).unwrap();
        let made = program("mosquitto_passwd")
            .args(["-c", "-b", &at("passwd"), "gengfu", "right"])
            .status()
            .expect("Debian's package mosquitto is installed");
        assert!(made.success());
        let conf = format!(
            "cafile {}\ncertfile {}\nkeyfile {}\n{}",
            at("ca.pem"),
            at("cert.pem"),
            at("key.pem"),
            more.replace("PASSWD", &at("passwd")),
        );
        Self { broker: Mosquitto::start(folder, &conf), authority }
    }

    /// The gateway's client with what it trusts and shows.
    fn gateway(&self, tls: Tls, login: Option<(&str, &str)>) -> (MqttSource, crate::house::Engine) {
        let routes = Routes::without_boards(SITE);
        let sensor = JsonDevice {
            device: DeviceId::from("sensor"),
            base: "sensor".into(),
            availability: "availability".into(),
            presence: Default::default(),
            recent: None,
            calls: true,
            points: vec![],
        };
        routes.set(vec![], vec![sensor]);
        let settings = MqttSettings {
            host: "localhost".into(),
            port: self.broker.at.port(),
            client_id: GATEWAY.into(),
            login: login.map(|(user, password)| (user.into(), password.into())),
            telemetry: None,
            tls: Some(tls),
            will: None,
        };
        let (lanes, engine) = engine();
        (MqttSource::start(&settings, routes, lanes, Arc::new(|_| true)).unwrap(), engine)
    }

    fn trusting(&self, identity: Option<Identity>) -> Tls {
        Tls { roots: Roots::Pem(self.authority.pem()), identity }
    }
}

/// What the client says once it could not connect.
async fn trouble(source: &MqttSource) -> String {
    until("it says why it can't connect", || source.trouble().is_some()).await;
    assert!(!source.is_connected());
    source.trouble().unwrap()
}

#[tokio::test]
async fn a_broker_that_wants_a_certificate_takes_the_right_one_and_no_other() {
    let house = Guarded::start("require_certificate true\nallow_anonymous true\n");
    let own = house.authority.signs("gengfu");
    let (source, mut engine) = house.gateway(house.trusting(Some(own.clone())), None);
    connected(&source).await;
    assert_eq!(source.trouble(), None);
    let folder = house.broker.folder.path();
    std::fs::write(folder.join("sensor.pem"), own.certificate).unwrap();
    std::fs::write(folder.join("sensor-key.pem"), own.key).unwrap();
    let at = |name: &str| folder.join(name).display().to_string();
    let said = std::process::Command::new("mosquitto_pub")
        .args(["-h", "localhost", "-p", &house.broker.at.port().to_string(), "-q", "1"])
        .args(["--cafile", &at("ca.pem"), "--cert", &at("sensor.pem")])
        .args(["--key", &at("sensor-key.pem"), "-t", "sensor/availability", "-m", "online"])
        .status()
        .unwrap();
    assert!(said.success());
    assert_eq!(engine.keep(1).await, [Input::Heard(DeviceId::from("sensor"))]);
    source.stop().await;

    let (source, _engine) = house.gateway(house.trusting(None), None);
    let told = trouble(&source).await;
    assert!(told.contains("the broker wants a certificate of the gateway"), "{told}");

    // Signed by somebody whom the broker does not know.
    let wrong = Authority::new("somebody").signs("gengfu");
    let (source, _engine) = house.gateway(house.trusting(Some(wrong)), None);
    let told = trouble(&source).await;
    assert!(told.contains("the broker does not take the gateway's certificate"), "{told}");
}

#[tokio::test]
async fn a_broker_whose_certificate_is_from_somebody_else_is_not_spoken_to() {
    let house = Guarded::start("allow_anonymous true\n");
    let tls = Tls::trusting(Roots::Pem(Authority::new("somebody").pem()));
    let (source, _engine) = house.gateway(tls, None);
    let told = trouble(&source).await;
    assert!(told.contains("put its authority's into ca_file"), "{told}");
}

#[tokio::test]
async fn user_and_password_count_over_tls_and_a_wrong_one_is_told_as_that() {
    let house = Guarded::start("allow_anonymous false\npassword_file PASSWD\n");
    let (source, _engine) = house.gateway(house.trusting(None), Some(("gengfu", "right")));
    connected(&source).await;
    source.stop().await;
    for login in [None, Some(("gengfu", "wrong")), Some(("nobody", "right"))] {
        let (source, _engine) = house.gateway(house.trusting(None), login);
        let told = trouble(&source).await;
        assert!(told.contains("correct `user` and password_file"), "{login:?}: {told}");
        assert!(!told.contains("right") && !told.contains("wrong"), "no secret: {told}");
    }
}
