//! A board's connection to the broker: MQTT 5 with a last will, connected again and again.

use std::time::Duration;

use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, encode},
    topic::{self, Up},
    up::Presence,
};
use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, NetworkOptions, PublishOptions,
    SessionMode,
    mqttbytes::{QoS, v5::Packet},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::settings::BoardSettings;

/// The wait before a connection is tried again; a board's own, short because there is one.
const RECONNECT: Duration = Duration::from_millis(300);
/// Seconds between two signs of life to the broker.
const KEEP_ALIVE_S: u16 = 15;
/// Messages that may wait for the socket.
const WAITING: usize = 1024;

/// What comes over the connection.
#[derive(Debug)]
pub(super) enum Heard {
    /// The broker has let the board in.
    Connected,
    /// The connection is gone.
    Lost,
    /// A message.
    Message { topic: String, payload: Vec<u8> },
}

/// A connection. Dropped, it is cut as by a pulled plug: without a farewell, so that the broker
/// publishes the will.
pub(super) struct Link {
    client: AsyncClient,
    site: String,
    board: String,
    pub heard: mpsc::Receiver<Heard>,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    pub fn open(settings: &BoardSettings) -> Self {
        let mut options = MqttOptions::new(
            settings.id.clone(),
            (settings.broker_host.clone(), settings.broker_port),
        );
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        options.set_keep_alive(KEEP_ALIVE_S).set_session_mode(SessionMode::Clean);
        options.set_network_options(network);
        if let Some(login) = &settings.login {
            options.set_credentials(login.user.clone(), login.password.clone());
        }
        let will = payload(&Presence { v: VERSION, online: false });
        if let (Some(topic), Some(will)) =
            (topic::up(&settings.site, &settings.id, Up::Presence), will)
        {
            options.set_last_will(LastWill::new(
                topic.as_str(),
                will,
                QoS::AtLeastOnce,
                true,
                None,
            ));
        }
        let (client, connection) = AsyncClient::builder(options).capacity(WAITING).build();
        let (to, heard) = mpsc::channel(WAITING);
        let task = tokio::spawn(run(connection, to));
        Self { client, site: settings.site.clone(), board: settings.id.clone(), heard, task }
    }

    /// Subscribes to everything that the gateway says to the board.
    pub fn subscribe(&self) {
        let all = topic::all_down(&self.site, &self.board);
        let asked =
            all.map(|all| self.client.try_subscribe(all.as_str().to_owned(), QoS::AtLeastOnce));
        if !matches!(asked, Some(Ok(()))) {
            tracing::warn!(board = self.board, "the board can't subscribe to its own topics");
        }
    }

    /// Says something. What does not fit is said again later: an event by the queue, a heartbeat by
    /// the next one.
    pub fn say<P: Payload>(&self, what: Up, message: &P) {
        let (Some(topic), Some(bytes)) =
            (topic::up(&self.site, &self.board, what), payload(message))
        else {
            return;
        };
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(what == Up::Presence);
        if self.client.try_publish(topic.as_str(), bytes, options).is_err() {
            tracing::debug!(board = self.board, what = what.name(), "the connection is full");
        }
    }

    /// Leaves with a farewell: the will is not published.
    pub async fn close(mut self) {
        if self.client.disconnect().await.is_ok() {
            let left = async { while self.heard.recv().await.is_some() {} };
            drop(tokio::time::timeout(Duration::from_secs(1), left).await);
        }
    }
}

fn payload<P: Payload>(message: &P) -> Option<Vec<u8>> {
    let mut buffer = [0; MAX_PAYLOAD];
    encode(message, &mut buffer).ok().map(<[u8]>::to_vec)
}

async fn run(mut connection: EventLoop, to: mpsc::Sender<Heard>) {
    loop {
        let heard = match connection.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(_))) => Heard::Connected,
            Ok(Event::Incoming(Packet::Publish(publish))) => Heard::Message {
                topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                payload: publish.payload.to_vec(),
            },
            Ok(Event::Incoming(Packet::Disconnect(_))) => Heard::Lost,
            Ok(_) => continue,
            Err(rumqttc::ConnectionError::RequestsDone) => return,
            Err(error) => {
                tracing::debug!(%error, "a board has no connection");
                if to.send(Heard::Lost).await.is_err() {
                    return;
                }
                tokio::time::sleep(RECONNECT).await;
                continue;
            }
        };
        if to.send(heard).await.is_err() {
            return;
        }
    }
}
