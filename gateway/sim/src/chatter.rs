//! Many sensors that publish JSON all the time, behind a few bridges: for load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rumqttc::{
    AsyncClient, MqttOptions, NetworkOptions, PublishOptions, SessionMode, mqttbytes::QoS,
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::building::Login;

/// The wait before a bridge tries its broker again.
const RECONNECT: Duration = Duration::from_millis(200);
/// A bridge speaks this often; what it has to say comes in bursts, as from a real one.
const BREATH: Duration = Duration::from_millis(100);

/// A bridge: one connection that speaks for some sensors.
#[derive(Debug, Clone)]
pub struct Bridge {
    /// How it signs in.
    pub login: Login,
    /// Its sensors' topics.
    pub topics: Vec<String>,
}

/// Bridges that speak until this is dropped.
#[derive(Debug)]
pub struct Chatter {
    sent: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Chatter {
    /// Lets each bridge publish so many messages a second at the broker, its sensors in turn; each message
    /// holds a temperature, a humidity and a battery, and the first of these changes every time.
    pub fn start(host: &str, port: u16, bridges: &[Bridge], each_per_second: u32) -> Self {
        let sent = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for bridge in bridges {
            let mut options = MqttOptions::new(bridge.login.user.clone(), (host.to_owned(), port));
            let mut network = NetworkOptions::new();
            network.set_tcp_nodelay(true);
            options.set_keep_alive(30).set_session_mode(SessionMode::Clean);
            options.set_network_options(network);
            options.set_credentials(bridge.login.user.clone(), bridge.login.password.clone());
            let (client, mut connection) = AsyncClient::builder(options).capacity(256).build();
            tasks.spawn(async move {
                loop {
                    match connection.poll().await {
                        Ok(_) => {}
                        Err(rumqttc::ConnectionError::RequestsDone) => return,
                        Err(_) => sleep(RECONNECT).await,
                    }
                }
            });
            let (topics, sent) = (bridge.topics.clone(), sent.clone());
            tasks.spawn(speak(client, topics, each_per_second, sent));
        }
        Self { sent, _tasks: tasks }
    }

    /// Messages that were handed to the connections so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

async fn speak(client: AsyncClient, topics: Vec<String>, per_second: u32, sent: Arc<AtomicU64>) {
    let at_once = (f64::from(per_second) * BREATH.as_secs_f64()).round();
    let mut beat = interval(BREATH);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut said: f64 = 0.0;
    for topic in topics.iter().cycle() {
        if said % at_once == 0.0 {
            beat.tick().await;
        }
        said += 1.0;
        let temperature = (said * 0.1) % 60.0;
        let payload = format!(
            "{{\"temperature\":{temperature:.1},\"humidity\":48.5,\"battery\":87,\"linkquality\":120}}"
        );
        let options = PublishOptions::new(QoS::AtMostOnce);
        if client.publish(topic.clone(), payload, options).await.is_err() {
            return;
        }
        sent.fetch_add(1, Ordering::Relaxed);
    }
}
