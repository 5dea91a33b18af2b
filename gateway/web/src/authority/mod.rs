//! A certificate authority of the gateway's own, made at the first start, so that pages come by
//! HTTPS from the first day. People install its root on their phones once.
//!
//! The root may only speak for this house: names in `.local` and the like, private addresses, and
//! the names it was made for. Whoever steals it can't pretend to be a bank.

mod constraints;

use std::{fs, io, net::IpAddr, path::Path, sync::Arc};

use gengfu_core::time::{Span, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, date_time_ymd,
};
use rustls::{
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};

use crate::secret;

/// What phones call the root.
const NAME: &str = "Gengfu local authority";
/// Validity of a certificate; browsers refuse more than 397 days.
const LEAF_VALID: Span = Span::hours(90 * 24);
/// A certificate is renewed when it has this long to go.
pub(crate) const RENEW_BEFORE: Span = Span::hours(30 * 24);
/// Validity of the root: phones are not to be visited again.
const ROOT_VALID: Span = Span::hours(20 * 365 * 24);
/// A clock that shows an earlier time was never set: certificates then begin here.
const EARLIEST: &str = "2026-01-01T00:00:00Z";
const DAY: Span = Span::hours(24);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The file system refused.
    #[error("the local authority: {0}")]
    Io(#[from] io::Error),
    /// What is in the files can't be used.
    #[error(
        "the local authority in {path} can't be used ({why}). Move authority.key and authority.crt away to have a new one made; its root must then be installed again on every phone"
    )]
    Damaged {
        /// The folder.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The root was made for other names.
    #[error(
        "the local authority in {path} was made for other names and can't speak for \"{host}\". Use one of its names, set certificate files of your own, or move authority.key and authority.crt away to have a new one made; its root must then be installed again on every phone"
    )]
    NotCovered {
        /// The folder.
        path: String,
        /// The name or address.
        host: String,
    },
    /// The cryptography refused.
    #[error("making a certificate: {0}")]
    Making(#[from] rcgen::Error),
}

/// The root as people install it. Nothing of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// As phones take it.
    pub der: Vec<u8>,
    /// The same as text.
    pub pem: String,
    /// What phones call it.
    pub name: &'static str,
}

impl Root {
    /// SHA-256 of the root as `AB:CD:…`, to compare before it is installed.
    pub fn fingerprint(&self) -> String {
        let pairs: Vec<String> =
            Sha256::digest(&self.der).iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }
}

/// The authority with its key.
pub struct Authority {
    path: String,
    root: Arc<Root>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, in memory only: a new one is made at every start.
pub struct Leaf {
    /// Certificates, the leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The leaf's key.
    pub key: PrivateKeyDer<'static>,
    /// The last instant at which it is valid.
    pub until: Timestamp,
    /// The names and addresses it is for.
    pub hosts: Vec<String>,
}

impl Authority {
    /// The authority kept in `dir` (`authority.key`, mode 0600, and `authority.crt`), made now for
    /// `hosts` where there is none.
    ///
    /// # Errors
    /// [`AuthorityError`]: each says what to do.
    pub fn open(dir: &Path, hosts: &[String], now: Timestamp) -> Result<Self, AuthorityError> {
        let (key_path, root_path) = (dir.join("authority.key"), dir.join("authority.crt"));
        let damaged =
            |why: String| AuthorityError::Damaged { path: dir.display().to_string(), why };
        // A certificate without its key, as after a restore of half a backup, must not be papered
        // over with a new key: phones would trust a root that nobody has.
        if root_path.exists() && !key_path.exists() {
            return Err(damaged("authority.key is missing".into()));
        }
        let key_pem = secret::read_or_make(&key_path, || {
            let key = new_key().map_err(io::Error::other)?;
            Ok(key.serialize_pem().into_bytes())
        })?;
        let key_pem = String::from_utf8(key_pem).map_err(|error| damaged(error.to_string()))?;
        let key = KeyPair::from_pem(&key_pem)
            .map_err(|error| damaged(format!("authority.key: {error}")))?;
        let pem = match fs::read_to_string(&root_path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let pem = root_params(hosts, now).self_signed(&key)?.pem();
                write_public(&root_path, &pem)?;
                pem
            }
            Err(error) => {
                return Err(io::Error::new(
                    error.kind(),
                    format!("{}: {error}", root_path.display()),
                )
                .into());
            }
        };
        let der =
            der_of(&pem).ok_or_else(|| damaged("authority.crt holds no certificate".into()))?;
        let issuer = Issuer::from_ca_cert_pem(&pem, key)
            .map_err(|error| damaged(format!("authority.crt: {error}")))?;
        let root = Arc::new(Root { der: der.to_vec(), pem, name: NAME });
        let authority = Self { path: dir.display().to_string(), root, issuer };
        // The key must be the certificate's: otherwise every phone would refuse what it signs.
        let probe = authority.make(&["localhost".to_owned()], now)?;
        if !authority.verifies(&probe, "localhost", now) {
            return Err(damaged(
                "the key does not belong to the certificate, or its time is over".into(),
            ));
        }
        Ok(authority)
    }

