//! What an incident says to others, and when.

use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    id::{IncidentId, SiteId},
    incident::{Cause, Happened, Incident, Moment},
    notification::outbox::{Message, Purpose},
    text::Text,
    time::Timestamp,
};
use jiff::tz::TimeZone;

use super::xml;

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The site: the sender in every message.
    pub site: SiteId,
    /// What it is called.
    pub name: Text,
    /// Its time zone, an IANA name; times are written in it.
    pub time_zone: String,
}

/// What a message tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It has begun.
    Opened,
    /// Somebody is on the way.
    Going,
    /// Somebody is there.
    There,
    /// Whoever was going is not going any more.
    Calling,
    /// Nobody has answered.
    Unanswered,
    /// It is not over after a long time.
    Lasting,
    /// It is over.
    Over(Cause),
    /// A test of the way, about no incident.
    Test,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What it tells.
    pub stage: Stage,
    /// When it was said.
    pub at: Timestamp,
    /// Its number within the site, and of what: for an address.
    pub name: String,
    pub(super) issuer: Issuer,
    /// The incident, and when it opened; none for a test.
    pub(super) incident: Option<(IncidentId, Timestamp)>,
    /// The messages before it: name and time.
    pub(super) earlier: Vec<(String, Timestamp)>,
    pub(super) danger: Danger,
    pub(super) priority: Priority,
    pub(super) what: Text,
    pub(super) place: Text,
    pub(super) confirmed: bool,
    /// What the building says to do first.
    pub(super) card: Card,
}

impl Alert {
    /// All messages of an incident, oldest first.
    pub fn all(issuer: &Issuer, incident: &Incident, card: &Card) -> Vec<Self> {
        let mut all = vec![Self::first(issuer, incident, card)];
        for moment in &incident.timeline {
            if let Some(stage) = stage_of(moment) {
                let next = all[0].followed_by(stage, moment.at, &all);
                // One moment may end more than one way of being asked.
                if all.iter().all(|alert| alert.name != next.name) {
                    all.push(next);
                }
            }
        }
        all
    }

    /// What a message of the outbox is in this protocol; none where it says nothing about an incident.
    /// `incident` as it is known: it may lag behind the message by the turn that made it.
    pub fn of_message(
        issuer: &Issuer,
        message: &Message,
        incident: Option<&Incident>,
        card: &Card,
    ) -> Option<Self> {
        let content = &message.content;
        let stage = match &content.purpose {
            Purpose::Alert { .. } if content.test => Stage::Test,
            _ if content.test => return None,
            Purpose::Alert { .. } | Purpose::HandedOver { .. } => Stage::Opened,
            Purpose::Taken { .. } => Stage::Going,
            Purpose::NobodyAnswered { .. } => Stage::Unanswered,
            Purpose::NotOver { .. } | Purpose::AskAgain => Stage::Lasting,
            Purpose::Over { cause } => Stage::Over(*cause),
            Purpose::PathTest => Stage::Test,
            Purpose::Muster { .. }
            | Purpose::NeedsHelp { .. }
            | Purpose::MusterOver { .. }
            | Purpose::Duty(_) => return None,
        };
        let first = Self {
            stage: Stage::Opened,
            at: content.since,
            name: String::new(),
            issuer: issuer.clone(),
            incident: message.incident.map(|id| (id, content.since)),
            earlier: vec![],
            danger: content.danger,
            priority: content.priority,
            what: content.what.clone(),
            place: content.place.clone(),
            confirmed: false,
            card: card.clone(),
        };
        if stage == Stage::Test {
            let name = format!("test-{}", message.id);
            return Some(Self { stage, at: message.made_at, name, incident: None, ..first });
        }
        let (id, _) = first.incident?;
        let first = Self { name: name(id, Stage::Opened, content.since), ..first };
        if stage == Stage::Opened {
            // Whoever is asked later or again gets the same message.
            return Some(first);
        }
        let known = match incident {
            Some(incident) => Self::all(issuer, incident, card),
            None => vec![first.clone()],
        };
        Some(first.followed_by(stage, message.made_at, &known))
    }

