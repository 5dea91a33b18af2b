//! A roster as a file or as the body of a request.

use gengfu_core::{
    roster::Roster,
    time::{Span, Timestamp},
};

/// Instants that a roster may be asked about, the absurd ones among them.
const INSTANTS: [i64; 6] =
    [i64::MIN, -62_135_596_800_000, 0, 1_795_000_000_000, 253_402_300_799_999, i64::MAX];

/// Reads the roster and asks it everything that can be asked.
pub fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = if text.trim_start().starts_with('{') {
        serde_json::from_str::<Roster>(text).ok()
    } else {
        toml::from_str::<Roster>(text).ok()
    };
    let Some(roster) = read else { return };
    let named = roster.people();
    // Only what has no problems is ever used.
    if !roster.validate().is_empty() {
        return;
    }
    for at in INSTANTS.map(Timestamp::from_millis) {
        let on_call = roster.on_call(at);
        assert!(on_call.people.iter().all(|person| named.contains(person)), "nobody is invented");
        assert!(roster.next_change(at).is_none_or(|next| next > at), "time goes on");
    }
    let from = Timestamp::from_millis(1_795_000_000_000);
    let mut last = from;
    for span in roster.shifts(from, from + Span::hours(24 * 400)).take(50) {
        assert!(span.start == last && span.end > last, "spans follow one another without a gap");
        last = span.end;
    }
}
