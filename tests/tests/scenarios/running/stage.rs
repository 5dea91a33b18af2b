//! The stage with the real program: boards over MQTT, messages and answers over HTTP, and a clock
//! that goes twenty times as fast while somebody looks, and faster while nothing is expected.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use gengfu_core::{
    id::{IncidentId, PersonId, PlaceId, RosterId},
    time::{Span, Timestamp},
};
use gengfu_sim::{
    building::{Board, BoardSettings, Login},
    scenario::{
        Script, Stage, Told, View,
        building::board_of,
        script::Act,
        settings::{PASSWORD_FILE, Ports, SITE, toml},
        stage::Trouble,
    },
};
use gengfu_tests::{
    clock::{FastClock, swift_folder},
    free_port,
    gateway::Gateway,
    operator::Operator,
};
use gengfu_wire::down::Lamp;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::sink::Sink;
use crate::scripts::write_private;

/// How fast the clock goes while something is expected soon.
const SPEED: i64 = 20;
/// How fast while something is expected later, or only time has to pass.
const FAST: i64 = 60;
/// Nothing is expected this soon before the end of a time that has to pass.
const NEAR: Span = Span::secs(15);
/// With no alarm open, the clock may leap over longer times than this.
const LONG: Span = Span::secs(90);
/// Over longer times than this it leaps in any case: nothing is that near in time.
const VERY_LONG: Span = Span::mins(30);
/// A leap is so long, or a tenth of the way.
const HOP: Span = Span::hours(2);
/// No leap may pass over the 72 h within which each way must be tested.
const LONGEST_HOP: Span = Span::hours(30);
/// The program has so much more time than a script says, and gets it at the speed of a real clock.
const LATE: Span = Span::secs(6);
/// Looks are so far apart.
const LOOK: Duration = Duration::from_millis(8);
/// The clock goes fast for so long at a time. On a machine that is held up longer than this, the story is told
/// more slowly, and stays the same. A thread of the program that gets no turn for all of it is late by a second
/// and a half: a disk may take two.
const HOLD: Duration = Duration::from_millis(25);
/// After a leap the program has this long to notice.
const AFTER_LEAP: Duration = Duration::from_millis(130);
/// Each way is tested within this time: the longest day.
const DAY: Span = Span::hours(25);
/// Where no test comes, the story goes on after so long, and shows what comes of it.
const UNTESTED: Duration = Duration::from_secs(3);
/// Boards say that they are there this often: every four seconds at the highest speed.
const HEARTBEAT: Duration = Duration::from_millis(60);
/// A failure shows so many lines of what the program said.
const LAST_WORDS: usize = 12;

/// The stage.
pub struct Running {
    pub(super) script: Script,
    pub(super) clock: Arc<FastClock>,
    pub(super) sink: Sink,
    pub(super) boards: BTreeMap<PlaceId, Board>,
    operator: Operator,
    gateway: Option<Gateway>,
    folder: tempfile::TempDir,
    ports: Ports,
}

fn words(error: impl std::fmt::Display) -> Trouble {
    error.to_string()
}

impl Running {
    /// Starts the program in the script's building.
    pub async fn start(script: &Script) -> Result<Self, Trouble> {
        let folder = swift_folder().map_err(words)?;
        let building = &script.building;
        let ports = Ports { web: free_port().map_err(words)?, mqtt: free_port().map_err(words)? };
        let secret = "0123456789abcdef0123456789abcdef";
        write_private(&folder.path().join(PASSWORD_FILE), secret);
        let config = folder.path().join("gengfu.toml");
        std::fs::write(&config, toml(building, ports)).map_err(words)?;
        let clock = Arc::new(FastClock::new(folder.path(), building.begins()));
        let sink = Sink::start(clock.clone()).await;
        let gateway = Gateway::start_with(&config, ports.web, &clock.environment());
        let gateway = gateway.map_err(words)?;
        let token = gateway.invitation().map_err(words)?;
        let base = format!("http://127.0.0.1:{}", ports.web);
        let operator = Operator::sign_in(&base, &token).await.map_err(words)?;
        let wired = building.places.iter().filter(|spot| !spot.contacts.is_empty());
        let boards = wired.map(|spot| {
            let id = spot.board().to_string();
            let mut settings = BoardSettings::new("127.0.0.1", ports.mqtt, SITE, &id);
            settings.login = Some(Login { user: id, password: secret.into() });
            settings.heartbeat = HEARTBEAT;
            settings.resend = Duration::from_millis(500);
            (spot.id.clone(), Board::start(settings))
        });
        let boards = boards.collect();
        let mut stage = Self {
            script: script.clone(),
            clock,
            sink,
            boards,
            operator,
            gateway: Some(gateway),
            folder,
            ports,
        };
        stage.move_in().await?;
        stage.boards_are_in().await?;
        stage.go(SPEED).await?;
        Ok(stage)
    }

