//! Which configuration a board can run by.

use gengfu_wire::down::{Config, InputConfig};

/// A vital input (a call, fire) is believed within so long, in milliseconds.
pub const VITAL_DEBOUNCE_MS: u16 = 500;
/// And any other. Delays of an alarm are the gateway's.
pub const DEBOUNCE_MS: u16 = 10_000;

/// Checks all of a configuration for a board with `inputs` inputs.
///
/// # Errors
/// What is wrong, in the words that the gateway is told.
pub fn check(config: &Config, inputs: usize) -> Result<(), &'static str> {
    if config.revision == 0 {
        return Err("revision 0 stands for none yet");
    }
    for (at, entry) in config.inputs.iter().enumerate() {
        if !(1..=inputs).contains(&usize::from(entry.input)) {
            return Err("an input that this board does not have");
        }
        let most = if entry.vital { VITAL_DEBOUNCE_MS } else { DEBOUNCE_MS };
        if entry.debounce_ms > most {
            return Err("an input is to rest for longer than 10 s, or a vital one than 0.5 s");
        }
        if config.inputs.iter().skip(at + 1).any(|later| later.input == entry.input) {
            return Err("an input is named twice");
        }
    }
    Ok(())
}

/// How an input is used; none where it is not. Inputs count from 1.
pub fn of(config: Option<&Config>, input: u8) -> Option<&InputConfig> {
    config?.inputs.iter().find(|entry| entry.input == input)
}
