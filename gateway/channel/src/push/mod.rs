//! Web Push (RFC 8030, 8291, 8292): to a browser that subscribed on the gateway's page, through the
//! service of its maker.
//!
//! The address is the browser's `PushSubscription` as JSON. What the service worker gets, decrypted, is
//! a JSON object:
//!
//! | member | meaning |
//! | --- | --- |
//! | `v` | 1; a higher number is for a newer page |
//! | `key` | the message's idempotency key: the same one twice is the same message |
//! | `title`, `body`, `lang` | what to show, and its language (`zh-CN`, `en`) |
//! | `tag` | notifications with the same tag replace one another: one per incident |
//! | `link` | the page to open on a tap, or null |
//! | `receipt` | to be POSTed to, empty, at once: "it is on the device", or null |
//! | `purpose`, `danger` | as in the API: `alert`, `taken`, …; `fire`, `trapped`, … |
//! | `loud` | somebody is in danger and is asked for: keep it on the screen, vibrate |
//! | `test` | a test of the way, no alarm |
//! | `since`, `made_at` | RFC 3339 |

pub mod vapid;

use std::path::{Path, PathBuf};

use base64::{
    Engine as _,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::URL_SAFE_NO_PAD as BASE64,
    },
};
use gengfu_core::{notification::outbox::Purpose, text::Text, time::Span};
use reqwest::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;
use web_push_native::{Auth, p256};

use crate::{
    address::{self, PublicOnly},
    channel::{Accepted, BoxFuture, Channel, Outgoing, SendError},
    desk::Desk,
    http,
    look::{self, Knocker},
    settings::SetupError,
    tls::Authorities,
    words::{self, is_loud},
};
use vapid::VapidKey;

/// What a push service must take (RFC 8030) is 4,096 bytes: 86 of header, 17 of delimiter and tag.
const MAX_PAYLOAD: usize = 4096 - 86 - 17;
/// A call for help that comes later than this is worse than none: long since taken or over.
const ASKING_LIFE: Span = Span::mins(30);
/// News ("taken", "over") may wait for a phone that was switched off overnight.
const NEWS_LIFE: Span = Span::hours(12);
/// Browsers encode keys with or without padding.
const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Whom the push services may ask about trouble: `mailto:…` or `https://…`.
    pub contact: String,
    /// Hosts of the house that subscriptions may lead to, besides the public services.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// Whether its far end is looked at between two messages.
    #[serde(default = "crate::settings::yes")]
    pub watch: bool,
}

impl Settings {
    pub(crate) fn build(&self, data_dir: &Path) -> Result<Push, SetupError> {
        let key = VapidKey::open(data_dir)?;
        let push = Push::new(key, &self.contact, &self.hosts, self.ca.as_deref())?;
        Ok(Push { watch: self.watch, ..push })
    }
}

/// Web Push.
pub struct Push {
    key: VapidKey,
    contact: String,
    hosts: Vec<String>,
    client: reqwest::Client,
    knocker: Knocker,
    watch: bool,
}

/// A browser's subscription, as its `toJSON()` gives it.
#[derive(Deserialize)]
struct Subscription {
    endpoint: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    p256dh: String,
    auth: String,
}

/// A subscription that was checked.
struct Browser {
    endpoint: Url,
    public: p256::PublicKey,
    auth: Auth,
}

impl Push {
    pub(crate) fn new(
        key: VapidKey,
        contact: &str,
        hosts: &[String],
        ca: Option<&Path>,
    ) -> Result<Self, SetupError> {
        let good = contact.strip_prefix("mailto:").is_some_and(|mail| mail.contains('@'))
            || contact.starts_with("https://");
        if !good || contact.chars().any(|c| c.is_control() || c == ' ') {
            return Err(SetupError::setting(
                "contact",
                "`contact` must be \"mailto:you@example.org\" or \"https://…\": push services write there \
                 when something is wrong",
            ));
        }
        let client = http::client(ca, Some(PublicOnly::except(hosts)))?;
        let knocker = Knocker::to_public(&Authorities::load(ca)?, hosts)?;
        Ok(Self {
            key,
            contact: contact.into(),
            hosts: hosts.to_vec(),
            client,
            knocker,
            watch: true,
        })
    }

    /// The services are the browsers' makers', who are many and far away, and which of them matter is known
    /// from the subscriptions alone. Each of those is looked at: where one can't be reached from here, as
    /// happens to some behind a nation's firewall, everybody with that browser hears nothing.
    async fn look(&self, desk: &Desk) -> Result<(), String> {
        let addresses = desk.addresses();
        let browsers = addresses.iter().filter_map(|address| self.browser(address).ok());
        self.knocker.knock_at_all(browsers.map(|browser| browser.endpoint)).await
    }

