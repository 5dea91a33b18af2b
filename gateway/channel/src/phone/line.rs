//! The line: our side of SIP. Registers, places calls, and hands what comes in to the call that it
//! belongs to. The protocol itself is rsipstack's.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rsipstack::{
    EndpointBuilder,
    dialog::{
        authenticate::Credential,
        dialog::{Dialog, DialogStateReceiver},
        dialog_layer::DialogLayer,
        invitation::{InviteAsyncResult, InviteOption},
        invite_dialog::InviteDialog,
        registration::{RefreshOutcome, Registration},
    },
    platform::CancellationToken,
    sip::{
        Auth, HeadersExt, HostWithPort, Method, Param, StatusCode, ToTypedHeader, Transport, Uri,
    },
    transaction::{Endpoint, Transaction, TransactionReceiver},
    transport::{TransportLayer, udp::UdpConnection},
};
use serde::Deserialize;
use tokio::{net::UdpSocket, sync::mpsc, task::JoinHandle};

/// The server is asked to know us for so long, in seconds; the line is renewed before.
const EXPIRES: u32 = 90;
/// The port of SIP, where the settings name none.
const PORT: u16 = 5060;

/// A call that a request belongs to is looked for so often.
const LOOKS: u32 = 10;
/// And after so long each time.
const LOOK: Duration = Duration::from_millis(10);

/// Strangers who call are told of at most this often.
const STRANGERS: Duration = Duration::from_secs(60);

/// How the server is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// Packets; what every server takes.
    #[default]
    Udp,
    /// A connection, for long ways through firewalls.
    Tcp,
}

/// Whose line it is.
#[derive(Clone)]
pub(super) struct Account {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// How it is spoken to.
    pub via: Via,
    /// Our name or number there.
    pub user: String,
    /// The password, where one is wanted.
    pub password: Option<String>,
    /// The port that we listen at; 0 for any.
    pub local_port: u16,
    /// Addresses besides the server's that calls may come from.
    pub calls_from: Vec<IpAddr>,
}

impl Account {
    fn port(&self) -> u16 {
        self.port.unwrap_or(PORT)
    }

    /// The address of somebody at the server, or of the server itself.
    fn uri(&self, user: Option<&str>) -> Result<Uri, String> {
        let mut uri = Uri::try_from(format!("sip:{}:{}", self.host, self.port()).as_str())
            .map_err(|e| format!("`server` is no host: {e}"))?;
        uri.auth = user.map(|user| Auth { user: user.to_owned(), password: None });
        if self.via == Via::Tcp {
            uri.params.push(Param::Transport(Transport::Tcp));
        }
        Ok(uri)
    }

    fn credential(&self) -> Option<Credential> {
        let password = self.password.clone()?;
        Some(Credential { username: self.user.clone(), password, realm: None, auth_username: None })
    }
}

/// An open line.
pub(super) struct Line {
    account: Account,
    endpoint: Endpoint,
    dialogs: Arc<DialogLayer>,
    contact: Uri,
    /// Our address as the server sees it from this network.
    pub here: IpAddr,
    /// Calls come from these addresses and from nowhere else.
    servers: Vec<IpAddr>,
    told_of_strangers: Mutex<Option<Instant>>,
    closed: CancellationToken,
}

/// A call that comes in.
pub(super) struct Coming {
    /// The number that it comes from, as the server names it.
    pub from: String,
    /// The number of ours that was called.
    pub to: String,
    /// The description of the speech that it wants.
    pub offer: String,
    /// To answer and end it with.
    pub dialog: InviteDialog,
    /// What becomes of it.
    pub states: DialogStateReceiver,
}

/// A call that was placed: what becomes of it comes through `states`.
pub(super) struct Placed {
    /// To end it with.
    pub dialog: InviteDialog,
    /// Ringing, picked up, a key by INFO, hung up.
    pub states: DialogStateReceiver,
    /// Ends with the server's last word on the call.
    pub answer: JoinHandle<InviteAsyncResult>,
}

