//! What the configuration sets a profile's parameters to.

use std::collections::BTreeMap;

use super::{
    Overrides, Profile, ProfileError, Setting,
    error::list,
    template::{UNFILLED, unfilled},
};

/// The longest word that a parameter can be set to, in bytes.
const MAX_WORD: usize = 64;

/// These would change the meaning of the topic or pointer that a word becomes a part of.
const FORBIDDEN: [char; 5] = ['/', '+', '#', '{', '}'];

impl Profile {
    /// Where the device says whether it is there.
    pub(super) fn availability(
        &self,
        parameters: &BTreeMap<String, Setting>,
        mistakes: &mut Vec<ProfileError>,
    ) -> String {
        let mut topic = self.whole.availability.clone();
        for (name, setting) in parameters {
            topic = topic.replace(&format!("{{{name}}}"), &setting.to_string());
        }
        if let Some(word) = unfilled(&topic) {
            let problem = format!("nothing is called {{{word}}}");
            mistakes.push(ProfileError::new("availability", problem, UNFILLED));
        }
        topic
    }

    /// Where its messages have a number of their own.
    pub(super) fn dedupe(&self, mistakes: &mut Vec<ProfileError>) -> Option<String> {
        let pointer = self.whole.dedupe.clone()?;
        if !pointer.starts_with('/') {
            let problem = format!("\"{pointer}\" is no JSON pointer");
            let remedy = "begin it with \"/\", as in \"/deduplicationId\"";
            mistakes.push(ProfileError::new("dedupe", problem, remedy));
        }
        Some(pointer)
    }

    /// What each parameter is set to: by the configuration, or by default.
    pub(super) fn settings(
        &self,
        overrides: &Overrides,
        mistakes: &mut Vec<ProfileError>,
    ) -> BTreeMap<String, Setting> {
        let known = &self.whole.parameters;
        for (name, setting) in &overrides.parameters {
            let mut wrong = |problem: String, remedy: &str| {
                let at = format!("parameters.{name}");
                mistakes.push(ProfileError::new(at, problem, remedy));
            };
            match (known.get(name), setting) {
                (None, _) => wrong(
                    format!("profile {} has no such parameter", self.name),
                    &format!("use one of: {}", list(known.keys())),
                ),
                (Some(p), Setting::Number(n)) if !p.is_word() => {
                    if !(p.min..=p.max).contains(n) {
                        let remedy = format!("use {} to {}", p.min, p.max);
                        wrong(format!("{n} is out of range"), &remedy);
                    }
                }
                (Some(p), Setting::Word(word)) if !p.is_word() => {
                    let remedy = format!("use {} to {}", p.min, p.max);
                    wrong(format!("\"{word}\" is no number"), &remedy);
                }
                (Some(_), setting) => {
                    let word = setting.to_string();
                    if !(1..=MAX_WORD).contains(&word.len()) || word.contains(FORBIDDEN) {
                        let remedy =
                            "use up to 64 letters, digits and signs, but none of / + # { }";
                        wrong(format!("\"{word}\" can't be used"), remedy);
                    }
                }
            }
        }
        let value = |name: &String, default: &Setting| {
            overrides.parameters.get(name).unwrap_or(default).clone()
        };
        known.iter().map(|(name, p)| (name.clone(), value(name, &p.default))).collect()
    }
}
