//! Who may connect to the embedded broker, and what each may say and hear. Live: a board that is
//! added or removed counts at once.

use std::{collections::BTreeMap, fmt, sync::Arc};

use gengfu_wire::topic;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Bytes of a password that the gateway makes: 128 bits, so that one round of SHA-256 is enough to
/// keep its verifier useless to whoever steals it.
const PASSWORD_LEN: usize = 16;
const SALT_LEN: usize = 8;

/// What a user of the broker may do.
#[derive(Clone)]
struct User {
    verifier: String,
    /// Filters that cover what it may publish to.
    publish: Vec<String>,
    /// Filters that cover what it may subscribe to.
    subscribe: Vec<String>,
    /// It must connect under its own name, so that no session can be taken over.
    own_client_id: bool,
}

/// The users of the broker; copies share one list.
#[derive(Clone, Default)]
pub struct Credentials(Arc<RwLock<BTreeMap<String, User>>>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.read().keys()).finish()
    }
}

/// A password that nobody has seen yet, and what the gateway keeps to check it.
pub struct Issued {
    /// Shown once.
    pub password: String,
    /// Kept.
    pub verifier: String,
}

/// Makes a password and its verifier.
///
/// # Errors
/// Where the operating system gives no random numbers.
pub fn issue() -> std::io::Result<Issued> {
    let password = hex(&random::<PASSWORD_LEN>()?);
    let verifier = verifier(&password)?;
    Ok(Issued { password, verifier })
}

/// What is kept of a password.
///
/// # Errors
/// Where the operating system gives no random numbers.
pub fn verifier(password: &str) -> std::io::Result<String> {
    let salt = hex(&random::<SALT_LEN>()?);
    Ok(format!("sha256:{salt}:{}", digest(&salt, password.as_bytes())))
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

fn digest(salt: &str, password: &[u8]) -> String {
    hex(&Sha256::new().chain_update(salt).chain_update(password).finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Credentials {
    /// A board: its own topics and nothing else.
    pub fn put_board(&self, site: &str, board: &str, verifier: &str) {
        let topics = |t: Option<topic::Topic>| t.iter().map(ToString::to_string).collect();
        let user = User {
            verifier: verifier.into(),
            publish: topics(topic::all_up(site, board)),
            subscribe: topics(topic::all_down(site, board)),
            own_client_id: true,
        };
        self.0.write().insert(board.into(), user);
    }

    /// Another user, with the filters that the configuration gives it.
    pub fn put_user(&self, name: &str, verifier: &str, publish: &[String], subscribe: &[String]) {
        let user = User {
            verifier: verifier.into(),
            publish: publish.to_vec(),
            subscribe: subscribe.to_vec(),
            own_client_id: false,
        };
        self.0.write().insert(name.into(), user);
    }

    /// Takes a user's rights away; what it publishes from now on is refused.
    pub fn remove(&self, name: &str) {
        self.0.write().remove(name);
    }

    /// The names of all users.
    pub fn names(&self) -> Vec<String> {
        self.0.read().keys().cloned().collect()
    }

    /// True if this password is the user's, and the client id is one that it may use.
    pub fn admits(&self, name: &str, password: &[u8], client_id: &str) -> bool {
        let users = self.0.read();
        // An unknown name costs the same as a wrong password.
        let nobody = User {
            verifier: "sha256::".into(),
            publish: vec![],
            subscribe: vec![],
            own_client_id: true,
        };
        let user = users.get(name).unwrap_or(&nobody);
        let mut parts = user.verifier.splitn(3, ':');
        let (_, salt, wanted) =
            (parts.next(), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let right = bool::from(digest(salt, password).as_bytes().ct_eq(wanted.as_bytes()));
        let stolen = client_id != name && users.contains_key(client_id);
        right && !stolen && (!user.own_client_id || client_id.is_empty() || client_id == name)
    }

    /// True if the user may publish to this topic.
    pub fn may_publish(&self, name: &str, topic: &str) -> bool {
        self.0.read().get(name).is_some_and(|u| u.publish.iter().any(|f| covers(f, topic)))
    }

    /// True if the user may subscribe with this filter.
    pub fn may_subscribe(&self, name: &str, filter: &str) -> bool {
        self.0.read().get(name).is_some_and(|u| u.subscribe.iter().any(|f| covers(f, filter)))
    }
}

/// True if everything that `filter` matches is matched by `allowed` as well.
pub fn covers(allowed: &str, filter: &str) -> bool {
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
            ("a/#", "a/b/c", true),
            ("a/#", "#", false),
            ("#", "#", true),
            ("a/b", "a/+", false),
            ("a/b", "a", false),
        ] {
            assert_eq!(covers(allowed, filter), covered, "{allowed} {filter}");
        }
    }

    #[test]
    fn only_the_right_password_under_its_own_name_is_admitted() {
        let users = Credentials::default();
        let issued = issue().unwrap();
        users.put_board("s", "lift-1", &issued.verifier);
        users.put_board("s", "lift-2", &issue().unwrap().verifier);
        let password = issued.password.as_bytes();
        assert!(users.admits("lift-1", password, "lift-1"));
        assert!(!users.admits("lift-1", b"wrong", "lift-1"));
        assert!(!users.admits("lift-2", password, "lift-2"));
        assert!(!users.admits("nobody", password, "nobody"));
        assert!(!users.admits("nobody", b"", "nobody"));
        assert!(!users.admits("lift-1", password, "lift-2"), "another's session");
        assert!(users.may_publish("lift-1", "gengfu/v1/s/lift-1/up/event"));
        assert!(!users.may_publish("lift-1", "gengfu/v1/s/lift-2/up/event"));
        assert!(users.may_subscribe("lift-1", "gengfu/v1/s/lift-1/down/+"));
        assert!(!users.may_subscribe("lift-1", "gengfu/v1/s/+/down/+"));
        users.remove("lift-1");
        assert!(!users.may_publish("lift-1", "gengfu/v1/s/lift-1/up/event"));
    }
}
