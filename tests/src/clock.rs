//! A fast clock for a program that knows nothing of it: `tests/peer/fastclock.c`, loaded before it.
//! The program has no clock for tests; all that it asks the system about time is answered here.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, OnceLock},
    time::{Duration, SystemTime},
};

use gengfu_core::time::Timestamp;

const MS: i64 = 1_000_000;

/// What the file says: real wall clock, shown wall clock, shown monotonic clock, all in ns, the speed in
/// thousandths, and the real wall clock up to which it goes at that speed, and not as fast as any other.
#[derive(Clone, Copy)]
struct Face {
    real: i64,
    wall: i64,
    monotonic: i64,
    speed: i64,
    until: i64,
}

/// The clock of one gateway.
pub struct FastClock {
    file: PathBuf,
    face: Mutex<Face>,
}

/// A folder for a program whose clock is to go much faster: in memory where this machine has a place for
/// that. To such a program every disk is slow, and it rightly says so.
///
/// # Errors
/// Where no folder can be made.
pub fn swift_folder() -> std::io::Result<tempfile::TempDir> {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())
}

/// The library, compiled once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fastclock.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/peer/fastclock.c");
        let mut compile = Command::new("cc");
        compile.args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"]);
        let said = compile.arg(&path).args([source, "-ldl"]).output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        (folder, path)
    });
    path
}

fn real() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_nanos()).unwrap()
}

impl Face {
    /// What is shown now, at the same speed.
    fn now(self) -> Self {
        let real = real();
        let fast = (self.until - self.real).min(real - self.real).max(0);
        let passed = fast / 1000 * self.speed + (real - self.real - fast);
        Self { real, wall: self.wall + passed, monotonic: self.monotonic + passed, ..self }
    }
}

impl FastClock {
    /// A clock that shows this, and goes as fast as any other.
    ///
    /// # Panics
    /// Where its file can't be written, as all that follow.
    pub fn new(folder: &Path, at: Timestamp) -> Self {
        // The monotonic clock shows any time; a day of it is behind us.
        let monotonic = 86_400_000 * MS;
        let wall = at.as_millis() * MS;
        let face = Face { real: real(), wall, monotonic, speed: 1000, until: i64::MAX };
        let clock = Self { file: folder.join("clock"), face: Mutex::new(face) };
        clock.change(|face| face);
        clock
    }

    fn change(&self, how: impl FnOnce(Face) -> Face) {
        let mut face = self.face.lock().unwrap();
        *face = how(face.now());
        let Face { real, wall, monotonic, speed, until } = *face;
        let all = real ^ wall ^ monotonic ^ speed ^ until;
        let numbers = [real, wall, monotonic, speed, until, all];
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        // In place, in one write: the program has the file mapped.
        use std::os::unix::fs::FileExt;
        let mut options = fs::File::options();
        let file = options.create(true).write(true).truncate(false).open(&self.file).unwrap();
        file.write_all_at(&bytes, 0).unwrap();
    }

    /// What it shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.face.lock().unwrap().now().wall / MS)
    }

    /// It goes so many times as fast as others from now on.
    pub fn go(&self, times: i64) {
        self.change(|face| Face { speed: times * 1000, until: i64::MAX, ..face });
    }

    /// It goes so many times as fast as others for so long, and then as fast as they do: if whoever tells
    /// the story is held up, so is the story.
    pub fn go_for(&self, times: i64, real: Duration) {
        let length = i64::try_from(real.as_nanos()).unwrap();
        self.change(|face| Face { speed: times * 1000, until: face.real + length, ..face });
    }

    /// It is set, by so many milliseconds; how long things last is not changed by that.
    pub fn leap(&self, by_ms: i64) {
        self.change(|face| Face { wall: face.wall + by_ms * MS, ..face });
    }

    /// What the program must be started with.
    ///
    /// # Panics
    /// Where the library can't be compiled: `cc` is wanted.
    pub fn environment(&self) -> [(&str, &str); 2] {
        let library = library().to_str().unwrap();
        [("FASTCLOCK", self.file.to_str().unwrap()), ("LD_PRELOAD", library)]
    }
}
