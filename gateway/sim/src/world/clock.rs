//! The gateway's clock, which need not show the true time.

use gengfu_core::time::{Span, Timestamp};

/// A clock that can be put forward, put back and stopped.
#[derive(Debug, Clone)]
pub struct Clock {
    /// What it shows beyond the true time, in milliseconds.
    ahead: i64,
    /// It stands since then and until then, in true time.
    stands: Option<(Timestamp, Timestamp)>,
    /// What it showed when it was looked at last.
    shown: Timestamp,
    /// How far it has gone on since the beginning, all that it was put back left out.
    felt: Span,
}

impl Clock {
    /// A clock that shows the true time.
    pub fn new(now: Timestamp) -> Self {
        Self { ahead: 0, stands: None, shown: now, felt: Span::ZERO }
    }

    /// Looks at the clock.
    pub fn look(&mut self, now: Timestamp) -> Timestamp {
        if let Some((since, until)) = self.stands
            && now >= until
        {
            self.stands = None;
            let stood = until.since(since).as_millis();
            self.ahead -= i64::try_from(stood).unwrap_or(0);
        }
        let runs = self.stands.map_or(now, |(since, _)| since);
        let shows = Timestamp::from_millis(runs.as_millis() + self.ahead);
        self.felt = Span::millis(self.felt.as_millis() + shows.since(self.shown).as_millis());
        self.shown = shows;
        shows
    }

    /// How much time has passed by this clock when it was looked at last, putting back not counted.
    /// What the gateway promises to do within a time can be held against it only by its own clock.
    pub fn felt(&self) -> Span {
        self.felt
    }

    /// The true time at which it will show this, unless it is tampered with; not before `now`.
    pub fn when(&self, shows: Timestamp, now: Timestamp) -> Timestamp {
        let at = Timestamp::from_millis(shows.as_millis() - self.ahead);
        match self.stands {
            Some((since, until)) if at > since => at + until.since(since),
            _ => at,
        }
        .max(now)
    }

    /// Puts it forward.
    pub fn put_forward(&mut self, now: Timestamp, by: Span) {
        self.look(now);
        self.ahead += i64::try_from(by.as_millis()).unwrap_or(0);
    }

    /// Puts it back.
    pub fn put_back(&mut self, now: Timestamp, by: Span) {
        self.look(now);
        self.ahead -= i64::try_from(by.as_millis()).unwrap_or(0);
    }

    /// Stops it for a while; it then goes on from where it stood.
    pub fn stop(&mut self, now: Timestamp, length: Span) {
        self.look(now);
        if self.stands.is_none() {
            self.stands = Some((now, now + length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    #[test]
    fn it_is_put_forward_and_back_and_stands() {
        let mut clock = Clock::new(at(0));
        clock.put_forward(at(10), Span::secs(5));
        assert_eq!(clock.look(at(20)), at(25));
        assert_eq!(clock.felt(), Span::secs(25));
        clock.put_back(at(20), Span::secs(15));
        assert_eq!(clock.look(at(30)), at(20));
        assert_eq!(clock.felt(), Span::secs(25), "it shows again what it has shown before");
        clock.stop(at(30), Span::secs(10));
        assert_eq!((clock.look(at(35)), clock.when(at(21), at(35))), (at(20), at(41)));
        assert_eq!(clock.look(at(45)), at(25));
    }
}
