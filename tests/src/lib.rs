//! Real processes, real peers: what every story of the test suite shares.
//!
//! - [`gateway`]: the real program as a child process. [`site`]: the configuration that it runs by.
//! - [`operator`]: sets it up through the API. [`hooks`]: what is told by webhook and by ntfy.
//! - [`boards`]: in software and by Mosquitto's clients. [`buttons`]: what is pressed on them.
//!   [`qemu`]: their own program, emulated. [`pico`]: the very image of a board that is sold, on its chip,
//!   emulated. [`tap`]: in a Modbus line.
//! - [`clock`]: one that a test sets, for the real program. [`port`]: one that a story may come back to.
//! - [`node`]: stories that a browser plays. [`ntfy`], [`telegram`]: stand-ins of their servers. [`sipp`], [`baresip`]: telephones; [`handset`]: the speech that sipp leaves to others; [`front`]: TLS before one. [`python`]: peers that share no code with the gateway. [`disk`]: one that fills up.

pub mod baresip;
pub mod boards;
pub mod buttons;
pub mod clock;
pub mod crowd;
pub mod disk;
pub mod elf;
pub mod front;
pub mod gateway;
pub mod handset;
pub mod hooks;
pub mod node;
pub mod ntfy;
pub mod operator;
pub mod pico;
pub mod port;
pub mod python;
pub mod qemu;
pub mod sipp;
pub mod site;
pub mod tap;
pub mod telegram;

use std::time::{Duration, Instant};

pub use port::free_port;

/// Nothing in the stories takes longer; what does has failed.
pub const LIMIT: Duration = Duration::from_secs(60);

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

/// Asks again and again until it stands like that, for so long at the most.
///
/// # Errors
/// Where it never does, or nobody answers.
pub async fn until<T: std::fmt::Debug>(
    what: &str,
    limit: Duration,
    mut ask: impl FnMut() -> anyhow::Result<T>,
    is_so: impl Fn(&T) -> bool,
) -> anyhow::Result<T> {
    let begun = Instant::now();
    loop {
        let stands = ask()?;
        if is_so(&stands) {
            return Ok(stands);
        }
        anyhow::ensure!(begun.elapsed() < limit, "never {what}: {stands:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
