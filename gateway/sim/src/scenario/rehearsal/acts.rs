//! What happens in a rehearsal: contacts move, carriers fail, people answer.

use gengfu_core::{
    id::{AlarmId, IncidentId, PersonId, PlaceId},
    incident::By,
    input::{Command, Input},
    point::{NoData, Origin},
    time::Timestamp,
};

use super::{CARETAKER, Rehearsal};
use crate::scenario::{
    building::{board_of, point_of},
    script::{Act, Answer, Upkeep},
    stage::Trouble,
};

/// The alarm that a contact raises.
pub fn alarm_of(place: &PlaceId, input: u8, rule: &str) -> AlarmId {
    AlarmId::from(format!("rule:{}-{rule}", point_of(&board_of(place), input)).as_str())
}

impl Rehearsal {
    /// Something happens.
    pub(super) fn happen(&mut self, act: &Act) -> Result<Option<String>, Trouble> {
        match act {
            Act::Contact { place, contact, state } => {
                let spot = self.building.spot(place);
                let input = spot.and_then(|spot| spot.input(contact)).unwrap_or_default();
                let (id, n) = (board_of(place), usize::from(input.saturating_sub(1)));
                let Some(board) = self.boards.get_mut(&id) else { return Ok(None) };
                let Some(stands) = board.inputs.get_mut(n) else { return Ok(None) };
                if *stands == *state {
                    return Ok(None);
                }
                *stands = *state;
                if !board.powered {
                    return Ok(None);
                }
                board.seq += 1;
                let origin = Origin { boot: board.boot, seq: board.seq };
                let reading = self.reading(&id, n, *state, Some(origin));
                self.feed(&Input::Reading(reading))
            }
            Act::Power { place, on } => {
                let id = board_of(place);
                let Some(board) = self.boards.get_mut(&id) else { return Ok(None) };
                board.powered = *on;
                if *on {
                    (board.boot, board.seq) = (board.boot + 1, 0);
                    self.say_alive(&id).map(|()| None)
                } else {
                    self.feed(&Input::Gone { device: id, reason: NoData::Offline })
                }
            }
            Act::Way { way, works } => {
                if *works {
                    self.failing.remove(way);
                } else {
                    self.failing.insert(way.clone());
                }
                Ok(None)
            }
            Act::Answer { person, answer, place } => self.answer(person, answer, place.as_ref()),
            Act::Upkeep(upkeep) => self.upkeep(upkeep),
            Act::Clock(by_ms) => {
                self.set_clock(*by_ms);
                self.feed(&Input::Tick)
            }
        }
    }

    fn answer(
        &mut self,
        person: &PersonId,
        answer: &Answer,
        place: Option<&PlaceId>,
    ) -> Result<Option<String>, Trouble> {
        let Some(incident) = self.incident_of(person, place) else {
            return Err(format!("there is nothing that {person} could answer"));
        };
        let command = match answer {
            Answer::Going => Command::Acknowledge(incident),
            Answer::There => Command::Arrive(incident),
            Answer::Cant => Command::HandOver { incident, to: None },
            Answer::HandOver(to) => Command::HandOver { incident, to: Some(to.clone()) },
            Answer::End(cause) => Command::End { incident, cause: *cause, note: String::new() },
        };
        self.command(By::person(person.clone(), "link"), command)
    }

    /// What a person was asked about last; where they were not asked, what was opened last.
    fn incident_of(&self, person: &PersonId, place: Option<&PlaceId>) -> Option<IncidentId> {
        let is_there = |id: IncidentId| {
            let incident = self.state.incidents.get(&id);
            place.is_none_or(|place| incident.is_some_and(|i| i.place == *place))
        };
        let asked = self.told.iter().rev().filter(|t| t.person == *person && t.purpose.asks());
        let mut asked = asked.filter_map(|t| t.incident).filter(|id| is_there(*id));
        let open = || self.state.open.iter().rev().copied().find(|id| is_there(*id));
        asked.next().or_else(open)
    }

    fn upkeep(&mut self, upkeep: &Upkeep) -> Result<Option<String>, Trouble> {
        let command = match upkeep {
            Upkeep::Shelve { place, contact, length } => {
                let spot = self.building.spot(place);
                let input = spot.and_then(|spot| spot.input(contact)).unwrap_or_default();
                let alarm = alarm_of(place, input, contact.rule);
                match length {
                    Some(length) => Command::Shelve { alarm, until: self.now + *length },
                    None => Command::Unshelve(alarm),
                }
            }
            Upkeep::OutOfService { place, length: Some(length), reason } => Command::OutOfService {
                device: board_of(place),
                until: self.now + *length,
                reason: reason.clone(),
            },
            Upkeep::OutOfService { place, length: None, .. } => {
                Command::BackInService(board_of(place))
            }
            Upkeep::Roster(roster) => Command::PutRoster(roster.as_ref().clone()),
        };
        self.command(By::person(PersonId::from(CARETAKER), "page"), command)
    }

    fn set_clock(&mut self, by_ms: i64) {
        let moved = |at: Timestamp| Timestamp::from_millis(at.as_millis().saturating_add(by_ms));
        self.now = moved(self.now);
        self.boards.values_mut().for_each(|board| board.beat_at = moved(board.beat_at));
    }
}
