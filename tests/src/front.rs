//! TLS before a server that speaks without: what a telephone server's own front does.

use std::{path::Path, sync::Arc};

use anyhow::Context;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// An authority of the house.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key, in PEM.
pub struct Identity {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// Where no key can be made.
    pub fn new() -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(vec![])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?))
    }

    /// What those trust who trust it, in PEM.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for a server of this name.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn vouches_for(&self, name: &str) -> anyhow::Result<Identity> {
        let key = KeyPair::generate()?;
        let params = CertificateParams::new(vec![name.to_owned()])?;
        Ok(Identity { certificate: params.signed_by(&key, &self.0)?, key })
    }
}

impl Identity {
    /// Certificate and key in one file, as baresip wants them.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = format!("{}{}", self.certificate.pem(), self.key.serialize_pem());
        std::fs::write(path, text).context("the certificate can't be written")
    }
}

/// A front until it is dropped.
pub struct Front {
    /// Where it listens, on the loopback.
    pub port: u16,
    serves: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.serves.abort();
    }
}

impl Front {
    /// Before the server at this port of the loopback, which speaks TCP.
    ///
    /// # Errors
    /// Where the certificate can't be used, or there is no port.
    pub async fn before(server: u16, identity: &Identity) -> anyhow::Result<Self> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![identity.certificate.der().clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let serves = tokio::spawn(async move {
            // Aborted with this task.
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                lines.spawn(async move {
                    // Whoever does not trust it hangs up here.
                    let Ok(mut client) = acceptor.accept(client).await else { return };
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await else {
                        return;
                    };
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Ok(Self { port, serves })
    }
}
