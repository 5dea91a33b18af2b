//! A port that a story may leave and come back to: its gateway is killed and listens there again.

use std::{
    fs::{self, File, TryLockError},
    net::{TcpListener, UdpSocket},
    sync::{Mutex, PoisonError},
};

/// Below those that the system hands out, so that nobody is given one by chance while a gateway is down.
const FIRST: u16 = 12_000;

/// How many processes of the suite have ports at a time, at the most.
const PLACES: u16 = 1_000;

/// How many ports each of them has.
const PLACE: u16 = 20;

/// A row of ports that is this process's alone until it ends: two hundred kills take minutes, in which
/// others look for ports too, and may find one where nobody listens for a moment.
struct Place {
    next: u16,
    end: u16,
    _held: File,
}

impl Place {
    fn take() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join("gengfu-test-ports");
        fs::create_dir_all(&folder)?;
        let first = u16::try_from(std::process::id() % u32::from(PLACES))?;
        for place in (0..PLACES).map(|step| (first + step) % PLACES) {
            let file = File::create(folder.join(place.to_string()))?;
            match file.try_lock() {
                Ok(()) => {
                    let next = FIRST + place * PLACE;
                    return Ok(Self { next, end: next + PLACE, _held: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        anyhow::bail!("a thousand processes have test ports: none is left")
    }

    fn free(&mut self) -> Option<u16> {
        let listens = |port| TcpListener::bind(("127.0.0.1", port));
        // Telephones take it for both transports, and the next one for TLS.
        let is_free = |port: u16| {
            listens(port).is_ok()
                && UdpSocket::bind(("127.0.0.1", port)).is_ok()
                && listens(port + 1).is_ok()
        };
        let port = (self.next..self.end - 1).find(|port| is_free(*port))?;
        self.next = port + 1;
        Some(port)
    }
}

/// A port that nobody has and that no other process of the suite is given before this one ends.
///
/// # Errors
/// Where none is free.
pub fn free_port() -> anyhow::Result<u16> {
    static HELD: Mutex<Vec<Place>> = Mutex::new(Vec::new());
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        match held.last_mut().and_then(Place::free) {
            Some(port) => return Ok(port),
            None => held.push(Place::take()?),
        }
    }
}
