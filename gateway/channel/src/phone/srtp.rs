//! Encrypted speech: SRTP (RFC 3711) with the two suites that every telephone has, AES in counter mode
//! and HMAC-SHA1 with a tag of 80 or of 32 bits. How both sides come by their keys is [`super::sdes`].

use std::{collections::BTreeMap, fmt};

use aes::{
    Aes128,
    cipher::{BlockEncrypt, KeyInit as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac};
use sha1::Sha1;

use super::rtp;

/// Bytes of a master key and its salt, as they stand in a description.
const KEYS: usize = 30;
/// Of which the key itself takes so many.
const KEY: usize = 16;
/// Bytes of the key that packets are signed with.
const SIGNING: usize = 20;
/// So many packets back, one that comes late is still taken: 1.28 s of speech.
const WINDOW: u64 = 64;
/// Sources that one side may have in a call; each that comes new has proved that it knows the key.
const SOURCES: usize = 8;

/// How speech is encrypted and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suite {
    /// `AES_CM_128_HMAC_SHA1_80`, which everybody must have.
    Long,
    /// `AES_CM_128_HMAC_SHA1_32`.
    Short,
}

impl Suite {
    /// Bytes of the signature behind each packet.
    fn tag(self) -> usize {
        match self {
            Suite::Long => 10,
            Suite::Short => 4,
        }
    }
}

/// A master key with its salt. Never shown: whoever has it can listen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Keys([u8; KEYS]);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// New ones, from the system's own source.
    ///
    /// # Errors
    /// Where that has none.
    pub fn draw() -> Result<Self, String> {
        let mut keys = [0; KEYS];
        getrandom::fill(&mut keys).map_err(|e| format!("no keys for encrypted speech: {e}"))?;
        Ok(Self(keys))
    }

    /// As they stand in a description.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The same the other way round.
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

/// What one direction is encrypted and signed with, derived from its master key.
struct Session {
    cipher: Aes128,
    salt: u128,
    signing: Hmac<Sha1>,
    suite: Suite,
}

impl Session {
    /// None never: the lengths are those that the ciphers want.
    fn new(suite: Suite, keys: &Keys) -> Option<Self> {
        let (key, salt) = keys.0.split_at(KEY);
        let master = Aes128::new_from_slice(key).ok()?;
        let salt = number(salt);
        // RFC 3711, 4.3.1: a label for each of the keys, beside the salt (of no key derivation rate).
        let derive =
            |label: u128, into: &mut [u8]| xor(&master, (salt ^ (label << 48)) << 16, into);
        let (mut cipher, mut signing, mut own) = ([0; KEY], [0; SIGNING], [0; KEYS - KEY]);
        derive(0, &mut cipher);
        derive(1, &mut signing);
        derive(2, &mut own);
        Some(Self {
            cipher: Aes128::new_from_slice(&cipher).ok()?,
            salt: number(&own),
            signing: Hmac::new_from_slice(&signing).ok()?,
            suite,
        })
    }

    /// Encrypts, or decrypts, which is the same.
    fn crypt(&self, source: u32, index: u64, payload: &mut [u8]) {
        let start = self.salt << 16 ^ u128::from(source) << 64 ^ u128::from(index) << 16;
        xor(&self.cipher, start, payload);
    }

    fn signature(&self, packet: &[u8], index: u64) -> Hmac<Sha1> {
        let rollover = (index >> 16) as u32;
        self.signing.clone().chain_update(packet).chain_update(rollover.to_be_bytes())
    }
}

/// The bytes as one number, the first one the highest.
fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// The stream of keys that begins at `start`, over `bytes`.
fn xor(cipher: &Aes128, start: u128, bytes: &mut [u8]) {
    for (n, part) in bytes.chunks_mut(KEY).enumerate() {
        let mut block = start.wrapping_add(n as u128).to_be_bytes().into();
        cipher.encrypt_block(&mut block);
        part.iter_mut().zip(block).for_each(|(byte, key)| *byte ^= key);
    }
}

/// The number and the source of a packet.
fn head(packet: &[u8]) -> Option<(u16, u32)> {
    let sequence = packet.get(2..4)?.try_into().ok()?;
    let source = packet.get(8..12)?.try_into().ok()?;
    Some((u16::from_be_bytes(sequence), u32::from_be_bytes(source)))
}

