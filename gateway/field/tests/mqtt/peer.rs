//! A client that stays connected: a board, or somebody who listens.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rumqttc::{
    AsyncClient, Event, IncomingPacketSizeLimit, LastWill, MqttOptions, PublishNoticeError,
    PublishOptions, SessionMode,
    mqttbytes::{QoS, v5::Packet},
};
use tokio::{sync::mpsc, task::JoinHandle};

use crate::house::{LIMIT, password};

/// A message as it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub topic: String,
    pub words: String,
    pub retained: bool,
}

/// A client. Dropped, its cable is cut.
pub struct Peer {
    client: AsyncClient,
    heard: mpsc::Receiver<Heard>,
    is_open: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// Connects as `user` and subscribes.
    pub async fn connect(at: SocketAddr, user: &str, filters: &[&str]) -> Self {
        Self::open(at, user, filters, None).await
    }

    /// Connects as `user` and leaves a retained will.
    pub async fn with_will(at: SocketAddr, user: &str, topic: &str, words: &str) -> Self {
        let will = LastWill::new(topic, words.to_owned(), QoS::AtLeastOnce, true, None);
        Self::open(at, user, &[], Some(will)).await
    }

    async fn open(at: SocketAddr, user: &str, filters: &[&str], will: Option<LastWill>) -> Self {
        let mut options = MqttOptions::new(user, (at.ip().to_string(), at.port()));
        options
            .set_credentials(user, password(user))
            .set_session_mode(SessionMode::Clean)
            .set_incoming_packet_size_limit(IncomingPacketSizeLimit::Unlimited);
        if let Some(will) = will {
            options.set_last_will(will);
        }
        let (client, mut connection) = AsyncClient::builder(options).capacity(64).build();
        let (to, heard) = mpsc::channel(4096);
        let is_open = Arc::new(AtomicBool::new(true));
        let open = is_open.clone();
        let task = tokio::spawn(async move {
            loop {
                match connection.poll().await {
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let heard = Heard {
                            topic: String::from_utf8_lossy(&publish.topic).into_owned(),
                            words: String::from_utf8_lossy(&publish.payload).into_owned(),
                            retained: publish.retain,
                        };
                        if to.send(heard).await.is_err() {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(_) => {
                        open.store(false, Ordering::Relaxed);
                        return;
                    }
                }
            }
        });
        let peer = Self { client, heard, is_open, task };
        for filter in filters {
            peer.client
                .subscribe_tracked(*filter, QoS::AtLeastOnce)
                .await
                .unwrap()
                .wait_completion_async()
                .await
                .unwrap();
        }
        peer
    }

    /// Publishes at least once, and waits for what the broker says to it.
    pub async fn publish(&self, topic: &str, words: &str) -> Result<(), PublishNoticeError> {
        self.say(topic, words, false).await
    }

    /// Publishes to be retained.
    pub async fn retain(&self, topic: &str, words: &str) -> Result<(), PublishNoticeError> {
        self.say(topic, words, true).await
    }

    async fn say(&self, topic: &str, words: &str, retain: bool) -> Result<(), PublishNoticeError> {
        let options = PublishOptions::new(QoS::AtLeastOnce).retain(retain);
        let notice = self.client.publish_tracked(topic, words.to_owned(), options).await.unwrap();
        tokio::time::timeout(LIMIT, notice.wait_completion_async()).await.expect("an answer")
    }

    /// Publishes all of them as fast as the broker takes them.
    pub async fn publish_all(&self, topic: &str, words: impl Iterator<Item = String>) {
        let options = PublishOptions::new(QoS::AtLeastOnce);
        let mut notices = vec![];
        for words in words {
            notices.push(self.client.publish_tracked(topic, words, options.clone()).await.unwrap());
        }
        for notice in notices {
            let answer = tokio::time::timeout(LIMIT, notice.wait_completion_async()).await;
            answer.expect("an answer").unwrap();
        }
    }

    /// Publishes at most once.
    pub async fn mention(&self, topic: &str, words: &str) {
        let options = PublishOptions::new(QoS::AtMostOnce);
        self.client.publish(topic, words.to_owned(), options).await.unwrap();
    }

    /// The next message.
    pub async fn hears(&mut self) -> Heard {
        tokio::time::timeout(LIMIT, self.heard.recv())
            .await
            .expect("a message comes in time")
            .expect("the client is connected")
    }

    /// What was heard until the connection was lost.
    pub async fn left(&mut self) -> Vec<Heard> {
        let mut all = vec![];
        let end = async {
            while let Some(heard) = self.heard.recv().await {
                all.push(heard);
            }
        };
        tokio::time::timeout(LIMIT, end).await.expect("the connection ends");
        all
    }

    /// True until the connection is lost.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }
}