    /// The clock goes fast once more, if the program follows: one that is held up answers first, and a board
    /// whose connection it lost meanwhile comes back at the speed of a real clock. Boards are heard in real time;
    /// to a clock that ran on they would be silent. It is asked for what is refused, and only behind the last
    /// write: a disk that is at work would be late to such a clock.
    async fn go(&mut self, speed: i64) -> Result<(), Trouble> {
        self.operator
            .request(Method::DELETE, "policies/none", &Value::Null)
            .await
            .map_err(words)?;
        let is_in = |board: &Board| {
            let status = board.status();
            let status = status.borrow();
            status.online || !status.powered
        };
        let speed = if self.boards.values().all(is_in) { speed } else { 1 };
        self.clock.go_for(speed, HOLD);
        Ok(())
    }

    async fn move_in(&mut self) -> Result<(), Trouble> {
        let building = self.script.building.clone();
        for person in &building.people {
            let address = |way| self.sink.of(way, &person.id);
            let methods: Vec<(String, String)> =
                person.ways.iter().map(|way| (way.to_string(), address(way))).collect();
            let methods: Vec<(&str, &str)> =
                methods.iter().map(|(way, at)| (way.as_str(), at.as_str())).collect();
            self.operator.put_person(person.id.as_str(), &methods).await.map_err(words)?;
        }
        for roster in &building.rosters {
            let body = serde_json::to_value(roster).map_err(words)?;
            self.want(Method::PUT, &format!("rosters/{}", roster.id), body).await?;
        }
        for policy in &building.policies {
            let body = serde_json::to_value(policy).map_err(words)?;
            self.want(Method::PUT, &format!("policies/{}", policy.id), body).await?;
        }
        Ok(())
    }

    /// Every board that has power is connected.
    async fn boards_are_in(&self) -> Result<(), Trouble> {
        for board in self.boards.values() {
            let mut status = board.status();
            let is_in = status.wait_for(|s| s.online || !s.powered);
            let waited = tokio::time::timeout(gengfu_tests::LIMIT, is_in).await;
            waited.map_err(|_| format!("{} does not connect", board.id()))?.map_err(words)?;
        }
        Ok(())
    }

    /// Asks for something; the words of the refusal where it is refused.
    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<Result<Value, String>, Trouble> {
        let (mut status, mut answer) =
            self.operator.request(method.clone(), path, &body).await.map_err(words)?;
        // Sessions end after a month.
        if status == StatusCode::UNAUTHORIZED {
            let base = format!("http://127.0.0.1:{}", self.ports.web);
            self.operator = Operator::sign_in_as(&base, "admin").await.map_err(words)?;
            (status, answer) = self.operator.request(method, path, &body).await.map_err(words)?;
        }
        Ok(if status.is_success() { Ok(answer) } else { Err(refusal(&answer)) })
    }

    async fn want(&mut self, method: Method, path: &str, body: Value) -> Result<Value, Trouble> {
        let answer = self.ask(method, path, body).await?;
        answer.map_err(|refusal| format!("{path}: {refusal}"))
    }

    /// What a person was asked about last, with the link to answer it.
    pub(super) fn link_of(&self, person: &PersonId, place: Option<&PlaceId>) -> Option<String> {
        let told = self.sink.told();
        let is_there = |t: &&Told| place.is_none_or(|place| t.place == place.as_str());
        let asked = told.iter().rev().filter(|t| t.person == *person && t.purpose.asks());
        asked.filter(is_there).find_map(|t| t.link.clone())
    }

    /// Kills the program, and starts it again when so much time has passed.
    async fn start_again(&mut self, off: Span) -> Result<(), Trouble> {
        self.clock.go(1);
        if let Some(gateway) = self.gateway.take() {
            gateway.kill().map_err(words)?;
        }
        self.clock.leap(i64::try_from(off.as_millis()).map_err(words)?);
        let config = self.folder.path().join("gengfu.toml");
        let gateway = Gateway::start_with(&config, self.ports.web, &self.clock.environment());
        self.gateway = Some(gateway.map_err(words)?);
        // A board notices that the connection is gone before it connects anew.
        tokio::time::sleep(AFTER_LEAP).await;
        self.boards_are_in().await?;
        self.go(SPEED).await
    }

