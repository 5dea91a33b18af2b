//! The log: set up once at the start, and kept from flooding when one fault repeats.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
};

use gengfu_core::time::{Span, Timestamp};
use parking_lot::Mutex;
use tracing_subscriber::{
    EnvFilter, Layer, fmt,
    layer::{Context, Filter, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::config::logging::{Format, Log};

/// The variable of the environment that goes before the configuration file's level.
pub const LEVEL_VARIABLE: &str = "GENGFU_LOG";

/// Starts logging to standard error. The level is that of [`LEVEL_VARIABLE`] if it is set, else the
/// configuration's.
///
/// # Errors
/// Where a level can't be understood, or logging was started before.
pub fn init(log: &Log) -> anyhow::Result<()> {
    let level = std::env::var(LEVEL_VARIABLE).ok();
    let filter = filter(level.as_deref().unwrap_or(&log.level))?;
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::registry()
        .with(filter)
        .with(layer(log.format, colours, io::stderr).with_filter(Strangers::default()))
        .try_init()?;
    Ok(())
}

fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    // Libraries that tell of everybody who comes and goes, or of whole calls: only on request.
    let talkative = [LIBRARY, TELEPHONE].into_iter().filter(|name| !level.contains(name));
    let level = talkative.fold(level.to_owned(), |level, name| format!("{name}=warn,{level}"));
    EnvFilter::builder()
        .parse(&level)
        .map_err(|e| anyhow::anyhow!("the log level \"{level}\" can't be used: {e}"))
}

/// One line for each event: for people, or a JSON object with the fields at its top.
fn layer<S, W>(format: Format, colours: bool, to: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> fmt::MakeWriter<'a> + Send + Sync + 'static,
{
    match format {
        Format::Human => fmt::layer().with_writer(to).with_ansi(colours).with_target(false).boxed(),
        Format::Json => fmt::layer().json().flatten_event(true).with_writer(to).boxed(),
    }
}

/// The embedded broker's library.
const LIBRARY: &str = "mqtt5";
/// The telephone's. It writes down numbers and what proves who we are, too.
const TELEPHONE: &str = "rsipstack";
/// What has a line written by whoever knocks at the broker's door, whether they belong here or not.
const AT_THE_DOOR: [&str; 2] = [LIBRARY, "gengfu_field::broker"];

/// Of the warnings that strangers cause, one of each kind passes in 10 s.
struct Strangers(Throttle);

impl Default for Strangers {
    fn default() -> Self {
        Self(Throttle::new(Span::secs(10)))
    }
}

impl<S> Filter<S> for Strangers {
    fn enabled(&self, meta: &tracing::Metadata<'_>, _: &Context<'_, S>) -> bool {
        // Whole calls would be written down, with the keys that their speech is encrypted with: not
        // even on request.
        !meta.target().starts_with(TELEPHONE) || *meta.level() <= tracing::Level::WARN
    }

    fn event_enabled(&self, event: &tracing::Event<'_>, _: &Context<'_, S>) -> bool {
        let meta = event.metadata();
        let at_the_door = AT_THE_DOOR.iter().any(|target| meta.target().starts_with(target));
        // A kind is a place in the source: `event src/broker/server.rs:1094`.
        !at_the_door
            || *meta.level() != tracing::Level::WARN
            || self.0.pass(meta.name(), crate::engine::now()).is_some()
    }
}

/// Lets one message of a kind through per interval, and counts the others: a source that sends
/// rubbish a thousand times a second must not fill the disk with complaints about it.
#[derive(Debug)]
pub struct Throttle {
    every: Span,
    kinds: Mutex<BTreeMap<String, (Timestamp, u64)>>,
}

/// Kinds that are remembered; a source that makes up new ones gets no more memory than this.
const KINDS: usize = 1024;

impl Default for Throttle {
    fn default() -> Self {
        Self::new(Span::mins(1))
    }
}

impl Throttle {
    /// One message of a kind per `every`.
    pub fn new(every: Span) -> Self {
        Self { every, kinds: Mutex::default() }
    }

    /// `Some(n)` if a message of this kind may be written now, where `n` others were held back
    /// since the last one; `None` if it is held back itself.
    pub fn pass(&self, kind: &str, now: Timestamp) -> Option<u64> {
        let mut kinds = self.kinds.lock();
        if let Some((last, held)) = kinds.get_mut(kind) {
            // A clock that stepped back must not silence a kind until it has caught up.
            if now >= *last && now.since(*last) < self.every {
                *held += 1;
                return None;
            }
            *last = now;
            return Some(std::mem::take(held));
        }
        if kinds.len() >= KINDS {
            kinds.retain(|_, (last, _)| now.since(*last) < self.every);
        }
        if kinds.len() >= KINDS {
            return None;
        }
        kinds.insert(kind.to_owned(), (now, 0));
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);
    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, level: &str) -> String {
        let page = Page::default();
        let to = page.clone();
        let subscriber = tracing_subscriber::registry().with(filter(level).unwrap()).with(layer(
            format,
            false,
            move || to.clone(),
        ));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(board = "board-7", dropped = 3, "payload not understood");
            tracing::debug!("a detail");
        });
        String::from_utf8(page.0.lock().clone()).unwrap()
    }

    #[test]
    fn a_program_reads_each_line_as_json_with_the_fields_at_its_top() {
        let text = logged(Format::Json, "info");
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["message"], "payload not understood");
        assert_eq!(line["board"], "board-7");
        assert_eq!(line["dropped"], 3);
        assert_eq!(line["level"], "WARN");
    }

    #[test]
    fn a_person_reads_a_line_and_sees_no_more_than_the_level_lets_through() {
        let text = logged(Format::Human, "info");
        assert!(text.contains("payload not understood board=\"board-7\" dropped=3"), "{text}");
        assert_eq!(text.lines().count(), 1);
        assert_eq!(logged(Format::Human, "debug").lines().count(), 2);
        assert_eq!(logged(Format::Human, "error"), "");
    }

    #[test]
    fn a_stranger_at_the_door_does_not_fill_the_log() {
        let page = Page::default();
        let to = page.clone();
        let subscriber = tracing_subscriber::registry().with(filter("info").unwrap()).with(
            layer(Format::Human, false, move || to.clone()).with_filter(Strangers::default()),
        );
        tracing::subscriber::with_default(subscriber, || {
            for from in 0..1_000 {
                tracing::info!(target: "mqtt5::broker", from, "somebody came");
                tracing::warn!(target: "mqtt5::broker", from, "somebody was refused");
                tracing::warn!(target: "gengfu_field::broker", from, "a wrong password");
            }
            tracing::error!(target: "mqtt5::broker", "the storage is gone");
            for n in 0..3 {
                tracing::warn!(n, "a message did not go");
            }
        });
        let text = String::from_utf8(page.0.lock().clone()).unwrap();
        let lines = |words: &str| text.lines().filter(|l| l.contains(words)).count();
        assert_eq!((lines("was refused"), lines("wrong password"), lines("came")), (1, 1, 0));
        assert_eq!((lines("storage"), lines("did not go")), (1, 3), "{text}");
    }

    #[test]
    fn what_calls_are_encrypted_with_is_not_written_down_even_on_request() {
        let page = Page::default();
        let to = page.clone();
        let wanted = filter("debug,rsipstack=trace").unwrap();
        let subscriber = tracing_subscriber::registry().with(wanted).with(
            layer(Format::Human, false, move || to.clone()).with_filter(Strangers::default()),
        );
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "rsipstack::transport::udp", "a=crypto:1 inline:a key");
            tracing::debug!(target: "rsipstack::transport::udp", "a=crypto:1 inline:a key");
            tracing::warn!(target: "rsipstack::transport::udp", "the way is closed");
        });
        let text = String::from_utf8(page.0.lock().clone()).unwrap();
        assert!(text.contains("the way is closed") && !text.contains("inline"), "{text}");
    }

    #[test]
    fn a_thousand_complaints_a_second_become_one_a_minute_with_their_number() {
        let throttle = Throttle::default();
        let start = Timestamp::from_millis(1_000_000);
        let passed: Vec<u64> = (0..90_000)
            .filter_map(|ms| throttle.pass("garbled:board-7", start + Span::millis(ms)))
            .collect();
        assert_eq!(passed, [0, 59_999]);
        assert_eq!(throttle.pass("garbled:board-8", start + Span::secs(90)), Some(0));
        let back = Timestamp::from_millis(1_000);
        assert!(throttle.pass("garbled:board-7", back).is_some(), "the clock stepped back");
    }

    #[test]
    fn made_up_kinds_take_no_more_memory_than_others() {
        let throttle = Throttle::default();
        let now = Timestamp::from_millis(1_000_000);
        let passed = (0..10_000).filter(|n| throttle.pass(&format!("{n}"), now).is_some()).count();
        assert_eq!(passed, KINDS);
        assert!(throttle.pass("later", now + Span::mins(2)).is_some());
    }
}
