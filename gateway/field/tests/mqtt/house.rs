//! A broker, its users, the gateway's client, and a scripted engine at the end of the alarm lane.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::{Origin, Reading},
    time::Span,
};
use gengfu_field::{
    adapter::board::Board,
    broker::{Broker, BrokerSettings},
    credentials::{self, Credentials},
    lane::{ALARM_LANE, Envelope, Lanes, Outcome, TelemetryLane},
    mqtt::{MqttSettings, MqttSource, Routes},
    profile::BoardInput,
};
use gengfu_wire::{
    MAX_PAYLOAD,
    codec::{Payload, encode},
    topic::{self, Down, Up},
};
use tokio::sync::mpsc;

use crate::tools::Tool;

pub const SITE: &str = "garden-12";
/// The gateway's user and client id.
pub const GATEWAY: &str = "gengfu-garden-12";
/// The same for telemetry.
pub const TELEMETRY: &str = "gengfu-garden-12-telemetry";
/// Nothing here takes longer on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

/// The embedded broker with two boards, the gateway and another program as its users.
pub struct House {
    pub users: Credentials,
    pub broker: Broker,
    pub at: SocketAddr,
}

/// Each user's password is its name and this.
pub fn password(name: &str) -> String {
    format!("{name}-secret")
}

pub fn users() -> Credentials {
    let users = Credentials::default();
    for board in ["lift-1", "lift-2"] {
        users.put_board(SITE, board, &credentials::verifier(&password(board)).unwrap());
    }
    let all = ["#".to_owned()];
    for own in [GATEWAY, TELEMETRY] {
        users.put_user(own, &credentials::verifier(&password(own)).unwrap(), &all, &all);
    }
    let own = ["home/#".to_owned()];
    users.put_user("home", &credentials::verifier(&password("home")).unwrap(), &own, &own);
    users
}

pub async fn start_broker(at: Option<SocketAddr>, users: &Credentials) -> Broker {
    let listen = Some(at.unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))));
    let settings =
        BrokerSettings { listen, tls: None, boards: None, own: GATEWAY.into(), telemetry: None };
    Broker::start(settings, users.clone()).await.unwrap()
}

impl House {
    pub async fn start() -> Self {
        let users = users();
        let broker = start_broker(None, &users).await;
        let at = broker.local_addr().unwrap();
        Self { users, broker, at }
    }

    /// Stops the broker, and starts it again at the same place: it has forgotten everything.
    pub async fn restart_broker(self) -> Self {
        let Self { users, broker, at } = self;
        broker.stop().await;
        let broker = start_broker(Some(at), &users).await;
        Self { users, broker, at }
    }

    pub fn tool(&self, user: &str) -> Tool {
        Tool {
            at: self.at,
            user: user.into(),
            password: password(user),
            client_id: user.into(),
            version: "5",
        }
    }

    /// The gateway's client, connected, and the engine that hears it.
    pub async fn gateway(&self) -> (MqttSource, Engine) {
        let (lanes, engine) = engine();
        let source = gateway(self.at, routes(), lanes);
        connected(&source).await;
        (source, engine)
    }
}

/// A lift's board with a call button and a fire contact.
pub fn board(name: &str) -> Board {
    let input = |number, role: &str| BoardInput {
        number,
        point: PointId::from(format!("{name}/in{number}").as_str()),
        role: role.into(),
        normally_closed: false,
        bare: false,
        debounce: Span::millis(100),
    };
    let inputs = vec![input(1, "call"), input(2, "fault")];
    Board::new(DeviceId::from(name), inputs)
}

pub fn routes() -> Routes {
    let routes = Routes::new(SITE);
    routes.set(vec![board("lift-1"), board("lift-2")], vec![]);
    routes
}

pub fn gateway(at: SocketAddr, routes: Routes, lanes: Lanes) -> MqttSource {
    MqttSource::start(&settings(at), routes, lanes, Arc::new(|_| true)).unwrap()
}

/// The gateway with a session of its own for telemetry.
pub fn gateway_with_two(at: SocketAddr, routes: Routes, lanes: Lanes) -> MqttSource {
    let telemetry = Some((TELEMETRY.into(), (TELEMETRY.into(), password(TELEMETRY))));
    let settings = MqttSettings { telemetry, ..settings(at) };
    MqttSource::start(&settings, routes, lanes, Arc::new(|_| true)).unwrap()
}

fn settings(at: SocketAddr) -> MqttSettings {
    MqttSettings {
        host: at.ip().to_string(),
        port: at.port(),
        client_id: GATEWAY.into(),
        login: Some((GATEWAY.into(), password(GATEWAY))),
        telemetry: None,
        tls: None,
        will: None,
    }
}

/// Waits for something that has no signal of its own.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

pub async fn connected(source: &MqttSource) {
    until("the gateway is connected", || source.is_connected()).await;
}

/// The engine's end of both lanes.
pub struct Engine {
    alarms: mpsc::Receiver<Envelope>,
    pub telemetry: mpsc::Receiver<Reading>,
}

pub fn engine() -> (Lanes, Engine) {
    engine_with(ALARM_LANE, ALARM_LANE)
}

pub fn engine_with(alarm: usize, telemetry: usize) -> (Lanes, Engine) {
    let (to, alarms) = mpsc::channel(alarm);
    let (telemetry, from) = TelemetryLane::new(telemetry);
    (Lanes { alarm: to, telemetry }, Engine { alarms, telemetry: from })
}

impl Engine {
    /// The next input, undecided.
    /// True where nothing has come to it.
    pub fn is_idle(&mut self) -> bool {
        self.alarms.try_recv().is_err() && self.telemetry.try_recv().is_err()
    }

    pub async fn next(&mut self) -> Envelope {
        tokio::time::timeout(LIMIT, self.alarms.recv())
            .await
            .expect("an input comes in time")
            .expect("the client runs")
    }

    /// The next numbered event; whatever comes before it is decided and kept.
    pub async fn event(&mut self) -> (Origin, Envelope) {
        loop {
            let envelope = self.next().await;
            if let Input::Reading(Reading { origin: Some(origin), .. }) = envelope.input {
                return (origin, envelope);
            }
            (envelope.done)(Outcome::Kept);
        }
    }

    /// Decides the next `count` inputs at once, and tells what they were.
    pub async fn keep(&mut self, count: usize) -> Vec<Input> {
        let mut inputs = vec![];
        for _ in 0..count {
            let Envelope { input, done } = self.next().await;
            done(Outcome::Kept);
            inputs.push(input);
        }
        inputs
    }

    /// What has come and nobody has asked for.
    pub fn is_empty(&self) -> bool {
        self.alarms.is_empty()
    }
}

pub fn up(board: &str, what: Up) -> String {
    topic::up(SITE, board, what).unwrap().as_str().to_owned()
}

pub fn down(board: &str, what: Down) -> String {
    topic::down(SITE, board, what).unwrap().as_str().to_owned()
}

pub fn written<P: Payload>(payload: &P) -> String {
    let mut buffer = [0; MAX_PAYLOAD];
    String::from_utf8(encode(payload, &mut buffer).unwrap().to_vec()).unwrap()
}

/// A call, as the board says it.
pub fn event(boot: u32, seq: u32) -> String {
    format!(r#"{{"v":1,"boot":{boot},"seq":{seq},"input":1,"state":"active","age_ms":0}}"#)
}

pub fn receipt(boot: u32, seq: u32) -> String {
    format!(r#"{{"v":1,"boot":{boot},"seq":{seq}}}"#)
}
