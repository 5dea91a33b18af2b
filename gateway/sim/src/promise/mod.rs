//! What the gateway promises, each as a function with a name and a sentence. They judge from outside:
//! by what boards got as receipts, what channels were given and when, what readers see, and an
//! independent reckoning of who should have been told.
//!
//! - [`books`], `noting`, [`case`], [`oncall`]: what a bystander writes down, and reckons once more.
//! - [`calling`], [`keeping`], [`vital`], [`ending`], [`silence`]: the promises, by what they are
//!   about.

pub mod books;
pub mod calling;
pub mod case;
pub mod ending;
pub mod keeping;
mod noting;
pub mod oncall;
pub mod silence;
pub mod vital;

use crate::world::{
    plan::Plan,
    seen::{Moment, Seen},
};
use books::Books;

/// How a promise was broken.
pub type Verdict = Result<(), String>;

/// Something that the gateway promises.
pub struct Promise {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// Holds what is seen now against what was written down before.
    pub check: fn(&Books, Moment, Seen<'_>) -> Verdict,
}

/// All of them.
pub const ALL: [Promise; 17] = [
    keeping::RECEIPT,
    keeping::TWICE,
    keeping::REPLAY,
    keeping::SNAPSHOT,
    keeping::BOUNDED,
    calling::FIRST,
    calling::GIVEN,
    calling::STEPS,
    calling::EARLY,
    calling::LATE,
    calling::ANSWERED,
    calling::ONCE,
    vital::TWO_WAYS,
    vital::NEVER_ASIDE,
    ending::TRAPPED,
    ending::LOUD,
    silence::SILENCE,
];

/// And the one that only the end can show.
pub const LAST: Promise = ending::SETTLED;

/// A bystander who holds a gateway to its promises.
pub struct Judge {
    books: Books,
    /// The books as they were when the disk began to refuse: what came after is lost with a crash.
    before_memory: Option<Box<Books>>,
}

impl Judge {
    /// One who has seen nothing yet.
    pub fn new(plan: &Plan) -> Self {
        Self { books: Books::new(plan.shape.start), before_memory: None }
    }

    /// Looks at something that is seen now.
    ///
    /// # Errors
    /// The name of the promise that it breaks, and how.
    pub fn look(&mut self, at: Moment, seen: Seen<'_>) -> Result<(), (&'static str, String)> {
        self.books.passes(at);
        match seen {
            Seen::Crashed => {
                if let Some(before) = self.before_memory.take() {
                    let Books { moment, put_back, put_back_unkept, jumped, life, .. } = self.books;
                    self.books = Books {
                        moment,
                        put_back,
                        put_back_unkept,
                        jumped,
                        life,
                        memory: false,
                        ..*before
                    };
                }
            }
            Seen::Decided(decided) => {
                if !decided.kept && self.before_memory.is_none() {
                    self.before_memory = Some(Box::new(self.books.clone()));
                } else if decided.kept {
                    self.before_memory = None;
                }
                self.books.memory = !decided.kept;
                for event in &decided.events {
                    self.hold(at, Seen::Event(decided, event))?;
                }
            }
            _ => {}
        }
        self.hold(at, seen)
    }

    fn hold(&mut self, at: Moment, seen: Seen<'_>) -> Result<(), (&'static str, String)> {
        for promise in ALL.iter().chain([&LAST]) {
            (promise.check)(&self.books, at, seen).map_err(|how| (promise.name, how))?;
        }
        self.books.note(at, seen);
        Ok(())
    }
}
