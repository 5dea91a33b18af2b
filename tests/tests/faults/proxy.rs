//! A line between clients and a server, that can be cut, held up and slowed down.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::sleep,
};

/// How the line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Open,
    /// So many bytes a second, in each direction of each connection.
    Slow(u32),
    /// Nothing passes, and neither side learns of it: a switch without power.
    Held,
    /// Every connection is closed, and no other one is made.
    Cut,
}

/// A line that is open until it is dropped.
pub struct Proxy {
    pub port: u16,
    line: watch::Sender<Line>,
    task: JoinHandle<()>,
}

impl Proxy {
    pub async fn before(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap().port();
        let (line, state) = watch::channel(Line::Open);
        let task = tokio::spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                if *state.borrow() != Line::Cut {
                    passing.spawn(pass(client, port, state.clone()));
                }
            }
        });
        Self { port: here, line, task }
    }

    pub fn set(&self, line: Line) {
        self.line.send_replace(line);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(client: TcpStream, port: u16, mut line: watch::Receiver<Line>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    client.set_nodelay(true).unwrap();
    server.set_nodelay(true).unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whichever side leaves first ends both.
    tokio::select! {
        _ = pump(from_client, to_server, line.clone()) => {}
        _ = pump(from_server, to_client, line.clone()) => {}
        _ = line.wait_for(|line| *line == Line::Cut) => {}
    }
}

async fn pump(
    mut from: tcp::OwnedReadHalf,
    mut to: tcp::OwnedWriteHalf,
    mut line: watch::Receiver<Line>,
) -> io::Result<()> {
    let mut buffer = [0; 64];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let now = line.wait_for(|line| *line != Line::Held).await.map(|line| *line);
        if let Ok(Line::Slow(rate)) = now {
            let bytes = u32::try_from(count).unwrap();
            sleep(Duration::from_secs(1) * bytes / rate).await;
        }
        to.write_all(&buffer[..count]).await?;
    }
}
