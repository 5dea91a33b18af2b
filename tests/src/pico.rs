//! The image of a board that is sold, on its chip as rp2040js emulates it (`tests/pico`): it takes the very
//! file that is dropped onto the board, starts by the second stage of the boot loader in it, and runs every
//! instruction of it.
//!
//! Modelled, in JavaScript: the W5500 and its bus, the flash chip (erase, write, its number), the boot ROM's
//! functions, the RS-485 line's UART, and what hangs on the pins. The network is QEMU's, behind which this machine is 10.0.2.2.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::{
    LIMIT, free_port,
    qemu::{CONTACTS, Stands},
    until,
};

/// The kind of board, as `gengfu board new` and `firmware/boards` name it.
pub const KIND: &str = "w5500-evb-pico";

/// A board that is switched on. Dropping it pulls its plug for good.
pub struct Pico {
    board: Child,
    network: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    /// The port of this machine that leads to the board's Modbus over TCP.
    pub modbus: u16,
    /// The port of this machine that is the other end of its RS-485 line.
    pub line: u16,
}

impl Pico {
    /// Drops a file onto a board, and switches it on.
    ///
    /// # Errors
    /// Where Node, QEMU or the emulator is missing, or the file is none for this chip.
    pub fn start(file: &Path) -> anyhow::Result<Self> {
        Self::start_with(file, &[])
    }

    /// The same with what hangs at its converter; see [`Pico::hang`].
    ///
    /// # Errors
    /// As [`Pico::start`].
    pub fn start_with(file: &Path, hung: &[(&str, &str)]) -> anyhow::Result<Self> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("pico");
        let installed = std::env::var_os("GENGFU_TEST_PICO").map_or(home.clone(), PathBuf::from);
        let has_emulator = installed.join("node_modules/rp2040js").exists();
        ensure!(has_emulator, "run `npm ci` in {}", home.display());
        let folder = tempfile::tempdir()?;
        let mut board = Command::new("node")
            .arg(home.join("board.mjs"))
            .arg(file)
            .arg(folder.path().join("log"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node")?;
        let mut orders = board.stdin.take().context("no way to the board")?;
        let mut answers = BufReader::new(board.stdout.take().context("no way from the board")?);
        let mut cable = String::new();
        answers.read_line(&mut cable)?;
        let ends = cable.trim().strip_prefix("cable ").and_then(|ends| ends.split_once(" line "));
        let (cable, line) = ends.context("the board has no cable")?;
        let line = line.parse()?;
        // It is switched on when its cable is plugged in.
        for (what, value) in hung {
            orders.write_all(format!("{what} {value}\n").as_bytes())?;
            answers.read_line(&mut String::new())?;
        }
        let modbus = free_port()?;
        let network = Command::new("qemu-system-arm")
            .args(["-M", "none", "-nodefaults", "-display", "none"])
            .args(["-netdev", &format!("user,id=world,hostfwd=tcp:127.0.0.1:{modbus}-:502")])
            .args(["-netdev", &format!("socket,id=cable,connect=127.0.0.1:{cable}")])
            .args(["-netdev", "hubport,id=inside,hubid=0,netdev=cable"])
            .args(["-netdev", "hubport,id=outside,hubid=0,netdev=world"])
            // It warns that nothing is plugged into the hub that it emulates itself.
            .stderr(Stdio::null())
            .spawn()
            .context("qemu-system-arm (Debian: the package of that name)")?;
        Ok(Self { board, network, orders, answers, folder, modbus, line })
    }

    fn order(&mut self, order: &str) -> anyhow::Result<Stands> {
        self.orders.write_all(format!("{order}\n").as_bytes())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "the board ended\n{}", self.log());
        Ok(Stands(answer.trim().to_owned()))
    }

    /// Closes these contacts, counted from 1, and opens all others.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn close(&mut self, contacts: &[usize]) -> anyhow::Result<()> {
        let signs = (1..=CONTACTS).map(|n| if contacts.contains(&n) { '1' } else { '0' });
        self.order(&format!("contacts {}", signs.collect::<String>())).map(drop)
    }

    /// What hangs at its converter: `supply` and `battery` in millivolts, `loop` in ohms or `cut`, each also
    /// `none`.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn hang(&mut self, what: &str, value: &str) -> anyhow::Result<()> {
        self.order(&format!("{what} {value}")).map(drop)
    }

    /// Its pins: `yellow`, `green`, `sounder`, `relay`, `light`, each 0 or 1; how often its flash was
    /// written (`written`), and how long after the last bit it listens on its RS-485 line (`turn_us`).
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn pins(&mut self) -> anyhow::Result<Stands> {
        self.order("pins")
    }

    /// How much of its stack was used since its power came, in bytes.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn stack(&mut self) -> anyhow::Result<usize> {
        self.order("stack")?.count("stack").context("it does not say how much")
    }

    /// Looks at its pins until they are like that.
    ///
    /// # Errors
    /// Where they never are.
    pub async fn until(&mut self, pins: &str) -> anyhow::Result<Stands> {
        let stand = until(pins, LIMIT, || self.pins(), |stands| stands.0.contains(pins)).await;
        stand.with_context(|| self.log())
    }

    /// Pulls the plug, and puts it back in: the flash is as it was.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn pull_plug(&mut self) -> anyhow::Result<()> {
        self.order("plug").map(drop)
    }

    /// Its network chip answers nothing any more, or is itself again.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn network(&mut self, is_alive: bool) -> anyhow::Result<()> {
        self.order(if is_alive { "network alive" } else { "network dead" }).map(drop)
    }

    /// Cuts the power in the middle of a write of its flash, so many writes from now.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn cut(&mut self, writes: u32) -> anyhow::Result<()> {
        self.order(&format!("cut {writes}")).map(drop)
    }

    /// The same, counted from its next start on.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn cut_after_start(&mut self, writes: u32) -> anyhow::Result<()> {
        self.order(&format!("cut-after-start {writes}")).map(drop)
    }

    /// Waits until the power was cut; a whole update may be fetched meanwhile.
    ///
    /// # Errors
    /// Where it was not.
    pub async fn is_off(&mut self) -> anyhow::Result<()> {
        let is_off = |stands: &Stands| stands.get("power") == Some("off");
        let stands = until("without power", 5 * LIMIT, || self.pins(), is_off).await;
        stands.map(drop).with_context(|| self.log())
    }

    /// What it wrote into its log since it was made.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("log")).unwrap_or_default();
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
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for Pico {
    fn drop(&mut self) {
        for child in [&mut self.board, &mut self.network] {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the board said:\n{}", self.log());
        }
    }
}
