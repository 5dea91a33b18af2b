//! `gengfu-sim`: proof by simulation. Worlds from seeds do their worst to the real core; the first
//! broken promise is told with the shortest history that breaks it.

use std::{process::ExitCode, time::Instant};

use clap::Parser;
use gengfu_sim::{
    promise, report,
    shrink::shrink,
    world::{plan::Plan, run::run},
};

/// No alarm is ever lost, nobody is woken twice, no silence goes unnoticed: many worlds say so.
#[derive(Parser)]
#[command(name = "gengfu-sim")]
struct Cli {
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only this seed, with the plan of its world.
    #[arg(long)]
    seed: Option<u64>,
    /// With --seed: everything that happens there; of a failure, in its shortest history.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Goes on after a broken promise, and counts.
    #[arg(long)]
    keep_going: bool,
    /// Plants bugs in the core, one after the other, and tells which promise finds each. Takes a
    /// program that was built with `--features planted`.
    #[arg(long)]
    mutations: bool,
    /// Lists the promises.
    #[arg(long)]
    promises: bool,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.promises {
        for promise in promise::ALL.iter().chain([&promise::LAST]) {
            println!("{:<12} {}", promise.name, promise.sentence);
        }
        return ExitCode::SUCCESS;
    }
    if cli.mutations {
        return mutations();
    }
    match cli.seed {
        Some(seed) => one(seed, cli.trace),
        None => many(cli.from, cli.seeds, cli.keep_going),
    }
}

#[cfg(feature = "planted")]
fn mutations() -> ExitCode {
    println!("{:<12} {:>5}  planted bug", "promise", "seed");
    let found = gengfu_sim::planted::hunt(|found| println!("{found}"));
    let missed = found.iter().filter(|found| found.by.is_none()).count();
    println!("{} of {} planted bugs were found", found.len() - missed, found.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(not(feature = "planted"))]
fn mutations() -> ExitCode {
    eprintln!("no bugs can be planted in this program: build it with --features planted");
    ExitCode::FAILURE
}

fn one(seed: u64, trace: bool) -> ExitCode {
    let mut plan = Plan::of(seed);
    let mut outcome = run(&plan, false);
    if let Some((promise, _)) = outcome.broken {
        (plan, outcome) = shrink(&plan, promise);
    }
    print!("{plan}");
    if trace {
        run(&plan, true).trace.iter().for_each(|line| println!("{line}"));
    }
    match outcome.broken {
        Some((promise, how)) => {
            println!("broken: {promise}: {how}");
            ExitCode::FAILURE
        }
        None => {
            println!(
                "every promise is kept: {} decisions, {} incidents",
                outcome.decisions, outcome.incidents
            );
            ExitCode::SUCCESS
        }
    }
}

fn many(from: u64, count: u64, keep_going: bool) -> ExitCode {
    let begun = Instant::now();
    let figures = report::many(from, count, keep_going, |figures| {
        if figures.seeds.is_multiple_of(1_000) {
            let a_second = figures.seeds as f64 / begun.elapsed().as_secs_f64().max(0.001);
            let years = figures.years();
            eprintln!("{} seeds, {a_second:.0} a second, {years:.1} building-years", figures.seeds);
        }
    });
    print!("{}", figures.words(begun));
    match figures.failed {
        Some(_) if keep_going => ExitCode::FAILURE,
        Some((seed, promise, how)) => {
            print!("{}", report::failure(seed, promise, &how));
            ExitCode::FAILURE
        }
        None => {
            println!("every promise is kept");
            ExitCode::SUCCESS
        }
    }
}
