//! One connection to a bus, and what can come of a request over it.

use std::{io, sync::Arc, time::Duration};

use gengfu_core::point::{NoData, Sample};
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
    field::{Field, Table},
    line::Line,
    plan::Block,
    serial::Port,
    write::Write,
};

/// A unit that says "busy" is asked so often at once.
const BUSY_TRIES: u32 = 3;

/// The values of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// Of coils or discrete inputs.
    Bits(Vec<bool>),
    /// Of registers.
    Registers(Vec<u16>),
}

impl Values {
    /// What a field says whose first bit or register is the `from`th of them.
    pub fn sample(&self, field: &Field, from: usize) -> Sample {
        let sample = match self {
            Values::Bits(bits) => bits.get(from).map(|bit| field.read_bit(*bit)),
            Values::Registers(words) => {
                words.get(from..from + usize::from(field.length)).map(|w| field.read(w))
            }
        };
        sample.unwrap_or(Err(NoData::Garbled))
    }
}

/// Why a request has no values.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The device says why.
    #[error("exception: {0}")]
    Exception(ExceptionCode),
    /// No answer in time, or the connection broke.
    #[error("{0}")]
    Silence(String),
    /// An answer to something else, or to nothing.
    #[error("garbled: {0}")]
    Garbled(String),
    /// The serial port itself is gone.
    #[error("{0}")]
    Lost(String),
}

enum Wire {
    Tcp(Context),
    Serial(Port),
}

/// A connection to a bus. It asks one thing at a time.
pub struct Connection {
    wire: Wire,
    last: Instant,
    counters: Arc<Counters>,
}

impl Connection {
    /// Connects, or opens the port, and waits for `settle`.
    ///
    /// # Errors
    /// Where that fails, or takes longer than `limit`.
    pub async fn open(
        line: &Line,
        limit: Duration,
        settle: Duration,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let wire = match line {
            Line::Tcp { host, port } => {
                let stream = timeout(limit, TcpStream::connect((host.as_str(), *port)))
                    .await
                    .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
                stream.set_nodelay(true)?;
                Wire::Tcp(tcp::attach_slave(stream, Slave(0)))
            }
            Line::Serial(serial) => Wire::Serial(Port::open(serial)?),
        };
        tokio::time::sleep(settle).await;
        count(&counters.connections);
        // The pause between requests does not hold before the first one.
        let last = Instant::now().checked_sub(Duration::from_secs(60)).unwrap_or_else(Instant::now);
        Ok(Self { wire, last, counters })
    }

    /// Asks a unit for a block, `pause` after its last answer. A unit that says "busy" is asked again
    /// at once, up to three times in all: nothing else that it can say gets better by asking again.
    ///
    /// # Errors
    /// Where there are no values, with the reason. [`Self::recover`] comes next then.
    pub async fn read(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
        pause: Duration,
    ) -> Result<Values, Failure> {
        for _ in 1..BUSY_TRIES {
            match self.ask(unit, block, limit, pause).await {
                Err(Failure::Exception(ExceptionCode::ServerDeviceBusy)) => {}
                other => return other,
            }
        }
        self.ask(unit, block, limit, pause).await
    }

    /// Writes to a unit; "busy" is asked again as with [`Self::read`].
    ///
    /// # Errors
    /// Where the unit did not say that it was written, with the reason.
    pub(super) async fn write(
        &mut self,
        unit: u8,
        write: &Write,
        limit: Duration,
        pause: Duration,
    ) -> Result<(), Failure> {
        let mut result = Ok(());
        for _ in 0..BUSY_TRIES {
            self.rest(pause).await;
            count(&self.counters.writes);
            result = match &mut self.wire {
                Wire::Tcp(context) => write_tcp(context, unit, write, limit).await,
                Wire::Serial(port) => match port.write(unit, write, limit).await {
                    Ok(answer) => answer.map_err(Failure::Exception),
                    Err(failure) => Err(failure),
                },
            };
            self.last = Instant::now();
            if !matches!(result, Err(Failure::Exception(ExceptionCode::ServerDeviceBusy))) {
                break;
            }
        }
        result
    }

    /// Whether an answer to function 5 or 6 could be the question's own echo: over TCP never, on a serial
    /// line where the adapter hears itself, or where it is not known yet.
    pub(super) fn may_hear_itself(&self) -> Option<bool> {
        match &self.wire {
            Wire::Tcp(_) => Some(false),
            Wire::Serial(port) => port.echoes(),
        }
    }

    /// Makes sure that a late answer is not taken for the next request's; false where that takes
    /// another connection. A TCP connection goes with anything but a proper answer; a serial line is
    /// left quiet and what still comes is thrown away.
    pub async fn recover(&mut self, failure: &Failure) -> bool {
        match (failure, &self.wire) {
            (Failure::Exception(_), _) => true,
            (Failure::Lost(_), _) | (_, Wire::Tcp(_)) => false,
            (_, Wire::Serial(port)) => port.settle().await,
        }
    }

    /// Waits until the last answer is `pause` ago.
    async fn rest(&mut self, pause: Duration) {
        let pause = match &self.wire {
            Wire::Tcp(_) => pause,
            Wire::Serial(port) => pause.max(port.pause()),
        };
        sleep_until(self.last + pause).await;
    }

    async fn ask(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
        pause: Duration,
    ) -> Result<Values, Failure> {
        self.rest(pause).await;
        count(&self.counters.requests);
        let result = match &mut self.wire {
            Wire::Tcp(context) => ask_tcp(context, unit, block, limit).await,
            Wire::Serial(port) => match port.ask(unit, block, limit).await {
                Ok(answer) => answer.map_err(Failure::Exception),
                Err(failure) => Err(failure),
            },
        };
        self.last = Instant::now();
        count(match &result {
            Ok(_) => &self.counters.answers,
            Err(Failure::Exception(_)) => &self.counters.exceptions,
            Err(Failure::Silence(_) | Failure::Lost(_)) => &self.counters.timeouts,
            Err(Failure::Garbled(_)) => &self.counters.garbled,
        });
        result
    }
}

async fn ask_tcp(
    context: &mut Context,
    unit: u8,
    block: &Block,
    limit: Duration,
) -> Result<Values, Failure> {
    context.set_slave(Slave(unit));
    match timeout(limit, context.call(request(block))).await {
        Err(_) => Err(Failure::Silence(format!("no answer within {limit:?}"))),
        Ok(Err(Error::Protocol(e))) => Err(Failure::Garbled(e.to_string())),
        Ok(Err(Error::Transport(e))) => Err(broken(&e)),
        Ok(Ok(Err(exception))) => Err(Failure::Exception(exception)),
        Ok(Ok(Ok(response))) => values(block, response),
    }
}

async fn write_tcp(
    context: &mut Context,
    unit: u8,
    write: &Write,
    limit: Duration,
) -> Result<(), Failure> {
    context.set_slave(Slave(unit));
    match timeout(limit, context.call(write.request())).await {
        Err(_) => Err(Failure::Silence(format!("no answer within {limit:?}"))),
        Ok(Err(Error::Protocol(e))) => Err(Failure::Garbled(e.to_string())),
        Ok(Err(Error::Transport(e))) => Err(broken(&e)),
        Ok(Ok(Err(exception))) => Err(Failure::Exception(exception)),
        Ok(Ok(Ok(response))) if write.is_answered_by(&response) => Ok(()),
        Ok(Ok(Ok(_))) => Err(Failure::Garbled("an answer to another write".into())),
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
