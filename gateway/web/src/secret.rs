//! Random secrets, their fingerprints, and the files in which the gateway keeps its own.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// 32 random bytes of the operating system.
///
/// # Errors
/// Only where the operating system has no random numbers to give.
pub fn random() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        io::Error::other(format!("the operating system gives no random numbers: {error}"))
    })?;
    Ok(bytes)
}

/// A random token of 256 bits that can stand in a URL or a cookie.
pub(crate) fn token() -> io::Result<String> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random()?))
}

/// What the state keeps in the place of a token: its SHA-256 in hex. Whoever reads the state can't
/// use it.
pub(crate) fn fingerprint(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
        }
        text
    })
}

/// Reads a file that only its owner may read, or makes it with `make` where there is none. Other
/// people's permissions to read an old one are taken away.
///
/// # Errors
/// What the file system says, with the path.
pub(crate) fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> io::Result<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    match fs::read(path) {
        Ok(bytes) => {
            let mode = fs::metadata(path).map_err(named)?.permissions().mode();
            if mode & 0o077 != 0 {
                tracing::warn!(
                    path = %path.display(),
                    "others could read this secret: taking their permission away"
                );
                fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(named)?;
            }
            Ok(bytes)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let bytes = make()?;
            write(path, &bytes).map_err(named)?;
            Ok(bytes)
        }
        Err(error) => Err(named(error)),
    }
}

/// Writes a file with mode 0600 so that after a power cut it is there whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let part = path.with_extension("part");
    match fs::remove_file(&part) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    fs::File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/answer.key");
        let made = read_or_make(&path, || Ok(b"first".to_vec())).unwrap();
        assert_eq!(made, b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let again = read_or_make(&path, || panic!("it was there already")).unwrap();
        assert_eq!(again, b"first");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn tokens_differ_and_their_fingerprint_does_not_tell_them() {
        let (a, b) = (token().unwrap(), token().unwrap());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43, "256 bits");
        assert_eq!(
            fingerprint("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "the test vector of FIPS 180"
        );
    }
}
