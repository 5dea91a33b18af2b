//! The telephone in a lift's car: its call is answered at once, somebody is called, and those who took
//! the alarm are put through to it (EN 81-28: two-way speech with the car).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gengfu_core::{id::MessageId, text::Language};
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver},
        invite_dialog::InviteDialog,
    },
    sip::{Header, StatusCode},
};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

use super::{
    Exchange,
    incoming::Coming,
    line::Placed,
    patch::{Patch, mix},
    player::{Piece, Player},
    recording::Recording,
    rtp, sdp, spoken,
    stream::{MOST, Stream},
};
use crate::{
    desk::{Car, Heard},
    number,
};

/// A lift's telephone picks up by itself, if it does at all.
const PICKS_UP: Duration = Duration::from_secs(15);
/// No call from a car lasts longer: an hour, the longest that anybody should wait inside.
const LONGEST: Duration = Duration::from_secs(3_600);
/// The passenger is told again after this that somebody is being called.
const COMFORT: Duration = Duration::from_secs(20);
/// A test call is ended this long after it was taken.
const TEST: Duration = Duration::from_secs(3);
/// A car that we called ourselves is let go this long after the last person has left the call.
const ALONE: Duration = Duration::from_secs(10);
/// People who may be put through at once.
const PEOPLE: usize = 8;

/// The cars that are on the line now, by number.
#[derive(Default)]
pub(super) struct Cars {
    on_line: Mutex<BTreeMap<String, mpsc::Sender<Patch>>>,
}

impl Cars {
    /// Puts somebody through to a car that is on the line.
    fn put_through(&self, car: &str) -> Option<Patch> {
        let cars = self.on_line.lock().unwrap_or_else(PoisonError::into_inner);
        let found = cars.iter().find(|(at, _)| number::is_same(at, car))?;
        let (mine, theirs) = Patch::pair();
        found.1.try_send(theirs).ok().map(|()| mine)
    }

    fn add(&self, car: &str) -> mpsc::Receiver<Patch> {
        let (to, patches) = mpsc::channel(PEOPLE);
        self.on_line.lock().unwrap_or_else(PoisonError::into_inner).insert(car.to_owned(), to);
        patches
    }

    fn remove(&self, car: &str) {
        self.on_line.lock().unwrap_or_else(PoisonError::into_inner).remove(car);
    }
}

/// What a call with a car is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// Somebody in the car calls for help.
    Help,
    /// The telephone tries its own way.
    Test,
    /// We called it, for somebody who wants to speak with whoever is inside.
    Visit,
}

/// A call with a car.
struct Talk {
    stream: Stream,
    dialog: InviteDialog,
    states: DialogStateReceiver,
    patches: mpsc::Receiver<Patch>,
    recording: Option<Recording>,
    errand: Errand,
}

impl Exchange {
    /// Takes a call that comes in: from a lift's telephone, or from nobody that we know.
    pub(super) async fn take(self: Arc<Self>, coming: Coming) {
        let Coming { from, to, offer, dialog, states } = coming;
        let is_test = self.tests.iter().any(|number| number::is_same(number, &to));
        let (car, errand) =
            if is_test { (Car::Tests, Errand::Test) } else { (Car::Calls, Errand::Help) };
        // Kept before it is answered: from the first ring on, nothing of it can be lost.
        let heard = Heard::Car { number: from.clone(), car };
        if let Err(reason) = self.desk.put(heard).await {
            // No lift's telephone; it may be a neighbour's.
            if let Some((language, words)) = self.desk.duty(&from) {
                return self
                    .tell_duty(Coming { from, to, offer, dialog, states }, language, words)
                    .await;
            }
            tracing::warn!(from, reason, "a call came in and was not taken");
            let _ = dialog.reject(Some(StatusCode::BusyHere), None);
            return self.line.forget(&dialog);
        }
        tracing::info!(from, is_test, "a lift's telephone calls");
        if let Err(reason) = self.answer(&from, &offer, &dialog, states, errand).await {
            tracing::warn!(from, reason, "a lift's telephone could not be answered");
            let _ = dialog.reject(Some(StatusCode::NotAcceptableHere), None);
        }
        self.line.forget(&dialog);
        if !is_test
            && let Err(reason) = self.desk.put(Heard::Car { number: from, car: Car::HungUp }).await
        {
            tracing::debug!(reason, "the end of a call was not noted");
        }
    }

