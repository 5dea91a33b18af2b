//! Who a board is.

use gengfu_wire::topic::{self, Up};

use crate::debounce::Wiring;

/// The longest text in a payload, in bytes; see `docs/wire.md`.
const MAX_TEXT: usize = 64;

/// Who a board is, and how it came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The gateway's site.
    pub site: &'a str,
    /// The board's name, which is its user name and its client id too.
    pub board: &'a str,
    /// Version of the firmware.
    pub firmware: &'a str,
    /// What kind of board it is.
    pub hardware: &'a str,
    /// Why it started: `power`, `watchdog`, `panic`, `brown-out`, `update`, `request`.
    pub reset: &'a str,
    /// How often it has started in its life. Whoever starts the board raises it and keeps it, before
    /// the first event: the gateway drops an event whose number it knows already.
    pub boot: u32,
    /// How its contacts are wired to its pins.
    pub wiring: Wiring,
}

/// Why nobody can be called that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityError {
    /// Site or board: empty, too long for a topic, or with a sign that means something in one.
    Name,
    /// Firmware, hardware or reset: more than 64 bytes, or not printable ASCII without `"` and `\`.
    Text,
}

impl core::fmt::Display for IdentityError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            IdentityError::Name => {
                "site and board need names as in the gateway's configuration, without / + and #"
            }
            IdentityError::Text => {
                "firmware, hardware and reset: up to 64 printable ASCII characters without \" and \\"
            }
        })
    }
}
impl core::error::Error for IdentityError {}

impl Identity<'_> {
    /// Whether the gateway can be told all of it.
    ///
    /// # Errors
    /// What of it can't be said.
    pub fn check(&self) -> Result<(), IdentityError> {
        let is_name = |n: &str| !n.is_empty() && !n.contains(['/', '+', '#', '\0']);
        let fits = Up::ALL.into_iter().all(|what| topic::up(self.site, self.board, what).is_some());
        if !is_name(self.site) || !is_name(self.board) || !fits {
            return Err(IdentityError::Name);
        }
        let plain = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
        let is_text = |t: &str| t.len() <= MAX_TEXT && t.bytes().all(plain);
        if ![self.firmware, self.hardware, self.reset].into_iter().all(is_text) {
            return Err(IdentityError::Text);
        }
        Ok(())
    }
}
