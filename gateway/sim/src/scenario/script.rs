//! What a script says, once it is read.

use gengfu_core::{
    id::{ChannelId, PersonId, PlaceId, RosterId},
    incident::Cause,
    roster::Roster,
    time::Span,
};
use gengfu_wire::{down::Lamp, up::InputState};
use jiff::civil::{Date, Time};

use super::{
    building::{Building, Contact},
    mistake::Mistake,
    preamble, reader, story,
};

/// A script: one story in one building.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its file.
    pub file: String,
    /// What happens, in a few words.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// Where it happens.
    pub building: Building,
    /// What happens, line by line.
    pub lines: Vec<Line>,
}

/// A line of the story.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: usize,
    /// The line as it was written.
    pub text: String,
    /// `at ...`: when.
    pub at: Option<At>,
    /// What.
    pub step: Option<Step>,
}

/// A time by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The day; none for the present one.
    pub day: Option<Date>,
    /// The time of day.
    pub time: Time,
    /// `for the second time`: where a clock that is put back shows it twice.
    pub again: bool,
}

/// What a line does.
#[derive(Debug, Clone)]
pub enum Step {
    /// `advance 45 s`.
    Advance(Span),
    /// `the gateway restarts`.
    Restart,
    /// `the gateway is off for 2 min`.
    Off(Span),
    /// Something happens.
    Act(Act),
    /// Something is expected.
    Expect(Expectation),
}

/// Something that happens in the building, or that somebody does.
#[derive(Debug, Clone)]
pub enum Act {
    /// A contact moves.
    Contact {
        /// Where.
        place: PlaceId,
        /// Which.
        contact: Contact,
        /// How it stands from now on.
        state: InputState,
    },
    /// A board loses its power, or gets it back.
    Power {
        /// Where.
        place: PlaceId,
        /// It has power from now on.
        on: bool,
    },
    /// A way of reaching people fails, or works again.
    Way {
        /// Which.
        way: ChannelId,
        /// It works from now on.
        works: bool,
    },
    /// A person answers.
    Answer {
        /// Who.
        person: PersonId,
        /// What.
        answer: Answer,
        /// Where; none for what they were told of last.
        place: Option<PlaceId>,
    },
    /// The caretaker does something on the page.
    Upkeep(Upkeep),
    /// The clock of the gateway is set, by so many milliseconds: negative for back.
    Clock(i64),
}

/// What a person answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// "I'm going."
    Going,
    /// "I'm there."
    There,
    /// "I can't."
    Cant,
    /// "I can't, but this one can."
    HandOver(PersonId),
    /// "It is over."
    End(Cause),
}

/// What the caretaker does.
#[derive(Debug, Clone)]
pub enum Upkeep {
    /// Sets the alarm of a contact aside.
    Shelve {
        /// Where.
        place: PlaceId,
        /// Which contact's.
        contact: Contact,
        /// For how long; none takes it back.
        length: Option<Span>,
    },
    /// Takes a board out of service.
    OutOfService {
        /// Where.
        place: PlaceId,
        /// For how long; none puts it back.
        length: Option<Span>,
        /// Why.
        reason: String,
    },
    /// Changes a roster.
    Roster(Box<Roster>),
}

/// What must be so.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// Somebody is told.
    Told(TellingOf),
    /// Nobody is asked anything that no line expected, so long after the last thing that happened.
    Nobody {
        /// Only this person, where one is named.
        person: Option<PersonId>,
        /// How long.
        length: Span,
    },
    /// These people are on duty, and nobody else.
    OnDuty {
        /// Who; empty for nobody.
        people: Vec<PersonId>,
        /// In which roster.
        roster: RosterId,
    },
    /// How the alarm at a place is being dealt with.
    Phase {
        /// Where.
        place: PlaceId,
        /// How.
        phase: Stands,
        /// Since the last thing that happened, at the latest.
        within: Option<Span>,
    },
    /// So many alarms are open.
    Open {
        /// How many.
        count: usize,
        /// Since the last thing that happened, at the latest.
        within: Option<Span>,
    },
    /// How the call lamp in a lift is lit.
    Lamp {
        /// Where.
        place: PlaceId,
        /// How.
        lamp: Lamp,
        /// Since the last thing that happened, at the latest.
        within: Option<Span>,
    },
    /// The sounder of a board is heard, or silent.
    Sounder {
        /// Where.
        place: PlaceId,
        /// It is heard.
        on: bool,
        /// Since the last thing that happened, at the latest.
        within: Option<Span>,
    },
    /// A board is heard or missed.
    Board {
        /// Where.
        place: PlaceId,
        /// It is missed.
        missing: bool,
        /// Since the last thing that happened, at the latest.
        within: Option<Span>,
    },
    /// What was wanted last was refused, in words that hold these.
    Refused(String),
}

/// Who is told what, and how.
#[derive(Debug, Clone)]
pub struct TellingOf {
    /// Who.
    pub who: Who,
    /// What for.
    pub news: News,
    /// Through which ways, all of them; empty for any.
    pub ways: Vec<ChannelId>,
    /// What it must be about.
    pub about: Option<About>,
    /// How long after the last thing that happened.
    pub within: Option<Span>,
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// This place.
    Place(PlaceId),
    /// What happened holds these words.
    Words(String),
}

/// Who is told.
#[derive(Debug, Clone)]
pub enum Who {
    /// These.
    People(Vec<PersonId>),
    /// Whoever is on duty in this roster.
    OnDuty(RosterId),
    /// All people of the building.
    Everybody,
}

/// What somebody is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// An alarm: can you go?
    Alarm,
    /// Somebody can't and names you.
    TakeOver,
    /// You said you were going: are you there?
    AskedAgain,
    /// Nobody has answered: call 119 or 96333.
    Loud,
    /// Somebody is going.
    Taken(PersonId),
    /// It is not over yet.
    Reminder,
    /// It is over.
    Over,
    /// A test of the way.
    Test,
}

/// How an alarm is being dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Nobody has answered yet.
    Calling,
    /// Somebody is going.
    Going,
    /// Somebody is there.
    There,
    /// Nothing is open.
    Over,
}

/// Reads a script.
///
/// # Errors
/// The first line that can't be understood, with what was expected there.
pub fn read(file: &str, text: &str) -> Result<Script, Mistake> {
    let place = |line: usize| reader::Place { file: file.to_owned(), line };
    let mut before = vec![];
    let mut lines = text.lines().enumerate().map(|(n, line)| (n + 1, line.trim()));
    let mut count = 0;
    let is_said = |line: &str| !line.is_empty() && !line.starts_with('#');
    let mut begun = false;
    for (number, line) in lines.by_ref().filter(|(_, line)| is_said(line)) {
        count = number;
        if line == "story:" {
            begun = true;
            break;
        }
        before.push((place(number), line));
    }
    if !begun {
        let mut mistake = place(count.max(1)).mistake("the script has no story");
        mistake.expected = vec!["a line \"story:\", and what happens after it".into()];
        return Err(mistake);
    }
    let (title, why, mut building) = preamble::read(&before, &place(count))?;
    // A roster that is changed in the story leaves the preamble's as it was.
    let whole = building.clone();
    let mut story = vec![];
    for (number, line) in lines.filter(|(_, line)| is_said(line)) {
        story.push(story::read(place(number), line, &mut building)?);
    }
    if story.is_empty() {
        return Err(place(count).mistake("nothing happens after \"story:\""));
    }
    Ok(Script { file: file.to_owned(), title, why, building: whole, lines: story })
}
