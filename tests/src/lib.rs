//! Real processes, real peers: what every story of the test suite shares.
//!
//! - [`gateway`]: the real program as a child process. [`site`]: the configuration that it runs by.
//! - [`operator`]: sets it up through the API. [`hooks`]: a program of the house that is told.

pub mod gateway;
pub mod hooks;
pub mod operator;
pub mod site;

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

/// Nothing in the stories takes longer; what does has failed.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A port that nobody has at the moment.
///
/// # Errors
/// Where the loopback has none left.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Looks again and again until there is something, for [`LIMIT`] at the most.
///
/// # Panics
/// Where it does not come.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(begun.elapsed() < LIMIT, "did not come within {LIMIT:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