    /// The last that the program said, for whoever looks for the reason of a failure.
    pub fn said(&self) -> String {
        let said = self.gateway.as_ref().map(Gateway::said).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(LAST_WORDS)..].join("\n")
    }

    /// Gives the program the time to notice a leap: more of it on a machine that is held up, where it answers
    /// late, or has not yet tested each way as it does once a day.
    async fn notice(&mut self) -> Result<(), Trouble> {
        let begun = Instant::now();
        loop {
            let leapt = Instant::now();
            while leapt.elapsed() < AFTER_LEAP {
                self.go(SPEED).await?;
                tokio::time::sleep(LOOK).await;
            }
            let asked = Instant::now();
            self.is_calm().await?;
            let is_quick = asked.elapsed() < AFTER_LEAP / 2;
            let is_tested =
                self.sink.used_since(self.clock.now() - DAY) || begun.elapsed() > UNTESTED;
            if is_quick && is_tested {
                return Ok(());
            }
        }
    }

    /// Whether anything may fall due that a leap would be late for.
    async fn is_calm(&mut self) -> Result<bool, Trouble> {
        Ok(self.want(Method::GET, "incidents?open=true", Value::Null).await?.as_array()
            == Some(&vec![]))
    }
}

/// The words of an answer that refuses.
pub(super) fn refusal(answer: &Value) -> String {
    answer["message"].as_str().map_or_else(|| answer.to_string(), ToOwned::to_owned)
}

impl Stage for Running {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn tolerance(&self) -> Span {
        LATE
    }

    async fn run_until(&mut self, at: Timestamp) -> Result<(), Trouble> {
        let left = |stage: &Self| at.since(stage.now());
        if left(self) > VERY_LONG || left(self) > LONG && self.is_calm().await? {
            // What has just happened is known before the time is another one.
            self.notice().await?;
            while left(self) > LONG {
                let far = left(self).as_millis() - NEAR.as_millis();
                let hop = far.min(HOP.as_millis().max((far / 10).min(LONGEST_HOP.as_millis())));
                self.clock.leap(i64::try_from(hop).map_err(words)?);
                self.notice().await?;
            }
        }
        while self.now() < at {
            self.go(if left(self) > NEAR { FAST } else { SPEED }).await?;
            tokio::time::sleep(LOOK).await;
        }
        self.go(SPEED).await
    }

    async fn pass(&mut self, limit: Timestamp) -> Result<(), Trouble> {
        let left = limit.since(self.now());
        // The script's own time is over: what follows is only for a machine that is slow, and that one
        // needs time by its own clock.
        let is_late = left <= self.tolerance();
        let is_far = limit.since(self.now() + self.tolerance()) > NEAR;
        self.go(if is_late {
            1
        } else if is_far {
            FAST
        } else {
            SPEED
        })
        .await?;
        tokio::time::sleep(LOOK).await;
        if is_far { self.go(SPEED).await } else { Ok(()) }
    }

    async fn act(&mut self, act: &Act) -> Result<Option<String>, Trouble> {
        self.happen(act).await
    }

    async fn restart(&mut self, off: Span) -> Result<(), Trouble> {
        self.start_again(off).await
    }

    fn told(&self) -> Vec<Told> {
        self.sink.told()
    }

    async fn look(&mut self) -> Result<View, Trouble> {
        let open = self.want(Method::GET, "incidents?open=true", Value::Null).await?;
        let devices = self.want(Method::GET, "devices", Value::Null).await?;
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let incident = |i: &Value| -> Result<_, Trouble> {
            let id = IncidentId(i["id"].as_u64().ok_or("an incident without a number")?);
            let place = PlaceId::from(i["place"].as_str().unwrap_or_default());
            Ok((id, place, serde_json::from_value(i["phase"].clone()).map_err(words)?))
        };
        // Newest first there, oldest first here.
        let open = list(&open).iter().rev().map(incident).collect::<Result<_, Trouble>>()?;
        let lost = |d: &&Value| d["presence"]["state"] == json!("lost");
        let missing = list(&devices);
        let missing = missing.iter().filter(lost).filter_map(|d| d["place"].as_str());
        let sounds = self.boards.iter().filter(|(_, board)| board.outputs().borrow().sounder);
        let lamp =
            |(place, board): (&PlaceId, &Board)| (place.clone(), board.outputs().borrow().lamp);
        Ok(View {
            open,
            lamps: self.boards.iter().map(lamp).filter(|(_, lamp)| *lamp != Lamp::Off).collect(),
            sounding: sounds.map(|(place, _)| place.clone()).collect(),
            missing: missing.map(PlaceId::from).collect(),
        })
    }

    async fn on_duty(
        &mut self,
        roster: &RosterId,
        at: Timestamp,
    ) -> Result<Vec<PersonId>, Trouble> {
        let path = format!("rosters/{roster}/on-call?at={at}");
        let answer = self.want(Method::GET, &path, Value::Null).await?;
        let people = answer["people"].as_array().ok_or("no people in the answer")?;
        Ok(people.iter().filter_map(|p| p["id"].as_str()).map(PersonId::from).collect())
    }
}

/// A board's name in a path.
pub(super) fn device_path(place: &PlaceId) -> String {
    format!("devices/{}", board_of(place))
}
