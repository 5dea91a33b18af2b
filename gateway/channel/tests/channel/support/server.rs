//! An HTTP server that keeps what it hears and answers as it is told, badly too.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
};
use tokio_rustls::TlsAcceptor;

use super::pki::Pki;

/// What it does once it has heard a request.
#[derive(Clone)]
pub enum Reply {
    /// Says this, byte by byte as given.
    Says(String),
    /// Says this and breaks off, with more announced.
    BreaksOff(String),
    /// Says nothing and holds the line.
    Silence,
    /// Says a byte now and then, for ever.
    Drips,
    /// Says this and then rubbish without end.
    Floods(String),
}

impl Reply {
    /// A whole answer.
    pub fn new(status: &str, headers: &[&str], body: &str) -> Self {
        let headers: String = headers.iter().map(|h| format!("{h}\r\n")).collect();
        let length = body.len();
        Self::Says(format!(
            "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        ))
    }
    pub fn json(status: &str, body: serde_json::Value) -> Self {
        Self::new(status, &["Content-Type: application/json"], &body.to_string())
    }
}

/// What it heard.
pub struct Request {
    pub line: String,
    /// By lower-case name.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}: {:?}", self.headers))
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

pub struct Server {
    pub port: u16,
    heard: mpsc::Receiver<Request>,
}

impl Server {
    pub async fn start(reply: Reply) -> Self {
        Self::listen(reply, None).await
    }
    pub async fn secure(reply: Reply, pki: &Pki) -> Self {
        Self::listen(reply, Some(TlsAcceptor::from(pki.server()))).await
    }

    async fn listen(reply: Reply, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tell, heard) = mpsc::channel(1000);
        let reply = Arc::new(reply);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tell, reply, tls) = (tell.clone(), reply.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &reply, &tell).await,
                        // A client that does not trust the certificate leaves here.
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &reply, &tell).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self { port, heard }
    }

    /// The next request; it must come.
    pub async fn next(&mut self) -> Request {
        tokio::time::timeout(Duration::from_secs(10), self.heard.recv())
            .await
            .expect("a request within 10 s")
            .expect("the server runs")
    }

    /// How many requests came that nobody looked at.
    pub fn unseen(&self) -> usize {
        self.heard.len()
    }
}

/// A port that nobody listens on: it was free a moment ago, and the system does not hand the same one
/// out again at once.
pub async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// Something that talks at once, but neither HTTP nor TLS nor SMTP.
pub async fn chatty() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").await;
            // Until the client has had enough.
            let _ = stream.read(&mut [0; 1]).await;
        }
    });
    port
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    reply: &Reply,
    tell: &mpsc::Sender<Request>,
) -> Option<()> {
    let request = read(&mut stream).await?;
    tell.send(request).await.ok()?;
    match reply {
        Reply::Says(text) | Reply::BreaksOff(text) => {
            stream.write_all(text.as_bytes()).await.ok()?;
            stream.shutdown().await.ok()
        }
        Reply::Silence => {
            // Until the client hangs up.
            let _ = stream.read(&mut [0; 1]).await;
            Some(())
        }
        Reply::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Drip: ").await.ok()?;
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                stream.write_all(b"a").await.ok()?;
            }
        }
        Reply::Floods(text) => {
            stream.write_all(text.as_bytes()).await.ok()?;
            loop {
                stream.write_all(&[b'a'; 16 * 1024]).await.ok()?;
            }
        }
    }
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|l| l.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request { line, headers, body })
}
