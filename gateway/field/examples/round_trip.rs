//! How long an event takes from a board to its receipt, through the embedded broker and the
//! gateway's client, with an engine that decides at once: what MQTT costs, without the disk.
//!
//! `cargo run --release -p gengfu-field --example round_trip`

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use gengfu_core::{
    id::{DeviceId, PointId},
    time::Span,
};
use gengfu_field::{
    adapter::board::Board,
    broker::{Broker, BrokerSettings},
    credentials::{self, Credentials},
    lane::{ALARM_LANE, Lanes, Outcome, TelemetryLane},
    mqtt::{MqttSettings, MqttSource, Routes},
    profile::BoardInput,
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::encode,
    topic::{self, Down, Up},
    up::{Event, InputState},
};
use rumqttc::{
    AsyncClient, Event as Happened, MqttOptions, NetworkOptions, PublishOptions, SessionMode,
    mqttbytes::{QoS, v5::Packet},
};

const SITE: &str = "house";
const BOARD: &str = "lift-1";
const EVENTS: u32 = 1_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (users, board, own) =
        (Credentials::default(), credentials::issue()?, credentials::issue()?);
    users.put_board(SITE, BOARD, &board.verifier);
    users.put_user("gateway", &own.verifier, &["#".into()], &["#".into()]);
    let settings = BrokerSettings {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        tls: None,
        boards: None,
        own: "gateway".into(),
        telemetry: None,
    };
    let broker = Broker::start(settings, users).await?;
    let at = broker.local_addr().ok_or("the broker has an address")?;

    let routes = Routes::new(SITE);
    let input = BoardInput {
        number: 1,
        point: PointId::from("lift-1/in1"),
        role: "call".into(),
        normally_closed: false,
        bare: false,
        debounce: Span::millis(100),
    };
    routes.set(vec![Board::new(DeviceId::from(BOARD), vec![input])], vec![]);
    let (alarm, mut inputs) =
        tokio::sync::mpsc::channel::<gengfu_field::lane::Envelope>(ALARM_LANE);
    let (telemetry, mut history) = TelemetryLane::new(ALARM_LANE);
    tokio::spawn(async move { while history.recv().await.is_some() {} });
    tokio::spawn(async move {
        while let Some(envelope) = inputs.recv().await {
            (envelope.done)(Outcome::Kept);
        }
    });
    let settings = MqttSettings {
        host: at.ip().to_string(),
        port: at.port(),
        client_id: "gateway".into(),
        login: Some(("gateway".into(), own.password)),
        telemetry: None,
        tls: None,
        will: None,
    };
    let source =
        MqttSource::start(&settings, routes, Lanes { alarm, telemetry }, Arc::new(|_| true))?;
    while !source.is_connected() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    let mut options = MqttOptions::new(BOARD, (at.ip().to_string(), at.port()));
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options
        .set_credentials(BOARD, board.password)
        .set_session_mode(SessionMode::Clean)
        .set_network_options(network);
    let (client, mut connection) = AsyncClient::builder(options).capacity(16).build();
    let receipts = topic::down(SITE, BOARD, Down::Receipt).ok_or("a short name")?;
    let events = topic::up(SITE, BOARD, Up::Event).ok_or("a short name")?;
    client.subscribe(receipts.as_str(), QoS::AtLeastOnce).await?;
    let mut took: Vec<Duration> = vec![];
    let (mut seq, mut said) = (0, Instant::now());
    loop {
        match connection.poll().await? {
            Happened::Incoming(Packet::SubAck(_)) => {}
            Happened::Incoming(Packet::Publish(_)) => took.push(said.elapsed()),
            _ => continue,
        }
        if seq == EVENTS {
            break;
        }
        seq += 1;
        let event =
            Event { v: VERSION, boot: 1, seq, input: 1, state: InputState::Active, age_ms: 0 };
        let mut buffer = [0; MAX_PAYLOAD];
        let payload = encode(&event, &mut buffer)?.to_vec();
        said = Instant::now();
        client.publish(events.as_str(), payload, PublishOptions::new(QoS::AtLeastOnce)).await?;
    }
    took.sort_unstable();
    let at = |part: usize| took[part * (took.len() - 1) / 100];
    println!(
        "{} events, one after the other: p50 {:?}, p99 {:?}, longest {:?}",
        took.len(),
        at(50),
        at(99),
        at(100)
    );
    source.stop().await;
    broker.stop().await;
    Ok(())
}
