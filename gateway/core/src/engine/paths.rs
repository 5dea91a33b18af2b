//! The daily test of every channel's whole path, and the alarm when it is missing.

use std::collections::BTreeSet;

use jiff::civil::Time;

use crate::{
    alarm::Source,
    danger::Priority,
    event::What,
    id::{ChannelId, PersonId},
    notification::outbox::Message,
    person::{Method, Person, Role},
    state::{Path, State},
    text::Text,
    time::{Span, Timestamp},
    wiring::Tester,
};

use super::Draft;

/// Stands for the person in a test to an address that stands at nobody.
const NOBODY: &str = "path-test";
/// A channel is not tested more often than this, whatever the configuration says.
const LEAST_EVERY: Span = Span::mins(1);

impl Draft {
    pub(super) fn test_paths(&mut self) {
        let paths: Vec<(ChannelId, Path)> =
            self.state.paths.iter().map(|(c, p)| (c.clone(), p.clone())).collect();
        for (channel, path) in paths {
            if next_test(&self.state, &path) <= self.now {
                self.emit(What::PathTested { channel: channel.clone() });
                self.test_path(&channel);
            }
            if missing_at(&self.state, &channel, &path).is_some_and(|at| at <= self.now) {
                let limit = self.state.wiring.path_test.limit;
                let name = Text {
                    zh: format!("通知渠道“{channel}”超过 {limit} 未通过测试"),
                    en: format!("Channel \"{channel}\" has passed no test for {limit}"),
                };
                self.raise_fault(Source::PathTest(channel), name, Priority::High);
            }
        }
    }
}

impl Draft {
    fn test_path(&mut self, channel: &ChannelId) {
        let named = match self.state.wiring.path_test.to.get(channel) {
            Some(Tester::Address { address, .. }) => {
                let way = Method::new(channel.clone(), address);
                let nobody = Person {
                    id: PersonId::from(NOBODY),
                    name: String::new(),
                    language: self.state.wiring.language,
                    roles: BTreeSet::new(),
                    methods: vec![],
                    quiet: None,
                    home: None,
                };
                return self.post_test_by(way, &nobody);
            }
            Some(Tester::Person(id)) => self.state.people.get(id),
            None => None,
        };
        let named: Vec<Person> = named.into_iter().map(|p| p.as_ref().clone()).collect();
        let people: Vec<Person> = self.state.people.values().map(|p| p.as_ref().clone()).collect();
        // Those who care for the gateway are asked to bear the daily test before the others.
        let cares =
            |p: &&Person| p.roles.contains(&Role::Maintainer) || p.roles.contains(&Role::Admin);
        let (first, then): (Vec<&Person>, Vec<&Person>) = people.iter().partition(cares);
        let all = named.iter().chain(first).chain(then);
        let _ = all.into_iter().any(|person| self.post_test(channel, person));
    }

    /// A test to an address where it must arrive: that its carrier took it, or why it did not go,
    /// proves nothing.
    pub(super) fn must_arrive(&self, message: &Message) -> bool {
        let tester = self.state.wiring.path_test.to.get(message.channel());
        matches!(tester, Some(Tester::Address { address, must_arrive: true })
            if *address == message.method.address && message.person.as_str() == NOBODY)
    }
}

/// When a channel is tested next: at the site's hour of the day, or so long after the last test.
pub(super) fn next_test(state: &State, path: &Path) -> Timestamp {
    let test = &state.wiring.path_test;
    let last = path.tested_at.unwrap_or(path.since);
    if test.every != Span::hours(24) {
        return last + test.every.max(LEAST_EVERY);
    }
    next_hour(&state.wiring.time_zone, test.hour, last).unwrap_or(last + test.every)
}

fn next_hour(zone: &str, hour: i8, after: Timestamp) -> Option<Timestamp> {
    let zone = jiff::tz::TimeZone::get(zone).ok()?;
    let local = zone.to_datetime(after.to_jiff());
    let hour = Time::new(hour, 0, 0, 0).ok()?;
    let mut day = local.date();
    loop {
        let at = Timestamp::from(zone.to_timestamp(day.to_datetime(hour)).ok()?);
        if at > after {
            return Some(at);
        }
        day = day.tomorrow().ok()?;
    }
}

/// When the test counts as missing; none while its alarm stands already.
pub(super) fn missing_at(state: &State, channel: &ChannelId, path: &Path) -> Option<Timestamp> {
    let alarm = Source::PathTest(channel.clone()).alarm();
    let stands = state.alarms.get(&alarm).is_some_and(|a| a.active);
    let proven = path.proven_at.unwrap_or(path.since).max(path.since);
    (!stands).then(|| proven + state.wiring.path_test.limit)
}
