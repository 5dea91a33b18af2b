//! A Modbus TCP server that answers whatever the test wants, byte by byte.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// What the master asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The connection, from 1.
    pub connection: usize,
    /// The request, from 1, over all connections.
    pub number: usize,
    pub transaction: u16,
    pub unit: u8,
    pub function: u8,
    pub address: u16,
    pub count: u16,
}

pub enum Answer {
    Values(Vec<u16>),
    /// As `Values`, this much later.
    Late(Duration, Vec<u16>),
    Exception(u8),
    Silence,
    /// These bytes as they are.
    Raw(Vec<u8>),
    /// These bytes as they are, then the connection is closed.
    RawThenClose(Vec<u8>),
}

impl Asked {
    /// A whole frame that answers this with registers.
    pub fn frame(&self, values: &[u16]) -> Vec<u8> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
        let mut pdu = vec![self.function, u8::try_from(bytes.len()).unwrap()];
        pdu.extend(bytes);
        self.around(&pdu)
    }
    fn around(&self, pdu: &[u8]) -> Vec<u8> {
        let mut frame = self.transaction.to_be_bytes().to_vec();
        frame.extend([0, 0]);
        frame.extend(u16::try_from(pdu.len() + 1).unwrap().to_be_bytes());
        frame.push(self.unit);
        frame.extend(pdu);
        frame
    }
}

type Script = Arc<dyn Fn(&Asked) -> Answer + Send + Sync>;

pub struct Liar {
    pub port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: JoinHandle<()>,
}

impl Liar {
    pub async fn start(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_at(0, script).await
    }

    pub async fn start_at(
        port: u16,
        script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (script, log): (Script, _) = (Arc::new(script), asked.clone());
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = connections.len() + 1;
                connections.spawn(serve(stream, number, script.clone(), log.clone()));
            }
        });
        Self { port, asked, task }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Closes the port and every connection.
    pub async fn stop(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    script: Script,
    log: Arc<Mutex<Vec<Asked>>>,
) {
    let mut frame = [0_u8; 12];
    while stream.read_exact(&mut frame).await.is_ok() {
        let word = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
        let asked = {
            let mut log = log.lock().unwrap();
            let asked = Asked {
                connection,
                number: log.len() + 1,
                transaction: word(0),
                unit: frame[6],
                function: frame[7],
                address: word(8),
                count: word(10),
            };
            log.push(asked);
            asked
        };
        // The master may have hung up meanwhile; that is what some of these answers are for.
        let sent = match script(&asked) {
            Answer::Values(values) => stream.write_all(&asked.frame(&values)).await,
            Answer::Late(wait, values) => {
                tokio::time::sleep(wait).await;
                stream.write_all(&asked.frame(&values)).await
            }
            Answer::Exception(code) => {
                stream.write_all(&asked.around(&[asked.function | 0x80, code])).await
            }
            Answer::Silence => Ok(()),
            Answer::Raw(bytes) => stream.write_all(&bytes).await,
            Answer::RawThenClose(bytes) => {
                let _ = stream.write_all(&bytes).await;
                return;
            }
        };
        if sent.is_err() {
            return;
        }
    }
}
