//! The house in which something breaks, and the row that tells how it went.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use gengfu_core::event::What;
use gengfu_sim::building::Board;
use gengfu_store::{Journal, SqliteJournal};
use gengfu_tests::{
    boards::settings,
    buttons::{Buttons, Events},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    site::{SITE, Site},
};

/// A gateway that watches, and one volunteer who is told by webhook.
pub struct House {
    pub hooks: Hooks,
    pub site: Site,
    pub gateway: Gateway,
    pub operator: Operator,
}

impl House {
    pub async fn at(site: Site, hooks: Hooks) -> Self {
        Self::under(site, hooks, &[]).await
    }

    /// The same with these variables in the gateway's environment.
    pub async fn under(site: Site, hooks: Hooks, environment: &[(&str, &str)]) -> Self {
        let gateway = Gateway::start_with(&site.config(), site.web, environment).unwrap();
        let token = gateway.invitation().unwrap();
        let operator = Operator::sign_in(&site.base(), &token).await.unwrap();
        operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
        Self { hooks, site, gateway, operator }
    }

    /// What the volunteer was alarmed of so far, in English.
    pub fn alarms(&self) -> BTreeSet<String> {
        let told = self.hooks.told().into_iter().map(|t| t.body);
        let alerts = told.filter(|b| b["purpose"]["purpose"] == "alert");
        alerts.filter_map(|b| Some(b["what"]["en"].as_str()?.to_owned())).collect()
    }

    /// Waits until the volunteer is alarmed in these words; the whole of what was said.
    pub async fn alarmed(&self, words: &str) -> String {
        eventually(&format!("\"{words}\" is told"), async || {
            self.alarms().into_iter().find(|alarm| alarm.contains(words))
        })
        .await
    }

    /// Waits until the page shows an alarm in these words; the whole of what it shows.
    pub async fn shown(&self, words: &str) -> String {
        eventually(&format!("\"{words}\" is shown"), async || {
            let alarms = self.operator.get("alarms").await.ok()?;
            let names = alarms.as_array()?.iter().filter(|a| a["active"] == true);
            let mut names = names.filter_map(|a| a["name"]["en"].as_str());
            names.find(|name| name.contains(words)).map(str::to_owned)
        })
        .await
    }

    /// How many devices the page shows as not heard.
    pub async fn away(&self) -> usize {
        let devices = self.operator.get("devices").await.unwrap();
        devices.as_array().unwrap().iter().filter(|d| d["presence"]["state"] == "lost").count()
    }

    /// Waits until the call from a lift is told; how long that took from `begun`.
    pub async fn called(&self, lift: usize, begun: Instant) -> Duration {
        let place = format!("Lift {lift}");
        eventually(&format!("the call from {place} is told"), async || {
            let told = self.hooks.told().into_iter().map(|t| t.body);
            let mut calls = told.filter(|b| b["danger"] == "trapped" && b["place"]["en"] == place);
            calls.next().map(drop)
        })
        .await;
        begun.elapsed()
    }

    /// Waits until no alarm stands that says these words.
    pub async fn is_over(&self, words: &str) {
        eventually(&format!("\"{words}\" is over"), async || {
            let alarms = self.operator.get("alarms").await.ok()?;
            let stands = |a: &serde_json::Value| {
                a["active"] == true && a["name"]["en"].as_str().is_some_and(|w| w.contains(words))
            };
            (!alarms.as_array()?.iter().any(stands)).then_some(())
        })
        .await;
    }
}

/// Boards as they are sold, with a broker at this port.
pub fn boards(port: u16, numbers: impl Iterator<Item = usize>) -> Buttons {
    Buttons::new(numbers.map(|n| Board::start(settings(port, n))).collect())
}

/// What is not in the journal of what was said; nothing is in it twice. The gateway has ended.
pub fn lost(site: &Site, said: &Events) -> usize {
    let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
    let mut kept = Events::new();
    for stored in journal.read(1, usize::MAX).unwrap() {
        let What::PointChanged(reading) = stored.event.what else { continue };
        let Some(origin) = reading.origin else { continue };
        let event = (reading.device().to_string(), origin.seq);
        assert!(kept.insert(event.clone()), "{event:?} is there twice");
    }
    said.difference(&kept).count()
}

/// Prints the row. Nothing may be lost, and all must be well again within `limit`.
pub fn row(fault: &str, (lost, of): (usize, usize), back: Duration, limit: Duration, seen: &str) {
    println!("FAULT | {fault} | lost {lost} of {of} | back after {back:.1?} | {seen}");
    assert_eq!(lost, 0, "{fault}: lost");
    assert!(back < limit, "{fault}: back after {back:?} only");
}
