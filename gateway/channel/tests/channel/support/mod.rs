//! What the stories share: a message to send, a server that hears it, an authority for its certificate,
//! and the Python that checks what was heard.

pub mod pki;
pub mod python;
pub mod server;

use std::path::Path;

use gengfu_channel::{Channel, Outgoing, Settings};
use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    id::{IncidentId, MessageId},
    notification::outbox::{Content, Message, Purpose, Status},
    person::Method,
    text::{Language, Text},
    time::{Span, Timestamp},
};

/// A person is trapped at 16:00:05 in Shanghai, and someone is asked 6 s later.
pub fn outgoing(address: &str, language: Language, purpose: Purpose) -> Outgoing {
    let since: Timestamp = "2026-11-23T08:00:05Z".parse().unwrap();
    let made_at = since + Span::secs(6);
    Outgoing {
        key: "garden-41-6b03f28b".into(),
        message: Message {
            id: MessageId(41),
            incident: Some(IncidentId(7)),
            person: "li-hua".into(),
            method: Method::new("test".into(), address),
            language,
            content: Content {
                purpose,
                what: Text::new("轿厢内按了求救按钮", "The help button in the car was pressed"),
                place: Text::new("3号楼 › 1号电梯", "Building 3 › Lift 1"),
                since,
                danger: Danger::Trapped,
                priority: Priority::Critical,
                test: false,
            },
            made_at,
            not_before: made_at,
            failures: 0,
            status: Status::Due,
            cost: None,
        },
        site: "garden".into(),
        incident: None,
        card: Card::usual(Danger::Trapped),
        site_name: Text::new("翠园小区", "Green Garden"),
        time_zone: "Asia/Shanghai".into(),
        link: Some("https://gate.example.org/a/Zm9v".parse().unwrap()),
        receipt_link: Some("https://gate.example.org/api/v1/receipt/YmFy".parse().unwrap()),
    }
}

/// "Can you go?" for the first time, in English.
pub fn alert(address: &str) -> Outgoing {
    outgoing(address, Language::En, Purpose::Alert { step: 0, round: 0 })
}

/// The channel that these settings make.
pub fn channel(settings: &str, data_dir: &Path) -> Box<dyn Channel> {
    let settings: Settings = toml::from_str(settings).expect("settings");
    settings.build(data_dir).expect("channel")
}
