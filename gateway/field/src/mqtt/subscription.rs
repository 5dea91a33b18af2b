//! What the gateway is subscribed to, over one connection after the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use rumqttc::{AsyncClient, ClientError, SubscribeNotice, mqttbytes::QoS};

use super::{backoff::Backoff, client::MqttError, routes::Routes, share::Share};

/// A subscription that is not confirmed in this time is asked for again.
const SUBACK_LIMIT: Duration = Duration::from_secs(10);

/// The gateway's subscriptions; copies share their state.
#[derive(Clone)]
pub(super) struct Subscriptions {
    client: AsyncClient,
    routes: Routes,
    share: Share,
    /// Number of the connection, counted up when it is lost.
    connection: Arc<AtomicU64>,
    /// Those that were added while connected, and that the broker has not confirmed yet.
    unconfirmed: Arc<AtomicUsize>,
}

/// Counts one that is not confirmed yet, for as long as it lives.
struct Unconfirmed(Arc<AtomicUsize>);

impl Unconfirmed {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(count.clone())
    }
}

impl Drop for Unconfirmed {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Subscriptions {
    pub fn new(
        client: AsyncClient,
        routes: Routes,
        share: Share,
        connection: Arc<AtomicU64>,
    ) -> Self {
        Self { client, routes, share, connection, unconfirmed: Arc::default() }
    }

    /// True unless one that was added waits for the broker's word.
    pub fn are_confirmed(&self) -> bool {
        self.unconfirmed.load(Ordering::Acquire) == 0
    }

    /// Asks for all of them after a connect: a session that the broker has lost is whole again, and
    /// one that it has kept learns what was added. One that the broker refuses holds up no other.
    /// Returns those that are still to be confirmed.
    pub async fn ask_for_all(&self) -> Result<Vec<String>, MqttError> {
        self.ask_for(self.order()).await
    }

    /// Asks again until all of these are confirmed, or nobody wants them any more.
    pub async fn insist_on(&self, mut open: Vec<String>) -> Result<(), MqttError> {
        let mut backoff = Backoff::new();
        while !open.is_empty() {
            tokio::time::sleep(backoff.after(Duration::ZERO)).await;
            open.retain(|filter| self.routes.wants(self.share, filter));
            open = self.ask_for(open).await?;
        }
        Ok(())
    }

    /// Subscribes to what was added to the routes, and goes on asking until it is confirmed. A
    /// connection that is made later begins with all of them anyway. Only once it is confirmed, the
    /// other session leaves it: what comes meanwhile is heard twice rather than not at all.
    pub async fn add(&self, filter: &str, other: Option<&Self>) -> Result<(), MqttError> {
        let (this, other, filter) = (self.clone(), other.cloned(), filter.to_owned());
        let unconfirmed = Unconfirmed::new(&self.unconfirmed);
        let connection = self.connection.load(Ordering::Acquire);
        let mut asked = self.request(&filter).await?;
        tokio::spawn(async move {
            let mut backoff = Backoff::new();
            while !is_confirmed(&filter, asked).await {
                tokio::time::sleep(backoff.after(Duration::ZERO)).await;
                let is_old = this.connection.load(Ordering::Acquire) != connection;
                if is_old || !this.routes.wants(this.share, &filter) {
                    return;
                }
                let Ok(again) = this.request(&filter).await else { return };
                asked = again;
            }
            drop(unconfirmed);
            if let Some(other) = other.filter(|other| !other.routes.wants(other.share, &filter)) {
                // Stopped: then it hears nothing more anyway.
                let _ = other.client.unsubscribe(filter).await;
            }
        });
        Ok(())
    }

    /// Ends the subscription of a device that is gone: the broker remembers it for as long as the
    /// session lives, over every restart.
    pub async fn leave(&self, topic: &str) -> Result<(), MqttError> {
        self.client.unsubscribe(topic).await.map_err(|_| MqttError::Stopped)?;
        // Added again in this very moment: whoever did that may have asked for it before.
        if self.routes.wants(self.share, topic) {
            self.add(topic, None).await?;
        }
        Ok(())
    }

    /// The boards first. Whether a source is there at all comes last: what is retained comes in the
    /// order of the subscriptions, and no old value shall make a source look alive.
    fn order(&self) -> Vec<String> {
        let boards = self.routes.boards_filter();
        let mut filters: Vec<String> = self.routes.filters_of(self.share).into_iter().collect();
        filters.sort_by_key(|f| (boards.as_ref() != Some(f), self.routes.tells_presence(f)));
        filters
    }

    /// Asks for these once, and returns those that were not confirmed.
    async fn ask_for(&self, filters: Vec<String>) -> Result<Vec<String>, MqttError> {
        let mut open = vec![];
        for filter in filters {
            if !is_confirmed(&filter, self.request(&filter).await?).await {
                open.push(filter);
            }
        }
        Ok(open)
    }

    /// Hands the request to the connection.
    async fn request(&self, filter: &str) -> Result<Asked, MqttError> {
        match self.client.subscribe_tracked(filter, QoS::AtLeastOnce).await {
            Err(ClientError::RequestChannelDisconnected(_)) => Err(MqttError::Stopped),
            asked => Ok(asked),
        }
    }
}

type Asked = Result<SubscribeNotice, ClientError>;

/// True once the broker has confirmed it; false, and a word in the log, where it does not.
async fn is_confirmed(filter: &str, asked: Asked) -> bool {
    let why = match asked {
        Ok(notice) => {
            match tokio::time::timeout(SUBACK_LIMIT, notice.wait_completion_async()).await {
                Ok(Ok(())) => return true,
                Ok(Err(error)) => error.to_string(),
                Err(_) => "no answer".to_owned(),
            }
        }
        Err(error) => error.to_string(),
    };
    tracing::warn!(
        filter,
        why,
        "the MQTT broker did not confirm a subscription: may the gateway read there?"
    );
    false
}
