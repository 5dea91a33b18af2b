//! The board's application: pins and bytes in, bytes and outputs out.

use embedded_hal::digital::InputPin;
use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD, VERSION,
    codec::{WireError, decode},
    down::{Block, Config, Identify, Output, Poll, Receipt, Revised, Time, Update},
    topic::{Down, Topic, Up},
    up::{ConfigAck, InputState, Presence},
};

use crate::{
    config,
    debounce::{Input, Seen},
    health::Part,
    identity::{Identity, IdentityError},
    keep::Kept,
    lamp::{Outputs, Shown},
    queue::Queue,
    report::Condition,
};

/// A heartbeat is said this often, in milliseconds; see `docs/wire.md`.
pub const HEARTBEAT_MS: u64 = 15_000;
/// A board without a configuration waits for the retained one this long after a connect, in
/// milliseconds, before it says what it is: until then it can't tell idle from active. Well within
/// the 15 s after which it would be missed.
pub const CONFIG_WAIT_MS: u64 = 3_000;

/// A gateway that is well answers a birth and an event at once; one that has not for so long, in milliseconds, is
/// not heard. Half a minute is what its disk may take for an fsync on a bad day.
pub const UNHEARD_MS: u64 = 30_000;

/// The answer to a configuration or a list that can't be read.
const GARBLED: &str = "not what docs/wire.md describes, or longer than this board can read";

/// Something to be published, QoS 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Publication<'b> {
    /// Where.
    pub topic: Topic,
    /// What.
    pub payload: &'b [u8],
    /// The broker is to keep it.
    pub retain: bool,
}

#[derive(Debug)]
pub(crate) struct Connection {
    since_ms: u64,
    present: bool,
    born: bool,
    heartbeat_due_ms: u64,
    /// What the gateway owes an answer to, since when: a birth, or an event.
    unanswered_ms: Option<u64>,
}

/// A board with `INPUTS` inputs that has `QUEUE` events in memory at the most.
#[derive(Debug)]
pub struct Board<'a, const INPUTS: usize, const QUEUE: usize> {
    pub(crate) identity: Identity<'a>,
    pub(crate) started_ms: u64,
    /// When the inputs were looked at last.
    pub(crate) looked_ms: u64,
    pub(crate) config: Option<Config>,
    pub(crate) inputs: [Input; INPUTS],
    pub(crate) queue: Queue<QUEUE>,
    /// What the flash is known to hold; none where the board has no flash.
    pub(crate) flash: Option<Kept>,
    pub(crate) condition: Condition,
    outputs: Outputs,
    pub(crate) connection: Option<Connection>,
    /// The answer to the last configuration, as long as it is not said.
    pub(crate) answer: Option<(u32, Option<&'static str>)>,
    /// The inputs were looked at since the last heartbeat.
    looked: bool,
    /// When each input became active last.
    pub(crate) activated_ms: [Option<u64>; INPUTS],
    /// What time it was, in milliseconds since 1970, and when that was said.
    told_time: Option<(u64, u64)>,
    /// It ran in safe mode for long enough to try all of it again.
    pub(crate) wants_restart: bool,
}

impl<'a, const INPUTS: usize, const QUEUE: usize> Board<'a, INPUTS, QUEUE> {
    /// A board without flash that starts now: its events are in memory alone, and a power cut loses
    /// those without a receipt. [`Self::with_flash`] is what a board in a building needs. A kept
    /// configuration that it can't run by counts as none.
    ///
    /// # Errors
    /// Where the gateway could not be told who it is.
    pub fn new(
        now_ms: u64,
        identity: Identity<'a>,
        kept: Option<Config>,
    ) -> Result<Self, IdentityError> {
        const { assert!(INPUTS >= 1 && INPUTS <= MAX_INPUTS, "1 to 16 inputs") };
        identity.check()?;
        let mut board = Self {
            identity,
            started_ms: now_ms,
            looked_ms: now_ms,
            config: None,
            inputs: [Input::new(); INPUTS],
            queue: Queue::new(identity.boot),
            flash: None,
            condition: Condition::default(),
            outputs: Outputs::new(),
            connection: None,
            answer: None,
            looked: false,
            activated_ms: [None; INPUTS],
            told_time: None,
            wants_restart: false,
        };
        board.run_by_kept(now_ms, kept);
        Ok(board)
    }

    pub(crate) fn run_by_kept(&mut self, now_ms: u64, kept: Option<Config>) {
        if let Some(kept) = kept.filter(|kept| config::check(kept, INPUTS).is_ok()) {
            self.run_by(now_ms, kept);
        }
        if let Some(flash) = &mut self.flash {
            flash.config = true;
        }
    }

    /// Looks at all inputs. To be called often: a contact that moves and comes back between two looks
    /// is not seen. `pins` are of one type, as HALs make them for pins that stand in an array.
    pub fn poll<P: InputPin>(&mut self, now_ms: u64, pins: &mut [P; INPUTS]) {
        let wiring = self.identity.wiring;
        self.poll_seen(now_ms, pins.each_mut().map(|pin| Seen::at(pin, wiring)));
    }

