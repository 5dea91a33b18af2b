//! From a written register to its field: where it lies, how it is read, and which keys go together.

use gengfu_core::{id::DeviceId, point::Value};
use toml::Table;

use super::{
    error::ProfileError,
    outputs,
    points::{Words, factor, point, typed, wrong},
    schema::{Knobs, RegisterPoint, SHORTEST_POLL, number},
    work::{Entry, Found},
};
use crate::modbus::{
    field::{Case, Field, Kind, Table as Registers},
    number::Number,
};

/// A register, `shift` addresses behind the written one.
pub(super) fn register(
    device: &DeviceId,
    table: &Table,
    shift: u32,
    knobs: &Knobs,
) -> Result<Entry, ProfileError> {
    let raw: RegisterPoint = typed(table)?;
    let id = raw.id.clone();
    let (registers, address) = place(&raw, shift, knobs)?;
    let kind = raw.kind.unwrap_or_default();
    let length = match (registers.is_bits(), kind, raw.length) {
        (false, Kind::Text, Some(n)) if (1..=knobs.max_registers).contains(&n) => n,
        (false, Kind::Text, _) => {
            let remedy = "set length = the registers it takes, not more than max_registers";
            return Err(wrong(&id, "a text needs a length", remedy));
        }
        (_, _, Some(_)) => return Err(wrong(&id, "only a text has a length", "remove length")),
        (true, ..) => 1,
        (false, kind, None) => kind.registers(),
    };
    if !registers.is_bits() && length > knobs.max_registers {
        let problem = format!("it takes {length} registers, and a request {}", knobs.max_registers);
        return Err(wrong(&id, problem, "raise max_registers, or use a shorter type"));
    }
    if u32::from(address) + u32::from(length) > 0x1_0000 {
        return Err(wrong(&id, "it reaches past address 65,535", "correct address or step"));
    }
    check_keys(&raw, registers, kind)?;
    factor(&id, raw.scale, raw.offset)?;
    let bits = match (raw.bit, raw.bits) {
        (None, None) => None,
        (Some(bit), None) => Some((bit, bit)),
        (None, Some([low, high])) => Some((low, high)),
        (Some(_), Some(_)) => {
            return Err(wrong(&id, "bit and bits exclude each other", "remove one of them"));
        }
    };
    if let Some((low, high)) = bits
        && (low > high || u16::from(high) >= 16 * length)
    {
        let problem = format!("bits {low} to {high} don't lie in {length} register(s)");
        return Err(wrong(&id, problem, "write bits = [lowest, highest], the lowest bit being 0"));
    }
    if let Some(poll) = raw.poll.filter(|poll| *poll < SHORTEST_POLL) {
        let remedy = format!("use {SHORTEST_POLL} or more; 1s is usual");
        return Err(wrong(&id, format!("a poll of {poll} is too short"), &remedy));
    }
    let mut values = Vec::new();
    for (key, value) in raw.values {
        let n = number(&key)
            .ok_or_else(|| wrong(&id, format!("\"{key}\" is no number"), "write 7 or 0x1F"))?;
        values.push((n, value));
    }
    let whole = raw.absent.iter().filter_map(|number| match number {
        Number::Whole(n) => Some(*n),
        Number::Real(_) => None,
    });
    let width = match bits {
        Some((low, high)) => Some(u32::from(high - low) + 1),
        None if registers.is_bits() => Some(1),
        None => None,
    };
    if let Some(n) = whole.chain(values.iter().map(|(n, _)| *n)).find(|n| !fits(*n, kind, width)) {
        let remedy = "write a number that can stand there, negative ones as -1 or as 0xFFFF";
        return Err(wrong(&id, format!("{n} is never read there"), remedy));
    }
    let mut cases = Vec::new();
    for case in raw.cases {
        let sample = match (case.value, case.no_data) {
            (Some(value), None) => Ok(value),
            (None, Some(reason)) => Err(reason),
            _ => {
                let remedy = "give each case either value or no_data";
                return Err(wrong(&id, "a case says nothing, or two things", remedy));
            }
        };
        if case.equals & !case.mask != 0 {
            let problem = format!("{:#06x} can't be found under {:#06x}", case.equals, case.mask);
            return Err(wrong(&id, problem, "equals may only have bits that mask has"));
        }
        cases.push(Case { mask: case.mask, equals: case.equals, sample });
    }
    let named = values.iter().map(|(_, value)| value.clone());
    let truths = [Value::Bool(true), Value::Bool(false)];
    let words = if !cases.is_empty() {
        Words::Only(cases.iter().filter_map(|c| c.sample.clone().ok()).collect())
    } else if kind == Kind::Text {
        Words::Texts
    } else if registers.is_bits() || raw.bit.is_some() {
        Words::Only(named.chain(truths).collect())
    } else {
        Words::Numbers(named.collect())
    };
    let point = point(device, &id, raw.name, raw.unit)?;
    let mut field = Field {
        point: point.id.clone(),
        table: registers,
        address,
        length,
        kind,
        order: raw.order,
        bits,
        truth: raw.bit.is_some(),
        scale: raw.scale,
        offset: raw.offset,
        values,
        cases,
        absent: raw.absent,
        poll: raw.poll,
        write: None,
    };
    let output = match raw.output {
        None => None,
        Some(written) => Some(outputs::register(&mut field, written)?),
    };
    Ok(Entry { point, found: Found::Register(Box::new(field)), words, output })
}

