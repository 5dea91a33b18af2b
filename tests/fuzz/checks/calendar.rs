//! A calendar that somebody's program wrote, as the body of a request or a file.

use gengfu_core::{id::PersonId, time::Timestamp};
use gengfu_web::calendar::import::{Names, Wish, import};

/// Reads the calendar; what it becomes is a roster that can be kept, of people who were named, and whatever
/// is wrong stands at a line of it.
pub fn check(bytes: &[u8]) {
    let people = ["wang", "li", "zhao"];
    let named = |id: &&str| ((*id).to_owned(), PersonId::from(*id));
    let wish = Wish {
        id: "nights".into(),
        name: None,
        time_zone: "Europe/Berlin".into(),
        from: Timestamp::from_millis(1_795_000_000_000),
        until: Timestamp::from_millis(1_805_000_000_000),
        names: Names::new(people.iter().map(named)),
    };
    match import(bytes, &wish) {
        Ok(made) => {
            assert!(made.roster.validate().is_empty(), "it can be kept");
            let known = |id: &PersonId| people.contains(&id.as_str());
            assert!(made.roster.people().iter().all(known), "nobody is invented");
            assert!(made.events > 0, "of nothing comes nothing");
        }
        Err(mistakes) => {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!(!mistakes.is_empty(), "there is a reason");
            assert!(mistakes.iter().all(|m| (1..=lines.max(1)).contains(&m.line)), "{mistakes:?}");
        }
    }
}
