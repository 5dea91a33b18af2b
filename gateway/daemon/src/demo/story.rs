//! The story on the terminal, line by line, read from the state that is durable: what happened, who
//! was told through what, who answered.

use std::collections::BTreeMap;

use gengfu_core::{
    device::Presence,
    id::{DeviceId, IncidentId, MessageId, PersonId},
    incident::{Happened, Incident},
    notification::outbox::{Message, Purpose, Status},
    state::State,
    text::{Language, Text},
    time::Timestamp,
};

/// Tells what is new since it was asked last.
pub struct Story {
    language: Language,
    colour: bool,
    moments: BTreeMap<IncidentId, usize>,
    messages: BTreeMap<MessageId, &'static str>,
    lost: BTreeMap<DeviceId, Presence>,
}

impl Story {
    /// A story in the reader's language, in colour where the terminal can show it.
    pub fn new(language: Language, colour: bool) -> Self {
        Self {
            language,
            colour,
            moments: BTreeMap::new(),
            messages: BTreeMap::new(),
            lost: BTreeMap::new(),
        }
    }

    /// The new lines, oldest first.
    pub fn tell(&mut self, state: &State) -> Vec<String> {
        let mut lines: Vec<(Timestamp, String)> = vec![];
        for incident in state.incidents.values() {
            let told = self.moments.insert(incident.id, incident.timeline.len()).unwrap_or(0);
            for moment in incident.timeline.iter().skip(told) {
                let who = moment.by.person.as_ref().map(|p| name(state, p)).unwrap_or_default();
                let words = self.happened(state, incident, &moment.happened, &who);
                let number = incident.id;
                lines.extend(words.map(|words| (moment.at, format!("#{number} {words}"))));
            }
        }
        for message in state.messages.values() {
            let Some((status, at, words)) = self.message(state, message) else { continue };
            if self.messages.insert(message.id, status) != Some(status) {
                lines.push((at, words));
            }
        }
        let lost: BTreeMap<_, _> = state.lost.iter().map(|(d, p)| (d.clone(), *p)).collect();
        for device in self.lost.keys().filter(|d| !lost.contains_key(*d)) {
            let words =
                self.say(&format!("{device} 恢复了信号"), &format!("{device} is heard again"));
            lines.push((state.live.heard.get(device).copied().unwrap_or_default(), words));
        }
        self.lost = lost;
        lines.sort_by_key(|(at, _)| *at);
        lines.into_iter().map(|(at, words)| format!("{}  {words}", clock(state, at))).collect()
    }

    fn say(&self, zh: &str, en: &str) -> String {
        Text::new(zh, en).get(self.language).to_owned()
    }

    fn paint(&self, code: &str, words: String) -> String {
        if self.colour { format!("\x1b[{code}m{words}\x1b[0m") } else { words }
    }