/// Encrypts what we say.
pub(super) struct Sealer {
    session: Session,
    /// How often the packets' numbers went round, and the last one.
    rollover: u32,
    last: Option<u16>,
}

impl Sealer {
    /// For a stream that has not begun.
    pub fn new(suite: Suite, keys: &Keys) -> Option<Self> {
        Some(Self { session: Session::new(suite, keys)?, rollover: 0, last: None })
    }

    /// The packet, encrypted and signed. None for what is no packet.
    pub fn seal(&mut self, mut packet: Vec<u8>) -> Option<Vec<u8>> {
        let (sequence, source) = head(&packet)?;
        let payload = rtp::header(&packet)?;
        if self.last.is_some_and(|last| sequence < last) {
            self.rollover = self.rollover.wrapping_add(1);
        }
        self.last = Some(sequence);
        let index = u64::from(self.rollover) << 16 | u64::from(sequence);
        self.session.crypt(source, index, packet.get_mut(payload..)?);
        let signature = self.session.signature(&packet, index).finalize().into_bytes();
        packet.extend(signature.iter().take(self.session.suite.tag()));
        Some(packet)
    }
}

/// What was heard of one source.
#[derive(Clone, Copy)]
struct Heard {
    /// The highest index.
    highest: u64,
    /// Those below it, a bit each, the highest index' own first.
    window: u64,
}

impl Heard {
    /// The index that a number most likely stands for; none where it was heard or is too old.
    fn index(&self, sequence: u16) -> Option<u64> {
        let ahead = sequence.wrapping_sub(self.highest as u16) as i16;
        let index = self.highest.checked_add_signed(ahead.into())?;
        let behind = self.highest.saturating_sub(index);
        let is_new = index > self.highest || behind < WINDOW && self.window >> behind & 1 == 0;
        is_new.then_some(index)
    }

    fn note(&mut self, index: u64) {
        let ahead = index.saturating_sub(self.highest);
        if ahead > 0 {
            self.window = if ahead < WINDOW { self.window << ahead } else { 0 };
            self.highest = index;
        }
        self.window |= 1 << self.highest.saturating_sub(index).min(WINDOW - 1);
    }
}

/// Takes what the other side says, if it is theirs and was not taken before.
pub(super) struct Opener {
    session: Session,
    heard: BTreeMap<u32, Heard>,
}

impl Opener {
    /// Of a stream of which nothing was heard.
    pub fn new(suite: Suite, keys: &Keys) -> Option<Self> {
        Some(Self { session: Session::new(suite, keys)?, heard: BTreeMap::new() })
    }

    /// The length of the packet, which is decrypted where it lies. None where it is a stranger's, a
    /// second copy, or too old.
    pub fn open(&mut self, packet: &mut [u8]) -> Option<usize> {
        let length = packet.len().checked_sub(self.session.suite.tag())?;
        let (signed, tag) = packet.split_at_mut(length);
        let (sequence, source) = head(signed)?;
        let payload = rtp::header(signed)?;
        let known = self.heard.get(&source).copied();
        if known.is_none() && self.heard.len() >= SOURCES {
            return None;
        }
        let mut heard = known.unwrap_or(Heard { highest: sequence.into(), window: 0 });
        let index = heard.index(sequence)?;
        self.session.signature(signed, index).verify_truncated_left(tag).ok()?;
        heard.note(index);
        self.heard.insert(source, heard);
        self.session.crypt(source, index, signed.get_mut(payload..)?);
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let byte =
            |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
        digits.chunks(2).map(byte).collect()
    }

    fn keys() -> Keys {
        let all = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
        Keys(all.try_into().unwrap())
    }

