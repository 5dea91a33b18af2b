//! `[mqtt]`: the embedded broker with its users, or a broker outside, and further ones beside it.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use gengfu_core::id::DeviceId;

use super::{
    broker::{Outside, further, outside},
    device::{Link, Way},
    fields::{Fields, Node},
    listen::Listeners,
    problem::{At, Problems},
    secret,
};

/// How boards and other sources reach the gateway by MQTT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mqtt {
    /// Whose broker the main one is: boards speak there, and whatever names no other.
    pub broker: Broker,
    /// Further brokers by name, all of them outside.
    pub further: BTreeMap<String, Outside>,
    /// Who may use the embedded broker, beside the boards and the gateway itself.
    pub users: Vec<User>,
}

/// Whose broker it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broker {
    /// The gateway's own.
    Embedded {
        /// Where it listens.
        listen: SocketAddr,
        /// Where it listens with TLS, by the certificate of `[web]`.
        tls_listen: Option<SocketAddr>,
    },
    /// Somebody else's.
    Outside(Outside),
}

/// A program that may use the embedded broker: Zigbee2MQTT, Frigate, a dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The name it signs in with.
    pub name: String,
    /// Holds its password.
    pub password_file: PathBuf,
    /// Topic filters that it may publish to.
    pub publish: Vec<String>,
    /// Topic filters that it may subscribe to.
    pub subscribe: Vec<String>,
}

/// Where the embedded broker listens unless the file says otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1883);

/// Names that begin so are the gateway's own.
const RESERVED: &str = "gengfu-";

/// Reads `[mqtt]`; the names of its users go into `names`.
pub fn read(
    mut fields: Fields<'_>,
    listeners: &mut Listeners,
    names: &mut Vec<At<String>>,
) -> Mqtt {
    let problems = fields.walk.problems;
    let listen = listeners.take(&mut fields, "listen");
    let tls_listen = listeners.take(&mut fields, "tls_listen");
    let allow_plain = fields.or("allow_plain", false);
    let users = fields.tables("users");
    let users_span = users.first().map(Node::span);
    let users = users_of(users, names);
    let further = fields.take("brokers").map(further).unwrap_or_default();
    let broker = match fields.take("outside") {
        Some(node) => {
            let embedded = [
                ("listen", listen.as_ref().map(|at| at.span.clone())),
                ("tls_listen", tls_listen.as_ref().map(|at| at.span.clone())),
                ("users", users_span),
            ];
            for (key, at) in embedded {
                if let Some(at) = at {
                    problems.error(
                        &at,
                        format!("`{key}` is about the embedded broker, but [mqtt.outside] is used"),
                        format!("remove `{key}`, or remove [mqtt.outside]"),
                    );
                }
            }
            // Where it can't be used, its own mistake is told.
            outside(node, "[mqtt.outside]")
                .map_or(Broker::Embedded { listen: LISTEN, tls_listen: None }, Broker::Outside)
        }
        None => {
            let open = |at: &&At<SocketAddr>| !at.value.ip().is_loopback() && !allow_plain;
            if let Some(listen) = listen.as_ref().filter(open) {
                problems.warning(
                    &listen.span,
                    format!("{} takes passwords without encryption: whoever is on that network can read them", listen.value),
                    "use `tls_listen` for whatever speaks TLS; where boards that don't are on a network \
                     of their own, say `allow_plain = true`",
                );
            }
            if listen.is_none() {
                listeners.note(LISTEN, &fields, "listen");
            }
            Broker::Embedded {
                listen: listen.map_or(LISTEN, |at| at.value),
                tls_listen: tls_listen.map(|at| at.value),
            }
        }
    };
    fields.done();
    Mqtt { broker, further, users }
}

fn users_of(nodes: Vec<Node<'_>>, names: &mut Vec<At<String>>) -> Vec<User> {
    let mut users: Vec<User> = vec![];
    for node in nodes {
        let Some(mut fields) = node.fields("[[mqtt.users]]") else { continue };
        let problems = fields.walk.problems;
        let name = fields.required::<String>("name");
        if fields.lacks("password_file") {
            problems.missing(
                &fields.span,
                "[[mqtt.users]] has no `password_file`",
                "add `password_file = \"secrets/…\"`: a file with the password in one line",
            );
        }
        let password_file = secret::secret(&mut fields, "password_file");
        let publish = filters(&mut fields, "publish");
        let subscribe = filters(&mut fields, "subscribe");
        if let Some(at) = &name {
            if names.iter().any(|other| other.value == at.value) {
                problems.error(
                    &at.span,
                    format!("there is a user \"{}\" already", at.value),
                    "give each program a name and a password of its own",
                );
            }
            if at.value.is_empty() || at.value.starts_with(RESERVED) {
                problems.error(
                    &at.span,
                    format!("\"{}\" can't be a user's name", at.value),
                    format!(
                        "use another one: those with {RESERVED} in front are the gateway's own"
                    ),
                );
            }
            names.push(at.clone());
        }
        fields.done();
        if let (Some(name), Some(password_file)) = (name, password_file) {
            users.push(User { name: name.value, password_file, publish, subscribe });
        }
    }
    users
}

fn filters(fields: &mut Fields<'_>, key: &'static str) -> Vec<String> {
    let Some(At { value, span }) = fields.optional::<Vec<String>>(key) else { return vec![] };
    for filter in value.iter().filter(|f| !is_filter(f)) {
        fields.walk.problems.error(
            &span,
            format!("\"{filter}\" in `{key}` is no topic filter"),
            "+ stands for one whole level, # for all that follow and only at the end: \
             \"zigbee2mqtt/#\"",
        );
    }
    value
}

/// True for an MQTT topic filter: `+` alone in its level, `#` alone in the last one.
pub fn is_filter(filter: &str) -> bool {
    let levels: Vec<&str> = filter.split('/').collect();
    !filter.is_empty()
        && filter.len() <= 65_535
        && !filter.contains('\0')
        && levels.iter().enumerate().all(|(n, level)| match *level {
            "+" => true,
            "#" => n + 1 == levels.len(),
            other => !other.contains(['+', '#']),
        })
}

/// Reports users that have a board's name: a board's password must open its own topics only.
pub fn check_names(problems: &Problems, names: &[At<String>], links: &BTreeMap<DeviceId, Link>) {
    let boards = || links.iter().filter(|(_, link)| link.way == Way::Board);
    for At { value: name, span } in names {
        if boards().any(|(id, _)| id.as_str() == name) {
            problems.error(
                span,
                format!(
                    "\"{name}\" is a board already, and boards get their passwords on the page"
                ),
                "remove this user, or give it another name",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_filter;

    #[test]
    fn a_topic_filter_is_told_from_a_slip() {
        for good in ["a", "#", "+", "a/#", "a/+/b", "/a", "a//b"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "a#", "a/#/b", "a+/b", "#/a"] {
            assert!(!is_filter(bad), "{bad}");
        }
    }
}
