//! One attempt after the other, for ever.

use core::cell::RefCell;

use embassy_time::{Duration, Timer, with_timeout};

use super::{
    Lost, Moment,
    backoff::{Backoff, GOOD_MS},
    reach::{Network, Stream},
    session::{Packets, Speaker},
    settings::{Gateway, Settings},
    tls::{line::Line, random::Random, stream::Secure},
};

/// The gateway has shaken hands within so long: a Cortex-M0+ needs seconds of it for itself.
const SHAKEN: Duration = Duration::from_secs(15);

/// While the board has no address it is looked this often whether it has one now.
const LOOK: Duration = Duration::from_secs(1);

/// Reaches a gateway, holds the session, and comes again when it is lost. The gateways are tried in
/// their order, without a pause between them; after a good session it begins with the first again, and after one
/// that was short, or in which nobody was heard, it goes on to the next.
/// `random` has 32 random bits, other ones on each board: the chip's noise, where it has any.
pub async fn keep<const INPUTS: usize, const QUEUE: usize>(
    mut network: impl Network,
    settings: &Settings<'_>,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    packets: &mut Packets,
    mut random: impl FnMut() -> u32,
    mut log: impl FnMut(Moment<'_>),
) -> ! {
    let mut backoff = Backoff::new();
    let mut secret = Random::new(settings.password, speaker.who.boot, &mut random);
    loop {
        log(Moment::Round);
        while with_timeout(LOOK, network.is_up()).await.is_err() {
            log(Moment::Round);
        }
        let mut stood_ms = 0;
        let has_other = settings.gateways.len() > 1;
        for gateway in &settings.gateways {
            log(Moment::Round);
            log(Moment::Trying(gateway));
            let tls = settings.gateway_key.as_ref().map(|key| (key, &mut secret));
            let (lost, stood) =
                attempt(&mut network, gateway, tls, has_other, speaker, packets, &mut log).await;
            log(Moment::Lost(lost));
            let stood = stood.unwrap_or(0);
            stood_ms = stood.max(stood_ms);
            if is_good(lost, stood) {
                break;
            }
        }
        log(Moment::Round);
        let pause_ms = backoff.pause_ms(stood_ms, random());
        Timer::after_millis(pause_ms.into()).await;
    }
}

/// Whether a session that stood for so many milliseconds speaks for its gateway: the next attempt is made by the
/// order of the gateways, and not at the one behind it.
pub fn is_good(lost: Lost, stood_ms: u64) -> bool {
    stood_ms >= GOOD_MS && lost != Lost::Unheard
}

async fn attempt<const INPUTS: usize, const QUEUE: usize>(
    network: &mut impl Network,
    gateway: &Gateway<'_>,
    tls: Option<(&[u8; 32], &mut Random)>,
    has_other: bool,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    packets: &mut Packets,
    log: &mut impl FnMut(Moment<'_>),
) -> (Lost, Option<u64>) {
    let mut stream = match network.reach(gateway).await {
        Ok(stream) => stream,
        Err(lost) => return (lost, None),
    };
    let Packets { words, tls: memory } = packets;
    let (records, engine) = memory.parts();
    let records = RefCell::new(records);
    let line = match tls {
        None => Ok(Line::Plain(&mut stream)),
        // Where TLS is to be, there is never a session without it.
        Some((key, random)) => {
            let shaken = Secure::open(&mut stream, &records, engine, key, random);
            let shaken = with_timeout(SHAKEN, shaken).await.unwrap_or(Err(Lost::Silent));
            shaken.map(Line::Secure)
        }
    };
    let ended = match line {
        Ok(line) => speaker.speak(line, words, has_other, log).await,
        Err(lost) => (lost, None),
    };
    stream.end().await;
    ended
}
