//! One attempt after the other, for ever.

use embassy_net::{IpAddress, Stack, dns::DnsQueryType, tcp::TcpSocket};
use embassy_time::{Duration, Timer, with_timeout};

use super::{
    Lost, Moment,
    backoff::Backoff,
    session::{Packets, Speaker},
    settings::{Gateway, Settings},
    transport::Transport,
};

/// A name is looked up, and a connection stands, within so long.
const REACH: Duration = Duration::from_secs(5);
/// What was sent is acknowledged by the peer's TCP within so long.
const SENT: Duration = Duration::from_secs(20);
/// What the other side is told last leaves within so long.
const FAREWELL: Duration = Duration::from_secs(1);
/// The socket's room in each direction, in bytes: a whole message.
const SOCKET: usize = 2048;

/// Room for a connection, and for what is said in it.
pub struct Room {
    heard: [u8; SOCKET],
    said: [u8; SOCKET],
    packets: Packets,
}

impl Room {
    /// Room in which nothing stands.
    pub const fn new() -> Self {
        Self { heard: [0; SOCKET], said: [0; SOCKET], packets: Packets::new() }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

/// Reaches a gateway, holds the session, and comes again when it is lost. The gateways are tried in
/// their order, without a pause between them; after a session it begins with the first again.
/// `random` has 32 random bits, other ones on each board.
pub async fn keep<const INPUTS: usize, const QUEUE: usize>(
    stack: Stack<'_>,
    settings: &Settings<'_>,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    room: &mut Room,
    mut random: impl FnMut() -> u32,
    mut log: impl FnMut(Moment<'_>),
) -> ! {
    let mut backoff = Backoff::new();
    loop {
        stack.wait_config_up().await;
        let mut stood_ms = 0;
        for gateway in &settings.gateways {
            log(Moment::Trying(gateway));
            let (lost, stood) = attempt(stack, gateway, speaker, room, &mut log).await;
            log(Moment::Lost(lost));
            if let Some(stood) = stood {
                stood_ms = stood;
                break;
            }
        }
        let pause_ms = backoff.pause_ms(stood_ms, random());
        Timer::after_millis(pause_ms.into()).await;
    }
}

async fn attempt<const INPUTS: usize, const QUEUE: usize>(
    stack: Stack<'_>,
    gateway: &Gateway<'_>,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    room: &mut Room,
    log: &mut impl FnMut(Moment<'_>),
) -> (Lost, Option<u64>) {
    let Some(address) = address(stack, gateway.host).await else {
        return (Lost::NoSuchName, None);
    };
    let Room { heard, said, packets } = room;
    let mut socket = TcpSocket::new(stack, heard, said);
    socket.set_timeout(Some(SENT));
    socket.set_nagle_enabled(false);
    let ended = match with_timeout(REACH, socket.connect((address, gateway.port))).await {
        Ok(Ok(())) => speaker.speak(Transport(&mut socket), packets, log).await,
        _ => (Lost::Unreachable, None),
    };
    // The other side is told, where it can be, rather than left with half a connection.
    socket.abort();
    let _ = with_timeout(FAREWELL, socket.flush()).await;
    ended
}

async fn address(stack: Stack<'_>, host: &str) -> Option<IpAddress> {
    if let Ok(address) = host.parse() {
        return Some(IpAddress::Ipv4(address));
    }
    let found = with_timeout(REACH, stack.dns_query(host, DnsQueryType::A)).await.ok()?.ok()?;
    found.first().copied()
}
