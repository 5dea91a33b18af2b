//! What the client remembers of its session when the gateway starts: nothing is under way.
//!
//! The broker keeps the gateway's session, with what came while it was down. The client refuses to go
//! on with a session that it has no state of its own for; where it is told to accept one all the
//! same, it takes no subscription and no QoS 1 publication in it. So it is told the truth, which is
//! short: what the gateway had under way itself is said again after every connect (configurations),
//! asked for again by the board (time, receipts) or repeated (outputs), and what it hears comes at
//! most once or at least once, of which a receiver needs no memory.

use rumqttc::{
    PersistedAckMode, PersistedSession, SessionStore, SessionStoreError, SessionStoreKey,
};

/// A session without anything under way. Only its start matters: it keeps nothing.
#[derive(Debug)]
pub(super) struct NothingUnderWay {
    /// As in the options: the client compares them.
    pub session_expiry_s: Option<u32>,
    /// The same.
    pub in_flight: u16,
}

type Answer<'a, T> =
    std::pin::Pin<Box<dyn Future<Output = Result<T, SessionStoreError>> + Send + 'a>>;

impl SessionStore for NothingUnderWay {
    fn load<'a>(&'a self, key: &'a SessionStoreKey) -> Answer<'a, Option<PersistedSession>> {
        let session = PersistedSession {
            format_version: 1,
            client_id: key.client_id().to_owned(),
            clean_start: false,
            session_expiry_interval: self.session_expiry_s,
            outgoing_inflight_upper_limit: Some(self.in_flight),
            ack_mode: PersistedAckMode::Manual,
            last_pkid: 0,
            last_puback: 0,
            replay: vec![],
            incoming_qos2: vec![],
        };
        Box::pin(std::future::ready(Ok(Some(session))))
    }

    fn save<'a>(&'a self, _: &'a SessionStoreKey, _: &'a PersistedSession) -> Answer<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn clear<'a>(&'a self, _: &'a SessionStoreKey) -> Answer<'a, ()> {
        Box::pin(std::future::ready(Ok(())))
    }
}
