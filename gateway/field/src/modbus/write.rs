//! Writing: the four functions by which an output is switched, and their frames on a serial line.
//! Only what a profile names as an output comes here.

use std::borrow::Cow;

use tokio_modbus::{
    ExceptionCode,
    prelude::{Request, Response},
};

use super::{
    field::{Field, Table},
    frame::{CRC, REFUSED, crc, is_whole},
};

/// How an output is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// The registers that switch it on; of a coil one, that counts for nothing.
    pub on: Vec<u16>,
    /// The registers that switch it off.
    pub off: Vec<u16>,
    /// By function 15 or 16, even where it is a single one.
    pub multiple: bool,
    /// It falls back by itself and is not read back.
    pub momentary: bool,
}

/// One request that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Write {
    /// Function 5.
    Coil(u16, bool),
    /// Function 15.
    Coils(u16, Vec<bool>),
    /// Function 6.
    Register(u16, u16),
    /// Function 16.
    Registers(u16, Vec<u16>),
}

impl Write {
    /// What switches a field on or off; none for one that is no output.
    pub fn new(field: &Field, on: bool) -> Option<Self> {
        let writing = field.write.as_ref()?;
        let words = if on { &writing.on } else { &writing.off };
        let address = field.address;
        Some(match (field.table, writing.multiple, words.as_slice()) {
            (Table::Coil, false, _) => Write::Coil(address, on),
            (Table::Coil, true, _) => Write::Coils(address, vec![on]),
            (Table::Holding, false, [word]) => Write::Register(address, *word),
            (Table::Holding, ..) => Write::Registers(address, words.clone()),
            (Table::Discrete | Table::Input, ..) => return None,
        })
    }

    /// As tokio-modbus asks it.
    pub fn request(&self) -> Request<'static> {
        match self.clone() {
            Write::Coil(address, on) => Request::WriteSingleCoil(address, on),
            Write::Coils(address, bits) => Request::WriteMultipleCoils(address, Cow::Owned(bits)),
            Write::Register(address, word) => Request::WriteSingleRegister(address, word),
            Write::Registers(address, words) => {
                Request::WriteMultipleRegisters(address, Cow::Owned(words))
            }
        }
    }

    /// True for the answer that says that exactly this was written.
    pub fn is_answered_by(&self, response: &Response) -> bool {
        match (self, response) {
            (Write::Coil(a, on), Response::WriteSingleCoil(b, was)) => a == b && on == was,
            (Write::Register(a, word), Response::WriteSingleRegister(b, was)) => {
                a == b && word == was
            }
            (Write::Coils(a, bits), Response::WriteMultipleCoils(b, count)) => {
                a == b && bits.len() == usize::from(*count)
            }
            (Write::Registers(a, words), Response::WriteMultipleRegisters(b, count)) => {
                a == b && words.len() == usize::from(*count)
            }
            _ => false,
        }
    }

    /// The frame of it for a unit, and the beginning of the answer without its check sum.
    pub fn frames(&self, unit: u8) -> (Vec<u8>, Vec<u8>) {
        let head = |function: u8, address: u16, second: u16| {
            let ([a, b], [c, d]) = (address.to_be_bytes(), second.to_be_bytes());
            vec![unit, function, a, b, c, d]
        };
        let count = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let (answer, more) = match self {
            Write::Coil(address, on) => (head(5, *address, if *on { 0xFF00 } else { 0 }), vec![]),
            Write::Register(address, word) => (head(6, *address, *word), vec![]),
            Write::Coils(address, bits) => {
                let mut bytes = vec![0_u8; bits.len().div_ceil(8)];
                for (n, _) in bits.iter().enumerate().filter(|(_, on)| **on) {
                    bytes[n / 8] |= 1 << (n % 8);
                }
                (head(15, *address, count(bits.len())), bytes)
            }
            Write::Registers(address, words) => {
                let bytes = words.iter().flat_map(|word| word.to_be_bytes()).collect();
                (head(16, *address, count(words.len())), bytes)
            }
        };
        let mut question = answer.clone();
        if !more.is_empty() {
            question.push(u8::try_from(more.len()).unwrap_or(u8::MAX));
            question.extend(&more);
        }
        question.extend(crc(&question).to_le_bytes());
        (question, answer)
    }
}