    /// The same, for inputs of which some are supervised loops, or whose pins are of several types.
    pub fn poll_seen(&mut self, now_ms: u64, seen: [Seen; INPUTS]) {
        self.looked = true;
        self.looked_ms = now_ms;
        for (number, (input, seen)) in (1..).zip(self.inputs.iter_mut().zip(seen)) {
            if let (Some(since_ms), Some(state)) = (input.see(now_ms, seen), input.settled()) {
                if state == InputState::Active
                    && let Some(activated_ms) = self.activated_ms.get_mut(usize::from(number) - 1)
                {
                    *activated_ms = Some(now_ms);
                }
                tell(&mut self.queue, self.config.as_ref(), number, state, since_ms);
            }
        }
    }

    /// The MQTT session stands, and `down/+` is subscribed to.
    pub fn connected(&mut self, now_ms: u64) {
        let heartbeat_due_ms = now_ms.saturating_add(HEARTBEAT_MS);
        self.connection = Some(Connection {
            since_ms: now_ms,
            present: false,
            born: false,
            heartbeat_due_ms,
            unanswered_ms: None,
        });
        self.queue.say_all_again();
        self.condition.forget_said();
    }

    /// Since when the MQTT session stands, in milliseconds since the start; none where it does not.
    pub fn connected_ms(&self) -> Option<u64> {
        self.connection.as_ref().map(|connection| connection.since_ms)
    }

    /// Neither the time after the birth nor a receipt for what was said has come for [`UNHEARD_MS`]: there may
    /// be a broker, but no gateway behind it.
    pub fn is_unheard(&self, now_ms: u64) -> bool {
        let since_ms = self.connection.as_ref().and_then(|connection| connection.unanswered_ms);
        since_ms.is_some_and(|since_ms| now_ms.saturating_sub(since_ms) >= UNHEARD_MS)
    }

    /// The gateway answers: what still waits for its answer has time from now on.
    fn answered(&mut self, now_ms: u64) {
        let waits = !self.queue.is_empty();
        if let Some(connection) = &mut self.connection {
            connection.unanswered_ms = (connection.born && waits).then_some(now_ms);
        }
    }

    /// The MQTT session is gone. Events go on being kept, and the outputs hold as long as they were
    /// told to.
    pub fn disconnected(&mut self) {
        self.connection = None;
    }

    /// The gateway says something to this board; its topic is told apart by
    /// [`topic::parse_down`].
    ///
    /// # Errors
    /// Where it can't be understood. Nothing was changed then; it is counted, and a configuration or a list is
    /// refused by its revision, or by 0 where that can't be read either.
    pub fn receive(&mut self, now_ms: u64, what: Down, payload: &[u8]) -> Result<(), WireError> {
        let heard = self.hear(now_ms, what, payload);
        if heard.is_err() {
            self.condition.garbled = self.condition.garbled.saturating_add(1);
            if matches!(what, Down::Config | Down::Poll) {
                let revision = decode::<Revised>(payload).map_or(0, |read| read.revision);
                self.answer = Some((revision, Some(GARBLED)));
            }
        }
        heard
    }

    fn hear(&mut self, now_ms: u64, what: Down, payload: &[u8]) -> Result<(), WireError> {
        match what {
            Down::Receipt => {
                let receipt: Receipt = decode(payload)?;
                self.queue.receipt(receipt.boot, receipt.seq);
                self.answered(now_ms);
            }
            Down::Config => {
                let config: Config = decode(payload)?;
                let checked = config::check(&config, INPUTS);
                self.answer = Some((config.revision, checked.err()));
                if checked.is_ok() {
                    self.run_by(now_ms, config);
                }
            }
            Down::Time => {
                let time: Time = decode(payload)?;
                self.told_time = Some((time.unix_ms, now_ms));
                self.answered(now_ms);
            }
            Down::Output => self.outputs.set(now_ms, &decode::<Output>(payload)?),
            // An update is a matter between the gateway and [`crate::update`].
            Down::Update => _ = decode::<Update<'_>>(payload)?,
            Down::Block => _ = decode::<Block<'_>>(payload)?,
            // And this one between the gateway and [`crate::modbus::master`].
            Down::Poll => _ = decode::<Poll>(payload)?,
            Down::Identify => self.outputs.identify(now_ms, &decode::<Identify>(payload)?),
        }
        Ok(())
    }

