//! Imports run one way: `daemon → {field, store, channel, web, sim} → core`, and
//! `{field, sim} → wire`; `sim` drives the codecs of `field` and `store`. Core knows nothing of the world but its arguments.

use std::collections::BTreeSet;

use crate::walk::{files, folders, read};

/// Which of our crates each of our crates may use.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("core", &[]),
    ("wire", &[]),
    ("store", &["core"]),
    ("channel", &["core"]),
    ("web", &["core"]),
    ("field", &["core", "wire"]),
    ("sim", &["core", "wire", "field", "store"]),
    ("daemon", &["core", "wire", "field", "store", "channel", "web", "sim"]),
];

/// Everything that core is built from. What is added here must be pure too.
const CORE_IS_BUILT_FROM: [&str; 5] = ["imbl", "jiff", "serde", "thiserror", "utoipa"];

fn manifest(krate: &str) -> toml::Table {
    let path = format!("gateway/{krate}/Cargo.toml");
    read(&path).parse().unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn names(manifest: &toml::Table, section: &str) -> BTreeSet<String> {
    let table = manifest.get(section).and_then(toml::Value::as_table);
    table.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

#[test]
fn imports_run_one_way() {
    let known: Vec<&str> = MAY_USE.iter().map(|(name, _)| *name).collect();
    let mut found = folders("gateway");
    found.retain(|name| !known.contains(&name.as_str()));
    assert!(found.is_empty(), "say in MAY_USE what these crates may use: {found:?}");
    for (krate, allowed) in MAY_USE {
        let manifest = manifest(krate);
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in names(&manifest, section) {
                let Some(ours) = name.strip_prefix("gengfu-") else { continue };
                assert!(allowed.contains(&ours), "{krate} may not use {ours} ({section})");
            }
        }
    }
}

#[test]
fn core_is_built_from_pure_things_only() {
    let allowed: BTreeSet<String> = CORE_IS_BUILT_FROM.map(str::to_owned).into();
    assert_eq!(names(&manifest("core"), "dependencies"), allowed);
    assert!(names(&manifest("core"), "build-dependencies").is_empty());
}

#[test]
fn core_asks_nothing_of_the_world() {
    let forbidden = [
        "tokio",
        "std::net",
        "std::fs",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "TimeZone::system",
        "HashMap",
        "HashSet",
        "rand::",
        "getrandom",
        "println!",
        "static mut",
        "OnceLock",
        "LazyLock",
        "thread_local!",
    ];
    let sources = files("gateway/core/src", &[".rs"]);
    assert!(sources.len() > 20, "core was not found");
    let mut faults = vec![];
    for source in sources {
        for (n, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in forbidden.iter().filter(|word| holds_word(code, word)) {
                faults.push(format!("{}:{}: {word}", source.path, n + 1));
            }
        }
    }
    assert!(faults.is_empty(), "core is pure, `now` and ids are arguments:\n{}", faults.join("\n"));
}

/// True if `word` stands in `code` and is no part of a longer name.
fn holds_word(code: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && (word.ends_with("::") || !after.is_some_and(is_name))
    })
}

#[test]
fn a_word_is_told_from_a_part_of_a_name() {
    assert!(holds_word("use std::time::Instant;", "Instant"));
    assert!(holds_word("rand::random()", "rand::"));
    assert!(!holds_word("let Instantly = 1;", "Instant"));
    assert!(!holds_word("operand::x()", "rand::"));
}

#[test]
fn boards_share_only_the_wire_protocol_with_the_gateway() {
    for source in files("firmware", &["Cargo.toml"]) {
        let manifest: toml::Table = source.text.parse().unwrap();
        for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for name in names(&manifest, section) {
                let is_of_gateway =
                    MAY_USE.iter().any(|(krate, _)| name == format!("gengfu-{krate}"));
                assert!(
                    !is_of_gateway || name == "gengfu-wire",
                    "{} may not use {name}",
                    source.path
                );
            }
        }
    }
}

#[test]
fn the_bans_of_core_s_clippy_toml_are_in_force() {
    let bans: toml::Table = read("gateway/core/clippy.toml").parse().unwrap();
    let entries = ["disallowed-types", "disallowed-methods"]
        .iter()
        .flat_map(|list| bans[*list].as_array().unwrap().clone());
    let banned: Vec<String> = entries
        .map(|entry| {
            let reason = entry["reason"].as_str().unwrap();
            assert!(reason.len() > 10, "each ban says why: {entry}");
            entry["path"].as_str().unwrap().to_owned()
        })
        .collect();
    for path in [
        "std::time::Instant",
        "std::time::SystemTime",
        "std::collections::HashMap",
        "std::thread::spawn",
    ] {
        assert!(banned.iter().any(|b| b == path), "{path} is not banned in core");
    }
}

#[test]
fn architecture_names_every_crate_and_no_other() {
    let page = read("ARCHITECTURE.md");
    let mut named: BTreeSet<String> = BTreeSet::new();
    for (at, _) in page.match_indices("gateway/") {
        let rest = &page[at + "gateway/".len()..];
        let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        if end > 0 {
            named.insert(rest[..end].to_owned());
        }
    }
    let there: BTreeSet<String> = folders("gateway").into_iter().collect();
    assert_eq!(named, there, "the crates in ARCHITECTURE.md are those in gateway/");
    for folder in ["dashboard", "deploy", "docs", "firmware", "tests"] {
        assert!(
            page.contains(&format!("{folder}/")),
            "ARCHITECTURE.md does not speak of {folder}/"
        );
    }
    let lines = page.lines().count();
    assert!(lines <= 120, "one page, not {lines} lines");
}
