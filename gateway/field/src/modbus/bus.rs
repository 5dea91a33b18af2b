//! The task of one bus: asks its units in turn over one connection.

use std::{sync::Arc, time::Duration};

use gengfu_core::{point::NoData, time::Span};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tokio_modbus::ExceptionCode;

use super::{
    BusSettings,
    connection::{Connection, Failure, Values},
    counters::{Counters, count},
    look::{Look, Looks},
    publish::{Closed, Publisher},
    schedule::{Range, Refusal, Schedule},
    share::Share,
    unit::{Unit, reason},
};
use crate::switch::Switch;

/// The first wait after a connection could not be made; it doubles up to [`RECONNECT_MAX`].
const RECONNECT_FIRST: Duration = Duration::from_millis(250);
/// The longest wait between two tries to connect: a panel that comes back is seen within this.
const RECONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest wait where a bus has only one unit: there is nobody whose time it could take.
const LONE_PROBE_MAX: Span = Span::secs(5);

pub(super) struct Bus {
    pub settings: BusSettings,
    counters: Arc<Counters>,
    pub units: Vec<Polled>,
    pub connection: Option<Connection>,
    refused_connections: u32,
    /// After a connection that could not be made, none is tried before.
    pub(super) reconnect_at: Option<Instant>,
    share: Share,
    switches: mpsc::Receiver<Switch>,
    pub(super) looks: Looks,
    going: Option<Poll>,
}

pub(super) struct Polled {
    pub unit: Unit,
    pub schedule: Schedule,
    pub publisher: Publisher,
    /// The ranges that the log says are left out.
    left_out: Vec<Range>,
}

/// The poll that goes on. It is done one question at a time: what is wished for meanwhile goes between
/// two of them, however many a unit needs.
#[derive(Clone, Copy)]
struct Poll {
    unit: usize,
    /// The block that is next.
    at: usize,
    started: Instant,
}

/// What became of one question.
enum Step {
    /// The unit answered, whatever it said, and there is more to ask.
    Answered,
    /// It answered, and that was all.
    Done,
    /// It did not: with what its points say from now on.
    Failed(Failure),
}

impl Bus {
    pub fn new(
        settings: BusSettings,
        units: Vec<(Unit, Publisher)>,
        counters: Arc<Counters>,
        (switches, looks): (mpsc::Receiver<Switch>, mpsc::Receiver<Look>),
    ) -> Self {
        let probe_max = if units.len() > 1 { settings.probe_max } else { LONE_PROBE_MAX };
        let (now, rest) = (Instant::now(), settings.line.rest_after_silence());
        let units: Vec<Polled> = units
            .into_iter()
            .map(|(unit, publisher)| Polled {
                schedule: Schedule::new(&unit, probe_max, rest, now),
                unit,
                publisher,
                left_out: vec![],
            })
            .collect();
        let share = Share::new(units.len(), now);
        Self {
            settings,
            counters,
            units,
            connection: None,
            refused_connections: 0,
            reconnect_at: None,
            share,
            switches,
            looks: Looks::new(looks),
            going: None,
        }
    }

    /// Asks for ever; ends when nobody listens any more.
    pub async fn run(mut self) -> Closed {
        loop {
            let turn =
                |polled: &Polled| self.share.turn(polled.schedule.next, polled.schedule.failures);
            let turns = self.units.iter().map(turn).enumerate();
            // A bus without units waits for somebody who looks at it.
            let next = turns.min_by_key(|(_, turn)| *turn).map(|(index, (at, ..))| (index, at));
            let next = self.going.map(|poll| (poll.unit, poll.started)).or(next);
            let (index, at) = next.unwrap_or((0, Instant::now()));
            let at = self.reconnect_at.map_or(at, |reconnect| at.max(reconnect));
            // A wish to switch goes before the next question; so does a look, which is followed by a rest.
            let done = tokio::select! {
                biased;
                Some(switch) = self.switches.recv() => self.switch(switch).await,
                Some(look) = self.looks.next() => self.look(look).await,
                () = sleep_until(at), if next.is_some() => self.turn(index).await,
                else => return std::future::pending().await,
            };
            if let Err(closed) = done {
                return closed;
            }
        }
    }

