//! Another firmware for a software board: fetched block by block as a board does, and then it is what the
//! board says that it runs. It is kept nowhere.

use std::time::{Duration, Instant};

use ed25519_dalek::{Signature, VerifyingKey};
use gengfu_wire::{
    VERSION,
    codec::{WireError, decode},
    down::{Block, Update},
    manifest::{self, MAX_MANIFEST, from_hex},
    topic::{Down, Up},
    up::{self, UpdateState},
};
use sha2::{Digest, Sha256};

use super::link::Link;

/// Bytes that are asked for at a time.
const BLOCK: usize = 512;
/// A block that does not come is asked for again after this long.
const AGAIN: Duration = Duration::from_secs(5);
/// What was said has left the board by then, and it starts anew.
const LEAVE: Duration = Duration::from_millis(200);

/// What a board runs, and whose updates it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// What kind of board it says that it is.
    pub hardware: String,
    /// The key that updates are signed by; without it none is taken.
    pub key: Option<[u8; 32]>,
    /// Versions that do not start: the board puts back what ran before.
    pub broken: Vec<String>,
    /// So long a new one proves itself; 60 s.
    pub trial: Duration,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            version: concat!("sim-", env!("CARGO_PKG_VERSION")).into(),
            hardware: "software".into(),
            key: None,
            broken: vec![],
            trial: Duration::from_secs(60),
        }
    }
}

/// What a board runs, and what becomes of it.
#[derive(Debug)]
pub(super) struct Updater {
    pub program: Program,
    fetch: Option<Fetch>,
    /// When the next block is to be asked for.
    ask: Option<Instant>,
    /// When it starts anew, and with what.
    restart: Option<(Instant, String)>,
    /// When what runs has proved itself.
    confirm: Option<Instant>,
}

impl Updater {
    pub(super) fn new(program: Program) -> Self {
        Self { program, fetch: None, ask: None, restart: None, confirm: None }
    }

    /// When there is something to do next.
    pub(super) fn next_wake(&self, is_online: bool) -> Option<Instant> {
        let restart = self.restart.as_ref().map(|(at, _)| *at);
        let said = [self.ask, self.confirm].into_iter().flatten().filter(|_| is_online);
        said.chain(restart).min()
    }

    /// Does what is due. True where the board starts anew: with what it runs from now on.
    pub(super) fn wake(&mut self, now: Instant, link: Option<&Link>) -> bool {
        if let Some((_, version)) = self.restart.take_if(|(at, _)| *at <= now) {
            self.fetch = None;
            if !self.program.broken.contains(&version) {
                self.program.version = version;
                self.confirm = Some(now + self.program.trial);
            }
            return true;
        }
        let Some(link) = link else { return false };
        if self.ask.is_some_and(|at| at <= now) {
            self.ask = self.fetch.as_ref().map(|fetch| {
                link.say(Up::Update, &fetch.say(UpdateState::Wants));
                now + AGAIN
            });
        }
        if self.confirm.take_if(|at| *at <= now).is_some() {
            let said = words(&self.program.version, UpdateState::Confirmed);
            link.say(Up::Update, &said);
        }
        false
    }

    /// An offer, or a block.
    pub(super) fn hear(
        &mut self,
        what: Down,
        payload: &[u8],
        link: &Link,
    ) -> Result<(), WireError> {
        let now = Instant::now();
        if what == Down::Update {
            let offer: Update<'_> = decode(payload)?;
            match Fetch::of(&self.program, &offer) {
                Ok(fetch) if self.fetch.as_ref().is_some_and(|old| old.is_of(&fetch)) => {}
                Ok(fetch) => (self.fetch, self.ask) = (Some(fetch), Some(now)),
                Err(why) => {
                    let refused = words(offer.version, UpdateState::Refused);
                    link.say(Up::Update, &up::Update { error: Some(why), ..refused });
                }
            }
            return Ok(());
        }
        let block: Block<'_> = decode(payload)?;
        let Some(fetch) = &mut self.fetch else { return Ok(()) };
        match fetch.take(&block) {
            Next::Nothing => {}
            Next::Ask => self.ask = Some(now),
            Next::Start(version) => {
                link.say(Up::Update, &fetch.say(UpdateState::Ready));
                (self.ask, self.restart) = (None, Some((now + LEAVE, version)));
            }
            Next::Refuse => {
                link.say(Up::Update, &fetch.say(UpdateState::Refused));
                (self.fetch, self.ask) = (None, None);
            }
        }
        Ok(())
    }
}

fn words(version: &str, state: UpdateState) -> up::Update<'_> {
    up::Update { v: VERSION, version, state, offset: 0, length: 0, error: None }
}

/// An update on its way.
#[derive(Debug)]
struct Fetch {
    version: String,
    size: usize,
    sha256: [u8; 32],
    bytes: Vec<u8>,
}

/// What follows from a block.
enum Next {
    /// It was not the one that was asked for.
    Nothing,
    /// The next one is to be asked for.
    Ask,
    /// All of it is there and whole: the board starts anew with this version.
    Start(String),
    /// It is not what was signed.
    Refuse,
}

impl Fetch {
    /// Checks an offer.
    fn of(program: &Program, update: &Update<'_>) -> Result<Self, &'static str> {
        let key = program.key.and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let key = key.ok_or("this board has no key for updates in its identity")?;
        let (mut buffer, mut signature, mut sha256) = ([0; MAX_MANIFEST], [0; 64], [0; 32]);
        let malformed = "digest, signature or a text is not as docs/wire.md has it";
        let words = manifest::write(update, &mut buffer).ok_or(malformed)?;
        from_hex(update.signature, &mut signature).filter(|n| *n == 64).ok_or(malformed)?;
        from_hex(update.sha256, &mut sha256).ok_or(malformed)?;
        key.verify_strict(words, &Signature::from_bytes(&signature))
            .map_err(|_| "the signature is not of the key that this board trusts")?;
        if update.hardware != program.hardware {
            return Err("for another kind of board");
        }
        if update.version == program.version {
            return Err("not newer than what runs, and not forced");
        }
        let size = usize::try_from(update.size).map_err(|_| malformed)?;
        Ok(Self { version: update.version.to_owned(), size, sha256, bytes: vec![] })
    }

    /// True if it is this one.
    fn is_of(&self, other: &Self) -> bool {
        self.sha256 == other.sha256 && self.version == other.version
    }

    /// What is said of it.
    fn say(&self, state: UpdateState) -> up::Update<'_> {
        let length = match state {
            UpdateState::Wants => BLOCK.min(self.size - self.bytes.len()),
            _ => 0,
        };
        up::Update {
            v: VERSION,
            version: &self.version,
            state,
            offset: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            length: u16::try_from(length).unwrap_or(0),
            error: (state == UpdateState::Refused).then_some("what arrived is not what was signed"),
        }
    }

    /// A block has come.
    fn take(&mut self, block: &Block<'_>) -> Next {
        let mut bytes = [0; BLOCK];
        let wanted = BLOCK.min(self.size - self.bytes.len());
        let is_next = usize::try_from(block.offset).is_ok_and(|at| at == self.bytes.len());
        if !is_next || wanted == 0 || from_hex(block.data, &mut bytes) != Some(wanted) {
            return Next::Nothing;
        }
        self.bytes.extend(bytes.iter().take(wanted));
        if self.bytes.len() < self.size {
            return Next::Ask;
        }
        match Sha256::digest(&self.bytes).as_slice() == self.sha256 {
            true => Next::Start(self.version.clone()),
            false => Next::Refuse,
        }
    }
}
