//! Swaps of shifts: asked for, accepted, declined, withdrawn, lapsed. The roster changes in the same turn in
//! which somebody accepts, and by nobody else's word.

use std::sync::Arc;

use crate::{
    event::{Duty, What},
    id::{PersonId, RosterId, SwapId},
    incident::By,
    input::Command,
    notification::duty::DutyNews,
    refusal::Refusal,
    roster::{Outcome, Roster, Swap, Turn},
    state::State,
    time::{Span, Timestamp},
};

use super::Draft;

/// No shift that is swapped is longer: whoever needs more asks a maintainer.
const LONGEST_TURN: Span = Span::hours(31 * 24);
/// What one person may have asked for at a time.
const OPEN_PER_PERSON: usize = 10;
/// Longest note, in characters.
const NOTE: usize = 500;

impl Draft {
    pub(super) fn swap(&mut self, by: &By, command: &Command) -> Result<(), Refusal> {
        let person = self.known(by)?;
        match command {
            Command::AskSwap { roster, turn, against, asked, note } => {
                let id = SwapId(self.state.last_swap.0.saturating_add(1));
                let swap = Swap {
                    id,
                    roster: roster.clone(),
                    person,
                    turn: *turn,
                    against: *against,
                    asked: asked.clone(),
                    declined: Vec::new(),
                    note: note.clone(),
                    asked_at: self.now,
                    ended: None,
                };
                self.ask_swap(swap)
            }
            Command::AcceptSwap(id) => self.accept_swap(*id, &person, by),
            Command::DeclineSwap(id) => {
                let swap = self.asked_of(*id, &person)?;
                self.emit(What::Duty(Duty::SwapDeclined { swap: *id, person: person.clone() }));
                let left = swap.asked.iter().any(|p| *p != person && swap.is_asked(p));
                if left {
                    let its = |news: &DutyNews| news.asks_about() == Some(*id);
                    self.cancel_duty(|who, news| *who == person && its(news));
                } else {
                    self.end_swap(&swap, Outcome::Declined);
                }
                Ok(())
            }
            Command::WithdrawSwap(id) => {
                let swap = self.open_swap(*id)?;
                if swap.person != person {
                    return Err(Refusal::Invalid(format!(
                        "{} asked for swap {id}: only they can withdraw it",
                        self.person_name(&swap.person)
                    )));
                }
                self.end_swap(&swap, Outcome::Withdrawn);
                Ok(())
            }
            other => Err(Refusal::Invalid(format!("not a command for here: {other:?}"))),
        }
    }

    fn ask_swap(&mut self, mut swap: Swap) -> Result<(), Refusal> {
        let roster = self.roster_of(&swap.roster)?;
        if swap.asked.is_empty() {
            swap.asked = roster.people();
            swap.asked.retain(|p| *p != swap.person && self.state.people.contains_key(p));
        }
        for person in &swap.asked {
            if *person == swap.person {
                return Err(invalid("nobody swaps with themselves: ask somebody else"));
            }
            self.known_person(person)?;
        }
        match (swap.asked.len(), swap.against) {
            (0, _) => {
                return Err(invalid("there is nobody else in this roster: name whom you ask"));
            }
            (1, _) | (_, None) => {}
            _ => return Err(invalid("name the one person whose shift you would do for yours")),
        }
        if swap.note.chars().count() > NOTE {
            return Err(Refusal::Invalid(format!("a note of at most {NOTE} characters")));
        }
        let open = self.state.swaps.values().filter(|s| s.is_open() && s.person == swap.person);
        let (mut count, mut twice) = (0, false);
        for other in open {
            count += 1;
            twice |= other.roster == swap.roster
                && other.turn.from < swap.turn.to
                && swap.turn.from < other.turn.to;
        }
        if twice {
            return Err(invalid("you have asked for this shift already: withdraw that first"));
        }
        if count >= OPEN_PER_PERSON {
            return Err(Refusal::Invalid(format!(
                "you have {OPEN_PER_PERSON} swaps open: withdraw one first"
            )));
        }
        for turn in std::iter::once(swap.turn).chain(swap.against) {
            if turn.from <= self.now {
                return Err(invalid("this shift has begun: a swap is for one that lies ahead"));
            }
            if turn.to <= turn.from || turn.to.since(turn.from) > LONGEST_TURN {
                return Err(invalid("a shift ends after it begins, and within 31 days"));
            }
        }
        // With one person it is known now whether it can be; of several, each is looked at then.
        let other = (swap.asked.len() == 1).then(|| swap.asked[0].clone());
        self.check_swap(&roster, &swap, other.as_ref())?;
        let (asked, news) = (swap.asked.clone(), self.news_of(&swap));
        self.emit(What::Duty(Duty::SwapAsked(swap)));
        for person in asked {
            self.tell_duty(&person, &roster, news.clone());
        }
        Ok(())
    }

    fn accept_swap(&mut self, id: SwapId, person: &PersonId, by: &By) -> Result<(), Refusal> {
        let swap = self.asked_of(id, person)?;
        let roster = self.roster_of(&swap.roster)?;
        self.check_swap(&roster, &swap, Some(person))?;
        let mut changed = roster.as_ref().clone();
        changed.exceptions.extend(swap.exception(&roster, person));
        self.check_roster(&changed)?;
        self.put_roster(changed, by.clone());
        self.end_swap(&swap, Outcome::Accepted { by: person.clone() });
        Ok(())
    }