    /// As it is sent.
    pub fn xml(&self) -> String {
        xml::write(self)
    }

    /// In words, for a list.
    pub fn title(&self) -> Text {
        let join = |danger: &str, place: &str, state: &str| match state {
            "" => format!("{danger}: {place}"),
            state => format!("{state} · {danger}: {place}"),
        };
        let (danger, state) = (self.event(), self.state());
        Text {
            zh: join(&danger.zh, picked(&self.place, true), &state.zh),
            en: join(&danger.en, picked(&self.place, false), &state.en),
        }
    }

    pub(super) fn event(&self) -> Text {
        match self.stage {
            Stage::Test => Text::new("通道测试", "Test of the way"),
            _ => self.danger.words(),
        }
    }

    /// What a message after the first one says.
    pub(super) fn state(&self) -> Text {
        match self.stage {
            Stage::Opened | Stage::Test => Text::default(),
            Stage::Going => Text::new("有人正在赶去", "Somebody is going"),
            Stage::There => Text::new("有人已到现场", "Somebody is there"),
            Stage::Calling => Text::new("重新找人", "Looking for somebody again"),
            Stage::Unanswered => Text::new("还没有人回答", "Nobody has answered"),
            Stage::Lasting => Text::new("还没有结束", "Not over yet"),
            Stage::Over(Cause::FalseAlarm) => Text::new("误报，已取消", "A false alarm, cancelled"),
            Stage::Over(Cause::Drill) => Text::new("已结束，是演练", "Over: it was a drill"),
            Stage::Over(_) => Text::new("已结束", "Over"),
        }
    }

    /// The standard's identifier of a message by this name.
    pub(super) fn identifier(&self, name: &str) -> String {
        format!("{}-{name}", self.issuer.site)
    }

    /// A time as the standard writes it: with its offset, and never with a Z.
    pub(super) fn time(&self, at: Timestamp) -> String {
        let zone = TimeZone::get(&self.issuer.time_zone).unwrap_or(TimeZone::UTC);
        let text =
            at.to_jiff().to_zoned_datetime(zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        match text.strip_suffix("+00:00") {
            Some(text) => format!("{text}-00:00"),
            None => text,
        }
    }

    fn first(issuer: &Issuer, incident: &Incident, card: &Card) -> Self {
        Self {
            stage: Stage::Opened,
            at: incident.opened_at,
            name: name(incident.id, Stage::Opened, incident.opened_at),
            issuer: issuer.clone(),
            incident: Some((incident.id, incident.opened_at)),
            earlier: vec![],
            danger: incident.danger,
            priority: incident.priority,
            what: incident.what.clone(),
            place: incident.place_name.clone(),
            confirmed: false,
            card: card.clone(),
        }
    }

    fn followed_by(&self, stage: Stage, at: Timestamp, before: &[Self]) -> Self {
        // Of one moment, none is before the other.
        let is_before = |alert: &&Self| alert.stage == Stage::Opened || alert.at < at;
        let before: Vec<&Self> = before.iter().filter(is_before).collect();
        let (id, _) = self.incident.unwrap_or((IncidentId(0), at));
        Self {
            stage,
            at,
            name: name(id, stage, at),
            earlier: before.iter().map(|alert| (alert.name.clone(), alert.at)).collect(),
            confirmed: stage == Stage::There || before.iter().any(|a| a.stage == Stage::There),
            ..self.clone()
        }
    }
}

fn picked(text: &Text, chinese: bool) -> &str {
    use gengfu_core::text::Language::{En, Zh};
    text.get(if chinese { Zh } else { En })
}

/// What a moment of an incident is to others; none where it changes nothing for them.
fn stage_of(moment: &Moment) -> Option<Stage> {
    Some(match moment.happened {
        Happened::Acknowledged => Stage::Going,
        Happened::Arrived => Stage::There,
        Happened::HandedOver { .. } | Happened::Lapsed { .. } => Stage::Calling,
        Happened::Prompted { .. } => Stage::Unanswered,
        Happened::Reminded { .. } => Stage::Lasting,
        Happened::Ended { cause } => Stage::Over(cause),
        _ => return None,
    })
}

/// The same for the same thing, and for no other.
fn name(incident: IncidentId, stage: Stage, at: Timestamp) -> String {
    let what = match stage {
        Stage::Opened => return incident.to_string(),
        Stage::Going => "going",
        Stage::There => "there",
        Stage::Calling => "calling",
        Stage::Unanswered => "unanswered",
        Stage::Lasting => "lasting",
        Stage::Over(_) => "over",
        Stage::Test => "test",
    };
    format!("{incident}-{what}-{}", at.as_millis())
}

#[cfg(test)]
mod tests {
    use gengfu_core::{
        id::{MessageId, MusterId},
        notification::outbox::{Content, Status},
        person::Method,
        text::Language,
        time::Span,
    };

