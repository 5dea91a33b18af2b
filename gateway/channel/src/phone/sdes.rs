//! How both sides come by the keys of encrypted speech: each writes its own into the description of the
//! call (SDES, RFC 4568), which is as secret as the way to the server: by TLS.

use serde::Deserialize;

use super::srtp::{Keys, Suite};

/// Whether we ask for encrypted speech in our own calls. Where the other side asks for it, it gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Srtp {
    /// No.
    Never,
    /// Yes, but whoever can't is spoken to all the same.
    Offered,
    /// Yes, and nobody is spoken to otherwise, the cars included.
    Required,
}

/// One side's keys, as a description names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crypto {
    /// What the answer calls them by.
    pub number: u32,
    /// What they are for.
    pub suite: Suite,
    /// The keys.
    pub keys: Keys,
}

impl Suite {
    const ALL: [Suite; 2] = [Suite::Long, Suite::Short];

    fn name(self) -> &'static str {
        match self {
            Suite::Long => "AES_CM_128_HMAC_SHA1_80",
            Suite::Short => "AES_CM_128_HMAC_SHA1_32",
        }
    }
}

impl Crypto {
    /// The line of a description.
    pub fn line(&self) -> String {
        let (suite, keys) = (self.suite.name(), self.keys.to_base64());
        format!("a=crypto:{} {suite} inline:{keys}\r\n", self.number)
    }

    /// What stands behind `a=crypto:`. None for what we don't have: other suites, keys that change by
    /// a number in each packet, streams that are not encrypted or not signed.
    pub fn read(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let number = words.next()?.parse().ok()?;
        let name = words.next()?;
        let suite = Suite::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))?;
        let mut parts = words.next()?.strip_prefix("inline:")?.split('|');
        let keys = Keys::from_base64(parts.next()?)?;
        // How long they may be used is far beyond any call; a number of theirs has a colon.
        let plain = parts.all(|part| !part.contains(':'));
        (plain && words.next().is_none()).then_some(Self { number, suite, keys })
    }
}

/// Our keys for one call, of each suite its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnKeys {
    long: Keys,
    short: Keys,
}

impl OwnKeys {
    /// New ones.
    ///
    /// # Errors
    /// Where the system has none.
    pub fn draw() -> Result<Self, String> {
        Ok(Self { long: Keys::draw()?, short: Keys::draw()? })
    }

    /// Those of a suite.
    pub fn of(&self, suite: Suite) -> Keys {
        match suite {
            Suite::Long => self.long,
            Suite::Short => self.short,
        }
    }

    /// What we offer, the best first.
    pub fn offered(&self) -> [Crypto; 2] {
        [1, 2].map(|number| {
            let suite = if number == 1 { Suite::Long } else { Suite::Short };
            Crypto { number, suite, keys: self.of(suite) }
        })
    }

    /// What we answer to theirs.
    pub fn answering(&self, theirs: &Crypto) -> Crypto {
        Crypto { keys: self.of(theirs.suite), ..*theirs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn what_we_offer_is_what_we_read() {
        let own = OwnKeys::draw().unwrap();
        for crypto in own.offered() {
            let line = crypto.line();
            let value = line.trim_end().strip_prefix("a=crypto:").unwrap();
            assert_eq!(Crypto::read(value), Some(crypto));
            assert!(
                !format!("{crypto:?}").contains(&crypto.keys.to_base64()),
                "keys are not shown"
            );
        }
        assert_ne!(own.offered()[0].keys, own.offered()[1].keys);
    }

    #[test]
    fn lines_of_other_makers_are_understood_or_left() {
        let good = |rest: &str| format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEYS}{rest}");
        for rest in ["", "|2^20", "|1048576"] {
            let read = Crypto::read(&good(rest)).unwrap();
            assert_eq!((read.number, read.suite), (1, Suite::Long), "{rest}");
        }
        let short = format!("7 aes_cm_128_hmac_sha1_32 inline:{KEYS}");
        assert_eq!(Crypto::read(&short).unwrap().suite, Suite::Short);
        for other in [
            good("|2^20|1:4"),
            good(" UNENCRYPTED_SRTP"),
            good("A"),
            format!("1 AES_256_CM_HMAC_SHA1_80 inline:{KEYS}"),
            format!("x AES_CM_128_HMAC_SHA1_80 inline:{KEYS}"),
            "1 AES_CM_128_HMAC_SHA1_80".to_owned(),
            String::new(),
        ] {
            assert_eq!(Crypto::read(&other), None, "{other}");
        }
    }
}
