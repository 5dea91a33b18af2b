use gengfu_core::{
    danger::Danger,
    device::Device,
    id::{DeviceId, PlaceId, PointId},
    point::{NoData, Sample, Value},
    rule::Rule,
    text::Text,
};

use super::*;
use crate::modbus::field::{Field, Table};

fn library() -> Library {
    Library::shipped().unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

fn expand(profile: &Profile, overrides: &str) -> Result<Expanded, Vec<ProfileError>> {
    let overrides: Overrides = toml::from_str(overrides).unwrap();
    let (id, name) = (DeviceId::from("b3-lift"), Text::new("三号楼电梯", "Lift of building 3"));
    profile.expand(&id, &name, &PlaceId::from("b3"), &overrides)
}

fn rule<'a>(device: &'a Device, id: &str) -> &'a Rule {
    let found = device.rules.iter().find(|r| r.id.as_str() == id);
    found.unwrap_or_else(|| panic!("no rule {id} among {:?}", device.rules))
}

/// Whether a rule holds when its one point says this.
fn holds(rule: &Rule, sample: &Sample) -> Option<bool> {
    rule.when.holds(false, &|_| Some(sample))
}

fn register<'a>(expanded: &'a Expanded, point: &str) -> &'a Field {
    let Source::Modbus { fields, .. } = &expanded.source else { panic!("not Modbus") };
    fields.iter().find(|f| f.point.as_str() == point).unwrap()
}

#[test]
fn every_shipped_profile_expands_and_its_rules_name_only_its_own_points() {
    for profile in library().iter() {
        let inputs: Vec<String> = profile
            .roles()
            .zip(1..=profile.inputs())
            .map(|((role, _), n)| format!("{n} = \"{role}\""))
            .collect();
        let expanded = expand(profile, &format!("inputs = {{ {} }}", inputs.join(", "))).unwrap();
        let device = &expanded.device;
        // Of these the configuration writes the points.
        let is_bare = matches!(profile.name.as_str(), "json" | "modbus");
        assert!(is_bare || !device.points.is_empty(), "{}", profile.name);
        for point in &device.points {
            assert_eq!(gengfu_core::point::device_of(&point.id), device.id);
            assert!(!point.name.zh.is_empty() && !point.name.en.is_empty(), "{}", point.id);
        }
        for rule in &device.rules {
            assert!(!rule.name.zh.contains('{') && !rule.name.en.contains('{'), "{:?}", rule.name);
            assert!(rule.id.as_str().starts_with("b3-lift/"));
            for asked in rule.when.points() {
                assert!(device.points.iter().any(|p| p.id == *asked), "{} asks {asked}", rule.id);
            }
            if rule.danger.is_vital() {
                assert_eq!(rule.on_delay.as_millis(), 0, "{} holds back", rule.id);
            }
        }
    }
}

/// The words that a device's points are known to say.
fn words_of(source: &Source) -> Vec<String> {
    let values: Vec<&Value> = match source {
        Source::Modbus { fields, .. } => fields
            .iter()
            .flat_map(|field| {
                let cases = field.cases.iter().filter_map(|case| case.sample.as_ref().ok());
                field.values.iter().map(|(_, value)| value).chain(cases)
            })
            .collect(),
        Source::Json { points, .. } => {
            points.iter().flat_map(|point| point.values.values().chain(&point.missing)).collect()
        }
        Source::Sparkplug { points } => {
            points.iter().flat_map(|point| point.meaning.values.values()).collect()
        }
        _ => vec![],
    };
    let word = |value: &Value| match value {
        Value::Text(word) => Some(word.clone()),
        _ => None,
    };
    values.into_iter().filter_map(word).collect()
}

#[test]
fn every_word_that_a_shipped_profile_s_points_say_has_a_name_in_both_languages() {
    let mut said = 0;
    for profile in library().iter() {
        let Ok(expanded) = expand(profile, "") else { continue };
        for word in words_of(&expanded.source) {
            said += 1;
            let name = expanded.device.word(&Value::Text(word.clone()));
            let is_whole = name.is_some_and(|name| !name.zh.is_empty() && !name.en.is_empty());
            assert!(is_whole, "{}: [words] has no {word}", profile.name);
        }
    }
    assert!(said > 100, "{said}");
}

