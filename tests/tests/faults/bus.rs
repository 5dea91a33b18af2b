//! A Modbus bus with a unit that answers badly.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// How a unit answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Well,
    /// Whole, and this much later.
    Late(Duration),
    /// The first half of its answer, and then nothing.
    Truncated,
    Never,
}

struct Unit {
    registers: BTreeMap<u16, u16>,
    manner: Manner,
    asked: usize,
}

/// Units behind one address. Registers that nobody set are 0.
#[derive(Clone)]
pub struct Bus(Arc<Mutex<BTreeMap<u8, Unit>>>);

impl Bus {
    /// Serves these units, each with the registers that it begins with.
    pub async fn start(units: &[(u8, &[(u16, u16)])]) -> (Self, SocketAddr, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let unit = |registers: &[(u16, u16)]| Unit {
            registers: registers.iter().copied().collect(),
            manner: Manner::Well,
            asked: 0,
        };
        let units = units.iter().map(|(number, registers)| (*number, unit(registers))).collect();
        let bus = Self(Arc::new(Mutex::new(units)));
        let served = bus.clone();
        let task = tokio::spawn(async move {
            while let Ok((master, _)) = listener.accept().await {
                let bus = served.clone();
                tokio::spawn(async move { bus.serve(master).await });
            }
        });
        (bus, address, task)
    }

    pub fn set(&self, unit: u8, address: u16, value: u16) {
        self.0.lock().unwrap().get_mut(&unit).unwrap().registers.insert(address, value);
    }

    /// From now on the unit answers so.
    pub fn behave(&self, unit: u8, manner: Manner) {
        let mut units = self.0.lock().unwrap();
        let unit = units.get_mut(&unit).unwrap();
        (unit.manner, unit.asked) = (manner, 0);
    }

    /// How often the unit was asked since it behaves as it does.
    pub fn asked(&self, unit: u8) -> usize {
        self.0.lock().unwrap()[&unit].asked
    }

    async fn serve(&self, mut master: TcpStream) -> io::Result<()> {
        loop {
            // Transaction, protocol, length; unit, function, address, count.
            let mut request = [0; 12];
            master.read_exact(&mut request).await?;
            let Some((frame, manner)) = self.answer(&request) else { continue };
            match manner {
                Manner::Well => master.write_all(&frame).await?,
                Manner::Late(by) => {
                    tokio::time::sleep(by).await;
                    master.write_all(&frame).await?;
                }
                Manner::Truncated => master.write_all(&frame[..frame.len() / 2]).await?,
                Manner::Never => {}
            }
        }
    }

    fn answer(&self, request: &[u8; 12]) -> Option<(Vec<u8>, Manner)> {
        let word = |at: usize| u16::from_be_bytes([request[at], request[at + 1]]);
        let (unit, function, address, count) = (request[6], request[7], word(8), word(10));
        let mut units = self.0.lock().unwrap();
        let of = units.get_mut(&unit)?;
        of.asked += 1;
        let value = |at: u16| of.registers.get(&at).copied().unwrap_or_default();
        let values = (0..count).flat_map(|n| value(address + n).to_be_bytes());
        let mut body = vec![unit, function, u8::try_from(count * 2).unwrap()];
        body.extend(values);
        let length = u16::try_from(body.len()).unwrap();
        let head = [request[0], request[1], 0, 0, length.to_be_bytes()[0], length.to_be_bytes()[1]];
        Some(([&head[..], &body].concat(), of.manner))
    }
}
