//! To bytes and back. Nothing here allocates, and no input makes it panic.

use serde::{Deserialize, Serialize};

use crate::{MAX_PAYLOAD, VERSION, json};

/// Why a payload can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireError {
    /// Longer than [`MAX_PAYLOAD`], or than the buffer given.
    TooLong,
    /// Not the JSON that is expected here.
    Malformed,
    /// Of a version that this side does not speak.
    Version(u8),
}

impl core::fmt::Display for WireError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            WireError::TooLong => write!(f, "longer than {MAX_PAYLOAD} bytes"),
            WireError::Malformed => f.write_str("not the JSON that docs/wire.md describes"),
            WireError::Version(v) => write!(f, "of version {v}: only {VERSION} is spoken here"),
        }
    }
}
impl core::error::Error for WireError {}

/// A payload of the protocol.
pub trait Payload: Serialize {
    /// The version that it names.
    fn version(&self) -> u8;
}

/// Writes a payload into `buffer` and returns the part that was used.
///
/// # Errors
/// [`WireError::TooLong`] where the buffer is too short.
pub fn encode<'b, P: Payload>(payload: &P, buffer: &'b mut [u8]) -> Result<&'b [u8], WireError> {
    let used = serde_json_core::to_slice(payload, buffer).map_err(|_| WireError::TooLong)?;
    Ok(&buffer[..used])
}

/// Reads a payload. Texts in it are borrowed from `bytes`; unknown keys are passed over, so that an
/// older side understands a newer one.
///
/// # Errors
/// Where the bytes are too many, not such a payload, or of another version.
pub fn decode<'b, P: Payload + Deserialize<'b>>(bytes: &'b [u8]) -> Result<P, WireError> {
    if bytes.len() > MAX_PAYLOAD {
        return Err(WireError::TooLong);
    }
    let Ok(payload) = json::read::<P>(bytes) else {
        // Another version may look quite different: what it is must be said all the same.
        return match json::read::<AnyVersion>(bytes) {
            Ok(AnyVersion { v }) if v != VERSION => Err(WireError::Version(v)),
            _ => Err(WireError::Malformed),
        };
    };
    match payload.version() {
        VERSION => Ok(payload),
        other => Err(WireError::Version(other)),
    }
}

/// All that versions have in common.
#[derive(Deserialize)]
struct AnyVersion {
    v: u8,
}

macro_rules! payloads {
    ($($name:ty),+ $(,)?) => {$(
        impl $crate::codec::Payload for $name {
            fn version(&self) -> u8 { self.v }
        }
    )+};
}
pub(crate) use payloads;
