//! HTTPS: certificate files of the operator's, or the local authority's certificates; both are
//! looked at again from time to time, so that a renewed one is used without a restart.

use std::{
    io,
    net::{IpAddr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use gengfu_core::time::Timestamp;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::authority::{Authority, AuthorityError, RENEW_BEFORE, Root};

/// How the pages are protected on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: plain HTTP, for loopback or behind a proxy that does it.
    Off,
    /// With certificate files in PEM.
    Files {
        /// The certificate, then those between it and the root.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// With a local authority, made at the first start.
    Local {
        /// The folder of its files.
        dir: PathBuf,
        /// Names and addresses that the certificate must be good for, besides those found.
        names: Vec<String>,
    },
}

/// Why there is no HTTPS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be used.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: String,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The local authority can't be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
}

/// What HTTPS is served with now, and what is needed to renew it.
pub struct Identity {
    source: Source,
    used: Used,
}

enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    Local { authority: Box<Authority>, wanted: Vec<String>, listen: SocketAddr },
}

/// What the present configuration was made of.
enum Used {
    Files(Option<SystemTime>, Option<SystemTime>),
    Leaf { until: Timestamp, found: Vec<String> },
}

impl Identity {
    /// Opens what `tls` names; none for [`Tls::Off`].
    ///
    /// # Errors
    /// Where a file can't be used.
    pub fn open(
        tls: &Tls,
        public_host: Option<&str>,
        listen: SocketAddr,
        now: Timestamp,
    ) -> Result<Option<(Self, Arc<ServerConfig>)>, TlsError> {
        let source = match tls {
            Tls::Off => return Ok(None),
            Tls::Files { certificate, key } => {
                Source::Files { certificate: certificate.clone(), key: key.clone() }
            }
            Tls::Local { dir, names } => {
                let mut wanted: Vec<String> = Vec::new();
                for host in names.iter().map(String::as_str).chain(public_host) {
                    let host = host.to_ascii_lowercase();
                    if !wanted.contains(&host) {
                        wanted.push(host);
                    }
                }
                let hosts: Vec<String> = wanted.iter().cloned().chain(found(listen)).collect();
                let authority = Box::new(Authority::open(dir, &hosts, now)?);
                Source::Local { authority, wanted, listen }
            }
        };
        let (used, config) = source.config(now)?;
        Ok(Some((Self { source, used }, config)))
    }

    /// The local authority's root, where there is one.
    pub fn root(&self) -> Option<Arc<Root>> {
        match &self.source {
            Source::Files { .. } => None,
            Source::Local { authority, .. } => Some(authority.root()),
        }
    }

    /// A new configuration where the old one has become stale: the files were replaced, the
    /// certificate will soon lapse, or the machine has another address.
    ///
    /// # Errors
    /// Where a file can't be used; the old configuration can still be.
    pub fn renewed(&mut self, now: Timestamp) -> Result<Option<Arc<ServerConfig>>, TlsError> {
        let stale = match (&self.source, &self.used) {
            (Source::Files { certificate, key }, Used::Files(of_certificate, of_key)) => {
                (changed(certificate), changed(key)) != (*of_certificate, *of_key)
            }
            (Source::Local { listen, .. }, Used::Leaf { until, found: names }) => {
                now + RENEW_BEFORE >= *until || found(*listen) != *names
            }
            _ => true,
        };
        if !stale {
            return Ok(None);
        }
        let (used, config) = self.source.config(now)?;
        self.used = used;
        Ok(Some(config))
    }
}

impl Source {
    fn config(&self, now: Timestamp) -> Result<(Used, Arc<ServerConfig>), TlsError> {
        match self {
            Source::Files { certificate, key } => {
                let used = Used::Files(changed(certificate), changed(key));
                Ok((used, from_files(certificate, key)?))
            }
            Source::Local { authority, wanted, listen } => {
                let found = found(*listen);
                let leaf = authority.leaf(wanted, &found, now)?;
                tracing::info!(hosts = ?leaf.hosts, until = %leaf.until, "certificate made");
                let used = Used::Leaf { until: leaf.until, found };
                let config = server_config(leaf.chain, leaf.key).map_err(|error| {
                    TlsError::File { path: "the local certificate".into(), why: error.to_string() }
                })?;
                Ok((used, config))
            }
        }
    }
}

