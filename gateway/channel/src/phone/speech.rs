//! Speech: sentences made by a program that reads text and writes a WAV file, kept on the disk so
//! that each is made once.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use gengfu_core::text::Language;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::{io::AsyncWriteExt, process::Command, sync::oneshot, time::timeout};

use super::player::Piece;

/// Samples a second on a telephone line.
pub(super) const RATE: u32 = 8_000;
/// A sentence is made in far less; a program that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(10);

/// The programs that speak: each gets the text on its standard input and writes a WAV file to its
/// standard output.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voices {
    /// Chinese.
    #[serde(default = "chinese")]
    pub zh: Vec<String>,
    /// English.
    #[serde(default = "english")]
    pub en: Vec<String>,
}

impl Default for Voices {
    fn default() -> Self {
        Self { zh: chinese(), en: english() }
    }
}

fn espeak(voice: &str) -> Vec<String> {
    ["espeak-ng", "-v", voice, "-s", "140", "--stdin", "--stdout"].map(str::to_owned).into()
}
fn chinese() -> Vec<String> {
    espeak("cmn")
}
fn english() -> Vec<String> {
    espeak("en")
}

/// Speaks, and remembers.
pub(super) struct Speech {
    voices: Voices,
    folder: PathBuf,
}

impl Speech {
    /// Keeps what it made in this folder, which is made where it is missing.
    pub fn new(voices: Voices, folder: PathBuf) -> Self {
        Self { voices, folder }
    }

    /// The sentence as samples. Where no program speaks, three low tones: a person who picks up must
    /// hear that this is an alarm, and the keys work all the same.
    pub async fn say(&self, language: Language, text: &str) -> Vec<i16> {
        let program = self.program(language);
        let file = self.folder.join(name(program, text));
        if let Some(samples) = fs::read(&file).ok().and_then(|bytes| wav(&bytes)) {
            return samples;
        }
        match run(program, text).await {
            Ok(bytes) => match wav(&bytes) {
                Some(samples) => {
                    self.keep(&file, &bytes);
                    samples
                }
                None => silent(program, "it wrote no WAV file with 16 bits a sample"),
            },
            Err(reason) => silent(program, &reason),
        }
    }

    /// Makes the sentence for later; where it can't be made, it is tried again when it is to be said.
    pub async fn make(&self, language: Language, text: &str) {
        let file = self.folder.join(name(self.program(language), text));
        if !file.exists() {
            self.say(language, text).await;
        }
    }

    fn program(&self, language: Language) -> &[String] {
        match language {
            Language::Zh => &self.voices.zh,
            Language::En => &self.voices.en,
        }
    }

    /// The sentence, being made at once and by itself.
    pub fn piece(self: &Arc<Self>, language: Language, text: String) -> Piece {
        let (made, making) = oneshot::channel();
        let speech = self.clone();
        tokio::spawn(async move {
            // Nobody wants it any more if something else is said by now.
            let _ = made.send(speech.say(language, &text).await);
        });
        Piece::Making(making)
    }

    /// A sentence that can't be kept is made again.
    fn keep(&self, file: &Path, bytes: &[u8]) {
        let whole = file.with_extension("part");
        let kept = fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&whole, bytes))
            .and_then(|()| fs::rename(&whole, file));
        if let Err(error) = kept {
            tracing::debug!(%error, "a sentence was not kept");
        }
    }
}

fn name(program: &[String], text: &str) -> String {
    let mut digest = Sha256::new();
    for part in program.iter().map(String::as_str).chain([text]) {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let digest: String = digest.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
    digest + ".wav"
}

async fn run(program: &[String], text: &str) -> Result<Vec<u8>, String> {
    let (name, arguments) = program.split_first().ok_or("no program is named")?;
    let mut child = Command::new(name)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| format!("it can't be started: {e}"))?;
    let mut input = child.stdin.take().ok_or("it has no input")?;
    let spoken = async {
        // A program that reads nothing more has ended; its output says how.
        let _ = input.write_all(text.as_bytes()).await;
        drop(input);
        child.wait_with_output().await
    };
    let output = timeout(LIMIT, spoken).await.map_err(|_| format!("it took over {LIMIT:?}"))?;
    let output = output.map_err(|e| e.to_string())?;
    if output.status.success() { Ok(output.stdout) } else { Err(output.status.to_string()) }
}

fn silent(program: &[String], reason: &str) -> Vec<i16> {
    let name = program.first().map(String::as_str).unwrap_or_default();
    tracing::error!(program = name, reason, "no speech: the phone gives three tones in its place");
    tones()
}

/// Three tones of 440 Hz, half a second each.
fn tones() -> Vec<i16> {
    let half = RATE / 2;
    let tone = (0..half).map(|n| {
        let turn = f64::from(n) * 440.0 / f64::from(RATE);
        ((turn * std::f64::consts::TAU).sin() * 8_000.0) as i16
    });
    let pause = (0..half).map(|_| 0);
    let one: Vec<i16> = tone.chain(pause).collect();
    one.repeat(3)
}

