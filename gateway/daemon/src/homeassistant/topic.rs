//! Where this site's announcements and values stand, and the names in them.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use gengfu_core::id::SiteId;
use gengfu_field::discovery::OWN_NODES;

/// Whether the gateway is there: `online`, or what its will says.
pub fn status(site: &SiteId) -> String {
    value(site, "status")
}

/// Where a value stands.
pub(super) fn value(site: &SiteId, name: &str) -> String {
    format!("gengfu/{site}/ha/{name}")
}

/// Where an entity is announced. The node tells every gateway whose it is, so that none takes it in.
pub(super) fn config(prefix: &str, component: &str, site: &SiteId, object: &str) -> String {
    format!("{prefix}/{component}/{}/{object}/config", node(site))
}

/// This site among all that announce something.
pub(super) fn node(site: &SiteId) -> String {
    format!("{OWN_NODES}{}", plain(site.as_str()))
}

/// A name of letters, digits and `-` only, as Home Assistant wants it, with `_` for the one `/` of a
/// point. One that holds more is told from others by what was changed in it.
pub(super) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut text: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let changed: String = name.chars().filter(|c| !is_plain(*c)).collect();
    if !matches!(changed.as_str(), "" | "/") {
        text.push('_');
        text.push_str(&BASE64_URL_SAFE_NO_PAD.encode(changed));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_apart() {
        assert_eq!(plain("board-1/in1"), "board-1_in1");
        let all = ["a/b", "a_b", "a.b", "a:b", "a/b/c", "a_b/c", "a/b_c", "烟/感", "火/感", "a-b"];
        let plain: std::collections::BTreeSet<String> = all.iter().map(|n| plain(n)).collect();
        assert_eq!(plain.len(), all.len(), "{plain:?}");
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        assert!(plain.iter().all(|name| name.chars().all(is_allowed)), "{plain:?}");
    }
}
