//! A modem that is ready: set up for texts, asked for its network, given texts, and read.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use super::{
    pdu::{self, Incoming},
    port::{Fault, News, Port, bytes},
};
use crate::secret::Secret;

/// How it is asked to hand on what comes in, the best way first: reports at once and texts by their place;
/// both by their place; the same for modems that know fewer ways (TS 27.005 3.4.1).
const HAND_ON: [&str; 4] =
    ["AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1"];

/// A modem that is ready.
pub(super) struct Modem {
    port: Port,
    /// The memory that places are counted in.
    memory: String,
}

/// A message that lies in a memory.
pub(super) struct Stored {
    pub index: u16,
    /// None where it can't be read.
    pub incoming: Option<Incoming>,
}

impl Modem {
    /// Opens the line and sets the modem up. A PIN is tried once: a third wrong one locks the SIM.
    pub async fn open(
        device: &Path,
        baud: u32,
        pin: Option<&Secret>,
        is_pin_refused: &AtomicBool,
    ) -> Result<Self, String> {
        let mut port = Port::open(device, baud)?;
        set_up(&mut port, pin, is_pin_refused).await.map_err(|fault| fault.words())?;
        Ok(Self { port, memory: String::new() })
    }

    /// The signal in dBm, once the modem is in a network.
    pub async fn signal(&mut self) -> Result<Option<i32>, Fault> {
        let mut is_in = false;
        for question in ["AT+CREG?", "AT+CEREG?"] {
            match self.port.command(question).await {
                // "+CREG: 0,1": at home; 5 abroad; 6 and 7 for texts alone (TS 27.007 7.2).
                Ok(answer) => {
                    is_in |= answer
                        .iter()
                        .filter_map(|line| stands(line))
                        .any(|s| matches!(s, 1 | 5 | 6 | 7))
                }
                Err(lost @ Fault::Lost(_)) => return Err(lost),
                Err(_) => {}
            }
        }
        if !is_in {
            return Err(Fault::Message(331));
        }
        let answer = self.port.command("AT+CSQ").await?;
        let strength = answer.iter().find_map(|line| line.strip_prefix("+CSQ:"));
        let strength: Option<i32> = strength.and_then(|s| s.split(',').next()?.trim().parse().ok());
        // TS 27.007 8.5: -113 dBm and two more for each step; 99 is "not known".
        Ok(strength.filter(|s| (0..=31).contains(s)).map(|s| 2 * s - 113))
    }

    /// Dials a short code; what the carrier says to it comes later, as news.
    pub async fn dial(&mut self, code: &str) -> Result<(), Fault> {
        self.port.command(&format!("AT+CUSD=1,\"{code}\",15")).await.map(drop)
    }

    /// Gives a part of a text to the network; the network's number for it.
    pub async fn send(&mut self, pdu: &[u8]) -> Result<u8, Fault> {
        self.port.send(pdu).await
    }

    /// Waits until something comes in. Can be given up at any time.
    pub async fn listen(&mut self) -> Result<(), Fault> {
        self.port.listen().await
    }

    /// What came in and lies in no memory, and the places of what does.
    pub fn next_news(&mut self) -> Option<News> {
        self.port.next_news()
    }

    /// All that lies in the modem's own choice of memory.
    pub async fn all(&mut self) -> Result<Vec<Stored>, Fault> {
        let lines = self.port.command("AT+CMGL=4").await?;
        let mut stored = Vec::new();
        for two in lines.windows(2) {
            let [head, pdu] = two else { continue };
            let index =
                head.strip_prefix("+CMGL:").and_then(|s| s.split(',').next()?.trim().parse().ok());
            if let Some(index) = index {
                stored.push(Stored { index, incoming: bytes(pdu).and_then(|pdu| pdu::read(&pdu)) });
            }
        }
        Ok(stored)
    }

    /// What lies at a place.
    pub async fn at(&mut self, memory: &str, index: u16) -> Result<Stored, Fault> {
        if memory != self.memory {
            self.port.command(&format!("AT+CPMS=\"{memory}\"")).await?;
            self.memory = memory.to_owned();
        }
        let lines = self.port.command(&format!("AT+CMGR={index}")).await?;
        let incoming = lines.iter().find_map(|line| pdu::read(&bytes(line)?));
        Ok(Stored { index, incoming })
    }

    /// Takes it out of the memory.
    pub async fn forget(&mut self, index: u16) -> Result<(), Fault> {
        self.port.command(&format!("AT+CMGD={index}")).await.map(drop)
    }
}

async fn set_up(
    port: &mut Port,
    pin: Option<&Secret>,
    is_pin_refused: &AtomicBool,
) -> Result<(), Fault> {
    port.wake().await?;
    // No echo, and faults by their codes: a modem that knows neither is understood all the same.
    for wish in ["ATE0", "AT+CMEE=1"] {
        if let Err(lost @ Fault::Lost(_)) = port.command(wish).await {
            return Err(lost);
        }
    }
    let stands = port.command("AT+CPIN?").await?.join(" ");
    if stands.contains("SIM PUK") {
        return Err(Fault::Equipment(12));
    }
    if stands.contains("SIM PIN") {
        let pin = pin.ok_or(Fault::Equipment(11))?;
        if is_pin_refused.load(Ordering::Relaxed) {
            return Err(Fault::Equipment(16));
        }
        // Until it is known to be right.
        is_pin_refused.store(true, Ordering::Relaxed);
        port.command(&format!("AT+CPIN=\"{}\"", pin.expose())).await?;
        is_pin_refused.store(false, Ordering::Relaxed);
    }
    port.command("AT+CMGF=0").await?;
    for way in HAND_ON {
        match port.command(way).await {
            Ok(_) => return Ok(()),
            Err(lost @ Fault::Lost(_)) => return Err(lost),
            Err(_) => {}
        }
    }
    Err(Fault::Lost("the modem can't tell of texts that come in: take another one".into()))
}

/// How a modem stands in a network, of "+CREG: 0,1".
fn stands(line: &str) -> Option<u8> {
    let (_, values) = line.split_once("REG:")?;
    values.split(',').nth(1)?.trim().parse().ok()
}