    async fn answer(
        &self,
        from: &str,
        offer: &str,
        dialog: &InviteDialog,
        states: DialogStateReceiver,
        errand: Errand,
    ) -> Result<(), String> {
        let stream = self.pick_up(offer, dialog).await?;
        self.talk(from, stream, dialog, states, errand).run(self).await;
        self.line.wire.cars.remove(from);
        Ok(())
    }

    /// Answers a call, in the way that it wants its speech.
    pub(super) async fn pick_up(
        &self,
        offer: &str,
        dialog: &InviteDialog,
    ) -> Result<Stream, String> {
        let agreed = sdp::agreed(offer).ok_or("it speaks no G.711")?;
        let jack = self.line.jack().await?;
        let kind = Header::ContentType("application/sdp".into());
        let body = jack.answer(offer, &agreed).into_bytes();
        let stream = jack.plug(agreed)?;
        dialog.accept(Some(vec![kind]), Some(body)).map_err(|e| e.to_string())?;
        Ok(stream)
    }

    /// A call with a car that is on the line from now on.
    fn talk(
        &self,
        car: &str,
        stream: Stream,
        dialog: &InviteDialog,
        states: DialogStateReceiver,
        errand: Errand,
    ) -> Talk {
        let (patches, recording) = (self.line.wire.cars.add(car), self.recording(car));
        Talk { stream, dialog: dialog.clone(), states, patches, recording, errand }
    }

    /// Puts somebody through to the car that a message is about: it is on the line, or it is called now.
    pub(super) async fn car_of(self: Arc<Self>, message: MessageId) -> Option<Patch> {
        let car = self.desk.car_of(message)?;
        if let Some(patch) = self.line.wire.cars.put_through(&car) {
            return Some(patch);
        }
        let (ready, is_ready) = oneshot::channel();
        let exchange = self.clone();
        tokio::spawn(async move {
            if let Err(reason) = exchange.call_car(&car, ready).await {
                tracing::warn!(car, reason, "a lift's telephone does not answer");
            }
        });
        is_ready.await.ok()
    }

    /// Whether the car that a message is about is on the line.
    pub(super) fn is_car_on_line(&self, message: MessageId) -> bool {
        let Some(car) = self.desk.car_of(message) else { return false };
        let cars = self.line.wire.cars.on_line.lock().unwrap_or_else(PoisonError::into_inner);
        cars.keys().any(|at| number::is_same(at, &car))
    }

    async fn call_car(&self, car: &str, ready: oneshot::Sender<Patch>) -> Result<(), String> {
        let jack = self.line.jack().await?;
        let dialled = number::dialled(car)?;
        let mut manner = self.line.manner();
        let (dialog, states, response) = loop {
            let Placed { dialog, states, mut answer } =
                self.line.call(&dialled, manner.offer(&jack)).await.map_err(|e| e.reason)?;
            match timeout(PICKS_UP, &mut answer).await {
                Ok(Ok(Ok((_, Some(response))))) if response.status_code == StatusCode::OK => {
                    break (dialog, states, response);
                }
                Ok(Ok(Ok((_, Some(response))))) if let Some(next) = manner.after(&response) => {
                    self.line.forget(&dialog);
                    manner = next;
                }
                other => {
                    if other.is_err() {
                        let _ = dialog.cancel().await;
                    }
                    self.line.forget(&dialog);
                    return Err("it did not pick up".to_owned());
                }
            }
        };
        let agreed = sdp::agreed(&String::from_utf8_lossy(&response.body));
        let agreed = agreed.ok_or_else(|| "it speaks no G.711".to_owned());
        let stream = match agreed.and_then(|agreed| jack.plug(agreed)) {
            Ok(stream) => stream,
            Err(reason) => {
                let _ = dialog.hangup().await;
                self.line.forget(&dialog);
                return Err(reason);
            }
        };
        let talk = self.talk(car, stream, &dialog, states, Errand::Visit);
        if let Some(patch) = self.line.wire.cars.put_through(car) {
            // Whoever asked may have hung up meanwhile; then it is alone, and let go.
            let _ = ready.send(patch);
        }
        talk.run(self).await;
        self.line.wire.cars.remove(car);
        self.line.forget(&dialog);
        Ok(())
    }

