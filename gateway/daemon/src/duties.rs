//! Who is on call now, by every roster, for people who ask by telephone or by text.

use gengfu_channel::{
    duty::{self, Duty},
    is_same_number,
};
use gengfu_core::{
    id::PersonId, person::Person, roster::Roster, state::State, text::Language, time::Timestamp,
};

/// What the person at this telephone number is told, in their language; none for a stranger.
pub fn told(state: &State, number: &str, now: Timestamp) -> Option<(Language, String)> {
    let is_theirs = |person: &Person| {
        person.methods.iter().any(|method| is_same_number(&method.address, number))
    };
    let person = state.people.values().find(|person| is_theirs(person))?;
    let duties: Vec<Duty> = state.rosters.values().map(|roster| duty(state, roster, now)).collect();
    Some((person.language, duty::words(&duties, now, person.language)))
}

fn duty(state: &State, roster: &Roster, now: Timestamp) -> Duty {
    let furthest = now + duty::FURTHEST;
    let people = roster.on_call(now).people;
    // The same people may be on call for one reason after the other.
    let same = roster.shifts(now, furthest).take_while(|shift| shift.people == people);
    let until = same.last().map_or(now, |shift| shift.end);
    let name = |id: &PersonId| {
        state.people.get(id).map_or_else(|| id.to_string(), |person| person.name.clone())
    };
    Duty {
        roster: roster.name.clone(),
        time_zone: roster.time_zone.clone(),
        people: people.iter().map(name).collect(),
        until: (until < furthest).then_some(until),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;

    fn state() -> State {
        let mut state = State::new("garden".into());
        for (id, language, number) in [("li", "zh", "13800138000"), ("wang", "en", "21")] {
            let person = json!({ "id": id, "name": id.to_uppercase(), "language": language,
                "methods": [{ "channel": "phone", "address": number }] });
            let person: Person = serde_json::from_value(person).unwrap();
            state.people.insert(person.id.clone(), Arc::new(person));
        }
        let shift = |name: &str, from: &str, to: &str, who: &str| {
            json!({ "kind": "shift", "name": name, "days": ["monday", "tuesday", "wednesday",
                "thursday", "friday", "saturday", "sunday"], "from": from, "to": to, "people": [who] })
        };
        let roster = json!({ "id": "all", "name": "All day", "time_zone": "Asia/Shanghai", "layers": [
            shift("morning", "08:00:00", "12:00:00", "li"),
            shift("noon", "12:00:00", "20:00:00", "li"),
            shift("night", "20:00:00", "08:00:00", "wang"),
        ] });
        let roster: Roster = serde_json::from_value(roster).unwrap();
        state.rosters.insert(roster.id.clone(), Arc::new(roster));
        state
    }

    #[test]
    fn who_is_known_is_told_in_their_language_and_a_stranger_nothing() {
        let state = state();
        let at = "2026-11-23T02:00:00Z".parse().unwrap();
        let (language, words) = told(&state, "+8613800138000", at).unwrap();
        assert_eq!(language, Language::Zh);
        assert_eq!(words, "现在值班。All day：LI，到20点。", "both of Li's shifts are one");
        let night = "2026-11-23T13:00:00Z".parse().unwrap();
        let (_, words) = told(&state, "21", night).unwrap();
        assert_eq!(words, "On call now. All day: WANG, until tomorrow 8:00.");
        for stranger in ["666", "", "anonymous"] {
            assert_eq!(told(&state, stranger, at), None, "{stranger}");
        }
    }
}
