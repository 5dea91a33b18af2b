//! Whom to trust: the system's authorities (the ones built in where there are none), and those of `ca`.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

use crate::settings::SetupError;

/// The authorities, as each TLS user wants them.
pub(crate) struct Authorities {
    /// The system's, updated with it. Empty on a machine without any.
    pub system: Vec<CertificateDer<'static>>,
    /// The operator's own.
    pub own: Vec<CertificateDer<'static>>,
}

impl Authorities {
    /// The system's and those in `ca`.
    pub fn load(ca: Option<&Path>) -> Result<Self, SetupError> {
        let usable = |cert: &CertificateDer<'static>| RootCertStore::empty().add(cert.clone());
        let mut system = rustls_native_certs::load_native_certs().certs;
        // One broken file among the system's is no reason to reach nobody.
        system.retain(|cert| usable(cert).is_ok());
        let mut own = Vec::new();
        if let Some(path) = ca {
            let certs = CertificateDer::pem_file_iter(path)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|e| SetupError::file(path, format!("`ca` can't be read: {e}")))?;
            if certs.is_empty() {
                return Err(SetupError::file(
                    path,
                    "`ca` holds no certificate: a PEM file with BEGIN CERTIFICATE is wanted",
                ));
            }
            for cert in &certs {
                usable(cert).map_err(|e| {
                    SetupError::file(path, format!("a certificate in `ca` can't be used: {e}"))
                })?;
            }
            own = certs;
        }
        Ok(Self { system, own })
    }

    /// All of them in PEM, as a library takes them that sets up TLS by itself. Empty where there are none.
    pub fn pem(&self) -> String {
        let block = |cert: &CertificateDer<'static>| {
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                STANDARD.encode(cert)
            )
        };
        self.system.iter().chain(&self.own).map(block).collect()
    }

    /// TLS as reqwest takes it. The crypto provider is named here, so none is installed process-wide.
    pub fn client_config(&self) -> Result<ClientConfig, SetupError> {
        let mut roots = RootCertStore::empty();
        if self.system.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        roots.add_parsable_certificates(self.system.iter().chain(&self.own).cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|e| SetupError::Tls(e.to_string()))?
            .with_root_certificates(once(roots))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// The same authorities, kept once: there are some hundred and forty of them, and each channel asks for
/// them twice.
fn once(roots: RootCertStore) -> Arc<RootCertStore> {
    static KNOWN: Mutex<Vec<Weak<RootCertStore>>> = Mutex::new(Vec::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.retain(|store| store.strong_count() > 0);
    let same = known.iter().filter_map(Weak::upgrade).find(|store| store.roots == roots.roots);
    same.unwrap_or_else(|| {
        let roots = Arc::new(roots);
        known.push(Arc::downgrade(&roots));
        roots
    })
}

/// What a TLS failure means for the person who has to mend it, and whether it may pass by itself.
pub(crate) fn explain(error: &rustls::Error) -> (String, bool) {
    use rustls::CertificateError as C;
    let rustls::Error::InvalidCertificate(certificate) = error else {
        return ("the secure connection (TLS) could not be set up".into(), true);
    };
    let words = match certificate {
        C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. } => {
            "its certificate is not valid today: renew it there, or set this machine's clock right"
        }
        // Signed wrongly: most often an authority that was made anew under its old name.
        C::UnknownIssuer | C::BadSignature => {
            "its certificate is from an authority that is not trusted here: name the authority's file in `ca`"
        }
        C::NotValidForName | C::NotValidForNameContext { .. } => {
            "its certificate is for another name: use the name in the certificate"
        }
        _ => "its certificate is not valid",
    };
    (words.into(), false)
}

/// The TLS failure inside another error, wherever it is wrapped.
pub(crate) fn inside<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(at) = next {
        if let Some(found) = at.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        next = match at.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => at.source(),
        };
    }
    None
}

/// The operating system's failure inside another error.
pub(crate) fn io_kind(error: &(dyn std::error::Error + 'static)) -> Option<std::io::ErrorKind> {
    let mut next = Some(error);
    while let Some(at) = next {
        if let Some(io) = at.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        next = at.source();
    }
    None
}
