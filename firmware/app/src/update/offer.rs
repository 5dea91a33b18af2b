//! Whether to take a firmware that is offered.

use ed25519_dalek::{Signature, VerifyingKey};
use gengfu_wire::{
    down::Update,
    manifest::{self, MAX_MANIFEST, numbers},
};
use heapless::String;

/// Why it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The board has no key to check signatures by.
    NoKey,
    /// The digest, the signature or a text is not what it should be.
    Malformed,
    /// Not signed by the key that the board trusts.
    Signature,
    /// For another kind of board.
    Hardware,
    /// Its version is not three numbers.
    Version,
    /// Not newer than what runs, and not forced.
    NotNewer,
    /// Larger than the slot, or empty.
    Size,
    /// All of it is there, and it is not what was signed.
    Digest,
    /// The flash refuses.
    Flash,
}

impl Refusal {
    /// What the gateway is told; up to 64 characters, as any text in a payload.
    pub const fn words(self) -> &'static str {
        match self {
            Refusal::NoKey => "this board has no key for updates in its identity",
            Refusal::Malformed => "digest, signature or a text is not as docs/wire.md has it",
            Refusal::Signature => "the signature is not of the key that this board trusts",
            Refusal::Hardware => "for another kind of board",
            Refusal::Version => "a version is three numbers with dots between",
            Refusal::NotNewer => "not newer than what runs, and not forced",
            Refusal::Size => "it does not fit the slot",
            Refusal::Digest => "what arrived is not what was signed",
            Refusal::Flash => "the flash refuses",
        }
    }
}

/// The board that an update is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Running<'a> {
    /// What kind of board it is.
    pub hardware: &'a str,
    /// The version that runs.
    pub version: &'a str,
    /// The key that updates are signed by, from the board's identity.
    pub key: Option<[u8; 32]>,
    /// Bytes that an image may have: the size of the active slot.
    pub room: u32,
}

/// A firmware that may be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its version.
    pub version: String<64>,
    /// Its length in bytes.
    pub size: u32,
    /// Its SHA-256.
    pub digest: [u8; 32],
}

impl Offer {
    /// Checks all that can be checked before a byte is fetched, the signature first: what a stranger
    /// says of versions and sizes is not looked at.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn check(update: &Update<'_>, running: &Running<'_>) -> Result<Self, Refusal> {
        let key = running.key.ok_or(Refusal::NoKey)?;
        let (mut digest, mut signature) = ([0; 32], [0; 64]);
        let mut buffer = [0; MAX_MANIFEST];
        let signed = manifest::write(update, &mut buffer).ok_or(Refusal::Malformed)?;
        manifest::from_hex(update.sha256, &mut digest).ok_or(Refusal::Malformed)?;
        if manifest::from_hex(update.signature, &mut signature) != Some(signature.len()) {
            return Err(Refusal::Malformed);
        }
        let key = VerifyingKey::from_bytes(&key).map_err(|_| Refusal::NoKey)?;
        let signature = Signature::from_bytes(&signature);
        key.verify_strict(signed, &signature).map_err(|_| Refusal::Signature)?;
        if update.hardware != running.hardware {
            return Err(Refusal::Hardware);
        }
        let offered = numbers(update.version).ok_or(Refusal::Version)?;
        // What runs and has no such version is older than anything that has one.
        if !update.forced && numbers(running.version).is_some_and(|runs| offered <= runs) {
            return Err(Refusal::NotNewer);
        }
        if update.size == 0 || update.size > running.room {
            return Err(Refusal::Size);
        }
        let version = String::try_from(update.version).map_err(|_| Refusal::Malformed)?;
        Ok(Self { version, size: update.size, digest })
    }
}
