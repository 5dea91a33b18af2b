//! Pictures of the cameras beside an incident: the newest from just before it opened, and one from just
//! after.
//!
//! It follows what is published, as the pages do: an alarm is decided, kept and told before anybody asks a
//! camera, and neither a camera that hangs nor a disk that does is waited for by anything else. A message
//! goes out at once, too; its link leads to the page, which shows the pictures when they are there.
//!
//! - [`eye`]: one camera that is asked by HTTP.
//! - [`album`]: what the pages are shown.

mod album;
mod eye;

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use gengfu_core::{
    id::IncidentId,
    time::{Span, Timestamp},
};
use gengfu_field::picture::{Shelf, Taken};
use gengfu_store::{
    Pictures,
    picture::{Picture, When},
};
use parking_lot::{Mutex, RwLock};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};

use self::eye::Eye;
use crate::{
    config::{
        Config,
        camera::{Camera, Snapshot, Source},
    },
    engine::now,
    published::Published,
};

/// So many pairs of a camera and an incident are under way at once; of more, no picture is taken.
const AT_ONCE: usize = 32;
/// A camera that gave none is asked again after this.
const PAUSE: Duration = Duration::from_secs(2);
/// Pictures whose time is over are looked for this often.
const TIDY: Duration = Duration::from_secs(600);
/// Cameras that are asked all the time are looked through this often.
const BEAT: Duration = Duration::from_secs(1);

/// The cameras of a site, and their pictures.
pub struct Cameras {
    config: Arc<RwLock<Arc<Config>>>,
    published: Arc<Published>,
    store: Pictures,
    shelf: Shelf,
    eyes: Mutex<BTreeMap<String, Arc<Eye>>>,
    room: Arc<Semaphore>,
    stored: AtomicU64,
    failed: AtomicU64,
}

/// One camera beside one incident.
struct Scene {
    incident: IncidentId,
    opened_at: Timestamp,
    id: String,
    camera: Camera,
}

impl Cameras {
    /// Follows what is published from now on.
    pub fn start(
        config: Arc<RwLock<Arc<Config>>>,
        published: Arc<Published>,
        store: Pictures,
        shelf: Shelf,
    ) -> Arc<Self> {
        let cameras = Arc::new(Self {
            config,
            published,
            store,
            shelf,
            eyes: Mutex::default(),
            room: Arc::new(Semaphore::new(AT_ONCE)),
            stored: AtomicU64::new(0),
            failed: AtomicU64::new(0),
        });
        tokio::spawn(cameras.clone().follow());
        tokio::spawn(cameras.clone().watch());
        tokio::spawn(cameras.clone().tidy());
        cameras
    }

