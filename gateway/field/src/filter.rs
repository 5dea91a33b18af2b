//! MQTT topic filters: `+` stands for one level, `#` for all that follow.

/// True if everything that `filter` matches is matched by `allowed` as well. A topic is a filter
/// that matches itself alone.
pub(crate) fn covers(allowed: &str, filter: &str) -> bool {
    let mut wanted = filter.split('/');
    for level in allowed.split('/') {
        if level == "#" {
            return true;
        }
        match wanted.next() {
            Some("#") | None => return false,
            Some(word) if level == "+" || level == word => {}
            Some(_) => return false,
        }
    }
    wanted.next().is_none()
}

/// True if it stands for more than one topic.
pub(crate) fn is_pattern(filter: &str) -> bool {
    filter.contains(['+', '#'])
}

/// True for an MQTT topic filter: `+` alone in its level, `#` alone in the last one.
pub(crate) fn is_topic_filter(filter: &str) -> bool {
    let levels = filter.split('/').count();
    !filter.is_empty()
        && !filter.contains('\0')
        && filter.split('/').enumerate().all(|(n, level)| match level {
            "+" => true,
            "#" => n + 1 == levels,
            other => !is_pattern(other),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_covers_what_is_narrower() {
        for (allowed, filter, covered) in [
            ("a/+", "a/b", true),
            ("a/+", "a/+", true),
            ("a/+", "a/#", false),
            ("a/+", "a/b/c", false),
            ("a/+/c", "a/b/c", true),
            ("a/#", "a/b/c", true),
            ("a/#", "a", true),
            ("a/#", "#", false),
            ("#", "#", true),
            ("a/b", "a/+", false),
            ("a/b", "a", false),
        ] {
            assert_eq!(covers(allowed, filter), covered, "{allowed} {filter}");
        }
    }
}
