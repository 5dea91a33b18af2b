//! One bounded HTTP request, and the verdict on its answer: shared by push, ntfy and webhook.

use std::{path::Path, sync::Arc, time::Duration};

use gengfu_core::time::{Span, Timestamp};
use reqwest::{Client, RequestBuilder, StatusCode, header, redirect};

use crate::{
    address::PublicOnly,
    channel::{SEND_LIMIT, SendError},
    settings::SetupError,
    tls,
};

/// From the name look-up to the last byte of the answer. With the outbox's waits (2 s, 6 s) a third
/// try still begins inside a step's 45 s.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
const _: () = assert!(ANSWER_LIMIT.as_millis() <= SEND_LIMIT.as_millis() as u128);
/// For the connection alone.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// No more of an answer is read, in bytes.
const BODY_LIMIT: usize = 64 * 1024;
/// A carrier that asks for a longer pause than this gets this one.
const LONGEST_PAUSE: Span = Span::hours(1);

/// A client for a server that the operator names, outside the channels: trusts the system's
/// authorities and those in the PEM file `ca`.
///
/// # Errors
/// Where `ca` can't be read or used.
pub fn client_trusting(ca: Option<&Path>) -> Result<Client, SetupError> {
    client(ca, None)
}

/// The client. It follows no redirects (a signed or addressed request is for one place), and uses no
/// proxy of the environment.
pub(crate) fn client(
    ca: Option<&Path>,
    public_only: Option<PublicOnly>,
) -> Result<Client, SetupError> {
    let config = tls::Authorities::load(ca)?.client_config()?;
    let mut builder = Client::builder()
        .tls_backend_preconfigured(config)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_LIMIT)
        // A fresh connection each time: one that lay idle may be dead without anybody knowing, and an
        // alarm would wait for it to time out, try after try.
        .pool_max_idle_per_host(0)
        .user_agent(concat!("gengfu/", env!("CARGO_PKG_VERSION")));
    if let Some(resolver) = public_only {
        builder = builder.dns_resolver(Arc::new(resolver));
    }
    builder.build().map_err(|e| SetupError::Tls(e.to_string()))
}

/// What came back.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub content_type: String,
    pub location: Option<String>,
    pub retry_after: Option<Span>,
    /// At most [`BODY_LIMIT`]; what is beyond is not read.
    pub body: Vec<u8>,
}

/// Sends the request and reads the answer, within [`ANSWER_LIMIT`]. `peer` is what the far end is called
/// in messages to people.
pub(crate) async fn ask(peer: &str, request: RequestBuilder) -> Result<Answer, SendError> {
    match tokio::time::timeout(ANSWER_LIMIT, exchange(peer, request)).await {
        Ok(answer) => answer,
        Err(_) => Err(SendError::passing(format!(
            "{peer} did not answer within {} s",
            ANSWER_LIMIT.as_secs()
        ))),
    }
}

async fn exchange(peer: &str, request: RequestBuilder) -> Result<Answer, SendError> {
    let mut response = request.send().await.map_err(|e| explain(peer, &e))?;
    let text = |name| {
        let value = response.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let mut answer = Answer {
        status: response.status(),
        content_type: text(header::CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase(),
        location: text(header::LOCATION),
        retry_after: text(header::RETRY_AFTER)
            .and_then(|t| pause(&t, jiff::Timestamp::now().into())),
        body: Vec::new(),
    };
    while answer.body.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(bytes)) => {
                let room = BODY_LIMIT - answer.body.len();
                answer.body.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            }
            Ok(None) => break,
            // The status of an error says enough; a success that broke off is none.
            Err(e) if answer.status.is_success() => return Err(explain(peer, &e)),
            Err(_) => break,
        }
    }
    Ok(answer)
}

impl Answer {
    /// The status alone: a success that is not a page for people, or why not.
    pub fn verdict(&self, peer: &str) -> Result<(), SendError> {
        let code = self.status.as_u16();
        let said = |what: &str| format!("{peer} answered {code}: {what}");
        let mut error = match code {
            200..=299 if self.is_page() => SendError::passing(format!(
                "{peer} answered with a web page: a sign-in page or a proxy stands before it"
            )),
            200..=299 => return Ok(()),
            301 | 308 => SendError::lasting(said("it moved; set its new address")),
            300..=399 => {
                SendError::passing(said("it sends elsewhere; a sign-in page may stand before it"))
            }
            401 | 403 => SendError::lasting(said("it does not let the gateway in")),
            410 => SendError::gone(said("nobody is there any more")),
            404 => SendError::lasting(said("the address is not there")),
            407 => SendError::lasting(said("a proxy on the way wants a sign-in")),
            408 | 425 => SendError::passing(said("it gave up waiting")),
            413 => SendError::lasting(said("the message is too long for it")),
            429 => SendError::passing(said("too many messages; it asks for a pause")),
            400..=499 => SendError::lasting(said("it does not take this message")),
            501 | 505 => SendError::lasting(said("it does not understand the request")),
            500..=599 => SendError::passing(said("it has a fault of its own")),
            _ => SendError::lasting(said("nobody knows what that means")),
        };
        if error.retry {
            error.retry_after = self.retry_after;
        }
        Err(error)
    }

    fn is_page(&self) -> bool {
        self.content_type.starts_with("text/html")
            || self.body.trim_ascii_start().first() == Some(&b'<')
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

/// Why no answer came. Says nothing of the URL: it may hold a secret.
fn explain(peer: &str, error: &reqwest::Error) -> SendError {
    use std::io::ErrorKind as K;
    if let Some(cause) = tls::inside(error) {
        let (words, passing) = tls::explain(cause);
        let reason = format!("{peer} can't be trusted or reached securely: {words}");
        return SendError { retry: passing, ..SendError::lasting(reason) };
    }
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |e| e.source());
    let looked_up = chain.skip(1).any(|e| e.to_string().starts_with("dns error"));
    SendError::passing(match tls::io_kind(error) {
        _ if looked_up => format!(
            "the name of {peer} can't be looked up: check the spelling and the way to the internet"
        ),
        Some(K::ConnectionRefused) => {
            format!("{peer} refused the connection: it is not running, or the port is wrong")
        }
        Some(K::NetworkUnreachable | K::HostUnreachable) => {
            format!("there is no way to {peer}: check the gateway's network")
        }
        _ if error.is_timeout() => format!("{peer} could not be reached in time"),
        _ if error.is_connect() => format!("{peer} can't be reached"),
        _ => format!("{peer} broke off without a proper answer"),
    })
}

/// A `Retry-After`: seconds, or a date.
fn pause(text: &str, now: Timestamp) -> Option<Span> {
    let span = match text.trim().parse::<u64>() {
        Ok(seconds) => Span::secs(seconds),
        Err(_) => {
            let until = jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp();
            Timestamp::from(until).since(now)
        }
    };
    Some(span.min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_read_in_seconds_and_as_a_date() {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        assert_eq!(pause("7", now), Some(Span::secs(7)));
        assert_eq!(pause("Mon, 23 Nov 2026 08:01:00 GMT", now), Some(Span::secs(60)));
        assert_eq!(pause("Mon, 23 Nov 2026 07:00:00 GMT", now), Some(Span::ZERO));
        assert_eq!(pause("999999999", now), Some(LONGEST_PAUSE));
        assert_eq!(pause("soon", now), None);
    }
}
