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
    sdes::{Crypto, OwnKeys},
    sdp::{self, Agreed, Profile},
    srtp::{Opener, Sealer},
};

/// The largest packet that is looked at, in bytes.
pub(super) const MOST: usize = 2_048;
/// What is said where one side insists on encryption that the other does not have.
pub(super) const NOT_ENCRYPTED: &str =
    "the other side does not encrypt speech, and `srtp` is \"required\"";

/// Our end of a stream of which nothing is agreed yet.
pub(super) struct Jack {
    socket: UdpSocket,
    at: SocketAddr,
    keys: OwnKeys,
    /// Nothing is said or heard that is not encrypted.
    required: bool,
}

impl Jack {
    /// A socket of its own for each call. `required`: its speech must be encrypted.
    ///
    /// # Errors
    /// Where there is none to be had.
    pub async fn open(here: IpAddr, required: bool) -> Result<Self, String> {
        let none = |e: std::io::Error| format!("no socket for speech: {e}");
        let socket = UdpSocket::bind(SocketAddr::new(here, 0)).await.map_err(none)?;
        let at = socket.local_addr().map_err(none)?;
        Ok(Self { socket, at, keys: OwnKeys::draw()?, required })
    }

    /// What we offer; `encrypted`: with our keys, in packets that look like this.
    pub fn offer(&self, profile: Profile, encrypted: bool) -> String {
        sdp::offer(self.at, profile, encrypted.then_some(&self.keys))
    }

    /// What we answer to an offer.
    pub fn answer(&self, offer: &str, agreed: &Agreed) -> String {
        sdp::answer(self.at, offer, agreed, &self.keys)
    }

    /// Forgets a packet that comes before anybody has picked up: what a provider plays meanwhile, and
    /// keys that are no answer.
    pub async fn ignore(&self, buffer: &mut [u8; MOST]) {
        // What can't be received is nothing to ignore.
        let _ = self.socket.recv_from(buffer).await;
    }

    /// The stream that both sides agreed on.
    ///
    /// # Errors
    /// Where it would not be encrypted as it must be.
    pub fn plug(self, agreed: Agreed) -> Result<Stream, String> {
        if self.required && agreed.crypto.is_none() {
            return Err(NOT_ENCRYPTED.to_owned());
        }
        let mut early = [0; MOST];
        while self.socket.try_recv_from(&mut early).is_ok() {}
        let (a, b) = (random(), random());
        let sender = Sender::new(a as u16, (a >> 16) as u32, b as u32);
        let Self { socket, at, keys, required } = self;
        let cipher = agreed.crypto.and_then(|theirs| Cipher::new(theirs, &keys));
        let named = agreed.to;
        Ok(Stream { socket, at, keys, required, agreed, sender, cipher, named, heard_from: None })
    }
}

/// What an encrypted stream goes through, both ways.
struct Cipher {
    theirs: Crypto,
    sealer: Sealer,
    opener: Opener,
}

impl Cipher {
    fn new(theirs: Crypto, own: &OwnKeys) -> Option<Self> {
        let suite = theirs.suite;
        let sealer = Sealer::new(suite, &own.of(suite))?;
        Some(Self { theirs, sealer, opener: Opener::new(suite, &theirs.keys)? })
    }

    /// The same after the other side has described itself anew. Our own numbers go on, and with the
    /// same keys of theirs so do theirs: otherwise one packet's keys would serve another.
    fn renew(old: Option<Self>, theirs: Crypto, own: &OwnKeys) -> Option<Self> {
        let fresh = Self::new(theirs, own)?;
        Some(match old {
            Some(old) if old.theirs.suite != theirs.suite => fresh,
            Some(old) if old.theirs.keys == theirs.keys => Self { theirs, ..old },
            Some(old) => Self { sealer: old.sealer, ..fresh },
            None => fresh,
        })
    }
}

/// Speech both ways.
pub(super) struct Stream {
    socket: UdpSocket,
    at: SocketAddr,
    keys: OwnKeys,
    required: bool,
    /// What both sides agreed on.
    pub agreed: Agreed,
    sender: Sender,
    cipher: Option<Cipher>,
    /// Where the description says that they are.
    named: SocketAddr,
    /// Where their speech comes from, once it does.
    heard_from: Option<SocketAddr>,
}

