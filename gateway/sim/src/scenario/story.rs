//! The lines after `story:`: what happens.

use gengfu_core::incident::Cause;
use gengfu_wire::up::InputState;

use super::{
    building::Building,
    duty, expectation,
    mistake::{Mistake, nearest},
    preamble,
    reader::{Place, Reader},
    script::{Act, Answer, Line, Step, Upkeep},
};

/// What can happen to a contact. A button is pressed, a contact goes on.
const MOVES: [(&str, InputState); 6] = [
    ("pressed", InputState::Active),
    ("released", InputState::Idle),
    ("goes on", InputState::Active),
    ("goes off", InputState::Idle),
    ("line is cut", InputState::Open),
    ("line is mended", InputState::Idle),
];

/// Why an alarm is over.
const CAUSES: [(&str, Cause); 5] = [
    ("rescued", Cause::Rescued),
    ("fixed", Cause::Fixed),
    ("false alarm", Cause::FalseAlarm),
    ("drill", Cause::Drill),
    ("other", Cause::Other),
];

/// What a line of the story can begin with, besides names.
const BEGINNINGS: [&str; 6] = [
    "at",
    "advance",
    "expect",
    "the gateway restarts",
    "the gateway is off for",
    "the clock is put",
];

pub(super) fn read(place: Place, text: &str, building: &mut Building) -> Result<Line, Mistake> {
    let number = place.line;
    let mut r = Reader::new(place, text)?;
    let at = if r.eat("at") { Some(r.at()?) } else { None };
    let step = if at.is_some() && r.is_done() { None } else { Some(step(&mut r, building)?) };
    r.end()?;
    Ok(Line { number, text: text.to_owned(), at, step })
}

fn step(r: &mut Reader, building: &mut Building) -> Result<Step, Mistake> {
    if r.eat("advance") {
        return r.span().map(Step::Advance);
    }
    if r.eat("expect") {
        return expectation::read(r, building).map(Step::Expect);
    }
    if r.eat("the gateway restarts") {
        return Ok(Step::Restart);
    }
    if r.eat("the gateway is off for") {
        return r.span().map(Step::Off);
    }
    if r.eat("the clock is put") {
        let sign = if r.choose(&["back by", "forward by"])? == 0 { -1 } else { 1 };
        let length = i64::try_from(r.span()?.as_millis()).unwrap_or(i64::MAX);
        return Ok(Step::Act(Act::Clock(sign * length)));
    }
    if r.eat("roster") {
        let roster = Box::new(duty::read(r, building)?);
        return Ok(Step::Act(Act::Upkeep(Upkeep::Roster(roster))));
    }
    let first = r.peek().unwrap_or_default().to_owned();
    let names = |known: &str| known.eq_ignore_ascii_case(&first);
    if building.people.iter().any(|p| names(p.id.as_str())) {
        return answer(r, building).map(Step::Act);
    }
    if building.places.iter().any(|p| names(p.id.as_str())) {
        return happening(r, building).map(Step::Act);
    }
    if building.ways.iter().any(|w| names(w.as_str())) {
        let way = preamble::way(r, building)?;
        let works = r.choose(&["fails", "works again"])? == 1;
        return Ok(Step::Act(Act::Way { way, works }));
    }
    let people = building.people.iter().map(|p| p.id.as_str());
    let places = building.places.iter().map(|p| p.id.as_str());
    let ways = building.ways.iter().map(gengfu_core::id::ChannelId::as_str);
    let mut mistake = r.expected(&BEGINNINGS);
    mistake.expected.push("or the name of a person, a place or a way of reaching people".into());
    let near = nearest(&first, people.chain(places).chain(ways));
    mistake.suggestion = near.or(mistake.suggestion);
    Err(mistake)
}

/// What happens at a place.
fn happening(r: &mut Reader, building: &Building) -> Result<Act, Mistake> {
    let place = r.place_of(building)?;
    if r.eat("board") {
        let what = r.choose(&[
            "loses power",
            "has power again",
            "is out of service for",
            "is back in service",
        ])?;
        return Ok(match what {
            0 => Act::Power { place, on: false },
            1 => Act::Power { place, on: true },
            2 => {
                let length = Some(r.span()?);
                r.need(":")?;
                let reason = r.take_rest();
                Act::Upkeep(Upkeep::OutOfService { place, length, reason })
            }
            _ => {
                let reason = String::new();
                Act::Upkeep(Upkeep::OutOfService { place, length: None, reason })
            }
        });
    }
    let contact = preamble::contact(r)?;
    if building.spot(&place).and_then(|spot| spot.input(&contact)).is_none() {
        let mut mistake = r.place.mistake(format!("{place} has no {}", contact.words));
        let spot = building.spot(&place).map(|spot| spot.contacts.as_slice()).unwrap_or_default();
        mistake.expected = spot.iter().map(|c| format!("\"{}\"", c.words)).collect();
        return Err(mistake);
    }
    if r.eat("is shelved for") {
        let length = Some(r.span()?);
        return Ok(Act::Upkeep(Upkeep::Shelve { place, contact, length }));
    }
    if r.eat("is taken from the shelf") {
        return Ok(Act::Upkeep(Upkeep::Shelve { place, contact, length: None }));
    }
    let moves = MOVES.map(|(words, _)| words);
    let all = [&moves[..], &["is shelved for", "is taken from the shelf"]].concat();
    let index = r.choose(&all)?;
    Ok(Act::Contact { place, contact, state: MOVES[index].1 })
}

/// What a person answers.
fn answer(r: &mut Reader, building: &Building) -> Result<Act, Mistake> {
    let person = r.person(building)?;
    let what =
        r.choose(&["is going", "is there", "can't go", "hands over to", "ends the alarm"])?;
    let mut answer = match what {
        0 => Answer::Going,
        1 => Answer::There,
        2 => Answer::Cant,
        3 => Answer::HandOver(r.person(building)?),
        _ => Answer::End(Cause::Other),
    };
    let place = if r.eat("to") || r.eat("at") { Some(r.place_of(building)?) } else { None };
    if let Answer::End(_) = answer {
        r.need(":")?;
        let index = r.choose(&CAUSES.map(|(words, _)| words))?;
        answer = Answer::End(CAUSES[index].1);
    }
    Ok(Act::Answer { person, answer, place })
}
