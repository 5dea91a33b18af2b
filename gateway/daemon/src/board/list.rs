//! `gengfu board list` and `identify`: what runs where, how it is, and which one it is.

use std::io::Write;

use gengfu_core::{device::Presence, id::DeviceId};
use gengfu_web::boards::BoardWords;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::door::Door;

/// A board as the API shows it.
#[derive(Debug, Deserialize)]
struct Shown {
    presence: Presence,
    #[serde(flatten)]
    words: BoardWords,
}

const HEADINGS: [&str; 7] =
    ["BOARD", "HEARD", "FIRMWARE", "KIND", "STARTED BY", "CONFIGURATION", "HOW IT IS"];

/// Prints every board, a line each.
///
/// # Errors
/// Where the gateway refuses.
pub async fn run(door: &Door, out: &mut impl Write) -> anyhow::Result<()> {
    let boards = door.ask(Method::GET, "boards", &Value::Null).await?;
    let boards: Vec<Shown> = serde_json::from_value(boards)?;
    if boards.is_empty() {
        writeln!(out, "There is no board yet: `gengfu board new` makes one.")?;
        return Ok(());
    }
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(boards.iter().map(row));
    table(&rows, out)
}

/// Has a board blink.
///
/// # Errors
/// Where the gateway refuses.
pub async fn identify(
    door: &Door,
    board: &DeviceId,
    seconds: u16,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let path = format!("boards/{}/identify", in_path(board));
    door.ask(Method::POST, &path, &json!({ "seconds": seconds })).await?;
    writeln!(out, "{board} blinks for {seconds} s")?;
    Ok(())
}

/// A name as it stands in a path.
pub fn in_path(id: &DeviceId) -> String {
    let mut text = String::new();
    for byte in id.as_str().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into());
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

fn row(board: &Shown) -> [String; 7] {
    let heard = match board.presence {
        Presence::Present if board.words.birth.is_none() => "not yet".to_owned(),
        Presence::Present => "yes".to_owned(),
        Presence::Lost { since, .. } => format!("no, since {since}"),
    };
    let unknown = || "-".to_owned();
    let words = &board.words;
    let id = words.id.to_string();
    let Some(birth) = &words.birth else {
        return [id, heard, unknown(), unknown(), unknown(), unknown(), state(words)];
    };
    let configuration = match (&words.configuration_error, birth.configuration) {
        (Some(error), _) => format!("refused: {error}"),
        (None, 0) => "none".to_owned(),
        (None, runs) if runs == words.wanted_configuration => format!("{runs:08x}"),
        (None, runs) => format!("{runs:08x}, not yet {:08x}", words.wanted_configuration),
    };
    let [firmware, hardware, reset] =
        [&birth.firmware, &birth.hardware, &birth.reset].map(String::clone);
    [id, heard, firmware, hardware, reset, configuration, state(words)]
}

/// What a board says is wrong with it.
fn state(words: &BoardWords) -> String {
    let mut said = vec![];
    if let Some(health) = &words.health {
        let counts = [
            (u32::from(health.crashes), "crashes in a row"),
            (health.dropped, "events given up"),
            (health.dips.into(), "dips of its supply"),
            (health.garbled.into(), "messages not understood"),
        ];
        said.extend(health.safe.then(|| "in safe mode".to_owned()));
        said.extend(health.flash.then(|| "flash refuses to be written".to_owned()));
        let some = counts.iter().filter(|(count, _)| *count > 0);
        said.extend(some.map(|(count, what)| format!("{count} {what}")));
    }
    if let Some(panic) = &words.last_panic {
        said.push(format!("last crash ({}): {}", panic.at, panic.said));
    }
    match (said.is_empty(), &words.birth) {
        (false, _) => said.join("; "),
        (true, Some(_)) => "well".to_owned(),
        (true, None) => "has not said since the gateway started".to_owned(),
    }
}

/// Columns as wide as they must be.
fn table<const N: usize>(rows: &[[String; N]], out: &mut impl Write) -> anyhow::Result<()> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..N).map(|column| width(column).unwrap_or(0)).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_s_line_says_what_runs_on_it_and_what_is_wrong_with_it() {
        let board = json!({ "id": "lift-1", "name": { "zh": "一", "en": "Lift 1" }, "place": "car",
            "presence": { "state": "present" }, "wanted_configuration": 16, "configuration_error": null,
            "birth": { "at": "2026-11-28T00:00:00Z", "boot": 7, "firmware": "1.4.2",
                "hardware": "w5500-evb-pico", "reset": "panic", "configuration": 255 },
            "health": { "at": "2026-11-28T00:00:01Z", "crashes": 3, "safe": true, "dropped": 0,
                "dips": 2, "temperature_dc": null, "flash": true, "garbled": 1 },
            "last_panic": { "at": "2026-11-28T00:00:01Z", "said": "link.rs:41: gone" } });
        let shown: Shown = serde_json::from_value(board).unwrap();
        let mut out = vec![];
        table(&[HEADINGS.map(str::to_owned), row(&shown)], &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for words in [
            "lift-1  yes    1.4.2     w5500-evb-pico  panic",
            "000000ff, not yet 00000010",
            "in safe mode; flash refuses to be written; 3 crashes in a row; 2 dips of its supply; \
             1 messages not understood; last crash (",
            "link.rs:41: gone",
        ] {
            assert!(text.contains(words), "{words} in:\n{text}");
        }
    }

    #[test]
    fn a_name_is_one_part_of_a_path() {
        assert_eq!(in_path(&"a_b-1".into()), "a_b-1");
        assert_eq!(in_path(&"a/b".into()), "a%2Fb");
    }
}
