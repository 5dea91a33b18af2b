//! A call in which somebody has picked up: what is said, what is heard, and which key is pressed.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use gengfu_core::{id::MessageId, notification::wish::Wish};
use rsipstack::{
    dialog::dialog::{DialogState, DialogStateReceiver},
    sip::{Method, Request, StatusCode},
};
use tokio::{
    task::JoinHandle,
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use super::{
    Exchange,
    call::Call,
    conversation::{Act, Conversation},
    line::Placed,
    patch::Patch,
    player::{Player, Then},
    rtp,
    stream::{MOST, Stream},
};
use crate::{channel::Outgoing, desk::Heard};

/// A telephone sends speech from the first moment on, and be it silence. From one that sends nothing for so
/// long no key will come either; who only can't be heard has heard everything once by then.
const MUTE: Duration = Duration::from_secs(20);
/// No call lasts longer, whatever is pressed.
const LONGEST: Duration = Duration::from_secs(600);

/// A call in which somebody is there.
pub(super) struct Talk {
    /// Speech both ways.
    pub stream: Stream,
    /// The call itself.
    pub placed: Placed,
    /// What the other side did the moment it had picked up, before this was known here.
    pub ahead: VecDeque<DialogState>,
}

impl Talk {
    /// From the first word to the last. True where nothing was ever heard from the other side.
    pub async fn run(
        mut self,
        call: &mut Call,
        conversation: &mut Conversation,
        out: &mut BTreeMap<MessageId, Outgoing>,
    ) -> bool {
        let mut player = Player::default();
        let mut tick = interval(rtp::PACKET);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut buffer = [0; MOST];
        // No speech and no key: the way there is broken, or the server makes believe.
        let mut is_mute = true;
        let mut last_key: Option<rtp::KeyPacket> = None;
        let mut deciding: Option<(Wish, JoinHandle<Result<(), String>>)> = None;
        let mut connecting: Option<JoinHandle<Option<Patch>>> = None;
        let mut car: Option<Patch> = None;
        let end = Instant::now() + LONGEST;
        let mute_until = Instant::now() + MUTE;
        let mut act = conversation.open();
        loop {
            match std::mem::replace(&mut act, Act::Wait) {
                Act::Say(phrases) => player.say(call.pieces(&phrases, out), false),
                Act::End(phrases) => player.say(call.pieces(&phrases, out), true),
                Act::File(message, wish) => {
                    let desk = call.exchange.desk.clone();
                    let filed = async move { desk.put(Heard::Reply { message, wish }).await };
                    deciding = Some((wish, tokio::spawn(filed)));
                }
                Act::Connect(message, phrases) => {
                    player.say(call.pieces(&phrases, out), false);
                    connecting = Some(tokio::spawn(call.exchange.clone().car_of(message)));
                }
                Act::Wait => {}
            }
            tokio::select! {
                _ = tick.tick() => {
                    if car.as_ref().is_some_and(Patch::is_loose) {
                        car = None;
                        act = conversation.car_is_gone();
                        continue;
                    }
                    let voice = car.as_ref().map(Patch::hear).unwrap_or_default();
                    let (samples, then) = player.frame();
                    let samples = if samples.is_empty() { voice } else { samples };
                    self.stream.send(&samples).await;
                    match then {
                        Then::GoOn => {}
                        Then::Silence => act = conversation.silence(),
                        Then::Over => break,
                    }
                }
                packet = self.stream.receive(&mut buffer) => if let Some(packet) = packet {
                    is_mute = false;
                    let agreed = &self.stream.agreed;
                    if let Some(pressed) = agreed.events.and_then(|e| rtp::key(packet, e)) {
                        if pressed.is_news_after(last_key.as_ref()) {
                            last_key = Some(pressed);
                            act = conversation.key(pressed.key);
                        }
                    } else if let Some(car) = &car
                        && let Some(samples) = rtp::speech(packet, agreed.law)
                    {
                        car.speak(samples);
                    }
                },
                state = next(&mut self.ahead, &mut self.placed.states) => match state {
                    Some(DialogState::Info(_, request, handle)) => {
                        let _ = handle.reply(StatusCode::OK).await;
                        is_mute = false;
                        if let Some(key) = info_key(&request) {
                            act = conversation.key(key);
                        }
                    }
                    Some(DialogState::Updated(_, request, handle)) => {
                        self.stream.change(&request, handle).await;
                    }
                    Some(DialogState::Terminated(..)) | None => {
                        call.exchange.line.forget(&self.placed.dialog);
                        return false;
                    }
                    Some(_) => {}
                },
                Some(joined) = call.joins.recv() => {
                    conversation.join(call.item(&joined));
                    out.insert(joined.message.id, joined);
                }
                decided = outcome(&mut deciding) => {
                    let exchange = call.exchange.clone();
                    let has_car = |message| exchange.is_car_on_line(message);
                    act = conversation.decided(decided.0, decided.1, has_car);
                }
                found = put_through(&mut connecting) => match found {
                    Some(patch) => {
                        conversation.connected();
                        car = Some(patch);
                    }
                    None => act = conversation.no_car(),
                },
                () = sleep_until(mute_until), if is_mute => break,
                () = sleep_until(end) => break,
            }
        }
        self.hang_up(call.exchange.clone());
        is_mute
    }

    /// Says good-bye to the server, for which nobody waits: it may never answer.
    fn hang_up(self, exchange: Arc<Exchange>) {
        tokio::spawn(async move {
            if let Err(error) = self.placed.dialog.hangup().await {
                tracing::debug!(%error, "a call was not ended properly");
            }
            exchange.line.forget(&self.placed.dialog);
        });
    }
}

/// What the other side does next.
async fn next(
    ahead: &mut VecDeque<DialogState>,
    states: &mut DialogStateReceiver,
) -> Option<DialogState> {
    match ahead.pop_front() {
        Some(state) => Some(state),
        None => states.recv().await,
    }
}

/// Only who has picked up does this; whoever drops it refuses it.
pub(super) fn is_of_a_talk(state: &DialogState) -> bool {
    match state {
        DialogState::Info(..) => true,
        DialogState::Updated(_, request, _) => request.method == Method::Invite,
        _ => false,
    }
}

/// Waits for what is being decided; for ever where nothing is.
async fn outcome(
    deciding: &mut Option<(Wish, JoinHandle<Result<(), String>>)>,
) -> (Wish, Result<(), String>) {
    let Some((wish, task)) = deciding else { return std::future::pending().await };
    let outcome = task.await.unwrap_or_else(|error| Err(error.to_string()));
    let wish = *wish;
    *deciding = None;
    (wish, outcome)
}

/// Waits until a car is reached, or is known not to be; for ever where none is called.
async fn put_through(connecting: &mut Option<JoinHandle<Option<Patch>>>) -> Option<Patch> {
    let Some(task) = connecting else { return std::future::pending().await };
    let found = task.await.ok().flatten();
    *connecting = None;
    found
}

/// The key in an INFO: `application/dtmf-relay` or `application/dtmf`.
fn info_key(request: &Request) -> Option<char> {
    let body = String::from_utf8_lossy(&request.body);
    let signal = body.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then(|| value.trim().to_owned())
    });
    signal.unwrap_or_else(|| body.trim().to_owned()).chars().next()
}
