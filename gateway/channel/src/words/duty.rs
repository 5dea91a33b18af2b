//! News of shifts in words: swaps and hand-overs. They say of themselves that they are no alarm.

use gengfu_core::{
    notification::duty::DutyNews,
    roster::{Outcome, Turn},
    text::Language,
    time::Timestamp,
};

use super::{Speaker, plain};

impl Speaker<'_> {
    /// Title and lines.
    pub(super) fn duty(&self, news: &DutyNews, has_link: bool) -> (String, Vec<String>) {
        let roster = self.named("值班表：", "Roster: ", &self.content.what);
        let (title, mut lines) = match news {
            DutyNews::SwapAsked { name, turn, against, note, .. } => {
                self.asked(name, *turn, *against, note, has_link)
            }
            DutyNews::SwapEnded { name, turn, against, outcome, by_name, .. } => {
                self.ended(name, *turn, *against, outcome, by_name)
            }
            DutyNews::Coming { from, until, follows } => self.coming(*from, *until, follows),
            DutyNews::Over { since, next, stays } => self.over(*since, next, *stays),
        };
        lines.push(roster);
        (title, lines)
    }

    fn asked(
        &self,
        name: &str,
        turn: Turn,
        against: Option<Turn>,
        note: &str,
        has_link: bool,
    ) -> (String, Vec<String>) {
        let (who, when) = (plain(name), self.turn(turn));
        let title = self.pick(
            &format!("换班：{who}想请您代班"),
            &format!("Swap: {who} asks you to do a shift"),
        );
        let mut lines = vec![match against.map(|turn| self.turn(turn)) {
            None => self.pick(
                &format!("{who}在{when}的班，您能代吗？"),
                &format!("Can you do the shift of {who}, {when}?"),
            ),
            Some(yours) => self.pick(
                &format!("{who}想拿{when}的班，换您{yours}的班。可以吗？"),
                &format!("{who} would do your shift, {yours}, if you do theirs, {when}. Can you?"),
            ),
        }];
        let note = plain(note);
        if !note.is_empty() {
            lines.push(self.pick(&format!("附言：{note}"), &format!("Note: {note}")));
        }
        lines.push(match has_link {
            true => self.pick(
                "打开链接，登录后接受或谢绝。",
                "Open the link, sign in, and accept or decline.",
            ),
            false => self.pick(
                "请在家里的网关页面上接受或谢绝。",
                "Accept or decline on the gateway's page at home.",
            ),
        });
        (title, lines)
    }

    fn ended(
        &self,
        name: &str,
        turn: Turn,
        against: Option<Turn>,
        outcome: &Outcome,
        by_name: &str,
    ) -> (String, Vec<String>) {
        let (who, when, by) = (plain(name), self.turn(turn), plain(by_name));
        let (zh, en) = match outcome {
            Outcome::Accepted { .. } => ("换班定了", "Swap settled"),
            Outcome::Declined => ("换班没成：没有人能代", "No swap: nobody can"),
            Outcome::Withdrawn => ("换班取消了", "Swap withdrawn"),
            Outcome::Lapsed => ("换班没成：班已经开始", "No swap: the shift has begun"),
            Outcome::Void => ("换班作废", "Swap void"),
        };
        let mut lines = Vec::new();
        if let Outcome::Accepted { .. } = outcome {
            lines.push(
                self.pick(&format!("{when}由{by}值班。"), &format!("{by} is on duty {when}.")),
            );
            if let Some(against) = against.map(|turn| self.turn(turn)) {
                lines.push(self.pick(
                    &format!("{against}由{who}值班。"),
                    &format!("{who} is on duty {against}."),
                ));
            }
        } else {
            lines.push(self.pick(
                &format!("{when}还是{who}值班。"),
                &format!("{who} is still on duty {when}."),
            ));
        }
        (self.pick(zh, en), lines)
    }

    fn coming(
        &self,
        from: Timestamp,
        until: Option<Timestamp>,
        follows: &[String],
    ) -> (String, Vec<String>) {
        let begins = self.moment("", "", from);
        let title = self.pick(
            &format!("值班提醒：您{begins}开始值班"),
            &format!("Your shift begins at {begins}"),
        );
        let mut lines = vec![match until {
            Some(until) => {
                let until = self.moment("", "", until);
                self.pick(
                    &format!("您从{begins}值班到{until}。"),
                    &format!("You are on duty from {begins} until {until}."),
                )
            }
            None => self.pick(
                &format!("您从{begins}起值班。"),
                &format!("You are on duty from {begins} on."),
            ),
        }];
        if !follows.is_empty() {
            let before = self.list(follows);
            lines
                .push(self.pick(&format!("您接{before}的班。"), &format!("You relieve {before}.")));
        }
        lines.push(self.pick("请看看手机电量和音量。", "Look at your phone's battery and volume."));
        (title, lines)
    }

    fn over(&self, since: Timestamp, next: &[String], stays: bool) -> (String, Vec<String>) {
        let title = self.pick("您的班结束了", "Your shift is over");
        let at = self.moment("", "", since);
        let mut lines =
            vec![self.pick(&format!("您的班在{at}结束。"), &format!("It ended at {at}."))];
        let who = self.list(next);
        lines.push(match (next.is_empty(), stays) {
            (true, _) => self.pick(
                "现在没有人值班！请告诉维护值班表的人。",
                "Nobody is on duty now! Tell whoever keeps the roster.",
            ),
            (false, true) => {
                self.pick(&format!("{who}还在值班。"), &format!("Still on duty: {who}."))
            }
            (false, false) => {
                self.pick(&format!("{who}接您的班。"), &format!("You are relieved by {who}."))
            }
        });
        (title, lines)
    }

    fn turn(&self, turn: Turn) -> String {
        let (from, to) = (self.moment("", "", turn.from), self.moment("", "", turn.to));
        self.pick(&format!("{from}到{to}"), &format!("from {from} until {to}"))
    }

    fn list(&self, names: &[String]) -> String {
        let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        names.join(match self.language {
            Language::Zh => "、",
            Language::En => ", ",
        })
    }
}
