//! The devices of a site: those of the configuration, and those that were added through the API.

use std::sync::Arc;

use crate::{device::Device, id::DeviceId, index::Index, state::State};

impl State {
    /// A device, wherever it was set up.
    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        let added = self.boards.get(id).map(|board| &board.device);
        added.or_else(|| self.wiring.devices.get(id)).map(Arc::as_ref)
    }

    /// Every device: those of the configuration, then those added through the API.
    pub fn devices(&self) -> impl Iterator<Item = &Device> {
        self.shared_devices().map(Arc::as_ref)
    }

    fn shared_devices(&self) -> impl Iterator<Item = &Arc<Device>> {
        let added = self.boards.values().map(|board| &board.device);
        self.wiring.devices.values().filter(|d| !self.boards.contains_key(&d.id)).chain(added)
    }

    /// Makes the look-ups anew, after the configuration or the boards changed or a snapshot was read.
    pub fn reindex(&mut self) {
        self.index = Arc::new(Index::of(self.shared_devices()));
    }
}
