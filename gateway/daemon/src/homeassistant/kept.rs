//! Which of the gateway's topics stand at the broker, so that they are taken back after a restart too:
//! of a device that is gone, or once nothing is to be shown any more.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// The file in the data folder, a topic a line.
const FILE: &str = "homeassistant.topics";

/// The topics, and the file that has them.
pub(super) struct Kept {
    path: PathBuf,
    topics: BTreeSet<String>,
}

impl Kept {
    /// As the file has them. One that can't be read is begun anew: what it named stays at the broker.
    pub fn open(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| {
            if error.kind() != io::ErrorKind::NotFound {
                tracing::warn!(%error, path = %path.display(), "what Home Assistant was shown is not known");
            }
            String::new()
        });
        Self { path, topics: text.lines().map(ToOwned::to_owned).collect() }
    }

    /// What stands at the broker, or may.
    pub fn topics(&self) -> &BTreeSet<String> {
        &self.topics
    }

    /// Notes these, before they are told, so that none is ever forgotten.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn add<'a>(&mut self, topics: impl Iterator<Item = &'a String>) -> io::Result<()> {
        let before = self.topics.len();
        self.topics.extend(topics.cloned());
        if self.topics.len() == before { Ok(()) } else { self.write() }
    }

    /// Forgets these, after they were taken back.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub fn remove(&mut self, topics: &[String]) -> io::Result<()> {
        if topics.is_empty() {
            return Ok(());
        }
        for topic in topics {
            self.topics.remove(topic);
        }
        self.write()
    }

    fn write(&self) -> io::Result<()> {
        let text: String = self.topics.iter().map(|topic| format!("{topic}\n")).collect();
        let new = self.path.with_extension("new");
        fs::write(&new, text)?;
        fs::rename(new, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_broker_is_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let topics = ["gengfu/g/ha/烟".to_owned(), "homeassistant/sensor/g/a/config".to_owned()];
        let mut kept = Kept::open(folder.path());
        kept.add(topics.iter()).unwrap();
        let mut kept = Kept::open(folder.path());
        assert!(kept.topics().iter().eq(&topics));
        kept.remove(&topics[..1]).unwrap();
        assert!(Kept::open(folder.path()).topics().iter().eq(&topics[1..]));
    }
}
