//! The estate that the stories play in.

use gengfu_core::{
    escalation::policy::{Policy, Step, Target},
    person::{Method, Person, Role},
    roster::Roster,
    text::Language,
    time::Span,
    wiring::Wiring,
};

/// One building with two lifts, a stairwell, a gate and a row of flats with water sensors.
pub fn wiring() -> Wiring {
    let mut text = WIRING.to_owned();
    for n in 1..=15 {
        text += &format!(
            "[places.flat-{n}]\nid = 'flat-{n}'\nname = {{ en = 'Flat {n}' }}\ninside = 'b3'\n\
             [devices.wet-{n}]\nid = 'wet-{n}'\nname = {{ en = 'Sensor {n}' }}\nplace = 'flat-{n}'\n\
             profile = 'water'\n\
             points = [{{ id = 'wet-{n}/leak', name = {{ en = 'Leak' }} }}]\n\
             [[devices.wet-{n}.rules]]\nid = 'wet-{n}/leak'\nname = {{ en = 'Leak in {n}' }}\n\
             danger = 'water'\npriority = 'normal'\n\
             when = {{ equals = {{ point = 'wet-{n}/leak', value = true }} }}\n"
        );
    }
    toml::from_str(&text).unwrap()
}

const WIRING: &str = r#"
site = "estate"
name = { zh = "小区", en = "Estate" }
time_zone = "Asia/Shanghai"
language = "en"
path_test = { every = "24h", limit = "72h", hour = 10 }

[channels]
push = { answerable = true }
ntfy = { answerable = true }
mail = { answerable = true }

[places.b3]
id = "b3"
name = { zh = "3号楼", en = "Building 3" }
[places.car-1]
id = "car-1"
name = { zh = "1号梯", en = "Lift 1" }
inside = "b3"
[places.car-2]
id = "car-2"
name = { en = "Lift 2" }
inside = "b3"
[places.stairs]
id = "stairs"
name = { en = "Stairs" }
inside = "b3"
[places.yard]
id = "yard"
name = { en = "Yard" }

[devices.lift-1]
id = "lift-1"
name = { en = "Board of lift 1" }
place = "car-1"
profile = "board"
supervision = "90s"
points = [{ id = "lift-1/call", name = { en = "Alarm button" } }]
[[devices.lift-1.rules]]
id = "lift-1/trapped"
name = { en = "Passenger calls for help" }
danger = "trapped"
priority = "critical"
when = { equals = { point = "lift-1/call", value = true } }
on_delay = "10s"

[devices.lift-2]
id = "lift-2"
name = { en = "Controller of lift 2" }
place = "car-2"
profile = "controller"
points = [
  { id = "lift-2/fault", name = { en = "Fault" } },
  { id = "lift-2/temp", name = { en = "Temperature" }, unit = "°C" },
  { id = "lift-2/status", name = { en = "Status" } },
  { id = "lift-2/door", name = { en = "Door open" } },
  { id = "lift-2/speed", name = { en = "Speed" }, unit = "m/s" },
]
[[devices.lift-2.rules]]
id = "lift-2/fault"
name = { en = "Lift stands still" }
danger = "lift"
priority = "high"
when = { not_equal = { point = "lift-2/fault", value = 0 } }
[[devices.lift-2.rules]]
id = "lift-2/hot"
name = { en = "Motor room is hot" }
danger = "fault"
priority = "normal"
when = { above = { point = "lift-2/temp", setpoint = 40.0, deadband = 5.0 } }
on_delay = "10s"
off_delay = "20s"
[[devices.lift-2.rules]]
id = "lift-2/overload"
name = { en = "Overload" }
danger = "lift"
priority = "low"
when = { bit = { point = "lift-2/status", bit = 13 } }
[[devices.lift-2.rules]]
id = "lift-2/runs-open"
name = { en = "Runs with its door open" }
danger = "lift"
priority = "high"
latched = true
when = { all = [
  { equals = { point = "lift-2/door", value = true } },
  { above = { point = "lift-2/speed", setpoint = 0.5 } },
] }
[[devices.lift-2.rules]]
id = "lift-2/odd"
name = { en = "Too cold, or unreadable" }
danger = "fault"
priority = "low"
when = { any = [
  { below = { point = "lift-2/temp", setpoint = 0.0, deadband = 2.0 } },
  { no_data = { point = "lift-2/temp", reasons = ["garbled", "timeout"] } },
] }

