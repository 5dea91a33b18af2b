//! Whatever a calendar says, it is kept or refused with a reason: the stable twin of the fuzz target
//! `calendar`.

#[path = "../../../../tests/fuzz/checks/calendar.rs"]
mod check;

use proptest::prelude::*;

use crate::near::near;

/// As calendar programs write them, with the people that the check knows.
fn seeds() -> Vec<Vec<u8>> {
    let samples = [
        include_str!("../../../../tests/calendars/google.ics"),
        include_str!("../../../../tests/calendars/outlook.ics"),
        include_str!("../../../../tests/calendars/apple.ics"),
        include_str!("../../../../tests/calendars/nextcloud.ics"),
    ];
    let known = |text: &str| {
        let text = text.replace("王阿姨", "wang").replace("李叔", "li").replace("赵爷爷", "zhao");
        text.replace("Wang Min", "wang").replace("Li Hua", "li").replace("Zhao Lei", "zhao")
    };
    samples.into_iter().map(|text| known(text).into_bytes()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_calendar_breaks_the_import(bytes in near(seeds())) {
        check::check(&bytes);
    }
}

#[test]
fn the_seeds_are_checked() {
    seeds().iter().for_each(|seed| check::check(seed));
}
