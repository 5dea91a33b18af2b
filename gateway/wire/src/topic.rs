//! Where things are said: `gengfu/v1/<site>/<board>/up/…` by the board, `…/down/…` by the gateway.
//! A board's credential reaches no other board's topics.

use core::fmt::{self, Write};

use heapless::String;

/// The root of every topic, with the protocol's version.
pub const ROOT: &str = "gengfu/v1";

/// A topic is never longer: 128 for each name, and what stands around them.
pub const MAX_TOPIC: usize = 300;

/// What a board says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Up {
    /// Retained: online, or offline by the last will. [`crate::up::Presence`]
    Presence,
    /// Once after each connect. [`crate::up::Birth`]
    Birth,
    /// Every 15 s. [`crate::up::Heartbeat`]
    Heartbeat,
    /// An input changed. [`crate::up::Event`]
    Event,
    /// A configuration was taken or refused. [`crate::up::ConfigAck`]
    ConfigAck,
    /// How the board itself is. [`crate::up::Health`]
    Health,
    /// How an update goes on. [`crate::up::Update`]
    Update,
    /// What was read over RS-485. [`crate::up::Registers`]
    Registers,
}

/// What the gateway says to a board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Down {
    /// An event is durable. [`crate::down::Receipt`]
    Receipt,
    /// Retained: how the inputs are used. [`crate::down::Config`]
    Config,
    /// What time it is. [`crate::down::Time`]
    Time,
    /// Call lamp and sounder. [`crate::down::Output`]
    Output,
    /// Blink, so that somebody finds it. [`crate::down::Identify`]
    Identify,
    /// A firmware is there. [`crate::down::Update`]
    Update,
    /// A part of it. [`crate::down::Block`]
    Block,
    /// Retained: what to read over RS-485. [`crate::down::Poll`]
    Poll,
}

impl Up {
    /// All of them.
    pub const ALL: [Up; 8] = [
        Up::Presence,
        Up::Birth,
        Up::Heartbeat,
        Up::Event,
        Up::ConfigAck,
        Up::Health,
        Up::Update,
        Up::Registers,
    ];
    /// The last part of its topic.
    pub const fn name(self) -> &'static str {
        match self {
            Up::Presence => "presence",
            Up::Birth => "birth",
            Up::Heartbeat => "heartbeat",
            Up::Event => "event",
            Up::ConfigAck => "config-ack",
            Up::Health => "health",
            Up::Update => "update",
            Up::Registers => "registers",
        }
    }
}

impl Down {
    /// All of them.
    pub const ALL: [Down; 8] = [
        Down::Receipt,
        Down::Config,
        Down::Time,
        Down::Output,
        Down::Identify,
        Down::Update,
        Down::Block,
        Down::Poll,
    ];
    /// The last part of its topic.
    pub const fn name(self) -> &'static str {
        match self {
            Down::Receipt => "receipt",
            Down::Config => "config",
            Down::Time => "time",
            Down::Output => "output",
            Down::Identify => "identify",
            Down::Update => "update",
            Down::Block => "block",
            Down::Poll => "poll",
        }
    }
}

/// A topic ready to be used.
pub type Topic = String<MAX_TOPIC>;

/// Where `board` says this; none where the names are too long.
pub fn up(site: &str, board: &str, what: Up) -> Option<Topic> {
    write(format_args!("{ROOT}/{site}/{board}/up/{}", what.name()))
}

/// Where the gateway says this to `board`; none where the names are too long.
pub fn down(site: &str, board: &str, what: Down) -> Option<Topic> {
    write(format_args!("{ROOT}/{site}/{board}/down/{}", what.name()))
}

/// Everything that the gateway says to `board`: what a board subscribes to.
pub fn all_down(site: &str, board: &str) -> Option<Topic> {
    write(format_args!("{ROOT}/{site}/{board}/down/+"))
}

/// Everything that the boards of a site say: what the gateway subscribes to.
pub fn every_board(site: &str) -> Option<Topic> {
    write(format_args!("{ROOT}/{site}/+/up/+"))
}

/// Which board said what, on a topic of `site`.
pub fn parse_up<'t>(site: &str, topic: &'t str) -> Option<(&'t str, Up)> {
    let rest =
        topic.strip_prefix(ROOT)?.strip_prefix('/')?.strip_prefix(site)?.strip_prefix('/')?;
    let (board, what) = rest.split_once("/up/")?;
    let what = Up::ALL.into_iter().find(|up| up.name() == what)?;
    (!board.is_empty() && !board.contains('/')).then_some((board, what))
}

/// What the gateway said to `board`, on a topic of `site`.
pub fn parse_down(site: &str, board: &str, topic: &str) -> Option<Down> {
    let rest =
        topic.strip_prefix(ROOT)?.strip_prefix('/')?.strip_prefix(site)?.strip_prefix('/')?;
    let what = rest.strip_prefix(board)?.strip_prefix("/down/")?;
    Down::ALL.into_iter().find(|down| down.name() == what)
}

fn write(words: fmt::Arguments<'_>) -> Option<Topic> {
    let mut topic = Topic::new();
    topic.write_fmt(words).ok()?;
    Some(topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_reads_back_as_what_it_was_written_for() {
        for what in Up::ALL {
            let topic = up("garden-3", "lift-1", what).unwrap();
            assert_eq!(parse_up("garden-3", &topic), Some(("lift-1", what)));
            assert_eq!(parse_up("garden", &topic), None, "another site");
        }
        for what in Down::ALL {
            let topic = down("garden-3", "lift-1", what).unwrap();
            assert_eq!(parse_down("garden-3", "lift-1", &topic), Some(what));
            assert_eq!(parse_down("garden-3", "lift", &topic), None, "another board");
        }
    }

    #[test]
    fn strange_topics_are_nobody_s() {
        for topic in [
            "",
            "gengfu/v1",
            "gengfu/v1/s//up/event",
            "gengfu/v1/s/a/b/up/event",
            "gengfu/v1/s/a/up/",
        ] {
            assert_eq!(parse_up("s", topic), None, "{topic}");
        }
        assert_eq!(up(&"x".repeat(300), "b", Up::Event), None);
    }
}
