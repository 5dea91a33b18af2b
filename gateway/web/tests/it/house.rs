//! A house with a lift, its people, and the real core deciding in memory; and browsers to visit it.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::Router;
use futures::{FutureExt, future::BoxFuture};
use gengfu_core::{
    device::Device,
    engine,
    event::Event,
    id::{ChannelId, DeviceId, IncidentId, MessageId, PersonId, PointId, SiteId},
    incident::By,
    input::{Command, Input},
    notification::receipt::Receipt,
    person::{self, Person, Role, Session},
    point::{Kind, Reading, Value},
    state::State,
    text::Language,
    time::{Span, Timestamp},
    wiring::ChannelInfo,
};
use gengfu_web::{
    AnswerKey, App, Gateway,
    boards::{BoardFileWish, BoardKinds, BoardWords},
    found::{Adoption, Found},
    gateway::{
        ChannelSetup, CommandError, Credential, FileMaker, NewDevice, Part, Past, Picture,
        PictureFile, Pictures, Push, Step,
    },
    modbus::ScanView,
    updates::{NewUpdate, UpdateView},
};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::{
    browser::Browser,
    wiring::{lift, wiring},
};

/// The address that pages of this house are served at.
pub const ORIGIN: &str = "https://gengfu.example";

/// The gateway, in memory.
pub struct House {
    state: Mutex<(State, Timestamp)>,
    version: watch::Sender<u64>,
    /// What was decided and is kept, as a journal would.
    journal: Mutex<Vec<Event>>,
    pub telemetry: Mutex<Vec<Arc<Reading>>>,
    /// So often the whole building was looked at.
    pub looks: AtomicUsize,
    pub faults: Mutex<Vec<Part>>,
    pub receipts: Mutex<Vec<(MessageId, Receipt)>>,
    /// Pictures with their bytes, by incident.
    pub pictures: Mutex<Vec<(IncidentId, Picture, Vec<u8>)>>,
    pub blinks: Mutex<Vec<(DeviceId, u16)>>,
    pub updates: Mutex<Option<UpdateView>>,
    pub scan: Mutex<Option<ScanView>>,
    /// Decided first, once somebody on a page wants something.
    pub meanwhile: Mutex<Option<Command>>,
    /// Whoever visits holds on to it: the server never stops.
    stopping: watch::Sender<bool>,
}

pub fn person(id: &str, roles: &[Role]) -> Person {
    Person {
        id: PersonId::from(id),
        name: format!("{id} of the house"),
        language: Language::En,
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        methods: vec![person::Method::new(ChannelId::from("ntfy"), id)],
        quiet: None,
        home: None,
    }
}

impl House {
    /// A lift with a call button; wang and li are volunteers, chen an admin; nobody has a password.
    pub fn new() -> Arc<Self> {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let house = Arc::new(Self {
            state: Mutex::new((State::new(SiteId::from("house")), now)),
            version: watch::channel(1).0,
            journal: Mutex::default(),
            telemetry: Mutex::default(),
            looks: AtomicUsize::default(),
            faults: Mutex::default(),
            receipts: Mutex::default(),
            pictures: Mutex::default(),
            blinks: Mutex::default(),
            updates: Mutex::default(),
            scan: Mutex::default(),
            meanwhile: Mutex::default(),
            stopping: watch::channel(false).0,
        });
        house.input(Input::Started);
        house.input(Input::Configure(Box::new(wiring())));
        for (id, role) in
            [("wang", Role::Volunteer), ("li", Role::Volunteer), ("chen", Role::Admin)]
        {
            house.do_(Command::PutPerson(person(id, &[role])));
        }
        house
    }

    pub fn input(&self, input: Input) {
        self.decide(&input).unwrap_or_else(|refusal| panic!("{input:?} was refused: {refusal}"));
    }

    /// Something that the operator does.
    pub fn do_(&self, command: Command) {
        self.input(Input::Command { by: By::gateway(), command });
    }

    fn decide(&self, input: &Input) -> Result<(), CommandError> {
        let mut state = self.state.lock();
        let decision = engine::decide(&state.0, state.1, input)?;
        state.0 = decision.state;
        self.journal.lock().extend(decision.events.into_iter().filter(Event::is_durable));
        drop(state);
        self.version.send_modify(|version| *version += 1);
        Ok(())
    }

    /// Lets time pass, with everything that is due on the way; carriers take every message.
    pub fn pass(&self, span: Span) {
        let end = self.now() + span;
        self.carry();
        while let Some(due) = engine::next_deadline(&self.state()).filter(|due| *due <= end) {
            let mut state = self.state.lock();
            state.1 = due.max(state.1);
            drop(state);
            self.input(Input::Tick);
            self.carry();
        }
        self.later(end);
    }

