//! Incidents as alerts for programs of others that come and look.

use gengfu_channel::cap::{self, Alert, Issuer};
use gengfu_core::{id::IncidentId, state::State, text::Language};

use crate::engine::now;

/// A feed has no more messages, of the newest incidents.
const MOST: usize = 200;

/// The newest messages, newest first, as a feed.
pub fn feed(state: &State, language: Language) -> String {
    let mut alerts = vec![];
    for incident in state.incidents.values().rev().filter(|i| i.test.is_none()) {
        if alerts.len() >= MOST {
            break;
        }
        alerts.extend(Alert::all(&issuer(state), incident, &state.advice.card(incident.danger)));
    }
    alerts.sort_by_key(|alert| std::cmp::Reverse(alert.at));
    alerts.truncate(MOST);
    cap::feed(&issuer(state), &alerts, now(), language)
}

/// The message by this name.
pub fn alert(state: &State, name: &str) -> Option<String> {
    let id = IncidentId(name.split('-').next()?.parse().ok()?);
    let incident = state.incidents.get(&id).filter(|incident| incident.test.is_none())?;
    let all = Alert::all(&issuer(state), incident, &state.advice.card(incident.danger));
    all.iter().find(|alert| alert.name == name).map(Alert::xml)
}

fn issuer(state: &State) -> Issuer {
    Issuer {
        site: state.site().clone(),
        name: state.wiring.name.clone(),
        time_zone: state.wiring.time_zone.clone(),
    }
}
