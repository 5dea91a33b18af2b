//! The drive that a board shows while BOOTSEL is held: found among what is mounted, and written to. The board
//! takes a file that is for it, and takes the drive away by itself.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};

use super::kind::Kind;

/// What every such drive holds, and says of itself in (<https://github.com/microsoft/uf2>).
const INFO: &str = "INFO_UF2.TXT";
/// Written at a time, in bytes: so often it is told how far it is.
const STEP: usize = 16 * 1024;
/// What is mounted, on Linux.
const MOUNTS: &str = "/proc/self/mounts";
/// Where Linux names drives by their labels.
const LABELS: &str = "/dev/disk/by-label";

/// A board's drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drive {
    /// Where it is mounted.
    pub folder: PathBuf,
    /// What its boot loader calls the board.
    pub says: String,
}

impl Drive {
    /// The drive that is mounted there.
    ///
    /// # Errors
    /// Where there is none.
    pub fn at(folder: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(folder.join(INFO)).with_context(|| {
            format!(
                "{} is no board's drive, for it has no {INFO}: hold BOOTSEL while the board is plugged in",
                folder.display()
            )
        })?;
        let says = text.lines().find_map(|line| line.strip_prefix("Board-ID:"));
        let says = says.map_or_else(String::new, |says| says.trim().to_owned());
        Ok(Self { folder: folder.to_owned(), says })
    }

    /// The one drive that is mounted now, if there is one.
    ///
    /// # Errors
    /// Where there are several: which.
    pub fn mounted() -> anyhow::Result<Option<Self>> {
        // Where this can't be read, no drive is found, and `--drive` is what helps.
        let mut found = among(&fs::read_to_string(MOUNTS).unwrap_or_default());
        if found.len() > 1 {
            let all: Vec<_> =
                found.iter().map(|drive| drive.folder.display().to_string()).collect();
            bail!("more than one board shows its drive: name one by --drive: {}", all.join(", "));
        }
        Ok(found.pop())
    }

    /// The label of a drive that is plugged in and not mounted.
    pub fn unmounted() -> Option<PathBuf> {
        let label = |kind: Kind| Path::new(LABELS).join(kind.drive());
        [Kind::W5500EvbPico, Kind::W5500EvbPico2].map(label).into_iter().find(|at| at.exists())
    }

    /// Writes a file for boards of this kind there. `told` hears how many bytes are written.
    ///
    /// # Errors
    /// Where it is the drive of another kind, or goes away before all of it is written.
    pub fn write(
        &self,
        kind: Kind,
        name: &str,
        bytes: &[u8],
        mut told: impl FnMut(usize),
    ) -> anyhow::Result<()> {
        ensure!(
            self.says == kind.drive(),
            "the drive {} is a board's that calls itself \"{}\", and the file is for a {} (\"{}\")",
            self.folder.display(),
            self.says,
            kind.product(),
            kind.drive()
        );
        let at = self.folder.join(name);
        let mut file =
            fs::File::create(&at).with_context(|| format!("{} can't be written", at.display()))?;
        let mut written = 0;
        for part in bytes.chunks(STEP) {
            file.write_all(part).with_context(|| {
                format!(
                    "the drive went away after {} of {} KiB: hold BOOTSEL, plug the board in again, and begin anew",
                    written / 1024,
                    bytes.len().div_ceil(1024)
                )
            })?;
            written += part.len();
            told(written);
        }
        // The board starts with the last block, and its drive is gone before the system has noticed.
        match file.sync_all() {
            Err(error) if error.kind() == ErrorKind::StorageFull => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// The boards' drives in a list of what is mounted, as Linux has it.
fn among(mounts: &str) -> Vec<Drive> {
    let folders = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        let (folder, kind) = (fields.next()?, fields.next()?);
        matches!(kind, "vfat" | "msdos" | "fuseblk").then(|| plain(folder))
    });
    folders.filter_map(|folder| Drive::at(Path::new(&folder)).ok()).collect()
}

/// A name in that list: blanks stand there as `\040`.
fn plain(name: &str) -> String {
    let mut parts = name.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let read = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match (read, part.get(3..)) {
            (Some(byte), Some(rest)) if byte.is_ascii() => {
                text.push(byte.into());
                text.push_str(rest);
            }
            _ => {
                text.push('\\');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drive(folder: &Path, says: &str) {
        let info = format!("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: {says}\n");
        fs::write(folder.join(INFO), info).unwrap();
    }

    #[test]
    fn a_drive_is_found_among_what_is_mounted() {
        let folder = tempfile::tempdir().unwrap();
        let (board, stick) = (folder.path().join("RPI RP2"), folder.path().join("stick"));
        for at in [&board, &stick] {
            fs::create_dir(at).unwrap();
        }
        drive(&board, "RPI-RP2");
        let escaped = board.display().to_string().replace(' ', "\\040");
        let mounts = format!(
            "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {escaped} vfat rw 0 0\n/dev/sdc1 {} vfat rw 0 0\n",
            stick.display()
        );
        assert_eq!(among(&mounts), [Drive { folder: board, says: "RPI-RP2".into() }]);
    }

    #[test]
    fn a_file_for_another_kind_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        drive(folder.path(), "RP2350");
        let drive = Drive::at(folder.path()).unwrap();
        let refused = drive.write(Kind::W5500EvbPico, "pit.uf2", &[0; 512], |_| {}).unwrap_err();
        assert!(refused.to_string().contains("W5500-EVB-Pico (\"RPI-RP2\")"), "{refused}");
        assert!(!folder.path().join("pit.uf2").exists());
    }

    #[test]
    fn what_is_no_drive_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Drive::at(folder.path()).unwrap_err().to_string();
        assert!(refused.contains("hold BOOTSEL"), "{refused}");
    }
}
