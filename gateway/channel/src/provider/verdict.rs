//! What a provider's answer means: it took the message, or why not and what that says of the way.

use gengfu_core::notification::cost::Cost;
use serde_json::Value as Json;

use super::description::{Answer, Code};
use crate::{
    channel::{Accepted, SendError},
    http,
};

/// Their name for a message is kept no longer, in characters.
const MAX_ID: usize = 200;
/// Their reason is quoted no longer, in characters.
const MAX_REASON: usize = 200;

/// Judges `answer` of `peer`, the provider's name; `hidden` are words that are not to be quoted.
pub(super) fn judge(
    peer: &str,
    rules: &Answer,
    answer: &http::Answer,
    hidden: &[&str],
) -> Result<Accepted, SendError> {
    let by_status = answer.verdict(peer);
    let json = answer.json().unwrap_or_default();
    let code = find(&json, &rules.code);
    let listed =
        |codes: &[Code]| code.as_ref().is_some_and(|code| codes.iter().any(|c| c.matches(code)));
    let good = by_status.is_ok() && (rules.good.is_empty() || listed(&rules.good));
    // A success may carry no code; where success is a code of its own, anything else is none.
    if good && !listed(&rules.gone) && !listed(&rules.passing) {
        let id = find(&json, &rules.id).map(|id| id.chars().take(MAX_ID).collect());
        return Ok(Accepted { carrier_id: id, cost: cost(&json, rules) });
    }
    let mut error = match by_status {
        Err(error) => error,
        Ok(()) if code.is_none() => SendError::lasting(format!(
            "{peer} answered, but not as it should: something else stands at this address"
        )),
        Ok(()) => SendError::lasting(format!("{peer} refused the message")),
    };
    if listed(&rules.gone) {
        error = SendError::gone(error.reason);
    } else if listed(&rules.passing) {
        error.retry = true;
        error.retry_after = answer.retry_after;
    }
    let said: Vec<String> = [code, find(&json, &rules.reason)]
        .into_iter()
        .flatten()
        .map(|t| quote(&t, hidden))
        .collect();
    if !said.is_empty() {
        error.reason = format!("{}: \"{}\"", error.reason, said.join(" "));
    }
    Err(error)
}

/// What they say that it cost. Some write what they take as a number below zero.
fn cost(json: &Json, rules: &Answer) -> Option<Cost> {
    let amount = find(json, &rules.cost)?;
    let amount = amount.trim().trim_start_matches('-');
    let is_currency = |text: &&String| !text.starts_with('/');
    let currency = find(json, &rules.currency)
        .or_else(|| rules.currency.iter().find(is_currency).cloned())
        .map(|currency| currency.to_ascii_uppercase());
    match currency {
        Some(currency) => format!("{amount} {currency}").parse().ok(),
        None => amount.parse().ok(),
    }
}

/// The first of these places that holds something.
fn find(json: &Json, places: &[String]) -> Option<String> {
    places.iter().find_map(|place| match json.pointer(place)? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

/// The provider's own words, short, and without the address or the secret.
fn quote(text: &str, hidden: &[&str]) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
    hidden.iter().filter(|word| word.len() > 2).fold(text, |text, word| text.replace(word, "…"))
}
