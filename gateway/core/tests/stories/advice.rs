//! Advice for whoever goes: what to do first, who has the keys, who needs help.

use gengfu_core::{
    advice::{Card, Flat, PlaceNote, Thing},
    danger::Danger,
    id::{DeviceId, PersonId, PlaceId},
    incident::Cause,
    input::Command,
    refusal::Refusal,
    state::State,
    text::Text,
    time::Span,
};

use crate::story::{Story, person};

fn thing(what: &str, holder: Option<&str>) -> Thing {
    let kept_at = Text::new("一楼值班室", "Porter's lodge");
    Thing { what: what.into(), kept_at, holder: holder.map(PersonId::from) }
}

fn flat(flat: &str) -> Flat {
    Flat { flat: flat.into(), help: Text::new("坐轮椅", "Wheelchair") }
}

fn note(place: &str, things: Vec<Thing>, flats: Vec<Flat>) -> Command {
    Command::PutNote { place: place.into(), note: PlaceNote { things, flats } }
}

/// The names of the things for the last incident, and the flats.
fn shown(story: &Story) -> (Vec<String>, Vec<String>) {
    let (advice, places) = (&story.state.advice, &story.state.wiring.places);
    let incident = story.incident();
    let at = |place: &PlaceId, words: &str| format!("{place}: {words}");
    let things = advice.things(places, &incident.place).map(|(p, t)| at(p, &t.what.en)).collect();
    let flats = advice.flats(places, incident).into_iter().map(|(p, f)| at(p, &f.flat)).collect();
    (things, flats)
}

/// The keys of the lifts, the rescue kit of the building, and somebody who needs help in three places.
fn noted() -> Story {
    let mut story = Story::at("20:00");
    story.admin(note("car-1", vec![thing("Machine room key", Some("wang"))], vec![]));
    story.admin(note("car-2", vec![thing("Key of the other lift", None)], vec![]));
    story.admin(note("b3", vec![thing("Rescue kit", None)], vec![flat("1101")]));
    story.admin(note("stairs", vec![], vec![flat("201")]));
    story.admin(note("yard", vec![thing("Hydrant key", None)], vec![flat("Lodge")]));
    story
}

#[test]
fn what_a_rescue_takes_is_found_walking_outward_from_the_place() {
    let mut story = noted();
    story.press("lift-1/call").whatever();
    let (things, flats) = shown(&story);
    assert_eq!(things, ["car-1: Machine room key", "b3: Rescue kit"]);
    assert!(flats.is_empty(), "nobody has to be fetched from a flat: {flats:?}");
    story.restart().whatever();
    assert_eq!(shown(&story).0, things, "it is in the journal");
}

#[test]
fn a_fire_shows_who_needs_help_until_it_is_over() {
    let mut story = noted();
    story.press("stairs/smoke-1").whatever();
    assert_eq!(shown(&story).1, ["stairs: 201", "b3: 1101"], "and not the yard's");
    story.going("wang").there("wang").ends("wang", Cause::FalseAlarm);
    assert!(shown(&story).1.is_empty(), "the need to know has ended");
}

#[test]
fn a_fire_somewhere_in_a_building_shows_what_is_noted_inside_it() {
    let mut story = noted();
    story.rewire(|wiring| {
        let stairs = &mut wiring.devices[&DeviceId::from("stairs")];
        std::sync::Arc::make_mut(stairs).place = "b3".into();
    });
    story.press("stairs/smoke-1").whatever();
    assert_eq!(shown(&story).1, ["b3: 1101", "stairs: 201"]);
}

#[test]
fn whoever_tests_a_smoke_detector_sees_no_flats() {
    let mut story = noted();
    story.admin(Command::PutPerson(person("zhang", &["push"])));
    let until = story.now + Span::mins(30);
    story.does("zhang", Command::BeginWalkTest { device: "stairs".into(), until });
    story.press("stairs/smoke-1").whatever();
    assert!(story.incident().test.is_some());
    assert!(shown(&story).1.is_empty());
}