    async fn turn(&mut self, index: usize) -> Result<(), Closed> {
        if self.connection.is_none() && !self.connect().await? {
            return Ok(());
        }
        let (Some(connection), Some(polled)) = (&mut self.connection, self.units.get_mut(index))
        else {
            return Ok(());
        };
        let asked = Instant::now();
        let mut poll = self.going.take().unwrap_or_else(|| polled.begin(index, asked));
        match polled.ask(&mut poll, &self.settings.name, connection).await? {
            Step::Answered => {
                self.refused_connections = 0;
                self.going = Some(poll);
                // One that always falls silent half way is missed all the same.
                match polled.schedule.failures {
                    0 => polled.publisher.hear().await,
                    _ => Ok(()),
                }
            }
            Step::Done => {
                self.refused_connections = 0;
                if polled.unit.knobs.close_after_poll {
                    self.connection = None;
                }
                polled.answered(&self.settings.name).await
            }
            Step::Failed(failure) => {
                if !connection.recover(&failure).await {
                    self.connection = None;
                }
                polled.failed(&self.settings.name, &failure);
                let now = Instant::now();
                self.share.wasted(now - asked, now);
                Ok(())
            }
        }
    }

    /// Connects; where that fails, every unit's points say so, and a wait follows.
    pub(super) async fn connect(&mut self) -> Result<bool, Closed> {
        let settle = self.units.iter().map(|p| p.unit.knobs.pause_after_connect).max();
        let opened = Connection::open(
            &self.settings.line,
            self.settings.connect_timeout.to_std(),
            settle.unwrap_or_default().to_std(),
            self.counters.clone(),
        )
        .await;
        let error = match opened {
            Ok(connection) => {
                if self.refused_connections > 0 {
                    tracing::info!(bus = %self.settings.name, "the bus is reached again");
                }
                self.refused_connections = 0;
                self.reconnect_at = None;
                self.connection = Some(connection);
                return Ok(true);
            }
            Err(e) => e,
        };
        count(&self.counters.connection_failures);
        if self.refused_connections == 0 {
            tracing::warn!(
                bus = %self.settings.name, line = %self.settings.line, %error,
                "the bus can't be reached; {}. It is tried again and again",
                self.settings.line.advice()
            );
        }
        let now = Instant::now();
        self.going = None;
        for polled in &mut self.units {
            polled.say_nothing(NoData::Timeout, now).await?;
            polled.schedule.forget(now);
        }
        let wait = jittered(RECONNECT_FIRST * 2_u32.pow(self.refused_connections.min(6)));
        self.reconnect_at = Some(Instant::now() + wait);
        self.refused_connections = self.refused_connections.saturating_add(1);
        Ok(false)
    }
}

impl Polled {
    fn begin(&mut self, unit: usize, now: Instant) -> Poll {
        self.schedule.begin(now);
        let mut poll = Poll { unit, at: 0, started: now };
        self.seek(&mut poll);
        poll
    }

    /// Goes on to the next block that is due; false where none is.
    fn seek(&self, poll: &mut Poll) -> bool {
        let mut rest = poll.at..self.schedule.blocks.len();
        let next = rest.find(|at| self.schedule.is_due(*at, poll.started));
        poll.at = next.unwrap_or(self.schedule.blocks.len());
        next.is_some()
    }

    async fn ask(
        &mut self,
        poll: &mut Poll,
        bus: &str,
        connection: &mut Connection,
    ) -> Result<Step, Closed> {
        let at = poll.at;
        let Some(asked) = self.schedule.blocks.get(at) else { return Ok(Step::Done) };
        let knobs = &self.unit.knobs;
        let (limit, pause) = (knobs.timeout.to_std(), knobs.pause.to_std());
        let mut refusal = Refusal::LeftOut;
        match connection.read(self.unit.unit_id, &asked.block, limit, pause).await {
            Ok(values) => {
                self.schedule.gave(at);
                self.pass_on(at, &values).await?;
            }
            Err(Failure::Exception(code)) if is_configuration_error(code) => {
                tracing::debug!(
                    %bus, device = %self.unit.device, start = asked.block.start,
                    count = asked.block.count, exception = %code, "a range is refused"
                );
                refusal = self.schedule.refuse(at, &self.unit.fields, Instant::now());
                if refusal == Refusal::LeftOut {
                    self.block_says_nothing(at, NoData::Refused).await?;
                }
            }
            Err(failure @ Failure::Exception(code)) if !is_of_the_gateway(code) => {
                self.block_says_nothing(at, reason(&failure)).await?;
            }
            Err(failure) => {
                self.say_nothing(reason(&failure), poll.started).await?;
                return Ok(Step::Failed(failure));
            }
        }
        match refusal {
            // The first half is due, and stands where the whole stood.
            Refusal::Cut => return Ok(Step::Answered),
            Refusal::Again => {}
            Refusal::LeftOut => self.schedule.answered(at, Instant::now()),
        }
        poll.at += 1;
        Ok(if self.seek(poll) { Step::Answered } else { Step::Done })
    }

