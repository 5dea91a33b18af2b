//! Frames of SIA DC-09 (ANSI/SIA DC-09-2013): what goes to a receiving centre, and its answers.
//!
//! ```text
//! \n 54B3 0021 "SIA-DCS" 0001 R0L0#1234 [#1234|Nri0/FA0^Stairwell^]_18:04:05,11-24-2026 \r
//!    CRC  length  kind   sequence          data                     time (UTC)
//! ```
//! CRC (CRC-16/ARC) and length (hexadecimal) are of what lies between them and the last byte. In an
//! encrypted frame a `*` stands before the kind, and what follows the `[` is AES-CBC with an
//! initialisation vector of zeros, in hexadecimal, padded in front of the `|`.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::{BlockDecryptMut, BlockEncryptMut, KeyIvInit, block_padding::NoPadding};
use crc::{CRC_16_ARC, Crc};
use jiff::{Timestamp, tz::TimeZone};

const CHECK: Crc<u16> = Crc::<u16>::new(&CRC_16_ARC);
/// Bytes of an AES block.
const BLOCK: usize = 16;
const IV: [u8; BLOCK] = [0; BLOCK];
/// CRC and length before the rest, in bytes.
const HEAD: usize = 8;

/// The key of an account.
#[derive(Clone)]
pub(super) struct Key(Vec<u8>);

impl Key {
    /// 16, 24 or 32 bytes.
    fn new(bytes: Vec<u8>) -> Option<Self> {
        matches!(bytes.len(), 16 | 24 | 32).then_some(Self(bytes))
    }

    /// As a centre gives it: hexadecimal digits, or the characters themselves.
    pub fn written(text: &str) -> Option<Self> {
        let digits = if text.len() >= 32 { unhex(text) } else { None };
        digits.and_then(Self::new).or_else(|| Self::new(text.as_bytes().to_vec()))
    }

    /// Of whole blocks.
    fn encrypt(&self, plain: &[u8]) -> Option<Vec<u8>> {
        macro_rules! with {
            ($cipher:ty) => {
                cbc::Encryptor::<$cipher>::new_from_slices(&self.0, &IV)
                    .ok()?
                    .encrypt_padded_vec_mut::<NoPadding>(plain)
            };
        }
        Some(match self.0.len() {
            16 => with!(Aes128),
            24 => with!(Aes192),
            _ => with!(Aes256),
        })
    }

    fn decrypt(&self, secret: &[u8]) -> Option<Vec<u8>> {
        macro_rules! with {
            ($cipher:ty) => {
                cbc::Decryptor::<$cipher>::new_from_slices(&self.0, &IV)
                    .ok()?
                    .decrypt_padded_vec_mut::<NoPadding>(secret)
                    .ok()
            };
        }
        match self.0.len() {
            16 => with!(Aes128),
            24 => with!(Aes192),
            _ => with!(Aes256),
        }
    }
}

/// What is said to the centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// 1 to 9999.
    pub sequence: u16,
    /// 3 to 16 hexadecimal digits.
    pub account: &'a str,
    /// An event of DC-03, as `FA`, and its words; none for the poll of an idle line.
    pub event: Option<(&'static str, &'a str)>,
    /// Now.
    pub at: Timestamp,
}

impl Frame<'_> {
    /// The bytes on the wire.
    pub fn bytes(&self, key: Option<&Key>) -> Vec<u8> {
        let Self { sequence, account, event, at } = self;
        let (kind, data) = match event {
            None => ("NULL", String::new()),
            Some((code, words)) => {
                ("SIA-DCS", format!("#{account}|Nri0/{code}0^{}^", plain(words)))
            }
        };
        let at = TimeZone::UTC.to_datetime(*at).strftime("_%H:%M:%S,%m-%d-%Y");
        let head = format!("{sequence:04}R0L0#{account}[");
        let body = key.and_then(|key| {
            // The padding stands before the first |, so that it can be told from what it pads.
            let data = data.strip_prefix(&format!("#{account}")).unwrap_or("|");
            let text = format!("{data}]{at}");
            let padding = "0".repeat(BLOCK - text.len() % BLOCK);
            let secret = key.encrypt(format!("{padding}{text}").as_bytes())?;
            Some(format!("\"*{kind}\"{head}{}", hex(&secret)))
        });
        let body = body.unwrap_or_else(|| format!("\"{kind}\"{head}{data}]{at}"));
        wrap(&body)
    }
}

fn wrap(body: &str) -> Vec<u8> {
    let crc = CHECK.checksum(body.as_bytes());
    format!("\n{crc:04X}{:04X}{body}\r", body.len()).into_bytes()
}

/// Words as the standard takes them: printable ASCII, without what has a meaning of its own.
fn plain(words: &str) -> String {
    let fits = |c: char| if c.is_ascii_graphic() && !"[]|^\"".contains(c) { c } else { ' ' };
    let plain: String = words.chars().map(fits).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}

/// What the centre answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has the event.
    Taken,
    /// It does not take it now; its own clock, where it said that ours is wrong.
    NotNow(Option<Timestamp>),
    /// It does not understand the event.
    Unable,
}

