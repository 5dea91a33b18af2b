//! The same scripts against the real program.
//!
//! - [`sink`]: the carriers that it sends through.
//! - [`stage`] with [`acts`]: the building around it.

mod acts;
mod sink;
mod stage;

use std::{sync::Arc, time::Duration};

use gengfu_core::time::Span;
use gengfu_sim::scenario::{
    Restarts, Script, play,
    script::{Line, Step},
};
use tokio::{sync::Semaphore, task::JoinSet};

use self::stage::Running;
use crate::scripts::all;

/// So many programs run at once: two cores have time for each within what a script tolerates.
const AT_ONCE: usize = 3;
/// No script takes longer than this.
const LONGEST: Duration = Duration::from_secs(90);

async fn run(script: &Script, restarts: Restarts) -> Result<(), String> {
    let mut stage = Running::start(script).await.map_err(|e| format!("{}: {e}", script.file))?;
    let played = tokio::time::timeout(LONGEST, play(script, &mut stage, restarts)).await;
    let outcome = match played {
        Ok(outcome) => outcome.map_err(|failure| failure.to_string()),
        Err(_) => Err(format!("{}: it does not end within {LONGEST:?}", script.file)),
    };
    outcome.map_err(|failure| format!("{failure}\n{}", stage.said()))
}

async fn run_all(scripts: Vec<Script>, restarts: Restarts) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = JoinSet::new();
    for script in scripts {
        let places = places.clone();
        runs.spawn(async move {
            let _place = places.acquire().await.unwrap();
            let begun = std::time::Instant::now();
            let outcome = run(&script, restarts).await;
            println!("{:>6.1} s {}", begun.elapsed().as_secs_f64(), script.file);
            outcome
        });
    }
    let outcomes = runs.join_all().await;
    let failures: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{} scripts fail:\n{}", failures.len(), failures.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_story_holds_for_the_real_program() {
    let mut scripts = all();
    // For whoever looks for the reason of one: a part of its name.
    if let Ok(name) = std::env::var("GENGFU_SCENARIO") {
        scripts.retain(|script| script.file.contains(&name));
    }
    run_all(scripts, Restarts::Told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stories_hold_for_the_real_program_restarted_after_every_line() {
    let mut scripts = all();
    let names = ["trapped-answered-at-once", "hand-over-while-ringing"];
    scripts.retain(|script| names.iter().any(|name| script.file.contains(name)));
    assert_eq!(scripts.len(), names.len());
    run_all(scripts, Restarts::EveryLine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_story_fails_for_the_real_program_too() {
    let mut scripts = all();
    scripts.retain(|script| script.file.contains("gap-in-the-roster"));
    let mut script = scripts.remove(0);
    let last = script.lines.iter().position(|line| line.text.starts_with("expect Li told"));
    // Nobody says any more that Li must be told, and time passes.
    script.lines.truncate(last.unwrap());
    let pause = Line { text: "advance 10 s".into(), ..script.lines[0].clone() };
    let step = Some(Step::Advance(Span::secs(10)));
    script.lines.push(Line { at: None, step, ..pause });
    let said = run(&script, Restarts::Told).await.unwrap_err();
    for part in ["the script ends", "Li was told by", "which no line expects"] {
        assert!(said.contains(part), "{said}");
    }
}
