//! Which broker the client speaks to, and as whom.

use super::{share::Share, tls::Tls};
use crate::adapter::Publication;

/// User and password.
pub type Login = (String, String);

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
    pub login: Option<Login>,
    /// As whom telemetry is heard, in a session of its own; none where the broker has one session for
    /// all, as one that makes the user's name its client id.
    pub telemetry: Option<(String, Login)>,
    /// Whom to trust for TLS, and what to show; none for an unencrypted connection.
    pub tls: Option<Tls>,
    /// What the broker says when the connection is lost.
    pub will: Option<Publication>,
}

impl MqttSettings {
    /// The client id and the login of the session that takes this.
    pub(super) fn named(&self, share: Share) -> (&str, Option<&Login>) {
        match &self.telemetry {
            Some((client_id, login)) if share == Share::Telemetry => (client_id, Some(login)),
            _ => (&self.client_id, self.login.as_ref()),
        }
    }
}
