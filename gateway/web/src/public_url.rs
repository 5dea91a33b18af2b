//! The address that people reach the gateway at, from which links are made.

use std::{fmt, str::FromStr};

use axum::http::Uri;

/// `https://gengfu.example` or `https://192.168.1.5:8443`: a scheme, a host, perhaps a port; no
/// path, since the pages are served at the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Why a text can't be a public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" can't be the public URL: write it as https://host or https://host:port, without a path"
)]
pub struct BadPublicUrl(String);

impl FromStr for PublicUrl {
    type Err = BadPublicUrl;
    fn from_str(text: &str) -> Result<Self, BadPublicUrl> {
        let bad = || BadPublicUrl(text.to_owned());
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| bad())?;
        let scheme = uri.scheme_str().filter(|s| matches!(*s, "https" | "http")).ok_or_else(bad)?;
        let authority = uri.authority().filter(|a| !a.as_str().contains('@')).ok_or_else(bad)?;
        if uri.path() != "/" || uri.query().is_some() || authority.host().is_empty() {
            return Err(bad());
        }
        let default = if scheme == "https" { 443 } else { 80 };
        let host = authority.host().to_ascii_lowercase();
        Ok(Self(match authority.port_u16() {
            Some(port) if port != default => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }
}

impl PublicUrl {
    /// The URL without a slash at its end, as browsers write an origin.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The host alone, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest);
        match rest.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => rest.split(':').next().unwrap_or(rest),
        }
    }
    /// The page on which the holder of `token` answers.
    pub fn answer(&self, token: &str) -> String {
        format!("{}/a/{token}", self.0)
    }
    /// Where a device reports that a message has arrived.
    pub fn receipt(&self, token: &str) -> String {
        format!("{}/api/v1/receipt/{token}", self.0)
    }
    /// The page on which an invited person chooses a password.
    pub fn invitation(&self, token: &str) -> String {
        format!("{}/invitation/{token}", self.0)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_an_origin() {
        for (text, url, host) in [
            ("https://Gengfu.Example/", "https://gengfu.example", "gengfu.example"),
            ("https://192.168.1.5:8443", "https://192.168.1.5:8443", "192.168.1.5"),
            ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
            ("https://[fd00::1]:8443", "https://[fd00::1]:8443", "fd00::1"),
        ] {
            let parsed: PublicUrl = text.parse().unwrap();
            assert_eq!((parsed.as_str(), parsed.host()), (url, host));
        }
        for text in [
            "",
            "gengfu.example",
            "https://a/b",
            "ftp://a",
            "https://u@a",
            "https://a?b",
            "https://",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
