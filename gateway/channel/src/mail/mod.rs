//! E-mail through a mail server (SMTP).
//!
//! The address is an e-mail address. The `Message-ID` is made from the idempotency key, so that two
//! tries of one message are one mail to every program that knows mail.
//!
//! - `letter`: what a mail looks like.
//! - `answers`: what comes back, from a mailbox (`postbox`) by IMAP. `reading`: what a mail says.

mod answers;
mod letter;
mod postbox;
mod reading;

use std::{error::Error as _, net::IpAddr, path::PathBuf, time::Duration};

use gengfu_core::text::Text;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use serde::Deserialize;

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SEND_LIMIT, SendError},
    desk::Desk,
    look,
    secret::Secret,
    settings::SetupError,
    tls::{self, Authorities},
};
use answers::Answers;

/// For the whole conversation: longer than for HTTP, since mail servers make strangers wait on purpose.
const LIMIT: Duration = Duration::from_secs(15);
const _: () = assert!(LIMIT.as_millis() <= SEND_LIMIT.as_millis() as u128);
type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// For the connection alone.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The mail server.
    pub host: String,
    /// Its port; by default 465 for `tls`, 587 for `starttls`, 25 for `none`.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: MailTls,
    /// Name to sign in with, where the server wants one.
    pub user: Option<String>,
    /// Password to sign in with.
    pub password: Option<Secret>,
    /// The same from a file.
    pub password_file: Option<PathBuf>,
    /// Who the mail is from: `Gengfu <alarm@example.org>`.
    pub from: String,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// Whether its far end is looked at between two messages.
    #[serde(default = "crate::settings::yes")]
    pub watch: bool,
    /// The mailbox that answers arrive in: with it people can answer by a mail back.
    pub answers: Option<answers::Settings>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Plain at first, then TLS before anything else is said; refused if the server has none.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: only for a mail server on this machine.
    None,
}

impl Settings {
    pub(crate) fn build(&self) -> Result<Mail, SetupError> {
        let password =
            Secret::given("password", self.password.as_ref(), self.password_file.as_deref())?;
        let login = match (&self.user, password) {
            (Some(user), Some(password)) => Some((user.as_str(), password)),
            (None, None) => None,
            (Some(_), None) => {
                let problem =
                    "`user` is set but `password` or `password_file` is not: set both or neither";
                return Err(SetupError::setting("password", problem));
            }
            (None, Some(_)) => {
                let problem = "a password is set but `user` is not: set both or neither";
                return Err(SetupError::setting("user", problem));
            }
        };
        let answers = self.answers.as_ref();
        let sending = login.as_ref().map(|(user, password)| (*user, password));
        let answers = answers.map(|answers| answers.build(sending)).transpose()?;
        self.sending(login, answers)
    }

    fn sending(
        &self,
        login: Option<(&str, Secret)>,
        answers: Option<Answers>,
    ) -> Result<Mail, SetupError> {
        let from: Mailbox = self.from.parse().map_err(|_| {
            SetupError::setting(
                "from",
                "`from` must be an e-mail address, like \"Gengfu <alarm@example.org>\"",
            )
        })?;
        let host = self.host.as_str();
        if !is_host(host) {
            return Err(SetupError::setting(
                "host",
                "`host` must be the mail server's name, like \"mail.example.org\"",
            ));
        }
        let parameters = || parameters(host, self.ca.as_deref());
        let (security, usual_port) = match self.tls {
            MailTls::Starttls => (Tls::Required(parameters()?), 587),
            MailTls::Tls => (Tls::Wrapper(parameters()?), 465),
            MailTls::None if is_here(host) => (Tls::None, 25),
            MailTls::None => {
                return Err(SetupError::setting(
                    "tls",
                    "`tls = \"none\"` is only for a mail server on this machine: use \"starttls\" or \"tls\"",
                ));
            }
        };
        let port = self.port.unwrap_or(usual_port);
        let mut builder = Transport::builder_dangerous(host)
            .port(port)
            .tls(security)
            .timeout(Some(CONNECT_LIMIT));
        if let Some((user, password)) = login {
            builder =
                builder.credentials(Credentials::new(user.into(), password.expose().to_owned()));
        }
        let peer = format!("the mail server {host} (port {port})");
        Ok(Mail { transport: builder.build(), from, peer, answers, watch: self.watch })
    }
}