    #[test]
    fn the_stream_of_keys_is_that_of_the_standard() {
        // RFC 3711, B.2.
        let key = Aes128::new_from_slice(&hex("2b7e151628aed2a6abf7158809cf4f3c")).unwrap();
        let start = number(&hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd")) << 16;
        let mut stream = [0; 0xff02 * 16];
        xor(&key, start, &mut stream);
        let first = hex("e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab");
        assert_eq!(stream[..32], first);
        let last = hex("ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae");
        assert_eq!(stream[0xfeff * 16..0xff01 * 16], last);
    }

    #[test]
    fn the_keys_of_a_session_are_those_of_the_standard() {
        // RFC 3711, B.3.
        let master = Aes128::new_from_slice(&keys().0[..KEY]).unwrap();
        let salt = number(&keys().0[KEY..]);
        let derive = |label: u128, length: usize| {
            let mut key = vec![0; length];
            xor(&master, (salt ^ (label << 48)) << 16, &mut key);
            key
        };
        assert_eq!(derive(0, 16), hex("c61e7a93744f39ee10734afe3ff7a087"));
        assert_eq!(derive(2, 14), hex("30cbbc08863d8c85d49db34a9ae1"));
        assert_eq!(derive(1, 20), hex("cebe321f6ff7716b6fd4ab49af256a156d38baa4"));
        let session = Session::new(Suite::Long, &keys()).unwrap();
        assert_eq!(session.salt, number(&hex("30cbbc08863d8c85d49db34a9ae1")));
    }

    const PLAIN: &str = "800f1234decafbadcafebabe abababababababababababababababab";

    #[test]
    fn a_packet_is_sealed_as_others_seal_it() {
        // The packet that libsrtp is tested with.
        let sealed =
            hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");
        let mut sealer = Sealer::new(Suite::Long, &keys()).unwrap();
        assert_eq!(sealer.seal(hex(PLAIN)).unwrap(), sealed);
        let mut short = Sealer::new(Suite::Short, &keys()).unwrap();
        assert_eq!(short.seal(hex(PLAIN)).unwrap(), sealed[..32]);
        let mut opener = Opener::new(Suite::Long, &keys()).unwrap();
        let mut packet = sealed.clone();
        assert_eq!(opener.open(&mut packet), Some(28));
        assert_eq!(packet[..28], hex(PLAIN));
        assert_eq!(opener.open(&mut sealed.clone()), None, "a second copy is none");
        for end in 0..sealed.len() {
            let mut fresh = Opener::new(Suite::Long, &keys()).unwrap();
            assert_eq!(fresh.open(&mut sealed[..end].to_vec()), None, "{end} bytes");
        }
    }

    fn numbered(sequence: u16) -> Vec<u8> {
        let mut packet = hex(PLAIN);
        packet[2..4].copy_from_slice(&sequence.to_be_bytes());
        packet
    }

    #[test]
    fn numbers_go_round_and_packets_come_late() {
        let mut sealer = Sealer::new(Suite::Short, &keys()).unwrap();
        let mut sealed: Vec<Vec<u8>> =
            (0..140_000_u32).map(|n| sealer.seal(numbered((n + 65_000) as u16)).unwrap()).collect();
        let mut opener = Opener::new(Suite::Short, &keys()).unwrap();
        // One in ten comes 30 later, one in a hundred never.
        let late: Vec<usize> = (0..sealed.len()).filter(|n| n % 10 == 3).collect();
        let order = (0..sealed.len()).flat_map(|n| {
            let back = n.checked_sub(30).filter(|n| n % 10 == 3);
            (n % 10 != 3 && n % 100 != 7).then_some(n).into_iter().chain(back)
        });
        for n in order.collect::<Vec<_>>() {
            assert_eq!(opener.open(&mut sealed[n].clone()), Some(28), "{n}");
        }
        assert!(late.len() > 10_000);
        assert_eq!(opener.open(&mut sealed[139_900]), None, "heard, and long ago");
    }

    proptest! {
        #[test]
        fn no_packet_breaks_it_and_none_that_was_changed_is_taken(
            noise in vec(any::<u8>(), 0..80), at in 0_usize..38, bit in 0_u8..8
        ) {
            let mut opener = Opener::new(Suite::Long, &keys()).unwrap();
            prop_assert_eq!(opener.open(&mut noise.clone()), None);
            let mut sealer = Sealer::new(Suite::Long, &keys()).unwrap();
            let mut sealed = sealer.seal(hex(PLAIN)).unwrap();
            sealed[at] ^= 1 << bit;
            prop_assert_eq!(opener.open(&mut sealed), None);
        }
    }
}
