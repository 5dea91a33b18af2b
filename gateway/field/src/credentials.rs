//! Who may connect to the embedded broker, and what each may say and hear. Live: a board that is
//! added or removed counts at once.

use std::{collections::BTreeMap, fmt, sync::Arc};

use gengfu_wire::topic;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::filter::covers;

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
    /// It has shown its present password: a connection from before a new one has no rights left.
    admitted: bool,
}

impl User {
    fn may(&self, allowed: &[String], filter: &str) -> bool {
        self.admitted && allowed.iter().any(|a| covers(a, filter))
    }
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

/// True if this verifier was made of this password.
fn is_of(verifier: &str, password: &[u8]) -> bool {
    let mut parts = verifier.splitn(3, ':').skip(1);
    let (salt, wanted) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    digest(salt, password).as_bytes().ct_eq(wanted.as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Credentials {
    /// A board: its own topics and nothing else. With another verifier than before, it has to
    /// connect again; with the same one, nothing changes.
    pub fn put_board(&self, site: &str, board: &str, verifier: &str) {
        let mut users = self.0.write();
        match users.get(board) {
            Some(user) if !user.own_client_id => {
                tracing::error!(board, "a board can't have the name of another user of the broker");
                return;
            }
            Some(user) if user.verifier == verifier => return,
            _ => {}
        }
        let topics = |t: Option<topic::Topic>| t.iter().map(ToString::to_string).collect();
        // Topic by topic: with a wildcard, one board could fill the disk with retained rubbish.
        let up = topic::Up::ALL.into_iter().filter_map(|what| topic::up(site, board, what));
        let user = User {
            verifier: verifier.into(),
            publish: up.map(|t| t.to_string()).collect(),
            subscribe: topics(topic::all_down(site, board)),
            own_client_id: true,
            admitted: false,
        };
        users.insert(board.into(), user);
    }

    /// The same for a board whose password somebody else has chosen. With the password that it has
    /// already, nothing changes.
    ///
    /// # Errors
    /// Where the operating system gives no random numbers.
    pub fn put_board_with(&self, site: &str, board: &str, password: &str) -> std::io::Result<()> {
        let known = self.0.read().get(board).map(|u| u.verifier.clone());
        let kept = known.filter(|verifier| is_of(verifier, password.as_bytes()));
        let verifier = kept.map_or_else(|| verifier(password), Ok)?;
        self.put_board(site, board, &verifier);
        Ok(())
    }

    /// Another user, with the filters that the configuration gives it.
    pub fn put_user(&self, name: &str, verifier: &str, publish: &[String], subscribe: &[String]) {
        let user = User {
            verifier: verifier.into(),
            publish: publish.to_vec(),
            subscribe: subscribe.to_vec(),
            own_client_id: false,
            admitted: true,
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

    /// What stands between a name and its guesser: a board's password is made by the gateway, 128
    /// random bits that nobody guesses, others may have been thought up by somebody. None for a name
    /// that nobody has.
    pub fn is_board(&self, name: &str) -> Option<bool> {
        self.0.read().get(name).map(|user| user.own_client_id)
    }

    /// True if this password is the user's, and the client id is one that it may use; its rights
    /// begin then.
    pub fn admits(&self, name: &str, password: &[u8], client_id: &str) -> bool {
        let mut users = self.0.write();
        // Nobody may use another's session.
        let stolen = client_id != name && users.contains_key(client_id);
        // An unknown name costs the same as a wrong password.
        let user = users.get_mut(name);
        let verifier = user.as_ref().map_or("sha256::", |u| &u.verifier);
        let right = is_of(verifier, password);
        match user {
            Some(user) if right && !stolen && (!user.own_client_id || client_id == name) => {
                user.admitted = true;
                true
            }
            _ => false,
        }
    }

    /// True if the user may publish to this topic.
    pub fn may_publish(&self, name: &str, topic: &str) -> bool {
        self.0.read().get(name).is_some_and(|u| u.may(&u.publish, topic))
    }

    /// True if the user may subscribe with this filter.
    pub fn may_subscribe(&self, name: &str, filter: &str) -> bool {
        self.0.read().get(name).is_some_and(|u| u.may(&u.subscribe, filter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(!users.admits("lift-1", password, "any"), "a board has one session");
        assert!(users.may_publish("lift-1", "gengfu/v1/s/lift-1/up/event"));
        assert!(!users.may_publish("lift-1", "gengfu/v1/s/lift-2/up/event"));
        assert!(users.may_subscribe("lift-1", "gengfu/v1/s/lift-1/down/+"));
        assert!(!users.may_subscribe("lift-1", "gengfu/v1/s/+/down/+"));
        users.remove("lift-1");
        assert!(!users.may_publish("lift-1", "gengfu/v1/s/lift-1/up/event"));
    }

    #[test]
    fn a_new_password_ends_the_rights_of_who_came_with_the_old_one() {
        let users = Credentials::default();
        let (old, new) = (issue().unwrap(), issue().unwrap());
        let event = "gengfu/v1/s/lift-1/up/event";
        users.put_board("s", "lift-1", &old.verifier);
        assert!(!users.may_publish("lift-1", event), "it has shown no password yet");
        assert!(users.admits("lift-1", old.password.as_bytes(), "lift-1"));
        users.put_board("s", "lift-1", &old.verifier);
        assert!(users.may_publish("lift-1", event), "nothing has changed");
        users.put_board("s", "lift-1", &new.verifier);
        assert!(!users.may_publish("lift-1", event));
        assert!(users.admits("lift-1", new.password.as_bytes(), "lift-1"));
        assert!(users.may_publish("lift-1", event));
    }

    #[test]
    fn a_board_can_t_have_the_name_of_another_user() {
        let users = Credentials::default();
        let gateway = issue().unwrap();
        let all = ["#".to_owned()];
        users.put_user("gengfu-s", &gateway.verifier, &all, &all);
        let board = issue().unwrap();
        users.put_board("s", "gengfu-s", &board.verifier);
        assert!(!users.admits("gengfu-s", board.password.as_bytes(), "gengfu-s"));
        assert!(users.admits("gengfu-s", gateway.password.as_bytes(), "gengfu-s"));
        assert!(users.may_subscribe("gengfu-s", "#"));
    }

    #[test]
    fn a_password_that_is_read_again_changes_nothing() {
        let users = Credentials::default();
        let event = "gengfu/v1/s/lift-1/up/event";
        users.put_board_with("s", "lift-1", "from a file").unwrap();
        assert!(users.admits("lift-1", b"from a file", "lift-1"));
        users.put_board_with("s", "lift-1", "from a file").unwrap();
        assert!(users.may_publish("lift-1", event), "the board stays connected");
        users.put_board_with("s", "lift-1", "another one").unwrap();
        assert!(!users.may_publish("lift-1", event));
        assert!(!users.admits("lift-1", b"from a file", "lift-1"));
    }

    #[test]
    fn other_users_keep_to_their_filters_and_out_of_boards_sessions() {
        let users = Credentials::default();
        users.put_board("s", "lift-1", &issue().unwrap().verifier);
        let zigbee = verifier("long and secret").unwrap();
        users.put_user("zigbee", &zigbee, &["zigbee2mqtt/#".into()], &[]);
        assert!(users.admits("zigbee", b"long and secret", "whatever"));
        assert!(!users.admits("zigbee", b"long and secret", "lift-1"), "a board's session");
        assert!(users.may_publish("zigbee", "zigbee2mqtt/smoke/3f"));
        assert!(!users.may_publish("zigbee", "gengfu/v1/s/lift-1/up/event"));
        assert!(!users.may_subscribe("zigbee", "zigbee2mqtt/#"));
        assert_eq!(format!("{users:?}"), r#"["lift-1", "zigbee"]"#, "no verifier is shown");
    }
}
