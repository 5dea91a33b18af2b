//! Boards with a flash, and what was pressed on them.

use std::collections::BTreeSet;

use gengfu_sim::building::Board;
use gengfu_wire::up::InputState;

use crate::eventually;

/// Which board, and its event's number.
pub type Events = BTreeSet<(String, u32)>;

/// Boards in their first start, each with a button at input 1, and how often each was pressed or
/// let go.
pub struct Buttons {
    boards: Vec<Board>,
    pressed: Vec<u32>,
}

impl Buttons {
    /// The buttons of these boards, none of them pressed.
    pub fn new(boards: Vec<Board>) -> Self {
        let pressed = vec![0; boards.len()];
        Self { boards, pressed }
    }

    /// The boards.
    pub fn boards(&self) -> &[Board] {
        &self.boards
    }

    /// Presses the button of a board, or lets it go where it is pressed; boards count from 0.
    pub fn press(&mut self, at: usize) {
        self.pressed[at] += 1;
        let active = self.pressed[at] % 2 == 1;
        let state = if active { InputState::Active } else { InputState::Idle };
        self.boards[at].set_input(1, state);
    }

    /// The same with every board.
    pub fn press_all(&mut self) {
        (0..self.boards.len()).for_each(|at| self.press(at));
    }

    /// Waits until every board is connected.
    pub async fn online(&self) {
        for board in &self.boards {
            let status = board.status();
            let what = format!("{} is there", board.id());
            eventually(&what, async || status.borrow().online.then_some(())).await;
        }
    }

    /// Waits until everything that was pressed has its receipt.
    pub async fn settle(&self) {
        for (board, pressed) in self.boards.iter().zip(&self.pressed) {
            let status = board.status();
            eventually(&format!("the receipts of {}", board.id()), async || {
                let now = *status.borrow();
                (now.queue == 0 && now.receipts == u64::from(*pressed)).then_some(())
            })
            .await;
        }
    }

    /// Everything that was pressed.
    pub fn events(&self) -> Events {
        let of = |(board, pressed): (&Board, &u32)| {
            let id = board.id().to_owned();
            (1..=*pressed).map(move |seq| (id.clone(), seq))
        };
        self.boards.iter().zip(&self.pressed).flat_map(of).collect()
    }
}
