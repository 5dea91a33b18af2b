//! TLS with the one gateway that a board knows, and with those that it does not.

mod gateway;

use std::{cell::RefCell, pin::pin, task::Poll};

use embassy_futures::poll_once;
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use embedded_tls::SignatureScheme::{self, EcdsaSecp256r1Sha256};
use gengfu_board::net::{
    Lost,
    tls::{
        key::{Known, public_key},
        random::Random,
        stream::{Memory, Secure},
    },
};
use p256::elliptic_curve::rand_core::RngCore;
use proptest::prelude::*;
use rcgen::KeyPair;
use sha2::{Digest, Sha256};

use gateway::{Key, Near, config};

/// Shakes hands over `near` with the gateway of this key, and goes on with `then`.
fn shaken<IO: Read + Write, T>(
    near: IO,
    pin: &[u8; 32],
    then: impl FnOnce(Result<Secure<'_, '_, IO>, Lost>) -> T,
) -> T {
    let mut memory = Memory::new();
    let (records, engine) = memory.parts();
    let records = RefCell::new(records);
    let mut random = Random::new("secret", 1, || 4);
    then(whole(Secure::open(near, &records, engine, pin, &mut random)).unwrap_or(Err(Lost::Silent)))
}

/// What is asked so often and has nothing has nothing more to come.
const PATIENCE: usize = 100_000;

/// To its end, without dropping it on the way; none where it has none.
fn whole<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    (0..PATIENCE).find_map(|_| match poll_once(future.as_mut()) {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    })
}

/// Reads until there is nothing more.
fn read_all(stream: &mut impl Read) -> Vec<u8> {
    let mut all = vec![];
    let mut part = [0; 700];
    while let Some(Ok(count @ 1..)) = whole(stream.read(&mut part)) {
        all.extend_from_slice(&part[..count]);
    }
    all
}

fn say(stream: &mut impl Write, what: &[u8]) {
    whole(stream.write_all(what)).unwrap().unwrap();
    whole(stream.flush()).unwrap().unwrap();
}

#[test]
fn the_gateway_that_it_knows_hears_and_is_heard() {
    let key = Key::new();
    let near = Near::to(config(&key, &key), usize::MAX);
    shaken(near.clone(), &key.pin(), |opened| {
        let mut stream = opened.unwrap();
        say(&mut stream, b"an event");
        assert_eq!(near.heard(), b"an event");
        near.say(b"a receipt");
        assert_eq!(read_all(&mut stream), b"a receipt");
    });
}

#[test]
fn another_certificate_of_the_same_key_is_as_good() {
    let key = Key::new();
    assert_ne!(key.certificate(), key.certificate());
    for _ in 0..2 {
        let near = Near::to(config(&key, &key), usize::MAX);
        assert!(shaken(near, &key.pin(), |opened| opened.is_ok()));
    }
}

#[test]
fn another_gateway_is_told_nothing() {
    let (key, other) = (Key::new(), Key::new());
    let near = Near::to(config(&other, &other), usize::MAX);
    assert_eq!(shaken(near.clone(), &key.pin(), |opened| opened.err()), Some(Lost::Stranger));
    assert_eq!(near.heard(), b"");
}

#[test]
fn who_shows_the_gateway_s_certificate_and_has_not_its_key_is_told_nothing() {
    let (key, other) = (Key::new(), Key::new());
    let near = Near::to(config(&key, &other), usize::MAX);
    assert_eq!(shaken(near.clone(), &key.pin(), |opened| opened.err()), Some(Lost::Stranger));
    assert_eq!(near.heard(), b"");
}

#[test]
fn a_key_of_another_kind_is_none_that_a_board_knows() {
    for kind in [&rcgen::PKCS_ED25519, &rcgen::PKCS_ECDSA_P384_SHA384] {
        let key = Key(KeyPair::generate_for(kind).unwrap());
        let near = Near::to(config(&key, &key), usize::MAX);
        assert_eq!(shaken(near, &key.pin(), |opened| opened.err()), Some(Lost::Stranger));
    }
}

#[test]
fn nothing_is_proven_before_the_signature_has_come() {
    let key = Key::new();
    let pin = key.pin();
    let mut known = Known::new(&pin);
    // Without a certificate, or with another hash of what was said before it.
    assert!(known.signature(EcdsaSecp256r1Sha256, &[0x30, 0]).is_err());
    let mut known = Known::new(&pin);
    known.certificate(&key.certificate(), [7; 32]).unwrap();
    assert!(!known.is_proven());
    for wrong in [&[][..], &[0x30, 0], &[0x30, 6, 2, 1, 1, 2, 1, 1]] {
        assert!(known.signature(EcdsaSecp256r1Sha256, wrong).is_err(), "{wrong:?}");
    }
    assert!(known.signature(SignatureScheme::Ed25519, &[0; 64]).is_err());
    assert!(known.is_stranger() && !known.is_proven());
}

#[test]
fn the_public_key_of_a_certificate_is_found() {
    let key = Key::new();
    let certificate = key.certificate();
    let found = public_key(&certificate).unwrap();
    assert_eq!(<[u8; 32]>::from(Sha256::digest(found)), key.pin());
    for end in 0..certificate.len() {
        assert_eq!(public_key(&certificate[..end]), None, "cut at {end}");
    }
}

