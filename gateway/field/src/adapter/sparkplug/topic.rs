//! Topics of Sparkplug B: `spBv1.0/<group>/<what>/<node>`, and a device's name behind that.

/// How all of them begin.
pub const NAMESPACE: &str = "spBv1.0";

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A certificate: all metrics with their names, numbers, types and values.
    Birth,
    /// It is gone.
    Death,
    /// What changed.
    Data,
}

/// Where a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'t> {
    pub group: &'t str,
    pub node: &'t str,
    /// None for the node itself.
    pub member: Option<&'t str>,
    /// None for commands, which the gateway hears as well.
    pub what: Option<What>,
}

/// The parts of a topic; none where it is not one of a node's.
pub(super) fn parse(topic: &str) -> Option<Address<'_>> {
    let mut levels = topic.split('/');
    let (NAMESPACE, group, kind, node) =
        (levels.next()?, levels.next()?, levels.next()?, levels.next()?)
    else {
        return None;
    };
    let member = levels.next();
    if levels.next().is_some() || [group, node].contains(&"") || member == Some("") {
        return None;
    }
    let (of, what) = kind.split_at_checked(1)?;
    let what = match what {
        "BIRTH" => Some(What::Birth),
        "DEATH" => Some(What::Death),
        "DATA" => Some(What::Data),
        "CMD" => None,
        _ => return None,
    };
    match (of, member) {
        ("N", None) | ("D", Some(_)) => Some(Address { group, node, member, what }),
        _ => None,
    }
}

/// All that a node and its devices say. Their messages are counted together, so that all are heard,
/// those of devices that nobody asked for too.
pub(super) fn filter(group: &str, node: &str) -> String {
    format!("{NAMESPACE}/{group}/+/{node}/#")
}

/// The subscription by which something on this topic is heard; none where it is no topic of a node.
pub fn filter_over(topic: &str) -> Option<String> {
    parse(topic).map(|at| filter(at.group, at.node))
}

/// Where a node takes commands.
pub(super) fn command(group: &str, node: &str) -> String {
    format!("{NAMESPACE}/{group}/NCMD/{node}")
}

/// A name can be one level of a topic.
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '+', '#', '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_told_from_what_only_looks_like_one() {
        let at = |topic| parse(topic).map(|at| (at.group, at.node, at.member, at.what));
        let node = Some(("plant", "n1", None, Some(What::Birth)));
        assert_eq!(at("spBv1.0/plant/NBIRTH/n1"), node);
        let data = Some(("plant", "n1", Some("d1"), Some(What::Data)));
        assert_eq!(at("spBv1.0/plant/DDATA/n1/d1"), data);
        assert_eq!(at("spBv1.0/plant/NCMD/n1"), Some(("plant", "n1", None, None)));
        for strange in [
            "",
            "spBv1.0",
            "spBv1.0/plant/NBIRTH",
            "spBv1.0/plant/NBIRTH/",
            "spBv1.0/plant/NBIRTH/n1/d1",
            "spBv1.0/plant/DBIRTH/n1",
            "spBv1.0/plant/DBIRTH/n1/",
            "spBv1.0/plant/DBIRTH/n1/d1/x",
            "spBv1.0/plant/XDATA/n1",
            "spBv1.0/plant/N/n1",
            "spBv1.0/plant//n1",
            "spBv1.0/plant/更/n1",
            "spBv1.0/STATE/host",
            "spAv1.0/plant/NBIRTH/n1",
        ] {
            assert_eq!(at(strange), None, "{strange}");
        }
        let filter = filter_over("spBv1.0/plant/DDATA/n1/d1");
        assert_eq!(filter.as_deref(), Some("spBv1.0/plant/+/n1/#"));
    }
}
