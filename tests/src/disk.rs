//! A small disk of its own, that can be filled up.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk in memory. Dropping it takes it away; whoever uses it must have ended by then.
pub struct Disk {
    at: PathBuf,
}

impl Disk {
    /// Mounts one at a folder; none where this machine does not permit it.
    ///
    /// # Errors
    /// Where the folder can't be made.
    pub fn mount(at: &Path, megabytes: u32) -> std::io::Result<Option<Self>> {
        fs::create_dir_all(at)?;
        let size = format!("size={megabytes}m");
        let mut mount = Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        let permitted = done.is_ok_and(|done| done.status.success());
        Ok(permitted.then(|| Self { at: at.to_owned() }))
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// Where the ballast can't be begun.
    pub fn fill(&self) -> std::io::Result<()> {
        let mut ballast = fs::File::options().create(true).append(true).open(self.ballast())?;
        for size in [65_536, 4_096, 1] {
            // Ends with "no space left".
            while ballast.write_all(&vec![b'x'; size]).is_ok() {}
        }
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// Where it was not filled.
    pub fn make_room(&self) -> std::io::Result<()> {
        fs::remove_file(self.ballast())
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once, even if a process of a failed story still has a file open there.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
