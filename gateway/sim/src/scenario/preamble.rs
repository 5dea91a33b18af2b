//! The lines before `story:`: what it is about, the building, its people.

use gengfu_core::{
    danger::Danger,
    escalation::policy::{Policy, Step, Target},
    id::{self, ChannelId, PolicyId},
    time::Span,
};
use jiff::{civil::DateTime, tz::TimeZone};

use super::{
    building::{Building, CONTACTS, Contact, Reached, Spot},
    duty,
    mistake::Mistake,
    reader::{Place, Reader},
};

/// What a line of the preamble can begin with.
const BEGINNINGS: [&str; 13] = [
    "building",
    "starts",
    "lift",
    "place",
    "people are reached by",
    "person",
    "roster",
    "policy",
    "loud prompt after",
    "arrive within",
    "remind after",
    "the daily test is at",
    "title",
];

/// The kinds of danger that a policy can be for.
const DANGERS: [(&str, Danger); 7] = [
    ("fire", Danger::Fire),
    ("trapped", Danger::Trapped),
    ("gas", Danger::Gas),
    ("water", Danger::Water),
    ("lift faults", Danger::Lift),
    ("gates", Danger::Gate),
    ("faults", Danger::Fault),
];

/// What holds for every policy of the script.
#[derive(Default)]
struct Waits {
    prompt: Option<(Span, Span)>,
    arrive: Option<Span>,
    remind: Option<Vec<Span>>,
}

/// Title, reason and building; `end` is where the preamble ends.
pub(super) fn read(
    lines: &[(Place, &str)],
    end: &Place,
) -> Result<(String, String, Building), Mistake> {
    let (mut title, mut why) = (None, None);
    let mut zone = None;
    let mut starts = None;
    let mut building = Building {
        name: String::new(),
        zone_name: String::new(),
        zone: TimeZone::UTC,
        starts: DateTime::ZERO,
        ways: vec![],
        places: vec![],
        people: vec![],
        rosters: vec![],
        policies: vec![],
        test_hour: None,
    };
    let mut waits = Waits::default();
    let missing = |what: &str, example: &str| {
        let mut mistake = end.mistake(format!("the lines before \"story:\" do not say {what}"));
        mistake.expected = vec![format!("a line like \"{example}\"")];
        mistake
    };
    let no_house = || missing("which building", "building Garden Court in time zone Asia/Shanghai");
    for (place, line) in lines {
        if let Some(words) = line.strip_prefix("title:") {
            title = Some(words.trim().to_owned());
            continue;
        }
        if let Some(words) = line.strip_prefix("why:") {
            why = Some(words.trim().to_owned());
            continue;
        }
        let mut r = Reader::new(place.clone(), line)?;
        match r.choose(&BEGINNINGS)? {
            0 => zone = Some(house(&mut r, &mut building)?),
            1 => starts = Some(r.date_time()?),
            2 | 3 => {
                let spot = spot(&mut r)?;
                building.places.push(spot);
            }
            4 => building.ways = r.list(|r| r.word("a way").map(|way| way.as_str().into()))?,
            5 => {
                let person = person(&mut r, &building)?;
                building.people.push(person);
            }
            6 if zone.is_none() => return Err(no_house()),
            6 => drop(duty::read(&mut r, &mut building)?),
            7 => {
                let policy = policy(&mut r, &building)?;
                building.policies.push(policy);
            }
            8 => {
                let after = r.span()?;
                r.need(", then every")?;
                waits.prompt = Some((after, r.span()?));
            }
            9 => waits.arrive = Some(r.span()?),
            10 => waits.remind = Some(r.list(Reader::span)?),
            11 => {
                let hour = r.time()?.hour();
                building.test_hour = Some(hour);
            }
            _ => return Err(r.expected(&["title: and what happens, in a few words"])),
        }
        r.end()?;
    }
    let title = title.ok_or_else(|| missing("the title", "title: Silence wakes the next one"))?;
    let why = why.ok_or_else(|| missing("why it matters", "why: A phone may lie in a drawer."))?;
    building.zone = zone.ok_or_else(no_house)?;
    building.starts =
        starts.ok_or_else(|| missing("when it starts", "starts 2026-11-23 14:00:00"))?;
    for policy in &mut building.policies {
        waits.apply(policy);
    }
    Ok((title, why, building))
}

