//! A tap in a Modbus TCP line: passes everything on, and notes which functions were asked for.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpListener, TcpStream, tcp},
    task::JoinHandle,
};

/// Requests of each function, by unit and function code.
pub type Asked = BTreeMap<(u8, u8), usize>;

/// A tap that passes on until it is dropped.
pub struct Tap {
    /// Where the line begins.
    pub address: SocketAddr,
    asked: Arc<Mutex<Asked>>,
    task: JoinHandle<()>,
}

impl Tap {
    /// Puts a tap before the server on this port.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn before(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let asked: Arc<Mutex<Asked>> = Arc::default();
        let noted = asked.clone();
        let task = tokio::spawn(async move {
            // Aborted with this task, so that a tap that is dropped is a line that is cut.
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((master, _)) = listener.accept().await {
                lines.spawn(pass(master, port, noted.clone()));
            }
        });
        Ok(Self { address, asked, task })
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Asked {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(master: TcpStream, port: u16, asked: Arc<Mutex<Asked>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (mut from_master, mut to_master) = master.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // Whichever side leaves first ends the line.
    tokio::select! {
        _ = requests(&mut from_master, &mut to_server, &asked) => {}
        _ = copy(&mut from_server, &mut to_master) => {}
    }
}

/// Frame by frame: transaction, protocol, length; then unit, function and data.
async fn requests(
    from: &mut tcp::OwnedReadHalf,
    to: &mut tcp::OwnedWriteHalf,
    asked: &Mutex<Asked>,
) -> std::io::Result<()> {
    loop {
        let mut head = [0; 6];
        from.read_exact(&mut head).await?;
        let mut frame = vec![0; usize::from(u16::from_be_bytes([head[4], head[5]]))];
        from.read_exact(&mut frame).await?;
        if let ([unit, function, ..], Ok(mut asked)) = (&frame[..], asked.lock()) {
            *asked.entry((*unit, *function)).or_default() += 1;
        }
        to.write_all(&[&head[..], &frame].concat()).await?;
    }
}