    /// Sets the clock, and nothing else: for what is only a matter of the time of day.
    pub fn later(&self, now: Timestamp) {
        self.state.lock().1 = now;
    }

    fn carry(&self) {
        let (state, now) = (self.state(), self.now());
        for message in engine::due(&state, now) {
            self.input(Input::HandedOver(message.id));
            let receipt = Receipt::Accepted { carrier_id: None, cost: None };
            self.input(Input::Receipt { message: message.id, receipt });
        }
    }

    /// The call button in the lift car is pressed.
    pub fn press_call_button(&self) -> IncidentId {
        self.read("lift-1/call", Value::Bool(true));
        let state = self.state();
        state.open_incidents().last().expect("the button opens an incident").id
    }

    pub fn read(&self, point: &str, value: Value) {
        self.input(Input::Reading(Reading {
            point: PointId::from(point),
            sample: Ok(value),
            source_at: None,
            received_at: self.now(),
            kind: Kind::Edge,
            origin: None,
        }));
    }

    pub fn key(&self) -> AnswerKey {
        AnswerKey::new(&[42; 32], &SiteId::from("house"))
    }

    /// The token of the link that `person` got about `incident`.
    pub fn link(&self, incident: IncidentId, person: &str) -> String {
        let until = self.now() + Span::hours(24);
        let state = self.state();
        let message = state.messages.values().find(|m| m.person.as_str() == person).unwrap().id;
        self.key().sign(incident, &PersonId::from(person), message, until)
    }

    /// A visitor who is not signed in.
    pub fn visitor(self: &Arc<Self>) -> Browser {
        Browser { router: self.router(), cookie: None, from: [192, 168, 1, 20] }
    }

    /// A visitor who is signed in.
    pub fn signed_in(self: &Arc<Self>, person: &str) -> Browser {
        let token = format!("token of {person}");
        let digest = Sha256::digest(token.as_bytes());
        let key: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let session =
            Session { person: PersonId::from(person), until: self.now() + Span::hours(24) };
        self.do_(Command::OpenSession { key, session });
        Browser { cookie: Some(format!("__Host-gengfu={token}")), ..self.visitor() }
    }

    pub fn router(self: &Arc<Self>) -> Router {
        let stopping = self.stopping.subscribe();
        let url = Some(ORIGIN.parse().unwrap());
        gengfu_web::router(App::new(self.clone(), self.key(), url, true, None, stopping))
    }

    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Where an incident stands, in one word.
    pub fn phase(&self, incident: IncidentId) -> String {
        format!("{:?}", self.state().incidents[&incident].phase()).to_lowercase()
    }
}