#[test]
fn a_call_button_makes_a_latched_alarm_at_once_and_a_spare_input_none() {
    let library = library();
    let board = library.get("board").unwrap();
    let expanded = expand(
        board,
        r#"inputs = { 1 = "call", 2 = { role = "fire", name = { zh = "三楼烟感", en = "Smoke, 3rd floor" }, normally_closed = true } }"#,
    )
    .unwrap();
    let device = &expanded.device;
    assert_eq!(device.points.len(), 8 + 4, "and what every board says of itself");
    let trapped = rule(device, "b3-lift/in1-trapped");
    assert_eq!((trapped.danger, trapped.latched), (Danger::Trapped, true));
    assert_eq!(holds(trapped, &Ok(Value::Bool(true))), Some(true));
    assert_eq!(holds(trapped, &Ok(Value::Bool(false))), Some(false));
    let fire = rule(device, "b3-lift/in2-fire");
    assert_eq!(fire.name.en, "Smoke, 3rd floor: fire");
    assert_eq!(holds(rule(device, "b3-lift/in2-line"), &Err(NoData::Faulty)), Some(true));
    assert!(device.rules.iter().all(|r| !r.id.as_str().contains("in3")));
    let Source::Board { inputs, .. } = &expanded.source else { panic!("not a board") };
    assert!(inputs[1].normally_closed && !inputs[0].normally_closed);
    assert!(inputs[0].debounce.as_millis() <= 100, "a call button is believed within 100 ms");
    assert!(inputs[1].debounce.as_millis() <= 500, "a fire contact is believed within 500 ms");
}

#[test]
fn a_panel_has_the_detectors_that_are_fitted_at_the_addresses_of_its_loops() {
    let library = library();
    let panel = library.get("notifier-gw").unwrap();
    let expanded = expand(
        panel,
        r#"parameters = { loops = 2, detectors = 10, modules = 3 }
           without = ["l1d7", "l2d1-disabled"]"#,
    )
    .unwrap();
    let device = &expanded.device;
    assert_eq!(device.points.len(), 2 * 13 - 1);
    assert_eq!(register(&expanded, "b3-lift/l1d1").address, 0);
    assert_eq!(register(&expanded, "b3-lift/l2d10").address, 409);
    assert_eq!(register(&expanded, "b3-lift/l2m3").address, 602);
    assert_eq!(register(&expanded, "b3-lift/l2m3").table, Table::Holding);
    let seventh = PointId::from("b3-lift/l1d7");
    assert!(device.rules.iter().all(|r| !r.when.points().contains(&&seventh)));
    assert!(device.rules.iter().all(|r| r.id.as_str() != "b3-lift/l2d1-disabled"));
    assert!(device.rules.iter().any(|r| r.id.as_str() == "b3-lift/l1d1-disabled"));
}

#[test]
fn a_panel_register_says_fire_only_where_it_means_fire_and_normal_only_where_it_means_that() {
    let expanded =
        expand(library().get("notifier-gw").unwrap(), "parameters = { detectors = 1 }").unwrap();
    let detector = register(&expanded, "b3-lift/l1d1");
    let says = |register: u16| detector.read(&[register]);
    let word = |text: &str| Ok(Value::Text(text.into()));
    assert_eq!(says(0x0C10), word("fire"));
    assert_eq!(says(0x0D10), word("fire"), "acknowledged at the panel, it still burns");
    assert_eq!(says(0x0C14), word("co"));
    assert_eq!(says(0x0C00), word("active"), "active of an unknown kind");
    assert_eq!(says(0x2C10), word("fire"), "fire goes before trouble");
    assert_eq!(says(0x3400), word("trouble"));
    assert_eq!(says(0x1400), word("normal"));
    assert_eq!(says(0x1410), word("normal"), "10H means fire only where bit 11 is set");
    assert_eq!(says(0x1200), word("disabled"));
    assert_eq!(says(0x0000), Err(NoData::Garbled), "zero does not mean normal");
    assert_eq!(says(0x14FF), Err(NoData::Faulty), "FFH is not present");
    let fire = rule(&expanded.device, "b3-lift/l1d1-fire");
    assert_eq!((fire.danger, fire.latched), (Danger::Fire, true));
    assert_eq!(holds(fire, &says(0x0C10)), Some(true));
    assert_eq!(holds(fire, &says(0x1400)), Some(false));
    let missing = rule(&expanded.device, "b3-lift/l1d1-missing");
    let unclear = rule(&expanded.device, "b3-lift/l1d1-unclear");
    let both = |register| [missing, unclear].map(|rule| holds(rule, &says(register)));
    assert_eq!(both(0x00FF), [Some(true), Some(false)]);
    assert_eq!(both(0x0000), [Some(false), Some(true)], "nor that it is not there");
}

