//! One value in the registers of a device: where it lies and how its bits are read.

use gengfu_core::{
    id::PointId,
    point::{NoData, Sample, Value},
    time::Span,
};
use serde::Deserialize;

use super::{
    number::{Number, half, tidy, written},
    write::Writing,
};

/// The four tables of Modbus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Table {
    /// Function code 1.
    Coil,
    /// Function code 2.
    Discrete,
    /// Function code 3.
    Holding,
    /// Function code 4.
    Input,
}

impl Table {
    /// True for coils and discrete inputs.
    pub fn is_bits(self) -> bool {
        matches!(self, Table::Coil | Table::Discrete)
    }

    /// Bits or registers in one request at the most (Modbus Application Protocol 1.1b3, 6.1 to 6.4).
    pub fn most(self) -> u16 {
        if self.is_bits() { 2_000 } else { 125 }
    }
}

/// How the registers of a value are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Unsigned, one register.
    #[default]
    U16,
    /// Signed, one register.
    I16,
    /// Unsigned, two registers.
    U32,
    /// Signed, two registers.
    I32,
    /// Unsigned, four registers.
    U64,
    /// Signed, four registers.
    I64,
    /// IEEE 754 half, one register.
    F16,
    /// IEEE 754 single, two registers.
    F32,
    /// IEEE 754 double, four registers.
    F64,
    /// Two characters a register, ended by NUL or blanks.
    Text,
}

impl Kind {
    /// Registers that a number takes; a text says its own length.
    pub fn registers(self) -> u16 {
        match self {
            Kind::U16 | Kind::I16 | Kind::F16 | Kind::Text => 1,
            Kind::U32 | Kind::I32 | Kind::F32 => 2,
            Kind::U64 | Kind::I64 | Kind::F64 => 4,
        }
    }
    /// True where the bits are those of a floating-point number.
    pub fn is_float(self) -> bool {
        matches!(self, Kind::F16 | Kind::F32 | Kind::F64)
    }
}

/// The order of the bytes of a value of two registers; of four it is the 8-byte form of the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// Highest byte first.
    #[default]
    Abcd,
    /// Lowest byte first.
    Dcba,
    /// Highest register first, the bytes in it swapped.
    Badc,
    /// Lowest register first.
    Cdab,
}

/// One meaning of a register: where `register & mask == equals`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The bits that count.
    pub mask: u64,
    /// What they must be.
    pub equals: u64,
    /// What that means.
    pub sample: Sample,
}

/// Where a point lies and how it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `device/point`.
    pub point: PointId,
    /// The table.
    pub table: Table,
    /// The first register or bit, as on the wire, from 0.
    pub address: u16,
    /// Registers or bits that it takes.
    pub length: u16,
    /// How its registers are written.
    pub kind: Kind,
    /// The order of its bytes.
    pub order: Order,
    /// Lowest and highest bit, both included, where only some bits count.
    pub bits: Option<(u8, u8)>,
    /// A single bit is a truth, not a number.
    pub truth: bool,
    /// Factor; none leaves a whole number whole.
    pub scale: Option<f64>,
    /// Added after the factor, in the point's unit.
    pub offset: Option<f64>,
    /// Names of numbers; a number that has none stays a number.
    pub values: Vec<(i64, Value)>,
    /// Meanings by mask, the first that fits; none that fits is no value.
    pub cases: Vec<Case>,
    /// Numbers by which the device says that it has no value.
    pub absent: Vec<Number>,
    /// Time from one poll to the next, where it is not the unit's own.
    pub poll: Option<Span>,
    /// How it is switched, where the profile names it as an output; nothing else is ever written.
    pub write: Option<Writing>,
}

enum Raw {
    Whole(u64, i128),
    Real(u64, f64),
    Text(String),
}

impl Field {
    /// The first address behind it; it may be 65,536.
    pub fn end(&self) -> u32 {
        u32::from(self.address) + u32::from(self.length)
    }

