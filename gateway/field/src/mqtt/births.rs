//! Boards that have just come. What they are to show was perhaps said before they listened, so that
//! each has to be told once more: none may be forgotten, however early it comes.

use std::{collections::BTreeSet, sync::Arc};

use gengfu_core::id::DeviceId;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Boards that have come and that nobody has taken note of; copies share one list. For one listener.
#[derive(Debug, Clone, Default)]
pub struct Births(Arc<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    boards: Mutex<BTreeSet<DeviceId>>,
    news: Notify,
}

impl Births {
    /// A board has come.
    pub fn note(&self, board: DeviceId) {
        self.0.boards.lock().insert(board);
        self.0.news.notify_one();
    }

    /// The next one that has come; waits for it.
    pub async fn next(&self) -> DeviceId {
        loop {
            let first = self.0.boards.lock().pop_first();
            match first {
                Some(board) => return board,
                None => self.0.news.notified().await,
            }
        }
    }
}
