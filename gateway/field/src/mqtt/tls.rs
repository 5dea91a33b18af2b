//! What a connection to a broker is encrypted with: whom to trust, and what to show of oneself.

use std::sync::Arc;

use rumqttc::TlsConfiguration;
use rustls::{
    ClientConfig, RootCertStore,
    client::WebPkiServerVerifier,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

/// Whom a broker's certificate must come from.
#[derive(Clone, PartialEq, Eq)]
pub enum Roots {
    /// One of the authorities that this machine trusts.
    Public,
    /// One of these, in PEM.
    Pem(Vec<u8>),
}

/// What the gateway shows a broker that wants to see a certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its certificate, and those between it and the authority's, in PEM.
    pub certificate: Vec<u8>,
    /// The certificate's key, in PEM.
    pub key: Vec<u8>,
}

/// A connection with TLS.
#[derive(Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whom to trust.
    pub roots: Roots,
    /// What to show, where the broker wants to see something.
    pub identity: Option<Identity>,
}

/// Why a certificate or a key can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// There is nobody to trust.
    #[error(
        "this machine has no list of authorities to trust: install ca-certificates, or name a ca_file"
    )]
    NoAuthorities,
    /// The file of authorities holds none.
    #[error("ca_file holds no certificate that can be trusted: it must be PEM")]
    Roots,
    /// The file of certificates holds none.
    #[error("cert_file holds no certificate: it must be PEM")]
    Certificate,
    /// The file of the key holds none.
    #[error("key_file holds no private key: it must be PEM, without a password")]
    Key,
    /// The two don't go together.
    #[error("the key in key_file is not the one of the certificate in cert_file")]
    Mismatch,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Tls {
    /// Whoever these vouch for, and nothing to show.
    pub fn trusting(roots: Roots) -> Self {
        Self { roots, identity: None }
    }

    /// The same for the client. Called to check it, too.
    ///
    /// # Errors
    /// Where a certificate or a key can't be used.
    pub fn config(&self) -> Result<TlsConfiguration, TlsError> {
        let other = |error: &dyn std::fmt::Display| TlsError::Other(error.to_string());
        let mut trusted = RootCertStore::empty();
        let (vouching, none) = match &self.roots {
            Roots::Public => {
                (rustls_native_certs::load_native_certs().certs, TlsError::NoAuthorities)
            }
            Roots::Pem(pem) => (certificates(pem).ok_or(TlsError::Roots)?, TlsError::Roots),
        };
        trusted.add_parsable_certificates(vouching);
        if trusted.is_empty() {
            return Err(none);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let checks = WebPkiServerVerifier::builder_with_provider(trusted.into(), provider.clone());
        let checks = checks.build().map_err(|e| other(&e))?;
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| other(&e))?
            .with_webpki_verifier(checks);
        let client = match &self.identity {
            None => client.with_no_client_auth(),
            Some(Identity { certificate, key }) => {
                let chain = certificates(certificate).filter(|all| !all.is_empty());
                let chain = chain.ok_or(TlsError::Certificate)?;
                let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
                client.with_client_auth_cert(chain, key).map_err(|error| match error {
                    rustls::Error::InconsistentKeys(_) => TlsError::Mismatch,
                    error => other(&error),
                })?
            }
        };
        Ok(TlsConfiguration::Rustls(Arc::new(client)))
    }
}

fn certificates(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate and its key.
    fn made() -> (Vec<u8>, Vec<u8>) {
        let own = rcgen::generate_simple_self_signed(["gengfu".to_owned()]).unwrap();
        (own.cert.pem().into_bytes(), own.signing_key.serialize_pem().into_bytes())
    }

    #[test]
    fn what_can_not_be_used_is_told_apart() {
        let (certificate, key) = made();
        let (other, _) = made();
        let with = |roots: &[u8], certificate: &[u8], key: &[u8]| {
            let identity = Identity { certificate: certificate.into(), key: key.into() };
            let tls = Tls { roots: Roots::Pem(roots.into()), identity: Some(identity) };
            tls.config().map(drop)
        };
        assert_eq!(with(&certificate, &certificate, &key), Ok(()));
        assert_eq!(with(b"no PEM", &certificate, &key), Err(TlsError::Roots));
        assert_eq!(with(&certificate, &key, &key), Err(TlsError::Certificate));
        assert_eq!(with(&certificate, &certificate, &certificate), Err(TlsError::Key));
        assert_eq!(with(&certificate, &other, &key), Err(TlsError::Mismatch));
    }
}
