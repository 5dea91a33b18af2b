//! What the pages for people tell them to write is understood by the gateway.

use std::{fs, path::PathBuf};

use clap::Parser;
use gengfu::{
    cli::{Cli, Command},
    profile,
};
use gengfu_core::{
    advice::{Card, PlaceNote},
    escalation::policy::Policy,
    id::DeviceId,
    person::Person,
    roster::Roster,
    text::Text,
};
use gengfu_field::profile::{Library, Overrides};
use serde_json::Value;

fn page(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The JSON examples of a page, in its order.
fn examples(name: &str) -> Vec<Value> {
    let page = page(name);
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks
        .map(|block| serde_json::from_str(block).unwrap_or_else(|e| panic!("{block}: {e}")))
        .collect()
}

#[test]
fn what_the_maintainer_puts_is_understood() {
    let all = <[Value; 5]>::try_from(examples("maintainer.md")).unwrap();
    let [mut person, roster, card, note, policy] = all;
    person["id"] = "li-hua".into();
    let person: Person = serde_json::from_value(person).unwrap();
    assert_eq!(person.methods.len(), 2);
    let roster: Roster = serde_json::from_value(roster).unwrap();
    assert!(roster.validate().is_empty(), "{:?}", roster.validate());
    assert_eq!(roster.people().len(), 4);
    let policy: Policy = serde_json::from_value(policy).unwrap();
    assert_eq!(policy.steps.len(), 3);
    let card: Card = serde_json::from_value(card).unwrap();
    card.check().unwrap();
    let note: PlaceNote = serde_json::from_value(note).unwrap();
    note.check().unwrap();
    assert_eq!((note.things.len(), note.flats.len()), (1, 1));
}

#[test]
fn the_installer_s_board_is_understood() {
    let [board] = <[Value; 1]>::try_from(examples("installer.md")).unwrap();
    let id: DeviceId = serde_json::from_value(board["id"].clone()).unwrap();
    let name: Text = serde_json::from_value(board["name"].clone()).unwrap();
    let options: Overrides = serde_json::from_value(board["options"].clone()).unwrap();
    let library = Library::shipped().unwrap();
    let profile = library.get(board["profile"].as_str().unwrap()).unwrap();
    let place = board["place"].as_str().unwrap().into();
    let made = profile.expand(&id, &name, &place, &options).unwrap();
    for rule in ["pit-1/in1-trapped", "pit-1/in2-fire", "pit-1/in3-water"] {
        assert!(made.device.rules.iter().any(|r| r.id.as_str() == rule), "no rule {rule}");
    }
}

#[test]
fn the_installer_s_table_names_every_role_of_a_board() {
    let page = page("installer.md");
    let library = Library::shipped().unwrap();
    let mut roles = 0;
    for (role, _) in library.get("board").unwrap().roles() {
        assert!(page.contains(&format!("| `{role}` |")), "the table has no role {role}");
        roles += 1;
    }
    assert!(roles >= 9);
}

/// The only block of a page in this language, or the one of its number.
fn block(page: &str, language: &str, number: usize) -> String {
    let mark = format!("```{language}\n");
    let rest = page.split(&mark).nth(number + 1).unwrap();
    rest.split("```").next().unwrap().to_owned()
}

#[test]
fn the_example_of_a_profile_is_tried_and_prints_what_the_page_says() {
    let page = page("profiles.md");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tank.toml"), block(&page, "toml", 0)).unwrap();
    let command = block(&page, "sh", 0);
    // Quotes as a shell takes them: what stands between two of them is one word.
    let words = command.trim().split('\'').enumerate().flat_map(|(n, part)| match n % 2 {
        0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
        _ => vec![part.to_owned()],
    });
    let words = words.map(|word| match word.as_str() {
        "profiles.d" => folder.path().to_string_lossy().into_owned(),
        _ => word,
    });
    let cli = Cli::try_parse_from(words).unwrap();
    let Command::Profile { command } = cli.command else { panic!("the page tries no profile") };
    let (mut out, mut complaints) = (vec![], vec![]);
    profile::run(&command, &mut out, &mut complaints).unwrap();
    assert_eq!(String::from_utf8(complaints).unwrap(), "");
    assert_eq!(String::from_utf8(out).unwrap(), block(&page, "text", 0));
}