/// E-mail.
pub struct Mail {
    transport: Transport,
    from: Mailbox,
    peer: String,
    answers: Option<Answers>,
    watch: bool,
}

impl Mail {
    async fn deliver(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let signer = self.answers.as_ref().map(|answers| &answers.signer);
        let mail = letter::of_message(out, &self.from, signer)?;
        let sent = tokio::time::timeout(LIMIT, self.transport.send(mail)).await;
        let response = sent
            .map_err(|_| {
                let limit = LIMIT.as_secs();
                SendError::passing(format!("{} did not answer within {limit} s", self.peer))
            })?
            .map_err(|e| explain(&self.peer, &e))?;
        let said = response.first_word().map(|_| response.message().collect::<Vec<_>>().join(" "));
        Ok(Accepted::named(said.map(|text| quote(&text))))
    }
}

impl Mail {
    /// Signs in, and asks for nothing.
    async fn look(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("{} takes no command", self.peer)),
            Err(error) => Err(explain(&self.peer, &error).reason),
        }
    }

    async fn attend(&self, desk: &Desk) {
        let way = Text::new("邮件发送", "Sending mail");
        let out = look::watch(desk, way, self.watch.then_some(|| self.look()));
        let back = async {
            if let Some(answers) = &self.answers {
                answers.listen(desk, &self.transport, &self.from).await;
            }
        };
        tokio::join!(out, back);
    }
}

impl Channel for Mail {
    fn kind(&self) -> &'static str {
        "mail"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.deliver(out))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        letter::recipient(address).map(drop)
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(self.attend(desk))
    }
}

fn parameters(host: &str, ca: Option<&std::path::Path>) -> Result<TlsParameters, SetupError> {
    let authorities = Authorities::load(ca)?;
    let base = if authorities.system.is_empty() {
        CertificateStore::WebpkiRoots
    } else {
        CertificateStore::None
    };
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(base);
    for cert in authorities.system.into_iter().chain(authorities.own) {
        let cert =
            Certificate::from_der(cert.to_vec()).map_err(|e| SetupError::Tls(e.to_string()))?;
        builder = builder.add_root_certificate(cert);
    }
    builder.build().map_err(|e| SetupError::Tls(e.to_string()))
}

fn is_host(host: &str) -> bool {
    !host.is_empty() && !host.contains([' ', '/', '@'])
}

fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn explain(peer: &str, error: &lettre::transport::smtp::Error) -> SendError {
    if let Some(code) = error.status() {
        let said = error.source().map(|s| quote(&s.to_string())).unwrap_or_default();
        let code = u16::from(code);
        if matches!(code, 550 | 551 | 553) && error.is_permanent() {
            let reason = format!("{peer} answered {code}: there is no such mailbox (\"{said}\")");
            return SendError::gone(reason);
        }
        let what = match code {
            530 | 534 | 535 | 538 => "check `user` and the password",
            _ if error.is_transient() => "it can't take the mail now",
            _ => "it does not take this mail",
        };
        let reason = format!("{peer} answered {code}: {what} (\"{said}\")");
        return SendError { retry: error.is_transient(), ..SendError::lasting(reason) };
    }
    if let Some(cause) = tls::inside(error) {
        let (words, passing) = tls::explain(cause);
        let reason = format!("{peer} can't be trusted or reached securely: {words}");
        return SendError { retry: passing, ..SendError::lasting(reason) };
    }
    if error.is_client() {
        // Raised here, before or instead of an answer: no STARTTLS offered, no common way to sign in.
        return SendError::lasting(format!(
            "{peer} does not offer what the settings ask for: check `tls`, `port` and `user`"
        ));
    }
    SendError::passing(match tls::io_kind(error) {
        _ if error.is_timeout() => format!("{peer} could not be reached in time"),
        Some(std::io::ErrorKind::ConnectionRefused) => {
            format!("{peer} refused the connection: it is not running, or the port is wrong")
        }
        _ if error.is_response() => {
            format!("{peer} does not speak as a mail server does: check `port` and `tls`")
        }
        _ => format!("{peer} can't be reached, or broke off"),
    })
}

/// The server's own words, short, without anything that looks like an address.
fn quote(text: &str) -> String {
    let words = text.split_whitespace().map(|w| if w.contains('@') { "…" } else { w });
    words.collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(200).collect()
}
