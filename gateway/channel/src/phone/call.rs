//! One call, from the first ring to the last word.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use gengfu_core::{
    id::MessageId,
    notification::{outbox::Purpose, receipt::Receipt},
};
use rsipstack::{
    dialog::dialog::DialogState,
    sip::{Response, StatusCode},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, interval, sleep_until},
};

use super::{
    Exchange,
    conversation::{Conversation, Item, Phrase},
    line::Placed,
    player::Piece,
    sdp::{self, Agreed},
    spoken,
    stream::MOST,
    talk::{Talk, is_of_a_talk},
};
use crate::{
    channel::{Accepted, Outgoing, SEND_LIMIT, SendError},
    desk::Heard,
};

/// Nobody picks up within this: an ordinary mailbox comes after 25 s, and the step waits for 45.
const RINGING: Duration = Duration::from_secs(35);
/// While it rings, it is looked this often whether anybody still needs it.
const LOOK: Duration = Duration::from_millis(250);
/// What is told of a call that nobody needed any more.
const TAKEN_BACK: &str = "taken back while it rang: somebody else is going, or it is over";

/// What a call needs.
pub(super) struct Call {
    /// The line, the voices, the desk.
    pub exchange: Arc<Exchange>,
    /// Whom.
    pub number: String,
    /// What is told first.
    pub first: Outgoing,
    /// What is told in the same call.
    pub joins: mpsc::Receiver<Outgoing>,
    /// Whoever waits to hear that it rings.
    pub rings: Option<oneshot::Sender<Result<Accepted, SendError>>>,
}

impl Call {
    /// Rings, tells, listens to keys, and reports. Ends with the call.
    pub async fn run(mut self) {
        let mut out = BTreeMap::from([(self.first.message.id, self.first.clone())]);
        let first = self.first.message.id;
        let talk = match self.ring(&mut out).await {
            Ok(talk) => talk,
            Err(failed) => return self.fail(&out, failed).await,
        };
        let mut conversation = Conversation::begin(self.item(&self.first));
        for other in out.values().filter(|other| other.message.id != first) {
            conversation.join(self.item(other));
        }
        let is_mute = talk.run(&mut self, &mut conversation, &mut out).await;
        self.joins.close();
        while let Some(late) = self.joins.recv().await {
            conversation.join(self.item(&late));
        }
        for message in conversation.told() {
            self.report(message, Receipt::Delivered).await;
        }
        for message in conversation.unanswered() {
            let reason = match is_mute {
                true => {
                    "somebody picked up, and nothing was ever heard from there: the way is broken"
                }
                false => "somebody or a mailbox picked up, and no key was pressed",
            };
            let reason = reason.to_owned();
            self.report(message, Receipt::Declined { reason }).await;
        }
    }

    pub(super) fn item(&self, out: &Outgoing) -> Item {
        let (message, purpose) = (out.message.id, &out.message.content.purpose);
        if matches!(purpose, Purpose::Muster { .. }) {
            return Item::of_muster(message);
        }
        let car = self.exchange.desk.car_of(message).is_some();
        Item::new(message, purpose.asks(), car)
    }

