//! A volunteer who answers by the links of messages, whether the gateway is there or not, and
//! remembers what it confirmed.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_tests::{hooks::Hooks, operator::client};
use reqwest::Client;
use serde_json::{Value, json};

use crate::Moments;

/// How an incident stood: its phase as a number that only rises here, and how often it was prompted.
type Standing = (usize, u64);

pub struct Volunteer {
    hooks: Hooks,
    client: Client,
    /// Incidents for which "I'm going" was confirmed.
    pub going: BTreeSet<u64>,
    /// Incidents whose end was confirmed.
    pub ended: BTreeSet<u64>,
    /// How often an incident was looked at before a kill and after it.
    pub compared: usize,
    seen: BTreeMap<u64, (String, Standing)>,
}

impl Volunteer {
    pub fn new(hooks: Hooks) -> Self {
        Self {
            hooks,
            client: client().unwrap(),
            going: BTreeSet::new(),
            ended: BTreeSet::new(),
            compared: 0,
            seen: BTreeMap::new(),
        }
    }

    /// The incidents that the volunteer was asked about and has not ended, and where to answer.
    fn asked(&self) -> BTreeMap<u64, String> {
        let told = self.hooks.told().into_iter().filter(|t| t.person == "wang");
        let of = |body: &Value| {
            let (base, token) = body["link"].as_str()?.split_once("/a/")?;
            Some((body["incident"].as_u64()?, format!("{base}/api/v1/answer/{token}")))
        };
        let asked = told.filter_map(|told| of(&told.body));
        asked.filter(|(incident, _)| !self.ended.contains(incident)).collect()
    }

    /// "I'm going", or, where that was said, "it is over": to one incident or another.
    pub async fn answer(&mut self, moments: &mut Moments) {
        let asked: Vec<(u64, String)> = self.asked().into_iter().collect();
        if asked.is_empty() {
            return;
        }
        let at = usize::try_from(moments.next(asked.len() as u64)).unwrap();
        let (incident, api) = &asked[at];
        let over = self.going.contains(incident);
        let (act, body) = match over {
            true => ("end", json!({ "cause": "rescued", "note": "" })),
            false => ("acknowledge", json!({})),
        };
        // Only what the gateway confirmed counts.
        let answer = self.client.post(format!("{api}/{act}")).json(&body).send().await;
        if answer.is_ok_and(|answer| answer.status().is_success()) {
            let confirmed = if over { &mut self.ended } else { &mut self.going };
            confirmed.insert(*incident);
        }
    }

    /// Looks how a few incidents stand, for comparison after the kill.
    pub async fn look(&mut self) {
        self.seen.clear();
        for (incident, api) in self.asked().into_iter().rev().take(4) {
            if let Some(standing) = self.standing(&api).await {
                self.seen.insert(incident, (api, standing));
            }
        }
    }

    /// Every incident that was looked at stands where it stood, or further on.
    pub async fn look_again(&mut self) {
        for (incident, (api, before)) in std::mem::take(&mut self.seen) {
            let after = self.standing(&api).await.unwrap();
            assert!(
                after.0 >= before.0 && after.1 >= before.1,
                "incident {incident} stood at {before:?}, and after the kill at {after:?}"
            );
            self.compared += 1;
        }
    }

    async fn standing(&self, api: &str) -> Option<Standing> {
        let answer = self.client.get(api).send().await.ok()?;
        let incident = answer.json::<Value>().await.ok()?["incident"].take();
        let phases = ["calling", "going", "there", "ended"];
        let phase = phases.iter().position(|phase| incident["phase"] == *phase)?;
        Some((phase, incident["prompts"].as_u64()?))
    }
}
