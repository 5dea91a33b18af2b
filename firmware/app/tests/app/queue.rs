//! Events, kept until the gateway's receipt.

use std::collections::BTreeMap;

use gengfu_board::queue::{FIRST_PAUSE_MS, Queue};
use gengfu_wire::up::{
    Event,
    InputState::{self, Active, Idle},
};
use proptest::prelude::*;

fn due<const N: usize>(queue: &mut Queue<N>, now_ms: u64) -> Vec<(u32, u32)> {
    std::iter::from_fn(|| queue.next_due(now_ms)).map(|e| (e.seq, e.age_ms)).collect()
}

#[test]
fn an_event_is_said_again_ever_more_seldom_until_its_receipt() {
    let mut queue = Queue::<4>::new(7);
    queue.push(1, Active, true, 900);
    let mut said = vec![];
    for now in (1_000..=260_000).step_by(500) {
        said.extend(queue.next_due(now).map(|event| {
            assert_eq!(u64::from(event.age_ms), now - 900, "its age is always that of now");
            assert_eq!((event.boot, event.seq), (7, 1), "its name never changes");
            now / 1_000
        }));
    }
    assert_eq!(
        said,
        [1, 6, 16, 36, 66, 96, 126, 156, 186, 216, 246],
        "after 5 s, 10, 20, and each 30 s"
    );
    queue.receipt(7, 1);
    assert!(queue.is_empty());
    assert_eq!(due(&mut queue, 1_000_000), []);
}

#[test]
fn after_a_reconnect_all_is_said_at_once_and_in_order() {
    let mut queue = Queue::<4>::new(1);
    for input in 1..=3 {
        queue.push(input, Active, false, u64::from(input));
    }
    assert_eq!(due(&mut queue, 10), [(1, 9), (2, 8), (3, 7)]);
    assert_eq!(due(&mut queue, 11), []);
    queue.receipt(1, 2);
    queue.say_all_again();
    assert_eq!(due(&mut queue, 12), [(1, 11), (3, 9)]);
    assert_eq!(due(&mut queue, 12 + FIRST_PAUSE_MS - 1), []);
    assert_eq!(due(&mut queue, 12 + FIRST_PAUSE_MS).len(), 2, "the pause is short again");
}

#[test]
fn a_receipt_of_another_start_or_of_nothing_forgets_nothing() {
    let mut queue = Queue::<4>::new(8);
    queue.push(1, Active, true, 0);
    for (boot, seq) in [(7, 1), (8, 2), (8, 0), (9, 1)] {
        queue.receipt(boot, seq);
    }
    assert_eq!(queue.len(), 1);
}

#[test]
fn a_full_queue_gives_up_the_gate_before_the_fire() {
    let mut queue = Queue::<3>::new(1);
    queue.push(9, Active, false, 0); // 1: the gate
    queue.push(1, Active, true, 0); // 2: fire
    queue.push(9, Idle, false, 0); // 3: the gate
    queue.push(2, Active, true, 0); // 4: trapped, in the place of 1
    queue.push(9, Active, false, 0); // 5: the gate, in the place of 3
    assert_eq!(due(&mut queue, 0), [(2, 0), (4, 0), (5, 0)]);
    queue.push(1, Idle, true, 0); // 6: fire, in the place of 5
    queue.push(9, Idle, false, 0); // 7: the gate finds no room
    queue.push(1, Active, true, 0); // 8: fire, nothing but vital left: the oldest goes
    queue.say_all_again();
    assert_eq!(due(&mut queue, 0), [(4, 0), (6, 0), (8, 0)]);
    assert_eq!(queue.dropped(), 5);
    assert_eq!(
        (queue.newest(9), queue.newest(1), queue.newest(2)),
        (Idle, Active, Active),
        "what was dropped is not forgotten"
    );
}

#[test]
fn numbers_are_not_given_twice_when_events_are_dropped() {
    let mut queue = Queue::<1>::new(1);
    for _ in 0..3 {
        queue.push(1, Active, true, 0);
        queue.push(2, Active, false, 0);
    }
    assert_eq!(due(&mut queue, 0), [(5, 0)]);
}

