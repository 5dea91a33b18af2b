//! Who is away, who stands in, who exchanges duties.

use super::{at, names, on_call, roster, spans};
use crate::{id::PersonId, roster::Roster, text::Language};

/// li, wang and zhao take turns, a day each from midnight, from Monday 2026-11-23.
fn with(exceptions: &str) -> Roster {
    roster(
        "UTC",
        &format!(
            "[[layers]]\nkind='rotation'\nname='Turns'\npeople=['li','wang','zhao']\n\
             handover={{kind='daily', at='00:00'}}\nstarts='2026-11-23'\n{exceptions}"
        ),
    )
}

#[test]
fn somebody_stands_in_from_the_first_instant_up_to_the_last() {
    let roster = with(
        "[[exceptions]]\nkind='replace'\nfrom='2026-11-23T10:00'\nto='2026-11-24T12:00'\nperson='li'\nby='chen'\nnote='dentist'",
    );
    assert_eq!(
        spans(&roster, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"),
        [
            "2026-11-23T00:00:00Z li",
            "2026-11-23T10:00:00Z chen",
            "2026-11-24T00:00:00Z wang", // li has no duty left in the period
        ]
    );
    assert_eq!(on_call(&roster, "2026-11-23T09:59:59.999Z"), "li");
    assert_eq!(roster.on_call(at("2026-11-23T10:00:00Z")).why, ["Turns", "chen for li (dentist)"]);
    assert_eq!(roster.on_call(at("2026-11-24T10:00:00Z")).why, ["Turns"]);
    assert_eq!(names(&roster.people()), "li wang zhao chen");
    let reasons = roster.reasons(at("2026-11-23T10:00:00Z"));
    let name = |id: &PersonId| id.as_str().to_uppercase();
    let words: Vec<_> = reasons.iter().map(|reason| reason.words(name, Language::Zh)).collect();
    assert_eq!(words, ["Turns", "CHEN代LI（dentist）"]);
}

#[test]
fn what_lies_ahead_of_a_person_is_told_by_whole_shifts() {
    let roster = with(
        "[[exceptions]]\nkind='add'\nfrom='2026-11-23T18:00'\nto='2026-11-24T06:00'\nperson='chen'",
    );
    let told = |who: &str, when: &str| {
        let ahead = roster.ahead(&who.parse().unwrap(), at(when));
        let relief = ahead.relief.map(|relief| format!("{} {}", relief.at, names(&relief.then)));
        let until = ahead.until.map(|until| until.to_string());
        (relief.unwrap(), until, ahead.next.map(|turn| format!("{} {}", turn.from, turn.to)))
    };
    // Li's own shift goes on although chen comes to help; the next one begins three days later.
    assert_eq!(
        told("li", "2026-11-23T09:30:00Z"),
        (
            "2026-11-23T18:00:00Z li chen".to_owned(),
            Some("2026-11-24T00:00:00Z".to_owned()),
            Some("2026-11-26T00:00:00Z 2026-11-27T00:00:00Z".to_owned())
        )
    );
    assert_eq!(
        told("wang", "2026-11-23T19:00:00Z").2.as_deref(),
        Some("2026-11-24T00:00:00Z 2026-11-25T00:00:00Z")
    );
    let (relief, until, next) = told("stranger", "2026-11-24T01:00:00Z");
    assert_eq!((relief.as_str(), until, next), ("2026-11-24T06:00:00Z wang", None, None));
}

#[test]
fn the_end_of_an_exception_is_not_part_of_it() {
    for (kind, inside) in [("remove", ""), ("replace", "chen")] {
        let by = if kind == "replace" { "by='chen'" } else { "" };
        let roster = with(&format!(
            "[[exceptions]]\nkind='{kind}'\nfrom='2026-11-23T10:00'\nto='2026-11-23T12:00'\nperson='li'\n{by}"
        ));
        for (instant, who) in [
            ("2026-11-23T09:59:59.999Z", "li"),
            ("2026-11-23T10:00:00Z", inside),
            ("2026-11-23T11:59:59.999Z", inside),
            ("2026-11-23T12:00:00Z", "li"),
        ] {
            assert_eq!(on_call(&roster, instant), who, "{kind} at {instant}");
        }
    }
}

#[test]
fn somebody_comes_on_top_and_only_once() {
    let roster = with(
        "[[exceptions]]\nkind='add'\nfrom='2026-11-23T10:00'\nto='2026-11-24T10:00'\nperson='wang'",
    );
    assert_eq!(
        spans(&roster, "2026-11-23T00:00:00Z", "2026-11-25T00:00:00Z"),
        ["2026-11-23T00:00:00Z li", "2026-11-23T10:00:00Z li wang", "2026-11-24T00:00:00Z wang"]
    );
    assert_eq!(roster.on_call(at("2026-11-23T10:00:00Z")).why, ["Turns", "with wang"]);
}

#[test]
fn somebody_can_be_added_outside_every_layer() {
    let roster = with(
        "[[exceptions]]\nkind='add'\nfrom='2026-11-20T10:00'\nto='2026-11-20T12:00'\nperson='chen'",
    );
    assert_eq!(
        spans(&roster, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        ["2026-11-20T00:00:00Z -", "2026-11-20T10:00:00Z chen", "2026-11-20T12:00:00Z -"]
    );
}

#[test]
fn whoever_is_away_leaves_a_gap_that_is_shown_with_its_reason() {
    let roster = with(
        "[[exceptions]]\nkind='remove'\nfrom='2026-11-24'\nto='2026-11-25'\nperson='wang'\nnote='holiday'",
    );
    let gap = roster
        .shifts(at("2026-11-23T00:00:00Z"), at("2026-11-26T00:00:00Z"))
        .find(|span| span.people.is_empty())
        .unwrap();
    assert_eq!((gap.start, gap.end), (at("2026-11-24T00:00:00Z"), at("2026-11-25T00:00:00Z")));
    assert_eq!(gap.why, ["Turns", "without wang (holiday)"]);
}

const SWAP: &str = "[[exceptions]]\nkind='swap'\nfrom='2026-11-23'\nto='2026-11-24'\nperson='li'\n\
                    with_from='2026-11-24'\nwith_to='2026-11-25'\nwith_person='wang'";

#[test]
fn two_people_exchange_their_days() {
    let roster = with(SWAP);
    assert_eq!(
        spans(&roster, "2026-11-23T00:00:00Z", "2026-11-28T00:00:00Z"),
        [
            "2026-11-23T00:00:00Z wang",
            "2026-11-24T00:00:00Z li",
            "2026-11-25T00:00:00Z zhao",
            "2026-11-26T00:00:00Z li", // the next round is as it was
            "2026-11-27T00:00:00Z wang",
        ]
    );
    assert_eq!(on_call(&roster, "2026-11-23T23:59:59.999Z"), "wang");
    assert_eq!(roster.on_call(at("2026-11-24T00:00:00Z")).why, ["Turns", "swap: li for wang"]);
}

#[test]
fn a_swap_over_one_period_for_both_exchanges_whoever_has_a_duty_then() {
    let roster = with(
        "[[exceptions]]\nkind='swap'\nfrom='2026-11-23'\nto='2026-11-26'\nperson='li'\n\
         with_from='2026-11-23'\nwith_to='2026-11-26'\nwith_person='wang'",
    );
    assert_eq!(
        spans(&roster, "2026-11-23T00:00:00Z", "2026-11-27T00:00:00Z"),
        [
            "2026-11-23T00:00:00Z wang",
            "2026-11-24T00:00:00Z li",
            "2026-11-25T00:00:00Z zhao",
            "2026-11-26T00:00:00Z li",
        ]
    );
}

#[test]
fn exceptions_are_made_in_the_order_they_are_listed() {
    let away = "[[exceptions]]\nkind='remove'\nfrom='2026-11-23'\nto='2026-11-24'\nperson='wang'\n";
    assert_eq!(on_call(&with(&format!("{SWAP}\n{away}")), "2026-11-23T12:00:00Z"), "");
    assert_eq!(on_call(&with(&format!("{away}\n{SWAP}")), "2026-11-23T12:00:00Z"), "wang");
}

#[test]
fn whoever_stands_in_and_is_on_call_anyway_is_there_once() {
    let roster = roster(
        "UTC",
        "[[layers]]\nkind='shift'\nname='All'\ndays=['mon']\nfrom='00:00'\nto='00:00'\npeople=['li','chen','wang']\n\
         [[exceptions]]\nkind='replace'\nfrom='2026-11-23'\nto='2026-11-24'\nperson='li'\nby='wang'",
    );
    assert_eq!(on_call(&roster, "2026-11-23T12:00:00Z"), "chen wang");
}

#[test]
fn the_times_of_an_exception_are_wall_times_on_the_nights_of_change_too() {
    // Chicago 2026-11-01: 01:30 happens at 06:30Z and at 07:30Z; the first one counts.
    let roster = roster(
        "America/Chicago",
        "[[exceptions]]\nkind='add'\nfrom='2026-11-01T01:30'\nto='2026-11-01T02:00'\nperson='chen'\n\
         [[exceptions]]\nkind='add'\nfrom='2026-03-08T02:15'\nto='2026-03-08T03:15'\nperson='li'",
    );
    assert_eq!(
        spans(&roster, "2026-03-08T00:00:00Z", "2026-11-02T00:00:00Z"),
        [
            "2026-03-08T00:00:00Z -",
            "2026-03-08T08:00:00Z li",
            "2026-03-08T08:15:00Z -",
            "2026-11-01T06:30:00Z chen",
            "2026-11-01T08:00:00Z -",
        ]
    );
}
