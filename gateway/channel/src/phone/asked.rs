//! Somebody whom we know calls the line: they want to know who is on call. They are told, and that is all.

use std::time::Duration;

use gengfu_core::text::Language;
use rsipstack::{dialog::dialog::DialogState, sip::StatusCode};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::{
    Exchange,
    conversation::Phrase,
    incoming::Coming,
    player::{Player, Then},
    rtp, spoken,
    stream::MOST,
};

/// No answer is longer: a dozen rosters, told twice.
const LONGEST: Duration = Duration::from_secs(180);

impl Exchange {
    /// Picks up, says it twice, and hangs up.
    pub(super) async fn tell_duty(&self, coming: Coming, language: Language, words: String) {
        let Coming { from, offer, dialog, mut states, .. } = coming;
        let mut stream = match self.pick_up(&offer, &dialog).await {
            Ok(stream) => stream,
            Err(reason) => {
                tracing::warn!(from, reason, "a neighbour's call could not be answered");
                let _ = dialog.reject(Some(StatusCode::NotAcceptableHere), None);
                return self.line.forget(&dialog);
            }
        };
        tracing::info!(from, "a neighbour asks who is on call");
        let greeting = spoken::common(&Phrase::Greeting, language);
        let bye = spoken::common(&Phrase::Bye, language);
        let sentences = [greeting, words.clone(), words, bye];
        let mut player = Player::default();
        player.say(sentences.map(|text| self.speech.piece(language, text)).into(), true);
        let mut tick = interval(rtp::PACKET);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut buffer = [0; MOST];
        let end = Instant::now() + LONGEST;
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    let (samples, then) = player.frame();
                    stream.send(&samples).await;
                    if then == Then::Over {
                        break;
                    }
                }
                // Whatever they say: only where it comes from is of use, to be heard behind a router.
                _ = stream.receive(&mut buffer) => {}
                state = states.recv() => match state {
                    Some(DialogState::Info(_, _, handle)) => {
                        let _ = handle.reply(StatusCode::OK).await;
                    }
                    Some(DialogState::Updated(_, request, handle)) => {
                        stream.change(&request, handle).await;
                    }
                    Some(DialogState::Terminated(..)) | None => {
                        return self.line.forget(&dialog);
                    }
                    Some(_) => {}
                },
                () = sleep_until(end) => break,
            }
        }
        if let Err(error) = dialog.hangup().await {
            tracing::debug!(%error, "a neighbour's call was not ended properly");
        }
        self.line.forget(&dialog);
    }
}