    fn recording(&self, car: &str) -> Option<Recording> {
        let folder = self.recordings.as_ref()?;
        Recording::begin(folder, car)
            .inspect_err(|error| tracing::warn!(%error, "a call is not recorded"))
            .ok()
    }

    /// What the passenger hears, in both languages: nobody knows who is inside.
    fn comfort(&self, is_test: bool) -> Vec<Piece> {
        let say = |language| {
            self.speech.piece(language, spoken::to_the_car(language, is_test).to_owned())
        };
        [Language::Zh, Language::En].map(say).into()
    }
}

impl Talk {
    async fn run(mut self, exchange: &Exchange) {
        let is_test = self.errand == Errand::Test;
        let mut player = Player::default();
        if self.errand != Errand::Visit {
            player.say(exchange.comfort(is_test), false);
        }
        let mut tick = interval(rtp::PACKET);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let begun = Instant::now();
        let mut end = begun + if is_test { TEST } else { LONGEST };
        let mut comfort = begun + COMFORT;
        let mut buffer = [0; MOST];
        let mut people: Vec<Patch> = Vec::new();
        let mut was_connected = false;
        loop {
            tokio::select! {
                _ = tick.tick() => {
                    people.retain(|patch| !patch.is_loose());
                    let mut samples = mix(people.iter().map(Patch::hear));
                    if people.is_empty() {
                        samples = player.frame().0;
                    }
                    if let Some(recording) = &mut self.recording {
                        recording.ours(&samples);
                    }
                    self.stream.send(&samples).await;
                    if self.errand == Errand::Visit && was_connected && people.is_empty() {
                        end = end.min(Instant::now() + ALONE);
                        was_connected = false;
                    }
                }
                packet = self.stream.receive(&mut buffer) => if let Some(packet) = packet
                    && let Some(samples) = rtp::speech(packet, self.stream.agreed.law)
                {
                    if let Some(recording) = &mut self.recording {
                        recording.theirs(&samples);
                    }
                    for patch in &people {
                        patch.speak(samples.clone());
                    }
                },
                Some(patch) = self.patches.recv() => {
                    was_connected = true;
                    people.push(patch);
                    end = end.max(Instant::now() + ALONE);
                }
                state = self.states.recv() => match state {
                    Some(DialogState::Info(_, _, handle)) => {
                        let _ = handle.reply(StatusCode::OK).await;
                    }
                    Some(DialogState::Updated(_, request, handle)) => {
                        self.stream.change(&request, handle).await;
                    }
                    Some(DialogState::Terminated(..)) | None => return,
                    Some(_) => {}
                },
                () = sleep_until(comfort), if self.errand == Errand::Help => {
                    comfort += COMFORT;
                    if people.is_empty() {
                        player.say(exchange.comfort(false), false);
                    }
                }
                () = sleep_until(end) => break,
            }
        }
        if let Err(error) = self.dialog.hangup().await {
            tracing::debug!(%error, "a call with a car was not ended properly");
        }
    }
}
