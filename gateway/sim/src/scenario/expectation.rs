//! Lines that begin with `expect`: what must be so.

use gengfu_core::time::Span;
use gengfu_wire::down::Lamp;

use super::{
    building::Building,
    mistake::Mistake,
    preamble,
    reader::Reader,
    script::{About, Expectation, News, Stands, TellingOf, Who},
};

const LAMPS: [(&str, Lamp); 3] =
    [("yellow", Lamp::Yellow), ("green", Lamp::Green), ("off", Lamp::Off)];

const PHASES: [(&str, Stands); 4] = [
    ("nobody has answered", Stands::Calling),
    ("somebody is going", Stands::Going),
    ("somebody is there", Stands::There),
    ("all is over", Stands::Over),
];

const NEWS: [&str; 9] = [
    "asked to take over",
    "asked again",
    "told loudly that nobody answers",
    "told that it is not over",
    "told that it is over",
    "told that",
    "told",
    "sent a test",
    "on duty",
];

pub(super) fn read(r: &mut Reader, building: &Building) -> Result<Expectation, Mistake> {
    if r.eat("refused because") {
        let words = r.quoted();
        return words.map(Expectation::Refused).ok_or_else(|| r.expected(&["\"words\""]));
    }
    if r.eat("no open alarm") {
        return Ok(Expectation::Open { count: 0, within: within(r)? });
    }
    if let Some(count) = r.number() {
        r.choose(&["open alarms", "open alarm"])?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        return Ok(Expectation::Open { count, within: within(r)? });
    }
    if r.eat("nobody on duty") {
        return Ok(Expectation::OnDuty { people: vec![], roster: roster(r, building)? });
    }
    if r.eat("nobody told for") {
        return Ok(Expectation::Nobody { person: None, length: r.span()? });
    }
    let first = r.peek().unwrap_or_default().to_owned();
    if building.places.iter().any(|p| p.id.as_str().eq_ignore_ascii_case(&first)) {
        return place(r, building);
    }
    somebody(r, building)
}

/// `lift-1: somebody is going`, `lift-1 lamp green`, `lift-1 board missing`
fn place(r: &mut Reader, building: &Building) -> Result<Expectation, Mistake> {
    let place = r.place_of(building)?;
    match r.choose(&[":", "lamp", "sounder", "board"])? {
        0 => {
            let index = r.choose(&PHASES.map(|(words, _)| words))?;
            Ok(Expectation::Phase { place, phase: PHASES[index].1, within: within(r)? })
        }
        1 => {
            let index = r.choose(&LAMPS.map(|(words, _)| words))?;
            Ok(Expectation::Lamp { place, lamp: LAMPS[index].1, within: within(r)? })
        }
        2 => {
            let on = r.choose(&["on", "off"])? == 0;
            Ok(Expectation::Sounder { place, on, within: within(r)? })
        }
        _ => {
            let missing = r.choose(&["missing", "heard"])? == 0;
            Ok(Expectation::Board { place, missing, within: within(r)? })
        }
    }
}

/// What begins with a person.
fn somebody(r: &mut Reader, building: &Building) -> Result<Expectation, Mistake> {
    let who = if r.eat("the person on duty") {
        Who::OnDuty(roster(r, building)?)
    } else if r.eat("everybody") {
        Who::Everybody
    } else {
        Who::People(r.list(|r| r.person(building))?)
    };
    if r.eat("not told for") {
        let length = r.span()?;
        return match who {
            Who::People(people) if people.len() == 1 => {
                Ok(Expectation::Nobody { person: people.into_iter().next(), length })
            }
            _ => Err(r.place.mistake("name one person who is not told, or write \"nobody told\"")),
        };
    }
    let news = match r.choose(&NEWS)? {
        0 => News::TakeOver,
        1 => News::AskedAgain,
        2 => News::Loud,
        3 => News::Reminder,
        4 => News::Over,
        5 => {
            let going = r.person(building)?;
            r.need("is going")?;
            News::Taken(going)
        }
        6 => News::Alarm,
        7 => News::Test,
        _ => {
            let Who::People(people) = who else {
                return Err(r.place.mistake("name the people who are on duty"));
            };
            return Ok(Expectation::OnDuty { people, roster: roster(r, building)? });
        }
    };
    let mut ways = vec![];
    if r.eat("by") {
        ways = r.list(|r| preamble::way(r, building))?;
    }
    let about = if r.eat("about") {
        match r.quoted() {
            Some(words) => Some(About::Words(words)),
            None => Some(About::Place(r.place_of(building)?)),
        }
    } else {
        None
    };
    Ok(Expectation::Told(TellingOf { who, news, ways, about, within: within(r)? }))
}

/// `in watch`; may be left out where there is only one roster.
fn roster(r: &mut Reader, building: &Building) -> Result<gengfu_core::id::RosterId, Mistake> {
    if r.eat("in") {
        return r.roster(building);
    }
    match &building.rosters[..] {
        [only] => Ok(only.id.clone()),
        _ => Err(r.expected(&["in"])),
    }
}

fn within(r: &mut Reader) -> Result<Option<Span>, Mistake> {
    if r.eat("within") { r.span().map(Some) } else { Ok(None) }
}
