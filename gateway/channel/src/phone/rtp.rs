//! RTP packets (RFC 3550), and the keys that are pressed in them (RFC 4733).

use std::time::Duration;

use super::g711::Law;

/// A packet of speech lasts this long.
pub(super) const PACKET: Duration = Duration::from_millis(20);
/// Samples of one packet.
pub(super) const FRAME: usize = 160;
/// The fixed header, without contributing sources and extensions.
const HEADER: usize = 12;
/// RTP's version, in the first two bits.
const VERSION: u8 = 2;

/// What is sent: numbered packets of one stream.
pub(super) struct Sender {
    sequence: u16,
    timestamp: u32,
    source: u32,
    begins: bool,
}

impl Sender {
    /// A stream that begins at these numbers, which should be drawn at random.
    pub fn new(sequence: u16, timestamp: u32, source: u32) -> Self {
        Self { sequence, timestamp, source, begins: true }
    }

    /// The next packet, with these samples by this codec; silence where there are fewer than a frame.
    pub fn packet(&mut self, samples: &[i16], law: Law) -> Vec<u8> {
        let mut packet = Vec::with_capacity(HEADER + FRAME);
        let marker = if self.begins { 0x80 } else { 0 };
        packet.extend([VERSION << 6, marker | law.payload_type()]);
        packet.extend(self.sequence.to_be_bytes());
        packet.extend(self.timestamp.to_be_bytes());
        packet.extend(self.source.to_be_bytes());
        packet.extend(samples.iter().take(FRAME).map(|sample| law.encode(*sample)));
        packet.resize(HEADER + FRAME, law.silence());
        self.begins = false;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        packet
    }
}

/// A key that was pressed, as one packet tells of it. A key is told of in many packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyPacket {
    /// Whose packets: another device may go on in the same call.
    source: u32,
    /// The same for all packets of one press.
    timestamp: u32,
    /// Which: `0` to `9`, `*`, `#`, `A` to `D`.
    pub key: char,
}

impl KeyPacket {
    /// It tells of another press than `last`, and of a later one: packets of an earlier press may come
    /// after the first of the next.
    pub fn is_news_after(&self, last: Option<&KeyPacket>) -> bool {
        last.is_none_or(|last| {
            last.source != self.source
                || (self.timestamp.wrapping_sub(last.timestamp) as i32).is_positive()
        })
    }
}

/// The key in a packet of the telephone-event type, if it is one and whole.
pub(super) fn key(packet: &[u8], event_type: u8) -> Option<KeyPacket> {
    let body = body(packet, event_type)?;
    let word = |at: usize| Some(u32::from_be_bytes(packet.get(at..at + 4)?.try_into().ok()?));
    let (timestamp, source) = (word(4)?, word(8)?);
    let [event, ..] = *body.get(..4)? else { return None };
    let key = "0123456789*#ABCD".chars().nth(event.into())?;
    Some(KeyPacket { source, timestamp, key })
}

/// The speech in a packet of this codec.
pub(super) fn speech(packet: &[u8], law: Law) -> Option<Vec<i16>> {
    let body = body(packet, law.payload_type())?;
    Some(body.iter().map(|byte| law.decode(*byte)).collect())
}

/// How many bytes stand before what a packet carries, with the contributing sources and an extension.
pub(super) fn header(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    if first >> 6 != VERSION {
        return None;
    }
    let mut length = HEADER + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = u16::from_be_bytes(packet.get(length + 2..length + 4)?.try_into().ok()?);
        length += 4 + 4 * usize::from(words);
    }
    (length <= packet.len()).then_some(length)
}

/// What a packet of this type carries.
fn body(packet: &[u8], payload_type: u8) -> Option<&[u8]> {
    let first = *packet.first()?;
    if packet.get(1)? & 0x7f != payload_type {
        return None;
    }
    let body = packet.get(header(packet)?..)?;
    let padding = if first & 0x20 == 0 { 0 } else { usize::from(*body.last()?) };
    body.get(..body.len().checked_sub(padding)?)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn packets_are_numbered_and_the_first_one_is_marked() {
        let mut sender = Sender::new(u16::MAX, u32::MAX - 159, 7);
        let first = sender.packet(&[0; FRAME], Law::A);
        assert_eq!(first[..4], [0x80, 0x88, 0xff, 0xff]);
        assert_eq!((first.len(), first[12]), (HEADER + FRAME, 0xd5));
        let second = sender.packet(&[], Law::A);
        assert_eq!(second[..8], [0x80, 0x08, 0, 0, 0, 0, 0, 0], "both numbers went round");
        assert_eq!(second.len(), HEADER + FRAME);
    }

    #[test]
    fn a_key_is_read_wherever_its_packet_has_it_and_no_other_bytes_are_one() {
        let one = [0x80, 101, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 1, 0x0a, 0, 160];
        assert_eq!(key(&one, 101), Some(KeyPacket { source: 7, timestamp: 9, key: '1' }));
        assert_eq!(key(&one, 96), None, "another type");
        let mut padded = one.to_vec();
        padded[0] = 0x92;
        padded.splice(12..12, [0, 0, 0, 1, 0, 0, 0, 2, 0xbe, 0xde, 0, 1, 5, 5, 5, 5]);
        assert_eq!(key(&padded, 101).unwrap().key, '1', "sources and an extension before it");
        for end in 0..one.len() {
            assert_eq!(key(&one[..end], 101), None, "{end} bytes");
        }
        let flash = [0x80, 101, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 16, 0x0a, 0, 160];
        assert_eq!(key(&flash, 101), None, "a hook flash is no key");
    }

    #[test]
    fn each_press_is_one_however_its_packets_come() {
        let at = |source, timestamp| KeyPacket { source, timestamp, key: '1' };
        assert!(at(7, 9).is_news_after(None));
        assert!(!at(7, 9).is_news_after(Some(&at(7, 9))), "a copy");
        assert!(!at(7, 9).is_news_after(Some(&at(7, 1_000))), "a late copy of an earlier press");
        assert!(at(7, 5).is_news_after(Some(&at(7, u32::MAX - 5))), "the clock went round");
        assert!(at(8, 5).is_news_after(Some(&at(7, 1_000))), "another device");
    }

    proptest! {
        #[test]
        fn no_packet_breaks_it_and_a_key_is_one_of_sixteen(
            packet in vec(any::<u8>(), 0..64), is_event in any::<bool>()
        ) {
            let mut packet = packet;
            if is_event && packet.len() > 1 {
                (packet[0], packet[1]) = (packet[0] & 0x3f | 0x80, 101);
            }
            let key = key(&packet, 101).map(|k| k.key);
            prop_assert!(key.is_none_or(|k| "0123456789*#ABCD".contains(k)));
        }
    }
}
