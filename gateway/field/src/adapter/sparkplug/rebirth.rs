//! Asking a node for its birth certificates: the one command that the gateway sends. A node that does
//! not answer is asked more and more rarely.

use gengfu_core::time::{Span, Timestamp};

use super::{
    payload::{Metric, Payload, metric::Value},
    topic,
};
use crate::adapter::Publication;

/// The command, as the specification names it.
const COMMAND: &str = "Node Control/Rebirth";
/// The type of a truth.
const BOOLEAN: u32 = 11;
/// It is not asked again before this; each time that is not answered doubles it.
const FIRST: Span = Span::secs(5);
/// At most so long.
const LONGEST: Span = Span::mins(5);

/// When the node was asked, and when it may be asked again.
#[derive(Debug, Clone, Default)]
pub(super) struct Rebirth {
    not_before: Option<Timestamp>,
    pause: Option<Span>,
}

impl Rebirth {
    /// The command, unless it was sent a short while ago.
    pub fn ask(&mut self, group: &str, node: &str, now: Timestamp) -> Option<Publication> {
        // A clock that was put back holds nobody up.
        let wait = self.not_before.is_some_and(|at| now < at && at.since(now) <= LONGEST);
        if wait {
            return None;
        }
        let pause = self.pause.map_or(FIRST, |last| (last + last).min(LONGEST));
        self.pause = Some(pause);
        self.not_before = Some(now + pause);
        let metric = Metric {
            name: Some(COMMAND.into()),
            timestamp: u64::try_from(now.as_millis()).ok(),
            datatype: Some(BOOLEAN),
            value: Some(Value::Boolean(true)),
            ..Metric::default()
        };
        let payload = Payload { timestamp: metric.timestamp, metrics: vec![metric], seq: None };
        Some(Publication {
            topic: topic::command(group, node),
            payload: payload.to_bytes(),
            retain: false,
            at_least_once: false,
        })
    }

    /// It was born.
    pub fn answered(&mut self, now: Timestamp) {
        self.pause = None;
        // Asked again at once, it would be born over and over where its messages go lost.
        self.not_before = self.not_before.map(|at| at.min(now + FIRST));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_does_not_answer_is_asked_more_and_more_rarely() {
        let start = Timestamp::from_millis(1_795_000_000_000);
        let mut rebirth = Rebirth::default();
        let mut asked = vec![];
        for second in 0..3_600 {
            if rebirth.ask("g", "n", start + Span::secs(second)).is_some() {
                asked.push(second);
            }
        }
        assert_eq!(asked[..5], [0, 5, 15, 35, 75]);
        assert!(asked.windows(2).all(|pair| pair[1] - pair[0] <= 300), "{asked:?}");
        // Born, it has the short pause again.
        let last = start + Span::secs(asked[asked.len() - 1]);
        rebirth.answered(last);
        assert!(rebirth.ask("g", "n", last + Span::secs(4)).is_none());
        assert!(rebirth.ask("g", "n", last + Span::secs(5)).is_some());
        assert!(rebirth.ask("g", "n", last + Span::secs(9)).is_none());
        assert!(rebirth.ask("g", "n", last + Span::secs(10)).is_some());
        // The clock is put back by an hour.
        assert!(rebirth.ask("g", "n", start).is_some());
    }
}
