//! A patch: two calls that hear one another, like a cord between two jacks of a switchboard.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// Frames that may wait to be heard: 200 ms. What is more is old, and dropped, so that nobody speaks
/// into an echo of a second ago.
const WAITING: usize = 10;

type Frames = Arc<Mutex<VecDeque<Vec<i16>>>>;

/// One end of it.
pub(super) struct Patch {
    here: Frames,
    there: Frames,
    /// Both ends hold one: alone, the other has hung up.
    both: Arc<()>,
}

impl Patch {
    /// Its two ends.
    pub fn pair() -> (Self, Self) {
        let (a, b) = (Frames::default(), Frames::default());
        let both = Arc::new(());
        let one = Self { here: a.clone(), there: b.clone(), both: both.clone() };
        (one, Self { here: b, there: a, both })
    }

    /// Lets the other end hear this.
    pub fn speak(&self, samples: Vec<i16>) {
        let mut frames = self.there.lock().unwrap_or_else(PoisonError::into_inner);
        while frames.len() >= WAITING {
            frames.pop_front();
        }
        frames.push_back(samples);
    }

    /// What the other end said next; empty while it says nothing.
    pub fn hear(&self) -> Vec<i16> {
        let mut frames = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        frames.pop_front().unwrap_or_default()
    }

    /// The other end is gone.
    pub fn is_loose(&self) -> bool {
        Arc::strong_count(&self.both) < 2
    }
}

/// Several voices at once, as loud as they are together.
pub(super) fn mix(voices: impl IntoIterator<Item = Vec<i16>>) -> Vec<i16> {
    let mut sum: Vec<i16> = Vec::new();
    for voice in voices {
        if voice.len() > sum.len() {
            sum.resize(voice.len(), 0);
        }
        for (all, one) in sum.iter_mut().zip(voice) {
            *all = all.saturating_add(one);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_hear_one_another_and_know_when_they_are_alone() {
        let (car, person) = Patch::pair();
        car.speak(vec![1]);
        person.speak(vec![2]);
        assert_eq!((person.hear(), car.hear(), car.hear()), (vec![1], vec![2], vec![]));
        assert!(!car.is_loose());
        drop(person);
        assert!(car.is_loose());
    }

    #[test]
    fn what_waits_too_long_is_not_heard_any_more() {
        let (car, person) = Patch::pair();
        for n in 0..25 {
            car.speak(vec![n]);
        }
        assert_eq!(person.hear(), [15]);
    }

    #[test]
    fn voices_add_up_without_turning_over() {
        assert_eq!(mix([vec![1, 2, 3], vec![10]]), [11, 2, 3]);
        assert_eq!(mix([vec![i16::MAX], vec![5]]), [i16::MAX]);
        assert!(mix([]).is_empty());
    }
}
