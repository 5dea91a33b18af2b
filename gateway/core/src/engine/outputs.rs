//! Outputs: who may switch what, for how long, and that it is off again afterwards.

use crate::{
    alarm::Source,
    device::Presence,
    event::{Output as News, What},
    id::{IncidentId, OrderId, PointId},
    incident::{By, Incident, Phase},
    output::{ORDER_LIMIT, Order, OrderEnd, Orders, Outcome, Output, REASON_LIMIT, SAFE_LIMIT},
    refusal::Refusal,
    state::State,
    text::{Language, Text},
    time::{Span, Timestamp},
};

use super::Draft;

/// Nothing is switched on for less: relays and people need that long.
const SHORTEST: Span = Span::secs(1);

/// What is wished of an output.
struct Wish {
    on: bool,
    hold: Option<Span>,
    reason: Text,
    incident: Option<IncidentId>,
}

impl Draft {
    /// A person switches an output.
    pub(super) fn switch(
        &mut self,
        output: &PointId,
        on: Option<Span>,
        reason: &str,
        incident: Option<IncidentId>,
        by: &By,
    ) -> Result<(), Refusal> {
        let known = self.known_output(output)?;
        self.known(by)?;
        let reason = reason.trim();
        if reason.chars().count() > REASON_LIMIT {
            let words = format!("use {REASON_LIMIT} characters at most for the reason");
            return Err(Refusal::Invalid(words));
        }
        if let Some(hold) = on {
            if reason.is_empty() {
                return Err(Refusal::Invalid("say why it is switched on".into()));
            }
            if hold < SHORTEST || hold > known.most {
                return Err(Refusal::Invalid(format!(
                    "{output} can be on for {SHORTEST} to {}, not for {hold}",
                    known.most
                )));
            }
            self.may_switch_on(output)?;
        }
        if let Some(incident) = incident {
            self.open_incident(incident)?;
        }
        let wish = Wish { on: on.is_some(), hold: on, reason: Text::from(reason), incident };
        self.order(output, wish, by.clone());
        Ok(())
    }

    /// What switches on must be wished of a device that can be trusted to hear it, and that nobody
    /// is working at.
    fn may_switch_on(&self, output: &PointId) -> Result<(), Refusal> {
        let Some(device) = self.state.index.device_of.get(output) else { return Ok(()) };
        if let Some(out) = self.state.out_of_service.get(device) {
            return Err(Refusal::Invalid(format!(
                "{device} is out of service: {}. Put it back into service first",
                out.reason
            )));
        }
        if self.state.presence(device) != Presence::Present {
            return Err(Refusal::Invalid(format!(
                "{device} is not heard, so nothing of it can be switched: do it by hand, on the spot"
            )));
        }
        Ok(())
    }

    /// A step of a policy switches on what it names, unless it is on already.
    pub(super) fn switch_by_step(&mut self, incident: IncidentId, outputs: &[PointId]) {
        for output in outputs {
            let Ok(known) = self.known_output(output) else { continue };
            let is_on = self.state.outputs.get(output).is_some_and(|o| o.is_on(self.now));
            if is_on || self.may_switch_on(output).is_err() {
                continue;
            }
            let reason = Text::new(
                &format!("事件 {incident}：没有人应答"),
                &format!("incident {incident}: by its policy"),
            );
            let wish = Wish { on: true, hold: Some(known.hold), reason, incident: Some(incident) };
            self.order(output, wish, By::gateway());
        }
    }