    /// Whether the roster, as it stands now, lets these two swap.
    fn check_swap(
        &self,
        roster: &Roster,
        swap: &Swap,
        other: Option<&PersonId>,
    ) -> Result<(), Refusal> {
        let name = |person: &PersonId| self.person_name(person);
        let has = |person: &PersonId, turn: Turn| {
            if roster.covers(person, turn) {
                return Ok(());
            }
            let (who, from, to) = (name(person), turn.from, turn.to);
            Err(Refusal::Invalid(format!(
                "{who} is not on duty all the time from {from} to {to}: look at the roster, it may have changed"
            )))
        };
        let is_free = |person: &PersonId, turn: Turn| {
            if !roster.touches(person, turn) {
                return Ok(());
            }
            Err(Refusal::Invalid(format!(
                "{} is on duty between {} and {} already: somebody else must do it",
                name(person),
                turn.from,
                turn.to
            )))
        };
        has(&swap.person, swap.turn)?;
        if let Some(other) = other {
            is_free(other, swap.turn)?;
            if let Some(against) = swap.against {
                has(other, against)?;
                is_free(&swap.person, against)?;
            }
        }
        // Who accepts does not matter to the clock.
        if swap.exception(roster, &swap.person).is_none() {
            return Err(invalid(
                "this begins or ends in the hour that the clock shows twice: choose another time",
            ));
        }
        Ok(())
    }

    /// Swaps whose shift begins, and whose roster or people are gone.
    pub(super) fn lapse_swaps(&mut self) {
        let open: Vec<Arc<Swap>> =
            self.state.swaps.values().filter(|s| s.is_open()).cloned().collect();
        for swap in open {
            let known = |person: &PersonId| self.state.people.contains_key(person);
            if !self.state.rosters.contains_key(&swap.roster)
                || !known(&swap.person)
                || !swap.asked.iter().any(|p| swap.is_asked(p) && known(p))
            {
                self.end_swap(&swap, Outcome::Void);
            } else if swap.lapses_at() <= self.now {
                self.end_swap(&swap, Outcome::Lapsed);
            }
        }
    }

    /// Ends a swap, and tells whoever asked and those who have not declined.
    fn end_swap(&mut self, swap: &Swap, outcome: Outcome) {
        let name = match &outcome {
            Outcome::Accepted { by } => self.person_name(by),
            _ => String::new(),
        };
        let news = DutyNews::SwapEnded {
            swap: swap.id,
            name: self.person_name(&swap.person),
            turn: swap.turn,
            against: swap.against,
            outcome: outcome.clone(),
            by_name: name,
        };
        self.emit(What::Duty(Duty::SwapEnded { swap: swap.id, outcome }));
        self.cancel_duty(|_, news| news.asks_about() == Some(swap.id));
        let Some(roster) = self.state.rosters.get(&swap.roster).cloned() else { return };
        let told = swap.asked.iter().filter(|person| swap.is_asked(person));
        for person in std::iter::once(&swap.person).chain(told) {
            self.tell_duty(person, &roster, news.clone());
        }
    }

    fn news_of(&self, swap: &Swap) -> DutyNews {
        DutyNews::SwapAsked {
            swap: swap.id,
            name: self.person_name(&swap.person),
            turn: swap.turn,
            against: swap.against,
            note: swap.note.clone(),
        }
    }

    fn open_swap(&self, id: SwapId) -> Result<Arc<Swap>, Refusal> {
        let unknown = || Refusal::Unknown { what: "swap", name: id.to_string() };
        let swap = self.state.swaps.get(&id).cloned().ok_or_else(unknown)?;
        match &swap.ended {
            Some(ended) => Err(Refusal::Settled(ended.at)),
            None if swap.lapses_at() <= self.now => Err(Refusal::Settled(swap.lapses_at())),
            None => Ok(swap),
        }
    }

    /// An open swap that this person was asked for.
    fn asked_of(&self, id: SwapId, person: &PersonId) -> Result<Arc<Swap>, Refusal> {
        let swap = self.open_swap(id)?;
        if !swap.asked.contains(person) {
            return Err(Refusal::Invalid(format!("swap {id} was not asked of you")));
        }
        if swap.declined.contains(person) {
            return Err(Refusal::Invalid(format!("you have declined swap {id} already")));
        }
        Ok(swap)
    }

    fn roster_of(&self, id: &RosterId) -> Result<Arc<Roster>, Refusal> {
        let unknown = || Refusal::Unknown { what: "roster", name: id.to_string() };
        self.state.rosters.get(id).cloned().ok_or_else(unknown)
    }
}

/// When the next open swap is too late.
pub(super) fn next_lapse(state: &State) -> Option<Timestamp> {
    state.swaps.values().filter(|swap| swap.is_open()).map(|swap| swap.lapses_at()).min()
}

fn invalid(words: &str) -> Refusal {
    Refusal::Invalid(words.to_owned())
}
