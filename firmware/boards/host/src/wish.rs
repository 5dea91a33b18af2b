//! What is asked for on the command line.

use core::str::FromStr;
use std::{fs, path::PathBuf};

/// What is asked for.
#[derive(Debug, Default)]
pub struct Wish {
    /// Where the gateway's broker is, as `host:port`.
    pub gateway: String,
    /// The gateway's site.
    pub site: String,
    /// The boards' names and passwords.
    pub boards: Vec<(String, String)>,
    /// Where their flash is kept; in memory alone where there is no such folder.
    pub flash: Option<PathBuf>,
    /// The first contact of each board is closed so often, in milliseconds.
    pub press_every_ms: Option<u64>,
}

impl Wish {
    /// Reads it.
    ///
    /// # Errors
    /// What is missing or can't be understood, in words.
    pub fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut wish = Self::default();
        let mut count = None;
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(|| format!("{name} of what?"))?;
            match name.as_str() {
                "--gateway" => wish.gateway = value,
                "--site" => wish.site = value,
                "--credentials" => wish.boards = credentials(&value)?,
                "--flash" => wish.flash = Some(value.into()),
                "--boards" => count = Some(number(&name, &value)?),
                "--press-every" => {
                    let seconds: u64 = number(&name, value.trim_end_matches('s'))?;
                    wish.press_every_ms = Some(seconds.max(1).saturating_mul(1_000));
                }
                _ => return Err(format!("there is no {name}")),
            }
        }
        if wish.gateway.is_empty() || wish.site.is_empty() || wish.boards.is_empty() {
            return Err("the gateway, the site and the boards must be named".into());
        }
        let known = wish.boards.len();
        if let Some(count) = count {
            if count > known {
                return Err(format!("{count} boards, and credentials of {known}"));
            }
            wish.boards.truncate(count);
        }
        Ok(wish)
    }
}

fn number<N: FromStr>(name: &str, value: &str) -> Result<N, String> {
    value.parse().map_err(|_| format!("{name}: \"{value}\" is no number"))
}

fn credentials(file: &str) -> Result<Vec<(String, String)>, String> {
    let text = fs::read_to_string(file).map_err(|why| format!("{file}: {why}"))?;
    let line = |line: &str| {
        let (name, password) = line.split_once(' ')?;
        Some((name.to_owned(), password.trim().to_owned()))
    };
    let boards = text.lines().filter(|line| !line.trim().is_empty()).map(line);
    boards.collect::<Option<_>>().ok_or_else(|| format!("{file}: a name, a blank, a password"))
}
