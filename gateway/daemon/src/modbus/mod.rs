//! `gengfu modbus`: looks at a Modbus bus by hand, over the network or at a serial port. It only reads.

mod asker;

use std::{io::Write, path::PathBuf, time::Duration};

use anyhow::bail;
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use gengfu_field::modbus::{
    field::Table,
    line::{Line, Parity, Serial},
};
use jiff::SignedDuration;

use asker::Asker;

/// What can be looked at.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask every unit of a bus, and tell which ones answer, and how
    Scan {
        /// The bus
        #[command(flatten)]
        bus: BusArgs,
        /// The first unit
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=247))]
        from: u8,
        /// The last unit
        #[arg(long, default_value_t = 247, value_parser = clap::value_parser!(u8).range(1..=247))]
        to: u8,
        /// Longest wait for each
        #[arg(long, default_value = "200ms", value_parser = length)]
        timeout: Duration,
    },
    /// Read a range once, and show it as numbers of several kinds
    Read {
        /// The bus
        #[command(flatten)]
        bus: BusArgs,
        /// The range
        #[command(flatten)]
        range: Range,
    },
    /// Read a range again and again, and show what changes; Ctrl-C ends it
    Watch {
        /// The bus
        #[command(flatten)]
        bus: BusArgs,
        /// The range
        #[command(flatten)]
        range: Range,
        /// Time from one reading to the next
        #[arg(long, default_value = "1s", value_parser = length)]
        every: Duration,
        /// End after so many readings
        #[arg(long)]
        times: Option<u64>,
    },
}

/// Where the bus is.
#[derive(Debug, Args)]
#[group(skip)]
#[command(group = ArgGroup::new("where").required(true).args(["host", "device"]))]
pub struct BusArgs {
    /// Modbus TCP: the host's name or address
    #[arg(long)]
    pub host: Option<String>,
    /// Modbus TCP: the port
    #[arg(long, default_value_t = crate::config::modbus::PORT, conflicts_with = "device")]
    pub port: u16,
    /// Modbus RTU: the serial port, as /dev/serial/by-id/…; no running gateway may use it
    #[arg(long, conflicts_with = "host")]
    pub device: Option<PathBuf>,
    /// Modbus RTU: bits a second
    #[arg(long, default_value_t = 9_600)]
    pub baud: u32,
    /// Modbus RTU: the parity bit
    #[arg(long, value_enum, default_value_t = ParityBit::None)]
    pub parity: ParityBit,
    /// Modbus RTU: stop bits
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub stop_bits: u8,
}

/// A parity bit, as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ParityBit {
    /// There is none
    None,
    /// Even
    Even,
    /// Odd
    Odd,
}

/// What is read.
#[derive(Debug, Args)]
pub struct Range {
    /// The unit, 1 to 247 on a serial line
    #[arg(long, default_value_t = 1)]
    pub unit: u8,
    /// The table
    #[arg(long, value_enum, default_value_t = TableName::Holding)]
    pub table: TableName,
    /// The first address, from 0 as on the wire; 0x101B is understood
    #[arg(long, default_value = "0", value_parser = address)]
    pub address: u16,
    /// How many
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    pub count: u16,
    /// Longest wait for an answer
    #[arg(long, default_value = "1s", value_parser = length)]
    pub timeout: Duration,
}

/// A table, as it is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TableName {
    /// Function code 1
    Coil,
    /// Function code 2
    Discrete,
    /// Function code 3
    Holding,
    /// Function code 4
    Input,
}

fn address(text: &str) -> Result<u16, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(hex) => u16::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "write 0 to 65535, or 0x0000 to 0xFFFF".into())
}

/// A length of time as people write it.
fn length(text: &str) -> Result<Duration, String> {
    let length = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    length.ok_or_else(|| "write 200ms, 1s or 5m".into())
}

impl BusArgs {
    fn line(&self) -> Line {
        match (&self.host, &self.device) {
            (_, Some(device)) => Line::Serial(Serial {
                device: device.clone(),
                baud: self.baud,
                parity: match self.parity {
                    ParityBit::None => Parity::None,
                    ParityBit::Even => Parity::Even,
                    ParityBit::Odd => Parity::Odd,
                },
                stop_bits: self.stop_bits,
            }),
            (host, None) => Line::Tcp { host: host.clone().unwrap_or_default(), port: self.port },
        }
    }
}

impl From<TableName> for Table {
    fn from(name: TableName) -> Self {
        match name {
            TableName::Coil => Table::Coil,
            TableName::Discrete => Table::Discrete,
            TableName::Holding => Table::Holding,
            TableName::Input => Table::Input,
        }
    }
}

/// Does it, and writes to `out` what it finds.
///
/// # Errors
/// Where the bus can't be reached, or nothing can be read, with what to look at.
pub async fn run(command: &Command, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Command::Scan { from, to, .. } if from > to => {
            bail!("there is no unit from {from} to {to}; write --from {to} --to {from}")
        }
        Command::Scan { bus, from, to, timeout } => {
            Asker::new(bus).await?.scan(*from..=*to, *timeout, out).await
        }
        Command::Read { bus, range, .. } => {
            let rows = Asker::new(bus).await?.rows(range).await?;
            writeln!(out, "{}", asker::head(range.table))?;
            rows.values().try_for_each(|row| writeln!(out, "{row}"))?;
            Ok(())
        }
        Command::Watch { bus, range, every, times } => {
            Asker::new(bus).await?.watch(range, *every, *times, out).await
        }
    }
}
