//! Wrong passwords: who guesses has to wait longer and longer. Counted by address and name, so that
//! ten boards behind one router are not locked out because of an eleventh.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// Somebody may mistype so often.
const FREE: u32 = 5;
/// Then the pauses double from this on, up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
/// A guess a minute is one in 500,000 a year.
const LONGEST: Duration = Duration::from_secs(60);
/// Who has not failed for so long begins anew.
const FORGET: Duration = Duration::from_secs(15 * 60);
/// Addresses and names that are remembered at the most: some hundred bytes each.
const REMEMBERED: usize = 4096;

struct Failed {
    times: u32,
    last: Instant,
    until: Instant,
}

/// Who has failed lately.
#[derive(Default)]
pub(super) struct Guesses(Mutex<HashMap<(IpAddr, String), Failed>>);

/// Whoever has one address of IPv6 has 2^64 of them.
fn place(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip => ip,
    }
}

impl Guesses {
    /// How long whoever calls itself `name` there has to wait until it is listened to again.
    pub fn pause(&self, from: IpAddr, name: &str, now: Instant) -> Duration {
        let failed = self.0.lock();
        let until = failed.get(&(place(from), name.to_owned())).map(|failed| failed.until);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// Notes a wrong password; how long it has to wait now.
    pub fn failed(&self, from: IpAddr, name: &str, now: Instant) -> Duration {
        let mut all = self.0.lock();
        let key = (place(from), name.to_owned());
        if all.len() >= REMEMBERED && !all.contains_key(&key) {
            all.retain(|_, failed| now.saturating_duration_since(failed.last) < FORGET);
            // Still full: whoever has been quiet longest is forgotten.
            let oldest = all.iter().min_by_key(|(_, failed)| failed.last).map(|(k, _)| k.clone());
            if let Some(oldest) = oldest.filter(|_| all.len() >= REMEMBERED) {
                all.remove(&oldest);
            }
        }
        let failed = all.entry(key).or_insert(Failed { times: 0, last: now, until: now });
        if now.saturating_duration_since(failed.last) >= FORGET {
            failed.times = 0;
        }
        failed.times += 1;
        failed.last = now;
        let pause = match failed.times.checked_sub(FREE) {
            None | Some(0) => Duration::ZERO,
            Some(more) => FIRST.saturating_mul(1 << (more - 1).min(6)).min(LONGEST),
        };
        failed.until = now + pause;
        pause
    }

    /// The right password wipes the slate.
    pub fn succeeded(&self, from: IpAddr, name: &str) {
        self.0.lock().remove(&(place(from), name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

    #[test]
    fn pauses_double_up_to_a_minute_and_the_right_password_ends_them() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        let pauses: Vec<u64> =
            (0..14).map(|_| guesses.failed(HERE, "zigbee", now).as_secs()).collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(guesses.pause(HERE, "zigbee", now).as_secs(), 60);
        assert_eq!(guesses.pause(HERE, "frigate", now), Duration::ZERO, "its neighbour");
        assert_eq!(guesses.pause(HERE, "zigbee", now + LONGEST), Duration::ZERO);
        guesses.succeeded(HERE, "zigbee");
        assert_eq!(guesses.failed(HERE, "zigbee", now), Duration::ZERO);
    }

    #[test]
    fn a_quarter_of_an_hour_later_it_begins_anew() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..20 {
            guesses.failed(HERE, "zigbee", now);
        }
        assert_eq!(guesses.failed(HERE, "zigbee", now + FORGET), Duration::ZERO);
    }

    #[test]
    fn whoever_has_many_addresses_takes_no_more_memory_and_one_network_is_one_place() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for n in 0..20_000_u32 {
            guesses.failed(IpAddr::V4(n.into()), "zigbee", now + Duration::from_millis(n.into()));
        }
        assert_eq!(guesses.0.lock().len(), REMEMBERED);
        for n in 1..=9_u128 {
            guesses.failed(Ipv6Addr::from_bits((0x2001 << 112) | n).into(), "zigbee", now);
        }
        let other = Ipv6Addr::from_bits((0x2001 << 112) | 10).into();
        assert_eq!(guesses.pause(other, "zigbee", now).as_secs(), 8);
    }
}