/// The answer in a frame, if it is whole and one to this sequence and account.
pub(super) fn answer(
    frame: &[u8],
    sequence: u16,
    account: &str,
    key: Option<&Key>,
) -> Option<Answer> {
    let text = std::str::from_utf8(frame).ok()?.trim_matches(['\n', '\r']);
    let (crc, rest) = text.split_at_checked(4)?;
    let (length, body) = rest.split_at_checked(HEAD - 4)?;
    let whole = u16::from_str_radix(crc, 16).ok()? == CHECK.checksum(body.as_bytes())
        && usize::from_str_radix(length, 16).ok()? == body.len();
    let (kind, rest) = body.strip_prefix('"').filter(|_| whole)?.split_once('"')?;
    let (ours, rest) = rest.split_at_checked(4)?;
    let (head, content) = rest.split_once('[')?;
    if kind == "NAK" {
        let (_, at) = content.split_once("]_")?;
        let at = jiff::civil::DateTime::strptime("%H:%M:%S,%m-%d-%Y", at).ok();
        return Some(Answer::NotNow(at.and_then(|at| TimeZone::UTC.to_timestamp(at).ok())));
    }
    let for_us = ours.parse() == Ok(sequence)
        && head.split_once('#').is_some_and(|(_, to)| to.eq_ignore_ascii_case(account));
    if !for_us {
        return None;
    }
    match (kind, key) {
        ("DUH", _) => Some(Answer::Unable),
        ("ACK" | "RSP", None) => Some(Answer::Taken),
        // Who encrypts is answered so: anybody could say "ACK" in plain.
        ("*ACK" | "*RSP", Some(key)) => {
            let clear = key.decrypt(&unhex(content)?)?;
            clear.contains(&b']').then_some(Answer::Taken)
        }
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Bytes written in hexadecimal.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(pair).collect())?
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn at() -> Timestamp {
        "2026-11-24T18:04:05Z".parse().unwrap()
    }
    fn key() -> Key {
        Key::new(b"AAAAAAAAAAAAAAAA".to_vec()).unwrap()
    }
    fn answered(body: &str) -> Option<Answer> {
        answer(&wrap(body), 7, "1234", None)
    }

    #[test]
    fn a_frame_is_as_the_standard_has_it() {
        let event = Some(("FA", "Stairwell [3] 楼梯"));
        let frame = Frame { sequence: 1, account: "1234", event, at: at() };
        let bytes = frame.bytes(None);
        let text = String::from_utf8(bytes).unwrap();
        let body = "\"SIA-DCS\"0001R0L0#1234[#1234|Nri0/FA0^Stairwell 3^]_18:04:05,11-24-2026";
        assert_eq!(&text[9..text.len() - 1], body);
        assert_eq!(usize::from_str_radix(&text[5..9], 16).unwrap(), body.len());
        // CRC-16/ARC of the catalogue's check string.
        assert_eq!(CHECK.checksum(b"123456789"), 0xbb3d);
    }

    #[test]
    fn an_encrypted_frame_hides_all_but_the_account() {
        for key in [16, 24, 32].map(|n| Key::new(vec![7; n]).unwrap()) {
            let event = Some(("QA", "Lift 1"));
            let frame = Frame { sequence: 9999, account: "ABC", event, at: at() };
            let text = String::from_utf8(frame.bytes(Some(&key))).unwrap();
            let (head, secret) = text[9..text.len() - 1].split_once('[').unwrap();
            assert_eq!(head, "\"*SIA-DCS\"9999R0L0#ABC");
            let clear = String::from_utf8(key.decrypt(&unhex(secret).unwrap()).unwrap()).unwrap();
            assert!(clear.ends_with("|Nri0/QA0^Lift 1^]_18:04:05,11-24-2026"), "{clear}");
        }
        assert!(Key::new(vec![0; 15]).is_none());
    }

    #[test]
    fn only_a_whole_answer_to_this_very_frame_counts() {
        assert_eq!(answered("\"ACK\"0007R0L0#1234[]"), Some(Answer::Taken));
        assert_eq!(
            answered("\"ACK\"0007L0#1234[]"),
            Some(Answer::Taken),
            "the receiver may be left out"
        );
        assert_eq!(answered("\"DUH\"0007R0L0#1234[]"), Some(Answer::Unable));
        assert_eq!(answered("\"ACK\"0008R0L0#1234[]"), None, "another sequence");
        assert_eq!(answered("\"ACK\"0007R0L0#9999[]"), None, "another account");
        assert_eq!(answered("\"*ACK\"0007R0L0#1234[00"), None);
        let nak = answered("\"NAK\"0000R0L0A0[]_18:00:00,11-24-2026");
        assert_eq!(nak, Some(Answer::NotNow(Some("2026-11-24T18:00:00Z".parse().unwrap()))));
        let mut damaged = wrap("\"ACK\"0007R0L0#1234[]");
        damaged[12] ^= 1;
        assert_eq!(answer(&damaged, 7, "1234", None), None);
        let plain = wrap("\"ACK\"0007R0L0#1234[]");
        assert_eq!(answer(&plain, 7, "1234", Some(&key())), None, "anybody could say that");
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(bytes in vec(any::<u8>(), 0..80), body in "[\"*ACKDUHNSP0-9RL#\\[\\]_]{0,40}") {
            let _ = answer(&bytes, 7, "1234", Some(&key()));
            let _ = answer(&wrap(&body), 7, "1234", Some(&key()));
        }

        #[test]
        fn whatever_the_words_are_the_frame_has_one_line_and_its_length(words in any::<String>()) {
            let event = Some(("FA", words.as_str()));
            let frame = Frame { sequence: 1, account: "1234", event, at: at() }.bytes(None);
            let text = String::from_utf8(frame).unwrap();
            prop_assert!(text.is_ascii() && text[1..text.len() - 1].chars().all(|c| !c.is_control()));
            prop_assert_eq!(text.matches(['[', ']']).count(), 2);
        }
    }
}
