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
use gengfu_wire::identity::{self, Credentials, MAX_GATEWAYS, MAX_IDENTITY};
use tempfile::TempDir;

use crate::{LIMIT, elf::loaded, free_port, site::SITE, until};

/// This machine, as an emulated board sees it.
pub const HERE: &str = "10.0.2.2";
/// Contacts of the board.
pub const CONTACTS: usize = 8;
/// The kind of board, as its firmware names it.
pub const KIND: &str = "qemu-mps2";
/// Bytes of a board's stack: see `memory.x` of the boards.
pub const STACK: usize = 36 * 1024;
/// Those of them that no program may need.
pub const SPARE: usize = 4 * 1024;
/// Bytes of its flash, and where in it stands what runs: see `places.rs` of its firmware.
const FLASH: usize = 0x10_2000;
const ACTIVE: usize = 0x4_1000;
/// How an erased byte of it reads.
const ERASED: u8 = 0xFF;

/// Who a board is, and where its gateway is.
#[derive(Debug, Clone)]
pub struct Passport {
    /// Its name.
    pub board: String,
    /// The password that the gateway showed.
    pub password: String,
    /// `host:port` of each gateway, in the order in which they are tried.
    pub gateways: Vec<String>,
    /// The public key of updates that it takes.
    pub update_key: Option<[u8; 32]>,
    /// The gateway's key, where it is spoken to by TLS.
    pub gateway_key: Option<[u8; 32]>,
    /// A fixed address as `gengfu_wire::identity` has it; none for DHCP.
    pub address: Option<String>,
}

impl Passport {
    /// A board whose gateway listens at this port of this machine.
    pub fn new(board: &str, password: &str, port: u16) -> Self {
        Self {
            board: board.into(),
            password: password.into(),
            gateways: vec![format!("{HERE}:{port}")],
            update_key: None,
            gateway_key: None,
            address: None,
        }
    }

    /// Its flash as it leaves whoever sets the board up.
    fn flash(&self) -> anyhow::Result<Vec<u8>> {
        let mut gateways = [None; MAX_GATEWAYS];
        for (place, gateway) in gateways.iter_mut().zip(&self.gateways) {
            *place = Some(gateway.as_str());
        }
        let who = Credentials {
            site: SITE,
            board: &self.board,
            password: &self.password,
            gateways,
            gateway_key: self.gateway_key,
            update_key: self.update_key,
            address: self.address.as_deref(),
        };
        let mut page = [0; MAX_IDENTITY];
        let who = identity::write(&who, &mut page)?;
        let program = loaded(&fs::read(image(KIND)?)?).context("the image is no ELF file")?;
        let mut flash = vec![ERASED; FLASH];
        flash[..who.len()].copy_from_slice(who);
        flash[ACTIVE..ACTIVE + program.len()].copy_from_slice(&program);
        Ok(flash)
    }
}

/// How a board stands, by its own word.
#[derive(Debug, Clone)]
pub struct Stands(pub(crate) String);

impl Stands {
    /// What it says under this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.split(' ').find_map(|part| part.strip_prefix(key)?.strip_prefix('='))
    }

    /// The number that it says under this key.
    pub fn count(&self, key: &str) -> Option<usize> {
        self.get(key)?.parse().ok()
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
        self.count("waiting")
    }

    /// Its call lamp: `Off`, `Yellow`, `Green`.
    pub fn lamp(&self) -> &str {
        self.get("lamp").unwrap_or_default()
    }

    /// How often it has started in its life.
    pub fn boot(&self) -> Option<u32> {
        self.get("boot")?.parse().ok()
    }

    /// Bytes of its stack that were used since it was switched on.
    pub fn stack(&self) -> Option<usize> {
        self.count("stack")
    }

    /// Microseconds since its start, by its own clock.
    pub fn clock_us(&self) -> Option<u64> {
        self.get("us")?.parse().ok()
    }
}

