//! Whose turn it is to look back: one reading of the journal at a time, so that no crowd of readers, and no
//! single one, takes the disk and the cores from the alarms.

use std::{collections::HashMap, sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// Somebody waits so long for their turn.
const WAIT: Duration = Duration::from_secs(5);

/// The turns of a gateway.
pub(crate) struct Turns {
    wait: Duration,
    all: Arc<Semaphore>,
    /// Nobody stands in the queue twice, so that everybody's wait is short.
    people: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Held while somebody looks back.
pub(crate) struct Turn {
    _own: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Turns {
    /// Nobody is looking back.
    pub fn new() -> Self {
        Self::waiting(WAIT)
    }

    fn waiting(wait: Duration) -> Self {
        Self { wait, all: Arc::new(Semaphore::new(1)), people: Mutex::default() }
    }

    /// Waits for the turn of `person`.
    ///
    /// # Errors
    /// 503 where it does not come within 5 s.
    pub async fn take(&self, person: &str) -> Result<Turn, ApiError> {
        let own = {
            let mut people = self.people.lock();
            people.entry(person.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
        };
        let all = self.all.clone();
        let turn = async move {
            let own = own.acquire_owned().await.ok()?;
            let all = all.acquire_owned().await.ok()?;
            Some(Turn { _own: own, _all: all })
        };
        let turn = tokio::time::timeout(self.wait, turn).await.ok().flatten();
        turn.ok_or_else(|| {
            ApiError::unavailable(
                "somebody is looking back already, and the gateway does that one at a time: \
                 try again in a few seconds",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_looks_back_at_a_time_and_nobody_waits_for_long() {
        let turns = Turns::waiting(Duration::from_millis(10));
        let li = turns.take("li").await.ok().unwrap();
        assert!(turns.take("li").await.is_err(), "not twice the same");
        assert!(turns.take("wang").await.is_err(), "not two at once");
        drop(li);
        assert!(turns.take("wang").await.is_ok());
    }

    #[tokio::test]
    async fn whoever_asks_often_stands_in_the_queue_once() {
        let turns = Turns::new();
        let order = Mutex::new(vec![]);
        let li = turns.take("li").await.ok().unwrap();
        let look = async |who: &'static str| {
            let _turn = turns.take(who).await.ok().unwrap();
            order.lock().push(who);
        };
        let crowd = futures::future::join_all((0..50).map(|_| look("li")));
        tokio::join!(crowd, look("wang"), async { drop(li) });
        let order = order.into_inner();
        let wang = order.iter().position(|who| *who == "wang");
        assert!(wang <= Some(1), "behind one of them, not behind fifty: {order:?}");
    }
}
