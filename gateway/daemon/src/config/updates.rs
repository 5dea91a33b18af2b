//! `[updates]`: whose firmware boards are given.

use std::path::PathBuf;

use super::{fields::Fields, secret};
use crate::board::key;

/// Reads `[updates]`: the file with the public key that firmware is signed by.
pub fn read(mut fields: Fields<'_>) -> Option<PathBuf> {
    let problems = fields.walk.problems;
    let span = fields.span.clone();
    let file = secret::file(&mut fields, "key_file");
    fields.done();
    if let Some(Err(error)) = file.as_deref().map(key::public) {
        problems.error(
            &span,
            format!("`key_file` can't be used: {error:#}"),
            "name the .pub file that `gengfu board keygen` made, not the private one",
        );
    }
    file
}
