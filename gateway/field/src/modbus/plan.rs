//! Which requests read all fields of a unit: neighbours together, no field torn apart.

use super::field::{Field, Table};

/// What a device allows in one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Registers, 1 to 125.
    pub registers: u16,
    /// Coils or discrete inputs, 1 to 2,000.
    pub bits: u16,
    /// Unused addresses that are read along to save a request.
    pub hole: u16,
}

/// One request, and the fields that its answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The table asked.
    pub table: Table,
    /// The first address, as on the wire.
    pub start: u16,
    /// Registers or bits.
    pub count: u16,
    /// The places of its fields in the unit's list, by address.
    pub fields: Vec<usize>,
}

impl Block {
    fn of(fields: &[Field], members: Vec<usize>) -> Option<Self> {
        let first = &fields[*members.first()?];
        let start = members.iter().map(|i| fields[*i].address).min()?;
        let end = members.iter().map(|i| fields[*i].end()).max()?;
        let count = u16::try_from(end - u32::from(start)).ok()?;
        Some(Self { table: first.table, start, count, fields: members })
    }

    /// Two halves, cut where no field is torn apart; `None` where there is no such place. For a
    /// device that refuses the whole: one of the halves may be good.
    pub fn split(&self, fields: &[Field]) -> Option<(Block, Block)> {
        let middle = self.fields.len() / 2;
        let cuts = 1..self.fields.len();
        let torn = |at: usize| {
            let (left, right) = self.fields.split_at(at);
            let end = left.iter().map(|i| fields[*i].end()).max().unwrap_or(0);
            right.iter().any(|i| u32::from(fields[*i].address) < end)
        };
        let cut = cuts.filter(|at| !torn(*at)).min_by_key(|at| at.abs_diff(middle))?;
        let (left, right) = self.fields.split_at(cut);
        Some((Block::of(fields, left.to_vec())?, Block::of(fields, right.to_vec())?))
    }
}

/// The requests that read all `fields`.
pub fn plan(fields: &[Field], limits: Limits) -> Vec<Block> {
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order.sort_by_key(|i| (fields[*i].table, fields[*i].address, fields[*i].end()));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let (mut start, mut end) = (0_u32, 0_u32);
    for i in order {
        let field = &fields[i];
        let (from, to) = (u32::from(field.address), field.end());
        let most = if field.table.is_bits() { limits.bits } else { limits.registers };
        let joins = groups.last().is_some_and(|group| {
            fields[group[0]].table == field.table
                && from <= end + u32::from(limits.hole)
                && to.max(end) - start <= u32::from(most)
        });
        match groups.last_mut() {
            Some(group) if joins => {
                group.push(i);
                end = end.max(to);
            }
            _ => {
                groups.push(vec![i]);
                (start, end) = (from, to);
            }
        }
    }
    groups.into_iter().filter_map(|group| Block::of(fields, group)).collect()
}

#[cfg(test)]
mod tests {
    use gengfu_core::id::PointId;

    use super::*;
    use crate::modbus::field::{Kind, Order};

    fn field(table: Table, address: u16, kind: Kind) -> Field {
        Field {
            point: PointId::from(format!("d/{address}").as_str()),
            table,
            address,
            length: kind.registers(),
            kind,
            order: Order::Abcd,
            bits: None,
            truth: false,
            scale: None,
            offset: None,
            values: vec![],
            cases: vec![],
            absent: vec![],
        }
    }

    fn limits(registers: u16, hole: u16) -> Limits {
        Limits { registers, bits: 2_000, hole }
    }

    fn ranges(blocks: &[Block]) -> Vec<(u16, u16)> {
        blocks.iter().map(|b| (b.start, b.count)).collect()
    }

    #[test]
    fn neighbours_are_read_together_up_to_a_hole() {
        let fields: Vec<Field> =
            [0, 1, 5, 20].map(|a| field(Table::Holding, a, Kind::U16)).to_vec();
        assert_eq!(ranges(&plan(&fields, limits(125, 3))), [(0, 6), (20, 1)]);
        assert_eq!(ranges(&plan(&fields, limits(125, 0))), [(0, 2), (5, 1), (20, 1)]);
    }

    #[test]
    fn no_field_is_torn_apart_at_the_limit() {
        let fields: Vec<Field> = (0..10).map(|n| field(Table::Holding, n * 4, Kind::F64)).collect();
        for block in plan(&fields, limits(10, 0)) {
            assert!(block.count <= 10 && block.count.is_multiple_of(4));
        }
        let all: usize = plan(&fields, limits(10, 0)).iter().map(|b| b.fields.len()).sum();
        assert_eq!(all, 10);
    }

    #[test]
    fn tables_are_never_mixed_and_the_last_address_can_be_read() {
        let fields =
            [field(Table::Input, 65_535, Kind::U16), field(Table::Coil, 65_535, Kind::U16)];
        assert_eq!(ranges(&plan(&fields, limits(125, 8))), [(65_535, 1), (65_535, 1)]);
    }

    #[test]
    fn fields_over_the_same_register_stay_together_when_a_block_is_split() {
        let fields = [
            field(Table::Holding, 0, Kind::U16),
            field(Table::Holding, 1, Kind::U16),
            field(Table::Holding, 1, Kind::U32),
            field(Table::Holding, 2, Kind::U16),
        ];
        let blocks = plan(&fields, limits(125, 0));
        let (left, right) = blocks[0].split(&fields).unwrap();
        assert_eq!(ranges(&[left, right.clone()]), [(0, 1), (1, 2)]);
        assert_eq!(right.split(&fields), None);
    }
}