    /// Reads a coil or discrete input.
    pub fn read_bit(&self, bit: bool) -> Sample {
        match self.values.iter().find(|(n, _)| *n == i64::from(bit)) {
            Some((_, value)) => Ok(value.clone()),
            None => Ok(Value::Bool(bit)),
        }
    }

    /// Reads its registers; too few or too many of them are no value.
    pub fn read(&self, registers: &[u16]) -> Sample {
        if registers.len() != usize::from(self.length) {
            return Err(NoData::Garbled);
        }
        match self.raw(registers)? {
            Raw::Text(text) => Ok(Value::Text(text)),
            Raw::Real(bits, x) => self.real(bits, x),
            Raw::Whole(unsigned, number) => self.whole(unsigned, number),
        }
    }

    fn real(&self, bits: u64, x: f64) -> Sample {
        let is = |number: &Number| match *number {
            Number::Whole(n) => n as f64 == x || n.cast_unsigned() == bits,
            Number::Real(r) if self.kind == Kind::F32 => written(r as f32) == x,
            Number::Real(r) => r == x,
        };
        if !x.is_finite() || self.absent.iter().any(is) {
            return Err(NoData::Faulty);
        }
        if let Some((_, value)) = self.values.iter().find(|(n, _)| *n as f64 == x) {
            return Ok(value.clone());
        }
        Ok(Value::Float(match (self.scale, self.offset) {
            (None, None) => x,
            _ => self.scaled(x),
        }))
    }

    fn whole(&self, unsigned: u64, number: i128) -> Sample {
        if !self.cases.is_empty() {
            return match self.cases.iter().find(|case| unsigned & case.mask == case.equals) {
                Some(case) => case.sample.clone(),
                None => Err(NoData::Faulty),
            };
        }
        let number = match self.bits {
            None => number,
            Some((low, high)) => {
                let width = u32::from(high - low) + 1;
                let mask = if width >= 64 { u64::MAX } else { (1 << width) - 1 };
                i128::from((unsigned >> low) & mask)
            }
        };
        // A negative number may be written as its bits are in the registers.
        let is = |n: i64| {
            i128::from(n) == number || (self.bits.is_none() && n.cast_unsigned() == unsigned)
        };
        if self.absent.iter().any(|number| matches!(number, Number::Whole(n) if is(*n))) {
            return Err(NoData::Faulty);
        }
        if let Some((_, value)) = self.values.iter().find(|(n, _)| is(*n)) {
            return Ok(value.clone());
        }
        if self.truth {
            return Ok(Value::Bool(number != 0));
        }
        match (self.scale, self.offset) {
            (None, None) => Ok(match i64::try_from(number) {
                Ok(n) => Value::Int(n),
                Err(_) => Value::Float(number as f64),
            }),
            _ => Ok(Value::Float(self.scaled(number as f64))),
        }
    }

    fn scaled(&self, x: f64) -> f64 {
        tidy(x * self.scale.unwrap_or(1.0) + self.offset.unwrap_or(0.0))
    }

