//! What changes about outputs.

use std::sync::Arc;

use crate::{
    event::Output as News, id::OrderId, incident::Happened, output::Orders, state::State,
    time::Timestamp,
};

use super::incidents;

pub(super) fn evolve(state: &mut State, at: Timestamp, news: &News) {
    match news {
        News::Ordered { output, order } => {
            let orders = state.outputs.entry(output.clone()).or_default();
            Arc::make_mut(orders).add(order.clone());
            state.next_order = OrderId(state.next_order.0.max(order.id.0.saturating_add(1)));
            if let Some(incident) = order.incident {
                let name = state.output_name(output);
                let happened = Happened::Switched { output: output.clone(), name, on: order.on };
                incidents::note(state, incident, at, happened, order.by.clone());
            }
        }
        News::Reported { output, order, outcome } => {
            let Some(orders) = state.outputs.get_mut(output) else { return };
            let Orders(known) = Arc::make_mut(orders);
            if let Some(order) = known.iter_mut().find(|known| known.id == *order) {
                order.outcome = Some(outcome.clone());
            }
        }
    }
}
