//! The line: our side of SIP. Registers, places calls, and hands what comes in to the call that it
//! belongs to. The protocol itself is rsipstack's.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
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
    sip::{Auth, HeadersExt, HostWithPort, Method, Param, StatusCode, Transport, Uri},
    transaction::{Endpoint, Transaction, TransactionReceiver},
    transport::{TransportLayer, udp::UdpConnection},
};
use serde::Deserialize;
use tokio::{net::UdpSocket, task::JoinHandle};

/// The server is asked to know us for so long, in seconds; the line is renewed before.
const EXPIRES: u32 = 90;
/// The port of SIP, where the settings name none.
const PORT: u16 = 5060;

/// A call that a request belongs to is looked for so often.
const LOOKS: u32 = 10;
/// And after so long each time.
const LOOK: Duration = Duration::from_millis(10);

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
    closed: CancellationToken,
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
        let here = own_address(&account).await?;
        let closed = CancellationToken::new();
        let transports = TransportLayer::new(closed.child_token());
        let socket = UdpConnection::create_connection(
            SocketAddr::new(here, 0),
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
        Ok(Self { account, endpoint, dialogs, contact, here, closed })
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
    pub async fn serve(&self) {
        let Ok(incoming) = self.endpoint.incoming_transactions() else { return };
        tokio::join!(self.endpoint.serve(), self.receive(incoming));
    }

    async fn receive(&self, mut incoming: TransactionReceiver) {
        while let Some(mut transaction) = incoming.recv().await {
            let dialogs = self.dialogs.clone();
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

/// The address of this machine that the server is reached from.
async fn own_address(account: &Account) -> Result<IpAddr, String> {
    let server = (account.host.as_str(), account.port());
    let mut found = tokio::net::lookup_host(server)
        .await
        .map_err(|e| format!("the telephone server \"{}\" is not known: {e}", account.host))?;
    let server = found.next().ok_or("the telephone server has no address")?;
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