    fn browser(&self, address: &str) -> Result<Browser, String> {
        let subscription: Subscription = serde_json::from_str(address).map_err(|_| {
            "this is not a browser's push subscription: allow notifications on the gateway's page \
             again"
        })?;
        let endpoint = address::url(&subscription.endpoint, &self.hosts)?;
        let bytes = |text: &str| ANY_PADDING.decode(text).ok();
        let public = bytes(&subscription.keys.p256dh)
            .and_then(|b| p256::PublicKey::from_sec1_bytes(&b).ok())
            .ok_or("the subscription's key `p256dh` is damaged")?;
        let auth = bytes(&subscription.keys.auth)
            .and_then(|b| <[u8; 16]>::try_from(b).ok())
            .map(Auth::from)
            .ok_or("the subscription's key `auth` is damaged: 16 bytes are wanted")?;
        Ok(Browser { endpoint, public, auth })
    }

    async fn deliver(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let browser = self.browser(&out.message.method.address).map_err(SendError::gone)?;
        let host = browser.endpoint.host_str().unwrap_or_default();
        // The host is the browser maker's, the same for everybody; what is secret is the path.
        let peer = format!("the push service {host}");
        let body = web_push_native::encrypt(payload(out), &browser.public, &browser.auth).map_err(
            |_| SendError::lasting("the message could not be encrypted for the browser"),
        )?;
        let now_s = jiff::Timestamp::now().as_second();
        let request = self
            .client
            .post(browser.endpoint.clone())
            .header(
                header::AUTHORIZATION,
                self.key.authorization(&browser.endpoint, &self.contact, now_s),
            )
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("TTL", life(&out.message.content.purpose).as_millis() / 1000)
            .header("Urgency", urgency(out))
            .header("Topic", topic(out))
            .body(body);
        let answer = http::ask(&peer, request).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(SendError::gone(
                    "this browser's subscription is gone (notifications switched off, or the browser \
                     removed): allow notifications on the gateway's page again",
                ));
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(SendError::lasting(format!(
                    "{peer} does not accept the gateway's key for this browser: allow notifications on \
                     the gateway's page again; if that does not help, check this machine's clock and \
                     `contact`"
                )));
            }
            _ => answer.verdict(&peer)?,
        }
        let carrier_id = answer.location.as_deref().map(last_part).filter(|id| !id.is_empty());
        Ok(Accepted::named(carrier_id))
    }
}

impl Channel for Push {
    fn kind(&self) -> &'static str {
        "push"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.deliver(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        let way = Text::new("浏览器推送服务", "A push service");
        Box::pin(look::watch(desk, way, self.watch.then_some(|| self.look(desk))))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        self.browser(address).map(drop)
    }
}

/// What the service worker gets. The body gives way where the whole would not fit: its words are on the
/// page too.
fn payload(out: &Outgoing) -> Vec<u8> {
    let words = words::words(out);
    let content = &out.message.content;
    let mut payload = json!({
        "v": 1,
        "key": out.key,
        "title": words.title,
        "lang": words::tag(words.language),
        "tag": topic(out),
        "link": out.link.as_ref().map(Url::as_str),
        "receipt": out.receipt_link.as_ref().map(Url::as_str),
        "purpose": json!(content.purpose)["purpose"],
        "danger": content.danger,
        "loud": is_loud(content),
        "test": content.test || content.purpose == Purpose::PathTest,
        "since": content.since,
        "made_at": out.message.made_at,
    });
    let mut body = words.body();
    loop {
        payload["body"] = json!(body);
        let bytes = payload.to_string().into_bytes();
        if bytes.len() <= MAX_PAYLOAD || body.is_empty() {
            return bytes;
        }
        // No character takes more than 4 bytes, so this never cuts too much, and always something.
        let excess = (bytes.len() - MAX_PAYLOAD).div_ceil(4);
        let keep = body.chars().count().saturating_sub(excess);
        body = body.chars().take(keep).collect();
    }
}

fn life(purpose: &Purpose) -> Span {
    if purpose.asks() || *purpose == Purpose::PathTest { ASKING_LIFE } else { NEWS_LIFE }
}

/// `high` wakes a sleeping phone. A test goes the way of a real alarm, or it would test nothing.
fn urgency(out: &Outgoing) -> &'static str {
    let content = &out.message.content;
    if is_loud(content) || content.purpose == Purpose::PathTest { "high" } else { "normal" }
}

/// One per site and incident, 32 characters (the most that RFC 8030 allows): a newer message replaces
/// an undelivered older one, so that a phone that was off shows how things stand, not how they went.
fn topic(out: &Outgoing) -> String {
    let mut hash = Sha256::new();
    hash.update(out.site_name.zh.as_bytes());
    hash.update([0]);
    hash.update(out.site_name.en.as_bytes());
    hash.update([0]);
    match out.message.incident {
        Some(incident) => hash.update(incident.0.to_be_bytes()),
        None => hash.update(b"test"),
    }
    let mut text = BASE64.encode(hash.finalize());
    text.truncate(32);
    text
}

/// The last part of a `Location`: the service's name for the message, without the way to it.
fn last_part(location: &str) -> String {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    last.chars().filter(char::is_ascii_graphic).take(200).collect()
}