/// The samples of a WAV file at the rate of a telephone; the first channel, where there are more.
fn wav(bytes: &[u8]) -> Option<Vec<i16>> {
    if bytes.get(..4)? != b"RIFF" || bytes.get(8..12)? != b"WAVE" {
        return None;
    }
    let (mut at, mut format) = (12, None);
    loop {
        let kind = bytes.get(at..at + 4)?;
        let length = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?);
        let body = bytes.get(at + 8..)?;
        // A program that writes to a pipe does not know the length of its last chunk.
        let body = body.get(..usize::try_from(length).ok()?).unwrap_or(body);
        match kind {
            b"fmt " => {
                let word =
                    |n: usize| Some(u16::from_le_bytes(body.get(n..n + 2)?.try_into().ok()?));
                let rate = u32::from_le_bytes(body.get(4..8)?.try_into().ok()?);
                if word(0)? != 1 || word(14)? != 16 {
                    return None;
                }
                format = Some((usize::from(word(2)?.max(1)), rate));
            }
            b"data" => {
                let (channels, rate) = format?;
                let frames = body.chunks_exact(2 * channels);
                let samples: Vec<i16> = frames.map(|f| i16::from_le_bytes([f[0], f[1]])).collect();
                return resample(&samples, rate);
            }
            _ => {}
        }
        at += 8 + usize::try_from(length).ok()? + usize::try_from(length % 2).ok()?;
    }
}

/// To [`RATE`], each new sample the mean of those that it stands for: enough of a filter for speech.
fn resample(samples: &[i16], rate: u32) -> Option<Vec<i16>> {
    if !(RATE..=192_000).contains(&rate) {
        return None;
    }
    let (rate, wanted) = (u64::from(rate), u64::from(RATE));
    let count = samples.len() as u64 * wanted / rate;
    let at = |n: u64| usize::try_from(n * rate / wanted).unwrap_or(usize::MAX);
    let mean = |n: u64| {
        let part = samples.get(at(n)..at(n + 1).max(at(n) + 1)).unwrap_or_default();
        let sum: i64 = part.iter().map(|s| i64::from(*s)).sum();
        i16::try_from(sum / part.len().max(1) as i64).unwrap_or_default()
    };
    Some((0..count).map(mean).collect())
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn file(rate: u32, samples: &[i16], length: u32) -> Vec<u8> {
        let mut bytes = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
        bytes.extend(rate.to_le_bytes());
        bytes.extend((rate * 2).to_le_bytes());
        bytes.extend([2, 0, 16, 0]);
        bytes.extend(b"LIST\x03\0\0\0abc\0data");
        bytes.extend(length.to_le_bytes());
        bytes.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_file_of_unknown_length_is_read_to_its_end_and_brought_to_the_lines_rate() {
        let at_rate = wav(&file(8_000, &[1, -2, 3], 6)).unwrap();
        assert_eq!(at_rate, [1, -2, 3]);
        let samples = vec![1_000; 22_050];
        let one_second = wav(&file(22_050, &samples, 0x7fff_f000)).unwrap();
        assert_eq!((one_second.len(), one_second[4_000]), (8_000, 1_000));
    }

    #[test]
    fn what_is_no_speech_is_none() {
        assert_eq!(wav(b""), None);
        assert_eq!(wav(b"RIFF0000WAVE"), None);
        assert_eq!(wav(&file(4_000, &[1], 2)), None, "less than a telephone's rate");
        let whole = file(8_000, &[1; 9], 18);
        (0..56).for_each(|end| assert!(wav(&whole[..end]).is_none_or(|s| s.len() < 9), "{end}"));
    }

    #[tokio::test]
    async fn a_sentence_is_made_once_and_where_nobody_speaks_there_are_tones() {
        let folder = tempfile::tempdir().unwrap();
        let sound = folder.path().join("sound.wav");
        fs::write(&sound, file(8_000, &[7; 80], 160)).unwrap();
        let cat = vec!["cat".to_owned(), sound.display().to_string()];
        let voices = Voices { zh: vec!["/no/such/program".into()], en: cat };
        let speech = Speech::new(voices, folder.path().join("speech"));
        assert_eq!(speech.say(Language::En, "hello").await, [7; 80]);
        fs::remove_file(&sound).unwrap();
        assert_eq!(speech.say(Language::En, "hello").await, [7; 80], "kept");
        assert_eq!(speech.say(Language::En, "another").await, tones());
        assert_eq!(speech.say(Language::Zh, "你好").await, tones());
    }

    proptest! {
        #[test]
        fn no_file_breaks_the_reader(
            edits in vec((0_usize..72, any::<u8>()), 0..6), rate in 1_u32..400_000
        ) {
            let mut bytes = file(rate, &[1; 8], 16);
            for (at, byte) in edits {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            // At a rate that is no less than the line's there are no more samples than in the file.
            prop_assert!(wav(&bytes).is_none_or(|samples| samples.len() <= bytes.len() / 2));
        }
    }
}
