//! Asks a bus by hand, and says what comes of it in words that somebody at the cabinet can act on.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{IsTerminal, Write},
    ops::RangeInclusive,
    time::Duration,
};

use anyhow::{Context, bail};
use gengfu_field::modbus::{
    connection::{Connection, Failure, Values},
    field::Table,
    line::{Line, UNITS},
    plan::Block,
};
use tokio::time::{Instant, sleep};

use super::{BusArgs, Range, TableName};

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(3);

/// A bus that is asked by hand.
pub(super) struct Asker {
    line: Line,
    connection: Option<Connection>,
}

impl Asker {
    /// Reached once, so that a wrong address is told at once.
    pub async fn new(bus: &BusArgs) -> anyhow::Result<Self> {
        let mut asker = Self { line: bus.line(), connection: None };
        asker.connect().await?;
        Ok(asker)
    }

    async fn connect(&mut self) -> anyhow::Result<&mut Connection> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::open(&self.line, CONNECT, Duration::ZERO, Default::default())
                .await
                .with_context(|| {
                    format!("{} can't be reached; {}", self.line, self.line.advice())
                })?,
        };
        Ok(self.connection.insert(connection))
    }

    /// Asks for a block; a connection that failed is replaced at the next question.
    async fn ask(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
    ) -> anyhow::Result<Result<Values, Failure>> {
        if matches!(self.line, Line::Serial(_)) && !UNITS.contains(&unit) {
            bail!(
                "there is no unit {unit} on a serial line; write --unit 1 to 247, as the device is set"
            );
        }
        let connection = self.connect().await?;
        let answer = connection.read(unit, block, limit, Duration::ZERO).await;
        if let Err(failure) = &answer
            && !connection.recover(failure).await
        {
            self.connection = None;
        }
        Ok(answer)
    }

    pub async fn scan(
        &mut self,
        units: RangeInclusive<u8>,
        limit: Duration,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let (shows, last) = (std::io::stderr().is_terminal(), *units.end());
        let block = Block { table: Table::Holding, start: 0, count: 1, fields: vec![], poll: None };
        let mut found = 0;
        for unit in units {
            if shows {
                eprint!("\runit {unit} of {last}, {found} found ");
            }
            let asked = Instant::now();
            let said = match self.ask(unit, &block, limit).await? {
                Ok(Values::Registers(words)) => {
                    format!("holding register 0 is {:#06x}", words.first().copied().unwrap_or(0))
                }
                Ok(Values::Bits(_)) => continue,
                // A gateway's word that there is nobody behind it.
                Err(Failure::Exception(code)) if matches!(u8::from(code), 10 | 11) => continue,
                // Some gateways say this of a unit that is not there.
                Err(Failure::Exception(code)) if u8::from(code) == 4 => {
                    format!(
                        "answers with a failure: exception 4, {code}; the unit's own, or that of a gateway that finds none"
                    )
                }
                Err(Failure::Exception(code)) => {
                    format!("it is there: exception {}, {code}", u8::from(code))
                }
                Err(Failure::Garbled(why)) => {
                    format!(
                        "something answers, {why}: two units of one number, or another baud rate?"
                    )
                }
                Err(Failure::Silence(_)) => continue,
                Err(Failure::Lost(why)) => bail!("{}: {why}; {}", self.line, self.line.advice()),
            };
            found += 1;
            if shows {
                eprint!("\r{:40}\r", "");
            }
            writeln!(out, "unit {unit}: {said} ({} ms)", asked.elapsed().as_millis())?;
        }
        if shows {
            eprint!("\r{:40}\r", "");
        }
        if found == 0 {
            bail!("no unit answers at {}; {}", self.line, self.silence());
        }
        writeln!(out, "{found} found")?;
        Ok(())
    }

    /// What to look at where nobody answers.
    fn silence(&self) -> &'static str {
        match self.line {
            Line::Tcp { .. } => {
                "check the units' numbers, the line behind the gateway, and try --timeout 1s"
            }
            Line::Serial(_) => {
                "check that A and B are not swapped, baud rate and parity of the units, their power and their \
                 numbers, and try --timeout 1s"
            }
        }
    }

    /// Reads a range in as many requests as it takes; a row by address.
    pub async fn rows(&mut self, range: &Range) -> anyhow::Result<BTreeMap<u16, String>> {
        let table = Table::from(range.table);
        let end = u32::from(range.address) + u32::from(range.count);
        if end > 0x1_0000 {
            bail!("the range reaches past address 65,535; take fewer");
        }
        let mut words = Vec::new();
        let mut bits = Vec::new();
        let mut left = range.count;
        while left > 0 {
            let start = range.address + (range.count - left);
            let block =
                Block { table, start, count: left.min(table.most()), fields: vec![], poll: None };
            match self.ask(range.unit, &block, range.timeout).await? {
                Ok(Values::Registers(more)) => words.extend(more),
                Ok(Values::Bits(more)) => bits.extend(more),
                Err(failure) => bail!("{}", self.mistake(range, &block, &failure)),
            }
            left -= block.count;
        }
        let bit = |at: u16, bit: &bool| (at, format!("{at:#06x} {at:>6}  {}", u8::from(*bit)));
        let row = |at: u16, pair: &[u16]| (at, registers(at, pair));
        Ok(match table.is_bits() {
            true => (range.address..).zip(&bits).map(|(at, b)| bit(at, b)).collect(),
            false => (0..words.len())
                .map(|n| &words[n..words.len().min(n + 2)])
                .zip(range.address..=u16::MAX)
                .map(|(pair, at)| row(at, pair))
                .collect(),
        })
    }

    fn mistake(&self, range: &Range, block: &Block, failure: &Failure) -> String {
        let what = format!(
            "unit {} at {}, {:?} {} to {}",
            range.unit,
            self.line,
            block.table,
            block.start,
            u32::from(block.start) + u32::from(block.count) - 1
        );
        match failure {
            Failure::Exception(code) => {
                let advice = match u8::from(*code) {
                    1 => "it does not know this table: try another --table",
                    2 | 3 => "it has not all of these addresses: take fewer, or begin elsewhere",
                    6 => "it is busy: try again",
                    10 | 11 => "the gateway does not find the unit: check its number and its line",
                    _ => "the device itself has a fault: look at its manual",
                };
                format!("{what}: exception {}, {code}; {advice}", u8::from(*code))
            }
            Failure::Silence(why) => format!("{what}: {why}; {}", self.silence()),
            Failure::Garbled(why) => {
                format!("{what}: {why}; two units of one number, another baud rate, or a bad line?")
            }
            Failure::Lost(why) => format!("{what}: {why}; {}", self.line.advice()),
        }
    }

    pub async fn watch(
        &mut self,
        range: &Range,
        every: Duration,
        times: Option<u64>,
        out: &mut impl Write,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        let mut before = BTreeMap::new();
        let mut complaint = String::new();
        let mut round = 0;
        writeln!(out, "   after  {}", head(range.table))?;
        while times.is_none_or(|times| round < times) {
            if round > 0 {
                sleep(every).await;
            }
            round += 1;
            let after = begun.elapsed().as_secs_f64();
            match self.rows(range).await {
                Ok(rows) => {
                    if !std::mem::take(&mut complaint).is_empty() {
                        writeln!(out, "{after:>7.1}s  the device answers again")?;
                    }
                    for (at, row) in &rows {
                        if before.get(at) != Some(row) {
                            writeln!(out, "{after:>7.1}s  {row}")?;
                        }
                    }
                    before = rows;
                }
                Err(error) => {
                    let says = format!("{error:#}");
                    if says != complaint {
                        writeln!(out, "{after:>7.1}s  {says}")?;
                        complaint = says;
                    }
                    // A late answer to one part of the range must not pass for another part.
                    sleep(self.line.rest_after_silence().to_std()).await;
                }
            }
            out.flush()?;
        }
        Ok(())
    }
}

pub(super) fn head(table: TableName) -> &'static str {
    if Table::from(table).is_bits() {
        "hex    address  bit"
    } else {
        "hex    address  word      u16     i16  f32 with the next, and swapped"
    }
}

/// A register, and the number that it makes with the next one.
fn registers(at: u16, pair: &[u16]) -> String {
    let first = pair.first().copied().unwrap_or_default();
    let mut row = format!("{at:#06x} {at:>7}  {first:#06x} {first:>6} {:>7}", first.cast_signed());
    if let [high, low] = pair {
        let float = |high: u16, low: u16| f32::from_bits(u32::from(high) << 16 | u32::from(low));
        // Writing to a string can't fail.
        let _ = write!(row, "  {:e} {:e}", float(*high, *low), float(*low, *high));
    }
    row
}
