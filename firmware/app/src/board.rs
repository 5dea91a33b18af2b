//! The board's application: pins and bytes in, bytes and outputs out.

use embedded_hal::digital::InputPin;
use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD, VERSION,
    codec::{Payload, WireError, decode, encode},
    down::{Config, Identify, Output, Receipt, Time},
    topic::{self, Down, Topic, Up},
    up::{Birth, ConfigAck, Heartbeat, InputState, Presence},
};
use heapless::Vec;

use crate::{
    config,
    debounce::Input,
    identity::{Identity, IdentityError},
    lamp::{Outputs, Shown},
    queue::Queue,
};

/// A heartbeat is said this often, in milliseconds; see `docs/wire.md`.
pub const HEARTBEAT_MS: u64 = 15_000;
/// A board without a configuration waits for the retained one this long after a connect, in
/// milliseconds, before it says what it is: until then it can't tell idle from active. Well within
/// the 15 s after which it would be missed.
pub const CONFIG_WAIT_MS: u64 = 3_000;

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
struct Connection {
    since_ms: u64,
    present: bool,
    born: bool,
    heartbeat_due_ms: u64,
}

/// A board with `INPUTS` inputs that keeps `QUEUE` events at the most.
#[derive(Debug)]
pub struct Board<'a, const INPUTS: usize, const QUEUE: usize> {
    identity: Identity<'a>,
    started_ms: u64,
    config: Option<Config>,
    inputs: [Input; INPUTS],
    queue: Queue<QUEUE>,
    outputs: Outputs,
    connection: Option<Connection>,
    /// The answer to the last configuration, as long as it is not said.
    answer: Option<(u32, Option<&'static str>)>,
    /// The inputs were looked at since the last heartbeat.
    looked: bool,
    /// What time it was, in milliseconds since 1970, and when that was said.
    told_time: Option<(u64, u64)>,
}

impl<'a, const INPUTS: usize, const QUEUE: usize> Board<'a, INPUTS, QUEUE> {
    /// A board that starts now, with the configuration that it kept if it kept one; a kept one that
    /// it can't run by counts as none.
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
            config: None,
            inputs: [Input::new(); INPUTS],
            queue: Queue::new(identity.boot),
            outputs: Outputs::new(),
            connection: None,
            answer: None,
            looked: false,
            told_time: None,
        };
        if let Some(kept) = kept.filter(|kept| config::check(kept, INPUTS).is_ok()) {
            board.run_by(now_ms, kept);
        }
        Ok(board)
    }

    /// Looks at all inputs. To be called often: a contact that moves and comes back between two looks
    /// is not seen. `pins` are of one type, as HALs make them for pins that stand in an array.
    pub fn poll<P: InputPin>(&mut self, now_ms: u64, pins: &mut [P; INPUTS]) {
        self.looked = true;
        for (at, (input, pin)) in (0..).zip(self.inputs.iter_mut().zip(pins)) {
            if let (Some(since_ms), Some(state)) =
                (input.look(now_ms, pin, self.identity.wiring), input.settled())
            {
                tell(&mut self.queue, self.config.as_ref(), at + 1, state, since_ms);
            }
        }
    }

    /// The MQTT session stands, and `down/+` is subscribed to.
    pub fn connected(&mut self, now_ms: u64) {
        let heartbeat_due_ms = now_ms.saturating_add(HEARTBEAT_MS);
        self.connection =
            Some(Connection { since_ms: now_ms, present: false, born: false, heartbeat_due_ms });
        self.queue.say_all_again();
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
    /// Where it can't be understood. It is to be passed over then: nothing was changed.
    pub fn receive(&mut self, now_ms: u64, what: Down, payload: &[u8]) -> Result<(), WireError> {
        match what {
            Down::Receipt => {
                let receipt: Receipt = decode(payload)?;
                self.queue.receipt(receipt.boot, receipt.seq);
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
            }
            Down::Output => self.outputs.set(now_ms, &decode::<Output>(payload)?),
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
            return self.say(Up::Birth, &self.birth(), buffer).map(Some);
        }
        // One message in 15 s delays no event to speak of, and many events can't hold it back.
        if connection.heartbeat_due_ms <= now_ms && self.looked {
            connection.heartbeat_due_ms = now_ms.saturating_add(HEARTBEAT_MS);
            self.looked = false;
            return self.say(Up::Heartbeat, &self.heartbeat(now_ms), buffer).map(Some);
        }
        if let Some(event) = self.queue.next_due(now_ms) {
            return self.say(Up::Event, &event, buffer).map(Some);
        }
        if let Some((revision, error)) = self.answer.take() {
            return self
                .say(Up::ConfigAck, &ConfigAck { v: VERSION, revision, error }, buffer)
                .map(Some);
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

    /// What the outputs are to do now.
    pub fn outputs(&self, now_ms: u64) -> Shown {
        self.outputs.shown(now_ms)
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
        for (input, number) in self.inputs.iter_mut().zip(1..) {
            let entry = config::of(Some(&config), number);
            input.configure(entry);
            match input.settled() {
                _ if entry.is_none() => self.queue.forget(number),
                Some(state) => tell(&mut self.queue, Some(&config), number, state, now_ms),
                None => {}
            }
        }
        self.config = Some(config);
        // What was said of the inputs before may have meant something else.
        if let Some(connection) = &mut self.connection {
            connection.heartbeat_due_ms = now_ms;
        }
    }

    /// Without a configuration nobody can say what a contact means: that is a fault, and not "nothing
    /// to tell".
    fn state(&self, input: &Input) -> InputState {
        match (&self.config, input.stands()) {
            (Some(_), Some(state)) => state,
            _ => InputState::Drift,
        }
    }

    fn states(&self) -> Vec<InputState, MAX_INPUTS> {
        self.inputs.iter().map(|input| self.state(input)).collect()
    }

    fn birth(&self) -> Birth<'a> {
        Birth {
            v: VERSION,
            boot: self.queue.boot(),
            firmware: self.identity.firmware,
            hardware: self.identity.hardware,
            reset: self.identity.reset,
            config: self.config.as_ref().map_or(0, |config| config.revision),
            inputs: self.states(),
        }
    }

    fn heartbeat(&self, now_ms: u64) -> Heartbeat {
        let uptime_s = now_ms.saturating_sub(self.started_ms) / 1_000;
        Heartbeat {
            v: VERSION,
            boot: self.queue.boot(),
            uptime_s: u32::try_from(uptime_s).unwrap_or(u32::MAX),
            inputs: self.states(),
            queue: u16::try_from(self.queue.len()).unwrap_or(u16::MAX),
            supply_mv: None,
            battery_mv: None,
        }
    }

    fn say<'b, P: Payload>(
        &self,
        what: Up,
        payload: &P,
        buffer: &'b mut [u8],
    ) -> Result<Publication<'b>, WireError> {
        // The names were checked at the start, so there is such a topic.
        let topic = topic::up(self.identity.site, self.identity.board, what);
        let topic = topic.ok_or(WireError::TooLong)?;
        let payload = encode(payload, buffer)?;
        Ok(Publication { topic, payload, retain: what == Up::Presence })
    }
}

/// An event, where a used input stands otherwise than its last event said. Before its first event an
/// input counts as idle: what is active at the start is told, since one call too many is better than
/// one too few.
fn tell<const N: usize>(
    queue: &mut Queue<N>,
    config: Option<&Config>,
    input: u8,
    state: InputState,
    since_ms: u64,
) {
    if let Some(entry) = config::of(config, input)
        && queue.newest(input) != state
    {
        queue.push(input, state, entry.vital, since_ms);
    }
}
