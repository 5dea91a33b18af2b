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

use super::{
    car::Cars,
    incoming::{Owner, Ownership, receive},
};

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
    /// The cars that are on it now.
    pub cars: Cars,
    ownership: Ownership,
    closed: CancellationToken,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

impl Wire {
    /// The wire at this address, for this owner alone; a new one at any port where that is 0.
    ///
    /// # Errors
    /// Where another program, or another line that is open, has the port.
    pub async fn at(at: SocketAddr, owner: &Owner) -> Result<Arc<Self>, String> {
        let mut last = String::new();
        for _ in 0..TRIES {
            last = match Self::held_or_new(at).await {
                Ok(wire) if wire.is_taken_by(owner) => return Ok(wire),
                Ok(_) => {
                    format!("another line has the port {}: name another `local_port`", at.port())
                }
                Err(reason) => reason,
            };
            if at.port() == 0 {
                break;
            }
            // It may be let go of this moment.
            sleep(TRY).await;
        }
        Err(last)
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
            cars: Cars::default(),
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

    /// Calls that come in go there from now on, unless they go to somebody else.
    fn is_taken_by(&self, owner: &Owner) -> bool {
        self.ownership.send_if_modified(|now| {
            let is_free = now.as_ref().is_none_or(|now| now.calls.is_closed());
            if is_free {
                *now = Some(owner.clone());
            }
            is_free
        })
    }

    /// An owner takes no more calls.
    pub fn is_left_by(&self, owner: &Owner) {
        self.ownership.send_if_modified(|now| {
            now.take_if(|now| now.calls.same_channel(&owner.calls)).is_some()
        });
    }
}
