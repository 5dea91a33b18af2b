//! Carriers: what becomes of a message between the gateway and a telephone.

use gengfu_core::{
    notification::{outbox::Message, receipt::Receipt},
    time::{Span, Timestamp},
};

use super::{
    plan::Mood,
    rng::{Rng, number},
};

/// One way of reaching people.
#[derive(Debug)]
pub struct Carrier {
    /// How it behaves, until then; well at any other time.
    pub mood: (Mood, Timestamp),
}

/// What a carrier does with one message, each after so long.
#[derive(Debug, Default)]
pub struct Fate {
    /// Words to the gateway that only the process which gave the message can hear.
    pub answers: Vec<(Span, Receipt)>,
    /// Words that come in by the front door, whichever process is there.
    pub reports: Vec<(Span, Receipt)>,
    /// When the telephone rings.
    pub rings: Vec<Span>,
}

impl Carrier {
    /// What it does with a message that it is given for the so manieth time.
    pub fn takes(&self, seed: u64, message: &Message, now: Timestamp, given: u64) -> Fate {
        let channel = number(message.channel().as_str());
        let mut rng = Rng::about(seed, &[40, channel, message.id.0, given]);
        let mut ms = |from: u64, to: u64| Span::millis(rng.between(from, to));
        let mood = if now < self.mood.1 { self.mood.0 } else { Mood::Works };
        let accepted = |after| (after, Receipt::Accepted { carrier_id: None, cost: None });
        let failed = |after, retry| (after, Receipt::Failed { reason: "no route".into(), retry });
        let soon = ms(30, 900);
        let mut fate = Fate::default();
        match mood {
            Mood::Works => {
                fate.answers.push(accepted(soon));
                fate.rings.push(soon + ms(100, 4_000));
                fate.reports.push((soon + ms(4_000, 8_000), Receipt::Delivered));
            }
            Mood::Slow => {
                fate.answers.push(accepted(ms(2_000, 20_000)));
                fate.rings.push(ms(21_000, 70_000));
            }
            Mood::Loses => fate.answers.push(accepted(soon)),
            Mood::Twice => {
                fate.answers.extend([accepted(soon), accepted(soon + ms(1, 3_000))]);
                fate.rings.extend([soon + ms(100, 2_000), soon + ms(2_000, 30_000)]);
            }
            Mood::TakesThenFails => {
                fate.answers.push(accepted(soon));
                fate.reports.push(failed(ms(2_000, 90_000), false));
            }
            Mood::ReportsLate => {
                fate.rings.push(soon);
                fate.answers.push(accepted(ms(60_000, 95_000)));
                fate.reports.push((ms(100_000, 300_000), Receipt::Delivered));
            }
            Mood::Fails => fate.answers.push(failed(soon, true)),
            Mood::Refuses => fate.answers.push(failed(soon, false)),
            Mood::Silent => {}
        }
        fate
    }
}