#[test]
fn a_lift_door_fault_waits_thirty_seconds_and_no_point_lies_on_a_written_register() {
    let expanded = expand(library().get("nice3000").unwrap(), "poll = \"250ms\"").unwrap();
    let device = &expanded.device;
    let door = rule(device, "b3-lift/door");
    assert_eq!(door.on_delay.as_millis(), 30_000);
    for code in [42, 48, 49, 53] {
        assert_eq!(holds(door, &Ok(Value::Int(code))), Some(true));
        let other = rule(device, "b3-lift/other_fault");
        assert_eq!(holds(other, &Ok(Value::Int(code))), Some(false), "told once, not twice");
    }
    assert_eq!(holds(door, &Ok(Value::Int(0))), Some(false));
    assert_eq!(rule(device, "b3-lift/stopped_outside_zone").on_delay.as_millis(), 45_000);
    let Source::Modbus { knobs, fields } = &expanded.source else { panic!("not Modbus") };
    assert_eq!(knobs.poll.as_millis(), 250);
    assert!(fields.iter().all(|f| !(0x6000..=0x6004).contains(&f.address)));
    let mode = register(&expanded, "b3-lift/mode");
    assert_eq!(mode.read(&[0x0570]), Ok(Value::Text("automatic".into())));
    assert_eq!(
        register(&expanded, "b3-lift/car").read(&[0x0670]),
        Ok(Value::Text("stopped".into()))
    );
}

#[test]
fn a_json_device_is_written_in_the_configuration_alone() {
    let expanded = expand(
        library().get("json").unwrap(),
        r#"
        supervision = "25h"
        points = [{ id = "smoke", name = { zh = "烟雾", en = "Smoke" }, pointer = "/smoke" }]
        [[rules]]
        id = "fire"
        name = { zh = "火警", en = "Fire" }
        danger = "fire"
        priority = "critical"
        latched = true
        when = { equals = { point = "smoke", value = true } }
        "#,
    )
    .unwrap();
    let Source::Json { points, .. } = &expanded.source else { panic!("not JSON") };
    let sample = points[0].sample(0, &serde_json::json!({"smoke": true, "battery": 97})).unwrap();
    assert_eq!(holds(rule(&expanded.device, "b3-lift/fire"), &sample), Some(true));
    assert_eq!(expanded.device.supervision.unwrap().as_millis(), 25 * 3_600_000);
}

#[test]
fn a_device_is_made_anew_from_the_options_it_was_made_with() {
    let library = library();
    for (profile, overrides) in [
        ("board", ""),
        (
            "board",
            r#"supervision = "90s"
               inputs = { 1 = "call", 2 = { role = "fire", name = { zh = "烟感", en = "Smoke" }, normally_closed = true } }"#,
        ),
        ("board-loop", r#"inputs = { 9 = { role = "fire", bare = true } }"#),
        (
            "notifier-gw",
            r#"parameters = { detectors = 9 }
            without = ["l1d7"]"#,
        ),
        (
            "json",
            r#"
            points = [{ id = "t", name = { zh = "温度", en = "Temperature" }, pointer = "/t", scale = 0.1 }]
            [[rules]]
            id = "hot"
            name = { zh = "热", en = "Hot" }
            danger = "fault"
            priority = "normal"
            when = { above = { point = "t", setpoint = 60, deadband = 2.5 } }
            "#,
        ),
    ] {
        let profile = library.get(profile).unwrap();
        let made = expand(profile, overrides).unwrap();
        assert_eq!(made.device.options.is_empty(), overrides.is_empty());
        let kept = Overrides::from_options(&made.device.options).unwrap();
        let again = profile.expand(&made.device.id, &made.device.name, &made.device.place, &kept);
        assert_eq!(again.unwrap(), made);
    }
}

#[test]
fn a_rule_of_the_configuration_takes_the_place_of_the_profiles() {
    let expanded = expand(
        library().get("nice3000").unwrap(),
        r#"
        [[rules]]
        id = "door"
        name = { zh = "门", en = "Door" }
        danger = "lift"
        priority = "high"
        on_delay = "10s"
        when = { equals = { point = "fault", value = 48 } }
        "#,
    )
    .unwrap();
    let doors = expanded.device.rules.iter().filter(|r| r.id.as_str() == "b3-lift/door");
    assert_eq!(doors.map(|r| r.on_delay.as_millis()).collect::<Vec<_>>(), [10_000]);
}

#[test]
fn every_mistake_of_a_profile_is_found_at_once_with_its_line() {
    let text = r#"name = { zh = "测试", en = "Test" }
kind = "modbus"

[[point]]
id = "a"
name = { zh = "甲", en = "A" }
address = 1
bits = [12, 20]

[[point]]
id = "b"
name = { zh = "乙", en = "B" }
address = "0x10"
typ = "u16"

[[rule]]
id = "c"
name = { zh = "丙", en = "C" }
danger = "fire"
priority = "critical"
on_delay = "5s"
when = { equals = { point = "nowhere", value = 1 } }
"#;
    let mistakes = Profile::parse("test", "my/test.toml", text).unwrap_err();
    let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|t| t.starts_with("my/test.toml:4: point a: bits 12 to 20")),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|t| t.starts_with("my/test.toml:10: point b: there is no key `typ`")),
        "{told:#?}"
    );
    assert!(
        told.iter().any(|t| t.starts_with("my/test.toml:16: rule device/c: there is no point")),
        "{told:#?}"
    );
    let syntax = Profile::parse("test", "my/test.toml", "name = 1\nkind = \"modbus\"").unwrap_err();
    assert!(syntax[0].to_string().starts_with("my/test.toml:1: "), "{}", syntax[0]);
}

