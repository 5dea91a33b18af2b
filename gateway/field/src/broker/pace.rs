//! How fast each client may speak, so that none that has gone mad delays the others.
//!
//! What its sender says again, or says anew every few seconds (a board's heartbeat), is dropped over
//! the limit; what could be the only word of an alarm is held back and never dropped: the broker
//! reads no further from that one connection until its turn has come.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use gengfu_wire::topic::{self, Up};
use parking_lot::Mutex;

/// Who has gone over its limit so often within [`CALM`] is said to flood: a burst after an outage,
/// or a board that reconnects a few times, is none.
const FLOOD: u64 = 200;
/// Who has kept within its limit for so long is calm again.
const CALM: Duration = Duration::from_secs(60);

/// How much of one kind may be said.
struct Limit {
    /// At once.
    burst: f64,
    /// Then, per second.
    rate: f64,
    over: Over,
}

/// What becomes of the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Held,
    Dropped,
}

/// A board's queue holds 500 events, and says all of them after an outage; twice that passes at once.
/// A hundred a second is more than a hand or a relay can do, and costs the engine next to nothing.
const EVENTS: Limit = Limit { burst: 1000.0, rate: 100.0, over: Over::Held };
/// A board says 3 messages at each connect and a heartbeat every 15 s, and says it all again.
const STATUS: Limit = Limit { burst: 30.0, rate: 2.0, over: Over::Dropped };
/// A board that takes an update asks for its blocks one after the other, each when it has the last one, and
/// all boards together get a hundred a second. What is dropped it asks for again, seconds later.
const UPDATE: Limit = Limit { burst: 30.0, rate: 100.0, over: Over::Dropped };
/// A bridge speaks for many devices, and says all their states when it starts.
const OTHERS: Limit = Limit { burst: 2000.0, rate: 200.0, over: Over::Held };

impl Limit {
    fn of(topic: &str) -> (usize, &'static Self) {
        let what = topic.strip_prefix(topic::ROOT).and_then(|rest| rest.rsplit_once("/up/"));
        match what {
            Some((_, what)) if what == Up::Event.name() => (0, &EVENTS),
            Some((_, what)) if what == Up::Update.name() => (1, &UPDATE),
            Some(_) => (2, &STATUS),
            None => (3, &OTHERS),
        }
    }
}

/// What to do with a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Pass,
    After(Duration),
    Drop,
}

/// How many more may be said now; less than none where some are held back already.
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn take(&mut self, limit: &Limit, now: Instant) -> Turn {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * limit.rate).min(limit.burst);
        self.at = now;
        if self.left < 1.0 && limit.over == Over::Dropped {
            return Turn::Drop;
        }
        self.left -= 1.0;
        if self.left >= 0.0 {
            return Turn::Pass;
        }
        Turn::After(Duration::from_secs_f64(-self.left / limit.rate))
    }
}

/// One user of the broker, however often it connects.
#[derive(Default)]
struct Client {
    buckets: [Option<Bucket>; 4],
    /// Messages over the limit since it was last calm, and the last of them.
    over: u64,
    last: Option<Instant>,
}

impl Client {
    fn floods(&self, now: Instant) -> bool {
        self.over >= FLOOD && self.last.is_some_and(|at| now.saturating_duration_since(at) < CALM)
    }
}

/// How fast each user of the broker has spoken: no more entries than users.
#[derive(Default)]
pub(super) struct Pace {
    clients: Mutex<HashMap<String, Client>>,
    held: AtomicU64,
    dropped: AtomicU64,
}

impl Pace {
    /// What becomes of what `user` says there now.
    pub fn turn(&self, user: &str, topic: &str, now: Instant) -> Turn {
        let (kind, limit) = Limit::of(topic);
        let mut clients = self.clients.lock();
        if !clients.contains_key(user) {
            clients.insert(user.to_owned(), Client::default());
        }
        let Some(client) = clients.get_mut(user) else { return Turn::Pass };
        let bucket = client.buckets[kind].get_or_insert(Bucket { left: limit.burst, at: now });
        let turn = bucket.take(limit, now);
        let count = match turn {
            Turn::Pass => return turn,
            Turn::After(_) => &self.held,
            Turn::Drop => &self.dropped,
        };
        count.fetch_add(1, Ordering::Relaxed);
        if client.last.is_none_or(|at| now.saturating_duration_since(at) >= CALM) {
            client.over = 0;
        }
        client.over += 1;
        client.last = Some(now);
        // Once a minute at most while it goes on, and no more: the counters have the rest.
        if client.over == FLOOD {
            tracing::warn!(
                user,
                topic,
                "a client floods the broker: it is slowed down, what it says again is dropped, others are not delayed; look at what it runs"
            );
        }
        turn
    }

