//! The line: our side of SIP. Registers, asks how the server is, and places calls. The protocol itself is
//! rsipstack's.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use rsipstack::{
    dialog::{
        dialog::DialogStateReceiver,
        invitation::{InviteAsyncResult, InviteOption},
        invite_dialog::InviteDialog,
        registration::Registration,
    },
    sip::{Auth, Param, StatusCode, StatusCodeKind, Transport, Uri, typed},
    transport::{SipAddr, SipConnection},
};
use tokio::{
    net::UdpSocket,
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{
    account::{Account, Via},
    incoming::{Coming, Owner},
    wire::Wire,
};
use crate::{channel::SendError, tls};

/// The server is asked to know us for so long, in seconds; the line is renewed before.
const EXPIRES: u32 = 90;
/// A server that refuses us or does not answer is tried at least so often.
const SELDOM: Duration = Duration::from_secs(60);
/// A connection stands within this, or not at all.
const CONNECT: Duration = Duration::from_secs(10);

/// An open line.
pub(super) struct Line {
    /// Whose it is.
    pub account: Account,
    /// What it goes through.
    pub wire: Arc<Wire>,
    /// Our address as the server sees it from this network.
    pub here: IpAddr,
    owner: Owner,
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
    /// Opens the line; nothing is sent yet. Calls that come in go to `calls` until [`Line::close`].
    ///
    /// # Errors
    /// Why there is none, and what to do.
    pub async fn open(account: Account, calls: mpsc::Sender<Coming>) -> Result<Self, String> {
        let servers = account.addresses().await?;
        let here = own_address(servers[0]).await?;
        let servers = servers.iter().map(SocketAddr::ip);
        let owner = Owner {
            calls,
            servers: servers.chain(account.calls_from.clone()).collect(),
            user: account.user.clone(),
        };
        let wire = Wire::at(SocketAddr::new(here, account.local_port), &owner).await?;
        if account.via == Via::Tls {
            wire.trust(&account.authorities, &account.host);
        }
        Ok(Self { account, wire, here, owner })
    }

    /// The connection to the server, which is made where there is none; for packets, our socket.
    ///
    /// # Errors
    /// Why the server can't be reached, for people.
    pub async fn connection(&self) -> Result<SipConnection, SendError> {
        let server = self.account.uri(None).map_err(SendError::lasting)?;
        let server = SipAddr::try_from(&server).map_err(|e| why(&e))?;
        let found = self.wire.endpoint.transport_layer.lookup(&server, None);
        let slow = |_| SendError::passing("the telephone server does not answer: no connection");
        let found = timeout(CONNECT, found).await.map_err(slow)?;
        found.map(|(connection, _)| connection).map_err(|e| why(&e))
    }

    /// Nothing came back over a connection: it may lead nowhere any more, without anybody having said so,
    /// and the next one is a new one. For people, what that means.
    pub fn silent(&self, connection: &SipConnection) -> String {
        self.wire.endpoint.transport_layer.remove_connection(connection);
        "the telephone server does not answer".to_owned()
    }

    /// Places a call. Nothing of it is known yet when this returns.
    ///
    /// # Errors
    /// Where the number can't be called.
    pub async fn call(&self, number: &str, offer: String) -> Result<Placed, SendError> {
        let connection = self.connection().await?;
        let uri = |user| self.account.uri(Some(user)).map_err(SendError::lasting);
        let (sender, states) = self.wire.dialogs.new_dialog_state_channel();
        let option = InviteOption {
            caller: uri(&self.account.user)?,
            callee: uri(number)?,
            content_type: Some("application/sdp".into()),
            offer: Some(offer.into_bytes()),
            contact: reached_at(&self.account.user, connection.get_addr()),
            credential: self.account.credential(),
            call_id: Some(format!("{:016x}@{}", random(), self.here)),
            ..Default::default()
        };
        let placed = self.wire.dialogs.do_invite_async(option, sender);
        let (dialog, answer) = placed.map_err(|e| why(&e))?;
        Ok(Placed { dialog, states, answer })
    }

    /// No more calls come in. Those that last go on.
    pub fn close(&self) {
        self.wire.is_left_by(&self.owner);
    }

    /// A call is over.
    pub fn forget(&self, dialog: &InviteDialog) {
        self.wire.dialogs.remove_dialog(&dialog.id());
    }

    /// Keeps the line known to the server; `told` hears how it stands after each look.
    pub async fn register(&self, mut told: impl FnMut(Result<(), String>)) {
        let mut registration =
            Registration::new(self.wire.endpoint.clone(), self.account.credential());
        let mut failures = 0;
        loop {
            let outcome = self.register_once(&mut registration).await;
            // After three quarters of the time that it knows us for, and at least of what we asked for, as
            // this shows whether it is there; or soon, and less soon.
            let known_for = registration.expires().min(EXPIRES);
            let wait = match &outcome {
                Ok(()) => Duration::from_secs((u64::from(known_for) * 3 / 4).max(1)),
                Err(_) => Duration::from_secs(1 << failures).min(SELDOM),
            };
            failures = if outcome.is_ok() { 0 } else { (failures + 1).min(10) };
            told(outcome);
            sleep(wait).await;
        }
    }

    async fn register_once(&self, registration: &mut Registration) -> Result<(), String> {
        let connection = self.connection().await.map_err(|e| e.reason)?;
        if self.account.via != Via::Udp {
            // The server calls us over the connection that we keep.
            let uri = reached_at(&self.account.user, connection.get_addr());
            registration.contact = Some(typed::Contact { display_name: None, uri, params: vec![] });
        }
        let answer = registration.register(self.account.uri(None)?, Some(EXPIRES)).await;
        let answer = answer.map_err(|error| why(&error).reason)?;
        match answer.status_code {
            code if code.kind() == StatusCodeKind::Successful => Ok(()),
            // The library's own word for silence.
            StatusCode::RequestTimeout => Err(self.silent(&connection)),
            code => Err(format!(
                "the telephone server refuses the line ({code}): check `user` and `password_file`"
            )),
        }
    }
}

/// Where we are reached through a connection, or our socket, at this address.
pub(super) fn reached_at(user: &str, at: &SipAddr) -> Uri {
    let mut uri = Uri::from(at.addr.clone());
    uri.auth = Some(Auth { user: user.to_owned(), password: None });
    let named = at.r#type.filter(|transport| *transport != Transport::Udp);
    uri.params.extend(named.map(Param::Transport));
    uri
}

/// Why the server could not be spoken to, for people, and whether that may pass: one that can't prove
/// who it is will not do so in a moment.
pub(super) fn why(error: &rsipstack::Error) -> SendError {
    let Some(refused) = tls::inside(error) else {
        return SendError::passing(format!("the telephone server does not answer: {error}"));
    };
    let (words, retry) = tls::explain(refused);
    SendError {
        retry,
        ..SendError::lasting(format!("the telephone server is not trusted: {words}"))
    }
}

/// A number that nobody can foresee.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
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
