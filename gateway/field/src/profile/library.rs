//! All profiles by name: the shipped ones and the operator's own.

use std::{collections::BTreeMap, path::Path};

use super::{Profile, ProfileError};

/// The profiles that come with the gateway.
const SHIPPED: [(&str, &str); 6] = [
    ("board", include_str!("../../profiles/board.toml")),
    ("carphone", include_str!("../../profiles/carphone.toml")),
    ("modem", include_str!("../../profiles/modem.toml")),
    ("json", include_str!("../../profiles/json.toml")),
    ("nice3000", include_str!("../../profiles/nice3000.toml")),
    ("notifier-gw", include_str!("../../profiles/notifier-gw.toml")),
];

/// All profiles by name.
#[derive(Debug, Clone)]
pub struct Library(BTreeMap<String, Profile>);

impl Library {
    /// The profiles that come with the gateway. They are tested, so an error means a broken build.
    pub fn shipped() -> Result<Self, Vec<ProfileError>> {
        let mut all = BTreeMap::new();
        for (name, text) in SHIPPED {
            let profile = Profile::parse(name, &format!("profiles/{name}.toml"), text)?;
            all.insert(name.to_owned(), profile);
        }
        Ok(Self(all))
    }

    /// Adds the operator's own: every `*.toml` in `folder`; one named like a shipped one takes its
    /// place. Good ones are added even where others are at fault. Returns all mistakes.
    pub fn add_folder(&mut self, folder: &Path) -> Vec<ProfileError> {
        let fault = |problem: std::io::Error, remedy: &str| {
            ProfileError::new("", problem.to_string(), remedy).on(&folder.to_string_lossy(), None)
        };
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) => return vec![fault(e, "make the folder, or set the right one")],
        };
        let mut mistakes = Vec::new();
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(e) => {
                    mistakes.push(fault(e, "make the folder readable for the gateway"));
                    continue;
                }
            };
            if path.extension().is_none_or(|x| x != "toml") {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let file = path.to_string_lossy();
            match std::fs::read_to_string(&path) {
                Err(e) => mistakes.push(
                    ProfileError::new("", e.to_string(), "make the file readable UTF-8 text")
                        .on(&file, None),
                ),
                Ok(text) => match Profile::parse(&name, &file, &text) {
                    Ok(profile) => {
                        self.0.insert(name, profile);
                    }
                    Err(found) => mistakes.extend(found),
                },
            }
        }
        mistakes.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        mistakes
    }

    /// The profile of this name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values()
    }
}
