//! What a message says: a title and a few short lines, in the language of the person.
//!
//! Plain words, for somebody who was asleep a moment ago: what is asked, what happened, where, since
//! when (by the clock on the wall of the site), what to do, how to answer.

mod duty;
mod test;

use gengfu_core::{
    danger::{Danger, Priority},
    incident::Cause,
    notification::outbox::{Content, Purpose},
    text::{Language, Text},
    time::{Span, Timestamp},
};
use jiff::tz::TimeZone;

use crate::{advice, channel::Outgoing, plain::plain};

pub use crate::advice::Room;

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub title: String,
    /// The rest, one thought a line. The link is not among them: each channel shows it its own way.
    pub lines: Vec<String>,
    /// The language they are in.
    pub language: Language,
}

impl Words {
    /// The lines as one text.
    pub fn body(&self) -> String {
        self.lines.join("\n")
    }
}

/// The language as HTML and HTTP name it.
pub fn tag(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh-CN",
        Language::En => "en",
    }
}

/// It should wake the person: somebody is in danger, and they are asked to act.
pub fn is_loud(content: &Content) -> bool {
    let drill = content.purpose.is_muster() && content.priority == Priority::Low;
    matches!(content.purpose, Purpose::NobodyAnswered { .. })
        || !drill && content.purpose.asks() && content.danger.must_pass(content.priority)
}

/// What stands on the button that opens the link.
pub fn button(out: &Outgoing) -> &'static str {
    match (out.message.language, out.message.content.purpose.asks()) {
        (Language::Zh, true) => "打开并回答",
        (Language::En, true) => "Open and answer",
        (Language::Zh, false) => "打开看看",
        (Language::En, false) => "Open",
    }
}

/// How a message can be answered where it arrives, besides by its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answering {
    /// Not at all.
    ByLink,
    /// By buttons under the message.
    ByButton,
    /// By a text back.
    ByText,
    /// By a mail back.
    ByMail,
}

/// The words for a notification that is answered by its link alone.
pub fn words(out: &Outgoing) -> Words {
    words_answered(out, Answering::ByLink, Room::Notice)
}

/// The words for a message; `room` is for what to do.
pub fn words_answered(out: &Outgoing, answering: Answering, room: Room) -> Words {
    let content = &out.message.content;
    let speak = Speaker {
        language: out.message.language,
        content,
        made_at: out.message.made_at,
        zone: TimeZone::get(&out.time_zone).ok(),
    };
    if let Purpose::Duty(news) = &content.purpose {
        // A text has no room for the link.
        let has_link = out.link.is_some() && answering != Answering::ByText;
        let (title, mut lines) = speak.duty(news, has_link);
        lines.push(speak.signed(&out.site_name));
        return Words { title, lines, language: speak.language };
    }
    let mut lines = vec![speak.opening()];
    if content.purpose == Purpose::PathTest {
        lines.push(speak.moment("时间：", "Sent: ", out.message.made_at));
    } else {
        lines.push(speak.named("事情：", "What: ", &content.what));
        lines.push(speak.named("地点：", "Where: ", &content.place));
        lines.push(speak.since());
    }
    if content.purpose.asks() {
        let answer = speak.answer(out.link.is_some(), answering);
        let advice = advice::advice(content, &out.card, speak.language, room);
        // A text that is too long loses its end.
        let at = lines.len() + if answering == Answering::ByText { 0 } else { advice.len() };
        lines.extend(advice);
        lines.insert(at, answer);
    }
    lines.push(speak.signed(&out.site_name));
    Words { title: speak.headed(), lines, language: speak.language }
}

struct Speaker<'a> {
    language: Language,
    content: &'a Content,
    made_at: Timestamp,
    zone: Option<TimeZone>,
}