    fn happened(
        &self,
        state: &State,
        incident: &Incident,
        what: &Happened,
        who: &str,
    ) -> Option<String> {
        let (place, title) =
            (incident.place_name.get(self.language), incident.what.get(self.language));
        let name = |p: &PersonId| name(state, p);
        Some(match what {
            Happened::Opened => self.paint(
                "1;31",
                self.say(&format!("▲ {title} — {place}"), &format!("▲ {title} — {place}")),
            ),
            Happened::StepStarted { step, people, .. } if people.is_empty() => self.say(
                &format!("  第 {} 步：联系不上任何人", step + 1),
                &format!("  step {}: nobody can be reached", step + 1),
            ),
            Happened::StepStarted { step, people, .. } => {
                let names = people.iter().map(name).collect::<Vec<_>>().join(", ");
                self.say(&format!("  第 {} 步：呼叫 {names}", step + 1), &format!("  step {}: asking {names}", step + 1))
            }
            Happened::Rested { until } => {
                let until = clock(state, *until);
                self.say(
                    &format!("  大家都在休息，等到 {until}"),
                    &format!("  everybody has quiet hours: it waits until {until}"),
                )
            }
            Happened::Mustered { people, .. } => self.paint(
                "1;35",
                self.say(
                    &format!("!! 全员通知：{people} 人"),
                    &format!("!! everybody is called: {people} people"),
                ),
            ),
            Happened::Switched { name, on, .. } => {
                let name = name.get(self.language);
                match on {
                    true => self.say(&format!("  打开：{name}"), &format!("  switched on: {name}")),
                    false => self.say(&format!("  关闭：{name}"), &format!("  switched off: {name}")),
                }
            }
            Happened::Acknowledged => {
                self.paint("1;32", self.say(&format!("✔ {who}：我去"), &format!("✔ {who}: \"I'm going\"")))
            }
            Happened::Arrived => {
                self.paint("1;32", self.say(&format!("✔ {who}：我到了"), &format!("✔ {who}: \"I'm there\"")))
            }
            Happened::HandedOver { to } => {
                let to = to.as_ref().map(name);
                let (zh, en) = match &to {
                    Some(to) => (format!("  {who} 转交给 {to}"), format!("  {who} hands over to {to}")),
                    None => (format!("  {who} 去不了，问下一位"), format!("  {who} can't go: the next is asked")),
                };
                self.say(&zh, &en)
            }
            Happened::Lapsed { person } => {
                let late = name(person);
                self.say(&format!("  {late} 没有按时到达，继续呼叫"), &format!("  {late} did not arrive in time: asking on"))
            }
            Happened::Prompted { count } => self.paint(
                "1;35",
                self.say(
                    &format!("!! 无人应答，向所有人大声提示（第 {count} 次）：请拨打 119 / 96333"),
                    &format!("!! nobody answers: everybody is told loudly (no. {count}) to call 119 / 96333"),
                ),
            ),
            Happened::Reminded { minutes } => {
                self.say(&format!("  已过 {minutes} 分钟，尚未结束"), &format!("  {minutes} minutes, and not over"))
            }
            Happened::Ended { .. } => self.paint(
                "1;32",
                self.say(&format!("■ 结束 {who}"), &format!("■ over {who}")),
            ),
            Happened::AlarmRaised { .. } | Happened::AlarmCleared { .. } => return None,
        })
    }

    fn message(
        &self,
        state: &State,
        message: &Message,
    ) -> Option<(&'static str, Timestamp, String)> {
        let who = name(state, &message.person);
        let through = message.channel();
        let why = match &message.content.purpose {
            Purpose::PathTest => self.say("（测试）", "(test) "),
            Purpose::NobodyAnswered { .. } => self.say("（紧急提示）", "(loud prompt) "),
            Purpose::Taken { .. } => self.say("（已有人去）", "(somebody is going) "),
            Purpose::Over { .. } => self.say("（已结束）", "(it is over) "),
            _ => String::new(),
        };
        let number = message.incident.map(|i| format!("#{i} ")).unwrap_or_default();
        let line = |zh: &str, en: &str| {
            let zh = format!("{number}  {why}{who} ← {through}：{zh}");
            let en = format!("{number}  {why}{who} ← {through}: {en}");
            self.say(&zh, &en)
        };
        Some(match &message.status {
            Status::Due | Status::Cancelled { .. } => return None,
            Status::Accepted { at } => ("accepted", *at, line("已送交", "the carrier has it")),
            Status::Delivered { at } => ("delivered", *at, line("已到手机", "it is on the phone")),
            Status::Answered { at } => ("answered", *at, line("已应答", "answered")),
            Status::Failed { at, reason } => {
                ("failed", *at, line(&format!("失败：{reason}"), &format!("failed: {reason}")))
            }
        })
    }
}

fn name(state: &State, person: &PersonId) -> String {
    state.people.get(person).map_or_else(|| person.to_string(), |p| p.name.clone())
}

fn clock(state: &State, at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get(&state.wiring.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(at.to_jiff()).strftime("%H:%M:%S").to_string()
}
