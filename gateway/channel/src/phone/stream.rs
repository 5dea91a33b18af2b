//! The stream of speech in one call: our socket, what was agreed, and whose packets are taken.

use std::net::{IpAddr, SocketAddr};

use rsipstack::{
    dialog::dialog::TransactionHandle,
    sip::{Header, Request, StatusCode},
};
use tokio::net::UdpSocket;

use super::{
    line::random,
    rtp::Sender,
    sdp::{self, Agreed},
};

/// The largest packet that is looked at, in bytes.
pub(super) const MOST: usize = 2_048;

/// Our end of a stream of which nothing is agreed yet.
pub(super) struct Jack {
    socket: UdpSocket,
    /// Where we want to hear the other side.
    pub at: SocketAddr,
}

impl Jack {
    /// A socket of its own for each call.
    ///
    /// # Errors
    /// Where there is none to be had.
    pub async fn open(here: IpAddr) -> Result<Self, String> {
        let none = |e: std::io::Error| format!("no socket for speech: {e}");
        let socket = UdpSocket::bind(SocketAddr::new(here, 0)).await.map_err(none)?;
        let at = socket.local_addr().map_err(none)?;
        Ok(Self { socket, at })
    }

    /// The stream that both sides agreed on.
    pub fn plug(self, agreed: Agreed) -> Stream {
        let (a, b) = (random(), random());
        let sender = Sender::new(a as u16, (a >> 16) as u32, b as u32);
        let Self { socket, at } = self;
        Stream { socket, at, agreed, sender, heard_from: None }
    }
}

/// Speech both ways.
pub(super) struct Stream {
    socket: UdpSocket,
    at: SocketAddr,
    /// What both sides agreed on.
    pub agreed: Agreed,
    sender: Sender,
    /// Where their speech comes from, once it does.
    heard_from: Option<SocketAddr>,
}

impl Stream {
    /// Says the next 20 ms.
    pub async fn send(&mut self, samples: &[i16]) {
        let packet = self.sender.packet(samples, self.agreed.law);
        // A packet that can't be sent is a gap of 20 ms.
        let _ = self.socket.send_to(&packet, self.agreed.to).await;
    }

    /// The next packet of the other side; none where it was a stranger's. Nothing is lost if nobody
    /// waits for it to the end.
    pub async fn receive<'b>(&mut self, buffer: &'b mut [u8; MOST]) -> Option<&'b [u8]> {
        let (length, from) = self.socket.recv_from(buffer).await.ok()?;
        self.is_them(from).then(|| &buffer[..length])
    }

    /// Speech comes from where it first came from: behind a router that is not where the description
    /// says, and then it is there that they hear us, too (RFC 4961). A stranger's packets in the
    /// middle of a call are no keys.
    fn is_them(&mut self, from: SocketAddr) -> bool {
        let them = *self.heard_from.get_or_insert(from);
        self.agreed.to = them;
        them == from
    }

    /// The other side describes itself anew in the middle of the call, and is answered with what
    /// `describe` makes of it.
    pub async fn change(
        &mut self,
        request: &Request,
        handle: TransactionHandle,
        describe: impl FnOnce(SocketAddr, &Agreed) -> String,
    ) {
        let new = sdp::agreed(&String::from_utf8_lossy(&request.body));
        // Without a description it only asks whether the call still stands.
        if new.is_none() && !request.body.is_empty() {
            let _ = handle.reply(StatusCode::NotAcceptableHere).await;
            return;
        }
        self.agreed = new.unwrap_or(self.agreed);
        self.heard_from = None;
        let kind = Header::ContentType("application/sdp".into());
        let body = describe(self.at, &self.agreed).into_bytes();
        let _ = handle.respond(StatusCode::OK, Some(vec![kind]), Some(body)).await;
    }
}
