//! The state as readers see it: whole, consistent, and durable.

use std::sync::Arc;

use gengfu_core::{id::PointId, state::State};
use parking_lot::RwLock;
use tokio::sync::watch;

/// The last state that is on the disk, and a count that rises with each.
pub struct Published {
    state: RwLock<State>,
    version: watch::Sender<u64>,
}

impl Published {
    /// Shows a first state.
    pub fn new(state: State) -> Arc<Self> {
        Arc::new(Self { state: RwLock::new(state), version: watch::Sender::new(0) })
    }
    /// Shows the next one. Readers hold the lock only while they copy, which is cheap.
    pub fn show(&self, state: State) {
        *self.state.write() = state;
    }
    /// Wakes those who follow the changes. Apart from [`Self::show`], so that whoever is to help
    /// hears of it before the pages do.
    pub fn tell_of_change(&self) {
        self.version.send_modify(|v| *v += 1);
    }
    /// A copy of what is shown.
    pub fn state(&self) -> State {
        self.state.read().clone()
    }
    /// True where a point's readings must go through the engine. Asked for every reading, so it
    /// copies nothing.
    pub fn is_watched(&self, point: &PointId) -> bool {
        self.state.read().is_watched(point)
    }
    /// Tells of changes.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}
