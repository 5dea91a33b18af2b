//! What is wrong with a configuration file: each mistake with its place and its remedy.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::Range};

use super::source::{Position, Source};

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// The file can be used, but probably not as it was meant.
    Warning,
}

/// What kind of mistake it is, where that matters for showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// The text is not TOML.
    Syntax,
    /// Something stands there that can't be used.
    Wrong,
    /// Something does not stand there, or in another shape; may follow from a syntax error.
    Missing,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The bytes of the file that it is about.
    pub span: Range<usize>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    class: Class,
}

/// A span with a value: what was read, and where it stands.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
}

/// Collects problems while a file is walked through.
#[derive(Debug, Default)]
pub struct Problems {
    all: RefCell<Vec<Problem>>,
    /// What is there and can't be used: whoever names it makes no mistake of their own.
    broken: RefCell<BTreeSet<(&'static str, String)>>,
}

impl Problems {
    /// The text is not TOML here.
    pub fn syntax(&self, span: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, Class::Syntax, span, what.into(), remedy.into());
    }
    /// What stands here can't be used.
    pub fn error(&self, span: &Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, Class::Wrong, span.clone(), what.into(), remedy.into());
    }
    /// What stands here can be used, but is probably not meant.
    pub fn warning(&self, span: &Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, Class::Wrong, span.clone(), what.into(), remedy.into());
    }
    /// Something that is needed is not there, or names something that is not there.
    pub fn missing(&self, span: &Range<usize>, what: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, Class::Missing, span.clone(), what.into(), remedy.into());
    }

    /// A thing of this kind can't be used, and why was told.
    pub fn note_broken(&self, kind: &'static str, name: &str) {
        self.broken.borrow_mut().insert((kind, name.into()));
    }
    /// True for one of those.
    pub fn is_broken(&self, kind: &'static str, name: &str) -> bool {
        self.broken.borrow().contains(&(kind, name.into()))
    }

    fn add(
        &self,
        severity: Severity,
        class: Class,
        span: Range<usize>,
        what: String,
        remedy: String,
    ) {
        let problem = Problem { severity, span, what, remedy, class };
        let mut all = self.all.borrow_mut();
        if !all.contains(&problem) {
            all.push(problem);
        }
    }

    /// All problems in the order of the file. Where the text is not TOML, one complaint a line is
    /// enough, and what only follows from it is left out: a key that was lost with its line is not
    /// "missing" as well.
    pub fn into_sorted(self, source: &Source) -> Vec<Problem> {
        let mut all = self.all.into_inner();
        let line = |p: &Problem| source.position(p.span.start).line;
        let broken: Vec<usize> =
            all.iter().filter(|p| p.class == Class::Syntax).map(line).collect();
        if !broken.is_empty() {
            let mut shown = BTreeSet::new();
            all.retain(|p| match p.class {
                Class::Syntax => shown.insert(line(p)),
                Class::Wrong => p.severity == Severity::Error && !broken.contains(&line(p)),
                Class::Missing => false,
            });
        }
        all.sort_by_key(|p| (p.span.start, p.severity));
        all
    }
}

/// A file with what is wrong with it, ready to be shown.
#[derive(Debug, Clone)]
pub struct Report {
    /// The file.
    pub source: Source,
    /// Its problems, in the order of the file.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many problems make the file unusable.
    pub fn errors(&self) -> usize {
        self.problems.iter().filter(|p| p.severity == Severity::Error).count()
    }
    /// How many are only worth a thought.
    pub fn warnings(&self) -> usize {
        self.problems.len() - self.errors()
    }
    /// Where a problem stands.
    pub fn position(&self, problem: &Problem) -> Position {
        self.source.position(problem.span.start)
    }
    /// Each problem in one line, for a log.
    pub fn lines(&self) -> impl Iterator<Item = (Severity, String)> {
        self.problems.iter().map(|p| {
            let Position { line, column } = self.position(p);
            let name = self.source.name();
            (p.severity, format!("{name}:{line}:{column}: {}; {}", p.what, p.remedy))
        })
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            let Position { line, column } = self.position(problem);
            let severity = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            writeln!(f, "{}:{line}:{column}: {severity}: {}", self.source.name(), problem.what)?;
            if problem.span != (0..0) {
                self.source.excerpt(&problem.span, f)?;
            }
            writeln!(f, "  remedy: {}\n", problem.remedy)?;
        }
        let name = self.source.name();
        match (self.errors(), self.warnings()) {
            (0, 0) => write!(f, "{name}: no mistakes found"),
            (0, w) => write!(f, "{name}: usable, with {}", count(w, "warning")),
            (e, 0) => write!(f, "{name}: {}", count(e, "mistake")),
            (e, w) => write!(f, "{name}: {} and {}", count(e, "mistake"), count(w, "warning")),
        }
    }
}

/// How many of something, in words.
pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// "did you mean …?" for a word that is not known, or nothing where no known word is near.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&word.to_lowercase(), &k.to_lowercase()), k))
        .min()
        .filter(|(distance, k)| *distance <= (k.chars().count() / 3).max(1))
        .map(|(_, k)| format!("did you mean \"{k}\"?"))
}

/// "did you mean …?" if a known word is near, else the known words; `none` if there are none.
pub fn choose<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, none: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    did_you_mean(word, known.iter().copied()).unwrap_or_else(|| {
        let list: Vec<String> = known.iter().map(|k| format!("\"{k}\"")).collect();
        match list.len() {
            0 => none.to_owned(),
            1..=12 => format!("known: {}", list.join(", ")),
            n => format!("known: {}, and {} more", list[..12].join(", "), n - 12),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_guessed_and_another_word_is_not() {
        let known = ["listen", "public_url", "hostnames"];
        assert_eq!(did_you_mean("lsiten", known).as_deref(), Some("did you mean \"listen\"?"));
        assert_eq!(did_you_mean("certificate", known), None);
        assert_eq!(choose("x", ["a", "b"], "none"), "did you mean \"a\"?");
        assert_eq!(choose("xyz", ["a", "b"], "none"), "known: \"a\", \"b\"");
        assert_eq!(choose("x", [], "add one"), "add one");
    }
}