#[derive(Debug, Clone)]
enum Step {
    Happen {
        input: u8,
        active: bool,
    },
    Wait(u64),
    /// The board says what is due; each message arrives so many times.
    Say(u8),
    /// One of the messages under way arrives, whichever; its receipt starts so many times.
    Arrive(prop::sample::Index, u8),
    /// One of the receipts under way arrives, whichever.
    Receipt(prop::sample::Index),
    Reconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1u8..=16, any::<bool>()).prop_map(|(input, active)| Step::Happen { input, active }),
        3 => (0u64..90_000).prop_map(Step::Wait),
        4 => (0u8..3).prop_map(Step::Say),
        4 => (any::<prop::sample::Index>(), 0u8..3).prop_map(|(which, n)| Step::Arrive(which, n)),
        4 => any::<prop::sample::Index>().prop_map(Step::Receipt),
        1 => Just(Step::Reconnect),
    ]
}

/// When an event happened, which input it was, and how that stood.
type Fact = (u64, u8, InputState);

/// The gateway takes each name once, and a name must always stand for the same fact.
fn take(journal: &mut BTreeMap<u32, Fact>, (sent_ms, event): (u64, Event)) {
    let fact = (sent_ms - u64::from(event.age_ms), event.input, event.state);
    let known = *journal.entry(event.seq).or_insert(fact);
    assert_eq!(known, fact, "event {} is another one now", event.seq);
}

proptest! {
    /// Messages and receipts that are lost, doubled and overtaken: nothing that happened is missing
    /// in the end, nothing was forgotten before its receipt, and nothing is told too often.
    #[test]
    fn what_happened_arrives(steps in prop::collection::vec(step(), 1..150)) {
        let mut queue = Queue::<150>::new(3);
        let mut now = 0;
        let mut happened: Vec<Fact> = vec![];
        let mut journal = BTreeMap::new();
        let mut last_said: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut messages, mut receipts): (Vec<(u64, Event)>, Vec<u32>) = (vec![], vec![]);
        for step in steps {
            match step {
                Step::Happen { input, active } => {
                    let state = if active { Active } else { Idle };
                    queue.push(input, state, input < 3, now);
                    happened.push((now, input, state));
                    prop_assert_eq!(queue.newest(input), state);
                }
                Step::Wait(ms) => now += ms,
                Step::Say(copies) => while let Some(event) = queue.next_due(now) {
                    if let Some(before) = last_said.insert(event.seq, now) {
                        prop_assert!(now - before >= FIRST_PAUSE_MS, "{event:?} again too soon");
                    }
                    messages.extend((0..copies).map(|_| (now, event)));
                },
                Step::Arrive(which, copies) => if !messages.is_empty() {
                    let message = messages.swap_remove(which.index(messages.len()));
                    receipts.extend((0..copies).map(|_| message.1.seq));
                    take(&mut journal, message);
                },
                Step::Receipt(which) => if !receipts.is_empty() {
                    queue.receipt(3, receipts.swap_remove(which.index(receipts.len())));
                },
                Step::Reconnect => {
                    queue.say_all_again();
                    last_said.clear();
                }
            }
            prop_assert!(queue.len() + journal.len() >= happened.len(), "forgotten too soon");
        }
        // The weather clears up.
        now += 60_000;
        while let Some(event) = queue.next_due(now) {
            take(&mut journal, (now, event));
            queue.receipt(3, event.seq);
        }
        prop_assert!(queue.is_empty());
        prop_assert_eq!(journal.into_values().collect::<Vec<_>>(), happened);
    }

    /// A queue far too small: no vital event is given up as long as an ordinary one is kept, of each
    /// kind the newest are kept, and their order holds.
    #[test]
    fn a_full_queue_keeps_the_newest_of_what_matters(vital in prop::collection::vec(any::<bool>(), 1..60)) {
        let mut queue = Queue::<8>::new(1);
        for &vital in &vital {
            queue.push(1, Active, vital, 0);
        }
        let numbered = || (1u32..).zip(vital.iter().copied());
        let newest = |wanted: bool, room: usize| -> Vec<u32> {
            let mut of_kind: Vec<u32> = numbered().filter(|n| n.1 == wanted).map(|n| n.0).collect();
            of_kind.drain(..of_kind.len().saturating_sub(room));
            of_kind
        };
        let all_vital = newest(true, 8);
        let kept: Vec<u32> = due(&mut queue, 0).into_iter().map(|e| e.0).collect();
        let (kept_vital, kept_ordinary): (Vec<u32>, Vec<u32>) =
            kept.iter().partition(|seq| vital[**seq as usize - 1]);
        prop_assert!(kept.is_sorted());
        prop_assert_eq!(kept.len(), vital.len().min(8));
        prop_assert_eq!(&kept_vital, &all_vital);
        let ordinary = newest(false, 8 - all_vital.len());
        prop_assert_eq!(kept_ordinary, ordinary);
        prop_assert_eq!(queue.dropped() as usize, vital.len() - kept.len());
    }
}