/// A board that is switched on. Dropping it pulls its plug for good.
pub struct Machine {
    child: Child,
    folder: TempDir,
    bench: BufReader<UnixStream>,
    /// The port of this machine that leads to the board's Modbus over TCP.
    pub modbus: u16,
    /// The port of this machine that is the other end of its RS-485 line.
    pub line: u16,
}

impl Machine {
    /// Switches a new board on.
    ///
    /// # Errors
    /// Where QEMU or the image is missing, or the board does not start.
    pub fn start(passport: &Passport) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("flash.bin"), passport.flash()?)?;
        let (modbus, line) = (free_port()?, free_port()?);
        let (child, bench) = switch_on(folder.path(), modbus, line)?;
        Ok(Self { child, folder, bench, modbus, line })
    }

    /// Pulls the plug, and puts it back in: the flash is as it was.
    ///
    /// # Errors
    /// As [`Machine::start`].
    pub fn pull_plug(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        for socket in ["bench", "monitor"] {
            fs::remove_file(self.folder.path().join(socket))?;
        }
        (self.child, self.bench) = switch_on(self.folder.path(), self.modbus, self.line)?;
        Ok(())
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
        until(what, LIMIT, || self.state(), is_so).await.with_context(|| self.log())
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

    /// Makes the program find itself in the wrong.
    ///
    /// # Errors
    /// Where the board does not take the order.
    pub fn panic(&mut self) -> anyhow::Result<Stands> {
        self.order("panic")
    }

    /// Makes the program use more of its stack than there is.
    ///
    /// # Errors
    /// Where the board does not take the order.
    pub fn overflow(&mut self) -> anyhow::Result<Stands> {
        self.order("overflow")
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
        self.logs_within(LIMIT, words, times).await
    }

    /// The same for what takes longer.
    ///
    /// # Errors
    /// Where they do not come.
    pub async fn logs_within(
        &self,
        limit: Duration,
        words: &str,
        times: usize,
    ) -> anyhow::Result<()> {
        let begun = Instant::now();
        while self.log().matches(words).count() < times {
            ensure!(begun.elapsed() < limit, "its log never has `{words}`:\n{}", self.log());
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

/// Starts QEMU in the folder of a board.
fn switch_on(
    folder: &Path,
    modbus: u16,
    line: u16,
) -> anyhow::Result<(Child, BufReader<UnixStream>)> {
    let network = format!("user,model=lan9118,id=cable,hostfwd=tcp:127.0.0.1:{modbus}-:502");
    let line = format!("tcp:127.0.0.1:{line},server=on,wait=off");
    let mut child = Command::new("qemu-system-arm")
        .args(["-M", "mps2-an385", "-nodefaults", "-display", "none"])
        .args(["-semihosting-config", "enable=on,target=native", "-kernel"])
        .arg(image(&format!("{KIND}-boot"))?)
        .args(["-nic", &network, "-serial", "file:log", "-serial", &line])
        .args(["-serial", "unix:bench,server=on,wait=off"])
        .args(["-monitor", "unix:monitor,server=on,wait=off"])
        .current_dir(folder)
        .stderr(Stdio::piped())
        .spawn()
        .context("qemu-system-arm (Debian: the package of that name)")?;
    match connect(&folder.join("bench"), &mut child) {
        Ok(bench) => Ok((child, BufReader::new(bench))),
        Err(error) => {
            let mut said = String::new();
            let _ = child.kill();
            let _ = child.stderr.take().map(|mut from| from.read_to_string(&mut said));
            Err(error.context(said))
        }
    }
}

/// The image of a board, built by `firmware/boards/build`.
///
/// # Errors
/// Where it was not built.
pub fn image(board: &str) -> anyhow::Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let folder = set("GENGFU_FIRMWARE").or_else(|| Some(cache()?.join("gengfu/firmware")));
    // A boot loader is built beside what it starts.
    let beside = board.strip_suffix("-boot").unwrap_or(board);
    let image = folder.context("no cache folder")?.join(format!("{beside}/{board}.elf"));
    ensure!(
        image.exists(),
        "{} is missing: run `firmware/boards/build {board}` first",
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