    async fn pass_on(&mut self, at: usize, values: &Values) -> Result<(), Closed> {
        let block = &self.schedule.blocks[at].block;
        for index in &block.fields {
            let field = &self.unit.fields[*index];
            let from = usize::from(field.address - block.start);
            let sample = values.sample(field, from);
            self.publisher.publish(*index, field, sample).await?;
        }
        Ok(())
    }

    async fn block_says_nothing(&mut self, at: usize, reason: NoData) -> Result<(), Closed> {
        for index in &self.schedule.blocks[at].block.fields {
            self.publisher.publish(*index, &self.unit.fields[*index], Err(reason)).await?;
        }
        Ok(())
    }

    /// The points of all blocks that the device said nothing of since then have no value.
    async fn say_nothing(&mut self, reason: NoData, since: Instant) -> Result<(), Closed> {
        for at in 0..self.schedule.blocks.len() {
            let asked = &self.schedule.blocks[at];
            if asked.answered.is_some_and(|answered| answered >= since) {
                continue;
            }
            let reason = if asked.is_left_out { NoData::Refused } else { reason };
            self.block_says_nothing(at, reason).await?;
        }
        Ok(())
    }

    async fn answered(&mut self, bus: &str) -> Result<(), Closed> {
        if self.schedule.failures > 0 {
            tracing::info!(%bus, device = %self.unit.device, "the device answers again");
        }
        self.tell_left_out(bus);
        self.schedule.succeed(Instant::now());
        self.publisher.hear().await
    }

    /// Says once what the device refuses, and once that it refuses nothing any more.
    fn tell_left_out(&mut self, bus: &str) {
        let (device, left_out) = (&self.unit.device, self.schedule.left_out());
        let is_known = |range: &Range| self.left_out.iter().any(|known| known.holds(range));
        if !left_out.iter().all(is_known) {
            let addresses: Vec<String> = left_out.iter().map(Range::to_string).collect();
            tracing::error!(
                %bus, %device, unit = self.unit.unit_id, addresses = addresses.join(", "),
                "the device says that it has no such registers; correct its profile or `without`. They are left out"
            );
        } else if left_out.is_empty() && !self.left_out.is_empty() {
            tracing::info!(%bus, %device, "the device answers for all its registers now");
        }
        self.left_out = left_out;
    }

    fn failed(&mut self, bus: &str, failure: &Failure) {
        if self.schedule.failures == 0 {
            tracing::warn!(
                %bus, device = %self.unit.device, unit = self.unit.unit_id, %failure,
                "the device does not answer properly; check its power, its line and its unit number. It is asked more rarely until it does"
            );
        }
        self.schedule.fail(Instant::now());
    }
}

/// Function, address or value that the device does not have: asking again changes nothing.
fn is_configuration_error(code: ExceptionCode) -> bool {
    matches!(u8::from(code), 1..=3)
}

/// What a gateway says of a unit behind it.
fn is_of_the_gateway(code: ExceptionCode) -> bool {
    matches!(code, ExceptionCode::GatewayPathUnavailable | ExceptionCode::GatewayTargetDevice)
}

/// Between half of it and all of it, so that many buses don't knock at once.
fn jittered(wait: Duration) -> Duration {
    let wait = wait.min(RECONNECT_MAX);
    let random = getrandom::u32().unwrap_or(u32::MAX);
    wait / 2 + wait.mul_f64(f64::from(random) / f64::from(u32::MAX) / 2.0)
}
