//! The API's document is a contract: pages and programs are written against it.

/// The document as it is committed. `UPDATE=1 cargo nextest run -p gengfu-web openapi` writes it anew.
const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn the_document_is_the_one_that_is_committed() {
    let mut now = gengfu_web::api::document().to_pretty_json().unwrap();
    now.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(SNAPSHOT, &now).unwrap();
    }
    let committed = std::fs::read_to_string(SNAPSHOT).unwrap_or_default();
    if now != committed {
        let at = now.lines().zip(committed.lines()).position(|(a, b)| a != b).unwrap_or(0);
        panic!(
            "the API has changed, first at line {} of openapi.json. Where that is meant, write it anew with UPDATE=1 and review the difference:\n- {}\n+ {}",
            at + 1,
            committed.lines().nth(at).unwrap_or_default(),
            now.lines().nth(at).unwrap_or_default(),
        );
    }
}
