//! Many seeds: their figures while they run, and what is told of a failure.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{
    promise,
    shrink::shrink,
    world::{
        plan::Plan,
        run::{Outcome, run},
    },
};

/// Seeds are run by so many threads.
const THREADS: u64 = 2;

/// What many seeds add up to.
#[derive(Debug, Default)]
pub struct Figures {
    /// Seeds run.
    pub seeds: u64,
    /// Virtual time in milliseconds.
    pub lived_ms: u64,
    /// Decisions of the core.
    pub decisions: u64,
    /// Incidents opened.
    pub incidents: u64,
    /// Messages given to channels.
    pub messages: u64,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// The lowest seed that broke a promise, and which.
    pub failed: Option<(u64, &'static str, String)>,
    /// Seeds that broke each promise.
    pub broken: BTreeMap<&'static str, Vec<u64>>,
}

impl Figures {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.lived_ms += outcome.lived.as_millis();
        self.decisions += outcome.decisions;
        self.incidents += outcome.incidents;
        self.messages += outcome.messages;
        for (kind, count) in outcome.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        if let Some((promise, _)) = &outcome.broken {
            self.broken.entry(promise).or_default().push(seed);
        }
        if let Some((promise, how)) = outcome.broken
            && self.failed.as_ref().is_none_or(|(lowest, ..)| seed < *lowest)
        {
            self.failed = Some((seed, promise, how));
        }
    }

    /// Building-years.
    pub fn years(&self) -> f64 {
        self.lived_ms as f64 / (365.25 * 86_400_000.0)
    }

    /// In words.
    pub fn words(&self, begun: Instant) -> String {
        let took = begun.elapsed().as_secs_f64();
        let mut words = format!(
            "{} seeds in {took:.1} s ({:.0} a second), {:.1} building-years, {} decisions, \
             {} incidents, {} messages\nfaults:\n",
            self.seeds,
            self.seeds as f64 / took.max(0.001),
            self.years(),
            self.decisions,
            self.incidents,
            self.messages
        );
        for (kind, count) in &self.faults {
            // Writing into a text can't fail.
            let _infallible = writeln!(words, "  {count:>9}  {kind}");
        }
        for (promise, seeds) in &self.broken {
            let first: Vec<u64> = seeds.iter().copied().take(8).collect();
            let _infallible =
                writeln!(words, "{} seeds break \"{promise}\": {first:?}", seeds.len());
        }
        words
    }
}

/// Runs seeds, one after the other on each thread, until all are done or, unless it is to keep going,
/// one breaks a promise.
pub fn many(
    first: u64,
    count: u64,
    keep_going: bool,
    mut progress: impl FnMut(&Figures) + Send,
) -> Figures {
    let next = AtomicU64::new(first);
    let stop = AtomicBool::new(false);
    let figures = Mutex::new((Figures::default(), &mut progress));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        return;
                    }
                    let outcome = run(&Plan::of(seed), false);
                    if outcome.broken.is_some() && !keep_going {
                        stop.store(true, Ordering::Relaxed);
                    }
                    let mut figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
                    figures.0.add(seed, outcome);
                    let (figures, progress) = &mut *figures;
                    progress(figures);
                }
            });
        }
    });
    figures.into_inner().unwrap_or_else(PoisonError::into_inner).0
}

/// A failure: the promise, the shortest history that breaks it, and how to see it again.
pub fn failure(seed: u64, promise: &'static str, how: &str) -> String {
    let sentence = promise::ALL
        .iter()
        .chain([&promise::LAST])
        .find(|p| p.name == promise)
        .map_or("", |p| p.sentence);
    let (plan, outcome) = shrink(&Plan::of(seed), promise);
    let shortest = outcome.broken.map_or_else(String::new, |(_, how)| how);
    format!(
        "seed {seed} breaks the promise \"{promise}\": {sentence}\n  {how}\n\n\
         The shortest history found that still breaks it:\n  {shortest}\n{plan}\n\
         See it happen: gengfu-sim --seed {seed} --trace\n"
    )
}
