//! Inputs of a board that are tried: told as the board itself tells them. And the points of telephones
//! and modems, which come from within the gateway.

use anyhow::{Context, anyhow, bail};
use gengfu_core::{
    device::Device,
    input::Input,
    point::{Kind, Reading, Value},
};
use gengfu_field::{adapter::board::Board, profile::BoardInput};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::encode,
    topic::Up,
    up::{Event, InputState},
};

use super::{DEVICE, pair, plain, trial::Trial};
use crate::config::problem::choose;

/// Has a board tell each change, as `1=active`.
pub fn tell(trial: &mut Trial, inputs: &[BoardInput], changes: &[String]) -> anyhow::Result<()> {
    let board = Board::new(DEVICE.into(), inputs.to_vec());
    for (seq, change) in (1..).zip(changes) {
        let (number, state) = pair("--input", change)?;
        let known = inputs.iter().find(|i| i.number.to_string() == number);
        let input = known.map(|i| i.number).ok_or_else(|| {
            anyhow!("the board has no input \"{number}\"; use 1 to {}", inputs.len())
        })?;
        let state = match state {
            "idle" => InputState::Idle,
            "active" => InputState::Active,
            "open" => InputState::Open,
            "short" => InputState::Short,
            "drift" => InputState::Drift,
            other => bail!("an input is never \"{other}\"; use idle, active, open, short or drift"),
        };
        let event = Event { v: VERSION, boot: 1, seq, input, state, age_ms: 0 };
        let mut buffer = [0; MAX_PAYLOAD];
        let payload = encode(&event, &mut buffer).map_err(|e| anyhow!("{e}"))?;
        let understood = board.read("trial", Up::Event, payload, false, trial.now());
        trial.tell(&understood.context("the board's own words are not understood")?.inputs);
    }
    Ok(())
}

/// Sets points, as `signal=-107`.
pub fn set(trial: &mut Trial, device: &Device, values: &[String]) -> anyhow::Result<()> {
    for text in values {
        let (name, value) = pair("--point", text)?;
        let id = format!("{}/{name}", device.id);
        let Some(point) = device.points.iter().find(|p| p.id.as_str() == id) else {
            let known = device.points.iter().map(|p| p.id.as_str().trim_start_matches("device/"));
            let near = choose(name, known, "the profile has no points");
            bail!("there is no point \"{name}\"; {near}");
        };
        let value: Value = serde_json::from_str(value).with_context(|| {
            format!(
                "\"{value}\" is no value of {}; write a number, true or false",
                plain(&point.name)
            )
        })?;
        let now = trial.now();
        trial.tell(&[Input::Reading(Reading {
            point: point.id.clone(),
            sample: Ok(value),
            source_at: None,
            received_at: now,
            kind: Kind::Edge,
            origin: None,
        })]);
    }
    Ok(())
}