/// The table and the address on the wire.
fn place(raw: &RegisterPoint, shift: u32, knobs: &Knobs) -> Result<(Registers, u16), ProfileError> {
    let fault = |problem: String| {
        let remedy =
            "write the address as the profile's modbus.numbering says (zero, one or reference)";
        wrong(&raw.id, problem, remedy)
    };
    let written = raw.address.number().ok_or_else(|| fault("the address is no number".into()))?;
    let written = written
        .checked_add(shift)
        .ok_or_else(|| fault(format!("there is no address {written} + {shift}")))?;
    knobs.numbering.place(written, raw.table).map_err(fault)
}

/// Refuses keys that could do nothing beside others.
fn check_keys(raw: &RegisterPoint, table: Registers, kind: Kind) -> Result<(), ProfileError> {
    let is_picked = raw.bit.is_some() || raw.bits.is_some();
    let is_scaled = raw.scale.is_some() || raw.offset.is_some();
    let is_named = !raw.values.is_empty();
    let has_cases = !raw.cases.is_empty();
    let has_absent = !raw.absent.is_empty();
    let is_alone = |is_there: bool, problem: &str, remedy: &str| match is_there {
        true => Err(wrong(&raw.id, problem, remedy)),
        false => Ok(()),
    };
    if table.is_bits() {
        is_alone(
            raw.kind.is_some() || is_picked || is_scaled || has_cases || has_absent,
            "a coil or discrete input is a single bit",
            "remove type, bit, bits, scale, offset, cases and absent",
        )?;
    }
    is_alone(
        (is_picked || has_cases) && (kind.is_float() || kind == Kind::Text),
        "only a whole number has bits",
        "use a type such as u16",
    )?;
    is_alone(
        kind == Kind::Text && (is_scaled || is_named || has_absent),
        "a text is taken as it is",
        "remove scale, offset, values and absent",
    )?;
    is_alone(
        has_cases && (is_picked || is_scaled || is_named || has_absent),
        "cases say all that a register means",
        "remove bit, bits, scale, offset, values and absent, or cases",
    )?;
    is_alone(
        raw.bit.is_some() && is_scaled,
        "a single bit is true or false",
        "remove scale and offset",
    )?;
    let is_fraction = |number: &Number| matches!(number, Number::Real(_));
    is_alone(
        !kind.is_float() && raw.absent.iter().any(is_fraction),
        "a whole number is never a fraction",
        "write absent as it stands in the registers, before scale",
    )
}

/// Whether a number can be read: among `width` bits that were picked, or as a number of this kind, where a
/// negative one may be written as its bits.
fn fits(n: i64, kind: Kind, width: Option<u32>) -> bool {
    let (width, is_signed) = match (width, kind) {
        (Some(width), _) => (width, false),
        (None, Kind::F16 | Kind::F32 | Kind::F64) => return true,
        (None, kind) => {
            (16 * u32::from(kind.registers()), matches!(kind, Kind::I16 | Kind::I32 | Kind::I64))
        }
    };
    // Of 64 bits, the upper half can't be written otherwise than as negative numbers.
    if width >= 64 {
        return true;
    }
    let least = if is_signed { -(1_i64 << (width - 1)) } else { 0 };
    (least..1_i64 << width).contains(&n)
}

#[cfg(test)]
mod tests {
    use gengfu_core::{
        id::DeviceId,
        point::{NoData, Value},
    };

    use crate::profile::{Expanded, Overrides, Profile, Source};