#[test]
fn an_edited_card_takes_the_place_of_the_usual_one_until_it_is_taken_back() {
    let mut story = Story::at("20:00");
    let usual = Card::usual(Danger::Trapped);
    assert_eq!(story.state.advice.card(Danger::Trapped), usual);
    let card = Card { steps: vec![Text::new("先找老李拿钥匙", "Get the key from Li")] };
    story.admin(Command::PutCard { danger: Danger::Trapped, card: card.clone() });
    story.restart();
    assert_eq!(story.state.advice.card(Danger::Trapped), card);
    assert_eq!(story.state.advice.card(Danger::Fire), Card::usual(Danger::Fire));
    story.admin(Command::RemoveCard(Danger::Trapped));
    assert_eq!(story.state.advice.card(Danger::Trapped), usual);
    let refusal = story.refused("wang", Command::RemoveCard(Danger::Trapped));
    assert_eq!(refusal.to_string(), "there is no edited card \"trapped\"");
}

#[test]
fn what_nobody_could_read_or_find_is_refused() {
    let mut story = Story::at("20:00");
    let card = |steps: Vec<Text>| Command::PutCard { danger: Danger::Fire, card: Card { steps } };
    let step = |words: &str| Text::new("", words);
    let nameless = Thing { what: Text::default(), ..thing("", None) };
    for (command, words) in [
        (card(vec![]), "needs a step"),
        (card(vec![step("go"); 7]), "7 steps: use 6"),
        (card(vec![step(&"x".repeat(121))]), "steps[0] has 121 characters: use 120"),
        (card(vec![step("go"), step("  ")]), "steps[1] is empty"),
        (note("b3", vec![nameless], vec![]), "things[0].what is empty"),
        (note("b3", vec![thing("Key", None); 21], vec![]), "21 things: use 20"),
        (note("b3", vec![], vec![flat("1101"); 61]), "61 flats: use 60"),
        (note("b3", vec![], vec![flat(" ")]), "flats[0].flat is empty"),
        (note("b3", vec![], vec![flat(&"1".repeat(31))]), "flats[0].flat has 31 characters"),
    ] {
        let Refusal::Invalid(said) = story.refused("wang", command) else { panic!("{words}") };
        assert!(said.contains(words), "{said}");
    }
    for command in
        [note("moon", vec![], vec![]), note("b3", vec![thing("Key", Some("nobody"))], vec![])]
    {
        let refusal = story.refused("wang", command);
        assert!(matches!(refusal, Refusal::Unknown { .. }), "{refusal:?}");
    }
}

#[test]
fn a_key_holder_is_not_removed_before_the_keys_are_somebody_elses() {
    let mut story = Story::at("20:00");
    story.admin(Command::PutPerson(person("sun", &["push"])));
    story.admin(note("car-1", vec![thing("Machine room key", Some("sun"))], vec![]));
    let refusal = story.refused("wang", Command::RemovePerson("sun".into()));
    assert!(refusal.to_string().contains("what is noted of place \"car-1\""), "{refusal}");
    story.admin(note("car-1", vec![], vec![]));
    assert!(story.state.advice.notes.is_empty(), "an empty note is none");
    story.admin(Command::RemovePerson("sun".into()));
}

#[test]
fn a_snapshot_of_before_is_read_and_nothing_for_debugging_tells_of_a_flat() {
    let story = noted();
    let mut kept = serde_json::to_value(&story.state).unwrap();
    let back: State = serde_json::from_value(kept.clone()).unwrap();
    assert_eq!(back.advice, story.state.advice);
    kept.as_object_mut().unwrap().remove("advice").unwrap();
    let old: State = serde_json::from_value(kept).unwrap();
    assert!(old.advice.cards.is_empty() && old.advice.notes.is_empty());
    let said = format!("{:?} {:?}", story.state.advice, note("b3", vec![], vec![flat("1101")]));
    assert!(!said.contains("1101") && !said.contains("Wheelchair"), "{said}");
}
