//! How a maker's document counts addresses, and what that is on the wire.

use serde::Deserialize;

use crate::modbus::field::Table;

/// How addresses are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// As on the wire, from 0.
    #[default]
    Zero,
    /// From 1.
    One,
    /// As 40001, 30001, 10001 or 1: the leading digit names the table.
    Reference,
}

impl Numbering {
    /// The table and the address on the wire. Where neither `table` nor the number names a table, it
    /// is that of the holding registers.
    ///
    /// # Errors
    /// What is wrong with the address, in words.
    pub fn place(self, written: u32, table: Option<Table>) -> Result<(Table, u16), String> {
        let (table, address) = match self {
            Numbering::Zero => (table, Some(written)),
            Numbering::One => (table, written.checked_sub(1)),
            Numbering::Reference => {
                let size = if written >= 100_000 { 100_000 } else { 10_000 };
                let named = match written / size {
                    0 => Table::Coil,
                    1 => Table::Discrete,
                    3 => Table::Input,
                    4 => Table::Holding,
                    _ => return Err(format!("{written} begins with no table's digit")),
                };
                if table.is_some_and(|t| t != named) {
                    return Err(format!("{written} lies in another table than the one named"));
                }
                (Some(named), (written % size).checked_sub(1))
            }
        };
        let address = address
            .and_then(|a| u16::try_from(a).ok())
            .ok_or_else(|| format!("there is no address {written}"))?;
        Ok((table.unwrap_or(Table::Holding), address))
    }

    /// An address on the wire, as the document writes it.
    pub fn written(self, table: Table, address: u16) -> String {
        match self {
            Numbering::Zero => format!("{address:#06x}"),
            Numbering::One => (u32::from(address) + 1).to_string(),
            Numbering::Reference => {
                let digit = match table {
                    Table::Coil => 0,
                    Table::Discrete => 1,
                    Table::Input => 3,
                    Table::Holding => 4,
                };
                let size = if address < 9_999 { 10_000 } else { 100_000 };
                format!("{:05}", digit * size + u32::from(address) + 1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_as_it_was_written() {
        for (numbering, written, table, address) in [
            (Numbering::Zero, "0x1010", Table::Holding, 0x1010),
            (Numbering::One, "1", Table::Holding, 0),
            (Numbering::Reference, "40001", Table::Holding, 0),
            (Numbering::Reference, "00017", Table::Coil, 16),
            (Numbering::Reference, "465536", Table::Holding, 0xFFFF),
        ] {
            assert_eq!(numbering.written(table, address), written);
            let number = written.strip_prefix("0x").map_or_else(
                || written.parse().unwrap(),
                |hex| u32::from_str_radix(hex, 16).unwrap(),
            );
            assert_eq!(numbering.place(number, None), Ok((table, address)));
        }
        assert!(Numbering::One.place(0, None).is_err());
        assert!(Numbering::Reference.place(20_001, None).is_err());
    }
}
