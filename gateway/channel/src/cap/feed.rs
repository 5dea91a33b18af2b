//! Alerts as a feed (Atom, RFC 4287): for programs that come and look.

use super::{Alert, Issuer, xml::escaped};
use gengfu_core::{text::Language, time::Timestamp};

/// The media type of the feed.
pub const FEED_TYPE: &str = "application/atom+xml";

/// The feed of these messages, newest first. Their addresses are their names, beside the feed's own.
pub fn feed(issuer: &Issuer, alerts: &[Alert], now: Timestamp, language: Language) -> String {
    let site = escaped(issuer.site.as_str());
    let name = escaped(issuer.name.get(language));
    // A feed without an entry was never changed, and must say something all the same.
    let updated = alerts.iter().map(|alert| alert.at).max().unwrap_or(now);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <feed xmlns=\"http://www.w3.org/2005/Atom\">\n\
         <id>urn:gengfu:{site}</id>\n<title>{name}</title>\n\
         <updated>{}</updated>\n<author><name>{name}</name></author>\n",
        stamp(updated)
    );
    for alert in alerts {
        text.push_str(&format!(
            "<entry>\n<id>urn:gengfu:{site}:{}</id>\n<title>{}</title>\n<updated>{}</updated>\n\
             <link rel=\"alternate\" type=\"application/cap+xml\" href=\"{}\"/>\n</entry>\n",
            alert.name,
            escaped(alert.title().get(language)),
            stamp(alert.at),
            alert.name,
        ));
    }
    text.push_str("</feed>\n");
    text
}

/// RFC 3339, which Atom asks for.
fn stamp(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
