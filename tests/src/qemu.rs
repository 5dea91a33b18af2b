//! The boards' own program in QEMU: the image of `firmware/boards/qemu-mps2` with a network of its
//! own, behind which this machine is 10.0.2.2.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use tempfile::TempDir;

use crate::{LIMIT, site::SITE};

/// This machine, as an emulated board sees it.
pub const HERE: &str = "10.0.2.2";
/// Contacts of the board.
pub const CONTACTS: usize = 8;
/// Bytes of its flash.
const FLASH: usize = 256 * 1024;
/// How an erased byte of it reads.
const ERASED: u8 = 0xFF;
/// Where the image looks for who it is.
const PASSPORT: &str = "0x21000000";

/// Who a board is, and where its gateway is.
#[derive(Debug, Clone)]
pub struct Passport {
    /// Its name.
    pub board: String,
    /// The password that the gateway showed.
    pub password: String,
    /// `host:port` of each gateway, in the order in which they are tried.
    pub gateways: Vec<String>,
    /// `dhcp`, or a fixed address as `firmware/README.md` has it.
    pub address: String,
}

impl Passport {
    /// A board whose gateway listens at this port of this machine.
    pub fn new(board: &str, password: &str, port: u16) -> Self {
        Self {
            board: board.into(),
            password: password.into(),
            gateways: vec![format!("{HERE}:{port}")],
            address: "dhcp".into(),
        }
    }

    fn text(&self) -> String {
        let Self { board, password, gateways, address } = self;
        let gateways: String = gateways.iter().map(|at| format!("gateway {at}\n")).collect();
        // A zero ends it.
        format!("site {SITE}\nboard {board}\npassword {password}\n{gateways}address {address}\n\0")
    }
}

/// How a board stands, by its own word.
#[derive(Debug, Clone)]
pub struct Stands(String);

impl Stands {
    /// What it says under this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.split(' ').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
    }

    /// Its session stands.
    pub fn is_connected(&self) -> bool {
        self.get("connected") == Some("true")
    }

    /// It runs by a configuration of its gateway.
    pub fn is_configured(&self) -> bool {
        self.get("config").is_some_and(|revision| revision != "0")
    }

    /// Events without a receipt.
    pub fn waiting(&self) -> Option<usize> {
        self.get("waiting")?.parse().ok()
    }

    /// Its call lamp: `Off`, `Yellow`, `Green`.
    pub fn lamp(&self) -> &str {
        self.get("lamp").unwrap_or_default()
    }

    /// Microseconds since its start, by its own clock.
    pub fn clock_us(&self) -> Option<u64> {
        self.get("us")?.parse().ok()
    }
}

/// A board that is switched on. Dropping it pulls its plug; its flash stays in its folder.
pub struct Machine {
    child: Child,
    folder: TempDir,
    bench: BufReader<UnixStream>,
}

