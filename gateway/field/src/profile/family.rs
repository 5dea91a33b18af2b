//! A profile with all that it includes: points, rules, roles and settings that kinds of devices share
//! are written once.

use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::{danger::Priority, text::Text, time::Span};
use toml::{Spanned, Table};

use super::{
    codes,
    error::ProfileError,
    schema::{File, Kind, Knobs, Parameter, Role},
};

/// Where an entry was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spot {
    pub file: Arc<str>,
    /// From 1.
    pub line: usize,
}

/// A profile as it is expanded: what it includes, and over it what it says itself.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    pub name: Text,
    pub kind: Kind,
    pub supervision: Option<Span>,
    pub silence_priority: Priority,
    pub availability: String,
    pub dedupe: Option<String>,
    pub parameters: BTreeMap<String, Parameter>,
    pub words: BTreeMap<String, Text>,
    /// The keys of `[modbus]` that somebody wrote.
    modbus: Table,
    pub knobs: Knobs,
    pub inputs: u8,
    pub points: Vec<(Spot, Table)>,
    pub rules: Vec<(Spot, Table)>,
    pub roles: Vec<(Spot, Role)>,
}

/// Where a device says whether it is there, if its profile does not say so.
const AVAILABILITY: &str = "availability";

impl Whole {
    /// Puts `file` over the profiles that it includes. An entry takes the place of an included one with
    /// the same id. `modbus` are the keys that the file itself writes.
    pub fn new(
        file: File,
        modbus: Table,
        included: &[&Whole],
        spot: impl Fn(std::ops::Range<usize>) -> Spot,
    ) -> Result<Self, Vec<ProfileError>> {
        let first = |pick: fn(&Whole) -> Option<Span>| included.iter().find_map(|w| pick(w));
        let mut whole = Self {
            supervision: file.supervision.or_else(|| first(|w| w.supervision)),
            silence_priority: file
                .silence_priority
                .or_else(|| included.first().map(|w| w.silence_priority))
                .unwrap_or(Priority::Normal),
            availability: file
                .availability
                .or_else(|| included.first().map(|w| w.availability.clone()))
                .unwrap_or_else(|| AVAILABILITY.into()),
            dedupe: file.dedupe.or_else(|| included.iter().find_map(|w| w.dedupe.clone())),
            inputs: if file.inputs == 0 {
                included.iter().map(|w| w.inputs).max().unwrap_or_default()
            } else {
                file.inputs
            },
            name: file.name,
            kind: file.kind,
            parameters: BTreeMap::new(),
            words: BTreeMap::new(),
            modbus: Table::new(),
            knobs: file.modbus,
            points: vec![],
            rules: vec![],
            roles: vec![],
        };
        for other in included {
            whole.parameters.extend(other.parameters.clone());
            whole.words.extend(other.words.clone());
            whole.modbus.extend(other.modbus.clone());
            put(&mut whole.points, other.points.iter().cloned(), id_of);
            put(&mut whole.rules, other.rules.iter().cloned(), id_of);
            put(&mut whole.roles, other.roles.iter().cloned(), id_of_role);
        }
        let mut mistakes = Vec::new();
        for (name, parameter) in file.parameters {
            let Spot { file, line } = spot(parameter.span());
            let parameter = parameter.into_inner();
            if let Some(problem) = parameter.mistake() {
                let remedy = "write min, no less as default, and no less than that as max";
                let mistake = ProfileError::new(format!("parameters.{name}"), problem, remedy);
                mistakes.push(mistake.on(&file, Some(line)));
            }
            whole.parameters.insert(name, parameter);
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        whole.words.extend(file.words);
        if !included.is_empty() {
            whole.modbus.extend(modbus);
            // Each key was read before, by itself or in the file that is included.
            whole.knobs = whole
                .modbus
                .clone()
                .try_into()
                .map_err(|e: toml::de::Error| vec![ProfileError::of("modbus", &e)])?;
        } else {
            whole.modbus = modbus;
        }
        let at = |entry: Spanned<Table>| (spot(entry.span()), entry.into_inner());
        put(&mut whole.points, file.points.into_iter().map(at), id_of);
        let coded = file.codes.iter().flat_map(|codes| {
            let spot = spot(codes.span());
            codes::rules(codes.as_ref()).into_iter().map(move |rule| (spot.clone(), rule))
        });
        put(&mut whole.rules, file.rules.into_iter().map(at).chain(coded), id_of);
        let roles = file.roles.into_iter().map(|r| (spot(r.span()), r.into_inner()));
        put(&mut whole.roles, roles, id_of_role);
        Ok(whole)
    }
}

fn id_of(table: &Table) -> Option<&str> {
    table.get("id").and_then(toml::Value::as_str)
}

fn id_of_role(role: &Role) -> Option<&str> {
    Some(&role.id)
}

/// Adds the entries of a file, each in the place of an earlier file's that has its id. Two of one file
/// are a mistake, which is found when they are expanded.
fn put<T>(
    list: &mut Vec<(Spot, T)>,
    entries: impl Iterator<Item = (Spot, T)>,
    id: fn(&T) -> Option<&str>,
) {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (at, (_, entry)) in list.iter().enumerate() {
        taken.extend(id(entry).map(|id| (id.to_owned(), at)));
    }
    for entry in entries {
        match id(&entry.1).and_then(|id| taken.remove(id)) {
            Some(at) => list[at] = entry,
            None => list.push(entry),
        }
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::{id::DeviceId, text::Text, time::Span};

    use crate::profile::{Library, Overrides, Setting, Source};

    const SENSOR: &str = r#"
name = { zh = "传感器", en = "Sensor" }
kind = "modbus"
supervision = "25h"
[parameters]
at = { default = 7 }
word = { default = "fault" }
[modbus]
numbering = "one"
pause = "20ms"
[[point]]
id = "battery"
name = { zh = "电量", en = "Battery" }
address = "{at}"
[[rule]]
id = "weak"
name = { zh = "电量低", en = "Battery low" }
danger = "{word}"
priority = "low"
when = { below = { point = "battery", setpoint = 10 } }
"#;

    const DETECTOR: &str = r#"
name = { zh = "烟感", en = "Smoke detector" }
kind = "modbus"
include = ["sensor"]
[modbus]
poll = "5s"
[[point]]
id = "smoke"
name = { zh = "烟雾", en = "Smoke" }
address = 3
[[rule]]
id = "weak"
name = { zh = "请换电池", en = "Change the battery" }
danger = "fault"
priority = "normal"
when = { below = { point = "battery", setpoint = 20 } }
"#;

    /// The library with these files of an operator's folder, and the mistakes in them.
    fn library(files: &[(&str, &str)]) -> (Library, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(format!("{name}.toml")), text).unwrap();
        }
        let mut library = Library::shipped().unwrap();
        let mistakes = library.add_folder(folder.path());
        (library, mistakes.iter().map(ToString::to_string).collect())
    }