    /// The root that people install.
    pub fn root(&self) -> Arc<Root> {
        self.root.clone()
    }

    /// A certificate for `wanted`, all of which the root must cover, and for those of `found` that
    /// it covers.
    ///
    /// # Errors
    /// [`AuthorityError::NotCovered`] for a wanted name that the root can't speak for.
    pub fn leaf(
        &self,
        wanted: &[String],
        found: &[String],
        now: Timestamp,
    ) -> Result<Leaf, AuthorityError> {
        let mut hosts: Vec<String> = Vec::new();
        for host in wanted.iter().chain(found) {
            if hosts.contains(host) {
                continue;
            }
            if self.covers(host, now) {
                hosts.push(host.clone());
            } else if wanted.contains(host) {
                return Err(AuthorityError::NotCovered {
                    path: self.path.clone(),
                    host: host.clone(),
                });
            }
        }
        self.make(&hosts, now)
    }

    /// Whether a browser that trusts the root would believe a certificate for this host.
    fn covers(&self, host: &str, now: Timestamp) -> bool {
        self.make(&[host.to_owned()], now).is_ok_and(|leaf| self.verifies(&leaf, host, now))
    }

    fn verifies(&self, leaf: &Leaf, host: &str, now: Timestamp) -> bool {
        let check = || {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from(self.root.der.clone())).ok()?;
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
                .build()
                .ok()?;
            let name = ServerName::try_from(host.to_owned()).ok()?;
            let seconds = u64::try_from(believable(now).as_millis() / 1000).ok()?;
            let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
            verifier.verify_server_cert(leaf.chain.first()?, &[], &name, &[], at).ok()
        };
        check().is_some()
    }

    fn make(&self, hosts: &[String], now: Timestamp) -> Result<Leaf, AuthorityError> {
        let now = believable(now);
        let mut params = CertificateParams::new(hosts)?;
        let name = hosts.first().map_or("gengfu", String::as_str);
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        // A day ahead: phones' clocks differ.
        set_validity(&mut params, now - DAY, now + LEAF_VALID);
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = new_key()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Leaf {
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            until: midnight(now + LEAF_VALID),
            hosts: hosts.to_vec(),
        })
    }
}

fn new_key() -> Result<KeyPair, rcgen::Error> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
}

fn root_params(hosts: &[String], now: Timestamp) -> CertificateParams {
    let now = believable(now);
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, NAME);
    // Two gateways' roots on one phone can be told apart by their first name and year.
    let name = hosts.iter().find(|host| host.parse::<IpAddr>().is_err());
    params.distinguished_name.push(
        DnType::OrganizationName,
        format!("{} {}", name.map_or("gengfu", String::as_str), civil(now).year()),
    );
    set_validity(&mut params, now - DAY, now + ROOT_VALID);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: constraints::permitted(hosts),
        excluded_subtrees: vec![],
    });
    params
}