/// What a unit said to a write whose answer begins so, if it is whole among what was heard.
///
/// Functions 5 and 6 are answered by the question itself. Where the adapter `echoes` what it sends, the first
/// of two is its own, and one alone says nothing.
pub(super) fn said(
    heard: &[u8],
    question: &[u8],
    answer: &[u8],
    echoes: bool,
) -> Option<Result<(), ExceptionCode>> {
    let (unit, function) = (*answer.first()?, *answer.get(1)?);
    let is_twin = question.len() == answer.len() + CRC;
    let heard = match echoes && is_twin {
        true => {
            let at = heard.windows(question.len()).position(|part| part == question)?;
            &heard[at + question.len()..]
        }
        false => heard,
    };
    (0..heard.len()).find_map(|at| {
        let rest = &heard[at..];
        if rest.first() != Some(&unit) {
            return None;
        }
        if rest.get(1) == Some(&(function | REFUSED)) {
            let frame = rest.get(..5)?;
            return is_whole(frame).then(|| Err(ExceptionCode::new(frame[2])));
        }
        let frame = rest.get(..answer.len() + CRC)?;
        (frame.starts_with(answer) && is_whole(frame)).then_some(Ok(()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(body: &[u8]) -> Vec<u8> {
        [body, &crc(body).to_le_bytes()].concat()
    }

    #[test]
    fn the_frames_are_those_of_the_standards_examples() {
        // Modbus Application Protocol 1.1b3, 6.5, 6.6, 6.11 and 6.12.
        let coil = Write::Coil(0x00AC, true).frames(1).0;
        assert_eq!(coil, framed(&[1, 5, 0x00, 0xAC, 0xFF, 0x00]));
        let register = Write::Register(0x0001, 0x0003).frames(1).0;
        assert_eq!(register, framed(&[1, 6, 0x00, 0x01, 0x00, 0x03]));
        let bits = [1, 0, 1, 1, 0, 0, 1, 1, 1, 0].map(|bit| bit == 1).to_vec();
        let coils = Write::Coils(0x0013, bits).frames(1).0;
        assert_eq!(coils, framed(&[1, 15, 0x00, 0x13, 0x00, 0x0A, 0x02, 0xCD, 0x01]));
        let registers = Write::Registers(0x0001, vec![0x000A, 0x0102]).frames(1).0;
        let wanted = [1, 16, 0x00, 0x01, 0x00, 0x02, 0x04, 0x00, 0x0A, 0x01, 0x02];
        assert_eq!(registers, framed(&wanted));
    }

    #[test]
    fn only_the_units_own_word_to_this_write_counts() {
        let (question, answer) = Write::Registers(1, vec![7, 8]).frames(5);
        let own = framed(&[5, 16, 0, 1, 0, 2]);
        let other = framed(&[6, 16, 0, 1, 0, 2]);
        assert_eq!(
            said(&[&other[..], &question, &own].concat(), &question, &answer, false),
            Some(Ok(()))
        );
        assert_eq!(
            said(&[&other[..], &question].concat(), &question, &answer, false),
            None,
            "an echo is no answer"
        );
        let refused = framed(&[5, 0x90, 4]);
        assert_eq!(
            said(&refused, &question, &answer, false),
            Some(Err(ExceptionCode::ServerDeviceFailure))
        );
        let mut damaged = own;
        damaged[7] ^= 1;
        assert_eq!(said(&damaged, &question, &answer, false), None);
    }

    #[test]
    fn a_twin_of_the_question_is_the_answer_only_behind_its_own_echo() {
        let (question, answer) = Write::Coil(3, true).frames(9);
        let (once, twice) = (question.clone(), [&question[..], &question].concat());
        assert_eq!(said(&once, &question, &answer, false), Some(Ok(())));
        assert_eq!(said(&once, &question, &answer, true), None);
        assert_eq!(said(&twice, &question, &answer, true), Some(Ok(())));
        let refused = [&question[..], &framed(&[9, 0x85, 2])].concat();
        let no = Some(Err(ExceptionCode::IllegalDataAddress));
        assert_eq!(said(&refused, &question, &answer, true), no);
    }
}