impl Line {
    /// Opens the line; nothing is sent yet.
    ///
    /// # Errors
    /// Why there is none, and what to do.
    pub async fn open(account: Account) -> Result<Self, String> {
        let servers = addresses(&account).await?;
        let here = own_address(servers[0]).await?;
        let servers =
            servers.iter().map(SocketAddr::ip).chain(account.calls_from.clone()).collect();
        let closed = CancellationToken::new();
        let transports = TransportLayer::new(closed.child_token());
        let socket = UdpConnection::create_connection(
            SocketAddr::new(here, account.local_port),
            None,
            Some(closed.child_token()),
        );
        let socket = socket.await.map_err(|e| format!("no socket for SIP: {e}"))?;
        let own_port = socket.get_addr().addr.port.as_ref().map(|port| port.value());
        transports.add_transport(socket.into());
        let endpoint = EndpointBuilder::new()
            .with_user_agent("Gengfu")
            .with_transport_layer(transports)
            .with_cancel_token(closed.clone())
            .build();
        let at = SocketAddr::new(here, own_port.unwrap_or(PORT));
        let mut contact = Uri::from(HostWithPort::from(at));
        contact.auth = Some(Auth { user: account.user.clone(), password: None });
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        Ok(Self {
            account,
            endpoint,
            dialogs,
            contact,
            here,
            servers,
            told_of_strangers: Mutex::default(),
            closed,
        })
    }

    /// Places a call. Nothing of it is known yet when this returns.
    ///
    /// # Errors
    /// Where the number can't be called.
    pub fn call(&self, number: &str, offer: String) -> Result<Placed, String> {
        let (sender, states) = self.dialogs.new_dialog_state_channel();
        let option = InviteOption {
            caller: self.account.uri(Some(&self.account.user))?,
            callee: self.account.uri(Some(number))?,
            content_type: Some("application/sdp".into()),
            offer: Some(offer.into_bytes()),
            contact: self.contact.clone(),
            credential: self.account.credential(),
            call_id: Some(format!("{:016x}@{}", random(), self.here)),
            ..Default::default()
        };
        let placed = self.dialogs.do_invite_async(option, sender);
        let (dialog, answer) = placed.map_err(|e| format!("the call can't be placed: {e}"))?;
        Ok(Placed { dialog, states, answer })
    }

    /// Ends it. Calls that still last end with it.
    pub fn close(&self) {
        self.closed.cancel();
    }

    /// A call is over.
    pub fn forget(&self, dialog: &InviteDialog) {
        self.dialogs.remove_dialog(&dialog.id());
    }

    /// Serves the line until it is dropped: sends, receives, and gives what comes in to its call.
    pub async fn serve(&self, calls: mpsc::Sender<Coming>) {
        let Ok(incoming) = self.endpoint.incoming_transactions() else { return };
        tokio::join!(self.endpoint.serve(), self.receive(incoming, calls));
    }

    async fn receive(&self, mut incoming: TransactionReceiver, calls: mpsc::Sender<Coming>) {
        while let Some(mut transaction) = incoming.recv().await {
            let dialogs = self.dialogs.clone();
            let begins = transaction.original.method == Method::Invite
                && !matches!(transaction.original.to_header().and_then(|to| to.tag()), Ok(Some(_)));
            if begins
                && self.is_of_server(&transaction)
                && let Some((coming, mut dialog)) = self.coming(&transaction)
                && calls.try_send(coming).is_ok()
            {
                tokio::spawn(async move {
                    if let Err(error) = dialog.handle(&mut transaction).await {
                        tracing::debug!(%error, "a call that came in broke off");
                    }
                });
                continue;
            }
            tokio::spawn(async move {
                let handled = match belongs_to(&dialogs, &transaction).await {
                    Some(mut dialog) => dialog.handle(&mut transaction).await,
                    // Servers ask whether we are there.
                    None if transaction.original.method == Method::Options => {
                        transaction.reply(StatusCode::OK).await
                    }
                    None if transaction.original.method == Method::Ack => Ok(()),
                    None if transaction.original.method == Method::Invite => {
                        transaction.reply(StatusCode::BusyHere).await
                    }
                    None => transaction.reply(StatusCode::CallTransactionDoesNotExist).await,
                };
                if let Err(error) = handled {
                    tracing::debug!(%error, "a SIP request was not answered");
                }
            });
        }
    }