    /// What became of pictures since the start, by the metrics' names.
    pub fn counters(&self) -> [(&'static str, u64); 3] {
        [
            ("gengfu_pictures_stored_total", self.stored.load(Relaxed)),
            ("gengfu_pictures_failed_total", self.failed.load(Relaxed)),
            ("gengfu_pictures_refused_total", self.shelf.refused()),
        ]
    }

    /// Each incident that opens gets its pictures; one that opened just before a start, its second.
    async fn follow(self: Arc<Self>) {
        let mut changes = self.published.changes();
        let just = now() - self.config.read().pictures.after;
        let state = self.published.state();
        let old = state.incidents.iter().rev().find(|(_, incident)| incident.opened_at < just);
        let mut last = old.map_or(IncidentId(0), |(id, _)| *id);
        loop {
            let state = self.published.state();
            for (id, incident) in state.incidents.range((Excluded(last), Unbounded)) {
                last = *id;
                let config = self.config.read();
                for (name, camera) in &config.cameras {
                    if camera.sees(&state.wiring.places, &incident.place) {
                        let (id, camera) = (name.clone(), camera.clone());
                        let (incident, opened_at) = (incident.id, incident.opened_at);
                        self.begin(Scene { incident, opened_at, id, camera });
                    }
                }
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn begin(self: &Arc<Self>, scene: Scene) {
        match self.room.clone().try_acquire_owned() {
            Ok(place) => drop(tokio::spawn(self.clone().take(scene, place))),
            Err(_) => {
                self.failed.fetch_add(1, Relaxed);
                tracing::warn!(camera = scene.id, incident = %scene.incident,
                    "no picture is taken: {AT_ONCE} are under way already");
            }
        }
    }

    /// Both pictures of a scene.
    async fn take(self: Arc<Self>, scene: Scene, _place: OwnedSemaphorePermit) {
        let kept = self.config.read().pictures;
        let before = self.shelf.before(&scene.id, scene.opened_at, kept.before);
        let after = async {
            let limit = scene.opened_at + kept.after;
            let left = limit.since(now()).to_std();
            timeout(left, self.later(&scene)).await.ok()
        };
        // Side by side: a slow disk must not cost the second one its moment.
        let first = async {
            if let Some(taken) = before {
                self.keep(&scene, When::Before, taken).await;
            }
        };
        let ((), after) = tokio::join!(first, after);
        match after {
            Some(taken) => self.keep(&scene, When::After, taken).await,
            None => {
                self.failed.fetch_add(1, Relaxed);
                tracing::warn!(camera = scene.id, incident = %scene.incident,
                    "the camera gave no picture in time");
            }
        }
    }

    /// The first picture from after the opening.
    async fn later(&self, scene: &Scene) -> Taken {
        let mut changes = self.shelf.changes();
        loop {
            if let Some(taken) = self.shelf.after(&scene.id, scene.opened_at) {
                return taken;
            }
            match &scene.camera.source {
                Source::Snapshot(snapshot) => {
                    if !self.look(&scene.id, snapshot, scene.opened_at).await {
                        sleep(PAUSE).await;
                    }
                }
                // The shelf is this process's own, and has not gone.
                Source::Frigate(_) => drop(changes.changed().await),
            }
        }
    }

    /// Asks a camera for a picture, unless one from after `not_before` came while it was busy; whether there
    /// is one.
    async fn look(&self, id: &str, snapshot: &Snapshot, not_before: Timestamp) -> bool {
        let Some(eye) = self.eye(id, snapshot) else { return false };
        let _turn = eye.turn().await;
        if self.shelf.after(id, not_before).is_some() {
            return true;
        }
        let got = eye.picture(self.shelf.max_bytes()).await;
        let put = got
            .and_then(|(at, bytes)| self.shelf.put(id, at, &bytes).map_err(|why| why.to_string()));
        eye.note(id, &put);
        put.is_ok()
    }

    /// The camera as it is set up now.
    fn eye(&self, id: &str, snapshot: &Snapshot) -> Option<Arc<Eye>> {
        let mut eyes = self.eyes.lock();
        if let Some(eye) = eyes.get(id).filter(|eye| eye.is_of(snapshot)) {
            return Some(eye.clone());
        }
        match Eye::new(snapshot.clone()) {
            Ok(eye) => {
                let eye = Arc::new(eye);
                eyes.insert(id.to_owned(), eye.clone());
                Some(eye)
            }
            Err(error) => {
                tracing::warn!(camera = id, error, "the camera can't be asked");
                None
            }
        }
    }

    /// Keeps a picture of every camera that is asked while nothing happens.
    async fn watch(self: Arc<Self>) {
        let mut asked: BTreeMap<String, Instant> = BTreeMap::new();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beat.tick().await;
            let due: Vec<(String, Snapshot)> = {
                let config = self.config.read();
                let is_due = |id: &String, every: Span| {
                    asked.get(id).is_none_or(|at| at.elapsed() + BEAT / 2 >= every.to_std())
                };
                let due = |(id, camera): (&String, &Camera)| match &camera.source {
                    Source::Snapshot(s) if s.every.is_some_and(|every| is_due(id, every)) => {
                        Some((id.clone(), s.clone()))
                    }
                    _ => None,
                };
                config.cameras.iter().filter_map(due).collect()
            };
            for (id, snapshot) in due {
                // One that hangs is not asked again meanwhile.
                if self.eye(&id, &snapshot).is_none_or(|eye| eye.is_busy()) {
                    continue;
                }
                asked.insert(id.clone(), Instant::now());
                let cameras = self.clone();
                tokio::spawn(async move { cameras.look(&id, &snapshot, now()).await });
            }
        }
    }

    async fn keep(&self, scene: &Scene, when: When, taken: Taken) {
        let picture = Picture {
            incident: scene.incident,
            camera: scene.id.clone(),
            name: scene.camera.name.clone(),
            taken_at: taken.at,
            when,
        };
        let (store, most) = (self.store.clone(), self.config.read().pictures.total_bytes);
        let put = move || store.put(&picture, &taken.bytes, most);
        match tokio::task::spawn_blocking(put).await {
            Ok(Ok(is_new)) => drop(self.stored.fetch_add(u64::from(is_new), Relaxed)),
            Ok(Err(error)) => {
                self.failed.fetch_add(1, Relaxed);
                tracing::warn!(camera = scene.id, %error, "a picture is not stored");
            }
            // The gateway ends.
            Err(_) => {}
        }
    }

    /// Deletes what was kept long enough.
    async fn tidy(self: Arc<Self>) {
        let mut due = interval(TIDY);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            let (store, keep) = (self.store.clone(), self.config.read().pictures.keep);
            let forget = move || store.forget(now() - keep);
            match tokio::task::spawn_blocking(forget).await {
                Ok(Ok(0)) | Err(_) => {}
                Ok(Ok(pictures)) => tracing::info!(pictures, "deleted: their time is over"),
                Ok(Err(error)) => tracing::warn!(%error, "old pictures are not deleted"),
            }
        }
    }
}
