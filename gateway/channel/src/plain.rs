//! What people wrote, as it may stand in a message.

/// No name of a place, an alarm or a person is shown longer, in characters; every channel has its own
/// limit, and this keeps a whole message well under the smallest (a push of 4 KiB).
const MAX_NAME: usize = 120;

/// A name on one line, without control characters, and not longer than 120 characters.
pub(crate) fn plain(name: &str) -> String {
    let mut chars = name.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut plain: String = chars.by_ref().take(MAX_NAME).collect();
    if chars.next().is_some() {
        plain.pop();
        plain.push('…');
    }
    plain
}