    /// Anybody may send packets; who calls is only known where our own server says so.
    fn is_of_server(&self, transaction: &Transaction) -> bool {
        let via = transaction.original.via_header().and_then(|via| via.first_value()?.typed());
        let Ok(via) = via else { return false };
        // The library has written down where it really came from, where that is not what it says,
        // and the port with it; a stranger's own `received` has no port beside it.
        let port = via.params.iter().any(|param| matches!(param, Param::Rport(Some(_))));
        let from = match via.received() {
            None => via.uri.host_with_port.host.to_string().parse().ok(),
            Some(from) => from.ok().filter(|_| port),
        };
        let known = from.is_some_and(|from: IpAddr| self.servers.contains(&from));
        let mut told = self.told_of_strangers.lock().unwrap_or_else(PoisonError::into_inner);
        // Strangers must not fill the log.
        if !known && told.is_none_or(|at| at.elapsed() >= STRANGERS) {
            *told = Some(Instant::now());
            tracing::warn!(
                ?from,
                "a call from somewhere else than the telephone server is refused: name its address in `calls_from` if it may call"
            );
        }
        known
    }

    fn coming(&self, transaction: &Transaction) -> Option<(Coming, InviteDialog)> {
        let user = |uri: Uri| uri.auth.map(|auth| auth.user).unwrap_or_default();
        let from = user(transaction.original.from_header().ok()?.uri().ok()?);
        let to = user(transaction.original.to_header().ok()?.uri().ok()?);
        let offer = String::from_utf8_lossy(&transaction.original.body).into_owned();
        let (sender, states) = self.dialogs.new_dialog_state_channel();
        let contact = Some(self.contact.clone());
        let dialog = self.dialogs.get_or_create_server_invite(transaction, sender, None, contact);
        let dialog = dialog.ok()?;
        Some((Coming { from, to, offer, dialog: dialog.clone(), states }, dialog))
    }

    /// Keeps the line known to the server; `told` hears how it stands after each look.
    pub async fn register(&self, mut told: impl FnMut(Result<(), String>)) {
        let Ok(server) = self.account.uri(None) else { return };
        let mut registration =
            Registration::new(self.endpoint.inner.clone(), self.account.credential());
        let until = self.closed.child_token();
        let heard = |outcome: RefreshOutcome<'_>| {
            told(match outcome {
                RefreshOutcome::Registered(_) => Ok(()),
                RefreshOutcome::Rejected(answer) => Err(format!(
                    "the telephone server refuses the line ({}): check `user` and `password_file`",
                    answer.status_code
                )),
                RefreshOutcome::Failed(error) => {
                    Err(format!("the telephone server does not answer: {error}"))
                }
            });
        };
        registration.keep_alive(server, EXPIRES, until, heard).await;
    }
}

/// The call that a request is part of. A phone that picks up may go on at once, before the library
/// has noted that the call stands: then it is looked for again.
async fn belongs_to(dialogs: &DialogLayer, transaction: &Transaction) -> Option<Dialog> {
    let is_within = transaction.original.to_header().and_then(|to| to.tag());
    let looks = if matches!(is_within, Ok(Some(_))) { LOOKS } else { 1 };
    for _ in 1..looks {
        let found = dialogs.match_dialog(transaction);
        if found.is_some() {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
    dialogs.match_dialog(transaction)
}

/// A number that nobody can foresee.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The server's addresses, at least one.
async fn addresses(account: &Account) -> Result<Vec<SocketAddr>, String> {
    let server = (account.host.as_str(), account.port());
    let found = tokio::net::lookup_host(server)
        .await
        .map_err(|e| format!("the telephone server \"{}\" is not known: {e}", account.host))?;
    let found: Vec<SocketAddr> = found.collect();
    if found.is_empty() { Err("the telephone server has no address".to_owned()) } else { Ok(found) }
}

/// The address of this machine that the server is reached from.
async fn own_address(server: SocketAddr) -> Result<IpAddr, String> {
    let any: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    // Sends nothing: the system only says which way it would take.
    let way = async {
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(server).await?;
        socket.local_addr()
    };
    way.await.map(|here| here.ip()).map_err(|e| format!("no way to the telephone server: {e}"))
}
