//! What happens to the real program: boards speak, carriers fail, people press the links.

use std::time::Duration;

use gengfu_core::id::{PersonId, PlaceId};
use gengfu_sim::scenario::{
    rehearsal::alarm_of,
    script::{Act, Answer, Upkeep},
    stage::Trouble,
};
use gengfu_tests::operator::client;
use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{Running, device_path, refusal};

/// A receipt takes some milliseconds, and much longer on a machine that is held up.
const RECEIPT: Duration = Duration::from_secs(2);

impl Running {
    /// Something happens; the words of the refusal where it is refused.
    pub(super) async fn happen(&mut self, act: &Act) -> Result<Option<String>, Trouble> {
        match act {
            Act::Contact { place, contact, state } => {
                let spot = self.script.building.spot(place);
                let input = spot.and_then(|spot| spot.input(contact)).unwrap_or_default();
                let board = self.boards.get(place).ok_or("no board")?;
                let before = board.status().borrow().receipts;
                board.set_input(input, *state);
                // The clock stands nearly still until the gateway has it: a machine that is held up would
                // hear of it minutes later. A board that is dead, or that has nothing new to say, gets no
                // receipt.
                let heard = async {
                    let mut status = board.status();
                    let _ = status.wait_for(|s| !s.online || s.receipts > before).await;
                };
                let _ = tokio::time::timeout(RECEIPT, heard).await;
                Ok(None)
            }
            Act::Power { place, on } => {
                let board = self.boards.get(place).ok_or("no board")?;
                if *on {
                    board.power_on()
                } else {
                    board.cut_power()
                }
                Ok(None)
            }
            Act::Way { way, works } => {
                self.sink.set(way, *works);
                Ok(None)
            }
            Act::Answer { person, answer, place } => {
                self.answer(person, answer, place.as_ref()).await
            }
            Act::Upkeep(upkeep) => self.upkeep(upkeep).await,
            Act::Clock(by_ms) => {
                self.clock.leap(*by_ms);
                Ok(None)
            }
        }
    }

    /// A person opens the link of their message and presses a button.
    async fn answer(
        &self,
        person: &PersonId,
        answer: &Answer,
        place: Option<&PlaceId>,
    ) -> Result<Option<String>, Trouble> {
        let link = self.link_of(person, place);
        let link = link.ok_or_else(|| format!("{person} has no message to answer"))?;
        let (what, body) = match answer {
            Answer::Going => ("acknowledge", json!({})),
            Answer::There => ("arrive", json!({})),
            Answer::Cant => ("hand-over", json!({})),
            Answer::HandOver(to) => ("hand-over", json!({ "to": to })),
            Answer::End(cause) => ("end", json!({ "cause": cause })),
        };
        let (base, token) = link.split_once("/a/").ok_or("a link without /a/")?;
        let http = client().map_err(|e| e.to_string())?;
        let request = http.post(format!("{base}/api/v1/answer/{token}/{what}")).json(&body);
        let said = request.send().await.map_err(|e| e.to_string())?;
        if said.status().is_success() {
            return Ok(None);
        }
        Ok(Some(refusal(&said.json().await.map_err(|e| e.to_string())?)))
    }

    /// The caretaker does something on the page.
    async fn upkeep(&mut self, upkeep: &Upkeep) -> Result<Option<String>, Trouble> {
        let now = gengfu_sim::scenario::Stage::now(self);
        let (method, path, body) = match upkeep {
            Upkeep::Shelve { place, contact, length } => {
                let spot = self.script.building.spot(place);
                let input = spot.and_then(|spot| spot.input(contact)).unwrap_or_default();
                let alarm = alarm_of(place, input, contact.rule);
                let alarm = alarm.as_str().replace('/', "%2F");
                match length {
                    Some(length) => {
                        let body = json!({ "until": now + *length });
                        (Method::POST, format!("alarms/{alarm}/shelve"), body)
                    }
                    None => (Method::POST, format!("alarms/{alarm}/unshelve"), Value::Null),
                }
            }
            Upkeep::OutOfService { place, length, reason } => {
                let path = format!("{}/out-of-service", device_path(place));
                match length {
                    Some(length) => {
                        let body = json!({ "until": now + *length, "reason": reason });
                        (Method::POST, path, body)
                    }
                    None => (Method::DELETE, path, Value::Null),
                }
            }
            Upkeep::Roster(roster) => {
                let body = serde_json::to_value(roster.as_ref()).map_err(|e| e.to_string())?;
                (Method::PUT, format!("rosters/{}", roster.id), body)
            }
        };
        Ok(self.ask(method, &path, body).await?.err())
    }
}
