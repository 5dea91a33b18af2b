//! Secrets from the settings: usable, but never shown.

use std::{fmt, fs, path::Path};

use hmac::{Hmac, KeyInit as _};
use serde::Deserialize;
use sha2::Sha256;

use crate::settings::SetupError;

/// A shorter key could be found by trying, in characters.
const SHORTEST_KEY: usize = 16;

/// A password, token or key. Its `Debug` shows only whether there is one.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the one place that needs it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The key that it is for HMAC-SHA-256, to be cloned for each signature.
    pub(crate) fn key(&self) -> Result<Hmac<Sha256>, SetupError> {
        if self.0.chars().count() < SHORTEST_KEY {
            let problem =
                format!("`secret` has fewer than {SHORTEST_KEY} characters: take 32 random ones");
            return Err(SetupError::setting("secret", problem));
        }
        Hmac::new_from_slice(self.0.as_bytes())
            .map_err(|e| SetupError::setting("secret", format!("`secret` can't be used: {e}")))
    }

    /// The secret given outright or by a file (whose trailing line end is dropped), if either is.
    pub(crate) fn given(
        name: &'static str,
        outright: Option<&Secret>,
        file: Option<&Path>,
    ) -> Result<Option<Secret>, SetupError> {
        let secret = match (outright, file) {
            (Some(_), Some(_)) => {
                return Err(SetupError::setting(
                    name,
                    format!("`{name}` and `{name}_file` are both set: keep one"),
                ));
            }
            (None, None) => return Ok(None),
            (Some(secret), None) => secret.clone(),
            (None, Some(path)) => {
                let text = fs::read_to_string(path).map_err(|e| {
                    SetupError::file(path, format!("`{name}_file` can't be read: {e}"))
                })?;
                Secret(text.trim_end_matches(['\r', '\n']).to_owned())
            }
        };
        if secret.0.trim().is_empty() {
            return Err(SetupError::setting(
                name,
                format!("`{name}` is empty: set it or leave it out"),
            ));
        }
        if secret.0.chars().any(char::is_control) {
            return Err(SetupError::setting(
                name,
                format!("`{name}` has a line break or control character in it: one line is wanted"),
            ));
        }
        Ok(Some(secret))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "(empty)" } else { "(set)" })
    }
}
