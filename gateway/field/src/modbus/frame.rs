//! Modbus RTU frames: a question, and its answer among whatever else is on the line.
//!
//! tokio-modbus' own decoder believes each byte that might be a length: noise that looks like the
//! beginning of a long frame makes it wait for the rest and swallow the real answer, and a foreign
//! unit's frame ends the request. Here the length of the answer is known beforehand, so it is looked
//! for at every place; what does not fit is not there.

use tokio_modbus::ExceptionCode;

use super::{connection::Values, field::Table, plan::Block};

/// Unit, function, address, count, check sum.
pub(super) const QUESTION: usize = 8;
/// Unit, function, length before the values of an answer.
const HEAD: usize = 3;
/// The check sum.
pub(super) const CRC: usize = 2;
/// Unit, function, exception code, check sum.
const EXCEPTION: usize = 5;
/// Set in the function of an answer that is an exception.
pub(super) const REFUSED: u8 = 0x80;

/// The check sum of a frame (Modbus over Serial Line 1.02, 6.2.2), low byte first on the wire.
pub(super) fn crc(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xA001 } else { crc >> 1 }
        })
    })
}

fn function(table: Table) -> u8 {
    match table {
        Table::Coil => 1,
        Table::Discrete => 2,
        Table::Holding => 3,
        Table::Input => 4,
    }
}

/// The question for a block.
pub(super) fn question(unit: u8, block: &Block) -> [u8; QUESTION] {
    let ([a, b], [c, d]) = (block.start.to_be_bytes(), block.count.to_be_bytes());
    let body = [unit, function(block.table), a, b, c, d];
    let [low, high] = crc(&body).to_le_bytes();
    let [unit, function, ..] = body;
    [unit, function, a, b, c, d, low, high]
}

/// Bytes of values that answer it.
fn payload(block: &Block) -> usize {
    let count = usize::from(block.count);
    if block.table.is_bits() { count.div_ceil(8) } else { 2 * count }
}

/// Bytes of the whole answer.
pub(super) fn length(block: &Block) -> usize {
    HEAD + payload(block) + CRC
}

/// The answer to the question for `block`, if it is whole among what was heard.
///
/// The question itself, as adapters that hear themselves repeat it, is passed over: that of up to 24
/// bits has the length of its answer.
pub(super) fn answer(
    heard: &[u8],
    question: &[u8; QUESTION],
    block: &Block,
) -> Option<Result<Values, ExceptionCode>> {
    let mut at = 0;
    while let Some(rest) = heard.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(question) {
            at += QUESTION;
            continue;
        }
        if let Some(found) = frame(rest, question, block) {
            return Some(found);
        }
        at += 1;
    }
    None
}

fn frame(
    rest: &[u8],
    question: &[u8; QUESTION],
    block: &Block,
) -> Option<Result<Values, ExceptionCode>> {
    let (head, asked) = (rest.get(..HEAD)?, payload(block));
    if head[0] != question[0] {
        return None;
    }
    if head[1] == question[1] | REFUSED {
        return is_whole(rest.get(..EXCEPTION)?).then(|| Err(ExceptionCode::new(head[2])));
    }
    if head[1] != question[1] || usize::from(head[2]) != asked {
        return None;
    }
    let whole = rest.get(..HEAD + asked + CRC)?;
    is_whole(whole).then(|| Ok(values(&whole[HEAD..HEAD + asked], block)))
}

pub(super) fn is_whole(frame: &[u8]) -> bool {
    let (body, sum) = frame.split_at(frame.len() - CRC);
    crc(body).to_le_bytes() == sum
}

fn values(bytes: &[u8], block: &Block) -> Values {
    if block.table.is_bits() {
        let bit = |n: usize| bytes.get(n / 8).is_some_and(|byte| byte >> (n % 8) & 1 == 1);
        Values::Bits((0..usize::from(block.count)).map(bit).collect())
    } else {
        Values::Registers(
            bytes.chunks_exact(2).map(|word| u16::from_be_bytes([word[0], word[1]])).collect(),
        )
    }
}

/// True where something was heard that looks like the unit's answer and is not a proper one.
pub(super) fn is_spoiled(heard: &[u8], question: &[u8; QUESTION]) -> bool {
    let mut rest = heard;
    while rest.len() > 1 {
        if rest.starts_with(question) {
            rest = &rest[QUESTION..];
            continue;
        }
        if rest[0] == question[0] && rest[1] & !REFUSED == question[1] {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn block(table: Table, start: u16, count: u16) -> Block {
        Block { table, start, count, fields: vec![], poll: None }
    }

    fn framed(body: &[u8]) -> Vec<u8> {
        [body, &crc(body).to_le_bytes()].concat()
    }

    #[test]
    fn the_frames_of_a_board_of_eight_inputs_are_as_its_manual_prints_them() {
        let inputs = block(Table::Discrete, 0, 8);
        let question = question(1, &inputs);
        assert_eq!(question, [0x01, 0x02, 0x00, 0x00, 0x00, 0x08, 0x79, 0xCC]);
        let found = answer(&[0x01, 0x02, 0x01, 0x20, 0xA0, 0x50], &question, &inputs);
        let sixth = (0..8).map(|n| n == 5).collect();
        assert_eq!(found, Some(Ok(Values::Bits(sixth))));
    }

    #[test]
    fn an_exception_is_one_and_a_damaged_frame_is_nothing() {
        let one = block(Table::Holding, 7, 1);
        let question = question(9, &one);
        let busy = framed(&[9, 0x83, 6]);
        assert_eq!(answer(&busy, &question, &one), Some(Err(ExceptionCode::ServerDeviceBusy)));
        let mut damaged = framed(&[9, 3, 2, 0, 41]);
        damaged[4] ^= 1;
        assert_eq!(answer(&damaged, &question, &one), None);
        assert!(is_spoiled(&damaged, &question));
        assert!(!is_spoiled(&framed(&[8, 3, 2, 0, 41]), &question), "somebody else's");
    }

    #[test]
    fn an_echo_of_the_question_is_not_its_answer() {
        // Address 0x0312, so that the echo has the length, the function and the sum of an answer.
        let bits = block(Table::Coil, 0x0312, 20);
        let question = question(5, &bits);
        assert_eq!(answer(&question, &question, &bits), None);
        let heard = [&question[..], &framed(&[5, 1, 3, 1, 0, 0])].concat();
        assert!(matches!(answer(&heard, &question, &bits), Some(Ok(Values::Bits(b))) if b[0]));
    }

    proptest! {
        /// Whatever noise and foreign frames stand before it and behind it.
        #[test]
        fn an_answer_is_found_among_noise(
            before in prop::collection::vec(any::<u8>(), 0..60),
            words in prop::collection::vec(any::<u16>(), 1..20),
            other in 2..=247_u8,
            after in prop::collection::vec(any::<u8>(), 0..20),
        ) {
            let asked = block(Table::Holding, 100, u16::try_from(words.len()).unwrap());
            let question = question(1, &asked);
            let length = u8::try_from(2 * words.len()).unwrap();
            let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_be_bytes()).collect();
            let foreign = framed(&[&[other, 3, length], &bytes[..]].concat());
            let own = framed(&[&[1, 3, length], &bytes[..]].concat());
            let heard = [&before[..], &foreign, &own, &after].concat();
            prop_assert_eq!(answer(&heard, &question, &asked), Some(Ok(Values::Registers(words))));
            prop_assert_eq!(answer(&foreign, &question, &asked), None);
        }
    }
}