impl Machine {
    /// Switches a new board on.
    ///
    /// # Errors
    /// Where QEMU or the image is missing, or the board does not start.
    pub fn start(passport: &Passport) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("flash.bin"), vec![ERASED; FLASH])?;
        Self::start_in(folder, passport)
    }

    /// Pulls the plug, and puts it back in: the flash is as it was.
    ///
    /// # Errors
    /// As [`Machine::start`].
    pub fn restart(mut self, passport: &Passport) -> anyhow::Result<Self> {
        self.child.kill()?;
        self.child.wait()?;
        let folder = tempfile::tempdir()?;
        fs::copy(self.folder.path().join("flash.bin"), folder.path().join("flash.bin"))?;
        Self::start_in(folder, passport)
    }

    fn start_in(folder: TempDir, passport: &Passport) -> anyhow::Result<Self> {
        fs::write(folder.path().join("passport"), passport.text())?;
        let mut child = Command::new("qemu-system-arm")
            .args(["-M", "mps2-an385", "-nodefaults", "-display", "none"])
            .args(["-semihosting-config", "enable=on,target=native"])
            .arg("-kernel")
            .arg(image()?)
            .args(["-device", &format!("loader,file=passport,addr={PASSPORT},force-raw=on")])
            .args(["-nic", "user,model=lan9118,id=cable"])
            .args(["-serial", "file:log", "-serial", "null"])
            .args(["-serial", "unix:bench,server=on,wait=off"])
            .args(["-monitor", "unix:monitor,server=on,wait=off"])
            .current_dir(folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .context("qemu-system-arm (Debian: the package of that name)")?;
        match connect(&folder.path().join("bench"), &mut child) {
            Ok(bench) => Ok(Self { child, folder, bench: BufReader::new(bench) }),
            Err(error) => {
                let mut said = String::new();
                let _ = child.kill();
                let _ = child.stderr.take().map(|mut from| from.read_to_string(&mut said));
                Err(error.context(said))
            }
        }
    }

    fn order(&mut self, order: &str) -> anyhow::Result<Stands> {
        let mut answer = String::new();
        self.bench.get_mut().write_all(format!("{order}\n").as_bytes())?;
        let read = self.bench.read_line(&mut answer);
        read.with_context(|| format!("`{order}` was not answered\n{}", self.log()))?;
        ensure!(!answer.is_empty(), "QEMU ended\n{}", self.log());
        Ok(Stands(answer.trim().to_owned()))
    }

    /// Closes these contacts, counted from 1, and opens all others: its own time of that.
    ///
    /// # Errors
    /// Where the board does not answer.
    pub fn close(&mut self, contacts: &[usize]) -> anyhow::Result<Stands> {
        let signs = (1..=CONTACTS).map(|n| if contacts.contains(&n) { '1' } else { '0' });
        self.order(&format!("contacts {}", signs.collect::<String>()))
    }

    /// How it stands.
    ///
    /// # Errors
    /// Where the board does not answer.
    pub fn state(&mut self) -> anyhow::Result<Stands> {
        self.order("state")
    }

    /// Asks it until it stands like that.
    ///
    /// # Errors
    /// Where it never does, or does not answer.
    pub async fn until(
        &mut self,
        what: &str,
        is_so: impl Fn(&Stands) -> bool,
    ) -> anyhow::Result<Stands> {
        let begun = Instant::now();
        loop {
            let stands = self.state()?;
            if is_so(&stands) {
                return Ok(stands);
            }
            ensure!(begun.elapsed() < LIMIT, "never {what}: {stands:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until its session stands and its gateway has told it how to run.
    ///
    /// # Errors
    /// Where that does not come about.
    pub async fn in_service(&mut self) -> anyhow::Result<Stands> {
        self.until("in service", |s| s.is_connected() && s.is_configured()).await
    }

    /// Makes the task hang that looks at the inputs, and everything else with it.
    ///
    /// # Errors
    /// Where the board does not take the order.
    pub fn hang(&mut self) -> anyhow::Result<Stands> {
        self.order("hang")
    }

    /// What it wrote into its log since it was switched on.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until its log has these words, at least so many times.
    ///
    /// # Errors
    /// Where they do not come.
    pub async fn logs(&self, words: &str, times: usize) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.log().matches(words).count() < times {
            ensure!(begun.elapsed() < LIMIT, "its log never has `{words}`:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Pulls the network's cable, or puts it back in.
    ///
    /// # Errors
    /// Where QEMU's monitor does not answer.
    pub fn cable(&mut self, is_in: bool) -> anyhow::Result<()> {
        let to = if is_in { "on" } else { "off" };
        let mut monitor = connect(&self.folder.path().join("monitor"), &mut self.child)?;
        monitor.write_all(format!("set_link cable {to}\n").as_bytes())?;
        // It greets, repeats what it is told, and is ready for more: the second prompt.
        let mut said = Vec::new();
        let mut part = [0; 256];
        while said.windows(6).filter(|sign| sign == b"(qemu)").count() < 2 {
            match monitor.read(&mut part)? {
                0 => bail!("QEMU's monitor ended: {}", String::from_utf8_lossy(&said)),
                count => said.extend_from_slice(&part[..count]),
            }
        }
        Ok(())
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the board said:\n{}", self.log());
        }
    }
}

/// The image, built by `firmware/boards/build qemu-mps2`.
fn image() -> anyhow::Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let folder = set("GENGFU_FIRMWARE").or_else(|| Some(cache()?.join("gengfu/firmware")));
    let image = folder.context("no cache folder")?.join("qemu-mps2/qemu-mps2.elf");
    ensure!(
        image.exists(),
        "{} is missing: run `firmware/boards/build qemu-mps2` first",
        image.display()
    );
    Ok(image)
}

/// Connects to a socket that QEMU opens when it starts.
fn connect(path: &Path, child: &mut Child) -> anyhow::Result<UnixStream> {
    let begun = Instant::now();
    loop {
        if let Ok(stream) = UnixStream::connect(path) {
            stream.set_read_timeout(Some(LIMIT))?;
            return Ok(stream);
        }
        let ended = child.try_wait()?;
        ensure!(ended.is_none(), "QEMU ended: {ended:?}");
        ensure!(begun.elapsed() < LIMIT, "QEMU does not open {}", path.display());
        std::thread::sleep(Duration::from_millis(5));
    }
}
