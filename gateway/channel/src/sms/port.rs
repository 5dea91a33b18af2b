//! The line to a modem: commands and their answers, with what the modem says unasked kept aside.
//! 3GPP TS 27.005 and 27.007.

use std::{collections::VecDeque, fmt::Write as _, path::Path, time::Duration};

use serial2_tokio::SerialPort;
use tokio::time::{Instant, timeout, timeout_at};

/// An ordinary command is answered within this.
pub(super) const COMMAND: Duration = Duration::from_secs(5);
/// The network takes a message within this; a part that it does not leaves time to say so.
const NETWORK: Duration = Duration::from_secs(12);
/// A modem that says nothing for so long has no more to say of what it was asked before.
const QUIET: Duration = Duration::from_millis(200);
/// No line is longer, in bytes: what is, is noise.
const LONGEST: usize = 2_048;

/// What a modem says unasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    /// A text or a report lies in a memory, at this place.
    Stored { memory: String, index: u16 },
    /// Here it is.
    Pdu(Vec<u8>),
    /// What a carrier says to a short code that was dialled.
    Ussd(String),
}

/// Why a command came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The modem is gone, or says nothing any more: the line is to be opened again.
    Lost(String),
    /// It refused, by a general word.
    Error,
    /// It refused, or the network did (TS 27.005 3.2.5).
    Message(u16),
    /// The modem itself has a fault (TS 27.007 9.2).
    Equipment(u16),
}

/// The line to a modem.
pub(super) struct Port {
    serial: SerialPort,
    heard: Vec<u8>,
    news: VecDeque<News>,
    /// The next line is the message that was announced.
    is_announced: bool,
}

impl Port {
    pub fn open(device: &Path, baud: u32) -> Result<Self, String> {
        let serial = SerialPort::open(device, baud)
            .map_err(|e| format!("the modem at {} can't be opened: {e}", device.display()))?;
        Ok(Self { serial, heard: vec![], news: VecDeque::new(), is_announced: false })
    }

    /// What the modem said unasked, the oldest first.
    pub fn next_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// Waits until the modem says something unasked. Can be given up at any time.
    pub async fn listen(&mut self) -> Result<(), Fault> {
        while self.news.is_empty() {
            let line = self.line().await?;
            self.is_unasked(&line);
        }
        Ok(())
    }

    /// Gives a command; what the modem answers, without the "OK".
    pub async fn command(&mut self, command: &str) -> Result<Vec<String>, Fault> {
        self.write(format!("{command}\r").as_bytes()).await?;
        self.answer(command, COMMAND).await
    }

    /// Gives a message to the network; the network's number for it.
    pub async fn send(&mut self, pdu: &[u8]) -> Result<u8, Fault> {
        // Without the centre's address, which is one byte here: there is none.
        let command = format!("AT+CMGS={}", pdu.len().saturating_sub(1));
        self.write(format!("{command}\r").as_bytes()).await?;
        let end = Instant::now() + COMMAND;
        loop {
            let line = self.before(end).await?;
            if line == ">" {
                break;
            }
            if line == command || self.is_unasked(&line) {
                continue;
            }
            if let Some(fault) = refusal(&line) {
                return Err(fault);
            }
        }
        let mut written = String::new();
        for byte in pdu {
            // Writing to a string can't fail.
            let _ = write!(written, "{byte:02X}");
        }
        self.write(format!("{written}\x1a").as_bytes()).await?;
        let answer = self.answer(&written, NETWORK).await?;
        let taken = answer.iter().find_map(|line| line.strip_prefix("+CMGS:"));
        let reference = taken.and_then(|text| text.split(',').next()?.trim().parse().ok());
        reference.ok_or(Fault::Error)
    }

    /// Puts an end to whatever the modem was in the middle of.
    pub async fn wake(&mut self) -> Result<(), Fault> {
        for _ in 0..3 {
            self.write(b"\x1b\rAT\r").await?;
            if self.answer("AT", Duration::from_secs(1)).await.is_ok() {
                // A late answer to an earlier try must not pass for that to the next command.
                while let Ok(line) = timeout(QUIET, self.line()).await {
                    self.is_unasked(&line?);
                }
                return Ok(());
            }
        }
        Err(Fault::Lost("the modem does not answer: see that this is its port for commands".into()))
    }

