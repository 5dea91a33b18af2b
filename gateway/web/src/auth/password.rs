//! Passwords: argon2id, off the async threads, a few at a time.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::{error::ApiError, secret};

/// Characters that a password must have (NIST SP 800-63B asks for 8 at least).
pub(crate) const MIN_LEN: usize = 10;
/// Bytes that a password may have; longer ones only cost time.
pub(crate) const MAX_LEN: usize = 256;
/// Each running hash takes 19 MiB and a core for some tens of milliseconds; more of them at once
/// would starve the alarms on a small machine.
const AT_ONCE: usize = 2;
/// Verified against where there is no such person, so that the answer takes as long. It has the
/// parameters of [`Argon2::default`] (19 MiB, 2 passes, 1 lane) and no known password.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and verifies passwords.
pub(crate) struct Passwords {
    permits: Semaphore,
}

impl Passwords {
    pub fn new() -> Self {
        Self { permits: Semaphore::new(AT_ONCE) }
    }

    /// The hash of a new password in PHC form, or why it is too weak.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        if password.chars().count() < MIN_LEN || password.len() > MAX_LEN {
            return Err(ApiError::invalid(format!(
                "choose a password of at least {MIN_LEN} characters (and at most {MAX_LEN} bytes); a few words that only you would put together are best"
            )));
        }
        self.run(move || {
            let salt = secret::random().ok()?;
            let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt[..16]);
            hash.ok().map(|hash| hash.to_string())
        })
        .await?
        .ok_or_else(|| ApiError::unavailable("the password could not be hashed: try again"))
    }

    /// True if `password` is the one that `hash` was made of. Takes as long where there is no hash.
    pub async fn verify(&self, hash: Option<String>, password: String) -> Result<bool, ApiError> {
        if password.len() > MAX_LEN {
            return Ok(false);
        }
        self.run(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(DECOY);
            let right = Argon2::default().verify_password(password.as_bytes(), hash).is_ok();
            known && right
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let stopping = || ApiError::unavailable("the gateway is stopping: try again in a minute");
        let _permit = self.permits.acquire().await.map_err(|_| stopping())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| stopping())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_opens() {
        let passwords = Passwords::new();
        let hash = passwords.hash("correct horse battery".into()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "the decoy must cost the same"
        );
        assert!(
            passwords.verify(Some(hash.clone()), "correct horse battery".into()).await.unwrap()
        );
        assert!(!passwords.verify(Some(hash), "correct horse batter".into()).await.unwrap());
        assert!(!passwords.verify(None, "correct horse battery".into()).await.unwrap());
        assert!(passwords.hash("short".into()).await.is_err());
    }

    #[test]
    fn the_decoy_is_a_hash_that_is_really_computed() {
        let parsed = argon2::password_hash::phc::PasswordHash::new(DECOY).unwrap();
        assert_eq!(parsed.hash.unwrap().len(), 32);
        let cost = argon2::Params::try_from(&parsed).unwrap();
        let usual = argon2::Params::default();
        assert_eq!(
            (cost.m_cost(), cost.t_cost(), cost.p_cost()),
            (usual.m_cost(), usual.t_cost(), usual.p_cost())
        );
    }
}
