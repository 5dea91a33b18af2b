//! Contacts that move while nobody can look.

use gengfu_board::{
    debounce::{Input, Seen},
    meanwhile::Meanwhile,
};
use proptest::prelude::*;

/// Everything that is to be shown, and how they stand at the end.
fn all<const N: usize>(meanwhile: &mut Meanwhile<N>, now_ms: u64) -> Vec<(u64, Option<u32>)> {
    let mut shown = vec![];
    loop {
        let next = meanwhile.show(now_ms);
        shown.push((next.at_ms, next.closed));
        if next.is_last {
            return shown;
        }
    }
}

#[test]
fn each_change_is_shown_with_its_time_and_what_was_before_it() {
    let mut meanwhile = Meanwhile::<8>::new();
    assert_eq!(all(&mut meanwhile, 1), [(1, None)]);
    for (at, closed) in [(5, 0), (10, 0), (100, 1), (105, 1), (300, 0)] {
        meanwhile.note(at, closed);
    }
    let (open, closed) = (Some(0), Some(1));
    assert_eq!(
        all(&mut meanwhile, 900),
        [(5, open), (99, open), (100, closed), (299, closed), (300, open), (900, open)]
    );
    assert_eq!(all(&mut meanwhile, 905), [(905, open)]);
}

#[test]
fn where_there_is_no_room_what_came_first_is_kept_and_the_last_state_is_found_again() {
    let mut meanwhile = Meanwhile::<2>::new();
    for (at, closed) in [(1, 0), (2, 1), (3, 0), (4, 2)] {
        meanwhile.note(at, closed);
    }
    assert_eq!(all(&mut meanwhile, 5), [(1, Some(0)), (1, Some(0)), (2, Some(1)), (5, Some(1))]);
    meanwhile.note(6, 2);
    assert_eq!(all(&mut meanwhile, 6), [(5, Some(1)), (6, Some(2)), (6, Some(2))]);
}

proptest! {
    /// A board that could not look for a while believes what one believes that looked all the time.
    #[test]
    fn a_press_is_believed_whenever_the_board_comes_to_look(
        from in 1_u64..900, length in 1_u64..900, deaf in 5_u64..2_000,
    ) {
        let closed_at = |at: u64| (from..from + length).contains(&at);
        let (mut steady, mut late) = (Input::new(), Input::new());
        let mut meanwhile = Meanwhile::<32>::new();
        let (mut by_steady, mut by_late) = (vec![], vec![]);
        let see = |input: &mut Input, at, closed| {
            input.see(at, if closed { Seen::Closed } else { Seen::Open })
        };
        for at in (0..4_000).step_by(5) {
            by_steady.extend(see(&mut steady, at, closed_at(at)));
            meanwhile.note(at, closed_at(at).into());
            if at % deaf < 5 {
                loop {
                    let next = meanwhile.show(at);
                    by_late.extend(see(&mut late, next.at_ms, next.closed == Some(1)));
                    if next.is_last {
                        break;
                    }
                }
            }
        }
        // A rest that is as long as the debounce to the millisecond is seen by one or the other.
        if length.abs_diff(50) > 5 {
            prop_assert_eq!(by_late, by_steady);
        }
    }
}
