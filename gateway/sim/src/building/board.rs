//! A software board: what `firmware/` does on a chip, over the same protocol.

use std::time::{Duration, Instant};

use gengfu_wire::{
    MAX_INPUTS, VERSION,
    codec::decode,
    down::{Config, Identify, Lamp, Output, Receipt},
    topic::{self, Down, Up},
    up::{Birth, ConfigAck, Heartbeat, InputState, Presence},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep_until},
};

use super::{
    link::{Heard, Link},
    queue::Queue,
    settings::BoardSettings,
    update::Updater,
};

/// Orders that may wait for the board.
const ORDERS: usize = 1024;

/// What the board's outputs do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The call lamp.
    pub lamp: Lamp,
    /// The sounder.
    pub sounder: bool,
    /// It blinks so that somebody finds it.
    pub blinking: bool,
}

/// How a board is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// It has power.
    pub powered: bool,
    /// It is connected.
    pub online: bool,
    /// Its start.
    pub boot: u32,
    /// Events that wait for their receipt.
    pub queue: usize,
    /// Receipts it got for events that waited.
    pub receipts: u64,
    /// Revision of the configuration that it runs by; 0 for none.
    pub config: u32,
    /// The time is known since the gateway said it, in milliseconds since 1970.
    pub unix_ms: Option<u64>,
}

enum Order {
    Input(u8, InputState),
    CutPower,
    PowerOn,
    Stop,
}

/// A running board.
#[derive(Debug)]
pub struct Board {
    id: String,
    orders: mpsc::Sender<Order>,
    outputs: watch::Receiver<Outputs>,
    status: watch::Receiver<Status>,
    task: JoinHandle<()>,
}

impl Board {
    /// Powers a board on.
    pub fn start(settings: BoardSettings) -> Self {
        let (orders, inbox) = mpsc::channel(ORDERS);
        let (outputs_to, outputs) = watch::channel(Outputs::default());
        let (status_to, status) = watch::channel(Status::default());
        let id = settings.id.clone();
        let running = Running {
            inputs: vec![InputState::Idle; usize::from(settings.inputs).clamp(1, MAX_INPUTS)],
            queue: Queue::new(settings.boot),
            config: None,
            link: Some(Link::open(&settings)),
            online: false,
            started: Instant::now(),
            hold: None,
            blink: None,
            receipts: 0,
            unix_ms: None,
            reset: "power",
            updater: Updater::new(settings.program.clone()),
            outputs: outputs_to,
            status: status_to,
            settings,
        };
        let task = tokio::spawn(running.run(inbox));
        Self { id, orders, outputs, status, task }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// An input changes, as it is after debouncing; inputs count from 1.
    pub fn set_input(&self, input: u8, state: InputState) {
        self.order(Order::Input(input, state));
    }

    /// Its plug is pulled: no farewell, and its memory keeps only what flash keeps.
    pub fn cut_power(&self) {
        self.order(Order::CutPower);
    }

    /// It gets power again.
    pub fn power_on(&self) {
        self.order(Order::PowerOn);
    }

    fn order(&self, order: Order) {
        if self.orders.try_send(order).is_err() {
            tracing::warn!(board = self.id, "the board has stopped, or hangs: an order is lost");
        }
    }

    /// What its outputs do, now and whenever they change.
    pub fn outputs(&self) -> watch::Receiver<Outputs> {
        self.outputs.clone()
    }

    /// How it is doing, now and whenever that changes.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Leaves with a farewell and ends.
    pub async fn stop(self) {
        self.order(Order::Stop);
        drop(self.task.await);
    }
}

struct Running {
    settings: BoardSettings,
    inputs: Vec<InputState>,
    queue: Queue,
    config: Option<Config>,
    /// None without power.
    link: Option<Link>,
    online: bool,
    started: Instant,
    /// When the outputs fall back, unless the gateway says them again.
    hold: Option<Instant>,
    blink: Option<Instant>,
    receipts: u64,
    unix_ms: Option<u64>,
    reset: &'static str,
    updater: Updater,
    outputs: watch::Sender<Outputs>,
    status: watch::Sender<Status>,
}

impl Running {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        let mut heartbeat = interval(self.settings.heartbeat);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        loop {
            self.report();
            let wake = self.next_wake();
            let link = &mut self.link;
            tokio::select! {
                order = orders.recv() => match order {
                    Some(Order::Input(input, state)) => self.change(input, state),
                    Some(Order::CutPower) => self.cut_power(),
                    Some(Order::PowerOn) => {
                        self.power_on();
                        heartbeat.reset();
                    }
                    Some(Order::Stop) | None => {
                        if let Some(link) = self.link.take() {
                            link.say(Up::Presence, &Presence { v: VERSION, online: false });
                            link.close().await;
                        }
                        return;
                    }
                },
                heard = async { match link {
                    Some(link) => link.heard.recv().await,
                    None => std::future::pending().await,
                }} => self.hear(heard.unwrap_or(Heard::Lost)),
                _ = heartbeat.tick() => self.beat(),
                () = sleep_until(wake.into()) => self.wake(),
            }
        }
    }

    fn next_wake(&self) -> Instant {
        let resend = self.online.then(|| self.queue.next_due(self.settings.resend)).flatten();
        let far = Instant::now() + Duration::from_secs(3600);
        let update = self.updater.next_wake(self.online);
        [resend, self.hold, self.blink, update].into_iter().flatten().min().unwrap_or(far)
    }

