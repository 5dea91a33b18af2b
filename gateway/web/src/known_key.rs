//! The key by which boards know this gateway. It is made once and never renewed, since a board that is
//! screwed to a wall believes no other; so it is not the key of the pages' certificate, which may be
//! somebody else's, and new every 60 days. `docs/decisions/2026-11-29-boards-tls.md`.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sha2::{Digest, Sha256};

use crate::secret;

/// The key, readable by its owner alone, and what boards know it by, readable by all.
const KEY: &str = "boards.key";
const PIN: &str = "boards.pin";

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum KnownKeyError {
    /// The file system refused.
    #[error("the key by which boards know this gateway: {0}")]
    Io(#[from] io::Error),
    /// What is in the file can't be used.
    #[error(
        "{path}, by which boards know this gateway, can't be used ({why}). Put it back from a backup. If there is none, move it away: a new one is made, and every board with TLS needs a new file from this gateway"
    )]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// What a board is shown when it connects with TLS.
pub struct KnownKey {
    /// SHA-256 of the public key.
    pub pin: [u8; 32],
    /// For whoever asks for its name.
    pub config: Arc<ServerConfig>,
}

impl KnownKey {
    /// The key kept in `dir`, made now where there is none. Boards ask for it by `name`, and take records of
    /// so many bytes.
    ///
    /// # Errors
    /// [`KnownKeyError`]: each says what to do.
    pub fn open(dir: &Path, name: &str, record: usize) -> Result<Self, KnownKeyError> {
        let path = dir.join(KEY);
        let damaged =
            |why: String| KnownKeyError::Damaged { path: path.display().to_string(), why };
        // What is left of it must not be papered over with another: boards would believe it no more.
        if pin_file(dir).exists() && !path.exists() {
            return Err(damaged("it is missing".into()));
        }
        let pem = secret::read_or_make(&path, || {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)?;
            Ok(key.serialize_pem().into_bytes())
        })?;
        let key = String::from_utf8(pem).map_err(|error| damaged(error.to_string()))?;
        let key = KeyPair::from_pem(&key).map_err(|error| damaged(error.to_string()))?;
        if !key.is_compatible(&PKCS_ECDSA_P256_SHA256) {
            return Err(damaged("it is none of P-256".into()));
        }
        let pin = Sha256::digest(key.subject_public_key_info()).into();
        if read_pin(dir).ok() != Some(pin) {
            fs::write(pin_file(dir), secret::hex(&pin) + "\n")?;
        }
        let config = config(&key, name, record).map_err(|why| damaged(why.to_string()))?;
        Ok(Self { pin, config: Arc::new(config) })
    }
}

fn pin_file(dir: &Path) -> PathBuf {
    dir.join(PIN)
}

/// What boards know the gateway by whose key is kept in `dir`, without the key itself.
///
/// # Errors
/// Where there is none yet, or it can't be read.
pub fn read_pin(dir: &Path) -> io::Result<[u8; 32]> {
    let path = pin_file(dir);
    let named = |why: &str| io::Error::other(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| named(&error.to_string()))?;
    let mut pin = [0; 32];
    let digits = text.trim().as_bytes();
    if digits.len() != 2 * pin.len() {
        return Err(named("it is not 64 digits"));
    }
    for (byte, pair) in pin.iter_mut().zip(digits.chunks(2)) {
        let pair = std::str::from_utf8(pair).ok();
        *byte = pair
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .ok_or_else(|| named("it is not 64 digits"))?;
    }
    Ok(pin)
}

/// A certificate that never lapses: boards look at its key alone, and have no clock when they do.
fn config(
    key: &KeyPair,
    name: &str,
    record: usize,
) -> Result<ServerConfig, Box<dyn std::error::Error>> {
    let certificate = CertificateParams::new(vec![name.to_owned()])?.self_signed(key)?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.max_fragment_size = Some(record);
    // A board begins anew each time.
    config.send_tls13_tickets = 0;
    Ok(config)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn open(dir: &Path) -> Result<KnownKey, KnownKeyError> {
        KnownKey::open(dir, "boards.example", 2048)
    }

    #[test]
    fn the_key_stays_the_same_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read_pin(dir.path()).is_err());
        let first = open(dir.path()).unwrap().pin;
        assert_eq!(open(dir.path()).unwrap().pin, first);
        assert_eq!(read_pin(dir.path()).unwrap(), first);
        let mode = fs::metadata(dir.path().join(KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // From half a backup: the key can tell what it is known by, and not the other way round.
        fs::remove_file(dir.path().join(PIN)).unwrap();
        assert_eq!(open(dir.path()).unwrap().pin, first);
        fs::remove_file(dir.path().join(KEY)).unwrap();
        let error = open(dir.path()).err().unwrap().to_string();
        assert!(error.contains("missing") && error.contains("backup"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_key_is_not_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let other = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
        for text in ["half a fi", &other] {
            fs::write(dir.path().join(KEY), text).unwrap();
            assert!(open(dir.path()).is_err());
            assert_eq!(fs::read_to_string(dir.path().join(KEY)).unwrap(), text);
        }
    }
}
