//! A broker, and the least that a gateway does: it hears the boards and sends receipts, if it likes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use gengfu_sim::building::BoardSettings;
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, decode, encode},
    down::Receipt,
    topic::{self, Down, Up},
    up::Event,
};
use mqtt5::broker::{
    BrokerConfig, MqttBroker,
    config::{AuthConfig, StorageBackend, StorageConfig},
};
use rumqttc::{
    AsyncClient, MqttOptions, PublishOptions,
    mqttbytes::{QoS, v5::Packet},
};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

pub const SITE: &str = "garden";
/// Longer than anything here takes; a test that waits so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What a board said.
#[derive(Debug, Clone)]
pub struct Said {
    pub board: String,
    pub what: Up,
    pub payload: Vec<u8>,
}

impl Said {
    pub fn event(&self) -> Event {
        decode(&self.payload).unwrap()
    }
}

pub struct Gateway {
    pub port: u16,
    pub said: mpsc::Receiver<Said>,
    pub client: AsyncClient,
    /// Whether events are answered by a receipt.
    pub answers: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Gateway {
    pub async fn start(answers: bool) -> Self {
        let config = BrokerConfig {
            bind_addresses: vec!["127.0.0.1:0".parse().unwrap()],
            auth_config: AuthConfig { allow_anonymous: true, ..AuthConfig::default() },
            storage_config: StorageConfig {
                backend: StorageBackend::Memory,
                ..StorageConfig::default()
            },
            ..BrokerConfig::default()
        };
        let mut broker = MqttBroker::with_config(config).await.unwrap();
        let port = broker.local_addr().unwrap().port();
        let mut ready = broker.ready_receiver();
        let broker = tokio::spawn(async move { broker.run().await.unwrap() });
        ready.wait_for(|ready| *ready).await.unwrap();

        let options = MqttOptions::new("gateway", ("127.0.0.1", port));
        let (client, mut connection) = AsyncClient::builder(options).capacity(4096).build();
        client
            .subscribe(topic::every_board(SITE).unwrap().as_str(), QoS::AtLeastOnce)
            .await
            .unwrap();
        let answers = Arc::new(AtomicBool::new(answers));
        let (to, said) = mpsc::channel(100_000);
        let (talker, answering) = (client.clone(), answers.clone());
        let (subscribed_to, mut subscribed) = mpsc::channel(1);
        let hearing = tokio::spawn(async move {
            loop {
                match connection.poll().await.unwrap() {
                    rumqttc::Event::Incoming(Packet::SubAck(_)) => {
                        subscribed_to.send(()).await.unwrap();
                    }
                    rumqttc::Event::Incoming(Packet::Publish(p)) => {
                        let topic = std::str::from_utf8(&p.topic).unwrap().to_owned();
                        let (board, what) = topic::parse_up(SITE, &topic).unwrap();
                        let said = Said { board: board.into(), what, payload: p.payload.to_vec() };
                        if what == Up::Event && answering.load(Ordering::Relaxed) {
                            let Event { boot, seq, .. } = said.event();
                            tell(
                                &talker,
                                board,
                                Down::Receipt,
                                &Receipt { v: VERSION, boot, seq },
                                false,
                            );
                        }
                        to.send(said).await.unwrap();
                    }
                    _ => {}
                }
            }
        });
        timeout(PATIENCE, subscribed.recv()).await.unwrap().unwrap();
        Self { port, said, client, answers, tasks: vec![broker, hearing] }
    }

    pub fn board(&self, id: &str) -> BoardSettings {
        BoardSettings::new("127.0.0.1", self.port, SITE, id)
    }

    /// The next thing of this kind that any board says; other kinds are passed over.
    pub async fn next(&mut self, what: Up) -> Said {
        let found = async {
            loop {
                let said = self.said.recv().await.expect("the gateway hears no more");
                if said.what == what {
                    return said;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("no board says {what:?}"))
    }

    /// Says something to a board.
    pub fn tell<P: Payload>(&self, board: &str, what: Down, message: &P) {
        tell(&self.client, board, what, message, what == Down::Config);
    }
}

fn tell<P: Payload>(client: &AsyncClient, board: &str, what: Down, message: &P, retain: bool) {
    let mut buffer = [0; MAX_PAYLOAD];
    let bytes = encode(message, &mut buffer).unwrap().to_vec();
    let options = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
    client.try_publish(topic::down(SITE, board, what).unwrap().as_str(), bytes, options).unwrap();
}
