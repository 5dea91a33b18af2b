//! A port of the loopback for somebody who will listen on it in a moment.

use std::net::TcpListener;

/// Where to look: below the ports that the system hands out, which anybody's connection could be given in
/// that moment (32768 and up on Linux).
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// The one wanted, or another one where somebody has it or none is wanted (0). None where all are taken.
pub fn free(wanted: u16) -> Option<u16> {
    // Programs that begin at the same time look in different places.
    let begin = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap_or_default();
    let others = (0..COUNT).map(|n| FIRST + (begin + n) % COUNT);
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    Some(wanted).filter(|port| *port != 0).into_iter().chain(others).find(is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_one_is_taken_where_it_is_free_and_none_that_the_system_hands_out() {
        let found = free(0).unwrap();
        assert!((FIRST..FIRST + COUNT).contains(&found));
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let taken = held.local_addr().unwrap().port();
        assert_ne!(free(taken), Some(taken));
    }
}
