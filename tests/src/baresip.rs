//! A telephone by baresip: real SIP and real speech from another maker, and keys in the speech's own
//! stream.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{bail, ensure};
use serde_json::json;
use tempfile::TempDir;

use crate::{eventually, free_port};

/// So often is it started before it is given up.
const TRIES: usize = 3;

/// A telephone that picks up by itself. Dropping it ends it.
pub struct Baresip {
    child: Child,
    folder: TempDir,
    control: u16,
}

impl Baresip {
    /// A telephone with the number 21 at this port of the loopback, in a silent room.
    ///
    /// # Errors
    /// Where baresip is not installed (`tests/run` does that).
    pub async fn start(port: u16) -> anyhow::Result<Self> {
        Self::with("21", &format!("127.0.0.1:{port}"), None).await
    }

    /// A telephone with this number at this address, in a room where this tone sounds (in hertz).
    ///
    /// # Errors
    /// As [`Baresip::start`].
    pub async fn with(number: &str, at: &str, tone: Option<f64>) -> anyhow::Result<Self> {
        Self::launch(number, at, tone, "", "").await
    }

    /// A telephone with the number 21 that is called by TLS at the port after `port`, with this
    /// certificate and its key, and that encrypts speech in this manner: `srtp`, `srtp-mand`.
    ///
    /// # Errors
    /// As [`Baresip::start`].
    pub async fn secure(port: u16, identity: &Path, manner: &str) -> anyhow::Result<Self> {
        let config = format!("sip_certificate {}\nmodule srtp.so\n", identity.display());
        let account = format!(";transport=tls>;mediaenc={manner}");
        Self::launch("21", &format!("127.0.0.1:{port}"), None, &config, &account).await
    }

    /// The same as [`Baresip::with`], and it speaks to nobody whose speech is not encrypted.
    ///
    /// # Errors
    /// As [`Baresip::start`].
    pub async fn insisting(number: &str, at: &str, tone: Option<f64>) -> anyhow::Result<Self> {
        Self::launch(number, at, tone, "module srtp.so\n", ">;mediaenc=srtp-mand").await
    }

    async fn launch(
        number: &str,
        at: &str,
        tone: Option<f64>,
        further: &str,
        manner: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port: u16 = at.rsplit(':').next().unwrap_or_default().parse()?;
        let room = folder.path().join("room.wav");
        let config = format!(
            "sip_listen {at}\naudio_player aubridge,nowhere\nsnd_path {}\naudio_source aufile,{}\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n\
             module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n{further}",
            folder.path().display(),
            room.display()
        );
        fs::write(&room, sound(tone.unwrap_or(0.0)))?;
        let manner = if manner.is_empty() { ">" } else { manner };
        let account = format!("<sip:{number}@{at}{manner};regint=0;answermode=auto\n");
        fs::write(folder.path().join("accounts"), account)?;
        fs::write(folder.path().join("contacts"), "")?;
        // A port that was free may be somebody else's before baresip has it: then it ends at once.
        for _ in 0..TRIES {
            // It listens for SIP over TLS at the next port, whether anybody wants that or not.
            let mut control = free_port()?;
            while control == port + 1 {
                control = free_port()?;
            }
            let config = format!("{config}ctrl_tcp_listen 127.0.0.1:{control}\n");
            fs::write(folder.path().join("config"), config)?;
            let said = fs::File::create(folder.path().join("said"))?;
            let mut child = Command::new("baresip")
                .arg("-f")
                .arg(folder.path())
                .stdin(Stdio::null())
                .stdout(said.try_clone()?)
                .stderr(said)
                .spawn()?;
            let listens = eventually("baresip listens, or ends", async || {
                let listens = TcpStream::connect(("127.0.0.1", control)).is_ok();
                (listens || child.try_wait().is_ok_and(|ended| ended.is_some())).then_some(listens)
            })
            .await;
            if listens {
                return Ok(Self { child, folder, control });
            }
        }
        bail!("baresip ends: {}", fs::read_to_string(folder.path().join("said"))?)
    }

    /// Presses a key.
    ///
    /// # Errors
    /// Where the telephone does not take it.
    pub fn press(&self, key: char) -> anyhow::Result<()> {
        self.order("sndcode", &key.to_string())
    }

    /// Calls somebody.
    ///
    /// # Errors
    /// Where the telephone does not take it.
    pub fn dial(&self, whom: &str) -> anyhow::Result<()> {
        self.order("dial", whom)
    }

    /// Hangs up.
    ///
    /// # Errors
    /// Where the telephone does not take it.
    pub fn hang_up(&self) -> anyhow::Result<()> {
        self.order("hangup", "")
    }

    fn order(&self, command: &str, params: &str) -> anyhow::Result<()> {
        let order = json!({ "command": command, "params": params }).to_string();
        let mut control = TcpStream::connect(("127.0.0.1", self.control))?;
        control.set_read_timeout(Some(Duration::from_secs(5)))?;
        // A netstring: length, colon, text, comma.
        write!(control, "{}:{order},", order.len())?;
        // What happens meanwhile is told on the same connection.
        let mut answer = String::new();
        while !answer.contains("\"ok\":") {
            let mut part = [0; 512];
            let length = control.read(&mut part)?;
            ensure!(length > 0, "baresip says no more: {answer}");
            answer.push_str(&String::from_utf8_lossy(&part[..length]));
        }
        ensure!(answer.contains("\"ok\":true"), "baresip: {answer}");
        Ok(())
    }

    /// What it heard so far, as a WAV file.
    pub fn heard(&self) -> Option<Vec<u8>> {
        let files = fs::read_dir(self.folder.path()).ok()?.flatten();
        let mut dumps = files.filter(|f| f.file_name().to_string_lossy().ends_with("dec.wav"));
        fs::read(dumps.next()?.path()).ok()
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        // Ended already is ended as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let said = fs::read_to_string(self.folder.path().join("said"));
            eprintln!("--- baresip said:\n{}", said.unwrap_or_default());
        }
    }
}

/// A minute of a tone, or of silence at 0 Hz, as a telephone has it: 8,000 samples of 16 bits a second.
fn sound(hertz: f64) -> Vec<u8> {
    const RATE: u32 = 8_000;
    const SAMPLES: u32 = 60 * RATE;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + 2 * SAMPLES).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    wav.extend((2 * SAMPLES).to_le_bytes());
    let turn = std::f64::consts::TAU * hertz / f64::from(RATE);
    let sample = |n: u32| (8_000.0 * (turn * f64::from(n)).sin()) as i16;
    wav.extend((0..SAMPLES).flat_map(|n| sample(n).to_le_bytes()));
    wav
}

/// How loud this tone is in a WAV file of 16 bits, per window of 100 ms (Goertzel's way).
pub fn loudness_of(wav: &[u8], hertz: f64) -> Vec<f64> {
    let rate = f64::from(u32::from_le_bytes([wav[24], wav[25], wav[26], wav[27]]));
    let samples = wav[44..].chunks_exact(2).map(|s| f64::from(i16::from_le_bytes([s[0], s[1]])));
    let samples: Vec<f64> = samples.collect();
    let cos = 2.0 * (std::f64::consts::TAU * hertz / rate).cos();
    let power = |window: &[f64]| {
        let (a, b) = window.iter().fold((0.0, 0.0), |(a, b), s| (s + cos * a - b, a));
        (a * a + b * b - cos * a * b).max(0.0).sqrt() * 2.0 / window.len() as f64
    };
    samples.chunks(rate as usize / 10).map(power).collect()
}
