//! The certificates of the embedded broker: for everybody the operator's files, or one of the local
//! authority, made anew well before it lapses; for boards the key that they know, which stays.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use anyhow::Context;
use gengfu_core::time::Timestamp;
use gengfu_web::{
    Tls,
    known_key::{KnownKey, KnownKeyError},
    tls::Identity,
};
use gengfu_wire::{TLS_NAME, TLS_RECORD};
use rustls::ServerConfig;
use tokio::sync::Mutex;

use crate::{board::key::hex, config::Config, engine::now, field::Field};

/// It is looked at this often: a certificate is renewed a month before its end.
const LOOK: Duration = Duration::from_secs(3600);

/// What the broker shows now, and what is needed to renew it.
///
/// # Errors
/// Where the authority can't be opened or a file can't be used.
pub fn open(
    config: &Config,
    listen: SocketAddr,
    now: Timestamp,
) -> anyhow::Result<(Identity, Arc<ServerConfig>)> {
    // Pages that are served in the clear, behind a proxy, leave the broker its certificate.
    let tls = match config.tls() {
        Tls::Off => config.local_tls(),
        tls => tls,
    };
    let public = config.web.public_url.as_ref().and_then(|url| url.host_str());
    Identity::open(&tls, public, listen, now)?.context("the broker has no certificate")
}

/// The key by which boards know this gateway, made now where there is none.
///
/// # Errors
/// Where it can't be opened.
pub fn known(config: &Config) -> Result<KnownKey, KnownKeyError> {
    KnownKey::open(&config.authority(), TLS_NAME, TLS_RECORD)
}

/// What the broker shows to boards.
///
/// # Errors
/// Where the key can't be opened.
pub fn for_boards(config: &Config) -> anyhow::Result<Arc<ServerConfig>> {
    let known = known(config)?;
    tracing::info!(key = %hex(&known.pin), "what boards with TLS know this gateway by");
    Ok(known.config)
}

/// Looks at it from time to time. One that can't be renewed is shown as long as it holds.
pub async fn renew(mut identity: Identity, field: Weak<Mutex<Field>>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let looked = tokio::task::spawn_blocking(move || {
            let renewed = identity.renewed(now());
            (identity, renewed)
        });
        let Ok((back, renewed)) = looked.await else { return };
        identity = back;
        let Some(field) = field.upgrade() else { return };
        match renewed {
            Ok(Some(certificate)) => {
                if let Some(broker) = &field.lock().await.broker {
                    broker.show(&certificate);
                }
                tracing::info!("the broker's certificate was renewed");
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the broker's certificate was not renewed; the old one stays");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::time::Span;

    use super::*;

    #[test]
    fn a_certificate_is_renewed_a_month_before_its_end_while_the_gateway_runs() {
        let folder = tempfile::tempdir().unwrap();
        let tls = Tls::Local { dir: folder.path().to_owned(), names: vec!["gate.example".into()] };
        let listen = SocketAddr::from(([127, 0, 0, 1], 8883));
        let start = now();
        let (mut identity, _) = Identity::open(&tls, None, listen, start).unwrap().unwrap();
        let day = |n: u64| start + Span::hours(n * 24);
        assert!(identity.renewed(day(59)).unwrap().is_none());
        assert!(identity.renewed(day(61)).unwrap().is_some());
        assert!(identity.renewed(day(62)).unwrap().is_none(), "once");
        assert!(identity.renewed(day(122)).unwrap().is_some(), "and again");
    }
}
