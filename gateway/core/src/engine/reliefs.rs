//! Hand-overs: whoever comes on duty is reminded before it begins, whoever goes off it is told that it is
//! over. Only rosters that say so (`remind_before`).

use crate::{
    event::{Begin, Duty, What},
    id::PersonId,
    notification::duty::DutyNews,
    roster::{Relief, Roster},
    time::{Span, Timestamp},
};

use super::Draft;

/// It is looked again after this long at the latest.
const EVERY: Span = Span::hours(24);

impl Draft {
    /// Everything about hand-overs whose time has come.
    pub(super) fn tell_reliefs(&mut self) {
        if self.state.live.reliefs_due.is_some_and(|due| due > self.now) {
            return;
        }
        let mut next = self.now + EVERY;
        for roster in self.state.rosters.values().cloned().collect::<Vec<_>>() {
            let Some(lead) = roster.remind_before else { continue };
            self.tell_reliefs_of(&roster, lead);
            // A change is looked at when it comes, and so long before.
            let ahead = roster.next_change(self.now + lead).map(|at| at - lead);
            next = [roster.next_change(self.now), ahead].into_iter().flatten().fold(next, Ord::min);
        }
        self.emit(What::Duty(Duty::Looked { next }));
    }

    fn tell_reliefs_of(&mut self, roster: &Roster, lead: Span) {
        let known = self.state.reliefs.get(&roster.id).cloned().unwrap_or_default();
        // What lies further back than the lead was missed, and is no news any more. What was told may lie
        // ahead, where the clock was put back since: shifts are reminded of all the same.
        let since = known.upto.min(self.now).max(self.now - lead);
        let mut told = false;
        let mut reminded = Vec::new();
        for relief in roster.reliefs(since, self.now + lead) {
            if relief.at <= self.now {
                if relief.at <= known.upto {
                    continue;
                }
                told |= !relief.go.is_empty();
                self.tell_over(roster, &relief);
                continue;
            }
            let begin = |person: &PersonId| Begin { person: person.clone(), from: relief.at };
            let new: Vec<Begin> =
                relief.come.iter().map(begin).filter(|b| !known.reminded.contains(b)).collect();
            self.remind_of_shift(roster, &relief, &new);
            reminded.extend(new);
        }
        if told || !reminded.is_empty() {
            let roster = roster.id.clone();
            self.emit(What::Duty(Duty::Relieved { roster, reminded, upto: self.now }));
        }
    }

    /// A roster is changed so that somebody is on duty, or off it, from this moment on.
    pub(super) fn tell_relief_at_once(&mut self, old: &Roster, new: &Roster) {
        if old.remind_before.is_none() || new.remind_before.is_none() {
            return;
        }
        let (before, then) = (old.on_call(self.now).people, new.on_call(self.now).people);
        let Some(relief) = Relief::between(self.now, &before, &then) else { return };
        self.tell_over(new, &relief);
        let begin = |person: &PersonId| Begin { person: person.clone(), from: self.now };
        let come: Vec<Begin> = relief.come.iter().map(begin).collect();
        self.remind_of_shift(new, &relief, &come);
    }

    fn remind_of_shift(&mut self, roster: &Roster, relief: &Relief, who: &[Begin]) {
        let follows = self.names(&relief.go);
        for begin in who {
            let until = roster.on_call_until(&begin.person, begin.from);
            let news = DutyNews::Coming { from: begin.from, until, follows: follows.clone() };
            // Whoever sleeps through the whole shift needs no reminder of it.
            let Some(person) = self.state.people.get(&begin.person).cloned() else { continue };
            if until.is_none_or(|until| self.duty_at(&person) < until) {
                self.tell_duty(&begin.person, roster, news);
            }
        }
    }

    fn tell_over(&mut self, roster: &Roster, relief: &Relief) {
        // Where nobody comes, those who stay are all there are.
        let stays = relief.come.is_empty();
        let next = self.names(if stays { &relief.then } else { &relief.come });
        for person in &relief.go {
            let news = DutyNews::Over { since: relief.at, next: next.clone(), stays };
            self.tell_duty(person, roster, news);
        }
    }

    fn names(&self, people: &[PersonId]) -> Vec<String> {
        people.iter().map(|person| self.person_name(person)).collect()
    }
}

/// When hand-overs are looked at next; at once where that is not known.
pub(super) fn next_look(state: &crate::state::State) -> Timestamp {
    state.live.reliefs_due.unwrap_or_default()
}
