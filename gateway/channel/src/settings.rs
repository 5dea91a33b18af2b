//! How an operator sets a channel up, and what can be wrong with it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    channel::Channel,
    mail::Mail,
    ntfy::Ntfy,
    phone::{self, Phone, Via, Voices},
    push::Push,
    push::vapid::VapidKey,
    secret::Secret,
    webhook::Webhook,
};

/// One channel's settings. In every kind `ca` is a PEM file with authorities to trust besides the
/// system's, for servers of the house.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Settings {
    /// Web Push to browsers that subscribed on the gateway's page.
    Push {
        /// Whom the push services may ask about trouble: `mailto:…` or `https://…`.
        contact: String,
        /// Hosts of the house that subscriptions may lead to, besides the public services.
        #[serde(default)]
        hosts: Vec<String>,
        /// Authorities to trust besides the system's.
        ca: Option<PathBuf>,
    },
    /// A topic on an ntfy server.
    Ntfy {
        /// The server's address, e.g. `https://ntfy.example.org`.
        server: String,
        /// Access token, where the server wants one.
        token: Option<Secret>,
        /// The same from a file.
        token_file: Option<PathBuf>,
        /// Authorities to trust besides the system's.
        ca: Option<PathBuf>,
    },
    /// E-mail through a mail server.
    Mail {
        /// The mail server.
        host: String,
        /// Its port; by default 465 for `tls`, 587 for `starttls`, 25 for `none`.
        port: Option<u16>,
        /// How the connection is protected.
        #[serde(default)]
        tls: MailTls,
        /// Name to sign in with, where the server wants one.
        user: Option<String>,
        /// Password to sign in with.
        password: Option<Secret>,
        /// The same from a file.
        password_file: Option<PathBuf>,
        /// Who the mail is from: `Gengfu <alarm@example.org>`.
        from: String,
        /// Authorities to trust besides the system's.
        ca: Option<PathBuf>,
    },
    /// A telephone call, by SIP.
    Phone {
        /// The telephone server: `sip.example.org`, or with a port behind it.
        server: String,
        /// How it is spoken to.
        #[serde(default)]
        transport: Via,
        /// Our name or number there.
        user: String,
        /// Password of the line.
        password: Option<Secret>,
        /// The same from a file.
        password_file: Option<PathBuf>,
        /// Whether the server wants us to register; a trunk that knows us by our address does not.
        #[serde(default = "yes")]
        register: bool,
        /// The programs that speak.
        #[serde(default)]
        voices: Voices,
    },
    /// A signed HTTP request to a program.
    Webhook {
        /// The key that requests are signed with, at least 16 characters.
        secret: Option<Secret>,
        /// The same from a file.
        secret_file: Option<PathBuf>,
        /// Hosts of the house that addresses may lead to, by `http` too; all others must be public.
        #[serde(default)]
        hosts: Vec<String>,
        /// Authorities to trust besides the system's.
        ca: Option<PathBuf>,
    },
}

fn yes() -> bool {
    true
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

/// Why a channel can't be set up, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A setting is wrong.
    #[error("{problem}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// What is wrong and what is wanted.
        problem: String,
    },
    /// A file is missing, unreadable or damaged.
    #[error("{}: {problem}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The TLS library refused.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

impl SetupError {
    pub(crate) fn setting(name: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting { name, problem: problem.into() }
    }
    pub(crate) fn file(path: &Path, problem: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), problem: problem.into() }
    }
}

impl Settings {
    /// What kind of channel this is.
    pub fn kind(&self) -> &'static str {
        match self {
            Settings::Push { .. } => "push",
            Settings::Ntfy { .. } => "ntfy",
            Settings::Mail { .. } => "mail",
            Settings::Phone { .. } => "phone",
            Settings::Webhook { .. } => "webhook",
        }
    }

    /// People can answer through it without a link to a page.
    pub fn answers(&self) -> bool {
        match self {
            Settings::Phone { .. } => true,
            Settings::Push { .. }
            | Settings::Ntfy { .. }
            | Settings::Mail { .. }
            | Settings::Webhook { .. } => false,
        }
    }

    /// The channel, ready to send. Reads the files named in the settings and, for push, makes the
    /// VAPID key in `data_dir` if there is none; connects to nothing.
    pub fn build(&self, data_dir: &Path) -> Result<Box<dyn Channel>, SetupError> {
        Ok(match self {
            Settings::Push { contact, hosts, ca } => {
                let key = VapidKey::open(data_dir)?;
                Box::new(Push::new(key, contact, hosts, ca.as_deref())?)
            }
            Settings::Ntfy { server, token, token_file, ca } => {
                let token = Secret::given("token", token.as_ref(), token_file.as_deref())?;
                Box::new(Ntfy::new(server, token, ca.as_deref())?)
            }
            Settings::Mail { host, port, tls, user, password, password_file, from, ca } => {
                let password =
                    Secret::given("password", password.as_ref(), password_file.as_deref())?;
                let login = match (user, password) {
                    (Some(user), Some(password)) => Some((user.as_str(), password)),
                    (None, None) => None,
                    (Some(_), None) => {
                        return Err(SetupError::setting(
                            "password",
                            "`user` is set but `password` or `password_file` is not: set both or neither",
                        ));
                    }
                    (None, Some(_)) => {
                        return Err(SetupError::setting(
                            "user",
                            "a password is set but `user` is not: set both or neither",
                        ));
                    }
                };
                Box::new(Mail::new(host, *port, *tls, login, from, ca.as_deref())?)
            }
            Settings::Phone {
                server,
                transport,
                user,
                password,
                password_file,
                register,
                voices,
            } => {
                let password =
                    Secret::given("password", password.as_ref(), password_file.as_deref())?;
                let setup = phone::Setup {
                    server,
                    via: *transport,
                    user,
                    password,
                    registers: *register,
                    voices,
                };
                Box::new(Phone::new(setup, data_dir)?)
            }
            Settings::Webhook { secret, secret_file, hosts, ca } => {
                let secret = Secret::given("secret", secret.as_ref(), secret_file.as_deref())?
                    .ok_or_else(|| {
                        SetupError::setting(
                            "secret",
                            "set `secret` or `secret_file`: receivers know by it that a request is from here",
                        )
                    })?;
                Box::new(Webhook::new(secret, hosts, ca.as_deref())?)
            }
        })
    }
}
