//! One camera that is asked for a picture by HTTP: at the address of the configuration and nowhere else,
//! signed in by digest (RFC 7616), within limits of time and size.

use std::{
    error::Error,
    fs,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    time::Duration,
};

use gengfu_core::time::Timestamp;
use gengfu_field::picture::{Format, NotKept};
use http_auth::{PasswordClient, PasswordParams};
use reqwest::{
    Client, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use crate::{config::camera::Snapshot, engine::now};

/// From the first request to the last byte.
const LIMIT: Duration = Duration::from_secs(8);

/// A camera that can be asked.
pub(super) struct Eye {
    settings: Snapshot,
    client: Client,
    /// It is asked for one picture at a time.
    busy: Mutex<()>,
    /// It failed, and the log has it.
    failing: AtomicBool,
}

impl Eye {
    pub fn new(settings: Snapshot) -> Result<Self, String> {
        // It follows no redirect and uses no proxy: a camera can send nobody anywhere else.
        let client = gengfu_channel::client_trusting(settings.ca.as_deref());
        let client = client.map_err(|error| error.to_string())?;
        Ok(Self { settings, client, busy: Mutex::default(), failing: AtomicBool::new(false) })
    }

    /// True while it is asked as `settings` say.
    pub fn is_of(&self, settings: &Snapshot) -> bool {
        self.settings == *settings
    }

    /// True while somebody asks it.
    pub fn is_busy(&self) -> bool {
        self.busy.try_lock().is_err()
    }

    /// Waits until nobody else asks it.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.busy.lock().await
    }

    /// A picture of at most so many bytes, and when it began to come.
    ///
    /// # Errors
    /// Why there is none, without a secret.
    pub async fn picture(&self, most: usize) -> Result<(Timestamp, Vec<u8>), String> {
        timeout(LIMIT, self.ask(most))
            .await
            .unwrap_or_else(|_| Err(format!("it gave no picture within {} s", LIMIT.as_secs())))
    }

    /// Tells the log when it begins to fail, and when it is over.
    pub fn note(&self, camera: &str, put: &Result<(), String>) {
        let was_failing = self.failing.swap(put.is_err(), Relaxed);
        match put {
            Err(reason) if !was_failing => tracing::warn!(camera, reason, "no picture"),
            Ok(()) if was_failing => tracing::info!(camera, "the camera gives pictures again"),
            _ => {}
        }
    }

    async fn ask(&self, most: usize) -> Result<(Timestamp, Vec<u8>), String> {
        let mut response = self.get(None).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(words) = self.signed(&response)?
        {
            response = self.get(Some(words)).await?;
        }
        let at = now();
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(format!(
                    "it answered {}: correct `user` and its password",
                    response.status()
                ));
            }
            status if status.is_redirection() => {
                return Err(format!(
                    "it answered {status} and sends elsewhere, which is not followed: write the picture's own address as `snapshot`"
                ));
            }
            status => return Err(format!("it answered {status}: correct `snapshot`")),
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        if !(kind.is_empty() || kind.starts_with("image/") || kind.starts_with("application/octet"))
        {
            return Err(NotKept::NoPicture.to_string());
        }
        // Said, or not: no more is ever held.
        if response.content_length().is_some_and(|length| length > most as u64) {
            return Err(NotKept::TooLarge(most).to_string());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(said)? {
            if bytes.len() + chunk.len() > most {
                return Err(NotKept::TooLarge(most).to_string());
            }
            bytes.extend_from_slice(&chunk);
            // A stream that never ends is left at its first bytes where they are no picture.
            if bytes.len() >= 16 && Format::of(&bytes).is_none() {
                return Err(NotKept::NoPicture.to_string());
            }
        }
        Ok((at, bytes))
    }

    async fn get(&self, words: Option<String>) -> Result<Response, String> {
        let mut request = self.client.get(self.settings.url.clone());
        if let Some(words) = words {
            request = request.header(AUTHORIZATION, words);
        }
        request.send().await.map_err(said)
    }

    /// What answers its challenge; none where nobody is to sign in.
    fn signed(&self, response: &Response) -> Result<Option<String>, String> {
        let Some((user, file)) = &self.settings.login else { return Ok(None) };
        let password = fs::read_to_string(file)
            .map_err(|error| format!("`password_file` {}: {error}", file.display()))?;
        let mut builder = PasswordClient::builder();
        for challenge in response.headers().get_all(WWW_AUTHENTICATE) {
            if let Ok(challenge) = challenge.to_str() {
                builder = builder.challenges(challenge);
            }
        }
        let mut client = builder
            .build()
            .map_err(|_| "it wants a way of signing in that is not known here".to_owned())?;
        let is_open = self.settings.url.scheme() == "http" && !self.settings.basic;
        if is_open && matches!(client, PasswordClient::Basic(_)) {
            return Err("it wants the password without encryption (basic): allow that with `basic = true`, or switch it to digest".into());
        }
        let url = &self.settings.url;
        let uri = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let params = PasswordParams {
            username: user,
            password: password.trim_end_matches(['\r', '\n']),
            uri: &uri,
            method: "GET",
            body: Some(&[]),
        };
        client.respond(&params).map(Some).map_err(|_| "its challenge can't be answered".to_owned())
    }
}

/// What went wrong at the bottom of it, without the address, which may hold a secret.
fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut bottom: &dyn Error = &error;
    while let Some(deeper) = bottom.source() {
        bottom = deeper;
    }
    bottom.to_string()
}
