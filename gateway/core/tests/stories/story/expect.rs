//! What a story expects.

use std::sync::Arc;

use gengfu_core::{
    alarm::AlarmState,
    id::AlarmId,
    incident::Phase,
    notification::{
        duty::DutyNews,
        outbox::{Message, Purpose},
    },
    roster::Outcome,
};

use super::Story;

/// A message's purpose in a word or two.
fn kind(purpose: &Purpose) -> String {
    match purpose {
        Purpose::Alert { .. } => "alert".into(),
        Purpose::HandedOver { .. } => "handed over".into(),
        Purpose::AskAgain => "ask again".into(),
        Purpose::Taken { name, .. } => format!("{name} goes"),
        Purpose::NobodyAnswered { count } => format!("prompt {count}"),
        Purpose::NotOver { minutes } => format!("not over after {minutes}"),
        Purpose::Over { .. } => "over".into(),
        Purpose::Muster { .. } => "muster".into(),
        Purpose::NeedsHelp { name, .. } => format!("{name} needs help"),
        Purpose::MusterOver { .. } => "muster over".into(),
        Purpose::PathTest => "test".into(),
        Purpose::Duty(news) => news_kind(news),
    }
}

fn news_kind(news: &DutyNews) -> String {
    match news {
        DutyNews::SwapAsked { name, .. } => format!("{name} asks"),
        DutyNews::Coming { from, until, follows } => {
            let until = until.map_or("for long".into(), |until| format!("until {}", hour(until)));
            format!("on at {} {until} after {}", hour(*from), follows.join("+"))
        }
        DutyNews::Over { since, next, stays } => {
            let word = if *stays { "stays" } else { "follows" };
            format!("off at {}, {} {word}", hour(*since), next.join("+"))
        }
        DutyNews::SwapEnded { outcome, by_name, .. } => match outcome {
            Outcome::Accepted { .. } => format!("{by_name} does it"),
            Outcome::Declined => "declined".into(),
            Outcome::Withdrawn => "withdrawn".into(),
            Outcome::Lapsed => "lapsed".into(),
            Outcome::Void => "void".into(),
        },
    }
}

/// The time of day in the estate.
fn hour(at: gengfu_core::time::Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    zone.to_datetime(at.to_jiff()).strftime("%H:%M").to_string()
}

impl Story {
    /// This person was asked to go, through this channel.
    #[track_caller]
    pub fn expect_told(&mut self, who: &str, channel: &str) -> &mut Self {
        self.expect(who, channel, "alert")
    }

    /// This person got a message of this kind through this channel.
    #[track_caller]
    pub fn expect(&mut self, who: &str, channel: &str, what: &str) -> &mut Self {
        self.take(who, channel, what);
        self
    }

    /// The same, and the message itself.
    #[track_caller]
    pub fn take(&mut self, who: &str, channel: &str, what: &str) -> Arc<Message> {
        let fits = |m: &Arc<Message>| {
            m.person.as_str() == who
                && m.channel().as_str() == channel
                && kind(&m.content.purpose) == what
        };
        match self.inbox.iter().position(fits) {
            Some(at) => self.inbox.remove(at),
            None => panic!("{who} got no \"{what}\" by {channel}; there is {:?}", self.unread()),
        }
    }

    /// Nobody got anything that this story has not expected.
    #[track_caller]
    pub fn expect_nothing_more(&mut self) -> &mut Self {
        assert!(self.inbox.is_empty(), "unexpected at {}: {:?}", self.now, self.unread());
        self
    }

    /// Whoever got what, for a story that does not care.
    pub fn whatever(&mut self) -> Vec<Arc<Message>> {
        std::mem::take(&mut self.inbox)
    }

    fn unread(&self) -> Vec<String> {
        let words = |m: &Arc<Message>| {
            format!("{} {} by {}", m.person, kind(&m.content.purpose), m.channel())
        };
        self.inbox.iter().map(words).collect()
    }

    /// Where the last incident stands.
    #[track_caller]
    pub fn expect_phase(&mut self, phase: Phase) -> &mut Self {
        assert_eq!(self.incident().phase(), phase);
        self
    }

    /// The state of an alarm; `Normal` for one that is not known.
    #[track_caller]
    pub fn expect_alarm(&mut self, alarm: &str, state: AlarmState) -> &mut Self {
        let alarm = self.state.alarms.get(&AlarmId::from(alarm));
        let out = |a: &gengfu_core::alarm::Alarm| {
            a.subject.device.as_ref().is_some_and(|d| self.state.out_of_service.contains_key(d))
        };
        let found = alarm.map_or(AlarmState::Normal, |a| a.state(out(a)));
        assert_eq!(found, state, "{alarm:?}");
        self
    }

    /// How many incidents are open.
    #[track_caller]
    pub fn expect_open(&mut self, count: usize) -> &mut Self {
        assert_eq!(self.state.open.len(), count, "{:?}", self.state.open);
        self
    }
}
