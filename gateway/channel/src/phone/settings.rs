//! How an operator sets the telephone up.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use gengfu_core::time::Span;
use serde::Deserialize;
use tokio::sync::watch;

use super::{
    Phone,
    account::{Account, Via},
    recording::Recordings,
    sdes::Srtp,
    speech::{Speech, Voices},
};
use crate::{number, secret::Secret, settings::SetupError, tls::Authorities};

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The telephone server: `sip.example.org`, or with a port behind it.
    pub server: String,
    /// How it is spoken to.
    #[serde(default)]
    pub transport: Via,
    /// Whoever vouches for the server besides the system's authorities, as a PEM file; only by TLS.
    pub ca: Option<PathBuf>,
    /// Whether speech is encrypted: `offered` by TLS, and otherwise `never`, where it is left out.
    pub srtp: Option<Srtp>,
    /// Our name or number there.
    pub user: String,
    /// Password of the line.
    pub password: Option<Secret>,
    /// The same from a file.
    pub password_file: Option<PathBuf>,
    /// Whether the server wants us to register; a trunk that knows us by our address does not.
    #[serde(default = "yes")]
    pub register: bool,
    /// Whether a server that we don't register at is asked every 30 s whether it is there. Only where it
    /// must not be asked, `false`: then the daily test alone shows how the line is.
    #[serde(default = "yes")]
    pub watch: bool,
    /// The port at which calls come in, where a trunk or a lift's telephone must know it; any free one
    /// otherwise, which the server learns when we register.
    pub local_port: Option<u16>,
    /// Addresses besides the server's own that calls may come from: lifts' telephones in the house's
    /// own network that call the gateway without a server between.
    #[serde(default)]
    pub calls_from: Vec<IpAddr>,
    /// Numbers of the line at which lifts' telephones hold their test calls (EN 81-28: every 72 h).
    #[serde(default)]
    pub test_calls_to: Vec<String>,
    /// Calls with a car are recorded and kept so long; they are not recorded without it.
    pub record_for: Option<Span>,
    /// So many calls at once the line carries: when everybody is called, no more than these are under
    /// way. Calls for help pass ahead of it.
    #[serde(default = "usual_calls")]
    pub calls_at_once: usize,
    /// The programs that speak.
    #[serde(default)]
    pub voices: Voices,
}

fn usual_calls() -> usize {
    10
}

fn yes() -> bool {
    true
}

impl Settings {
    pub(crate) fn build(&self, data_dir: &Path) -> Result<Phone, SetupError> {
        let password =
            Secret::given("password", self.password.as_ref(), self.password_file.as_deref())?;
        let remedy = "write the server alone, as \"sip.example.org\" or \"192.168.1.9:5060\"";
        let (host, port) = match self.server.rsplit_once(':') {
            None => (self.server.as_str(), None),
            Some((host, port)) => {
                let port = port.parse().map_err(|_| SetupError::setting("server", remedy))?;
                (host, Some(port))
            }
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
        if host.is_empty() || !host.chars().all(allowed) {
            return Err(SetupError::setting("server", remedy));
        }
        if self.user.is_empty() || !self.user.chars().all(is_of_a_user) {
            let problem = "`user` is the name or number of the line alone, without the server";
            return Err(SetupError::setting("user", problem));
        }
        if self.voices.zh.is_empty() || self.voices.en.is_empty() {
            let problem = "a voice needs a program: leave it out, or name one";
            return Err(SetupError::setting("voices", problem));
        }
        let account = Account {
            host: host.to_owned(),
            port,
            via: self.transport,
            authorities: self.authorities()?,
            srtp: self.srtp.unwrap_or(match self.transport {
                Via::Tls => Srtp::Offered,
                // The keys stand in what is sent: without TLS everybody on the way reads them.
                Via::Udp | Via::Tcp => Srtp::Never,
            }),
            user: self.user.clone(),
            password: password.map(|secret| secret.expose().to_owned()),
            local_port: self.local_port.unwrap_or(0),
            calls_from: self.calls_from.clone(),
        };
        for to in &self.test_calls_to {
            number::dialled(to).map_err(|e| SetupError::setting("test_calls_to", e))?;
        }
        let folder = data_dir.join("recordings");
        Ok(Phone {
            tests: self.test_calls_to.clone(),
            recordings: self.record_for.map(|keep| Recordings { folder, keep }),
            account,
            registers: self.register,
            watches: self.watch,
            calls_at_once: self.calls_at_once.max(1),
            speech: Arc::new(Speech::new(self.voices.clone(), data_dir.join("speech"))),
            exchange: watch::Sender::new(None),
        })
    }
}

impl Settings {
    /// Who may vouch for the server, in PEM; nobody where nothing is encrypted.
    fn authorities(&self) -> Result<Vec<u8>, SetupError> {
        if self.transport != Via::Tls {
            let problem = "`ca` is of use only with transport = \"tls\"";
            return match self.ca {
                Some(_) => Err(SetupError::setting("ca", problem)),
                None => Ok(vec![]),
            };
        }
        let authorities = Authorities::load(self.ca.as_deref())?;
        let pem = authorities.pem();
        if pem.is_empty() {
            let problem = "this system trusts nobody: install ca-certificates, or name `ca`";
            return Err(SetupError::setting("transport", problem));
        }
        Ok(pem.into_bytes())
    }
}

/// What stands before the @ of a SIP address.
fn is_of_a_user(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.+*#".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(more: &str) -> Result<Phone, String> {
        let text = format!("server = \"sip.example.org\"\nuser = \"21\"\n{more}");
        let settings: Settings = toml::from_str(&text).map_err(|e| e.to_string())?;
        settings.build(Path::new("/nowhere")).map_err(|e| e.to_string())
    }

    #[test]
    fn speech_is_encrypted_where_its_keys_are_and_whom_to_trust_is_a_matter_of_tls() {
        for (more, srtp) in [
            ("", Srtp::Never),
            ("transport = \"tcp\"", Srtp::Never),
            ("transport = \"udp\"\nsrtp = \"required\"", Srtp::Required),
            ("transport = \"tls\"", Srtp::Offered),
            ("transport = \"tls\"\nsrtp = \"never\"", Srtp::Never),
        ] {
            assert_eq!(built(more).unwrap().account.srtp, srtp, "{more}");
        }
        let refused = |more| built(more).err().unwrap();
        assert!(refused("ca = \"ca.pem\"").contains("only with transport"));
        assert!(refused("transport = \"tls\"\nca = \"/no/such/ca.pem\"").contains("can't be read"));
        assert!(refused("srtp = \"sometimes\"").contains("required"), "the words are named");
    }
}