    async fn answer(&mut self, echo: &str, limit: Duration) -> Result<Vec<String>, Fault> {
        let mut answer = Vec::new();
        let end = Instant::now() + limit;
        loop {
            let line = self.before(end).await?;
            if line == "OK" {
                return Ok(answer);
            }
            if let Some(fault) = refusal(&line) {
                return Err(fault);
            }
            let is_echo = line.trim_end_matches('\x1a') == echo || line.starts_with('>');
            if !is_echo && !self.is_unasked(&line) {
                answer.push(line);
            }
        }
    }

    /// However much it says that was not asked for.
    async fn before(&mut self, end: Instant) -> Result<String, Fault> {
        let silent = |_| Fault::Lost("the modem does not answer".to_owned());
        timeout_at(end, self.line()).await.map_err(silent)?
    }

    /// The next line that has something in it, or the prompt for a message. Can be given up at any time.
    async fn line(&mut self) -> Result<String, Fault> {
        loop {
            while let Some(end) = self.heard.iter().position(|b| matches!(b, b'\r' | b'\n')) {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return Ok(line);
                }
            }
            if self.heard.trim_ascii() == b">" {
                self.heard.clear();
                return Ok(">".to_owned());
            }
            if self.heard.len() > LONGEST {
                self.heard.clear();
            }
            let mut bytes = [0; 256];
            let lost = |e: std::io::Error| Fault::Lost(format!("the modem is gone: {e}"));
            match self.serial.read(&mut bytes).await.map_err(lost)? {
                0 => return Err(Fault::Lost("the modem is gone".into())),
                count => self.heard.extend_from_slice(&bytes[..count]),
            }
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let lost = |e: std::io::Error| Fault::Lost(format!("the modem is gone: {e}"));
        let written = timeout(COMMAND, self.serial.write_all(bytes)).await;
        written.map_err(|_| Fault::Lost("the modem takes nothing any more".into()))?.map_err(lost)
    }

    /// Keeps aside what was not asked for.
    fn is_unasked(&mut self, line: &str) -> bool {
        if std::mem::take(&mut self.is_announced)
            && let Some(pdu) = bytes(line)
        {
            self.news.push_back(News::Pdu(pdu));
            return true;
        }
        if line.starts_with("+CMT:") || line.starts_with("+CDS:") {
            self.is_announced = true;
            return true;
        }
        if let Some(place) = line.strip_prefix("+CMTI:").or(line.strip_prefix("+CDSI:")) {
            if let Some((memory, index)) = place.split_once(',')
                && let Ok(index) = index.trim().parse()
            {
                let memory = memory.trim().trim_matches('"').to_owned();
                self.news.push_back(News::Stored { memory, index });
            }
            return true;
        }
        if let Some(said) = line.strip_prefix("+CUSD:") {
            self.news.push_back(News::Ussd(said.to_owned()));
            return true;
        }
        // What makers say of the signal, calls that come in, and the like.
        line.starts_with('^')
            || line == "RING"
            || line.starts_with("+CRING")
            || line == "NO CARRIER"
    }
}

/// The bytes that hex digits stand for.
pub(super) fn bytes(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || hex.len() % 2 == 1 || !hex.is_ascii() {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

fn refusal(line: &str) -> Option<Fault> {
    let code = |text: &str| text.trim().parse().ok();
    if line == "ERROR" || line == "COMMAND NOT SUPPORT" {
        return Some(Fault::Error);
    }
    if let Some(text) = line.strip_prefix("+CMS ERROR:") {
        return Some(code(text).map_or(Fault::Error, Fault::Message));
    }
    let text = line.strip_prefix("+CME ERROR:")?;
    Some(code(text).map_or(Fault::Error, Fault::Equipment))
}