#[test]
fn a_fire_rule_that_waits_is_refused() {
    let text = r#"name = { zh = "测试", en = "Test" }
kind = "modbus"
[[point]]
id = "a"
name = { zh = "甲", en = "A" }
address = 1
[[rule]]
id = "c"
name = { zh = "丙", en = "C" }
danger = "fire"
priority = "critical"
on_delay = "5s"
when = { equals = { point = "a", value = 1 } }
"#;
    let mistakes = Profile::parse("test", "test.toml", text).unwrap_err();
    assert!(mistakes[0].problem.contains("never held back"), "{}", mistakes[0]);
    Profile::parse("test", "test.toml", &text.replace("on_delay", "off_delay")).unwrap();
}

#[test]
fn what_the_configuration_gets_wrong_is_named_by_its_key() {
    let library = library();
    let told = |profile: &str, overrides: &str| -> Vec<String> {
        let mistakes = expand(library.get(profile).unwrap(), overrides).unwrap_err();
        mistakes.iter().map(ToString::to_string).collect()
    };
    let board = told("board", "inputs = { 9 = \"call\", 1 = \"cal\" }");
    assert!(board.iter().any(|t| t.starts_with("inputs.9: ")), "{board:?}");
    assert!(board.iter().any(|t| t.starts_with("inputs.1: there is no role \"cal\"")), "{board:?}");
    let panel = told("notifier-gw", "parameters = { detectors = 160, loop = 1 }");
    assert!(panel.iter().any(|t| t.contains("160 is out of range; use 0 to 159")), "{panel:?}");
    assert!(panel.iter().any(|t| t.starts_with("parameters.loop: ")), "{panel:?}");
    let lift = told("nice3000", "without = [\"brake\"]");
    assert!(lift[0].contains("no point or rule \"brake\""), "{lift:?}");
}

#[test]
fn an_operators_folder_adds_profiles_and_one_bad_file_hides_no_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("bad.toml", "kind = \"modbus\"\nname = 3\n");
    write("good.toml", "kind = \"modbus\"\nname = { zh = \"好\", en = \"Good\" }\n");
    write("nice3000.toml", "kind = \"modbus\"\nname = { zh = \"我的\", en = \"Mine\" }\n");
    write("notes.txt", "not a profile");
    let mut library = library();
    let mistakes = library.add_folder(folder.path());
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    assert!(mistakes[0].file.ends_with("bad.toml") && mistakes[0].line == Some(2));
    assert!(library.get("good").is_some() && library.get("bad").is_none());
    assert_eq!(library.get("nice3000").unwrap().title().en, "Mine");
    assert!(library.get("board").is_some());
    assert!(!library.add_folder(&folder.path().join("nowhere")).is_empty());
}
