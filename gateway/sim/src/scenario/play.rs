//! Plays a script on a stage, line by line, and stops at the first line that does not hold.

use std::{collections::BTreeSet, fmt};

use gengfu_core::{
    id::PersonId,
    incident::Phase,
    time::{Span, Timestamp},
};

use super::{
    script::{Act, At, Expectation, Line, Script, Stands, Step, TellingOf, Who},
    stage::{Stage, View},
    tally::Tally,
};

/// Whoever must be told is told within this time, unless the script says otherwise: fire and trapped
/// reach the first carrier within 3 s.
const PROMPTLY: Span = Span::secs(3);

/// A failure shows at most so many messages.
const MOST_SHOWN: usize = 8;

/// Whether the gateway is restarted between the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restarts {
    /// Only where the script says so.
    Told,
    /// After every line.
    EveryLine,
}

/// A line that did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The script's file.
    pub file: String,
    /// The line's number.
    pub line: usize,
    /// The line as it was written.
    pub text: String,
    /// What was so instead.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: \"{}\": {}", self.file, self.line, self.text, self.what)
    }
}

impl std::error::Error for Failure {}

/// Plays the script to its end.
///
/// # Errors
/// The first line that does not hold; or the last one, where somebody was asked something that no
/// line expects.
pub async fn play<S: Stage>(
    script: &Script,
    stage: &mut S,
    restarts: Restarts,
) -> Result<(), Failure> {
    let mark = stage.now();
    let mut play = Play { script, stage, mark, tally: Tally::default(), refusal: None };
    for line in &script.lines {
        let restarted = async {
            play.line(line).await?;
            if restarts == Restarts::EveryLine {
                play.stage.restart(Span::ZERO).await?;
            }
            Ok(())
        };
        restarted.await.map_err(|what| failure(script, line, what))?;
    }
    match (play.end(), script.lines.last()) {
        (Err(what), Some(line)) => Err(failure(script, line, what)),
        _ => Ok(()),
    }
}

fn failure(script: &Script, line: &Line, what: String) -> Failure {
    Failure { file: script.file.clone(), line: line.number, text: line.text.clone(), what }
}

struct Play<'a, S> {
    script: &'a Script,
    stage: &'a mut S,
    /// When the last thing happened: spans of expectations count from here.
    mark: Timestamp,
    tally: Tally,
    /// What was refused since the last line.
    refusal: Option<String>,
}

