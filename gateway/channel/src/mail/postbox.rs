//! The mailbox that answers come to, on a server that speaks IMAP (RFC 9051, RFC 3501): opened, looked
//! through for what is new, and watched. Only the first part of a mail is ever fetched.

use std::{fmt, future::Future, pin::pin, sync::Arc, time::Duration};

use async_imap::{
    Client, Session,
    error::Error,
    imap_proto::{MailboxDatum, Response},
};
use gengfu_core::time::Timestamp;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::MailTls;
use crate::{secret::Secret, tls};

/// From the connection to the open folder.
const OPENING: Duration = Duration::from_secs(10);
/// A server answers a command within this.
const COMMAND: Duration = Duration::from_secs(10);
/// So long the server is left to say by itself that something is new; then it is asked whether it is there.
const IDLE: Duration = Duration::from_secs(40);
/// A server that says nothing by itself is asked so often.
const POLL: Duration = Duration::from_secs(15);
/// Older mail is no answer to anything that is not over; in days.
const DAYS: i64 = 3;
/// No more of a mail is fetched, in bytes: its writer's own words stand at its beginning.
const FETCHED: usize = 128 * 1024;

/// Where the mailbox is and how it is opened.
pub(super) struct Server {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub authorities: Arc<ClientConfig>,
    pub user: String,
    pub password: Secret,
    pub folder: String,
}

trait Wire: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin> Wire for T {}
type Stream = Box<dyn Wire>;

/// How far a mailbox was read, from one connection to the next.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    validity: Option<u32>,
    next: u32,
}

/// An open mailbox.
pub(super) struct Postbox {
    session: Session<Stream>,
    idles: bool,
}

impl Server {
    /// Opens the mailbox; goes on after `mark` where that is of the same one.
    pub async fn open(&self, mark: &mut Mark) -> Result<Postbox, String> {
        let opened = timeout(OPENING, self.sign_in()).await;
        let mut session = opened.map_err(|_| "the mail server does not answer".to_owned())??;
        let refused = |error| explain(&error, "check `folder`");
        let selected = within(session.select(&self.folder)).await.map_err(refused)?;
        if selected.uid_validity.is_none() || selected.uid_validity != mark.validity {
            *mark = Mark { validity: selected.uid_validity, next: 1 };
        }
        let able = within(session.capabilities()).await.map_err(|e| explain(&e, "check it"))?;
        Ok(Postbox { session, idles: able.has_str("IDLE") })
    }

    async fn sign_in(&self) -> Result<Session<Stream>, String> {
        let cant = |e: std::io::Error| explain(&Error::Io(e), "");
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(cant)?;
        let client = match self.tls {
            MailTls::Tls => greeted(Box::new(self.wrapped(stream).await.map_err(cant)?)).await?,
            MailTls::None => greeted(Box::new(stream)).await?,
            MailTls::Starttls => {
                let mut plain = Client::new(stream);
                plain.read_response().await.map_err(cant)?;
                let asked = plain.run_command_and_check_ok("STARTTLS", None).await;
                asked.map_err(|e| explain(&e, "it has no STARTTLS: check `tls` and `port`"))?;
                Client::new(
                    Box::new(self.wrapped(plain.into_inner()).await.map_err(cant)?) as Stream
                )
            }
        };
        let signed_in = client.login(&self.user, self.password.expose()).await;
        signed_in.map_err(|(error, _)| explain(&error, "check `user` and the password"))
    }

    async fn wrapped(
        &self,
        stream: TcpStream,
    ) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let name = ServerName::try_from(self.host.clone()).map_err(std::io::Error::other)?;
        TlsConnector::from(self.authorities.clone()).connect(name, stream).await
    }
}

async fn greeted(stream: Stream) -> Result<Client<Stream>, String> {
    let mut client = Client::new(stream);
    match client.read_response().await {
        Ok(Some(_)) => Ok(client),
        Ok(None) => Err(explain(&Error::ConnectionLost, "")),
        Err(e) => Err(explain(&Error::Io(e), "")),
    }
}