    /// What comes of one register that is written so, under these lines of `[modbus]`.
    fn made(modbus: &str, point: &str, rules: &str) -> Result<Expanded, String> {
        let text = format!(
            "name = {{ en = \"x\" }}\nkind = \"modbus\"\n[modbus]\n{modbus}\n\
             [[point]]\nid = \"x\"\nname = {{ en = \"x\" }}\n{point}\n{rules}"
        );
        let told = |mistakes: Vec<crate::profile::ProfileError>| mistakes[0].to_string();
        let profile = Profile::parse("x", "x.toml", &text).map_err(told)?;
        let id = DeviceId::from("d");
        profile.expand(&id, &"d".into(), &"p".into(), &Overrides::default()).map_err(told)
    }

    fn refused(modbus: &str, point: &str, rules: &str, wanted: &str) {
        let said = made(modbus, point, rules).expect_err(point);
        assert!(said.starts_with("x.toml:") && said.contains(wanted), "{point}: {said}");
    }

    #[test]
    fn keys_that_could_do_nothing_are_refused() {
        for (point, wanted) in [
            ("address = 1\ntype = \"text\"\nlength = 4\nscale = 0.1", "a text is taken as it is"),
            (
                "address = 1\nscale = 2.0\ncases = [{ mask = 1, equals = 1, value = 1 }]",
                "cases say all",
            ),
            (
                "address = 1\nvalues = { 1 = 2 }\ncases = [{ mask = 1, equals = 1, value = 1 }]",
                "cases say",
            ),
            ("address = 1\nbit = 3\nscale = 0.1", "a single bit is true or false"),
            (
                "address = 1\ntable = \"coil\"\nabsent = [1]",
                "a coil or discrete input is a single bit",
            ),
            ("address = 1\nabsent = [0x18000]", "98304 is never read there"),
            ("address = 1\nvalues = { -1 = \"off\" }", "-1 is never read there"),
            ("address = 1\nabsent = [-999.9]\nscale = 0.1", "a whole number is never a fraction"),
            ("address = 1\nscale = nan", "scale = NaN leaves nothing"),
            ("address = 1\nscale = 0", "scale = 0 leaves nothing"),
            ("address = 1\noffset = inf", "offset = inf is no number"),
            ("address = 1\npoll = \"1ms\"", "a poll of 1ms is too short; use 5ms or more"),
        ] {
            refused("", point, "", wanted);
        }
        refused("poll = \"1ms\"", "address = 1", "", "use 5ms or more");
    }

    #[test]
    fn a_number_of_a_signed_kind_may_be_absent_as_its_bits() {
        let expanded =
            made("", "address = 0\ntype = \"i16\"\nabsent = [0x8000]\nscale = 0.1", "").unwrap();
        let Source::Modbus { fields, .. } = &expanded.source else { panic!("not Modbus") };
        assert_eq!(fields[0].read(&[0x8000]), Err(NoData::Faulty));
        assert_eq!(fields[0].read(&[0x7FFF]), Ok(Value::Float(3276.7)));
        made("", "address = 0\ntype = \"f32\"\nabsent = [-9999.9, 0xFF7FFFFF]", "").unwrap();
    }

    #[test]
    fn a_number_longer_than_a_request_is_refused() {
        refused("max_registers = 2", "address = 1\ntype = \"f64\"", "", "it takes 4 registers");
        made("max_registers = 2", "address = 1\ntype = \"f32\"", "").unwrap();
    }

    #[test]
    fn an_address_past_all_numbers_is_a_mistake_and_no_panic() {
        let point = "address = 4294967295\nrepeat = [{ name = \"n\", count = 3, step = 2 }]";
        refused(
            "",
            &point.replace("address", "unit = \"{n}\"\naddress"),
            "",
            "there is no address",
        );
    }

    #[test]
    fn a_rule_that_asks_what_a_register_never_says_is_refused() {
        let rule = |when: &str| {
            format!(
                "[[rule]]\nid = \"r\"\nname = {{ en = \"r\" }}\ndanger = \"fault\"\npriority = \"low\"\n\
                 when = {{ {when} }}\n"
            )
        };
        let fire = rule("equals = { point = \"x\", value = \"fire\" }");
        refused("", "address = 1", &fire, "never says");
        refused("", "address = 1\nbit = 1", &fire, "never says");
        made("", "address = 1\nvalues = { 1 = \"fire\" }", &fire).unwrap();
        let text = "address = 1\ntype = \"text\"\nlength = 4";
        made("", text, &fire).unwrap();
        refused("", text, &rule("above = { point = \"x\", setpoint = 1 }"), "no number");
        made("", "address = 1", &rule("equals = { point = \"x\", value = true }")).unwrap();
    }
}
