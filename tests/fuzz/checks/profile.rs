//! A profile that somebody found on the net, and the replies of the device that it describes.
//!
//! What follows the first NUL byte is what the device answers.

use gengfu_core::{id::DeviceId, text::Text};
use gengfu_field::{
    modbus::plan::{Limits, plan},
    profile::{Overrides, Profile, Source},
};

/// More points than this no profile gives, however it repeats its entries.
const MOST: usize = 100_000;

/// Reads the profile, makes a device by it, and has that device answer.
pub fn check(bytes: &[u8]) {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(&bytes[..end]);
    let reply = bytes.get(end + 1..).unwrap_or_default();
    let profile = match Profile::parse("stranger", "stranger.toml", &text) {
        Ok(profile) => profile,
        Err(mistakes) => {
            assert!(!mistakes.is_empty(), "a refusal says why");
            assert!(mistakes.iter().all(|mistake| !mistake.to_string().is_empty()));
            return;
        }
    };
    let (id, name) = (DeviceId::from("device"), Text::from("device"));
    let expanded = profile
        .expand(&id, &name, &"place".into(), &Overrides::default())
        .expect("a profile that was found good makes a device");
    assert!(expanded.device.points.len() <= MOST && expanded.device.rules.len() <= MOST);
    if let Source::Modbus { knobs, fields } = &expanded.source {
        let limits = Limits::from(knobs);
        for block in plan(fields, limits) {
            assert!(
                block
                    .split(fields)
                    .is_none_or(|(left, right)| left.count.max(right.count) <= block.count)
            );
        }
        answer(fields, reply);
    }
}

/// Every field is read from the reply, cut to its length, one too short, and empty.
fn answer(fields: &[gengfu_field::modbus::field::Field], reply: &[u8]) {
    let mut words: Vec<u16> = reply
        .chunks(2)
        .map(|b| u16::from_be_bytes([b[0], b.get(1).copied().unwrap_or(0)]))
        .collect();
    for field in fields {
        let length = usize::from(field.length);
        words.resize(words.len().max(length), 0x8000);
        for registers in [&words[..length], &words[..length.saturating_sub(1)], &[]] {
            let sample = field.read(registers);
            assert!(registers.len() == length || sample.is_err(), "half a value is none");
        }
        let _either = (field.read_bit(true), field.read_bit(false));
    }
}