fn changed(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

fn from_files(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>, TlsError> {
    let bad = |path: &Path, why: String| TlsError::File { path: path.display().to_string(), why };
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(certificate, format!("no PEM certificate could be read: {error}")))?;
    if chain.is_empty() {
        return Err(bad(certificate, "there is no PEM certificate in it".into()));
    }
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| bad(key, format!("no PEM key could be read: {error}")))?;
    server_config(chain, secret)
        .map_err(|error| bad(key, format!("it does not fit {}: {error}", certificate.display())))
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The names and addresses by which this machine can be reached, as far as it knows.
fn found(listen: SocketAddr) -> Vec<String> {
    let mut hosts = vec!["localhost".to_owned()];
    if let Some(name) = host_name() {
        if !name.contains('.') {
            hosts.push(format!("{name}.local"));
        }
        hosts.push(name);
    }
    let mut addresses = vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    if !listen.ip().is_unspecified() {
        addresses.push(listen.ip());
    }
    // The address that a packet to the outside would leave with; none is sent. The targets are
    // the documentation ranges of RFC 5737 and RFC 3849.
    for (from, to) in [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")] {
        addresses.extend(outgoing(from, to).ok().filter(|address| !address.is_unspecified()));
    }
    for address in addresses.iter().map(ToString::to_string) {
        if !hosts.contains(&address) {
            hosts.push(address);
        }
    }
    hosts
}

fn outgoing(from: &str, to: &str) -> io::Result<IpAddr> {
    let socket = UdpSocket::bind(from)?;
    socket.connect(to)?;
    Ok(socket.local_addr()?.ip())
}

/// The machine's name, where it can stand in a certificate.
fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim().to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    (!name.is_empty() && name != "localhost" && name.chars().all(fits)).then_some(name)
}

#[cfg(test)]
mod tests {
    use gengfu_core::time::Span;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }
    fn listen() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn a_local_certificate_is_renewed_a_month_before_it_lapses_and_not_before() {
        let dir = tempfile::tempdir().unwrap();
        let tls = Tls::Local { dir: dir.path().into(), names: vec!["box.local".into()] };
        let (mut identity, _) = Identity::open(&tls, None, listen(), now()).unwrap().unwrap();
        assert!(identity.renewed(now() + Span::hours(50 * 24)).unwrap().is_none());
        assert!(identity.renewed(now() + Span::hours(61 * 24)).unwrap().is_some());
        assert!(
            identity.renewed(now() + Span::hours(62 * 24)).unwrap().is_none(),
            "once is enough"
        );
    }

    #[test]
    fn replaced_files_are_used_and_broken_ones_are_not() {
        let dir = tempfile::tempdir().unwrap();
        let (certificate, key) = (dir.path().join("a.crt"), dir.path().join("a.key"));
        let write = |age: u64| {
            let pair = rcgen::KeyPair::generate().unwrap();
            let params = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
            std::fs::write(&certificate, params.self_signed(&pair).unwrap().pem()).unwrap();
            std::fs::write(&key, pair.serialize_pem()).unwrap();
            // The second they were written in may be the same: the time is set by hand.
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age);
            for path in [&certificate, &key] {
                std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
            }
        };
        write(1_000);
        let tls = Tls::Files { certificate: certificate.clone(), key: key.clone() };
        let (mut identity, _) = Identity::open(&tls, None, listen(), now()).unwrap().unwrap();
        assert!(identity.renewed(now()).unwrap().is_none());
        write(2_000);
        assert!(identity.renewed(now()).unwrap().is_some());
        std::fs::write(&key, "half a fi").unwrap();
        assert!(identity.renewed(now()).is_err());
        write(3_000);
        assert!(identity.renewed(now()).unwrap().is_some(), "a later good pair is taken again");
    }
}