    /// Who floods now.
    pub fn flooding(&self, now: Instant) -> Vec<String> {
        let clients = self.clients.lock();
        let mut names: Vec<String> =
            clients.iter().filter(|(_, c)| c.floods(now)).map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }

    /// Publications that had to wait.
    pub fn held(&self) -> u64 {
        self.held.load(Ordering::Relaxed)
    }

    /// Publications that were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = "gengfu/v1/s/lift-1/up/event";
    const HEARTBEAT: &str = "gengfu/v1/s/lift-1/up/heartbeat";

    #[test]
    fn a_full_queue_after_an_outage_passes_at_once_and_nothing_of_more_is_dropped() {
        let (pace, now) = (Pace::default(), Instant::now());
        assert!((0..1000).all(|_| pace.turn("lift-1", EVENT, now) == Turn::Pass));
        assert_eq!(pace.turn("lift-1", EVENT, now), Turn::After(Duration::from_millis(10)));
        assert_eq!(pace.turn("lift-1", EVENT, now), Turn::After(Duration::from_millis(20)));
        assert_eq!(pace.turn("lift-2", EVENT, now), Turn::Pass, "another board is not delayed");
        assert_eq!((pace.held(), pace.dropped()), (2, 0));
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.turn("lift-1", EVENT, later), Turn::Pass);
    }

    #[test]
    fn a_storm_of_heartbeats_takes_no_event_s_place() {
        let (pace, now) = (Pace::default(), Instant::now());
        for _ in 0..5000 {
            pace.turn("lift-1", HEARTBEAT, now);
        }
        assert_eq!(pace.dropped(), 4970);
        assert_eq!(pace.turn("lift-1", EVENT, now), Turn::Pass);
        let later = now + Duration::from_secs(1);
        assert_eq!(pace.turn("lift-1", HEARTBEAT, later), Turn::Pass, "it stays alive");
    }

    #[test]
    fn an_update_is_fetched_at_full_pace_and_takes_no_event_s_place() {
        let (pace, start) = (Pace::default(), Instant::now());
        let wants = "gengfu/v1/s/lift-1/up/update";
        let at = |n: u64| start + Duration::from_millis(n * 10);
        assert!((0..2_000).all(|n| pace.turn("lift-1", wants, at(n)) == Turn::Pass));
        assert!((0..100).any(|_| pace.turn("lift-1", wants, at(2_000)) == Turn::Drop));
        assert_eq!(pace.turn("lift-1", EVENT, at(2_000)), Turn::Pass);
        assert_eq!(pace.turn("lift-1", HEARTBEAT, at(2_000)), Turn::Pass);
    }

    #[test]
    fn who_floods_is_named_until_it_is_calm_for_a_minute() {
        let (pace, now) = (Pace::default(), Instant::now());
        for _ in 0..40 {
            pace.turn("lift-2", HEARTBEAT, now);
        }
        for _ in 0..1000 {
            pace.turn("lift-1", HEARTBEAT, now);
        }
        assert_eq!(pace.flooding(now), ["lift-1"], "a few too many are no flood");
        assert_eq!(pace.flooding(now + CALM), Vec::<String>::new());
        // A minute later it begins anew, and few are no flood again.
        for _ in 0..100 {
            pace.turn("lift-1", HEARTBEAT, now + CALM);
        }
        assert_eq!(pace.flooding(now + CALM), Vec::<String>::new());
    }

    #[test]
    fn a_bridge_is_slowed_and_never_cut_short() {
        let (pace, now) = (Pace::default(), Instant::now());
        let turns: Vec<Turn> =
            (0..2100).map(|_| pace.turn("zigbee", "zigbee2mqtt/smoke/3f", now)).collect();
        assert!(turns[..2000].iter().all(|turn| *turn == Turn::Pass));
        assert!(turns[2000..].iter().all(|turn| matches!(turn, Turn::After(_))));
    }
}
