//! Many boards in one process: the boards' application as `firmware/boards/host` runs it, for load.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::{
    LIMIT,
    qemu::{Stands, image},
    site::{BOARD_PASSWORD, SITE, Site},
    until,
};

/// The boards, switched on. Dropping it pulls the plug of all of them.
pub struct Crowd {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    _folder: TempDir,
}

impl Crowd {
    /// Switches on `board-1` to `board-<count>` of the site's configuration.
    ///
    /// # Errors
    /// Where the program was not built.
    pub fn start(site: &Site, count: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let credentials = folder.path().join("credentials");
        let lines = (1..=count).map(|n| format!("board-{n} {BOARD_PASSWORD}\n"));
        fs::write(&credentials, lines.collect::<String>())?;
        let mut child = Command::new(image("host")?)
            .args(["--gateway", &format!("127.0.0.1:{}", site.mqtt), "--site", SITE])
            .arg("--credentials")
            .arg(&credentials)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = child.stdin.take().context("no way to the boards")?;
        let answers = BufReader::new(child.stdout.take().context("no way from the boards")?);
        Ok(Self { child, orders, answers, _folder: folder })
    }

    fn order(&mut self, order: &str) -> anyhow::Result<Stands> {
        self.orders.write_all(format!("{order}\n").as_bytes())?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        ensure!(!answer.is_empty(), "the boards have ended");
        Ok(Stands(answer.trim().to_owned()))
    }

    /// Closes the first contact of each board, for half a second.
    ///
    /// # Errors
    /// Where they do not answer.
    pub fn press(&mut self) -> anyhow::Result<Stands> {
        self.order("press")
    }

    /// Looks at them until they stand like that.
    ///
    /// # Errors
    /// Where they never do.
    pub async fn until(
        &mut self,
        what: &str,
        is_so: impl Fn(&Stands) -> bool,
    ) -> anyhow::Result<Stands> {
        until(what, 2 * LIMIT, || self.order("state"), is_so).await
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