impl<S: Stage> Play<'_, S> {
    async fn line(&mut self, line: &Line) -> Result<(), String> {
        if let Some(at) = line.at {
            self.go_to(at).await?;
        }
        let Some(step) = &line.step else { return Ok(()) };
        if let (Some(words), false) =
            (&self.refusal, matches!(step, Step::Expect(Expectation::Refused(_))))
        {
            return Err(format!("what was wanted before was refused: {words}"));
        }
        match step {
            Step::Advance(length) => {
                self.mark = self.mark + *length;
                self.stage.run_until(self.mark).await
            }
            Step::Restart => self.restart(Span::ZERO).await,
            Step::Off(length) => self.restart(*length).await,
            Step::Act(act) => {
                self.mark = self.stage.now();
                self.refusal = self.stage.act(act).await?;
                if matches!(act, Act::Clock(_)) {
                    self.mark = self.stage.now();
                }
                Ok(())
            }
            Step::Expect(expectation) => self.expect(expectation).await,
        }
    }

    async fn restart(&mut self, off: Span) -> Result<(), String> {
        self.stage.restart(off).await?;
        self.mark = self.stage.now();
        Ok(())
    }

    async fn go_to(&mut self, at: At) -> Result<(), String> {
        let building = &self.script.building;
        let now = self.stage.now();
        let day = at.day.unwrap_or_else(|| building.shows(now).date());
        let at = building.instant(day.to_datetime(at.time), at.again);
        if now > at + self.stage.tolerance() {
            return Err(format!(
                "it is {} already; the next day needs its date before the time",
                self.clock(now)
            ));
        }
        self.mark = at;
        self.stage.run_until(at).await
    }

    async fn expect(&mut self, expectation: &Expectation) -> Result<(), String> {
        match expectation {
            Expectation::Told(telling) => self.expect_told(telling).await,
            Expectation::Nobody { person, length } => {
                self.stage.run_until(self.mark + *length).await?;
                self.nobody(person.as_ref())
            }
            Expectation::OnDuty { people, roster } => {
                let now = self.stage.now();
                let found = self.stage.on_duty(roster, now).await?;
                let set = |people: &[PersonId]| people.iter().cloned().collect::<BTreeSet<_>>();
                if set(&found) == set(people) {
                    return Ok(());
                }
                Err(format!("at {} on duty: {}", self.clock(now), names(&found)))
            }
            Expectation::Phase { place, phase, within } => {
                let stands = |view: &View| {
                    let open = view.open.iter().rev().find(|(_, at, _)| at == place);
                    open.map_or(Stands::Over, |(_, _, phase)| phase_of(*phase))
                };
                let holds = |view: &View| stands(view) == *phase;
                self.see(*within, holds, |view| format!("there it is: {}", stands(view))).await
            }
            Expectation::Open { count, within } => {
                let holds = |view: &View| view.open.len() == *count;
                let say = |view: &View| match &view.open[..] {
                    [] => "none is open".to_owned(),
                    open => {
                        let places: Vec<String> = open.iter().map(|o| o.1.to_string()).collect();
                        format!("open: {} ({})", open.len(), places.join(", "))
                    }
                };
                self.see(*within, holds, say).await
            }
            Expectation::Lamp { place, lamp, within } => {
                let lit = |view: &View| view.lamps.get(place).copied().unwrap_or_default();
                let say = |view: &View| format!("the lamp is {:?}", lit(view)).to_lowercase();
                self.see(*within, |view| lit(view) == *lamp, say).await
            }
            Expectation::Sounder { place, on, within } => {
                let holds = |view: &View| view.sounding.contains(place) == *on;
                let say = if *on { "the sounder is silent" } else { "the sounder is heard" };
                self.see(*within, holds, |_| say.to_owned()).await
            }
            Expectation::Board { place, missing, within } => {
                let holds = |view: &View| view.missing.contains(place) == *missing;
                let say = if *missing { "the board is heard" } else { "the board is missing" };
                self.see(*within, holds, |_| say.to_owned()).await
            }
            Expectation::Refused(words) => match self.refusal.take() {
                Some(said) if said.contains(words.as_str()) => Ok(()),
                Some(said) => Err(format!("it was refused because: {said}")),
                None => Err("it was not refused".into()),
            },
        }
    }

    /// Looks until something holds.
    async fn see(
        &mut self,
        within: Option<Span>,
        holds: impl Fn(&View) -> bool,
        say: impl Fn(&View) -> String,
    ) -> Result<(), String> {
        let limit = self.mark + within.unwrap_or(Span::ZERO) + self.stage.tolerance();
        loop {
            let view = self.stage.look().await?;
            if holds(&view) {
                return Ok(());
            }
            let now = self.stage.now();
            if now >= limit {
                return Err(format!("at {} {}", self.clock(now), say(&view)));
            }
            self.stage.pass(limit).await?;
        }
    }

    async fn expect_told(&mut self, telling: &TellingOf) -> Result<(), String> {
        let people = match &telling.who {
            Who::People(people) => people.clone(),
            Who::OnDuty(roster) => self.stage.on_duty(roster, self.mark).await?,
            Who::Everybody => {
                let people = self.script.building.people.iter();
                people.filter(|p| !p.ways.is_empty()).map(|p| p.id.clone()).collect()
            }
        };
        if people.is_empty() {
            return Err("nobody is on duty".into());
        }
        let within = telling.within.unwrap_or(PROMPTLY);
        let limit = self.mark + within + self.stage.tolerance();
        loop {
            let told = self.stage.told();
            let missing = self.tally.take(telling, &people, &told, limit);
            if missing.is_empty() {
                return Ok(());
            }
            if self.stage.now() >= limit {
                let by = self.clock(self.mark + within);
                return Err(format!(
                    "not told until {by}: {}; {}",
                    missing.join(", "),
                    self.overview()
                ));
            }
            self.stage.pass(limit).await?;
        }
    }

    /// Nobody was asked anything that no line expects.
    fn nobody(&self, person: Option<&PersonId>) -> Result<(), String> {
        let told = self.stage.told();
        let asked: Vec<String> = self
            .tally
            .left(&told)
            .filter(|(_, t)| t.purpose.asks() && person.is_none_or(|person| t.person == *person))
            .map(|(_, t)| t.in_words(&self.script.building))
            .collect();
        if asked.is_empty() { Ok(()) } else { Err(format!("but {}", asked.join("; "))) }
    }

    /// What must be so after the last line.
    fn end(&self) -> Result<(), String> {
        if let Some(words) = &self.refusal {
            return Err(format!("it was refused: {words}"));
        }
        self.nobody(None).map_err(|what| format!("the script ends, {what}, which no line expects"))
    }

    fn clock(&self, at: Timestamp) -> String {
        self.script.building.in_words(at)
    }

    /// What was told and not expected yet, for whoever looks for the reason.
    fn overview(&self) -> String {
        let told = self.stage.told();
        let left = self.tally.left(&told).map(|(_, t)| t.in_words(&self.script.building));
        let left: Vec<String> = left.collect();
        match &left[..] {
            [] => "nobody was told anything else".into(),
            left => left[left.len().saturating_sub(MOST_SHOWN)..].join("; "),
        }
    }
}

fn phase_of(phase: Phase) -> Stands {
    match phase {
        Phase::Calling => Stands::Calling,
        Phase::Going => Stands::Going,
        Phase::There => Stands::There,
        Phase::Ended => Stands::Over,
    }
}

impl fmt::Display for Stands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stands::Calling => "nobody has answered",
            Stands::Going => "somebody is going",
            Stands::There => "somebody is there",
            Stands::Over => "all is over",
        })
    }
}

fn names(people: &[PersonId]) -> String {
    match people {
        [] => "nobody".into(),
        people => people.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