    fn expand(library: &Library, name: &str, overrides: &Overrides) -> crate::profile::Expanded {
        let (id, title) = (DeviceId::from("d"), Text::from("d"));
        library.get(name).unwrap().expand(&id, &title, &"place".into(), overrides).unwrap()
    }

    #[test]
    fn a_family_s_points_and_settings_are_taken_over_and_its_rules_replaced() {
        // Named so that the one that includes the other comes first.
        let (library, mistakes) = library(&[("a-detector", DETECTOR), ("sensor", SENSOR)]);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let made = expand(&library, "a-detector", &Overrides::default());
        let points: Vec<&str> = made.device.points.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(points, ["d/battery", "d/smoke"]);
        let names: Vec<&str> = made.device.rules.iter().map(|r| r.name.en.as_str()).collect();
        assert_eq!(names, ["Change the battery"]);
        assert_eq!(made.device.supervision, Some(Span::hours(25)));
        let Source::Modbus { knobs, fields } = &made.source else { panic!("not Modbus") };
        assert_eq!((knobs.poll, knobs.pause), (Span::secs(5), Span::millis(20)));
        assert_eq!((fields[0].address, fields[1].address), (6, 2), "both count from one");
    }

    #[test]
    fn a_parameter_fills_in_an_address_and_a_word() {
        let (library, _) = library(&[("sensor", SENSOR)]);
        let parameters = [
            ("at".to_owned(), Setting::Number(100)),
            ("word".to_owned(), Setting::Word("gas".into())),
        ];
        let set = Overrides { parameters: parameters.into(), ..Overrides::default() };
        let made = expand(&library, "sensor", &set);
        let Source::Modbus { fields, .. } = &made.source else { panic!("not Modbus") };
        assert_eq!(fields[0].address, 99);
        assert_eq!(made.device.rules[0].danger, gengfu_core::danger::Danger::Gas);
        let kept = Overrides::from_options(&made.device.options).unwrap();
        assert_eq!(kept, set, "it is found again after a restart");
    }