impl Speaker<'_> {
    fn pick(&self, zh: &str, en: &str) -> String {
        match self.language {
            Language::Zh => zh.into(),
            Language::En => en.into(),
        }
    }

    fn named(&self, zh: &str, en: &str, name: &Text) -> String {
        self.pick(zh, en) + &plain(name.get(self.language))
    }

    fn signed(&self, site: &Text) -> String {
        format!("— {}", plain(site.get(self.language)))
    }

    fn title(&self) -> String {
        let place = plain(self.content.place.get(self.language));
        let danger = self.content.danger.words().get(self.language).to_owned();
        let numbers = advice::numbers(self.content.danger);
        match &self.content.purpose {
            // These have words of their own.
            Purpose::Duty(news) => self.duty(news, false).0,
            Purpose::PathTest => self.pick(
                "【测试】不是警报：检查消息能否送到",
                "[TEST] No alarm: checking that messages reach you",
            ),
            Purpose::Alert { .. } | Purpose::HandedOver { .. } => {
                self.pick(&format!("{danger}：{place}"), &format!("{danger}: {place}"))
            }
            Purpose::AskAgain => self.pick(
                &format!("您到了吗？{danger}：{place}"),
                &format!("Are you there? {danger}: {place}"),
            ),
            Purpose::Taken { .. } => self.pick(
                &format!("已有人去：{danger}，{place}"),
                &format!("Somebody is going: {danger}, {place}"),
            ),
            Purpose::NobodyAnswered { .. } => self.pick(
                &format!("没有人回应，请打{numbers}！{danger}：{place}"),
                &format!("NOBODY ANSWERED, CALL {numbers}! {danger}: {place}"),
            ),
            Purpose::NotOver { minutes } => self.pick(
                &format!("{minutes}分钟了还没结束：{danger}，{place}"),
                &format!("Not over after {minutes} min: {danger}, {place}"),
            ),
            Purpose::Over { .. } => self
                .pick(&format!("已结束：{danger}，{place}"), &format!("Over: {danger}, {place}")),
            Purpose::Muster { .. } if self.is_drill() => self.pick(
                &format!("【演习】全员通知：{danger}，{place}"),
                &format!("[DRILL] To everybody: {danger}, {place}"),
            ),
            Purpose::Muster { .. } => self.pick(
                &format!("全员通知：{danger}，{place}"),
                &format!("To everybody: {danger}, {place}"),
            ),
            Purpose::NeedsHelp { name, home, .. } => {
                let home = home.as_ref().map(|home| plain(home.get(self.language)));
                let home = home.unwrap_or_default();
                let name = plain(name);
                self.pick(
                    &format!("需要帮助：{name} {home}"),
                    format!("Needs help: {name}, {home}").trim_end_matches(", "),
                )
            }
            Purpose::MusterOver { .. } => self.pick(
                &format!("全员通知已解除：{danger}，{place}"),
                &format!("Over, for everybody: {danger}, {place}"),
            ),
        }
    }

    fn lead(&self) -> String {
        let name = |name: &str| match plain(name) {
            name if name.is_empty() => self.pick("有邻居", "A neighbour"),
            name => name,
        };
        match &self.content.purpose {
            Purpose::Alert { step: 0, round: 0 } => self.pick("您能去吗？", "Can you go?"),
            Purpose::Alert { .. } => {
                self.pick("还没有人回应。您能去吗？", "Nobody has answered yet. Can you go?")
            }
            Purpose::HandedOver { from_name, .. } => {
                let from = name(from_name);
                self.pick(
                    &format!("{from}去不了，转给了您。您能去吗？"),
                    &format!("{from} handed this over to you. Can you go?"),
                )
            }
            Purpose::AskAgain => self.pick(
                "您说过要去，还没有报到。您到了吗？",
                "You said you were going and have not arrived. Are you there?",
            ),
            Purpose::Taken { name: who, .. } => {
                let who = name(who);
                self.pick(
                    &format!("{who}正在赶去，您不用去了。"),
                    &format!("{who} is going. You need not."),
                )
            }
            Purpose::NobodyAnswered { count } => self.pick(
                &format!("所有人都叫过了，没有人回应（第{count}次提醒）。"),
                &format!("Everybody was asked and nobody answered (reminder {count})."),
            ),
            Purpose::NotOver { minutes } => self.pick(
                &format!("已经{minutes}分钟，事情还没有结束。"),
                &format!("It is not over after {minutes} minutes."),
            ),
            Purpose::Over { cause } => self.cause(*cause),
            Purpose::Muster { .. } if self.is_drill() => self.pick(
                "这是演习，没有真的出事。请照着做，并回答您是否平安。",
                "This is a drill: nothing happened. Please do what it says, and answer.",
            ),
            Purpose::Muster { .. } => self.pick(
                "所有人都在被通知。您平安吗？需要帮助吗？",
                "Everybody is being told. Are you safe? Do you need help?",
            ),
            Purpose::NeedsHelp { .. } => self
                .pick("这位邻居回答了“我需要帮助”。", "This neighbour answered \"I need help\"."),
            Purpose::MusterOver { .. } => self.pick(
                "全员通知已解除，可以放心了。谢谢您。",
                "It is over for everybody. Thank you.",
            ),
            Purpose::Duty(_) => String::new(),
            Purpose::PathTest => self.pick(
                "这是测试，不是警报。您收到了就好，什么都不用做。",
                "This is a test, not an alarm. That you got it is enough: nothing to do.",
            ),
        }
    }

    /// A muster that is an exercise.
    fn is_drill(&self) -> bool {
        self.content.priority == Priority::Low
    }

    fn cause(&self, cause: Cause) -> String {
        match cause {
            Cause::Rescued if self.content.danger == Danger::Trapped => {
                self.pick("已结束：人已经出来了。", "It is over: the passenger is out.")
            }
            Cause::Rescued => self.pick("已结束：人都安全。", "It is over: the people are safe."),
            Cause::Fixed => self.pick("已结束：已经修好。", "It is over: it was mended."),
            Cause::FalseAlarm => self.pick("已结束：是误报。", "It is over: it was a false alarm."),
            Cause::Drill => self.pick("已结束：是演练。", "It is over: it was a drill."),
            Cause::Other => self.pick("已结束。", "It is over."),
            Cause::Cleared => self
                .pick("已结束：已自行恢复正常。", "It is over: it went back to normal by itself."),
        }
    }

    fn answer(&self, has_link: bool, answering: Answering) -> String {
        match answering {
            Answering::ByLink => {}
            Answering::ByButton => {
                return self.pick("请按下面的按钮回答。", "Answer by the buttons below.");
            }
            Answering::ByText => return self.digits(),
            Answering::ByMail => {
                let how = if has_link {
                    self.pick(
                        "打开链接回答；也可以回复这封邮件，第一行写数字。",
                        "Open the link, or answer this mail with a digit in its first line. ",
                    )
                } else {
                    self.pick(
                        "回复这封邮件，第一行写数字。",
                        "Answer this mail with a digit in its first line. ",
                    )
                };
                return how + &self.digits();
            }
        }
        if !has_link {
            return self.pick(
                "这条消息不能回答：请在家里的网关页面上回答，或打电话告诉其他值班的人。",
                "This message can't be answered: answer on the gateway's page at home, or call the others on duty.",
            );
        }
        match self.content.purpose {
            Purpose::AskAgain => self.pick(
                "打开链接，按“我到了”；去不了就按“转交”。",
                "Open the link and press \"I'm there\", or \"hand over\" if you can't make it.",
            ),
            Purpose::Muster { .. } => self.pick(
                "打开链接，按“我平安”、“我需要帮助”或“我来帮忙”。",
                "Open the link and press \"I'm safe\", \"I need help\" or \"I'm coming to help\".",
            ),
            Purpose::NotOver { .. } => self.pick(
                "打开链接看情况；结束了就在那里结束。",
                "Open the link to see how it stands; if it is over, end it there.",
            ),
            _ => self.pick(
                "打开链接，按“我去”或“转交”。",
                "Open the link and press \"I'm going\" or \"hand over\".",
            ),
        }
    }

    /// What to text back.
    fn digits(&self) -> String {
        match self.content.purpose {
            Purpose::AskAgain => {
                self.pick("请回复：3 我到了；2 去不了。", "Reply 3: I'm there; 2: I can't.")
            }
            Purpose::NotOver { .. } => self.pick(
                "请回复：3 我到了；5 人都出来了。",
                "Reply 3: I'm there; 5: everybody is out.",
            ),
            Purpose::Muster { .. } => self.pick(
                "请回复：1 我平安；2 我需要帮助；3 我来帮忙。",
                "Reply 1: I'm safe; 2: I need help; 3: I'm coming to help.",
            ),
            _ => self.pick("请回复：1 我去；2 去不了。", "Reply 1: I'm going; 2: I can't."),
        }
    }

    fn since(&self) -> String {
        let at = self.moment("时间：", "Since: ", self.content.since);
        let age = self.made_at.since(self.content.since);
        match minutes(age) {
            0 => self.pick(&format!("{at} 起"), &at),
            m if m < 120 => {
                self.pick(&format!("{at} 起，已{m}分钟"), &format!("{at}, {m} min ago"))
            }
            m if m < 48 * 60 => {
                let (h, m) = (m / 60, m % 60);
                self.pick(
                    &format!("{at} 起，已{h}小时{m}分钟"),
                    &format!("{at}, {h} h {m} min ago"),
                )
            }
            m => {
                let days = m / (24 * 60);
                self.pick(&format!("{at} 起，已{days}天"), &format!("{at}, {days} days ago"))
            }
        }
    }

    fn moment(&self, zh: &str, en: &str, at: Timestamp) -> String {
        let (zone, unknown) = match &self.zone {
            Some(zone) => (zone.clone(), ""),
            None => (TimeZone::UTC, " UTC"),
        };
        let at = at.to_jiff().to_zoned_datetime(zone);
        match self.language {
            Language::Zh => format!("{zh}{}{unknown}", at.strftime("%-m月%-d日 %H:%M")),
            Language::En => format!("{en}{}{unknown}", at.strftime("%H:%M on %-d %b")),
        }
    }
}

fn minutes(span: Span) -> u64 {
    span.as_millis() / Span::mins(1).as_millis()
}