    use super::*;

    fn issuer(time_zone: &str) -> Issuer {
        let name = Text::new("花园小区", "Garden Court");
        Issuer { site: "garden-12".into(), name, time_zone: time_zone.into() }
    }

    fn message(purpose: Purpose, after: Span) -> Message {
        let since: Timestamp = "2026-11-23T20:00:05.123Z".parse().unwrap();
        Message {
            id: MessageId(9),
            incident: Some(IncidentId(7)),
            person: "platform".into(),
            method: Method::new("cap".into(), "https://example.org/"),
            language: Language::En,
            content: Content {
                purpose,
                what: Text::new("按钮", "The button"),
                place: Text::new("三号楼", "Building 3"),
                since,
                danger: Danger::Trapped,
                priority: Priority::Critical,
                test: false,
            },
            made_at: since + after,
            not_before: since + after,
            failures: 0,
            status: Status::Due,
            cost: None,
        }
    }

    fn card() -> Card {
        Card::usual(Danger::Trapped)
    }

    #[test]
    fn a_time_has_its_offset_and_never_a_z() {
        for (zone, sent) in [
            ("Asia/Shanghai", "2026-11-24T04:00:05+08:00"),
            ("America/New_York", "2026-11-23T15:00:05-05:00"),
            ("UTC", "2026-11-23T20:00:05-00:00"),
            ("Europe/London", "2026-11-23T20:00:05-00:00"),
            ("nowhere", "2026-11-23T20:00:05-00:00"),
        ] {
            let asked = message(Purpose::Alert { step: 0, round: 0 }, Span::secs(3));
            let alert = Alert::of_message(&issuer(zone), &asked, None, &card()).unwrap().xml();
            assert!(alert.contains(&format!("<sent>{sent}</sent>")), "{zone}: {alert}");
        }
    }

    #[test]
    fn whoever_is_asked_later_or_again_gets_the_same_message() {
        let first = message(Purpose::Alert { step: 0, round: 0 }, Span::secs(3));
        let again = message(Purpose::Alert { step: 2, round: 1 }, Span::mins(4));
        let xml =
            |message| Alert::of_message(&issuer("UTC"), message, None, &card()).unwrap().xml();
        assert_eq!(xml(&first), xml(&again));
    }

    #[test]
    fn an_update_refers_to_the_first_message_where_nothing_else_is_known() {
        let over = message(Purpose::Over { cause: Cause::Drill }, Span::mins(9));
        let alert = Alert::of_message(&issuer("UTC"), &over, None, &card()).unwrap().xml();
        let reference = "<references>garden-12,garden-12-7,2026-11-23T20:00:05-00:00</references>";
        assert!(alert.contains(reference), "{alert}");
        assert!(alert.contains("<msgType>Update</msgType>"), "{alert}");
        assert!(alert.contains("<note>It was a drill</note>"), "{alert}");
        let muster = message(Purpose::MusterOver { muster: MusterId(1) }, Span::mins(9));
        assert_eq!(Alert::of_message(&issuer("UTC"), &muster, None, &card()), None);
    }
}
