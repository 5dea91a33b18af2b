//! A site in a folder of its own: its configuration file, its boards, its ports.

use std::{
    fs,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::free_port;

/// The site's name.
pub const SITE: &str = "garden-12";
/// The password of every board of the file.
pub const BOARD_PASSWORD: &str = "0123456789abcdef0123456789abcdef";

/// A site that can be started.
pub struct Site {
    folder: TempDir,
    /// Where the page will be.
    pub web: u16,
    /// Where the broker will be.
    pub mqtt: u16,
    /// Where the broker will be with TLS, if it has any.
    pub secure: Option<u16>,
    /// The broker is somebody else's.
    is_outside: bool,
}

impl Site {
    /// A site whose channel `hook` leads to `hooks`, with `boards` call boards, each in a lift of its
    /// own, and further lines of configuration.
    ///
    /// # Errors
    /// Where a file can't be written or a port can't be had.
    pub fn new(boards: usize, further: &str) -> anyhow::Result<Self> {
        Self::with_broker(false, false, boards, further)
    }

    /// The same with a broker that has TLS too.
    ///
    /// # Errors
    /// As [`Site::new`].
    pub fn with_tls(boards: usize, further: &str) -> anyhow::Result<Self> {
        Self::with_broker(false, true, boards, further)
    }

    /// The same with a broker outside the gateway, which the test starts itself at port `mqtt`: the
    /// gateway signs in as `gengfu` with the boards' password.
    ///
    /// # Errors
    /// As [`Site::new`].
    pub fn with_outside_broker(boards: usize, further: &str) -> anyhow::Result<Self> {
        Self::with_broker(true, false, boards, further)
    }

    fn with_broker(
        is_outside: bool,
        has_tls: bool,
        boards: usize,
        further: &str,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let secure = has_tls.then(free_port).transpose()?;
        let site = Self { folder, web: free_port()?, mqtt: free_port()?, secure, is_outside };
        site.secret("board", BOARD_PASSWORD)?;
        site.write(boards, further)?;
        Ok(site)
    }

    /// Writes the configuration file (again).
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn write(&self, boards: usize, further: &str) -> anyhow::Result<()> {
        let Self { web, mqtt, .. } = self;
        let secure = self.secure.map(|port| format!("\ntls_listen = \"127.0.0.1:{port}\""));
        let broker = match self.is_outside {
            false => format!("[mqtt]\nlisten = \"127.0.0.1:{mqtt}\"{}", secure.unwrap_or_default()),
            true => format!(
                "[mqtt.outside]\nurl = \"mqtt://127.0.0.1:{mqtt}\"\nuser = \"gengfu\"\n\
                 password_file = \"board\""
            ),
        };
        // A board's password is the broker's business.
        let password = if self.is_outside { "" } else { "password_file = \"board\"" };
        let mut text = format!(
            r#"data_dir = "data"

[site]
id = "{SITE}"
name = {{ zh = "花园小区", en = "Garden Court" }}
time_zone = "Asia/Shanghai"

[web]
listen = "127.0.0.1:{web}"
tls = "off"
public_url = "http://127.0.0.1:{web}"

{broker}

[channels.hook]
kind = "webhook"
secret = "a secret of the test suite, long enough"
hosts = ["127.0.0.1"]

[[places]]
id = "yard"
name = {{ zh = "院子", en = "Yard" }}
"#
        );
        for n in 1..=boards {
            text.push_str(&format!(
                r#"
[[places]]
id = "lift-{n}"
name = {{ zh = "{n}号电梯", en = "Lift {n}" }}

[[devices]]
id = "board-{n}"
place = "lift-{n}"
profile = "board"
{password}
inputs = {{ 1 = "call" }}
"#
            ));
        }
        text.push_str(further);
        fs::write(self.config(), text)?;
        Ok(())
    }

    /// Writes a file that only this user may read.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn secret(&self, name: &str, text: &str) -> anyhow::Result<()> {
        use std::io::Write;
        let path = self.folder.path().join(name);
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        Ok(file.write_all(text.as_bytes())?)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("gengfu.toml")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The folder of all of it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The page's address.
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.web)
    }
}
