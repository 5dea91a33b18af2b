//! Every script in virtual time.

use gengfu_sim::scenario::Restarts;

use crate::scripts::{all, rehearse};

async fn all_hold(restarts: Restarts) {
    let mut failures = vec![];
    for script in all() {
        if let Err(failure) = rehearse(&script, restarts).await {
            failures.push(failure.to_string());
        }
    }
    assert!(failures.is_empty(), "{} scripts fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn there_are_thirty_stories_and_each_says_why_it_matters() {
    let scripts = all();
    assert!(scripts.len() >= 30, "only {} scripts", scripts.len());
    for script in &scripts {
        assert!(
            script.why.ends_with('.') && script.why.len() > 20,
            "{}: {}",
            script.file,
            script.why
        );
    }
    let mut titles: Vec<&str> = scripts.iter().map(|script| script.title.as_str()).collect();
    titles.sort_unstable();
    let count = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), count, "two scripts have the same title");
}

#[tokio::test]
async fn every_story_holds_in_virtual_time() {
    all_hold(Restarts::Told).await;
}

#[tokio::test]
async fn every_story_holds_with_a_restart_after_every_line() {
    all_hold(Restarts::EveryLine).await;
}
