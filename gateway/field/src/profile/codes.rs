//! Numbers by which a device names its faults: one rule for each, that says what it is and what to look at.

use gengfu_core::text::Text;
use toml::{Table, Value};

use super::schema::{Code, Codes};

/// The rules that a list of codes stands for, as a profile would write them: `fault-41`, and
/// `fault-other` for numbers that are not in the list.
pub(super) fn rules(codes: &Codes) -> Vec<Table> {
    let point = &codes.point;
    let mut rules: Vec<Table> = codes.list.iter().map(|code| rule(codes, code)).collect();
    if let Some(other) = &codes.other {
        let known = codes.none.iter().copied().chain(codes.list.iter().map(|code| code.value));
        let none_of_them = known.map(|value| comparison("not_equal", point, value)).collect();
        let mut rule = head(codes, "other", other, None);
        rule.insert("when".into(), Value::Table(one("all", Value::Array(none_of_them))));
        rules.push(rule);
    }
    rules
}

fn rule(codes: &Codes, code: &Code) -> Table {
    let check = code.check.clone().unwrap_or_default();
    let with = |name: &str, check: &str, how: &str| {
        if check.is_empty() { name.to_owned() } else { format!("{name}{how}{check}") }
    };
    let name = Text::new(
        &with(&code.name.zh, &check.zh, "。请检查："),
        &with(&code.name.en, &check.en, ". Check: "),
    );
    let mut rule = head(codes, &code.value.to_string(), &name, Some(code));
    rule.insert("when".into(), comparison("equals", &codes.point, code.value));
    rule
}

fn head(codes: &Codes, id: &str, name: &Text, code: Option<&Code>) -> Table {
    let own = |pick: fn(&Code) -> &Option<String>| code.and_then(|c| pick(c).clone());
    let mut text = Table::new();
    text.insert("zh".into(), name.zh.clone().into());
    text.insert("en".into(), name.en.clone().into());
    let mut rule = Table::new();
    rule.insert("id".into(), format!("{}-{id}", codes.point).into());
    rule.insert("name".into(), Value::Table(text));
    let danger = own(|c| &c.danger).unwrap_or_else(|| codes.danger.clone());
    rule.insert("danger".into(), danger.into());
    let priority = own(|c| &c.priority).unwrap_or_else(|| codes.priority.clone());
    rule.insert("priority".into(), priority.into());
    let delays = [
        ("on_delay", own(|c| &c.on_delay).or_else(|| codes.on_delay.clone())),
        ("off_delay", own(|c| &c.off_delay).or_else(|| codes.off_delay.clone())),
    ];
    for (key, delay) in delays {
        if let Some(delay) = delay {
            rule.insert(key.into(), delay.into());
        }
    }
    rule
}

fn comparison(how: &str, point: &str, value: i64) -> Value {
    let mut asked = Table::new();
    asked.insert("point".into(), point.into());
    asked.insert("value".into(), value.into());
    Value::Table(one(how, Value::Table(asked)))
}

fn one(key: &str, value: Value) -> Table {
    let mut table = Table::new();
    table.insert(key.into(), value);
    table
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::Value;

    use crate::profile::{Library, Overrides};

    #[test]
    fn each_number_has_a_rule_that_says_what_to_check_and_others_have_one_of_their_own() {
        let library = Library::shipped().unwrap();
        let lift = library.get("nice3000-codes").unwrap();
        let device = lift
            .expand(&"d".into(), &"d".into(), &"p".into(), &Overrides::default())
            .unwrap()
            .device;
        let rule = |id: &str| device.rules.iter().find(|r| r.id.as_str() == id).unwrap();
        let holds = |id: &str, code: i64| {
            let sample = Ok(Value::Int(code));
            rule(id).when.holds(false, &|_| Some(&sample))
        };
        assert_eq!(
            rule("d/fault-48").name.en,
            "Door does not open (E48). Check: whether something lies in the sill"
        );
        assert_eq!(rule("d/fault-48").name.zh, "开门故障（E48）。请检查：地坎是否有异物");
        assert_eq!((holds("d/fault-48", 48), holds("d/fault-48", 49)), (Some(true), Some(false)));
        assert_eq!(
            (holds("d/fault-other", 48), holds("d/fault-other", 12)),
            (Some(false), Some(true))
        );
        for none in [0, 55] {
            assert!(device.rules.iter().filter(|r| r.id.as_str().contains("fault-")).all(|r| {
                let sample = Ok(Value::Int(none));
                r.when.holds(false, &|_| Some(&sample)) == Some(false)
            }));
        }
    }
}
