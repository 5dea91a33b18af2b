//! Who is meant by the words of an event.

use gengfu_core::id::PersonId;

/// What stands between names.
const BETWEEN: [char; 9] = [',', '，', '、', ';', '；', '\n', '/', '&', '+'];

/// Stands where a name was that is known already.
const TAKEN: char = '\u{0}';

/// What somebody is called, in the order in which names are looked for: the longest first, so that
/// "王阿姨的女儿" is not taken for "王阿姨".
#[derive(Debug, Clone)]
pub struct Names(Vec<(String, PersonId)>);

impl Names {
    /// Of names, or whatever else somebody is called by, and who it is.
    pub fn new(names: impl IntoIterator<Item = (String, PersonId)>) -> Self {
        let names = names.into_iter().map(|(name, person)| (name.trim().to_lowercase(), person));
        let is_one = |(name, _): &(String, PersonId)| !name.is_empty() && !name.contains(TAKEN);
        let mut names: Vec<_> = names.filter(is_one).collect();
        names.sort_by(|(a, _), (b, _)| b.chars().count().cmp(&a.chars().count()).then(a.cmp(b)));
        names.dedup();
        Self(names)
    }

    /// Everybody whom these words name. The error is the part that names nobody, or two people at once.
    pub(super) fn in_words(&self, words: &str) -> Result<Vec<PersonId>, String> {
        let mut people = Vec::new();
        let mut rest = words.to_lowercase();
        // Names with a comma of their own are found before the words are cut at commas.
        for (name, person) in self.0.iter().filter(|(name, _)| name.contains(BETWEEN)) {
            while let Some(at) = find(&rest, name) {
                rest.replace_range(at..at + name.len(), &TAKEN.to_string());
                add(&mut people, person);
            }
        }
        for part in rest.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty()) {
            match self.one(part) {
                Ok(person) => add(&mut people, person),
                Err(_) if part.contains(TAKEN) => {}
                Err(unknown) => return Err(unknown),
            }
        }
        if people.is_empty() { Err(words.trim().to_owned()) } else { Ok(people) }
    }

    /// The one person named in a part: "夜班 王阿姨" is Aunt Wang.
    fn one(&self, part: &str) -> Result<&PersonId, String> {
        let mut rest = part.to_owned();
        let mut found: Option<&PersonId> = None;
        for (name, person) in &self.0 {
            while let Some(at) = find(&rest, name) {
                rest.replace_range(at..at + name.len(), &TAKEN.to_string());
                if found.is_some_and(|other| other != person) {
                    return Err(part.to_owned());
                }
                found = Some(person);
            }
        }
        found.ok_or_else(|| part.to_owned())
    }

    /// Who takes part, by name or address; none where one of them is not known.
    pub(super) fn attending(&self, attendees: &[[String; 2]]) -> Option<Vec<PersonId>> {
        let mut people = Vec::new();
        for called in attendees {
            let is = |name: &str| called.iter().any(|c| c.trim().to_lowercase() == name);
            add(&mut people, &self.0.iter().find(|(name, _)| is(name))?.1);
        }
        (!people.is_empty()).then_some(people)
    }
}

fn add(people: &mut Vec<PersonId>, person: &PersonId) {
    if !people.contains(person) {
        people.push(person.clone());
    }
}

/// Where a name stands by itself: "Li" does not stand in "Lisa". Chinese has no spaces to go by.
fn find(text: &str, name: &str) -> Option<usize> {
    let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && !is_han(c));
    let mut places = text.match_indices(name).map(|(at, _)| at);
    places.find(|at| {
        let (before, after) =
            (text[..*at].chars().next_back(), text[at + name.len()..].chars().next());
        let (first, last) = (name.chars().next(), name.chars().next_back());
        !(is_letter(before) && is_letter(first) || is_letter(after) && is_letter(last))
    })
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let names = [
            ("王阿姨", "wang"),
            ("wang", "wang"),
            ("王阿姨的女儿", "xiaowang"),
            ("Li", "li"),
            ("Lisa", "lisa"),
            ("Zhao, Lei", "zhao"),
        ];
        Names::new(names.map(|(name, id)| (name.to_owned(), PersonId::from(id))))
    }

    fn who(words: &str) -> Result<Vec<String>, String> {
        names().in_words(words).map(|people| people.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn names_are_found_in_the_words_around_them() {
        assert_eq!(who("王阿姨").unwrap(), ["wang"]);
        assert_eq!(who("夜班：王阿姨").unwrap(), ["wang"]);
        assert_eq!(who("王阿姨的女儿、 li").unwrap(), ["xiaowang", "li"]);
        assert_eq!(who("On call: Zhao, Lei, LISA").unwrap(), ["zhao", "lisa"]);
        assert_eq!(who("wang (王阿姨)").unwrap(), ["wang"]);
    }

    #[test]
    fn what_names_nobody_is_told_and_nobody_is_dropped_in_silence() {
        assert_eq!(who("王阿姨, 张三").unwrap_err(), "张三");
        assert_eq!(who("Lima").unwrap_err(), "lima");
        assert_eq!(who("li lisa").unwrap_err(), "li lisa");
        assert_eq!(who("").unwrap_err(), "");
    }
}
