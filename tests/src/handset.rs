//! The speech of a telephone by sipp, which signals and leaves speech to others: hears what the gateway says,
//! and presses keys in the stream's own packets (RFC 4733), of which any may be lost.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use anyhow::Context;
use tokio::{net::UdpSocket, task::JoinHandle};

/// The payload type of keys, as sipp's telephone agrees to it.
const EVENTS: u8 = 101;
/// A-law's bytes for the two steps next to nothing.
const SILENCE: [u8; 2] = [0xd5, 0x55];
/// Packets of one key, 20 ms apart: six while it is pressed, and its end three times.
const COPIES: usize = 9;

/// From one key to the next, by the stream's own clock: a second.
const PAUSE: u32 = 8_000;

/// The telephone's end of the speech, until it is dropped.
pub struct Handset {
    socket: Arc<UdpSocket>,
    /// Where it hears.
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
    listens: JoinHandle<()>,
    sequence: u16,
    clock: u32,
}

#[derive(Debug, Default)]
struct Heard {
    packets: usize,
    from: Option<SocketAddr>,
    first_word: Option<SystemTime>,
}

impl Drop for Handset {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

impl Handset {
    /// One at a port of the loopback.
    ///
    /// # Errors
    /// Where there is none.
    pub async fn new() -> anyhow::Result<Self> {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await?);
        let port = socket.local_addr()?.port();
        let heard: Arc<Mutex<Heard>> = Arc::default();
        let (ear, noted) = (socket.clone(), heard.clone());
        let listens = tokio::spawn(async move {
            let mut packet = [0; 2_048];
            while let Ok((length, from)) = ear.recv_from(&mut packet).await {
                let mut heard = noted.lock().unwrap_or_else(PoisonError::into_inner);
                heard.packets += 1;
                heard.from = Some(from);
                let sound = packet.get(12..length).unwrap_or_default();
                if sound.iter().any(|byte| !SILENCE.contains(byte)) {
                    heard.first_word.get_or_insert_with(SystemTime::now);
                }
            }
        });
        Ok(Self { socket, port, heard, listens, sequence: 100, clock: 8_000 })
    }

    /// sipp's scenario, with the speech here.
    pub fn speaks_in(&self, scenario: &str) -> String {
        scenario.replace("[media_port]", &self.port.to_string())
    }

    fn heard<T>(&self, what: impl FnOnce(&Heard) -> T) -> T {
        what(&self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many packets came.
    pub fn packets(&self) -> usize {
        self.heard(|heard| heard.packets)
    }

    /// When the first came that is no silence.
    pub fn first_word(&self) -> Option<SystemTime> {
        self.heard(|heard| heard.first_word)
    }

    /// Presses a key. Of its nine packets those go out of which `goes` says so.
    ///
    /// # Errors
    /// Where nobody has spoken to the handset yet, or nothing can be sent.
    pub async fn press(&mut self, key: u8, goes: impl Fn(usize) -> bool) -> anyhow::Result<()> {
        let to = self.heard(|heard| heard.from).context("nobody has spoken yet")?;
        self.press_to(to, key, goes).await
    }

    /// The last packet of the key before comes once more, late: after the next key.
    ///
    /// # Errors
    /// Where nothing can be sent.
    pub async fn straggle(&mut self, key: u8) -> anyhow::Result<()> {
        let to = self.heard(|heard| heard.from).context("nobody has spoken yet")?;
        let mut packet = vec![0x80, EVENTS];
        packet.extend((self.sequence - COPIES as u16).to_be_bytes());
        packet.extend((self.clock - PAUSE).to_be_bytes());
        packet.extend([0, 0, 0, 7, key, 0x8a, 5, 0]);
        self.socket.send_to(&packet, to).await?;
        Ok(())
    }

    /// The same as [`Handset::press`], to somebody who has not spoken yet.
    ///
    /// # Errors
    /// Where nothing can be sent.
    pub async fn press_to(
        &mut self,
        to: SocketAddr,
        key: u8,
        goes: impl Fn(usize) -> bool,
    ) -> anyhow::Result<()> {
        self.clock += PAUSE;
        for copy in 0..COPIES {
            self.sequence += 1;
            let (ends, lasts) = (copy + 3 >= COPIES, 160 * (copy as u16 + 1));
            let mut packet = vec![0x80, EVENTS | if copy == 0 { 0x80 } else { 0 }];
            packet.extend(self.sequence.to_be_bytes());
            packet.extend(self.clock.to_be_bytes());
            packet.extend([0, 0, 0, 7, key, if ends { 0x8a } else { 0x0a }]);
            packet.extend(lasts.to_be_bytes());
            if goes(copy) {
                self.socket.send_to(&packet, to).await?;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}