    /// Until somebody picks up.
    async fn ring(&mut self, out: &mut BTreeMap<MessageId, Outgoing>) -> Result<Talk, SendError> {
        let passing = |reason: String| SendError::passing(reason);
        let line = &self.exchange.line;
        let jack = line.jack().await.map_err(passing)?;
        let mut manner = line.manner();
        let offer = manner.offer(&jack);
        let Placed { mut dialog, mut states, mut answer } = line.call(&self.number, offer).await?;
        // Made while it rings, so that nobody waits for it.
        self.prepare(&self.first);
        // Half of what a send may take: then there is room for another try.
        let mut until = Instant::now() + SEND_LIMIT.to_std() / 2;
        let mut look = interval(LOOK);
        let mut early = None;
        let mut ahead = VecDeque::new();
        let mut buffer = [0; MOST];
        loop {
            tokio::select! {
                Some(state) = states.recv() => match state {
                    DialogState::Early(_, response) => {
                        early = described(&response).or(early);
                        if let Some(rings) = self.rings.take() {
                            let id = dialog.id().call_id.chars().take(64).collect();
                            // Whoever asked has given up only if the gateway stops.
                            let _ = rings.send(Ok(Accepted::named(Some(id))));
                            until = Instant::now() + RINGING;
                        }
                    }
                    _ if is_of_a_talk(&state) => ahead.push_back(state),
                    _ => {}
                },
                () = jack.ignore(&mut buffer) => {}
                Some(joined) = self.joins.recv() => {
                    self.prepare(&joined);
                    out.insert(joined.message.id, joined);
                }
                ended = &mut answer => {
                    let response = match ended {
                        Ok(Ok((_, Some(response)))) => response,
                        Ok(Ok((_, None))) => return Err(passing("the telephone server said nothing".into())),
                        Ok(Err(error)) => return Err(passing(format!("the telephone server can't be reached: {error}"))),
                        Err(error) => return Err(passing(error.to_string())),
                    };
                    if response.status_code != StatusCode::OK {
                        line.forget(&dialog);
                        if let Some(next) = manner.after(&response) {
                            manner = next;
                            let offer = manner.offer(&jack);
                            let again = line.call(&self.number, offer).await?;
                            Placed { dialog, states, answer } = again;
                            continue;
                        }
                        return Err(refused(&response));
                    }
                    // Some describe themselves while it rings, and not once more.
                    let early = early.filter(|_| response.body.is_empty());
                    let agreed = described(&response).or(early);
                    let agreed = agreed.ok_or_else(|| "the other side speaks no G.711".to_owned());
                    let stream = match agreed.and_then(|agreed| jack.plug(agreed)) {
                        Ok(stream) => stream,
                        Err(reason) => {
                            let _ = dialog.hangup().await;
                            line.forget(&dialog);
                            return Err(SendError::lasting(reason));
                        }
                    };
                    if let Some(rings) = self.rings.take() {
                        let _ = rings.send(Ok(Accepted::named(Some(dialog.id().call_id))));
                    }
                    let placed = Placed { dialog, states, answer };
                    return Ok(Talk { stream, placed, ahead });
                }
                _ = look.tick() => if !out.keys().any(|message| self.exchange.desk.wants(*message)) {
                    let _ = dialog.cancel().await;
                    return Err(SendError::declined(TAKEN_BACK));
                },
                () = sleep_until(until) => {
                    let rang = self.rings.is_none();
                    // It may have been answered this moment; then it is ended by the library.
                    let _ = dialog.cancel().await;
                    return Err(if rang {
                        SendError::declined(format!("nobody picked up within {RINGING:?}"))
                    } else {
                        passing("the telephone server does not answer".into())
                    });
                }
            }
        }
    }

    fn prepare(&self, out: &Outgoing) {
        // It is kept when it is made, whoever waits for it.
        let language = out.message.language;
        let text = spoken::message(&out.message.content, language);
        drop(self.exchange.speech.piece(language, text));
    }

    async fn fail(mut self, out: &BTreeMap<MessageId, Outgoing>, failed: SendError) {
        let mut rest: Vec<MessageId> = out.keys().copied().collect();
        if let Some(rings) = self.rings.take() {
            rest.retain(|id| *id != self.first.message.id);
            let _ = rings.send(Err(failed.clone()));
        }
        self.joins.close();
        while let Some(late) = self.joins.recv().await {
            rest.push(late.message.id);
        }
        for message in rest {
            let last = SendError { retry: false, ..failed.clone() };
            self.report(message, last.receipt()).await;
        }
    }

    async fn report(&self, message: MessageId, receipt: Receipt) {
        if let Err(reason) = self.exchange.desk.put(Heard::Receipt { message, receipt }).await {
            tracing::debug!(%message, reason, "what became of a call was not taken");
        }
    }

    /// The sentences, each made at once and by itself.
    pub(super) fn pieces(
        &self,
        phrases: &[Phrase],
        out: &BTreeMap<MessageId, Outgoing>,
    ) -> Vec<Piece> {
        let language = self.first.message.language;
        let words = |phrase: &Phrase| match phrase {
            Phrase::Message(id) | Phrase::First(id) => {
                let of = out.get(id)?;
                let (language, content) = (of.message.language, &of.message.content);
                let words = match phrase {
                    Phrase::First(_) => spoken::first(content, &of.card, language),
                    _ => spoken::message(content, language),
                };
                Some((language, words))
            }
            common => Some((language, spoken::common(common, language))),
        };
        let said = phrases.iter().filter_map(words).filter(|(_, words)| !words.is_empty());
        said.map(|(language, words)| self.exchange.speech.piece(language, words)).collect()
    }
}

/// How the other side describes its speech.
fn described(response: &Response) -> Option<Agreed> {
    sdp::agreed(&String::from_utf8_lossy(&response.body))
}

/// Why the other side did not take the call, for people.
fn refused(answer: &Response) -> SendError {
    let code = answer.status_code.code();
    match code {
        486 | 600 => SendError::declined("the phone is busy"),
        603 | 607 => SendError::declined("the call was refused"),
        408 | 480 | 487 => SendError::declined("the phone can't be reached"),
        404 | 410 | 484 | 604 => SendError::gone("there is no such number"),
        401 | 403 | 407 => SendError::lasting(
            "the telephone server does not let this line call: check `user`, `password_file` and the contract",
        ),
        488 | 606 => {
            SendError::lasting("the other side speaks no G.711, or not as it is to be encrypted")
        }
        _ => {
            let reason = format!("the telephone server answered {code}");
            SendError { retry: code >= 500, ..SendError::lasting(reason) }
        }
    }
}