    /// What is to be published next; none where there is nothing now. To be asked until there is
    /// none. What is handed out counts as said: if it can't be sent, the session is gone, and
    /// [`Self::disconnected`] and [`Self::connected`] make all that matters be said again.
    ///
    /// # Errors
    /// Where the buffer is shorter than [`MAX_PAYLOAD`]; nothing is lost by that.
    pub fn next_publication<'b>(
        &mut self,
        now_ms: u64,
        buffer: &'b mut [u8],
    ) -> Result<Option<Publication<'b>>, WireError> {
        if buffer.len() < MAX_PAYLOAD {
            return Err(WireError::TooLong);
        }
        let knows_inputs = self.inputs.iter().all(|input| input.stands().is_some());
        let Some(connection) = &mut self.connection else { return Ok(None) };
        if !connection.present {
            connection.present = true;
            return self
                .say(Up::Presence, &Presence { v: VERSION, online: true }, buffer)
                .map(Some);
        }
        if !connection.born {
            let waited = now_ms.saturating_sub(connection.since_ms) >= CONFIG_WAIT_MS;
            if !knows_inputs || (self.config.is_none() && !waited) {
                return Ok(None);
            }
            connection.born = true;
            connection.heartbeat_due_ms = now_ms.saturating_add(HEARTBEAT_MS);
            connection.unanswered_ms = Some(now_ms);
            return self.say(Up::Birth, &self.birth(), buffer).map(Some);
        }
        // One message in 15 s delays no event to speak of, and many events can't hold it back.
        if connection.heartbeat_due_ms <= now_ms && self.looked {
            connection.heartbeat_due_ms = now_ms.saturating_add(HEARTBEAT_MS);
            self.looked = false;
            return self.say(Up::Heartbeat, &self.heartbeat(now_ms), buffer).map(Some);
        }
        if let Some(event) = self.queue.next_due(now_ms) {
            connection.unanswered_ms.get_or_insert(now_ms);
            return self.say(Up::Event, &event, buffer).map(Some);
        }
        // A configuration is acknowledged when it is in the flash.
        let kept = self.flash.as_ref().is_none_or(|flash| flash.config);
        if let Some((revision, error)) = self.answer.take_if(|_| kept) {
            return self
                .say(Up::ConfigAck, &ConfigAck { v: VERSION, revision, error }, buffer)
                .map(Some);
        }
        if self.condition.is_due(now_ms, self.queue.dropped()) {
            return self.say_health(now_ms, buffer).map(Some);
        }
        Ok(None)
    }

    /// What the broker shall say when this board falls silent: to be given at the connect, and to be
    /// published before an orderly disconnect.
    ///
    /// # Errors
    /// Where the buffer is too short.
    pub fn will<'b>(&self, buffer: &'b mut [u8]) -> Result<Publication<'b>, WireError> {
        self.say(Up::Presence, &Presence { v: VERSION, online: false }, buffer)
    }

    /// What the outputs are to do now; in safe mode they stay off.
    pub fn outputs(&self, now_ms: u64) -> Shown {
        match self.mode().runs(Part::Outputs) {
            true => self.outputs.shown(now_ms),
            false => Shown::default(),
        }
    }

    /// How an input stands, from 1; none where there is no such input.
    pub fn stands(&self, input: u8) -> Option<InputState> {
        let index = usize::from(input).checked_sub(1)?;
        Some(self.state(self.inputs.get(index)?))
    }

    /// The configuration that it runs by, to be kept for the next start.
    pub fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    /// Events that wait for their receipt.
    pub fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Events that were dropped since the start because there was no room.
    pub fn dropped(&self) -> u32 {
        self.queue.dropped()
    }

    /// It is to start anew ([`crate::health::Reset::Request`]): it ran in safe mode without a crash, and all of
    /// it is to be tried again.
    pub fn wants_restart(&self) -> bool {
        self.wants_restart
    }

    /// Milliseconds since 1970, where the gateway has said so since the start. For the board's log.
    pub fn unix_ms(&self, now_ms: u64) -> Option<u64> {
        self.told_time.map(|(unix_ms, at)| unix_ms.saturating_add(now_ms.saturating_sub(at)))
    }

    /// Runs by a configuration that was checked. An input stays as it was; what it means may change,
    /// and one that is used only now is told if there is something to tell.
    fn run_by(&mut self, now_ms: u64, config: Config) {
        // The broker says the retained one again at each connect.
        if self.config.as_ref() == Some(&config) {
            return;
        }
        let all = self.inputs.iter_mut().zip(&mut self.activated_ms).zip(1..);
        for ((input, activated_ms), number) in all {
            let entry = config::of(Some(&config), number);
            if entry != config::of(self.config.as_ref(), number) {
                // It may have meant something else: what was active may never have been.
                *activated_ms = None;
            }
            input.configure(entry);
            match input.settled() {
                _ if entry.is_none() => self.queue.forget(number),
                Some(state) => tell(&mut self.queue, Some(&config), number, state, now_ms),
                None => {}
            }
        }
        self.config = Some(config);
        if let Some(flash) = &mut self.flash {
            flash.config = false;
        }
        // What was said of the inputs before may have meant something else.
        self.beat_at(now_ms);
    }

    /// The next heartbeat is due then.
    pub(crate) fn beat_at(&mut self, now_ms: u64) {
        if let Some(connection) = &mut self.connection {
            connection.heartbeat_due_ms = now_ms;
        }
    }
}

/// An event, where a used input stands otherwise than its last event said, or is active at the start.
fn tell<const N: usize>(
    queue: &mut Queue<N>,
    config: Option<&Config>,
    input: u8,
    state: InputState,
    since_ms: u64,
) {
    if let Some(entry) = config::of(config, input)
        && queue.is_news(input, state)
    {
        queue.push(input, state, entry.vital, since_ms);
    }
}