fn write_public(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("part");
    fs::write(&part, text)
        .and_then(|()| fs::File::open(&part)?.sync_all())
        .and_then(|()| fs::rename(&part, path))
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn der_of(pem: &str) -> Option<CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject;
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}

fn believable(now: Timestamp) -> Timestamp {
    EARLIEST.parse().map_or(now, |earliest: Timestamp| now.max(earliest))
}

fn civil(at: Timestamp) -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(at.to_jiff()).date()
}

fn midnight(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() - at.as_millis().rem_euclid(DAY.as_millis() as i64))
}

/// Valid from the midnight before `from` to the one before `until`: certificates need no finer times.
fn set_validity(params: &mut CertificateParams, from: Timestamp, until: Timestamp) {
    let [from, until] = [from, until].map(|at| {
        let date = civil(at);
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    });
    params.not_before = from;
    params.not_after = until;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }

    fn hosts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_root_speaks_for_this_house_and_for_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open(dir.path(), &hosts(&["gengfu.example"]), now()).unwrap();
        for host in ["gengfu.example", "box.local", "192.168.7.7", "10.1.2.3", "fd00::5", "::1"] {
            assert!(authority.covers(host, now()), "{host}");
        }
        for host in ["bank.example", "example", "8.8.8.8", "2001:db8::1", "notlocal"] {
            assert!(!authority.covers(host, now()), "{host}");
        }
        let found = hosts(&["box.local", "8.8.8.8"]);
        let leaf = authority.leaf(&hosts(&["gengfu.example"]), &found, now()).unwrap();
        assert_eq!(
            leaf.hosts,
            hosts(&["gengfu.example", "box.local"]),
            "what was found may be left out"
        );
        let error = authority.leaf(&hosts(&["bank.example"]), &[], now()).err().unwrap();
        assert!(matches!(error, AuthorityError::NotCovered { .. }), "{error}");
    }

    #[test]
    fn a_certificate_lasts_90_days_and_is_renewed_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::open(dir.path(), &[], now()).unwrap();
        let leaf = authority.leaf(&hosts(&["box.local"]), &[], now()).unwrap();
        let good = |days: u64| authority.verifies(&leaf, "box.local", now() + DAY.times(days));
        assert!(good(0) && good(60) && good(89));
        assert!(!good(91));
        assert!(leaf.until > now() + RENEW_BEFORE.times(2));
        assert!(
            authority.verifies(&leaf, "box.local", now() - Span::hours(7)),
            "a phone that is late"
        );
    }

    #[test]
    fn a_clock_that_was_never_set_makes_no_certificate_of_1970() {
        let dir = tempfile::tempdir().unwrap();
        let unset = Timestamp::from_millis(60_000);
        let authority = Authority::open(dir.path(), &[], unset).unwrap();
        let leaf = authority.leaf(&hosts(&["box.local"]), &[], unset).unwrap();
        assert!(leaf.until > "2026-03-01T00:00:00Z".parse().unwrap());
        let later = Authority::open(dir.path(), &[], now()).unwrap();
        assert_eq!(later.root(), authority.root());
        assert!(later.covers("box.local", now() + DAY.times(5 * 365)), "phones keep the root");
    }

    #[test]
    fn a_key_that_is_not_the_certificates_is_noticed() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        Authority::open(one.path(), &[], now()).unwrap();
        Authority::open(two.path(), &[], now()).unwrap();
        fs::copy(two.path().join("authority.key"), one.path().join("authority.key")).unwrap();
        let error = Authority::open(one.path(), &[], now()).err().unwrap();
        assert!(matches!(error, AuthorityError::Damaged { .. }), "{error}");
    }
}
