//! `[boards]`: what new boards are made of.

use std::path::{Path, PathBuf};

use super::{fields::Fields, secret};

/// The folder of the images, below the data folder, unless the file says otherwise.
const IMAGES: &str = "firmware";

/// Reads `[boards]`: the folder with the firmware that new boards are given. One that is named must be there.
pub fn read(mut fields: Fields<'_>, data_dir: &Path) -> PathBuf {
    let walk = fields.walk;
    let named = fields.optional::<PathBuf>("images");
    fields.done();
    let Some(at) = named else { return data_dir.join(IMAGES) };
    let folder = secret::full(walk.folder, &at.value);
    if !folder.is_dir() {
        walk.problems.error(
            &at.span,
            format!("`images` names {}, which is no folder", folder.display()),
            "make the folder and put the boards' firmware into it, as w5500-evb-pico.elf",
        );
    }
    folder
}