#[test]
fn what_is_not_encrypted_ends_an_open_connection_and_so_does_a_record_too_long() {
    let key = Key::new();
    // A handshake, an alert, another version's data without a seal, and one for which there is no room.
    let handshake = [22, 3, 3, 0, 4, 8, 0, 0, 0].to_vec();
    let alert = [21, 3, 3, 0, 2, 1, 0].to_vec();
    let bare = [23, 3, 3, 0, 16].into_iter().chain([0; 16]).collect();
    for slipped in [handshake, alert, bare, vec![23, 3, 3, 0x40, 0x11]] {
        let near = Near::to(config(&key, &key), usize::MAX);
        shaken(near.clone(), &key.pin(), |opened| {
            let mut stream = opened.unwrap();
            near.slip(&slipped);
            let read = poll_once(stream.read(&mut [0; 8]));
            assert!(matches!(read, Poll::Ready(Err(_))), "{slipped:?}: {read:?}");
        });
    }
}

#[test]
fn a_gateway_that_keeps_to_no_length_is_left_and_nothing_breaks() {
    let key = Key::new();
    let mut careless = config(&key, &key);
    careless.max_fragment_size = None;
    let near = Near::to(careless, usize::MAX);
    shaken(near.clone(), &key.pin(), |opened| {
        let mut stream = opened.unwrap();
        near.say(&[1; 10_000]);
        assert!(whole(stream.read(&mut [0; 8])).unwrap().is_err());
    });
}

#[test]
fn random_numbers_differ_from_start_to_start_where_the_chip_gives_none() {
    let first = |secret, start| Random::new(secret, start, || 0).next_u64();
    assert_ne!(first("secret", 1), first("secret", 2));
    assert_ne!(first("secret", 1), first("another", 1));
    let mut random = Random::new("secret", 1, || 0);
    let (mut once, mut again) = ([0; 100], [0; 100]);
    random.fill_bytes(&mut once);
    random.fill_bytes(&mut again);
    assert_ne!(once, again);
}

/// Somebody who answers with these bytes, whatever is said.
struct Babbler(Vec<u8>);

impl ErrorType for Babbler {
    type Error = ErrorKind;
}

impl Read for Babbler {
    async fn read(&mut self, to: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = to.len().min(self.0.len());
        for (to, from) in to.iter_mut().zip(self.0.drain(..count)) {
            *to = from;
        }
        Ok(count)
    }
}

impl Write for Babbler {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
        Ok(bytes.len())
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

/// A record whose head is as it should be.
fn record() -> impl Strategy<Value = Vec<u8>> {
    let body = prop::collection::vec(any::<u8>(), 0..400);
    let hello = prop_oneof![Just(vec![]), Just(vec![2, 0, 0, 90]), Just(vec![11, 0, 1, 0])];
    (20_u8..=24, hello, body).prop_map(|(kind, mut all, body)| {
        all.extend(body);
        let length = u16::try_from(all.len()).unwrap().to_be_bytes();
        [&[kind, 3, 3], &length[..], &all].concat()
    })
}

proptest! {
    #[test]
    fn whatever_a_stranger_says_it_is_refused(records in prop::collection::vec(record(), 0..4)) {
        let opened = shaken(Babbler(records.concat()), &[7; 32], |opened| opened.err());
        prop_assert!(matches!(opened, Some(Lost::NoTls | Lost::Ended | Lost::Stranger)), "{opened:?}");
    }

    #[test]
    fn whatever_a_stranger_shows_is_no_key(der in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut known = Known::new(&[7; 32]);
        prop_assert!(known.certificate(&der, [0; 32]).is_err());
        prop_assert!(known.is_stranger());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn dropped_halfway_nothing_is_lost_either_way(
        at_a_time in 1_usize..600,
        heard in prop::collection::vec(1_usize..1_500, 1..6),
        said in prop::collection::vec(1_usize..1_500, 1..6),
    ) {
        let key = Key::new();
        let near = Near::to(config(&key, &key), at_a_time);
        let bytes = |parts: &[usize]| -> Vec<u8> {
            (0..parts.iter().sum::<usize>()).map(|n| (n % 251) as u8).collect()
        };
        let (all_heard, all_said) = (bytes(&heard), bytes(&said));
        shaken(near.clone(), &key.pin(), |opened| {
            let mut stream = opened.unwrap();
            let (mut rest, mut left) = (&all_heard[..], &all_said[..]);
            let mut got = vec![];
            let mut part = [0; 333];
            for length in &heard {
                let (now, later) = rest.split_at(*length);
                near.say(now);
                rest = later;
                // Each is dropped as soon as it would wait: in the middle of a record, or of its head.
                for _ in 0..2_000 {
                    if let Poll::Ready(count) = poll_once(stream.read(&mut part)) {
                        got.extend_from_slice(&part[..count.unwrap()]);
                    }
                    let some = &left[..left.len().min(97)];
                    if !some.is_empty()
                        && let Poll::Ready(count) = poll_once(stream.write(some))
                    {
                        left = &left[count.unwrap()..];
                    }
                    let _ = poll_once(stream.flush());
                }
            }
            say(&mut stream, left);
            got.extend(read_all(&mut stream));
            assert_eq!(got, all_heard);
            assert_eq!(near.heard(), all_said);
        });
    }
}
