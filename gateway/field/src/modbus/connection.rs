//! One TCP connection to a bus, and what can come of a request over it.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_modbus::{
    Error, ExceptionCode, Slave,
    client::{Client, Context, tcp},
    prelude::{Request, Response, SlaveContext},
};

use super::{
    counters::{Counters, count},
    field::Table,
    plan::Block,
};

/// The values of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Values {
    Bits(Vec<bool>),
    Registers(Vec<u16>),
}

/// Why a request has no values.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The device says why.
    #[error("exception: {0}")]
    Exception(ExceptionCode),
    /// No answer in time, or the connection broke.
    #[error("{0}")]
    Silence(String),
    /// An answer to something else, or to nothing.
    #[error("garbled: {0}")]
    Garbled(String),
}

impl Failure {
    /// A late answer may still come and be taken for the next request's: nothing more may be asked
    /// over this connection.
    pub fn spoils_the_connection(&self) -> bool {
        !matches!(self, Failure::Exception(_))
    }
}

pub(super) struct Connection {
    context: Context,
    last: Instant,
    counters: Arc<Counters>,
}

impl Connection {
    pub async fn open(
        host: &str,
        port: u16,
        limit: Duration,
        settle: Duration,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let stream = timeout(limit, TcpStream::connect((host, port)))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        tokio::time::sleep(settle).await;
        count(&counters.connections);
        let context = tcp::attach_slave(stream, Slave(0));
        // The pause between requests does not hold before the first one.
        let last = Instant::now().checked_sub(Duration::from_secs(60)).unwrap_or_else(Instant::now);
        Ok(Self { context, last, counters })
    }

    /// Asks a unit for a block. A unit that says "busy" is asked once more at once: nothing else
    /// that it can say gets better by asking again.
    pub async fn read(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
        pause: Duration,
    ) -> Result<Values, Failure> {
        match self.ask(unit, block, limit, pause).await {
            Err(Failure::Exception(ExceptionCode::ServerDeviceBusy)) => {
                self.ask(unit, block, limit, pause).await
            }
            other => other,
        }
    }

    async fn ask(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
        pause: Duration,
    ) -> Result<Values, Failure> {
        sleep_until(self.last + pause).await;
        count(&self.counters.requests);
        self.context.set_slave(Slave(unit));
        let answer = timeout(limit, self.context.call(request(block))).await;
        self.last = Instant::now();
        let result = match answer {
            Err(_) => Err(Failure::Silence(format!("no answer within {limit:?}"))),
            Ok(Err(Error::Protocol(e))) => Err(Failure::Garbled(e.to_string())),
            Ok(Err(Error::Transport(e))) => Err(broken(&e)),
            Ok(Ok(Err(exception))) => Err(Failure::Exception(exception)),
            Ok(Ok(Ok(response))) => values(block, response),
        };
        count(match &result {
            Ok(_) => &self.counters.answers,
            Err(Failure::Exception(_)) => &self.counters.exceptions,
            Err(Failure::Silence(_)) => &self.counters.timeouts,
            Err(Failure::Garbled(_)) => &self.counters.garbled,
        });
        result
    }
}

fn request(block: &Block) -> Request<'static> {
    match block.table {
        Table::Coil => Request::ReadCoils(block.start, block.count),
        Table::Discrete => Request::ReadDiscreteInputs(block.start, block.count),
        Table::Holding => Request::ReadHoldingRegisters(block.start, block.count),
        Table::Input => Request::ReadInputRegisters(block.start, block.count),
    }
}

/// Only an answer of exactly the size that was asked for holds values.
fn values(block: &Block, response: Response) -> Result<Values, Failure> {
    let count = usize::from(block.count);
    let wrong = |got: usize| Failure::Garbled(format!("asked for {count} values, got {got}"));
    match response {
        Response::ReadCoils(mut bits) | Response::ReadDiscreteInputs(mut bits) => {
            // Bits come in whole bytes.
            if bits.len() != count.div_ceil(8) * 8 {
                return Err(wrong(bits.len()));
            }
            bits.truncate(count);
            Ok(Values::Bits(bits))
        }
        Response::ReadHoldingRegisters(words) | Response::ReadInputRegisters(words) => {
            if words.len() == count {
                Ok(Values::Registers(words))
            } else {
                Err(wrong(words.len()))
            }
        }
        _ => Err(Failure::Garbled("an answer to another function".into())),
    }
}

/// A frame that can't be read is told from a line that broke.
fn broken(e: &io::Error) -> Failure {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
    match e.kind() {
        InvalidData | InvalidInput | Other | UnexpectedEof => Failure::Garbled(e.to_string()),
        _ => Failure::Silence("the connection was closed".into()),
    }
}
