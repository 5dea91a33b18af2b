//! The real program as a child process.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

/// The program `gengfu`, built beside the tests.
///
/// # Errors
/// Where it was not built.
pub fn program() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folder = here.ancestors().nth(2).context("the tests are not in a target folder")?;
    let program = folder.join("gengfu");
    ensure!(
        program.exists(),
        "{} is missing: run `cargo build --workspace --bins` first",
        program.display()
    );
    Ok(program)
}

/// A running gateway. Dropping it kills it.
pub struct Gateway {
    child: Child,
    said: Arc<Mutex<String>>,
}

impl Gateway {
    /// Starts `gengfu run` with this file, and waits until its page answers.
    ///
    /// # Errors
    /// Where it ends instead, or does not answer; the text has what it said.
    pub fn start(config: &Path, web_port: u16) -> anyhow::Result<Self> {
        Self::start_with(config, web_port, &[])
    }

    /// The same in an environment with these variables as well.
    ///
    /// # Errors
    /// As [`Gateway::start`].
    pub fn start_with(
        config: &Path,
        web_port: u16,
        environment: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let mut gateway = Self::launch(config, environment)?;
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", web_port)).is_err() {
            let ended = gateway.child.try_wait()?;
            ensure!(ended.is_none(), "the gateway ended: {ended:?}\n{}", gateway.said());
            ensure!(
                begun.elapsed() < crate::LIMIT,
                "the gateway does not answer\n{}",
                gateway.said()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(gateway)
    }

    /// Starts it and waits for nothing.
    ///
    /// # Errors
    /// Where the program is missing.
    pub fn launch(config: &Path, environment: &[(&str, &str)]) -> anyhow::Result<Self> {
        let mut child = Command::new(program()?)
            .args(["run", "--config"])
            .arg(config)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let said = Arc::new(Mutex::new(String::new()));
        let (out, err) = (child.stdout.take(), child.stderr.take());
        listen(out.context("no output")?, said.clone());
        listen(err.context("no output")?, said.clone());
        Ok(Self { child, said })
    }

    /// All that it said so far.
    pub fn said(&self) -> String {
        self.said.lock().map(|said| said.clone()).unwrap_or_default()
    }

    /// The token of the one-time link that it printed.
    ///
    /// # Errors
    /// Where it printed none.
    pub fn invitation(&self) -> anyhow::Result<String> {
        let begun = Instant::now();
        loop {
            let said = self.said();
            let token =
                said.split("/invitation/").nth(1).and_then(|rest| rest.split_whitespace().next());
            if let Some(token) = token {
                return Ok(token.to_owned());
            }
            ensure!(begun.elapsed() < crate::LIMIT, "no one-time link was printed:\n{said}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends it a signal by name, as `HUP`.
    ///
    /// # Errors
    /// Where `kill` can't be run.
    pub fn signal(&self, name: &str) -> anyhow::Result<()> {
        let status =
            Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status()?;
        ensure!(status.success(), "kill -s {name} failed");
        Ok(())
    }

    /// `kill -9`, and waits until it is gone.
    ///
    /// # Errors
    /// Where the operating system refuses.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and says how long that took and whether it ended well.
    ///
    /// # Errors
    /// Where it does not end at all.
    pub fn stop(mut self) -> anyhow::Result<(Duration, bool)> {
        let begun = Instant::now();
        self.signal("TERM")?;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok((begun.elapsed(), status.success()));
            }
            ensure!(begun.elapsed() < crate::LIMIT, "it does not stop:\n{}", self.said());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Ended already, in most stories.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the gateway said:\n{}", self.said());
        }
    }
}

fn listen(from: impl std::io::Read + Send + 'static, said: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if let Ok(mut said) = said.lock() {
                said.push_str(&line);
                said.push('\n');
            }
        }
    });
}
