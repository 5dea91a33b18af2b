//! What the service manager is told: ready, reloading, stopping, and that the engine still turns.
//!
//! Outside systemd (`NOTIFY_SOCKET` is not set) all of it is silent. The watchdog is fed by the
//! engine's loop itself and by nothing else: a timer of its own would go on saying "well" for a
//! gateway that decides nothing any more.

use std::{
    io,
    os::unix::net::{SocketAddr, UnixDatagram},
    time::Duration,
};

use gengfu_core::time::{Span, Timestamp};
use sd_notify::NotifyState;

/// Tells the service manager where the gateway stands.
#[derive(Debug)]
pub struct Supervisor {
    socket: Option<UnixDatagram>,
}

impl Supervisor {
    /// The service manager that the environment names, if one does.
    ///
    /// # Errors
    /// Where a socket is named that can't be reached.
    pub fn from_environment() -> io::Result<Self> {
        match std::env::var_os("NOTIFY_SOCKET") {
            Some(name) => Self::at(name.as_encoded_bytes()),
            None => Ok(Self { socket: None }),
        }
    }

    /// The service manager behind a socket; a name that begins with `@` is an abstract one.
    ///
    /// # Errors
    /// Where it can't be reached.
    pub fn at(name: &[u8]) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.connect_addr(&address(name)?)?;
        // A service manager that reads nothing must not hold up the engine.
        socket.set_nonblocking(true)?;
        Ok(Self { socket: Some(socket) })
    }

    /// The gateway takes readings and tells people.
    pub fn ready(&self, status: &str) {
        self.tell(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    /// The configuration is being read again; [`Supervisor::ready`] ends it.
    pub fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "no monotonic clock: the reload is not announced"),
        }
    }

    /// The gateway is going down.
    pub fn stopping(&self) {
        self.tell(&[NotifyState::Stopping]);
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        let Some(socket) = &self.socket else { return };
        let text: String = states.iter().map(|state| format!("{state}\n")).collect();
        if let Err(error) = socket.send(text.as_bytes()) {
            tracing::warn!(%error, "the service manager could not be told");
        }
    }
}

fn address(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::{linux::net::SocketAddrExt, unix::ffi::OsStrExt};
    match name.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(name)),
    }
}

/// The watchdog of the service manager. Fed late, or not at all, it has the gateway restarted.
#[derive(Debug)]
pub struct Watchdog {
    /// Time between two feedings: a third of the time after which the gateway is restarted, so
    /// that one late turn of the loop costs nothing.
    every: Option<Span>,
    last: Option<Timestamp>,
}

impl Watchdog {
    /// The watchdog that the environment asks for, if it does.
    pub fn from_environment() -> Self {
        Self::with_limit(sd_notify::watchdog_enabled())
    }

    /// A watchdog that bites after `limit`; one that never does where there is none.
    pub fn with_limit(limit: Option<Duration>) -> Self {
        let every = limit
            .map(|l| Span::millis(u64::try_from(l.as_millis() / 3).unwrap_or(u64::MAX).max(1)));
        Self { every, last: None }
    }

    /// How often the engine's loop must turn at least, even when nothing happens.
    pub fn every(&self) -> Option<Span> {
        self.every
    }

    /// To be called by the engine's loop, once in each of its turns and by nothing else: tells the
    /// service manager that it turns, as often as is needed.
    pub fn fed(&mut self, supervisor: &Supervisor, now: Timestamp) {
        let Some(every) = self.every else { return };
        let due = self.last.is_none_or(|last| now < last || now.since(last) >= every);
        if due {
            self.last = Some(now);
            supervisor.tell(&[NotifyState::Watchdog]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service manager's end of the socket.
    struct Manager {
        socket: UnixDatagram,
        _folder: tempfile::TempDir,
    }

    impl Manager {
        fn start() -> (Self, Supervisor) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("notify");
            let socket = UnixDatagram::bind(&path).unwrap();
            socket.set_nonblocking(true).unwrap();
            let supervisor = Supervisor::at(path.as_os_str().as_encoded_bytes()).unwrap();
            (Self { socket, _folder: folder }, supervisor)
        }
        /// Everything that it was told since the last call.
        fn heard(&self) -> Vec<String> {
            let mut lines = vec![];
            let mut buffer = [0; 512];
            while let Ok(n) = self.socket.recv(&mut buffer) {
                lines.extend(String::from_utf8_lossy(&buffer[..n]).lines().map(str::to_owned));
            }
            lines
        }
    }

    #[test]
    fn the_manager_follows_start_reload_and_stop() {
        let (manager, supervisor) = Manager::start();
        supervisor.ready("watching 12 devices");
        assert_eq!(manager.heard(), ["READY=1", "STATUS=watching 12 devices"]);
        supervisor.reloading();
        let told = manager.heard();
        assert_eq!(told[0], "RELOADING=1");
        let clock = told[1].strip_prefix("MONOTONIC_USEC=").unwrap();
        assert!(clock.parse::<u64>().unwrap() > 0);
        supervisor.stopping();
        assert_eq!(manager.heard(), ["STOPPING=1"]);
    }

    #[test]
    fn only_a_loop_that_turns_feeds_the_watchdog() {
        let (manager, supervisor) = Manager::start();
        let mut watchdog = Watchdog::with_limit(Some(Duration::from_secs(30)));
        assert_eq!(watchdog.every(), Some(Span::secs(10)));
        assert!(manager.heard().is_empty(), "nothing feeds it by itself");
        let start = Timestamp::from_millis(1_000_000);
        for turn in 0..250 {
            watchdog.fed(&supervisor, start + Span::millis(100 * turn));
        }
        assert_eq!(manager.heard(), ["WATCHDOG=1"; 3], "at 0, 10 and 20 s, not 250 times");
        watchdog.fed(&supervisor, Timestamp::from_millis(5));
        assert_eq!(manager.heard(), ["WATCHDOG=1"], "a clock that stepped back starves nobody");
    }

    #[test]
    fn a_manager_that_reads_nothing_holds_nobody_up() {
        let (_manager, supervisor) = Manager::start();
        for _ in 0..10_000 {
            supervisor.ready("storm");
        }
    }

    #[test]
    fn outside_systemd_nothing_is_told_and_nothing_fails() {
        let supervisor = Supervisor { socket: None };
        supervisor.ready("alone");
        Watchdog::with_limit(None).fed(&supervisor, Timestamp::from_millis(0));
    }
}