impl Gateway for House {
    fn now(&self) -> Timestamp {
        self.state.lock().1
    }
    fn state(&self) -> State {
        self.state.lock().0.clone()
    }
    fn telemetry(&self) -> Vec<Arc<Reading>> {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.telemetry.lock().clone()
    }
    fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
    fn command(&self, by: By, command: Command) -> BoxFuture<'_, Result<(), CommandError>> {
        async move {
            let first = self.meanwhile.lock().take();
            if let Some(first) = first {
                self.do_(first);
            }
            self.decide(&Input::Command { by, command })
        }
        .boxed()
    }
    fn receipt(
        &self,
        message: MessageId,
        receipt: Receipt,
    ) -> BoxFuture<'_, Result<(), CommandError>> {
        self.receipts.lock().push((message, receipt.clone()));
        async move { self.decide(&Input::Receipt { message, receipt }) }.boxed()
    }
    fn history<'a>(
        &'a self,
        _: &'a PointId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Past>, String>> {
        let all = vec![
            Past { at: from, sample: Ok(Value::Bool(false)) },
            Past { at: to, sample: Ok(Value::Bool(true)) },
        ];
        let oldest = all.into_iter().take(limit).collect();
        async move { Ok(oldest) }.boxed()
    }
    fn chart<'a>(
        &'a self,
        _: &'a PointId,
        from: Timestamp,
        _: Timestamp,
        count: usize,
    ) -> BoxFuture<'a, Result<Vec<Step>, String>> {
        async move { Ok(vec![Step { at: from, min: 0.0, mean: 1.5, max: count as f64 }]) }.boxed()
    }
    fn events(&self, from: u64, limit: usize) -> BoxFuture<'_, Result<Vec<(u64, Event)>, String>> {
        let events = (1..).zip(self.journal.lock().clone());
        let wanted = events.filter(|(number, _)| *number >= from).take(limit).collect();
        async move { Ok(wanted) }.boxed()
    }
    fn pictures(&self, incident: IncidentId) -> BoxFuture<'_, Result<Pictures, String>> {
        let all = self.pictures.lock();
        let of = all.iter().filter(|(i, _, _)| *i == incident).map(|(_, p, _)| p.clone());
        let found = Pictures { taken: of.collect(), cameras: 1, pending: false };
        async move { Ok(found) }.boxed()
    }
    fn picture(
        &self,
        incident: IncidentId,
        number: u64,
    ) -> BoxFuture<'_, Result<Option<PictureFile>, String>> {
        let all = self.pictures.lock();
        let is_it =
            |(i, p, _): &&(IncidentId, Picture, Vec<u8>)| *i == incident && p.number == number;
        let file = all
            .iter()
            .find(is_it)
            .map(|(_, _, bytes)| PictureFile { media_type: "image/jpeg", bytes: bytes.clone() });
        async move { Ok(file) }.boxed()
    }
    fn alerts(&self, language: Language) -> String {
        format!("<feed xml:lang=\"{language:?}\"/>")
    }
    fn alert(&self, name: &str) -> Option<String> {
        (name == "1").then(|| "<alert/>".to_owned())
    }
    fn expand_device(&self, wish: &NewDevice) -> Result<Device, String> {
        if wish.profile != "lift" {
            return Err(format!("there is no profile \"{}\"", wish.profile));
        }
        Ok(Device { name: wish.name.clone(), place: wish.place.clone(), ..lift(wish.id.as_str()) })
    }
    fn found(&self) -> Found {
        crate::directory::found(&self.state(), self.now())
    }
    fn adopt(&self, _: &str, wish: &Adoption) -> Result<Device, String> {
        Ok(Device { name: wish.name.clone(), place: wish.place.clone(), ..lift(wish.id.as_str()) })
    }
    fn issue_credential(&self, device: &DeviceId) -> Result<Credential, String> {
        let password = format!("secret of {device}");
        Ok(Credential { verifier: format!("verifier of {password}"), password })
    }
    fn boards(&self) -> Vec<BoardWords> {
        crate::boards::words(&self.state(), self.now())
    }
    fn board_kinds(&self) -> BoardKinds {
        crate::boards::kinds()
    }
    fn board_file<'a>(
        &'a self,
        board: &'a DeviceId,
        wish: BoardFileWish,
    ) -> BoxFuture<'a, Result<FileMaker, String>> {
        let maker = crate::boards::file(board, &wish);
        async { maker }.boxed()
    }
    fn wiring(&self, board: &DeviceId, kind: &str, language: Language) -> Result<String, String> {
        match kind {
            "pico" => Ok(format!("<svg><!-- {board} {language:?} --></svg>")),
            _ => Err(format!("there is no kind of board \"{kind}\"")),
        }
    }
    fn identify<'a>(
        &'a self,
        board: &'a DeviceId,
        seconds: u16,
    ) -> BoxFuture<'a, Result<(), String>> {
        self.blinks.lock().push((board.clone(), seconds));
        async { Ok(()) }.boxed()
    }
    fn begin_update(
        &self,
        wish: NewUpdate,
        image: Vec<u8>,
        by: &str,
    ) -> Result<UpdateView, String> {
        crate::boards::begin_update(&self.updates, wish, &image, by)
    }
    fn update(&self) -> Option<UpdateView> {
        self.updates.lock().clone()
    }
    fn stop_update(&self, _: &str) -> bool {
        self.updates.lock().take().is_some()
    }
    fn channels(&self) -> Vec<ChannelSetup> {
        let setup = |(id, info): (&ChannelId, &ChannelInfo)| ChannelSetup {
            id: id.clone(),
            kind: id.to_string(),
            answerable: info.answerable,
            note: None,
        };
        self.state().wiring.channels.iter().map(setup).collect()
    }
    fn check_address(&self, _: &ChannelId, address: &str) -> Result<(), String> {
        if address.is_empty() { Err("the address is empty".into()) } else { Ok(()) }
    }
    fn push(&self) -> Option<Push> {
        Some(Push { channel: ChannelId::from("push"), key: "BHouse".into() })
    }
    fn metrics(&self) -> String {
        "gengfu_incidents_open 0\n".into()
    }
    fn readiness(&self) -> Vec<Part> {
        let ok = |name: &str| Part { name: name.into(), fault: None };
        let mut parts = vec![ok("engine"), ok("journal"), ok("broker")];
        parts.extend(self.faults.lock().iter().cloned());
        parts
    }
}
