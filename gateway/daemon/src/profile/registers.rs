//! Registers that are tried: read by the fields of the profile, as after a poll.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};
use gengfu_core::{
    input::Input,
    point::{Kind, Reading, Sample},
};
use gengfu_field::{
    modbus::field::{Field, Table},
    profile::{Knobs, Numbering, number},
};

use super::{pair, trial::Trial};

/// What stands where.
type Memory = BTreeMap<(Table, u16), u16>;

/// Gives each poll to the trial: all points whose registers are known by then.
pub fn tell(
    trial: &mut Trial,
    knobs: &Knobs,
    fields: &[Field],
    polls: &[String],
) -> anyhow::Result<()> {
    let mut memory = Memory::new();
    for poll in polls {
        if poll.split(',').all(|text| text.trim().is_empty()) {
            bail!("--registers \"{poll}\" names no register; write --registers 0x1010=0x03E8");
        }
        for text in poll.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            let (place, value) = entry(text, knobs.numbering, fields)?;
            memory.insert(place, value);
        }
        let inputs = read(trial, knobs.numbering, fields, &memory)?;
        trial.tell(&inputs);
    }
    Ok(())
}

fn read(
    trial: &Trial,
    numbering: Numbering,
    fields: &[Field],
    memory: &Memory,
) -> anyhow::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for field in fields {
        let at = |address: u32| u16::try_from(address).ok().map(|a| (field.table, a));
        let places: Vec<(Table, u16)> =
            (u32::from(field.address)..field.end()).filter_map(at).collect();
        let values: Vec<u16> = places.iter().filter_map(|p| memory.get(p).copied()).collect();
        if values.is_empty() {
            continue;
        }
        if values.len() < places.len() {
            let all: Vec<String> =
                places.iter().map(|(table, address)| numbering.written(*table, *address)).collect();
            bail!("{} is read from {} together; give all of them", field.point, all.join(", "));
        }
        inputs.push(Input::Reading(Reading {
            point: field.point.clone(),
            sample: sample(field, &values),
            source_at: None,
            received_at: trial.now(),
            kind: Kind::State,
            origin: None,
        }));
    }
    Ok(inputs)
}

fn sample(field: &Field, values: &[u16]) -> Sample {
    match (field.table.is_bits(), values) {
        (true, [bit]) => field.read_bit(*bit != 0),
        _ => field.read(values),
    }
}

/// `0x1010=0x03E8`, with the table before it where the profile has several: `input:3=7`.
fn entry(
    text: &str,
    numbering: Numbering,
    fields: &[Field],
) -> anyhow::Result<((Table, u16), u16)> {
    let (place, value) = pair("--registers", text)?;
    let (table, address) = match place.split_once(':') {
        None => (None, place),
        Some((table, address)) => (Some(table_of(table)?), address),
    };
    let address = number(&address.to_ascii_lowercase())
        .and_then(|n| u32::try_from(n).ok())
        .ok_or_else(|| anyhow!("\"{address}\" is no address; write 4112 or 0x1010"))?;
    let value = number(&value.to_ascii_lowercase())
        .filter(|n| (-0x8000..=0xFFFF).contains(n))
        .ok_or_else(|| anyhow!("\"{value}\" is no register; write -32768 to 65535, or 0x03E8"))?;
    let (place, address) = numbering.place(address, table).map_err(|e| {
        anyhow!("{text}: {e}; write addresses as the profile's modbus.numbering says")
    })?;
    let holds = |field: &&Field, table: Table| {
        field.table == table && (u32::from(field.address)..field.end()).contains(&address.into())
    };
    // Where the table goes without saying, it need not be said.
    let tables = [place, Table::Input, Table::Discrete, Table::Coil];
    let tables = if table.is_some() { &tables[..1] } else { &tables[..] };
    let found = tables.iter().find(|table| fields.iter().any(|f| holds(&f, **table)));
    let Some(found) = found else {
        bail!(
            "{text}: no point of the profile is read there; {}",
            nearest(numbering, fields, address)
        );
    };
    if found.is_bits() && !(0..=1).contains(&value) {
        bail!("{text}: a coil or discrete input is 0 or 1");
    }
    // Two's complement, as a register holds a negative number.
    let value = u16::try_from(value & 0xFFFF)?;
    Ok(((*found, address), value))
}

fn table_of(word: &str) -> anyhow::Result<Table> {
    Ok(match word {
        "holding" => Table::Holding,
        "input" => Table::Input,
        "coil" => Table::Coil,
        "discrete" => Table::Discrete,
        other => bail!("there is no table \"{other}\"; use holding, input, coil or discrete"),
    })
}

/// The registers near an address that are read, for a remedy.
fn nearest(numbering: Numbering, fields: &[Field], address: u16) -> String {
    let mut near: Vec<&Field> = fields.iter().collect();
    near.sort_by_key(|f| f.address.abs_diff(address));
    let near: Vec<String> = near
        .iter()
        .take(4)
        .map(|f| {
            let point = f.point.as_str().rsplit('/').next().unwrap_or_default();
            format!("{} ({point})", numbering.written(f.table, f.address))
        })
        .collect();
    if near.is_empty() { "it reads none".into() } else { format!("near it: {}", near.join(", ")) }
}
