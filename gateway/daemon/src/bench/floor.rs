//! The floor: what nothing that keeps an event before it tells of it can be faster than.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::Context;
use gengfu_field::{
    broker::{Broker, BrokerSettings},
    credentials::{self, Credentials},
};
use rumqttc::{
    AsyncClient, Event, MqttOptions, NetworkOptions, PublishOptions,
    mqttbytes::{QoS, v5::Packet},
};

use super::Spread;

/// The two parts of the floor.
pub struct Floor {
    /// One write of 200 bytes, on the disk.
    pub disk: Spread,
    /// One message at least once to the broker and back to a subscriber.
    pub broker: Spread,
}

/// Measures both, so many times, with a pause before each: a machine that has gone to rest between
/// two events takes longer for each of them than one that is kept busy.
///
/// # Errors
/// Where the broker can't be started.
pub async fn measure(folder: &Path, times: usize, pause: Duration) -> anyhow::Result<Floor> {
    let written = folder.to_path_buf();
    let disk = tokio::task::spawn_blocking(move || {
        gengfu_store::bench::floor_fdatasync(&written, times, pause)
    });
    let disk = Spread::of(disk.await??)?;
    let users = Credentials::default();
    let own = credentials::issue()?;
    let all = ["#".to_owned()];
    users.put_user("floor", &own.verifier, &all, &all);
    let settings = BrokerSettings {
        listen: Some(([127, 0, 0, 1], 0).into()),
        tls: None,
        boards: None,
        own: "floor".into(),
        telemetry: None,
    };
    let broker = Broker::start(settings, users).await?;
    let port = broker.local_addr().context("the broker has no port")?.port();
    let mut options = MqttOptions::new("floor", ("127.0.0.1", port));
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options.set_credentials("floor", own.password).set_network_options(network);
    let (client, mut connection) = AsyncClient::builder(options).capacity(16).build();
    client.subscribe("floor", QoS::AtLeastOnce).await?;
    let mut taken: Vec<Duration> = vec![];
    let mut sent = Instant::now();
    while taken.len() < times {
        match connection.poll().await? {
            Event::Incoming(Packet::SubAck(_)) => {}
            Event::Incoming(Packet::Publish(_)) => taken.push(sent.elapsed()),
            _ => continue,
        }
        tokio::time::sleep(pause).await;
        sent = Instant::now();
        client.publish("floor", vec![b'x'; 200], PublishOptions::at_least_once()).await?;
    }
    drop(connection);
    broker.stop().await;
    Ok(Floor { disk, broker: Spread::of(taken)? })
}

impl Floor {
    /// Both, one after the other: the middle.
    pub fn p50(&self) -> Duration {
        self.disk.p50 + self.broker.p50
    }

    /// Both, one after the other: the edge.
    pub fn p99(&self) -> Duration {
        self.disk.p99 + self.broker.p99
    }
}
