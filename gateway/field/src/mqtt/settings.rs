//! Which broker the client speaks to, and as whom.

use super::tls::Tls;
use crate::adapter::Publication;

/// Which broker, and as whom.
#[derive(Clone, PartialEq, Eq)]
pub struct MqttSettings {
    /// The broker's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The gateway's own name there: the same at every start, so that the session is found again.
    pub client_id: String,
    /// User and password.
    pub login: Option<(String, String)>,
    /// Whom to trust for TLS, and what to show; none for an unencrypted connection.
    pub tls: Option<Tls>,
    /// What the broker says when the connection is lost.
    pub will: Option<Publication>,
}
