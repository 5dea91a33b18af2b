//! How an operator sets a channel up, and what can be wrong with it. What each kind takes stands in
//! the file of that kind.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{channel::Channel, dc09, mail, ntfy, phone, provider, push, sms, telegram, webhook};

/// One channel's settings. In every kind `ca` is a PEM file with authorities to trust besides the
/// system's, for servers of the house.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Settings {
    /// Web Push to browsers that subscribed on the gateway's page.
    Push(push::Settings),
    /// A topic on an ntfy server.
    Ntfy(ntfy::Settings),
    /// E-mail through a mail server.
    Mail(mail::Settings),
    /// A telephone call, by SIP.
    Phone(phone::Settings),
    /// An alarm receiving centre, by SIA DC-09.
    Dc09(dc09::Settings),
    /// Text messages by a modem of the house.
    Sms(sms::Settings),
    /// A bot of Telegram's.
    Telegram(telegram::Settings),
    /// Any provider by HTTP that a file describes: a group's robot, an app, text messages.
    Http(provider::Settings),
    /// A signed HTTP request to a program.
    Webhook(webhook::Settings),
}

/// What holds for a switch that is left out.
pub(crate) fn yes() -> bool {
    true
}

/// What a channel is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Makings {
    settings: Settings,
    /// Of each file that it may name, what stands in it, hashed.
    files: Vec<Option<Vec<u8>>>,
}

/// Every kind, as it is written in the settings.
pub const KINDS: [&str; 9] =
    ["push", "phone", "sms", "ntfy", "telegram", "http", "mail", "dc09", "webhook"];

impl Settings {
    /// What kind of channel this is.
    pub fn kind(&self) -> &'static str {
        match self {
            Settings::Push(_) => "push",
            Settings::Ntfy(_) => "ntfy",
            Settings::Mail(_) => "mail",
            Settings::Phone(_) => "phone",
            Settings::Dc09(_) => "dc09",
            Settings::Telegram(_) => "telegram",
            Settings::Sms(_) => "sms",
            Settings::Http(_) => "http",
            Settings::Webhook(_) => "webhook",
        }
    }

    /// People can answer through it without a link to a page.
    pub fn answers(&self) -> bool {
        match self {
            Settings::Phone(_) | Settings::Sms(_) | Settings::Telegram(_) => true,
            Settings::Ntfy(ntfy) => ntfy.is_answered(),
            Settings::Mail(mail) => mail.answers.is_some(),
            Settings::Push(_) | Settings::Dc09(_) | Settings::Http(_) | Settings::Webhook(_) => {
                false
            }
        }
    }

    /// All that the channel is made of: the settings, and what stands in the files they name. Where two
    /// are equal, so are the channels made of them.
    pub fn makings(&self) -> Makings {
        let mut files: Vec<&Option<PathBuf>> = match self {
            Settings::Push(s) => vec![&s.ca],
            Settings::Ntfy(s) => vec![&s.token_file, &s.secret_file, &s.ca],
            Settings::Mail(s) => vec![&s.password_file, &s.ca],
            Settings::Phone(s) => vec![&s.password_file],
            Settings::Dc09(s) => vec![&s.secret_file],
            Settings::Sms(s) => vec![&s.pin_file],
            Settings::Telegram(s) => vec![&s.token_file, &s.ca],
            Settings::Http(s) => vec![&s.provider_file, &s.secret_file, &s.ca],
            Settings::Webhook(s) => vec![&s.secret_file, &s.ca],
        };
        if let Settings::Mail(mail::Settings { answers: Some(answers), .. }) = self {
            files.extend([&answers.password_file, &answers.secret_file, &answers.ca]);
        }
        let hashed = |path: &PathBuf| Some(Sha256::digest(fs::read(path).ok()?).to_vec());
        let files = files.into_iter().map(|path| path.as_ref().and_then(hashed)).collect();
        Makings { settings: self.clone(), files }
    }

    /// The channel, ready to send. Reads the files named in the settings and, for push, makes the
    /// VAPID key in `data_dir` if there is none; connects to nothing.
    ///
    /// # Errors
    /// Which setting or file is wrong, and what to do.
    pub fn build(&self, data_dir: &Path) -> Result<Box<dyn Channel>, SetupError> {
        Ok(match self {
            Settings::Push(settings) => Box::new(settings.build(data_dir)?),
            Settings::Ntfy(settings) => Box::new(settings.build()?),
            Settings::Mail(settings) => Box::new(settings.build()?),
            Settings::Phone(settings) => Box::new(settings.build(data_dir)?),
            Settings::Dc09(settings) => Box::new(settings.build()?),
            Settings::Telegram(settings) => Box::new(settings.build()?),
            Settings::Sms(settings) => Box::new(settings.build()?),
            Settings::Http(settings) => Box::new(settings.build()?),
            Settings::Webhook(settings) => Box::new(settings.build()?),
        })
    }
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
