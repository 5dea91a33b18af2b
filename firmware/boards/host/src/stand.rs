//! How the boards stand now, and what was counted of them: a line.

use core::fmt;

use gengfu_wire::up::InputState;

use crate::{crew::Member, tally::Tally};

/// That line.
pub struct Stand<'a> {
    /// All of them.
    pub members: &'a [Member],
    /// What was counted.
    pub tally: &'a Tally,
}

impl fmt::Display for Stand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut connected, mut configured, mut active, mut waiting) = (0, 0, 0, 0);
        for member in self.members {
            let board = member.board.borrow();
            connected += usize::from(board.is_connected());
            configured += usize::from(board.config().is_some());
            active += usize::from(board.stands(1) == Some(InputState::Active));
            waiting += board.waiting();
        }
        let Tally { connects, events, receipts, lost, refused, .. } = self.tally;
        write!(
            f,
            "boards={} connected={connected} configured={configured} active={active} \
             waiting={waiting} connects={} events={} receipts={} lost={} refused={}",
            self.members.len(),
            connects.get(),
            events.get(),
            receipts.get(),
            lost.get(),
            refused.get(),
        )?;
        if let Some([middle, late, worst]) = self.tally.times_ms([50, 99, 100]) {
            write!(f, " p50_ms={middle} p99_ms={late} worst_ms={worst}")?;
        }
        Ok(())
    }
}
