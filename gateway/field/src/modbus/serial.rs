//! A serial port that questions go out of and answers come in at.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt,
    time::Duration,
};

use serial2_tokio::SerialPort;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_modbus::ExceptionCode;

use super::{
    connection::{Failure, Values},
    frame,
    line::{Serial, UNITS},
    plan::Block,
    write::{self, Write},
};

/// After a failure the line is believed quiet once it was so for this long and 3.5 characters:
/// adapters on USB hand on what they hear every 16 ms only.
const SETTLE: Duration = Duration::from_millis(100);
/// A line that is never quiet is asked on all the same after this long.
const BABBLE: Duration = Duration::from_secs(1);
/// Twice the longest frame: no more than that is kept of what was heard.
const KEPT: usize = 512;

/// Open a terminal without becoming its session's (POSIX `O_NOCTTY`), and without waiting for a carrier
/// (`O_NONBLOCK`); the numbers are Linux'.
const QUIETLY: i32 = 0o400 | 0o4000;

pub(super) struct Port {
    serial: SerialPort,
    line: Serial,
    /// The adapter hears what it sends; none while nothing has shown it.
    echoes: Option<bool>,
    /// Held so that no second program asks on the same line: two masters garble each other.
    _lock: File,
}

impl Port {
    pub fn open(line: &Serial) -> io::Result<Self> {
        let lock = OpenOptions::new().read(true).custom_flags(QUIETLY).open(&line.device)?;
        lock.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => {
                io::Error::new(io::ErrorKind::ResourceBusy, "another program uses this port")
            }
            TryLockError::Error(error) => error,
        })?;
        let serial = SerialPort::open(&line.device, |settings| line.settings(settings))?;
        Ok(Self { serial, line: line.clone(), echoes: None, _lock: lock })
    }

    /// The silence before each question.
    pub fn pause(&self) -> Duration {
        self.line.pause()
    }

    /// Whether the adapter hears what it sends, where something was heard that shows it: then the answer to
    /// functions 5 and 6, which repeats the question, stands behind the echo of that.
    pub fn echoes(&self) -> Option<bool> {
        self.echoes
    }

    /// Asks for a block; `limit` is what the unit may take beside the time on the wire.
    pub async fn ask(
        &mut self,
        unit: u8,
        block: &Block,
        limit: Duration,
    ) -> Result<Result<Values, ExceptionCode>, Failure> {
        let question = frame::question(unit, block);
        let (length, heard) = (frame::length(block), |h: &[u8]| frame::answer(h, &question, block));
        let spoiled = |h: &[u8]| frame::is_spoiled(h, &question);
        self.exchange(&question, length, limit, heard, spoiled).await
    }

    /// Writes, and waits until the unit says that it was written.
    pub async fn write(
        &mut self,
        unit: u8,
        write: &Write,
        limit: Duration,
    ) -> Result<Result<(), ExceptionCode>, Failure> {
        if !UNITS.contains(&unit) {
            return Err(Failure::Garbled(format!("unit {unit} is no single device of the line")));
        }
        let (question, answer) = write.frames(unit);
        let echoes = self.echoes == Some(true);
        let heard = |h: &[u8]| write::said(h, &question, &answer, echoes);
        self.exchange(&question, answer.len() + frame::CRC, limit, heard, |_| false).await
    }

    /// Sends a question, and listens until an answer of `length` bytes is found in what is heard.
    async fn exchange<T>(
        &mut self,
        question: &[u8],
        length: usize,
        limit: Duration,
        find: impl Fn(&[u8]) -> Option<T>,
        is_spoiled: impl Fn(&[u8]) -> bool,
    ) -> Result<T, Failure> {
        // What came since the last answer belongs to nothing that is still asked.
        self.serial.discard_input_buffer().map_err(|e| lost(&e))?;
        let bytes = u32::try_from(question.len() + length).unwrap_or(u32::MAX);
        let end = Instant::now() + self.line.transmission(bytes) + limit;
        timeout_at(end, self.serial.write_all(question))
            .await
            .map_err(|_| Failure::Lost("the port takes nothing any more".into()))?
            .map_err(|e| lost(&e))?;
        let (mut heard, mut is_whole) = (Vec::new(), true);
        // A line that babbles always has something to read: the clock counts nevertheless.
        while Instant::now() < end {
            let mut bytes = [0; 256];
            let Ok(read) = timeout_at(end, self.serial.read(&mut bytes)).await else { break };
            match read.map_err(|e| lost(&e))? {
                0 => return Err(Failure::Lost("the port is gone".into())),
                count => heard.extend_from_slice(&bytes[..count]),
            }
            if let Some(answer) = find(&heard) {
                self.learn(question, length, &heard, is_whole);
                return Ok(answer);
            }
            is_whole &= heard.len() <= KEPT;
            heard.drain(..heard.len().saturating_sub(KEPT));
        }
        self.learn(question, length, &heard, is_whole);
        if is_spoiled(&heard) {
            return Err(Failure::Garbled("a damaged answer, or not the one asked for".into()));
        }
        Err(Failure::Silence(format!("no answer within {limit:?}")))
    }

    /// Learns whether the adapter hears itself from all that was heard after a question. An answer of the
    /// question's length may be the question's twin, and shows nothing.
    fn learn(&mut self, question: &[u8], length: usize, heard: &[u8], is_whole: bool) {
        if length == question.len() || !is_whole {
            return;
        }
        if heard.starts_with(question) {
            self.echoes = Some(true);
        } else if heard.is_empty() || heard.starts_with(&question[..1]) {
            // Nothing, or the unit's answer at once. An echo that was damaged is told from it by the next
            // question; one that was heard once is expected from then on.
            self.echoes = self.echoes.or(Some(false));
        }
    }

    /// Hears out whatever is still on its way; false where the port is gone.
    pub async fn settle(&self) -> bool {
        let quiet = self.pause() + SETTLE;
        let end = Instant::now() + BABBLE;
        let mut bytes = [0; 256];
        while Instant::now() < end {
            match timeout(quiet, self.serial.read(&mut bytes)).await {
                Err(_) => return true,
                Ok(Ok(0) | Err(_)) => return false,
                Ok(Ok(_)) => {}
            }
        }
        true
    }
}

fn lost(e: &io::Error) -> Failure {
    Failure::Lost(format!("the port is gone: {e}"))
}
