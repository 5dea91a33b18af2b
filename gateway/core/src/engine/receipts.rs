//! What channels report: retries, the next way to a person, and the channel's own health.

use std::sync::Arc;

use crate::{
    alarm::{Alarm, Source},
    danger::Priority,
    event::What,
    id::{ChannelId, MessageId},
    notification::{
        outbox::{HANGS, Message, Purpose, RECEIPT_LIMIT, RETRY_WAITS, Status},
        receipt::Receipt,
    },
    planted::{self, Bug},
    text::Text,
    time::Span,
};

use super::Draft;

/// A channel that works is noted at most this often.
const PROVEN_EVERY: Span = Span::hours(1);

impl Draft {
    pub(super) fn hand_over_message(&mut self, id: MessageId) {
        if self.state.due.contains(&id) && !planted::is(Bug::GivenAndForgotten) {
            self.emit(What::HandedOver { message: id });
        }
    }

    pub(super) fn receipt(&mut self, id: MessageId, receipt: &Receipt) {
        let Some(message) = self.state.messages.get(&id).cloned() else { return };
        match receipt {
            // A telephone that is busy says so within a millisecond of its first ring, and the ring
            // may be told after it. It takes nothing back.
            Receipt::Accepted { .. } if matches!(message.status, Status::Failed { .. }) => {
                self.path_works(message.channel());
            }
            Receipt::Accepted { .. } if self.must_arrive(&message) => {
                self.emit(What::Receipted { message: id, receipt: receipt.clone() });
            }
            Receipt::Accepted { .. } | Receipt::Delivered | Receipt::Answered => {
                self.emit(What::Receipted { message: id, receipt: receipt.clone() });
                self.path_works(message.channel());
            }
            // Nothing is wrong with the channel; the next way is taken as after a failure.
            Receipt::Declined { reason } => {
                self.failed(&message, reason, false);
                if !self.must_arrive(&message) {
                    self.path_works(message.channel());
                }
            }
            Receipt::Gone { reason } => {
                self.way_is_broken(id, reason);
                self.failed(&message, reason, false);
            }
            Receipt::Failed { reason, retry } => self.failed(&message, reason, *retry),
        }
    }

    fn failed(&mut self, message: &Message, reason: &str, retry: bool) {
        let id = message.id;
        let waits = message.not_before > self.now && !self.state.live.handed_over.contains_key(&id);
        match message.status {
            // A second report of the same try.
            Status::Due if waits => {}
            Status::Due => self.fail(message, reason, retry),
            // The carrier found out later; the same message is of no use to it again.
            Status::Accepted { .. } => self.fail(message, reason, false),
            // It was called off meanwhile; only its being under way is over.
            _ => {
                let receipt = Receipt::Failed { reason: reason.to_owned(), retry };
                self.emit(What::Receipted { message: id, receipt });
            }
        }
    }

    fn fail(&mut self, message: &Message, reason: &str, retry: bool) {
        let wait = RETRY_WAITS.get(usize::try_from(message.failures).unwrap_or(usize::MAX));
        let known = self.state.wiring.channels.contains_key(message.channel());
        let tried_at = self.state.live.handed_over.get(&message.id);
        let hangs = tried_at.is_some_and(|at| self.now.since(*at) >= HANGS);
        let again = wait.filter(|_| retry && known && !(hangs && message.failures > 0));
        let receipt = Receipt::Failed { reason: reason.to_owned(), retry: again.is_some() };
        self.emit(What::Receipted { message: message.id, receipt });
        if let Some(wait) = again {
            let not_before = self.now + *wait;
            self.emit(What::MessageRetried { message: message.id, not_before });
            return;
        }
        if retry {
            self.does_not_send(message.channel());
        }
        if !self.fall_back(message) {
            self.give_up(message);
        }
    }

    /// Nothing reaches this person. If that leaves nobody who could answer this step, the next one
    /// begins at once: a busy line must not cost 45 seconds.
    fn give_up(&mut self, failed: &Message) {
        let Some(id) = failed.incident else { return };
        let Ok(incident) = self.open_incident(id) else { return };
        let (step, round) = (incident.run.step, incident.run.round);
        let asked = match failed.content.purpose {
            Purpose::Alert { step: s, round: r } => (s, r) == (step, round),
            Purpose::HandedOver { .. } => true,
            _ => false,
        };
        let somebody = self
            .messages_of(id)
            .any(|m| m.content.purpose == failed.content.purpose && m.may_reach());
        // Only in the first round: afterwards a wait is what keeps dead channels from spinning.
        if incident.going.is_empty() && asked && !somebody && round == 0 {
            self.start_step(id, step + 1, round);
        }
    }

    /// Messages whose channel was taken away can't be sent through it: the next way is taken.
    pub(super) fn fail_orphans(&mut self) {
        let orphans: Vec<Arc<Message>> = self
            .state
            .due
            .iter()
            .filter(|id| !self.state.live.handed_over.contains_key(*id))
            .filter_map(|id| self.state.messages.get(id))
            .filter(|m| !self.state.wiring.channels.contains_key(m.channel()))
            .cloned()
            .collect();
        for message in orphans {
            self.fail(&message, "this channel is not set up any more", false);
        }
    }

    /// Messages that a channel has kept for too long: that channel is at fault.
    pub(super) fn time_out_messages(&mut self) {
        let late: Vec<MessageId> = self
            .state
            .live
            .handed_over
            .iter()
            .filter(|(_, at)| **at + RECEIPT_LIMIT <= self.now)
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            let Some(message) = self.state.messages.get(&id).cloned() else { continue };
            self.does_not_send(message.channel());
            let reason = format!("no receipt within {RECEIPT_LIMIT}");
            self.receipt(id, &Receipt::Failed { reason, retry: true });
        }
    }

    /// A channel found its own line closed, or open again. That it is open proves no delivery: the
    /// daily test stays due. Nor does a delivery prove that answers can come in.
    pub(super) fn path(&mut self, channel: &ChannelId, fault: Option<&Text>) {
        match fault {
            Some(fault) => self.fails(Source::Line(channel.clone()), channel, fault.clone()),
            None => self.clear(&Source::Line(channel.clone()).alarm()),
        }
    }

    fn does_not_send(&mut self, channel: &ChannelId) {
        let name = Text {
            zh: format!("通知渠道“{channel}”发送失败"),
            en: format!("Channel \"{channel}\" does not send"),
        };
        self.fails(Source::Channel(channel.clone()), channel, name);
    }

    fn fails(&mut self, source: Source, channel: &ChannelId, name: Text) {
        let known = self.alarm(&source.alarm()).is_some_and(|a| a.active);
        if !known && self.state.wiring.channels.contains_key(channel) {
            self.raise_fault(source, name, Priority::High);
        }
    }

    fn path_works(&mut self, channel: &ChannelId) {
        let known = self.state.paths.get(channel).and_then(|p| p.proven_at);
        let failing = [Source::Channel(channel.clone()), Source::PathTest(channel.clone())]
            .map(|s| s.alarm());
        let failed = failing.iter().any(|a| self.alarm(a).is_some_and(|a: &Alarm| a.active));
        if failed || known.is_none_or(|at| self.now.since(at) >= PROVEN_EVERY) {
            self.emit(What::PathProven { channel: channel.clone() });
        }
        for alarm in failing {
            self.clear(&alarm);
        }
    }
}