    fn raw(&self, registers: &[u16]) -> Result<Raw, NoData> {
        let mut bytes: Vec<u8> = Vec::with_capacity(registers.len() * 2);
        let swap = matches!(self.order, Order::Badc | Order::Dcba);
        let mut push = |word: &u16| {
            bytes.extend(if swap { word.to_le_bytes() } else { word.to_be_bytes() });
        };
        if self.kind != Kind::Text && matches!(self.order, Order::Cdab | Order::Dcba) {
            registers.iter().rev().for_each(&mut push);
        } else {
            registers.iter().for_each(&mut push);
        }
        if self.kind == Kind::Text {
            let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
            let text = std::str::from_utf8(&bytes[..end]).map_err(|_| NoData::Garbled)?;
            return Ok(Raw::Text(text.trim_end().to_owned()));
        }
        let bits = bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        let signed = |width: u32| {
            let unused = 64 - width;
            i128::from(((bits << unused) as i64) >> unused)
        };
        Ok(match self.kind {
            Kind::U16 | Kind::U32 | Kind::U64 => Raw::Whole(bits, i128::from(bits)),
            Kind::I16 => Raw::Whole(bits, signed(16)),
            Kind::I32 => Raw::Whole(bits, signed(32)),
            Kind::I64 => Raw::Whole(bits, signed(64)),
            Kind::F16 => Raw::Real(bits, half(bits as u16)),
            Kind::F32 => Raw::Real(bits, written(f32::from_bits(bits as u32))),
            Kind::F64 => Raw::Real(bits, f64::from_bits(bits)),
            Kind::Text => Raw::Text(String::new()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(kind: Kind, order: Order) -> Field {
        Field {
            point: PointId::from("d/p"),
            table: Table::Holding,
            address: 0,
            length: kind.registers(),
            kind,
            order,
            bits: None,
            truth: false,
            scale: None,
            offset: None,
            values: vec![],
            cases: vec![],
            absent: vec![],
            poll: None,
            write: None,
        }
    }

    #[test]
    fn every_order_finds_the_same_number() {
        for (order, registers) in [
            (Order::Abcd, [0x1234, 0x5678]),
            (Order::Dcba, [0x7856, 0x3412]),
            (Order::Badc, [0x3412, 0x7856]),
            (Order::Cdab, [0x5678, 0x1234]),
        ] {
            assert_eq!(field(Kind::U32, order).read(&registers), Ok(Value::Int(0x1234_5678)));
        }
        for (order, registers) in [
            (Order::Abcd, [0x0123, 0x4567, 0x89AB, 0xCDEF]),
            (Order::Dcba, [0xEFCD, 0xAB89, 0x6745, 0x2301]),
            (Order::Badc, [0x2301, 0x6745, 0xAB89, 0xEFCD]),
            (Order::Cdab, [0xCDEF, 0x89AB, 0x4567, 0x0123]),
        ] {
            let read = field(Kind::U64, order).read(&registers);
            assert_eq!(read, Ok(Value::Int(0x0123_4567_89AB_CDEF)), "{order:?}");
        }
    }

    #[test]
    fn signs_fractions_and_scales_come_out_as_people_write_them() {
        assert_eq!(field(Kind::I16, Order::Abcd).read(&[0xFFFE]), Ok(Value::Int(-2)));
        assert_eq!(field(Kind::I32, Order::Abcd).read(&[0xFFFF, 0xFFFE]), Ok(Value::Int(-2)));
        assert_eq!(field(Kind::F32, Order::Abcd).read(&[0x3FC0, 0]), Ok(Value::Float(1.5)));
        assert_eq!(field(Kind::F16, Order::Abcd).read(&[0x3E00]), Ok(Value::Float(1.5)));
        assert_eq!(field(Kind::F64, Order::Abcd).read(&[0x3FF8, 0, 0, 0]), Ok(Value::Float(1.5)));
        let tenths = Field { scale: Some(0.1), ..field(Kind::U16, Order::Abcd) };
        assert_eq!(tenths.read(&[3]), Ok(Value::Float(0.3)));
        let huge = field(Kind::U64, Order::Abcd).read(&[0xFFFF; 4]);
        assert_eq!(huge, Ok(Value::Float(18_446_744_073_709_551_615.0)));
    }

    #[test]
    fn bits_names_and_masks_say_what_a_register_means() {
        let mode = Field {
            bits: Some((4, 7)),
            values: vec![(7, Value::Text("automatic".into()))],
            ..field(Kind::U16, Order::Abcd)
        };
        assert_eq!(mode.read(&[0x2575]), Ok(Value::Text("automatic".into())));
        assert_eq!(mode.read(&[0x2525]), Ok(Value::Int(2)), "a mode without a name stays a number");
        let fire = Field { bits: Some((3, 3)), truth: true, ..field(Kind::U16, Order::Abcd) };
        assert_eq!(fire.read(&[8]), Ok(Value::Bool(true)));
        let panel = Field {
            cases: vec![
                Case { mask: 0xFF, equals: 0xFF, sample: Err(NoData::Faulty) },
                Case { mask: 0x08FF, equals: 0x0810, sample: Ok(Value::Text("fire".into())) },
            ],
            ..field(Kind::U16, Order::Abcd)
        };
        assert_eq!(panel.read(&[0x8C10]), Ok(Value::Text("fire".into())));
        assert_eq!(panel.read(&[0x00FF]), Err(NoData::Faulty));
        assert_eq!(panel.read(&[0x0000]), Err(NoData::Faulty), "nothing that fits is not normal");
    }

    #[test]
    fn what_is_no_value_never_becomes_one() {
        let number = Field { absent: vec![Number::Whole(0xFFFF)], ..field(Kind::U16, Order::Abcd) };
        assert_eq!(number.read(&[0xFFFF]), Err(NoData::Faulty));
        assert_eq!(number.read(&[]), Err(NoData::Garbled));
        assert_eq!(number.read(&[1, 2]), Err(NoData::Garbled));
        assert_eq!(field(Kind::F32, Order::Abcd).read(&[0x7FC0, 0]), Err(NoData::Faulty));
        let text = Field { length: 3, ..field(Kind::Text, Order::Abcd) };
        assert_eq!(text.read(&[0x4142, 0x4320, 0]), Ok(Value::Text("ABC".into())));
        assert_eq!(text.read(&[0xFFFE, 0, 0]), Err(NoData::Garbled));
    }

    #[test]
    fn a_number_that_stands_for_none_may_be_written_as_its_bits_or_as_a_fraction() {
        let no = Err(NoData::Faulty);
        let absent = |kind, number| Field { absent: vec![number], ..field(kind, Order::Abcd) };
        for number in [Number::Whole(0x8000), Number::Whole(-0x8000)] {
            let tenths = Field { scale: Some(0.1), ..absent(Kind::I16, number) };
            assert_eq!(tenths.read(&[0x8000]), no, "{number:?}");
            assert_eq!(tenths.read(&[0xFFFF]), Ok(Value::Float(-0.1)));
        }
        assert_eq!(absent(Kind::I32, Number::Whole(0x8000_0000)).read(&[0x8000, 0]), no);
        assert_eq!(absent(Kind::U64, Number::Whole(-1)).read(&[0xFFFF; 4]), no);
        let [high, low] = [0xC61C, 0x3C00]; // -9999
        assert_eq!(absent(Kind::F32, Number::Whole(-9999)).read(&[high, low]), no);
        assert_eq!(absent(Kind::F32, Number::Real(-9999.0)).read(&[high, low]), no);
        assert_eq!(absent(Kind::F32, Number::Whole(0xC61C_3C00)).read(&[high, low]), no);
        assert_eq!(absent(Kind::F32, Number::Real(23.1)).read(&[0x41B8, 0xCCCD]), no);
        let named = |kind, n, word: &str| Field {
            values: vec![(n, Value::Text(word.into()))],
            ..field(kind, Order::Abcd)
        };
        let off = Ok(Value::Text("off".into()));
        assert_eq!(named(Kind::I16, 65_535, "off").read(&[0xFFFF]), off);
        assert_eq!(named(Kind::F32, 3, "off").read(&[0x4040, 0]), off);
    }

    #[test]
    fn numbers_look_as_people_write_them() {
        assert_eq!(field(Kind::F32, Order::Abcd).read(&[0x41B8, 0xCCCD]), Ok(Value::Float(23.1)));
        let tenths = Field { scale: Some(0.1), ..field(Kind::U32, Order::Abcd) };
        assert_eq!(tenths.read(&[0x00BC, 0x614F]), Ok(Value::Float(1_234_567.9)));
    }
}
