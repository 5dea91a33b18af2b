//! Memory and start-up of the program itself, as a process of its own.

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use crate::port;

/// The bench's site.
pub const SITE: &str = "bench";
/// The password of its boards; they live for seconds, on the loopback.
pub const PASSWORD: &str = "0123456789abcdef0123456789abcdef";

/// Inputs of a board that are points.
const INPUTS: usize = 8;
/// A gateway that has started settles within this.
const SETTLE: Duration = Duration::from_secs(3);
const LIMIT: Duration = Duration::from_secs(60);

/// What the program takes.
pub struct Size {
    /// Resident memory, in KiB.
    pub resident_kib: u64,
    /// From the start of the process to the first answer of its page's port.
    pub start: Duration,
}

/// Starts the program with a site of so many points, and looks at it.
///
/// # Errors
/// Where it does not start.
pub async fn measure(folder: &Path, points: usize) -> anyhow::Result<Size> {
    let file = write_site(folder, points / INPUTS, INPUTS, "")?;
    let text = std::fs::read_to_string(&file)?;
    let port = port::free(0).context("no port of the loopback is free")?;
    std::fs::write(&file, text.replace("127.0.0.1:0\"\ntls", &format!("127.0.0.1:{port}\"\ntls")))?;
    let begun = Instant::now();
    let mut child = Command::new(std::env::current_exe()?)
        .args(["run", "--config"])
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut look = async || {
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(
                child.try_wait()?.is_none(),
                "the gateway ended: try `gengfu check {}`",
                file.display()
            );
            ensure!(begun.elapsed() < LIMIT, "the gateway did not start within {LIMIT:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let start = begun.elapsed();
        tokio::time::sleep(SETTLE).await;
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let resident_kib = line.trim().trim_end_matches(" kB").parse()?;
        Ok(Size { resident_kib, start })
    };
    let size = look().await;
    child.kill()?;
    child.wait()?;
    size
}

/// A site of boards with call buttons, each in a lift of its own, and further lines of configuration.
///
/// # Errors
/// Where it can't be written.
pub fn write_site(
    folder: &Path,
    boards: usize,
    inputs: usize,
    further: &str,
) -> anyhow::Result<PathBuf> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let secret = folder.join("board");
    std::fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(&secret)?
        .write_all(PASSWORD.as_bytes())?;
    let mut text = format!(
        r#"data_dir = "data"
[site]
id = "{SITE}"
name = "Bench"
time_zone = "Asia/Shanghai"
[web]
listen = "127.0.0.1:0"
tls = "off"
public_url = "http://127.0.0.1"
[mqtt]
listen = "127.0.0.1:0"
[log]
level = "error"
[channels.one]
kind = "ntfy"
server = "http://127.0.0.1:9"
[channels.two]
kind = "ntfy"
server = "http://127.0.0.1:9"
"#
    );
    let used: Vec<String> = (1..=inputs).map(|n| format!("{n} = \"call\"")).collect();
    for n in 1..=boards {
        text.push_str(&format!(
            "[[places]]\nid = \"lift-{n}\"\nname = \"Lift {n}\"\n[[devices]]\nid = \"board-{n}\"\nplace = \"lift-{n}\"\n\
             profile = \"board\"\npassword_file = \"board\"\ninputs = {{ {} }}\n",
            used.join(", ")
        ));
    }
    text.push_str(further);
    let file = folder.join("gengfu.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}
