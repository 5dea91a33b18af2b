//! One attempt after the other, for ever.

use embassy_time::Timer;

use super::{
    Lost, Moment,
    backoff::Backoff,
    reach::{Network, Stream},
    session::{Packets, Speaker},
    settings::{Gateway, Settings},
};

/// Reaches a gateway, holds the session, and comes again when it is lost. The gateways are tried in
/// their order, without a pause between them; after a session it begins with the first again.
/// `random` has 32 random bits, other ones on each board.
pub async fn keep<const INPUTS: usize, const QUEUE: usize>(
    mut network: impl Network,
    settings: &Settings<'_>,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    packets: &mut Packets,
    mut random: impl FnMut() -> u32,
    mut log: impl FnMut(Moment<'_>),
) -> ! {
    let mut backoff = Backoff::new();
    loop {
        network.is_up().await;
        let mut stood_ms = 0;
        for gateway in &settings.gateways {
            log(Moment::Trying(gateway));
            let (lost, stood) = attempt(&mut network, gateway, speaker, packets, &mut log).await;
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
    network: &mut impl Network,
    gateway: &Gateway<'_>,
    speaker: &Speaker<'_, '_, INPUTS, QUEUE>,
    packets: &mut Packets,
    log: &mut impl FnMut(Moment<'_>),
) -> (Lost, Option<u64>) {
    let mut stream = match network.reach(gateway).await {
        Ok(stream) => stream,
        Err(lost) => return (lost, None),
    };
    let ended = speaker.speak(&mut stream, packets, log).await;
    stream.end().await;
    ended
}
