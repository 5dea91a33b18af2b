//! What is heard in a call: sentences one after the other, some of them still being made.

use std::collections::VecDeque;

use tokio::sync::oneshot;

use super::rtp::FRAME;

/// A key is waited for so long after the last word, in frames of 20 ms: five seconds.
const PATIENCE: u32 = 250;
/// The last word is followed by this much silence before the call ends: a third of a second.
const AFTER_THE_LAST: u32 = 15;

/// A sentence.
pub(super) enum Piece {
    /// As samples.
    Ready(Vec<i16>),
    /// As samples, before long.
    Making(oneshot::Receiver<Vec<i16>>),
}

/// What to do after a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// The next one.
    GoOn,
    /// Everything was said, and nobody reacted for a while.
    Silence,
    /// The last word was said.
    Over,
}

/// Gives out frames.
#[derive(Default)]
pub(super) struct Player {
    pieces: VecDeque<Piece>,
    at: usize,
    quiet: u32,
    last: bool,
}

impl Player {
    /// Says this in place of what is being said; `last`: the call ends after it.
    pub fn say(&mut self, pieces: Vec<Piece>, last: bool) {
        *self = Self { pieces: pieces.into(), at: 0, quiet: 0, last };
    }

    /// The next frame's samples, empty for silence, and what to do after it.
    pub fn frame(&mut self) -> (Vec<i16>, Then) {
        while let Some(piece) = self.pieces.front_mut() {
            if let Piece::Making(making) = piece {
                match making.try_recv() {
                    Ok(samples) => *piece = Piece::Ready(samples),
                    Err(oneshot::error::TryRecvError::Empty) => return (vec![], Then::GoOn),
                    // It was never made; the sentences after it are not waited for in vain.
                    Err(oneshot::error::TryRecvError::Closed) => *piece = Piece::Ready(vec![]),
                }
                continue;
            }
            let Piece::Ready(samples) = piece else { continue };
            if self.at < samples.len() {
                let end = (self.at + FRAME).min(samples.len());
                let frame = samples[self.at..end].to_vec();
                self.at = end;
                return (frame, Then::GoOn);
            }
            self.pieces.pop_front();
            self.at = 0;
        }
        self.quiet += 1;
        let then = match self.last {
            true if self.quiet >= AFTER_THE_LAST => Then::Over,
            false if self.quiet == PATIENCE => Then::Silence,
            _ => Then::GoOn,
        };
        (vec![], then)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_follow_one_another_and_one_that_is_being_made_is_waited_for() {
        let mut player = Player::default();
        let (made, making) = oneshot::channel();
        player.say(vec![Piece::Ready(vec![1; 200]), Piece::Making(making)], false);
        assert_eq!(player.frame().0.len(), FRAME);
        assert_eq!(player.frame().0.len(), 40);
        assert_eq!(player.frame(), (vec![], Then::GoOn));
        made.send(vec![2; 10]).unwrap();
        assert_eq!(player.frame().0, [2; 10]);
        let silence = (0..PATIENCE).map(|_| player.frame().1).collect::<Vec<_>>();
        assert_eq!(silence.iter().position(|t| *t == Then::Silence), Some(249));
        assert_eq!(player.frame().1, Then::GoOn, "told once");
    }

    #[test]
    fn the_last_word_ends_the_call_and_a_sentence_that_is_never_made_holds_nothing_up() {
        let mut player = Player::default();
        let (never, making) = oneshot::channel();
        drop(never);
        player.say(vec![Piece::Making(making), Piece::Ready(vec![1])], true);
        assert_eq!(player.frame().0, [1]);
        let ends = (0..20).map(|_| player.frame().1).position(|then| then == Then::Over);
        assert_eq!(ends, Some(14));
    }
}
