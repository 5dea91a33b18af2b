//! The wire: the socket that calls go through, and what the library keeps of them. A line that is opened
//! anew at the same port, as by a reload while somebody is on the phone, takes the wire over with the
//! calls that last: no port is free twice.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use rsipstack::{
    EndpointBuilder,
    dialog::dialog_layer::DialogLayer,
    platform::CancellationToken,
    transaction::endpoint::EndpointInnerRef,
    transport::{TlsConfig, TransportLayer, udp::UdpConnection},
};
use tokio::time::sleep;

use super::incoming::{Owner, Ownership, receive};

/// A port that was in use a moment ago is tried for so long, in tries.
const TRIES: u32 = 40;
/// And so long after each.
const TRY: Duration = Duration::from_millis(50);

/// The wires with a port of their own that are open in this process.
static HELD: Mutex<BTreeMap<SocketAddr, Weak<Wire>>> = Mutex::new(BTreeMap::new());

/// An open wire. It closes when the last line and the last call over it are gone.
pub(super) struct Wire {
    /// The protocol itself.
    pub endpoint: EndpointInnerRef,
    /// The calls.
    pub dialogs: Arc<DialogLayer>,
    ownership: Ownership,
    closed: CancellationToken,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

impl Wire {
    /// The wire at this address, a new one at any port where that is 0.
    ///
    /// # Errors
    /// Where another program has the port.
    pub async fn at(at: SocketAddr) -> Result<Arc<Self>, String> {
        for _ in 1..TRIES {
            match Self::held_or_new(at).await {
                Ok(wire) => return Ok(wire),
                // It may have been let go of this moment.
                Err(_) if at.port() != 0 => sleep(TRY).await,
                Err(error) => return Err(error),
            }
        }
        Self::held_or_new(at).await
    }

    async fn held_or_new(at: SocketAddr) -> Result<Arc<Self>, String> {
        let held = HELD.lock().unwrap_or_else(PoisonError::into_inner).get(&at).cloned();
        if let Some(wire) = held.as_ref().and_then(Weak::upgrade) {
            return Ok(wire);
        }
        let wire = Arc::new(Self::open(at).await?);
        if at.port() != 0 {
            let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|_, wire| wire.strong_count() > 0);
            held.insert(at, Arc::downgrade(&wire));
        }
        Ok(wire)
    }

    async fn open(at: SocketAddr) -> Result<Self, String> {
        let closed = CancellationToken::new();
        let transports = TransportLayer::new(closed.child_token());
        let socket = UdpConnection::create_connection(at, None, Some(closed.child_token()));
        let socket = socket.await.map_err(|e| format!("no socket for SIP: {e}"))?;
        transports.add_transport(socket.into());
        let endpoint = EndpointBuilder::new()
            .with_user_agent("Gengfu")
            .with_transport_layer(transports)
            .with_cancel_token(closed.clone())
            .build();
        let incoming = endpoint.incoming_transactions().map_err(|e| e.to_string())?;
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        let ownership = Ownership::default();
        let wire = Self {
            endpoint: endpoint.inner.clone(),
            dialogs: dialogs.clone(),
            ownership: ownership.clone(),
            closed: closed.clone(),
        };
        tokio::spawn(async move {
            tokio::select! {
                () = closed.cancelled() => {}
                _ = async { tokio::join!(endpoint.serve(), receive(incoming, dialogs, ownership)) } => {}
            }
        });
        Ok(wire)
    }

    /// Whom connections are believed that are opened from now on: those that these authorities vouch for
    /// under this name.
    pub fn trust(&self, authorities: &[u8], host: &str) {
        self.endpoint.transport_layer.set_tls_config(TlsConfig {
            ca_certs: Some(authorities.to_vec()),
            // The server's name, whatever address a call goes on at.
            sni_hostname: Some(host.trim_matches(['[', ']']).to_owned()),
            ..TlsConfig::default()
        });
    }

    /// Calls that come in go there from now on.
    pub fn belongs_to(&self, owner: Owner) {
        *self.ownership.lock().unwrap_or_else(PoisonError::into_inner) = Some(owner);
    }

    /// An owner takes no more calls; another one may have taken the wire over meanwhile.
    pub fn is_left_by(&self, owner: &Owner) {
        let mut now = self.ownership.lock().unwrap_or_else(PoisonError::into_inner);
        now.take_if(|now| now.calls.same_channel(&owner.calls));
    }

    /// Ends with the wire.
    pub fn until_closed(&self) -> CancellationToken {
        self.closed.child_token()
    }
}