impl Stream {
    /// Says the next 20 ms.
    pub async fn send(&mut self, samples: &[i16]) {
        let plain = self.sender.packet(samples, self.agreed.law);
        let packet = match &mut self.cipher {
            Some(cipher) => cipher.sealer.seal(plain),
            // Said openly only where that was agreed.
            None => self.agreed.crypto.is_none().then_some(plain),
        };
        if let Some(packet) = packet {
            // A packet that can't be sent is a gap of 20 ms.
            let _ = self.socket.send_to(&packet, self.agreed.to).await;
        }
    }

    /// The next packet of the other side; none where it was a stranger's. Nothing is lost if nobody
    /// waits for it to the end.
    pub async fn receive<'b>(&mut self, buffer: &'b mut [u8; MOST]) -> Option<&'b [u8]> {
        let (mut length, from) = self.socket.recv_from(buffer).await.ok()?;
        if self.agreed.crypto.is_some() {
            length = self.cipher.as_mut()?.opener.open(&mut buffer[..length])?;
        }
        self.is_them(from).then(|| &buffer[..length])
    }

    /// Speech comes from where it first came from: behind a router that is not where the description
    /// says, and then it is there that they hear us, too (RFC 4961). A stranger's packets in the
    /// middle of a call are no keys, and one who was faster than whom the description names is put out
    /// as soon as that one speaks.
    fn is_them(&mut self, from: SocketAddr) -> bool {
        if from == self.named {
            self.heard_from = Some(from);
        }
        let them = *self.heard_from.get_or_insert(from);
        self.agreed.to = them;
        them == from
    }

    /// The other side describes itself anew in the middle of the call.
    pub async fn change(&mut self, request: &Request, handle: TransactionHandle) {
        let offer = String::from_utf8_lossy(&request.body);
        let new = sdp::agreed(&offer);
        // Without a description it only asks whether the call still stands.
        let is_understood = new.is_some() || request.body.is_empty();
        let agreed = new.unwrap_or(self.agreed);
        if !is_understood || self.required && agreed.crypto.is_none() {
            let _ = handle.reply(StatusCode::NotAcceptableHere).await;
            return;
        }
        self.agreed = agreed;
        self.named = agreed.to;
        self.heard_from = None;
        let old = self.cipher.take();
        self.cipher = agreed.crypto.and_then(|theirs| Cipher::renew(old, theirs, &self.keys));
        let kind = Header::ContentType("application/sdp".into());
        let body = sdp::answer(self.at, &offer, &self.agreed, &self.keys).into_bytes();
        let _ = handle.respond(StatusCode::OK, Some(vec![kind]), Some(body)).await;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::{super::g711::Law, *};

    #[tokio::test]
    async fn who_is_faster_than_the_one_called_does_not_keep_the_call() {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let open = async || UdpSocket::bind((here, 0)).await.unwrap();
        let (called, stranger) = (open().await, open().await);
        let jack = Jack::open(here, false).await.unwrap();
        let us = jack.at;
        let to = called.local_addr().unwrap();
        let (law, profile) = (Law::A, Profile::Plain);
        let agreed = Agreed { to, law, events: Some(101), profile, crypto: None, place: 0 };
        let mut stream = jack.plug(agreed).unwrap();
        let mut buffer = [0; MOST];

        // Whoever speaks first is believed: behind a router nobody is where they say.
        stranger.send_to(b"first", us).await.unwrap();
        assert_eq!(stream.receive(&mut buffer).await, Some(&b"first"[..]));
        called.send_to(b"it is me", us).await.unwrap();
        assert_eq!(stream.receive(&mut buffer).await, Some(&b"it is me"[..]));
        stranger.send_to(b"1", us).await.unwrap();
        assert_eq!(stream.receive(&mut buffer).await, None, "a stranger presses a key");
        stream.send(&[0; 160]).await;
        assert!(called.recv(&mut buffer).await.is_ok());
        assert_eq!(stream.agreed.to, to, "and hears what is said");
    }
}
