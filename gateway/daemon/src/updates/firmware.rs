//! A firmware for boards: its bytes, and the word of whoever signed it. Without that it is none.

use ed25519_dalek::{Signature, VerifyingKey};
use gengfu_web::updates::NewUpdate;
use gengfu_wire::{
    VERSION,
    down::Update,
    manifest::{self, MAX_MANIFEST, from_hex, numbers},
};
use sha2::{Digest, Sha256};

/// A firmware that was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firmware {
    /// What was signed.
    pub signed: NewUpdate,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How many.
    pub size: u32,
}

impl Firmware {
    /// Checks the signature, and the bytes by what was signed, as each board will.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn check(signed: NewUpdate, bytes: Vec<u8>, key: &VerifyingKey) -> Result<Self, String> {
        let size = u32::try_from(bytes.len()).ok().filter(|size| *size > 0);
        let size = size.ok_or("the image is empty, or larger than any board")?;
        numbers(&signed.version)
            .ok_or_else(|| format!("version \"{}\" is not three numbers: 1.5.0", signed.version))?;
        let firmware = Self { signed, bytes, size };
        let offer = firmware.offer();
        let mut buffer = [0; MAX_MANIFEST];
        let words = manifest::write(&offer, &mut buffer)
            .ok_or("version, kind or sha256 is not as docs/wire.md has it")?;
        let mut signature = [0; 64];
        if from_hex(offer.signature, &mut signature) != Some(signature.len()) {
            return Err("the signature is not 128 hexadecimal digits".into());
        }
        key.verify_strict(words, &Signature::from_bytes(&signature)).map_err(|_| {
            "the signature is not of the key in [updates]: boards would refuse it too".to_owned()
        })?;
        let mut wanted = [0; 32];
        from_hex(offer.sha256, &mut wanted);
        if Sha256::digest(&firmware.bytes).as_slice() != wanted {
            return Err("the image is not the one that was signed: its SHA-256 differs".into());
        }
        Ok(firmware)
    }

    /// As boards are told of it.
    pub fn offer(&self) -> Update<'_> {
        Update {
            v: VERSION,
            version: &self.signed.version,
            hardware: &self.signed.hardware,
            size: self.size,
            sha256: &self.signed.sha256,
            signature: &self.signed.signature,
            forced: self.signed.forced,
        }
    }

    /// Whether a board of this kind with this firmware would take it.
    pub fn is_for(&self, hardware: &str, firmware: &str) -> bool {
        let is_newer = match (numbers(&self.signed.version), numbers(firmware)) {
            (Some(offered), Some(runs)) => offered > runs,
            // What runs and has no such version is older than anything that has one.
            (_, None) => true,
            (None, _) => false,
        };
        let is_other = self.signed.version != firmware;
        hardware == self.signed.hardware && is_other && (is_newer || self.signed.forced)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::board::update::sign;

    #[test]
    fn only_what_was_signed_is_taken() {
        let (key, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let image = vec![7; 1_000];
        let signed = sign(&key, "1.5.0", "w5500-evb-pico", &image, false).unwrap();
        let check = |signed: &NewUpdate, image: &[u8], key: &SigningKey| {
            Firmware::check(signed.clone(), image.to_vec(), &key.verifying_key())
        };
        let firmware = check(&signed, &image, &key).unwrap();
        for (hardware, runs, takes) in [
            ("w5500-evb-pico", "1.4.9", true),
            ("w5500-evb-pico", "1.5.0", false),
            ("w5500-evb-pico", "1.10.0", false),
            ("w5500-evb-pico", "sim", true),
            ("another", "1.4.9", false),
        ] {
            assert_eq!(firmware.is_for(hardware, runs), takes, "{hardware} {runs}");
        }
        assert!(check(&signed, &image, &other).unwrap_err().contains("the signature is not of"));
        let mut longer = image.clone();
        longer.push(7);
        assert!(check(&signed, &longer, &key).is_err());
        let mut changed = image.clone();
        changed[500] = 8;
        assert!(check(&signed, &changed, &key).unwrap_err().contains("SHA-256"));
        assert!(check(&signed, &[], &key).is_err());
        for version in ["1.5.1", "1.5", "+1.5.0", ""] {
            let renamed = NewUpdate { version: version.into(), ..signed.clone() };
            assert!(check(&renamed, &image, &key).is_err(), "{version}");
        }
        let unsigned = NewUpdate { signature: String::new(), ..signed.clone() };
        assert!(check(&unsigned, &image, &key).unwrap_err().contains("128"));
        // Whether an older one is to be taken is signed too.
        let forced = NewUpdate { forced: true, ..signed };
        assert!(check(&forced, &image, &key).is_err());
        let forced = sign(&key, "1.5.0", "w5500-evb-pico", &image, true).unwrap();
        assert!(check(&forced, &image, &key).unwrap().is_for("w5500-evb-pico", "1.10.0"));
    }
}
