//! A telephone by baresip: real SIP and real speech from another maker, and keys in the speech's own
//! stream.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::ensure;
use serde_json::json;
use tempfile::TempDir;

use crate::{eventually, free_port};

/// A telephone that picks up by itself. Dropping it ends it.
pub struct Baresip {
    child: Child,
    folder: TempDir,
    control: u16,
}

impl Baresip {
    /// A telephone with the number 21 at this port of the loopback.
    ///
    /// # Errors
    /// Where baresip is not installed (`tests/run` does that).
    pub async fn start(port: u16) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let control = free_port()?;
        let quiet = folder.path().join("quiet.wav");
        let config = format!(
            "sip_listen 127.0.0.1:{port}\naudio_player aubridge,nowhere\nsnd_path {}\naudio_source aufile,{}\n\
             module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\n\
             module_app account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n\
             ctrl_tcp_listen 127.0.0.1:{control}\n",
            folder.path().display(),
            quiet.display()
        );
        fs::write(&quiet, silence())?;
        fs::write(folder.path().join("config"), config)?;
        let account = format!("<sip:21@127.0.0.1:{port}>;regint=0;answermode=auto\n");
        fs::write(folder.path().join("accounts"), account)?;
        fs::write(folder.path().join("contacts"), "")?;
        let child = Command::new("baresip")
            .arg("-f")
            .arg(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        eventually("baresip listens", async || TcpStream::connect(("127.0.0.1", control)).ok())
            .await;
        Ok(Self { child, folder, control })
    }

    /// Presses a key.
    ///
    /// # Errors
    /// Where the telephone does not take it.
    pub fn press(&self, key: char) -> anyhow::Result<()> {
        let order = json!({ "command": "sndcode", "params": key.to_string() }).to_string();
        let mut control = TcpStream::connect(("127.0.0.1", self.control))?;
        control.set_read_timeout(Some(Duration::from_secs(5)))?;
        // A netstring: length, colon, text, comma.
        write!(control, "{}:{order},", order.len())?;
        let mut answer = [0; 512];
        let length = control.read(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer[..length]);
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
    }
}

/// A minute of silence as a telephone has it: 8,000 samples of 16 bits a second.
fn silence() -> Vec<u8> {
    const BYTES: u32 = 60 * 8_000 * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + BYTES).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    wav.extend(BYTES.to_le_bytes());
    wav.resize(wav.len() + BYTES as usize, 0);
    wav
}
