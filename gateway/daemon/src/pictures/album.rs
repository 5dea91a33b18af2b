//! What the pages are shown of the pictures.

use std::sync::Arc;

use gengfu_core::{id::IncidentId, time::Span};
use gengfu_field::picture::Format;
use gengfu_store::{StoreError, picture::When};
use gengfu_web::gateway::{self, PictureFile, PictureWhen};

use super::Cameras;
use crate::engine::now;

/// A picture that came in time is stored within this.
const GRACE: Span = Span::secs(3);

impl Cameras {
    /// The pictures of an incident.
    ///
    /// # Errors
    /// Where they can't be read; in words.
    pub async fn of(self: Arc<Self>, incident: IncidentId) -> Result<gateway::Pictures, String> {
        let store = self.store.clone();
        let found = read(move || store.of(incident)).await?;
        let state = self.published.state();
        let config = self.config.read();
        let about = state.incidents.get(&incident);
        let sees = |of: &gengfu_core::incident::Incident| {
            let sees = |(_, camera): &(&String, &crate::config::camera::Camera)| {
                camera.sees(&state.wiring.places, &of.place)
            };
            config.cameras.iter().filter(sees).map(|(id, _)| id).collect::<Vec<_>>()
        };
        let cameras = about.map(|of| sees(of)).unwrap_or_default();
        let is_missing =
            |id: &&String| !found.iter().any(|(_, p)| p.camera == **id && p.when == When::After);
        let until = about.map(|of| of.opened_at + config.pictures.after + GRACE);
        let pending = until.is_some_and(|until| now() < until) && cameras.iter().any(is_missing);
        let shown = |(number, picture): &(u64, gengfu_store::picture::Picture)| gateway::Picture {
            number: *number,
            camera: picture.camera.clone(),
            name: picture.name.clone(),
            taken_at: picture.taken_at,
            when: match picture.when {
                When::Before => PictureWhen::Before,
                When::After => PictureWhen::After,
            },
        };
        let taken = found.iter().map(shown).collect();
        Ok(gateway::Pictures { taken, cameras: cameras.len(), pending })
    }

    /// One picture of an incident.
    ///
    /// # Errors
    /// Where it can't be read; in words.
    pub async fn picture(
        self: Arc<Self>,
        incident: IncidentId,
        number: u64,
    ) -> Result<Option<PictureFile>, String> {
        let store = self.store.clone();
        let found = read(move || store.bytes(incident, number)).await?;
        // What it is says its beginning again: nothing else ever leaves as a picture.
        Ok(found.and_then(|bytes| {
            let media_type = Format::of(&bytes)?.media_type();
            Some(PictureFile { media_type, bytes })
        }))
    }
}

async fn read<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|e| e.to_string())?;
    done.map_err(|e| e.to_string())
}
