//! Text messages as a modem takes and gives them (3GPP TS 23.040): what goes out, what comes in, what became
//! of what went out. Nothing that a modem gives makes this fail otherwise than by saying so.

use super::alphabet;

/// Codes of 7 bits in a message of its own, and in one of several.
const SEPTETS: (usize, usize) = (160, 153);
/// The same in units of UTF-16.
const UNITS: (usize, usize) = (70, 67);
/// The header of a part: its length, "one of several, numbered by 8 bits", 3 bytes, and those three.
const HEADER: usize = 6;
/// Bits that are left empty behind that header, so that codes of 7 bits begin on a limit of theirs.
const FILL: usize = 1;
/// Undelivered after this it is thrown away: an hour (TS 23.040 9.2.3.12.1: 5 minutes for each, less one).
const AN_HOUR: u8 = 11;

/// A text, cut into the parts that it takes to send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parts {
    /// Codes of the default alphabet.
    Letters(Vec<Vec<u8>>),
    /// UTF-16.
    Units(Vec<Vec<u16>>),
}

impl Parts {
    /// Cuts `text` into at most so many parts; what does not fit is left out, and "…" shows it.
    pub fn of(text: &str, most: usize) -> Self {
        let letters: Option<Vec<Vec<u8>>> = text.chars().map(alphabet::codes).collect();
        match letters {
            Some(letters) => {
                let dots = vec![b'.'; 3];
                Parts::Letters(cut(letters, SEPTETS, most, &dots))
            }
            None => {
                let units = text.chars().map(|c| c.encode_utf16(&mut [0; 2]).to_vec()).collect();
                Parts::Units(cut(units, UNITS, most, &[0x2026]))
            }
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        match self {
            Parts::Letters(parts) => parts.len(),
            Parts::Units(parts) => parts.len(),
        }
    }

    /// One part as the modem takes it; `series` is the same for all parts of a text.
    pub fn submit(&self, part: usize, to: &str, series: u8, report: bool) -> Vec<u8> {
        let count = self.count();
        let several = count > 1;
        // The modem's own centre; SMS-SUBMIT with a relative validity.
        let first = 0x01 | 0x10 | u8::from(report) << 5 | u8::from(several) << 6;
        let mut pdu = vec![0, first, 0];
        pdu.extend(address(to));
        let header: Vec<u8> =
            if several { vec![5, 0, 3, series, byte(count), byte(part + 1)] } else { vec![] };
        match self {
            Parts::Letters(parts) => {
                let codes = parts.get(part).map(Vec::as_slice).unwrap_or_default();
                let (septets, fill) = if several { (HEADER + 1, FILL) } else { (0, 0) };
                pdu.extend([0, 0x00, AN_HOUR, byte(septets + codes.len())]);
                pdu.extend(header);
                pdu.extend(alphabet::pack(codes, fill));
            }
            Parts::Units(parts) => {
                let units = parts.get(part).map(Vec::as_slice).unwrap_or_default();
                pdu.extend([0, 0x08, AN_HOUR, byte(header.len() + units.len() * 2)]);
                pdu.extend(header);
                pdu.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
            }
        }
        pdu
    }
}

/// Letters into parts of a size, none of them torn.
fn cut<T: Copy>(
    letters: Vec<Vec<T>>,
    (alone, of_several): (usize, usize),
    most: usize,
    dots: &[T],
) -> Vec<Vec<T>> {
    if letters.iter().map(Vec::len).sum::<usize>() <= alone {
        return vec![letters.concat()];
    }
    let mut parts: Vec<Vec<T>> = vec![vec![]];
    for letter in letters {
        let count = parts.len();
        let Some(part) = parts.last_mut() else { break };
        if part.len() + letter.len() <= of_several {
            part.extend(letter);
        } else if count < most {
            parts.push(letter);
        } else {
            part.truncate(of_several - dots.len());
            part.extend_from_slice(dots);
            break;
        }
    }
    parts
}

fn byte(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}

/// A number: its digits, its kind, and two digits a byte, the first in the lower half.
fn address(number: &str) -> Vec<u8> {
    let digits = number.strip_prefix('+');
    let kind = if digits.is_some() { 0x91 } else { 0x81 };
    let digits: Vec<u8> = digits
        .unwrap_or(number)
        .chars()
        .filter_map(|digit| match digit {
            '*' => Some(0xa),
            '#' => Some(0xb),
            _ => digit.to_digit(10).and_then(|d| u8::try_from(d).ok()),
        })
        .collect();
    let mut address = vec![byte(digits.len()), kind];
    address.extend(digits.chunks(2).map(|two| two[0] | two.get(1).copied().unwrap_or(0xf) << 4));
    address
}

/// What comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Incoming {
    /// A text.
    Text {
        /// The number that it is from; none where that is a name.
        from: Option<String>,
        text: String,
    },
    /// What became of a message.
    Report {
        /// The network's number for it, given when it took it.
        reference: u8,
        to: Option<String>,
        fate: Fate,
    },
}

/// What became of a message (TS 23.040 9.2.3.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is on the phone.
    Delivered,
    /// The network still tries.
    Pending,
    /// It gave up, with this code.
    Failed(u8),
}

/// Reads what a modem gave.
pub(super) fn read(pdu: &[u8]) -> Option<Incoming> {
    let mut bytes = Bytes(pdu);
    let centre = bytes.next()?;
    bytes.take(centre.into())?;
    let first = bytes.next()?;
    match first & 3 {
        0 => {
            let from = bytes.address()?;
            bytes.next()?;
            let coding = bytes.next()?;
            // When its centre says it came. Not read: the centre's clock may be in another century.
            bytes.take(7)?;
            let length = bytes.next()?;
            Some(Incoming::Text {
                from,
                text: text(coding, length.into(), first & 0x40 != 0, bytes.0),
            })
        }
        2 => {
            let reference = bytes.next()?;
            let to = bytes.address()?;
            bytes.take(14)?;
            let fate = match bytes.next()? {
                0x00..=0x1f => Fate::Delivered,
                0x20..=0x3f => Fate::Pending,
                code => Fate::Failed(code),
            };
            Some(Incoming::Report { reference, to, fate })
        }
        _ => None,
    }
}

