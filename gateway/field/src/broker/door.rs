//! The broker's door: who gets in, what they may say and hear, and the stop that lets no more in.

use std::{
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use mqtt5::broker::{
    AuthProvider, AuthResult,
    events::{BrokerEventHandler, ClientPublishEvent, PublishAction},
};
use mqtt5_protocol::{
    error::Result as MqttResult, packet::connect::ConnectPacket,
    protocol::v5::reason_codes::ReasonCode,
};

use super::{
    front::Origins,
    guesses::Guesses,
    pace::{Pace, Turn},
};
use crate::credentials::Credentials;

/// Who gets in, and what they may say and hear.
pub(super) struct Door {
    users: Credentials,
    /// The gateway's own name.
    own: String,
    refused: AtomicU64,
    is_closed: AtomicBool,
    pace: Pace,
    guesses: Guesses,
    origins: Origins,
}

/// Who guesses a board's password hears so late that it was wrong, at the most.
const LATE: Duration = Duration::from_secs(5);

impl Door {
    pub fn new(users: Credentials, own: String) -> Self {
        Self {
            users,
            own,
            refused: AtomicU64::new(0),
            is_closed: AtomicBool::new(false),
            pace: Pace::default(),
            guesses: Guesses::default(),
            origins: Origins::default(),
        }
    }

    /// From where those who come with TLS really come.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// How fast each has spoken.
    pub fn pace(&self) -> &Pace {
        &self.pace
    }

    /// From now on only the gateway is heard. Whoever else publishes waits for an answer that does
    /// not come, and says it again to the next broker: an older client would take a refusal for a
    /// promise.
    pub fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
    }

    /// Connections, publications and subscriptions that were not that user's to make.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Counts a refusal.
    fn counted(&self, may: bool) -> bool {
        if !may {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        may
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl AuthProvider for Door {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        from: SocketAddr,
    ) -> Answer<'a, MqttResult<AuthResult>> {
        let from = self.origins.of(from);
        Box::pin(async move {
            let name = connect.username.as_deref().unwrap_or_default();
            let password = connect.password.as_deref().unwrap_or_default();
            let is_board = self.users.is_board(name);
            // A board must never be locked out by somebody who guesses beside it: whoever has its
            // password gets in at once, whoever has not is answered late.
            if is_board == Some(false)
                && !self.guesses.pause(from.ip(), name, Instant::now()).is_zero()
            {
                self.counted(false);
                tracing::warn!(user = name, %from,
                    "the broker does not listen to a user for up to a minute, after too many wrong passwords");
                return Ok(AuthResult::fail(ReasonCode::BadUsernameOrPassword));
            }
            let why = if !self.users.admits(name, password, &connect.client_id) {
                ReasonCode::BadUsernameOrPassword
            } else if connect.will.as_ref().is_some_and(|w| !self.users.may_publish(name, &w.topic))
            {
                ReasonCode::NotAuthorized
            } else {
                self.guesses.succeeded(from.ip(), name);
                return Ok(AuthResult::success_with_user(name));
            };
            self.counted(false);
            tracing::warn!(user = name, client = connect.client_id, %from, ?why,
                "the broker refused a connection: its password, client id or last will is not that user's");
            // A name that nobody has is not worth remembering: no password opens it.
            if let Some(is_board) = is_board {
                let pause = self.guesses.failed(from.ip(), name, Instant::now());
                if is_board {
                    tokio::time::sleep(pause.min(LATE)).await;
                }
            }
            Ok(AuthResult::fail(why))
        })
    }

    fn authorize_publish<'a>(
        &'a self,
        _client: &str,
        user: Option<&'a str>,
        topic: &'a str,
    ) -> Answer<'a, bool> {
        let user = user.unwrap_or_default();
        let may = self.counted(self.users.may_publish(user, topic));
        if may && user != self.own && self.is_closed.load(Ordering::Acquire) {
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(may))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        _client: &str,
        user: Option<&'a str>,
        filter: &'a str,
    ) -> Answer<'a, bool> {
        let may = self.counted(self.users.may_subscribe(user.unwrap_or_default(), filter));
        Box::pin(std::future::ready(may))
    }
}

impl BrokerEventHandler for Door {
    /// Asked for each publication that was permitted. While it waits, the broker reads nothing more
    /// from that connection.
    fn on_client_publish<'a>(&'a self, said: ClientPublishEvent) -> Answer<'a, PublishAction> {
        Box::pin(async move {
            let user = said.user_id.as_deref().unwrap_or_default();
            if user == self.own {
                return PublishAction::Continue;
            }
            match self.pace.turn(user, &said.topic, Instant::now()) {
                Turn::Pass => PublishAction::Continue,
                Turn::After(pause) => {
                    tokio::time::sleep(pause).await;
                    PublishAction::Continue
                }
                Turn::Drop => PublishAction::Handled,
            }
        })
    }
}