    fn wake(&mut self) {
        let now = Instant::now();
        if self.hold.is_some_and(|until| until <= now) {
            self.hold = None;
            self.outputs.send_modify(|o| (o.lamp, o.sounder) = (Lamp::Off, false));
        }
        if self.blink.is_some_and(|until| until <= now) {
            self.blink = None;
            self.outputs.send_modify(|o| o.blinking = false);
        }
        if self.updater.wake(now, self.link.as_ref().filter(|_| self.online)) {
            self.cut_power();
            self.power_on();
            self.reset = "update";
        }
        self.send_due();
    }

    fn change(&mut self, input: u8, state: InputState) {
        let index = usize::from(input).wrapping_sub(1);
        let Some(stands) = self.inputs.get_mut(index) else { return };
        if *stands == state {
            return;
        }
        *stands = state;
        // Without power nobody sees the contact move; how it stands is told by the next birth.
        if self.link.is_none() {
            return;
        }
        let entries = self.config.as_ref().map(|c| c.inputs.as_slice()).unwrap_or_default();
        let vital = entries.iter().any(|entry| entry.input == input && entry.vital);
        self.queue.push(input, state, vital, Instant::now());
        self.send_due();
    }

    fn send_due(&mut self) {
        if let (true, Some(link)) = (self.online, &self.link) {
            for event in self.queue.due(Instant::now(), self.settings.resend) {
                link.say(Up::Event, &event);
            }
        }
    }

    fn cut_power(&mut self) {
        self.link = None;
        self.online = false;
        (self.hold, self.blink, self.unix_ms) = (None, None, None);
        self.outputs.send_replace(Outputs::default());
    }

    fn power_on(&mut self) {
        if self.link.is_none() {
            self.queue.restart();
            self.started = Instant::now();
            self.reset = "power";
            self.link = Some(Link::open(&self.settings));
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Connected => self.be_born(),
            Heard::Lost => {
                self.online = false;
            }
            Heard::Message { topic, payload } => {
                match topic::parse_down(&self.settings.site, &self.settings.id, &topic) {
                    Some(what) => self.obey(what, &payload),
                    None => tracing::warn!(board = self.settings.id, topic, "not for this board"),
                }
            }
        }
    }

    fn be_born(&mut self) {
        let Some(link) = &self.link else { return };
        self.online = true;
        link.subscribe();
        link.say(Up::Presence, &Presence { v: VERSION, online: true });
        let birth = Birth {
            v: VERSION,
            boot: self.queue.boot(),
            firmware: &self.updater.program.version,
            hardware: &self.updater.program.hardware,
            reset: self.reset,
            config: self.config.as_ref().map_or(0, |c| c.revision),
            inputs: self.states(),
        };
        link.say(Up::Birth, &birth);
        self.queue.forget_sent();
        self.send_due();
    }

    fn states(&self) -> heapless::Vec<InputState, MAX_INPUTS> {
        self.inputs.iter().copied().take(MAX_INPUTS).collect()
    }

    fn beat(&mut self) {
        let (true, Some(link)) = (self.online, &self.link) else { return };
        let beat = Heartbeat {
            v: VERSION,
            boot: self.queue.boot(),
            uptime_s: u32::try_from(self.started.elapsed().as_secs()).unwrap_or(u32::MAX),
            inputs: self.states(),
            queue: u16::try_from(self.queue.len()).unwrap_or(u16::MAX),
            supply_mv: Some(12_050),
            battery_mv: None,
        };
        link.say(Up::Heartbeat, &beat);
    }

    fn obey(&mut self, what: Down, payload: &[u8]) {
        let understood = match what {
            Down::Receipt => decode::<Receipt>(payload).map(|receipt| {
                if self.queue.receipt(receipt.boot, receipt.seq) {
                    self.receipts += 1;
                }
            }),
            Down::Config => decode::<Config>(payload).map(|config| self.configure(config)),
            Down::Time => decode::<gengfu_wire::down::Time>(payload).map(|time| {
                self.unix_ms = Some(time.unix_ms);
            }),
            Down::Output => decode::<Output>(payload).map(|output| {
                self.hold = Some(Instant::now() + Duration::from_secs(output.hold_s.into()));
                self.outputs.send_modify(|o| (o.lamp, o.sounder) = (output.lamp, output.sounder));
            }),
            Down::Identify => decode::<Identify>(payload).map(|identify| {
                self.blink = Some(Instant::now() + Duration::from_secs(identify.seconds.into()));
                self.outputs.send_modify(|o| o.blinking = true);
            }),
            Down::Update | Down::Block => match &self.link {
                Some(link) => self.updater.hear(what, payload, link),
                None => Ok(()),
            },
            // It has no serial line.
            Down::Poll => Ok(()),
        };
        if let Err(error) = understood {
            tracing::warn!(board = self.settings.id, what = what.name(), %error, "not understood");
        }
    }

    fn configure(&mut self, config: Config) {
        let has = |input: u8| (1..=self.inputs.len()).contains(&usize::from(input));
        let error = config.inputs.iter().any(|i| !has(i.input)).then_some("no such input");
        let ack = ConfigAck { v: VERSION, revision: config.revision, error };
        if let Some(link) = &self.link {
            link.say(Up::ConfigAck, &ack);
        }
        if error.is_none() {
            self.config = Some(config);
        }
    }

    fn report(&self) {
        let status = Status {
            powered: self.link.is_some(),
            online: self.online,
            boot: self.queue.boot(),
            queue: self.queue.len(),
            receipts: self.receipts,
            config: self.config.as_ref().map_or(0, |c| c.revision),
            unix_ms: self.unix_ms,
        };
        self.status.send_if_modified(|old| {
            let changed = *old != status;
            *old = status;
            changed
        });
    }
}
