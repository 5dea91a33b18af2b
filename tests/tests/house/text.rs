//! What no file of the product may hold.

use crate::walk::{files, read};

/// Files that people write.
const WRITTEN: [&str; 18] = [
    ".rs", ".ts", ".svelte", ".mjs", ".js", ".css", ".html", ".toml", ".md", ".py", ".sh",
    ".service", ".conf", ".acl", ".json", ".yml", ".snap", "run",
];

/// A file of Rust is shorter than this: one concept a file.
const LINES: usize = 400;

/// True for files that a tool writes.
fn is_made(path: &str) -> bool {
    path.ends_with("-lock.json") || path.ends_with("schema.d.ts")
}

#[test]
fn every_file_of_rust_holds_one_concept() {
    let sources = files(".", &[".rs"]);
    assert!(sources.len() > 100, "the sources were not found");
    let long: Vec<String> = sources
        .iter()
        .map(|s| (s.text.lines().count(), &s.path))
        .filter(|(lines, _)| *lines >= LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "split these by concept:\n{}", long.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let marks: Vec<String> = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["todo", "!("],
        ["unimpl", "emented!("],
        ["dbg", "!("],
        ["#[ig", "nore"],
        [".only", "("],
        ["test.sk", "ip("],
    ]
    .iter()
    .map(|parts| parts.concat())
    .collect();
    let faults = lines_with(&marks);
    assert!(faults.is_empty(), "finish these, or take them out:\n{}", faults.join("\n"));
}

#[test]
fn no_file_knows_the_machine_that_it_was_written_on() {
    let marks: Vec<String> =
        [["/wo", "rk/"], ["/tmp/", "target"], ["/home/", "runner"], [".cargo/", "registry"]]
            .iter()
            .map(|parts| parts.concat())
            .collect();
    let faults = lines_with(&marks);
    assert!(faults.is_empty(), "these name a machine's folders:\n{}", faults.join("\n"));
}

fn lines_with(marks: &[String]) -> Vec<String> {
    let sources = files(".", &WRITTEN);
    assert!(sources.len() > 150, "the files were not found");
    let mut faults = vec![];
    for source in sources.iter().filter(|s| !is_made(&s.path)) {
        for (n, line) in source.text.lines().enumerate() {
            for mark in marks.iter().filter(|mark| line.contains(*mark)) {
                faults.push(format!("{}:{}: {mark}", source.path, n + 1));
            }
        }
    }
    faults
}

#[test]
fn the_readme_begins_with_the_two_commands() {
    let readme = read("README.md");
    for command in ["cargo run --release -- demo", "tests/run"] {
        assert!(readme.contains(command), "README.md does not name `{command}`");
    }
}

#[test]
fn links_between_the_pages_lead_somewhere() {
    let mut faults = vec![];
    let mut links = 0;
    for page in files(".", &[".md"]) {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (at, _) in page.text.match_indices("](") {
            let target = page.text[at + 2..].split([')', '#', ' ']).next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            links += 1;
            let path = crate::walk::root().join(folder).join(target);
            if !path.exists() {
                faults.push(format!("{}: {target}", page.path));
            }
        }
    }
    assert!(links > 3, "the pages were not found");
    assert!(faults.is_empty(), "these lead nowhere:\n{}", faults.join("\n"));
}
