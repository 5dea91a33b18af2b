//! A small disk of its own, that can be filled up.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
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

    /// Fills it to the last byte, and keeps it full, whatever others delete there.
    ///
    /// # Errors
    /// Where the ballast can't be begun.
    pub fn fill(&self) -> std::io::Result<Ballast> {
        let at = self.at.join("ballast");
        let mut file = fs::File::options().create(true).append(true).open(&at)?;
        let keep = Arc::new(AtomicBool::new(true));
        let kept = keep.clone();
        let task = std::thread::spawn(move || {
            while kept.load(Ordering::Relaxed) {
                for size in [65_536, 4_096, 1] {
                    // Ends with "no space left".
                    while file.write_all(&vec![b'x'; size]).is_ok() {}
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        Ok(Ballast { at, keep, task: Some(task) })
    }
}

/// What fills a disk. Dropping it makes room.
pub struct Ballast {
    at: PathBuf,
    keep: Arc<AtomicBool>,
    task: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Ballast {
    fn drop(&mut self) {
        self.keep.store(false, Ordering::Relaxed);
        // It ends by itself; if it panicked, it has ended.
        self.task.take().map(std::thread::JoinHandle::join);
        let _ = fs::remove_file(&self.at);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once, even if a process of a failed story still has a file open there.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
