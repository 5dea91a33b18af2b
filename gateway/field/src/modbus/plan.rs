//! Which requests read all fields of a unit: neighbours together, no field torn apart.

use gengfu_core::time::Span;

use super::field::{Field, Table};
use crate::profile::Knobs;

/// What a device allows in one request.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Registers, 1 to 125.
    pub registers: u16,
    /// Coils or discrete inputs, 1 to 2,000.
    pub bits: u16,
    /// Unused addresses that are read along to save a request.
    pub hole: u16,
    /// Each field has a request of its own.
    pub one_by_one: bool,
}

impl From<&Knobs> for Limits {
    fn from(knobs: &Knobs) -> Self {
        Self {
            registers: knobs.max_registers,
            bits: knobs.max_bits,
            hole: knobs.max_hole,
            one_by_one: knobs.one_by_one,
        }
    }
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
    /// Time from one poll to the next, where it is not the unit's own.
    pub poll: Option<Span>,
}

impl Block {
    fn of(fields: &[Field], members: Vec<usize>) -> Option<Self> {
        let first = &fields[*members.first()?];
        let start = members.iter().map(|i| fields[*i].address).min()?;
        let end = members.iter().map(|i| fields[*i].end()).max()?;
        let count = u16::try_from(end - u32::from(start)).ok()?;
        Some(Self { table: first.table, start, count, poll: first.poll, fields: members })
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

/// The requests that read all `fields`; those with a poll of their own apart from the others.
pub fn plan(fields: &[Field], limits: Limits) -> Vec<Block> {
    let mut order: Vec<usize> = (0..fields.len()).collect();
    order
        .sort_by_key(|i| (fields[*i].poll, fields[*i].table, fields[*i].address, fields[*i].end()));
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let (mut start, mut end) = (0_u32, 0_u32);
    for i in order {
        let field = &fields[i];
        let (from, to) = (u32::from(field.address), field.end());
        let most = if field.table.is_bits() { limits.bits } else { limits.registers };
        let joins = groups.last().is_some_and(|group| {
            !limits.one_by_one
                && fields[group[0]].poll == field.poll
                && fields[group[0]].table == field.table
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
    use proptest::prelude::*;

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
            poll: None,
            write: None,
        }
    }

    fn limits(registers: u16, hole: u16) -> Limits {
        Limits { registers, bits: 2_000, hole, one_by_one: false }
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

    #[test]
    fn a_class_with_a_clock_of_its_own_shares_no_request() {
        let mut fields: Vec<Field> = (0..4).map(|n| field(Table::Holding, n, Kind::U16)).collect();
        fields[1].poll = Some(Span::hours(1));
        fields[3].poll = Some(Span::hours(1));
        let blocks = plan(&fields, limits(125, 8));
        assert_eq!(ranges(&blocks), [(0, 3), (1, 3)]);
        assert_eq!((blocks[0].poll, blocks[1].poll), (None, Some(Span::hours(1))));
    }

    /// A field of any kind, anywhere.
    fn any_field() -> impl Strategy<Value = Field> {
        let tables = [Table::Coil, Table::Discrete, Table::Holding, Table::Input];
        let kinds = [Kind::U16, Kind::U32, Kind::F32, Kind::F64, Kind::Text];
        let polls = [None, None, Some(Span::millis(50)), Some(Span::hours(6))];
        let (table, kind, poll) = (
            prop::sample::select(tables.to_vec()),
            prop::sample::select(kinds.to_vec()),
            prop::sample::select(polls.to_vec()),
        );
        // Close together, so that fields overlap, and at both ends of the addresses.
        let address = prop_oneof![0..300_u16, 65_000..65_500_u16];
        (table, kind, poll, address, 1..=10_u16).prop_map(|(table, kind, poll, address, text)| {
            let length = match kind {
                _ if table.is_bits() => 1,
                Kind::Text => text,
                kind => kind.registers(),
            };
            Field { length, poll, ..field(table, address, kind) }
        })
    }

    proptest! {
        /// Every field is read exactly once and whole, within what the device allows.
        #[test]
        fn a_plan_reads_all_of_any_profile(
            fields in prop::collection::vec(any_field(), 0..80),
            registers in 10..=125_u16,
            bits in 1..=2_000_u16,
            hole in 0..=20_u16,
            one_by_one: bool,
        ) {
            let limits = Limits { registers, bits, hole, one_by_one };
            let blocks = plan(&fields, limits);
            let mut read: Vec<usize> = blocks.iter().flat_map(|b| b.fields.clone()).collect();
            read.sort_unstable();
            prop_assert_eq!(read, (0..fields.len()).collect::<Vec<_>>());
            for block in &blocks {
                let most = if block.table.is_bits() { bits } else { registers };
                prop_assert!((1..=most).contains(&block.count));
                prop_assert!(!one_by_one || block.fields.len() == 1);
                let end = u32::from(block.start) + u32::from(block.count);
                let mut covered = u32::from(block.start);
                for field in block.fields.iter().map(|i| &fields[*i]) {
                    prop_assert!(field.table == block.table && field.poll == block.poll);
                    prop_assert!(field.address >= block.start && field.end() <= end);
                    prop_assert!(u32::from(field.address) <= covered + u32::from(hole));
                    covered = covered.max(field.end());
                }
                prop_assert_eq!(covered, end, "nothing is read behind the last field");
                if let Some((left, right)) = block.split(&fields) {
                    prop_assert_eq!([left.fields, right.fields].concat(), block.fields.clone());
                }
            }
        }
    }
}