    /// What calls for help is over: somebody is on the way, or there is nothing to help with any more.
    /// It goes on where another incident, which nobody answers, has it on as well.
    pub(super) fn quieten(&mut self, incident: IncidentId) {
        let now = self.now;
        let sounding = self.state.outputs.iter().filter(|(id, orders)| {
            let by = orders.standing().and_then(|order| order.incident);
            let is_its = by == Some(incident)
                || by.is_some()
                    && self.state.incidents.get(&incident).is_some_and(|of| has_on(of, id));
            let mut open = self.state.open_incidents();
            orders.is_on(now)
                && is_its
                && self.state.output(id).is_some_and(|output| output.kind.calls())
                && !open.any(|other| other.phase() == Phase::Calling && has_on(other, id))
        });
        for output in sounding.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            let reason = Text::new("已有人前往，或事件已结束", "somebody is going, or it is over");
            let wish = Wish { on: false, hold: None, reason, incident: Some(incident) };
            self.order(&output, wish, By::gateway());
        }
    }

    fn order(&mut self, output: &PointId, wish: Wish, by: By) {
        let order = Order {
            id: OrderId(self.state.next_order.0.max(1)),
            on: wish.on,
            at: self.now,
            until: wish.hold.map(|hold| self.now + hold),
            reason: wish.reason,
            by,
            incident: wish.incident,
            outcome: None,
        };
        self.emit(What::Output(News::Ordered { output: output.clone(), order }));
    }

    /// What became of an order, from whoever carries it out.
    pub(super) fn order_ended(
        &mut self,
        output: &PointId,
        order: OrderId,
        end: OrderEnd,
        why: &Text,
    ) {
        let orders = self.state.outputs.get(output);
        let Some(known) = orders.and_then(|o| o.0.iter().find(|o| o.id == order)).cloned() else {
            return;
        };
        // The same said again is no news, and what is settled stays settled.
        let same = known.outcome.as_ref().is_some_and(|o| o.end == end && o.why == *why);
        if same || !known.is_pending() {
            return;
        }
        let outcome = Outcome { end, why: why.clone(), at: self.now };
        self.emit(What::Output(News::Reported { output: output.clone(), order, outcome }));
        let counts = self.standing(output).is_some_and(|standing| standing.id == order);
        match end {
            OrderEnd::Done if !known.on && counts => self.health(&part(output), None),
            // It may be on: it is brought to where it is safe.
            OrderEnd::Unclear if known.on && counts => self.make_safe(
                output,
                Text::new("结果不明，恢复安全状态", "it is not known how it stands: back to safe"),
            ),
            _ => {}
        }
    }

    fn make_safe(&mut self, output: &PointId, reason: Text) {
        let incident = self.standing(output).and_then(|order| order.incident);
        let wish = Wish { on: false, hold: None, reason, incident };
        self.order(output, wish, By::gateway());
    }

    /// Outputs whose time is over, orders that nobody carried out, and what can't be made safe.
    pub(super) fn mind_outputs(&mut self) {
        for output in self.state.outputs.keys().cloned().collect::<Vec<_>>() {
            let Some(order) = self.standing(&output).cloned() else { continue };
            if next_of(&self.state, &output, &order).is_none_or(|at| at > self.now) {
                continue;
            }
            if order.on && order.outcome.is_none() && order.at + ORDER_LIMIT <= self.now {
                let why = Text::new("没有人执行这条指令", "nobody carried the order out in time");
                self.order_ended(&output, order.id, OrderEnd::Unclear, &why);
            } else if order.on {
                self.make_safe(&output, Text::new("时间到", "its time is over"));
            } else {
                self.cannot_make_safe(&output);
            }
        }
    }

    fn cannot_make_safe(&mut self, output: &PointId) {
        let name = self.state.output_name(output);
        let words = Text {
            zh: format!("{} 无法关闭，请到现场手动处理", name.get(Language::Zh)),
            en: format!(
                "{} can't be switched off: do it by hand, on the spot",
                name.get(Language::En)
            ),
        };
        self.health(&part(output), Some(&words));
    }

    /// Outputs that no profile names any more can't be switched, nor missed.
    pub(super) fn forget_outputs(&mut self) {
        let gone = self.state.outputs.keys().filter(|id| self.state.output(id).is_none());
        for output in gone.cloned().collect::<Vec<_>>() {
            self.health(&part(&output), None);
        }
    }

    pub(super) fn known_output(&self, id: &PointId) -> Result<Output, Refusal> {
        let unknown = || Refusal::Unknown { what: "output", name: id.to_string() };
        self.state.output(id).cloned().ok_or_else(unknown)
    }

    fn standing(&self, output: &PointId) -> Option<&Order> {
        self.state.outputs.get(output).and_then(|orders| orders.standing())
    }
}

/// A step of the incident's policy that has begun switches the output on.
fn has_on(incident: &Incident, output: &PointId) -> bool {
    let steps = &incident.policy.steps;
    let begun = if incident.run.round > 0 { steps.len() } else { incident.run.step + 1 };
    steps.iter().take(begun).any(|step| step.switch_on.contains(output))
}

/// The part of the gateway that an output's fault is about.
fn part(output: &PointId) -> String {
    format!("output:{output}")
}

/// When something is to be done about an output next.
fn next_of(state: &State, output: &PointId, order: &Order) -> Option<Timestamp> {
    state.output(output)?;
    match (order.on, order.outcome.as_ref().map(|o| o.end)) {
        (true, None) => Some(order.until.unwrap_or(order.at).min(order.at + ORDER_LIMIT)),
        (true, Some(OrderEnd::Done)) => order.until,
        (true, Some(OrderEnd::Failed | OrderEnd::Unclear)) | (false, Some(OrderEnd::Done)) => None,
        (false, _) => {
            let alarm = Source::Gateway(part(output)).alarm();
            let told = state.alarms.get(&alarm).is_some_and(|a| a.active);
            (!told).then_some(order.at + SAFE_LIMIT)
        }
    }
}

/// When something is to be done about any output next.
pub(super) fn next_look(state: &State) -> Option<Timestamp> {
    let next =
        |(id, orders): (&PointId, &std::sync::Arc<Orders>)| next_of(state, id, orders.standing()?);
    state.outputs.iter().filter_map(next).min()
}