impl Waits {
    fn apply(&self, policy: &mut Policy) {
        if let Some((after, every)) = self.prompt {
            (policy.prompt_after, policy.prompt_every) = (after, every);
        }
        if let Some(within) = self.arrive {
            policy.arrive_within = within;
        }
        if let Some(reminders) = &self.remind {
            policy.reminders.clone_from(reminders);
        }
    }
}

/// `building Garden Court in time zone Asia/Shanghai`
fn house(r: &mut Reader, building: &mut Building) -> Result<TimeZone, Mistake> {
    let mut name = vec![];
    while !r.eat("in time zone") {
        if r.is_done() {
            return Err(r.expected(&["in time zone"]));
        }
        name.push(r.word("the building's name")?);
    }
    building.name = name.join(" ");
    let zone = r.word("a time zone like Asia/Shanghai")?;
    let found = TimeZone::get(&zone).map_err(|_| {
        let mut mistake = r.place.mistake(format!("there is no time zone \"{zone}\""));
        mistake.expected = vec!["a name like Asia/Shanghai or Europe/Berlin".into()];
        mistake
    })?;
    building.zone_name = zone;
    Ok(found)
}

/// `lift-1 has a call button, a fault contact and a water contact`
fn spot(r: &mut Reader) -> Result<Spot, Mistake> {
    let id = name(r, "the place's name")?.as_str().into();
    if r.is_done() {
        return Ok(Spot { id, contacts: vec![] });
    }
    r.need("has")?;
    let contacts = r.list(|r| {
        r.eat("a");
        contact(r)
    })?;
    Ok(Spot { id, contacts })
}

/// A kind of contact.
pub(super) fn contact(r: &mut Reader) -> Result<Contact, Mistake> {
    r.choose(&CONTACTS.map(|contact| contact.words)).map(|index| CONTACTS[index])
}

/// `person Wang by phone and push`
fn person(r: &mut Reader, building: &Building) -> Result<Reached, Mistake> {
    let id = name(r, "the person's name")?.as_str().into();
    if r.is_done() {
        return Ok(Reached { id, ways: vec![] });
    }
    r.need("by")?;
    Ok(Reached { id, ways: r.list(|r| way(r, building))? })
}

/// One of the building's ways of reaching people.
pub(super) fn way(r: &mut Reader, building: &Building) -> Result<ChannelId, Mistake> {
    r.known("way of reaching people", building.ways.iter().map(|w| (w.to_string(), w.clone())))
}

/// `policy for fire and gas: ask the person on duty in watch for 45 s, then everybody for 45 s`
fn policy(r: &mut Reader, building: &Building) -> Result<Policy, Mistake> {
    let mut dangers = vec![];
    if r.eat("for") {
        dangers = r.list(|r| r.known("kind of danger", DANGERS.map(|(n, d)| (n.to_owned(), d))))?;
    }
    r.need(":")?;
    r.need("ask")?;
    let mut steps = vec![step(r, building)?];
    while r.eat(", then") {
        steps.push(step(r, building)?);
    }
    let danger = dangers.first().copied().unwrap_or(Danger::Fault);
    let number = building.policies.len() + 1;
    Ok(Policy {
        id: PolicyId::from(format!("policy-{number}").as_str()),
        name: format!("policy {number}"),
        dangers,
        steps,
        ..Policy::everyone(danger)
    })
}

fn step(r: &mut Reader, building: &Building) -> Result<Step, Mistake> {
    let mut targets = vec![target(r, building)?];
    while r.eat("and") {
        targets.push(target(r, building)?);
    }
    r.need("for")?;
    Ok(Step { targets, wait: r.span()?, muster: vec![], switch_on: vec![] })
}

fn target(r: &mut Reader, building: &Building) -> Result<Target, Mistake> {
    if r.eat("the person on duty in") {
        return r.roster(building).map(Target::OnCall);
    }
    if r.eat("everybody in") {
        return r.roster(building).map(Target::Team);
    }
    if r.eat("everybody") {
        return Ok(Target::Everyone);
    }
    r.person(building).map(Target::Person)
}

/// A name for programs and people alike.
pub(super) fn name(r: &mut Reader, what: &str) -> Result<String, Mistake> {
    let word = r.word(what)?;
    if id::is_valid(&word) && !word.contains('/') {
        return Ok(word);
    }
    let mut mistake = r.place.mistake(format!("\"{word}\" can't be a name"));
    mistake.expected = vec!["one word of letters, digits and -".into()];
    Err(mistake)
}
