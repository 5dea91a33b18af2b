//! Firmware from the gateway to its boards: a [`firmware`] that was signed, offered in a [`campaign`], and
//! handed out block by block to whoever asks. It is kept in memory alone: after a restart of the gateway it
//! is put there again, and boards go on where they were.

pub mod campaign;
pub mod firmware;

use std::{
    collections::BTreeSet,
    ops::Range,
    sync::{Arc, Weak},
    time::Duration,
};

use gengfu_core::{alarm::Alarm, device::Presence, id::DeviceId, state::State, time::Timestamp};
use gengfu_field::{
    adapter::roll::Voice,
    mqtt::{Outbound, Routes},
};
use gengfu_web::updates::{NewUpdate, UpdateState, UpdateView, UpdatedBoard};
use gengfu_wire::{VERSION, down::Block, topic::Down};
use parking_lot::Mutex;
use tokio::{
    sync::broadcast::error::RecvError,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use self::{
    campaign::{Campaign, Seen, Step},
    firmware::Firmware,
};
use crate::{board::key, engine::now, gateway::Running};

/// The boards are looked at this often.
const LOOK: Duration = Duration::from_secs(1);
/// Between two blocks, of all boards together: a hundred of them a second take 100 KB/s of the broker, so
/// that an alarm never waits behind more than one.
const PACE: Duration = Duration::from_millis(10);

/// The update that is going on, or the last one.
#[derive(Debug, Default)]
pub struct Updates(Mutex<Option<Current>>);

#[derive(Debug)]
struct Current {
    firmware: Arc<Firmware>,
    campaign: Campaign,
    begun_at: Timestamp,
    by: String,
}

impl Updates {
    /// Begins an update.
    ///
    /// # Errors
    /// Where it is not signed, no board would take it, or another one goes on.
    pub fn begin(
        &self,
        running: &Running,
        signed: NewUpdate,
        image: Vec<u8>,
        by: &str,
    ) -> Result<UpdateView, String> {
        let file = running.config.read().updates.clone();
        let file = file.ok_or(
            "the gateway does not know whose firmware to believe: name the public key in [updates]",
        )?;
        let trusted = key::public(&file).map_err(|error| format!("{error:#}"))?;
        let firmware = Firmware::check(signed, image, &trusted)?;
        let mut boards = takers(&running.routes, &firmware)?;
        let mut current = self.0.lock();
        if current.as_ref().is_some_and(|current| current.campaign.is_going()) {
            return Err("another update goes on: wait for its end, or stop it first".into());
        }
        if let Some(before) = current.as_ref() {
            let proving: Vec<_> = before.campaign.proving(Instant::now()).collect();
            boards.retain(|board| !proving.contains(&board));
            if boards.is_empty() {
                return Err("every board that would take it still proves itself with the update \
                            before: try again in a quarter of an hour"
                    .into());
            }
        }
        let NewUpdate { version, hardware, .. } = &firmware.signed;
        tracing::info!(by, version, hardware, boards = boards.len(), "an update of boards begins");
        let campaign = Campaign::new(version, firmware.size, boards, Instant::now());
        let begun =
            Current { firmware: Arc::new(firmware), campaign, begun_at: now(), by: by.to_owned() };
        let view = begun.view();
        *current = Some(begun);
        Ok(view)
    }

    /// How it goes.
    pub fn view(&self) -> Option<UpdateView> {
        self.0.lock().as_ref().map(Current::view)
    }

    /// Ends it; true where one was going on.
    pub fn stop(&self, by: &str) -> bool {
        let mut current = self.0.lock();
        let going = current.as_mut().filter(|current| current.campaign.is_going());
        going.is_some_and(|current| {
            current.campaign.stop(&format!("stopped by {by}"));
            true
        })
    }

    /// Whom to offer it now.
    fn turn(&self, state: &State) -> Option<(Arc<Firmware>, Vec<DeviceId>)> {
        let mut current = self.0.lock();
        let current = current.as_mut().filter(|current| current.campaign.is_going())?;
        let offers = current.campaign.turn(Instant::now(), |id| seen(state, id));
        if !current.campaign.is_going() {
            tracing::warn!(why = current.campaign.stopped, "an update of boards has stopped");
        }
        Some((current.firmware.clone(), offers))
    }

    /// What a board says of it: whether to offer it again, or what to tell it.
    fn hear(&self, voice: &Voice, state: &State) -> Option<(Arc<Firmware>, Answer)> {
        let mut current = self.0.lock();
        let current = current.as_mut()?;
        let was_going = current.campaign.is_going();
        let at = Instant::now();
        let answer = match voice {
            Voice::Birth(board, firmware) => {
                current.campaign.born(at, board, firmware).then_some(Answer::Offer)
            }
            Voice::Update(board, words) => {
                let is_in_alarm = seen(state, board).is_in_alarm;
                current.campaign.said(at, board, words, is_in_alarm).map(Answer::Block)
            }
        };
        if was_going && !current.campaign.is_going() {
            match &current.campaign.stopped {
                Some(why) => tracing::warn!(why, "an update of boards has stopped"),
                None => tracing::info!("every board has its update"),
            }
        }
        answer.map(|answer| (current.firmware.clone(), answer))
    }
}

/// What a board is told.
enum Answer {
    /// That there is a firmware.
    Offer,
    /// A part of it.
    Block(Range<u32>),
}

impl Current {
    fn view(&self) -> UpdateView {
        let Self { firmware, campaign, begun_at, by } = self;
        let state = match (&campaign.stopped, campaign.is_done()) {
            (Some(_), _) => UpdateState::Stopped,
            (None, true) => UpdateState::Done,
            (None, false) => UpdateState::Going,
        };
        let boards = campaign.boards.iter().map(|(id, target)| {
            let (state, bytes, why) = match &target.step {
                Step::Waiting | Step::Fetching(_) if target.held => {
                    ("held", 0, Some("it is in an alarm or an open incident".to_owned()))
                }
                Step::Waiting => ("waiting", 0, None),
                Step::Fetching(bytes) => ("fetching", *bytes, None),
                Step::Starting => ("starting", firmware.size, None),
                Step::Trial => ("trial", firmware.size, None),
                Step::Done => ("done", firmware.size, None),
                Step::Failed(why) => ("failed", 0, Some(why.clone())),
            };
            UpdatedBoard { id: id.clone(), state: state.to_owned(), bytes, why }
        });
        UpdateView {
            version: firmware.signed.version.clone(),
            hardware: firmware.signed.hardware.clone(),
            size: firmware.size,
            begun_at: *begun_at,
            by: by.clone(),
            state,
            why: campaign.stopped.clone(),
            boards: boards.collect(),
        }
    }
}

/// The boards that would take it, of those that were asked for.
fn takers(routes: &Routes, firmware: &Firmware) -> Result<Vec<DeviceId>, String> {
    let NewUpdate { version, hardware, boards, .. } = &firmware.signed;
    let wanted: BTreeSet<&str> =
        boards.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let known = routes.boards();
    for name in &wanted {
        if !known.iter().any(|board| board.device.as_str() == *name) {
            return Err(format!("there is no board \"{name}\""));
        }
    }
    let is_wanted = |id: &DeviceId| wanted.is_empty() || wanted.contains(id.as_str());
    let takes = |id: &DeviceId| {
        let birth = routes.roll().words(id).birth;
        birth.is_some_and(|birth| firmware.is_for(&birth.hardware, &birth.firmware))
    };
    let ids = known.into_iter().map(|board| board.device.clone());
    let takers: Vec<DeviceId> = ids.filter(|id| is_wanted(id) && takes(id)).collect();
    if takers.is_empty() {
        return Err(format!(
            "no board would take it: none is a {hardware}, connected since the gateway started, with \
             another version than {version} and an older one (or forced)"
        ));
    }
    Ok(takers)
}

/// How a board stands.
fn seen(state: &State, board: &DeviceId) -> Seen {
    let is_its = |alarm: &Alarm| alarm.subject.device.as_ref() == Some(board);
    let place = state.device(board).map(|device| &device.place);
    let is_in_alarm = state.alarms.values().any(|alarm| alarm.active && is_its(alarm))
        || state.open_incidents().any(|incident| {
            let alarms = incident.alarms.iter().filter_map(|id| state.alarms.get(id));
            Some(&incident.place) == place || alarms.into_iter().any(|alarm| is_its(alarm))
        });
    Seen { is_heard: state.presence(board) == Presence::Present, is_in_alarm }
}

/// Serves the boards for as long as the gateway runs.
pub async fn run(running: Weak<Running>, outbound: Outbound) {
    let Some(routes) = running.upgrade().map(|running| running.routes.clone()) else { return };
    let mut voices = routes.roll().voices();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let voice = tokio::select! {
            voice = voices.recv() => match voice {
                Ok(voice) => Some(voice),
                // A board asks again.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => None,
        };
        let Some(running) = running.upgrade() else { return };
        let state = running.published.state();
        let mut tell = vec![];
        match &voice {
            Some(voice) => {
                let answer = running.updates.hear(voice, &state);
                tell.extend(answer.map(|(image, answer)| (image, voice.board().clone(), answer)));
            }
            None => {
                if let Some((image, offers)) = running.updates.turn(&state) {
                    tell.extend(offers.into_iter().map(|id| (image.clone(), id, Answer::Offer)));
                }
            }
        }
        drop(running);
        for (firmware, board, answer) in tell {
            say(&routes, &outbound, &firmware, &board, answer).await;
        }
    }
}

async fn say(
    routes: &Routes,
    outbound: &Outbound,
    firmware: &Firmware,
    board: &DeviceId,
    answer: Answer,
) {
    let Some(board) = routes.board(board.as_str()) else { return };
    let publication = match answer {
        Answer::Offer => board.publish(routes.site(), Down::Update, &firmware.offer(), false),
        Answer::Block(range) => {
            sleep(PACE).await;
            let of = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
            let bytes = firmware.bytes.get(of(range.start)..of(range.end)).unwrap_or_default();
            let block = Block { v: VERSION, offset: range.start, data: &key::hex(bytes) };
            board.publish(routes.site(), Down::Block, &block, false)
        }
    };
    // Only where there is room at once: nothing waits for an update, and a board asks again.
    if let Some(publication) = publication {
        outbound.try_publish(publication);
    }
}
