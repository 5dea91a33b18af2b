//! Who the gateway is to a push service: a key pair made at the first start, and a short-lived token
//! signed with it for each service (VAPID, RFC 8292).
//!
//! Browsers subscribe with the public key; a lost or changed key means that every phone has to
//! subscribe anew. So it is kept in the data folder, readable by the gateway alone, and never replaced.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::json;
use url::Url;
use web_push_native::p256::{
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::rand_core::OsRng,
};

use crate::settings::SetupError;

/// The key's file in the data folder: the private scalar, 32 bytes in base64url, one line.
const FILE: &str = "vapid.key";
/// How long a token holds, in seconds. RFC 8292 allows 24 h; half of it forgives a wrong clock.
const TOKEN_LIFE_S: i64 = 12 * 3600;

/// The gateway's key pair for push services.
pub struct VapidKey(SigningKey);

impl VapidKey {
    /// Reads the key from `data_dir`, or makes it there (mode 0600) if there is none.
    pub fn open(data_dir: &Path) -> Result<Self, SetupError> {
        let path = data_dir.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => {
                keep_private(&path)?;
                Self::parse(&path, &text)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => Self::make(data_dir, &path),
            Err(e) => Err(SetupError::file(&path, format!("the push key can't be read: {e}"))),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, SetupError> {
        let bytes = BASE64.decode(text.trim()).ok();
        bytes.and_then(|b| SigningKey::from_slice(&b).ok()).map(Self).ok_or_else(|| {
            SetupError::file(
                path,
                "the push key is damaged: put the file back from a backup, or delete it (then a new key \
                 is made, and every phone has to allow notifications anew)",
            )
        })
    }

    /// Written whole under another name first and then linked into place: a crash leaves no half key,
    /// and of two that start at once both end up with the same one.
    fn make(data_dir: &Path, path: &Path) -> Result<Self, SetupError> {
        let fail =
            |e: io::Error| SetupError::file(path, format!("the push key can't be written: {e}"));
        let key = SigningKey::random(&mut OsRng);
        let mark = BASE64.encode(SigningKey::random(&mut OsRng).to_bytes());
        let draft: PathBuf = data_dir.join(format!("{FILE}.{}", mark.get(..8).unwrap_or(&mark)));
        let written = (|| {
            let mut file =
                fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
            file.write_all(BASE64.encode(key.to_bytes()).as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            match fs::hard_link(&draft, path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                done => done,
            }?;
            fs::File::open(data_dir)?.sync_all()
        })();
        // Whatever happened, the draft is not needed; that it can't be removed hurts nobody.
        let _ = fs::remove_file(&draft);
        written.map_err(fail)?;
        Self::parse(path, &fs::read_to_string(path).map_err(fail)?)
    }

    /// The public key as browsers want it in `applicationServerKey`: base64url of the uncompressed point.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` for a push service: signed for its origin (port included) alone.
    pub(crate) fn authorization(&self, endpoint: &Url, contact: &str, now_s: i64) -> String {
        let head = json!({"typ": "JWT", "alg": "ES256"}).to_string();
        let claims = json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": now_s.saturating_add(TOKEN_LIFE_S),
            "sub": contact,
        });
        let signed = format!("{}.{}", BASE64.encode(head), BASE64.encode(claims.to_string()));
        let signature: Signature = self.0.sign(signed.as_bytes());
        let signature = BASE64.encode(signature.to_bytes());
        format!("vapid t={signed}.{signature},k={}", self.public_key())
    }
}

/// A key file that others can read (copied by hand, say) is closed to them.
fn keep_private(path: &Path) -> Result<(), SetupError> {
    let fail = |e: io::Error| {
        SetupError::file(
            path,
            format!("others can read the push key, and that can't be changed: {e}"),
        )
    };
    let mode = fs::metadata(path).map_err(fail)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(fail)?;
        tracing::warn!(
            path = %path.display(),
            mode = format_args!("{:o}", mode & 0o777),
            "others could read the push key; closed to them now"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = VapidKey::open(dir.path()).unwrap().public_key();
        assert_eq!(mode(&dir.path().join(FILE)), 0o600);
        assert_eq!(VapidKey::open(dir.path()).unwrap().public_key(), first);
        let files: Vec<_> =
            fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(files, [FILE], "no draft is left behind");
        // The point is uncompressed: 65 bytes, beginning with 4.
        let point = BASE64.decode(&first).unwrap();
        assert_eq!((point.len(), point[0]), (65, 4));
    }

    #[test]
    fn all_that_start_at_once_have_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let keys: Vec<String> = std::thread::scope(|scope| {
            let open = || VapidKey::open(dir.path()).unwrap().public_key();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|k| *k == keys[0]), "{keys:?}");
    }

    #[test]
    fn a_key_that_others_can_read_is_closed_to_them() {
        let dir = tempfile::tempdir().unwrap();
        VapidKey::open(dir.path()).unwrap();
        let path = dir.path().join(FILE);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        VapidKey::open(dir.path()).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn a_damaged_key_is_named_and_never_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        fs::write(&path, "half a ke").unwrap();
        let error = VapidKey::open(dir.path()).err().unwrap().to_string();
        assert!(error.contains("vapid.key") && error.contains("backup"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "half a ke");
    }
}