[devices.stairs]
id = "stairs"
name = { en = "Board of the stairs" }
place = "stairs"
profile = "board"
supervision = "90s"
points = [
  { id = "stairs/smoke-1", name = { en = "Smoke, ground floor" } },
  { id = "stairs/smoke-2", name = { en = "Smoke, first floor" } },
  { id = "stairs/siren", name = { en = "Siren" } },
  { id = "stairs/gate", name = { en = "Fire gate" } },
]
outputs = [
  { id = "stairs/siren", kind = "siren", hold = "2m", most = "5m" },
  { id = "stairs/gate", kind = "gate", hold = "30s", most = "10m" },
]
[[devices.stairs.rules]]
id = "stairs/smoke-1"
name = { en = "Smoke on the ground floor" }
danger = "fire"
priority = "critical"
when = { equals = { point = "stairs/smoke-1", value = true } }
off_delay = "5s"
[[devices.stairs.rules]]
id = "stairs/smoke-2"
name = { en = "Smoke on the first floor" }
danger = "fire"
priority = "normal"
when = { equals = { point = "stairs/smoke-2", value = true } }
[[devices.stairs.rules]]
id = "stairs/blind"
name = { en = "Nobody watches the ground floor" }
danger = "fault"
priority = "low"
when = { no_data = { point = "stairs/smoke-1" } }

[devices.gate]
id = "gate"
name = { en = "Gate" }
place = "yard"
profile = "json"
points = [{ id = "gate/open", name = { en = "Open" } }]
[[devices.gate.rules]]
id = "gate/open"
name = { en = "Gate stands open" }
danger = "gate"
priority = "normal"
when = { equals = { point = "gate/open", value = true } }
"#;

/// Somebody who can be reached in these ways, best first.
pub fn person(id: &str, channels: &[&str]) -> Person {
    let method = |channel: &&str| Method::new((*channel).into(), format!("{id}@{channel}"));
    Person {
        id: id.into(),
        name: id.into(),
        language: Language::En,
        roles: [Role::Volunteer].into(),
        methods: channels.iter().map(method).collect(),
        quiet: None,
        home: None,
    }
}

/// A policy for everything that asks these people one after the other; `a+b` asks both at once, `@r`
/// whoever is on call for the roster `r`.
pub fn policy(steps: &[&str]) -> Policy {
    let target = |word: &str| match word.strip_prefix('@') {
        Some(roster) => Target::OnCall(roster.into()),
        None => Target::Person(word.into()),
    };
    let step = |people: &&str| Step {
        targets: people.split('+').map(target).collect(),
        wait: Span::secs(45),
        muster: vec![],
        switch_on: vec![],
    };
    Policy {
        id: "house".into(),
        name: "House".into(),
        dangers: vec![],
        places: vec![],
        steps: steps.iter().map(step).collect(),
        prompt_after: Span::mins(3),
        prompt_every: Span::mins(3),
        arrive_within: Span::mins(15),
        reminders: vec![Span::mins(15), Span::mins(30)],
    }
}

/// People who take turns of a day, from 23 November on, handing over at this time.
pub fn roster(id: &str, people: &[&str], at: &str) -> Roster {
    toml::from_str(&format!(
        "id = '{id}'\nname = '{id}'\ntime_zone = 'Asia/Shanghai'\n[[layers]]\nkind = 'rotation'\n\
         name = 'Turns'\npeople = {people:?}\nhandover = {{ kind = 'daily', at = '{at}' }}\n\
         starts = '2026-11-22'\n"
    ))
    .unwrap()
}