    #[test]
    fn a_word_that_would_change_a_topic_is_refused() {
        let (library, _) = library(&[]);
        let lift = library.get("frigate-lift").unwrap();
        for word in ["a/b", "+", "#", "{label}", ""] {
            let parameters = [("camera".to_owned(), Setting::Word(word.into()))].into();
            let set = Overrides { parameters, ..Overrides::default() };
            let made = lift.expand(&"d".into(), &"d".into(), &"p".into(), &set);
            let mistakes = made.unwrap_err();
            assert!(mistakes[0].to_string().contains("can't be used"), "{word}: {mistakes:?}");
        }
    }

    #[test]
    fn an_own_file_may_include_the_shipped_one_of_its_name() {
        let own = "name = { zh = \"我的\", en = \"Mine\" }\nkind = \"mqtt_json\"\n\
            include = [\"zigbee-leak\"]\nsupervision = \"2h\"\n";
        let (library, mistakes) = library(&[("zigbee-leak", own)]);
        assert!(mistakes.is_empty(), "{mistakes:?}");
        let made = expand(&library, "zigbee-leak", &Overrides::default());
        assert_eq!(made.device.supervision, Some(Span::hours(2)));
        assert!(made.device.rules.iter().any(|r| r.id.as_str() == "d/water"));
    }

    #[test]
    fn what_can_t_be_included_is_named_with_its_line() {
        let of = |include: &str| {
            format!("name = {{ en = \"x\" }}\nkind = \"mqtt_json\"\ninclude = [\"{include}\"]\n")
        };
        let (_, mistakes) = library(&[
            ("a", &of("b")),
            ("b", &of("a")),
            ("lone", &of("nowhere")),
            ("odd", &of("nice3000")),
        ]);
        let told = |wanted: &str| {
            assert!(mistakes.iter().any(|m| m.contains(wanted)), "{wanted}: {mistakes:#?}");
        };
        told("a.toml: include: it and others include one another");
        told("lone.toml:3: include: there is no profile \"nowhere\"");
        told("odd.toml:3: include: profile \"nice3000\" is of another kind");
        assert_eq!(mistakes.len(), 4);
    }

    #[test]
    fn a_parameter_whose_numbers_contradict_one_another_is_named_with_its_line() {
        let of = |numbers: &str| SENSOR.replace("{ default = 7 }", numbers);
        let (_, mistakes) = library(&[
            ("none", &of("{ default = 5, min = 10, max = 3 }")),
            ("out", &of("{ default = 7, min = 10 }")),
        ]);
        let told = |wanted: &str| {
            assert!(mistakes.iter().any(|m| m.contains(wanted)), "{wanted}: {mistakes:#?}");
        };
        told("none.toml:6: parameters.at: no number is from 10 to 3");
        told("out.toml:6: parameters.at: its default 7 is not from 10 to 65535");
    }
}
