//! The gateway at one broker: a session for what an alarm may come of, and, where the broker allows it,
//! one for telemetry. They share no queue, and no connection.

use super::{
    client::{Client, MqttError, Voice},
    quarantine::Quarantine,
    routes::Routes,
    settings::MqttSettings,
    share::Share,
    signs::Signs,
};
use crate::{
    adapter::Publication,
    lane::{IsWatched, Lanes},
};

/// What a session does with what it hears.
#[derive(Clone)]
pub(super) struct Hearing {
    pub routes: Routes,
    pub lanes: Lanes,
    pub is_watched: IsWatched,
    pub quarantine: Quarantine,
    pub signs: Signs,
}

/// The gateway at a broker.
pub struct MqttSource {
    /// To publish with.
    pub outbound: Outbound,
    /// What nobody understood.
    pub quarantine: Quarantine,
    alarms: Client,
    telemetry: Option<Client>,
}

/// Publishes to boards.
#[derive(Clone)]
pub struct Outbound {
    routes: Routes,
    alarms: Voice,
    telemetry: Option<Voice>,
}

impl Outbound {
    /// Hands a publication over to the connection, which keeps it until the broker has it.
    ///
    /// # Errors
    /// Where the client has stopped.
    pub async fn publish(&self, publication: Publication) -> Result<(), MqttError> {
        self.alarms.publish(publication).await
    }

    /// Hands a publication over if there is room for it at once; true if it was taken. For what is said
    /// again: it never waits, and never has anything else wait for long.
    pub fn try_publish(&self, publication: Publication) -> bool {
        self.alarms.try_publish(publication)
    }

    /// True while the broker has confirmed the subscriptions to what an alarm may come of.
    pub fn is_connected(&self) -> bool {
        self.alarms.is_connected()
    }

    /// True while the broker has confirmed the subscriptions to the rest.
    pub fn hears_telemetry(&self) -> bool {
        self.telemetry.as_ref().unwrap_or(&self.alarms).is_connected()
    }

    /// Subscribes to what was added to the routes, in the session that it belongs to, and has the other
    /// one leave it. Until the broker has confirmed it, that session does not count as connected.
    ///
    /// # Errors
    /// Where the client has stopped.
    pub async fn subscribe(&self, filter: &str) -> Result<(), MqttError> {
        match &self.telemetry {
            Some(telemetry) if self.routes.calls(filter) => {
                self.alarms.subscribe(filter, Some(telemetry)).await
            }
            Some(telemetry) => telemetry.subscribe(filter, Some(&self.alarms)).await,
            None => self.alarms.subscribe(filter, None).await,
        }
    }

    /// Ends a subscription that the routes do not want any more.
    ///
    /// # Errors
    /// Where the client has stopped.
    pub async fn leave(&self, filter: &str) -> Result<(), MqttError> {
        if let Some(telemetry) = &self.telemetry {
            telemetry.leave(filter).await?;
        }
        self.alarms.leave(filter).await
    }
}

impl MqttSource {
    /// Connects, and goes on doing so until it is stopped.
    ///
    /// # Errors
    /// Where a certificate or a key can't be used, or this machine has no authorities to trust.
    pub fn start(
        settings: &MqttSettings,
        routes: Routes,
        lanes: Lanes,
        is_watched: IsWatched,
    ) -> Result<Self, MqttError> {
        let quarantine = Quarantine::default();
        let hearing = Hearing {
            routes: routes.clone(),
            lanes,
            is_watched,
            quarantine: quarantine.clone(),
            signs: Signs::default(),
        };
        let (alarms, telemetry) = if settings.telemetry.is_some() {
            let telemetry = Client::start(settings, Share::Telemetry, hearing.clone())?;
            (Client::start(settings, Share::Alarms, hearing)?, Some(telemetry))
        } else {
            (Client::start(settings, Share::All, hearing)?, None)
        };
        let outbound = Outbound {
            routes,
            alarms: alarms.voice.clone(),
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.voice.clone()),
        };
        Ok(Self { outbound, quarantine, alarms, telemetry })
    }

    /// Why there was no connection the last time, with what is to be done about it where that is
    /// known; none before the first time.
    pub fn trouble(&self) -> Option<String> {
        self.alarms.trouble()
    }

    /// True while the broker has confirmed the subscriptions to what an alarm may come of.
    pub fn is_connected(&self) -> bool {
        self.outbound.is_connected()
    }

    /// Leaves the broker. The sessions stay, and keep what comes meanwhile.
    pub async fn stop(self) {
        let telemetry = async {
            if let Some(telemetry) = self.telemetry {
                telemetry.stop().await;
            }
        };
        tokio::join!(self.alarms.stop(), telemetry);
    }

    /// Leaves the broker for good: it is to keep nothing for the gateway any more.
    pub async fn forget(self) {
        if let Some(telemetry) = self.telemetry {
            telemetry.forget().await;
        }
        self.alarms.forget().await;
    }
}
