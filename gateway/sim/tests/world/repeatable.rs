//! A world follows from its seed alone.

use gengfu_sim::{
    promise,
    world::{plan::Plan, run::run},
};

#[test]
fn the_same_seed_is_the_same_history() {
    for seed in [3, 7, 11] {
        let plan = Plan::of(seed);
        let [one, other] = [run(&plan, true), run(&plan, true)];
        assert!(one.trace.len() > 50, "something happens in seed {seed}");
        assert_eq!(one.trace, other.trace);
    }
}

#[test]
fn looking_on_changes_nothing() {
    let plan = Plan::of(5);
    let [told, silent] = [run(&plan, true), run(&plan, false)];
    assert_eq!((told.decisions, told.messages), (silent.decisions, silent.messages));
    assert!(silent.trace.is_empty());
}

#[test]
fn every_promise_has_a_name_of_its_own_and_a_sentence() {
    let all: Vec<_> = promise::ALL.iter().chain([&promise::LAST]).collect();
    let mut names: Vec<_> = all.iter().map(|p| p.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
    assert!(all.iter().all(|p| p.sentence.len() > 20));
}

#[test]
fn the_worlds_differ_as_the_world_does() {
    let plans: Vec<Plan> = (0..2_000).map(Plan::of).collect();
    let hours = |plan: &Plan| plan.shape.span.as_millis() / 3_600_000;
    let zones: std::collections::BTreeSet<_> = plans.iter().map(|p| p.shape.zone).collect();
    assert_eq!(zones.len(), 5);
    assert!(plans.iter().any(|p| p.shape.boards >= 200), "some have hundreds of boards");
    assert!(plans.iter().filter(|p| hours(p) > 8_760).count() >= 10, "some last a year");
    assert!(plans.iter().filter(|p| hours(p) < 3).count() > 1_500, "most are small and nasty");
    let faults: std::collections::BTreeSet<_> =
        plans.iter().flat_map(|p| p.deeds.iter().filter_map(|d| d.what.fault())).collect();
    assert!(faults.len() >= 21, "{faults:?}");
}
