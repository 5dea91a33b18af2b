//! A gateway's side of TLS, in memory: rustls, as the gateway itself has it.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    future::poll_fn,
    io::Read as _,
    io::Write as _,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::{
    ServerConfig, ServerConnection,
    crypto::ring::{default_provider, sign::any_supported_type},
    pki_types::PrivateKeyDer,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};

/// A key, as a gateway keeps it.
pub struct Key(pub KeyPair);

impl Key {
    /// Of the kind that boards know.
    pub fn new() -> Self {
        Self(KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap())
    }

    /// What a board knows it by.
    pub fn pin(&self) -> [u8; 32] {
        Sha256::digest(self.0.subject_public_key_info()).into()
    }

    /// A certificate of it, another one each time.
    pub fn certificate(&self) -> rustls::pki_types::CertificateDer<'static> {
        let params = CertificateParams::new(vec!["boards.gengfu.internal".into()]).unwrap();
        params.self_signed(&self.0).unwrap().der().clone()
    }
}

#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A gateway that shows the certificate of one key and signs by another, which may be the same.
pub fn config(shown: &Key, signs: &Key) -> ServerConfig {
    let key = PrivateKeyDer::try_from(signs.0.serialize_der()).unwrap();
    let key = CertifiedKey::new(vec![shown.certificate()], any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_protocol_versions(&[&rustls::version::TLS13]).unwrap();
    let mut config = config.with_no_client_auth().with_cert_resolver(Arc::new(Shows(key.into())));
    config.max_fragment_size = Some(gengfu_wire::TLS_RECORD);
    config
}

/// Who answers, and what it heard.
pub struct Far {
    server: ServerConnection,
    wire: VecDeque<u8>,
    /// Decrypted.
    pub heard: Vec<u8>,
}

/// The board's end of the connection, which moves so many bytes at a time, and then nothing once.
#[derive(Clone)]
pub struct Near {
    far: Rc<RefCell<Far>>,
    at_a_time: usize,
    halts: Rc<Cell<bool>>,
}

impl Near {
    pub fn to(config: ServerConfig, at_a_time: usize) -> Self {
        let server = ServerConnection::new(Arc::new(config)).unwrap();
        let far = Far { server, wire: VecDeque::new(), heard: vec![] };
        let far = Rc::new(RefCell::new(far));
        Self { far, at_a_time, halts: Rc::default() }
    }

    /// The gateway says something.
    pub fn say(&self, what: &[u8]) {
        let far = &mut *self.far.borrow_mut();
        far.server.writer().write_all(what).unwrap();
        far.server.write_tls(&mut far.wire).unwrap();
    }

    /// Somebody on the way puts this between.
    pub fn slip(&self, bytes: &[u8]) {
        self.far.borrow_mut().wire.extend(bytes);
    }

    /// Whether nothing moves this time.
    fn halts(&self) -> bool {
        let halts = self.at_a_time != usize::MAX && !self.halts.get();
        self.halts.set(halts);
        halts
    }

    pub fn heard(&self) -> Vec<u8> {
        self.far.borrow().heard.clone()
    }
}

impl ErrorType for Near {
    type Error = ErrorKind;
}

impl Read for Near {
    async fn read(&mut self, to: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| {
            if self.halts() {
                return Poll::Pending;
            }
            let far = &mut *self.far.borrow_mut();
            while far.server.wants_write() {
                far.server.write_tls(&mut far.wire).unwrap();
            }
            let count = to.len().min(self.at_a_time).min(far.wire.len());
            for (to, from) in to.iter_mut().zip(far.wire.drain(..count)) {
                *to = from;
            }
            if count == 0 { Poll::Pending } else { Poll::Ready(Ok(count)) }
        })
        .await
    }
}

impl Write for Near {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        poll_fn(|_| if self.halts() { Poll::Pending } else { Poll::Ready(()) }).await;
        let far = &mut *self.far.borrow_mut();
        let count = bytes.len().min(self.at_a_time);
        let mut given = &bytes[..count];
        while !given.is_empty() {
            far.server.read_tls(&mut given).unwrap();
            // What it does not understand it says by an alert.
            if far.server.process_new_packets().is_err() {
                break;
            }
        }
        let _ = far.server.reader().read_to_end(&mut far.heard);
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}