fn text(coding: u8, length: usize, has_header: bool, data: &[u8]) -> String {
    let header = if has_header { data.first().map_or(0, |n| usize::from(*n) + 1) } else { 0 };
    let rest = data.get(header..).unwrap_or_default();
    let size = length.saturating_sub(header);
    match coding {
        // TS 23.038 4: letters of 7 bits, unless it says otherwise.
        0x00..=0x3f if coding & 0x0c == 0x08 => utf16(rest, size),
        0xe0..=0xef => utf16(rest, size),
        0x00..=0x3f if coding & 0x0c == 0x04 => latin(rest, size),
        0xf0..=0xff if coding & 0x04 != 0 => latin(rest, size),
        _ => {
            let septets = (header * 8).div_ceil(7);
            let codes = alphabet::unpack(data, septets * 7, length.saturating_sub(septets));
            alphabet::text(&codes)
        }
    }
}

fn utf16(bytes: &[u8], size: usize) -> String {
    let bytes = bytes.get(..size).unwrap_or(bytes);
    let units: Vec<u16> =
        bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    String::from_utf16_lossy(&units)
}

fn latin(bytes: &[u8], size: usize) -> String {
    bytes.get(..size).unwrap_or(bytes).iter().map(|byte| char::from(*byte)).collect()
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn next(&mut self) -> Option<u8> {
        self.take(1).map(|one| one[0])
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number; none where it is a name, as shops and banks send from.
    fn address(&mut self) -> Option<Option<String>> {
        let length = usize::from(self.next()?);
        let kind = self.next()?;
        let halves = self.take(length.div_ceil(2))?.iter().flat_map(|byte| [byte & 0xf, byte >> 4]);
        let digits: Option<String> = halves
            .take(length)
            .map(|half| match half {
                0..=9 => Some(char::from(b'0' + half)),
                0xa => Some('*'),
                0xb => Some('#'),
                _ => None,
            })
            .collect();
        let number = digits.filter(|digits| !digits.is_empty()).map(|digits| match kind & 0x70 {
            0x10 => Some(format!("+{digits}")),
            0x50 => None,
            _ => Some(digits),
        });
        Some(number.flatten())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn known_messages_are_read() {
        // The example that circulates with every description of the format.
        let pdu = hex("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37");
        let from = Some("27838890001".to_owned());
        assert_eq!(read(&pdu), Some(Incoming::Text { from, text: "hellohello".into() }));
        let chinese = hex("0891683108200505F0040D91683118203800F000086211424173522304 6536 5230"
            .replace(' ', "")
            .as_str());
        let Some(Incoming::Text { from, text }) = read(&chinese) else { panic!() };
        assert_eq!((from.as_deref(), text.as_str()), (Some("+8613810283000"), "收到"));
    }

    #[test]
    fn a_name_is_no_number_to_answer() {
        // From "ALERT", five letters of 7 bits in nine half bytes.
        let pdu = hex("00040AD041668A4A050000112233445566770131");
        let Some(Incoming::Text { from, text }) = read(&pdu) else { panic!("{:?}", read(&pdu)) };
        assert_eq!((from, text.as_str()), (None, "1"));
    }

    #[test]
    fn reports_tell_the_fate() {
        let report = |status: &str| {
            let pdu = hex(&format!("0006290D91683118203800F03211424183022332114241930223{status}"));
            match read(&pdu) {
                Some(Incoming::Report { reference: 0x29, fate, .. }) => fate,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(report("00"), Fate::Delivered);
        assert_eq!(report("30"), Fate::Pending);
        assert_eq!(report("46"), Fate::Failed(0x46));
    }

    #[test]
    fn a_text_is_cut_where_no_letter_is_torn() {
        let count = |text: &str| Parts::of(text, 4).count();
        assert_eq!((count(&"a".repeat(160)), count(&"a".repeat(161))), (1, 2));
        assert_eq!((count(&"收".repeat(70)), count(&"收".repeat(71))), (1, 2));
        // An escaped letter and a pair of UTF-16 stay together.
        let Parts::Letters(parts) =
            Parts::of(&format!("{}€{}", "a".repeat(152), "b".repeat(20)), 4)
        else {
            panic!()
        };
        assert_eq!((parts[0].len(), parts[1][0]), (152, 0x1b));
        let Parts::Units(parts) = Parts::of(&format!("{}🔥{}", "收".repeat(66), "b".repeat(20)), 4)
        else {
            panic!()
        };
        assert_eq!(parts[0].len(), 66);
        let Parts::Units(parts) = Parts::of(&"收".repeat(400), 4) else { panic!() };
        assert_eq!((parts.len(), parts[3].len(), parts[3][66]), (4, 67, 0x2026));
    }

    proptest! {
        #[test]
        fn nothing_that_a_modem_gives_is_too_much(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn no_text_makes_a_message_that_is_too_long(text in "\\PC{0,600}", part in 0..4_usize) {
            let parts = Parts::of(&text, 4);
            prop_assert!((1..=4).contains(&parts.count()));
            // The length that AT+CMGS names is without the centre's, and at most 164 (27.005 3.5.1).
            prop_assert!(parts.submit(part, "+8613800138000", 7, true).len() <= 165);
        }
    }
}
