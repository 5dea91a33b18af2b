//! Whatever is written in a roster, nothing panics and no answer takes long: the stable twin of the
//! fuzz target `roster`.

#[path = "../../../tests/fuzz/twins/near.rs"]
mod near;
#[path = "../../../tests/fuzz/checks/roster.rs"]
mod roster;

use near::near;
use proptest::prelude::*;

const TOML: &str = r#"
id = "nights"
name = "Nights"
time_zone = "Asia/Shanghai"
[[layers]]
kind = "rotation"
name = "weeks"
people = ["li", "wang", "zhao"]
handover = { kind = "weekly", day = "monday", at = "08:00", every = 2 }
starts = 2026-11-23
[[layers]]
kind = "shift"
name = "porter"
days = ["saturday", "sunday"]
from = "22:00"
to = "06:00"
people = ["chen"]
[[exceptions]]
kind = "replace"
from = "2026-12-24T08:00"
to = "2026-12-26T08:00"
person = "li"
by = "wang"
"#;

const JSON: &str = r#"{"id":"n","name":"N","time_zone":"Europe/Berlin","layers":[
{"kind":"rotation","name":"a","people":["li","wang"],"handover":{"kind":"hours","every":7,"at":"08:00:00"},"starts":"2026-11-23T00:00:00"},
{"kind":"rotation","name":"b","people":["li","wang","zhao"],"handover":{"kind":"daily","every":1,"at":"02:30:00"},"starts":"1999-11-23T00:00:00"}],
"exceptions":[{"kind":"add","from":"2026-03-29T02:30:00","to":"2026-10-25T02:30:00","person":"chen"},
{"kind":"remove","from":"2026-11-23T08:00:00","to":"2026-11-24T08:00:00","person":"li"}]}"#;

fn seeds() -> Vec<Vec<u8>> {
    vec![TOML.into(), JSON.into()]
}

#[test]
fn the_seeds_are_understood() {
    let roster: gengfu_core::roster::Roster = toml::from_str(TOML).unwrap();
    assert_eq!(roster.validate(), []);
    let roster: gengfu_core::roster::Roster = serde_json::from_str(JSON).unwrap();
    assert_eq!(roster.validate(), []);
    seeds().iter().for_each(|seed| roster::check(seed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn no_roster_makes_the_reader_panic(bytes in near(seeds())) {
        roster::check(&bytes);
    }
}

#[test]
fn a_roster_that_would_take_long_to_answer_is_refused() {
    let mut roster: gengfu_core::roster::Roster = serde_json::from_str(JSON).unwrap();
    roster.layers = vec![roster.layers[0].clone(); 65];
    roster.exceptions = vec![roster.exceptions[0].clone(); 2_001];
    let found: Vec<String> = roster.validate().iter().map(ToString::to_string).collect();
    for wanted in ["layers: has more than 64 entries", "exceptions: has more than 2000 entries"] {
        assert!(found.iter().any(|problem| problem.starts_with(wanted)), "{wanted}");
    }
}
