//! Recordings of calls with a car, where the configuration asks for them: two channels, what the car
//! said and what it heard.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use gengfu_core::time::Span;
use hound::{SampleFormat, WavSpec, WavWriter};

/// Samples a second.
const RATE: u32 = 8_000;
/// What the two sides may be apart before the slower one is filled with silence, in samples: a fifth
/// of a second.
const APART: usize = 1_600;

/// Where recordings lie, and how long.
#[derive(Debug, Clone)]
pub(super) struct Recordings {
    /// The folder.
    pub folder: PathBuf,
    /// They are deleted when they are older.
    pub keep: Span,
}

/// A recording while the call lasts.
pub(super) struct Recording {
    file: WavWriter<BufWriter<File>>,
    theirs: Vec<i16>,
    ours: Vec<i16>,
}

impl Recording {
    /// Begins one, and deletes those that have been kept long enough.
    ///
    /// # Errors
    /// Where the folder or the file can't be written.
    pub fn begin(to: &Recordings, car: &str) -> Result<Self, hound::Error> {
        fs::create_dir_all(&to.folder)?;
        forget_old(&to.folder, to.keep)?;
        let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
        let car: String = car.chars().filter(char::is_ascii_alphanumeric).collect();
        let path = to.folder.join(format!("{now}-{car}.wav"));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let spec = WavSpec {
            channels: 2,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        Ok(Self { file: WavWriter::new(BufWriter::new(file), spec)?, theirs: vec![], ours: vec![] })
    }

    /// The car said this.
    pub fn theirs(&mut self, samples: &[i16]) {
        self.theirs.extend(samples);
        self.write();
    }

    /// The car was told this.
    pub fn ours(&mut self, samples: &[i16]) {
        let mut samples = samples.to_vec();
        samples.resize(super::rtp::FRAME, 0);
        self.ours.extend(samples);
        self.write();
    }

    fn write(&mut self) {
        // Somebody who says nothing sends nothing: the two sides stay beside one another.
        if self.ours.len() > self.theirs.len() + APART {
            self.theirs.resize(self.ours.len(), 0);
        }
        let both = self.ours.len().min(self.theirs.len());
        for (theirs, ours) in self.theirs.drain(..both).zip(self.ours.drain(..both)) {
            // A full disk ends the recording and nothing else.
            if self.file.write_sample(theirs).and_then(|()| self.file.write_sample(ours)).is_err() {
                return;
            }
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if let Err(error) = self.file.flush() {
            tracing::warn!(%error, "the end of a recording was not written");
        }
    }
}

fn forget_old(folder: &Path, keep: Span) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let is_recording = entry.path().extension().is_some_and(|kind| kind == "wav");
        let age = entry.metadata()?.modified().map(|at| SystemTime::now().duration_since(at));
        if is_recording && age.is_ok_and(|age| age.is_ok_and(|age| age > keep.to_std())) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_are_kept_beside_one_another_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let keep = Span::hours(1);
        let to = Recordings { folder: folder.path().to_owned(), keep };
        let old = folder.path().join("old.wav");
        let long_ago = SystemTime::now() - std::time::Duration::from_secs(7_200);
        File::create(&old).unwrap().set_modified(long_ago).unwrap();
        let mut recording = Recording::begin(&to, "+49 21").unwrap();
        recording.ours(&[7; 160]);
        recording.theirs(&[3; 160]);
        drop(recording);
        assert!(!old.exists());
        let entry = fs::read_dir(folder.path()).unwrap().flatten().next().unwrap();
        assert!(entry.file_name().to_string_lossy().ends_with("-4921.wav"));
        let samples: Vec<i16> = hound::WavReader::open(entry.path())
            .unwrap()
            .into_samples()
            .map(Result::unwrap)
            .collect();
        assert_eq!((samples.len(), samples[0], samples[1]), (320, 3, 7));
    }
}