impl Postbox {
    /// The mails that nobody has read and that were not looked at before, the oldest first.
    pub async fn news(&mut self, mark: Mark, now: Timestamp) -> Result<Vec<u32>, String> {
        let since = now.to_jiff() - jiff::SignedDuration::from_hours(24 * DAYS);
        let since = since.strftime("%-d-%b-%Y");
        let query = format!("UID {}:* UNSEEN SINCE {since}", mark.next);
        let found = within(self.session.uid_search(query)).await;
        let found = found.map_err(|e| explain(&e, "it can't search"))?;
        // "n:*" has the last one in it, whatever n is.
        let mut news: Vec<u32> = found.into_iter().filter(|uid| *uid >= mark.next).collect();
        news.sort_unstable();
        Ok(news)
    }

    /// The beginning of a mail; nothing where it is gone.
    pub async fn letter(&mut self, uid: u32) -> Result<Option<Vec<u8>>, String> {
        let query = format!("(UID BODY.PEEK[]<0.{FETCHED}>)");
        let fetch = async {
            let mut fetched = pin!(self.session.uid_fetch(uid.to_string(), query).await?);
            let mut letter = None;
            // To its end, or the next answer would be taken for one to this question.
            while let Some(part) = next(&mut fetched).await {
                let part = part?;
                if part.uid == Some(uid) {
                    letter = part.body().map(<[u8]>::to_vec);
                }
            }
            Ok(letter)
        };
        within(fetch).await.map_err(|e| explain(&e, "it can't fetch"))
    }

    /// It was dealt with: whoever looks into the mailbox sees it as read.
    pub async fn is_read(&mut self, uid: u32) -> Result<(), String> {
        let store = async {
            let query = "+FLAGS.SILENT (\\Seen \\Answered)";
            let mut stored = pin!(self.session.uid_store(uid.to_string(), query).await?);
            while let Some(part) = next(&mut stored).await {
                part?;
            }
            Ok(())
        };
        within(store).await.map_err(|e| explain(&e, "it can't mark a mail as read"))
    }

    /// Until something may be new. The server was there at the end of it.
    pub async fn wait(&mut self) -> Result<(), String> {
        let waited = if self.idles {
            self.idle().await
        } else {
            tokio::time::sleep(POLL).await;
            within(self.session.noop()).await
        };
        waited.map_err(|e| explain(&e, "it can't be watched"))
    }

    /// RFC 2177.
    async fn idle(&mut self) -> Result<(), Error> {
        let id = within(self.session.run_command("IDLE")).await?;
        let news = async {
            loop {
                let said = self.session.read_response().await?.ok_or(Error::ConnectionLost)?;
                match said.parsed() {
                    Response::MailboxData(MailboxDatum::Exists(_)) => return Ok(()),
                    Response::Done { .. } => return Err(Error::No("no IDLE".into())),
                    _ => {}
                }
            }
        };
        // With nothing new, whether it is there shows at the end.
        if let Ok(ended) = timeout(IDLE, news).await {
            ended?;
        }
        within(self.session.run_command_untagged("DONE")).await?;
        let done = async {
            loop {
                let said = self.session.read_response().await?.ok_or(Error::ConnectionLost)?;
                if matches!(said.parsed(), Response::Done { tag, .. } if *tag == id) {
                    return Ok(());
                }
            }
        };
        within(done).await
    }
}

impl Mark {
    /// Everything up to this one was looked at.
    pub fn pass(&mut self, uid: u32) {
        self.next = self.next.max(uid.saturating_add(1));
    }
}

async fn next<S: futures::Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    futures::StreamExt::next(stream).await
}

async fn within<T>(command: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    match timeout(COMMAND, command).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Why it came to nothing, for people; `refused` is what a refusal means here.
fn explain(error: &Error, refused: &str) -> String {
    match error {
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => {
            format!("the mail server refused: {refused}")
        }
        Error::ConnectionLost => "the mail server hung up".into(),
        Error::Io(e) => match tls::inside(e) {
            Some(cause) => {
                format!(
                    "the mail server can't be trusted or reached securely: {}",
                    tls::explain(cause).0
                )
            }
            None if e.kind() == std::io::ErrorKind::TimedOut => {
                "the mail server does not answer".into()
            }
            None if e.kind() == std::io::ErrorKind::ConnectionRefused => {
                "the mail server refused the connection: it is not running, or the port is wrong"
                    .into()
            }
            None => "the mail server can't be reached, or hung up".into(),
        },
        _ => "the mail server does not speak IMAP: check `port` and `tls`".into(),
    }
}
