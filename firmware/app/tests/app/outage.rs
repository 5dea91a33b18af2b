//! A board with flash, a gateway with a journal, and between them whatever goes wrong.

use std::collections::BTreeMap;

use gengfu_board::{
    board,
    flash::{
        layout::Layout,
        record::Name,
        store::{Store, StoreError},
    },
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{decode, encode},
    down::{Config, Receipt},
    topic::{self, Down, Up},
    up::{Event, InputState},
};
use proptest::prelude::*;

use crate::{
    bench::{Pin, WHO, config},
    flash::{Cut, Flash, run},
};

/// Small pages, so that they are often full.
pub type SmallFlash<const W: usize> = Flash<W, 512>;
type Board = board::Board<'static, 4, 8>;

/// An input and how it stands.
type Fact = (u8, InputState);

/// A house with one board.
pub struct House<const W: usize> {
    pub flash: SmallFlash<W>,
    layout: Layout,
    on: Option<(Board, Store<SmallFlash<W>>)>,
    pub pins: [Pin; 4],
    now: u64,
    /// What the gateway has on its disk.
    pub journal: BTreeMap<Name, Fact>,
    /// What was said since the last reconnect, in order.
    pub said: Vec<Name>,
    /// Messages under way.
    messages: Vec<(Name, Fact)>,
    receipts: Vec<Name>,
    /// Events that were given up, in all starts.
    pub dropped: u32,
    /// The revision that was acknowledged last.
    pub acknowledged: Option<u32>,
    last_boot: u32,
}

/// [`config`] with contacts that are believed at once.
pub fn quick() -> Config {
    let mut config = config();
    for entry in &mut config.inputs {
        entry.debounce_ms = 0;
    }
    config
}

impl<const W: usize> House<W> {
    pub fn new(events: usize) -> Self {
        let layout = Layout::new::<SmallFlash<W>>(0, events);
        let house = Self {
            flash: SmallFlash::new(layout.end() as usize / 512),
            layout,
            on: None,
            pins: Default::default(),
            now: 0,
            journal: BTreeMap::new(),
            said: vec![],
            messages: vec![],
            receipts: vec![],
            dropped: 0,
            acknowledged: None,
            last_boot: 0,
        };
        house.pins[1].0.set(Some(false));
        house
    }

    /// The board starts, and connects.
    pub fn power_on(&mut self) -> Result<(), StoreError<Cut>> {
        self.power_off();
        let (store, found) = run(Store::open(self.flash.clone(), self.layout.clone()))?;
        assert!(found.boot > self.last_boot, "a start's number never comes again");
        assert!(!found.lost, "a power cut damages nothing");
        if let Some(revision) = self.acknowledged {
            assert_eq!(found.config.as_ref().map(|c| c.revision), Some(revision));
        }
        self.last_boot = found.boot;
        let mut board = Board::with_flash(0, WHO, &found).unwrap();
        self.now = 0;
        board.connected(0);
        self.said.clear();
        self.on = Some((board, store));
        Ok(())
    }

    pub fn power_off(&mut self) {
        if let Some((board, _)) = self.on.take() {
            self.dropped += board.dropped();
        }
    }

    /// Time passes, and the board goes round its loop once.
    pub fn round(&mut self, ms: u64) -> Result<(), StoreError<Cut>> {
        self.now += ms;
        let (board, store) = self.on.as_mut().unwrap();
        board.poll(self.now, &mut self.pins);
        run(board.keep(store))
    }

    /// The board says all that is due. Messages are under way then.
    pub fn say(&mut self) {
        let mut buffer = [0; MAX_PAYLOAD];
        let (board, _) = self.on.as_mut().unwrap();
        while let Some(it) = board.next_publication(self.now, &mut buffer).unwrap() {
            match topic::parse_up("garden-12", &it.topic).unwrap().1 {
                Up::Event => {
                    let event: Event = decode(it.payload).unwrap();
                    let name = Name { boot: event.boot, seq: event.seq };
                    self.said.push(name);
                    self.messages.push((name, (event.input, event.state)));
                }
                Up::ConfigAck => {
                    let ack: gengfu_wire::up::ConfigAck<'_> = decode(it.payload).unwrap();
                    assert_eq!(ack.error, None);
                    self.acknowledged = Some(ack.revision);
                }
                _ => {}
            }
        }
    }

    /// A message under way arrives and gets its receipt.
    pub fn arrive(&mut self, which: usize) {
        let (name, fact) = self.messages.swap_remove(which);
        let known = *self.journal.entry(name).or_insert(fact);
        assert_eq!(known, fact, "{name:?} is another event now");
        self.receipts.push(name);
    }

    /// A receipt under way arrives.
    pub fn receipt(&mut self, which: usize) {
        let Name { boot, seq } = self.receipts.swap_remove(which);
        self.hear(Down::Receipt, &Receipt { v: VERSION, boot, seq });
    }

    pub fn hear<P: gengfu_wire::codec::Payload>(&mut self, what: Down, payload: &P) {
        let mut buffer = [0; MAX_PAYLOAD];
        let payload = encode(payload, &mut buffer).unwrap();
        self.on.as_mut().unwrap().0.receive(self.now, what, payload).unwrap();
    }

    /// The weather clears up: all that waits arrives, in order.
    pub fn settle(&mut self) {
        self.flash.cut_after(None);
        self.messages.clear();
        self.receipts.clear();
        self.power_on().unwrap();
        for _ in 0..200 {
            self.round(4_000).unwrap();
            self.say();
            while !self.messages.is_empty() {
                self.arrive(0);
            }
            while !self.receipts.is_empty() {
                self.receipt(0);
            }
        }
        assert_eq!(self.on.as_ref().unwrap().0.waiting(), 0, "all of it was received");
        self.round(1).unwrap();
        let stands = |pin: &Pin, closed_is_active: bool| {
            let closed = pin.0.get() == Some(false);
            if closed == closed_is_active { InputState::Active } else { InputState::Idle }
        };
        for (input, closed_is_active) in [(1, true), (2, false), (3, true)] {
            let told = self.journal.values().rev().find(|fact| fact.0 == input);
            let told = told.map_or(InputState::Idle, |fact| fact.1);
            assert_eq!(told, stands(&self.pins[usize::from(input) - 1], closed_is_active));
        }
        for vital in [true, false] {
            let of_class = |name: &&Name| (self.journal[*name].0 < 3) == vital;
            assert!(self.said.iter().filter(of_class).is_sorted(), "said in order");
        }
        self.power_off();
        let (_, found) = run(Store::open(self.flash.clone(), self.layout.clone())).unwrap();
        assert_eq!(found.waiting, [0, 0], "and removed");
    }

    /// Moves a contact.
    pub fn toggle(&self, input: usize) {
        let pin = &self.pins[input - 1].0;
        pin.set(pin.get().map(|high| !high));
    }

    pub fn under_way(&self) -> (usize, usize) {
        (self.messages.len(), self.receipts.len())
    }

    pub fn lose(&mut self) {
        self.messages.clear();
        self.receipts.clear();
    }

    pub fn reconnect(&mut self) {
        self.said.clear();
        let (board, _) = self.on.as_mut().unwrap();
        board.disconnected();
        board.connected(self.now);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Toggle(usize),
    Round(u64),
    Say,
    Arrive(prop::sample::Index),
    Receipt(prop::sample::Index),
    Lose,
    Reconnect,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1usize..=3).prop_map(Step::Toggle),
        8 => (1u64..9_000).prop_map(Step::Round),
        4 => Just(Step::Say),
        4 => any::<prop::sample::Index>().prop_map(Step::Arrive),
        4 => any::<prop::sample::Index>().prop_map(Step::Receipt),
        1 => Just(Step::Lose),
        1 => Just(Step::Reconnect),
        1 => Just(Step::Restart),
    ]
}

fn take<const W: usize>(house: &mut House<W>, step: &Step) {
    let (messages, receipts) = house.under_way();
    match step {
        Step::Toggle(input) => house.toggle(*input),
        Step::Round(ms) => house.round(*ms).unwrap(),
        Step::Say => house.say(),
        Step::Arrive(which) if messages > 0 => house.arrive(which.index(messages)),
        Step::Receipt(which) if receipts > 0 => house.receipt(which.index(receipts)),
        Step::Arrive(_) | Step::Receipt(_) => {}
        Step::Lose => house.lose(),
        Step::Reconnect => house.reconnect(),
        Step::Restart => house.power_on().unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Messages and receipts lost, doubled and overtaken, reconnects and restarts: every change that
    /// was seen arrives once, in order, and nothing is given up.
    #[test]
    fn what_happened_arrives_over_any_restart(steps in prop::collection::vec(step(), 1..200)) {
        let mut house = House::<4>::new(200);
        house.power_on().unwrap();
        house.hear(Down::Config, &quick());
        house.round(1).unwrap();
        house.say();
        for step in &steps {
            take(&mut house, step);
        }
        house.settle();
        prop_assert_eq!(house.dropped, 0);
        prop_assert_eq!(house.acknowledged, Some(99));
        // No hole in any start's numbers: all that was numbered and written has arrived.
        let mut last = Name { boot: 0, seq: 0 };
        for name in house.journal.keys() {
            let next = if name.boot == last.boot { last.seq + 1 } else { 1 };
            let follows = name.seq == next;
            prop_assert!(follows, "{:?} {:?}", last, name);
            last = *name;
        }
    }
}

#[derive(Debug, Clone)]
enum Blow {
    Step(Step),
    /// The power goes after so many words are written, and comes back.
    Cut(usize),
}

fn blow() -> impl Strategy<Value = Blow> {
    prop_oneof![9 => step().prop_map(Blow::Step), 1 => (0usize..80).prop_map(Blow::Cut)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The same with power cuts in the middle of writes. An event that was being written when the power
    /// went may be gone, and how its contact stands is told after the start.
    #[test]
    fn what_was_said_is_never_lost_to_a_power_cut(blows in prop::collection::vec(blow(), 1..200)) {
        let mut house = House::<4>::new(200);
        house.power_on().unwrap();
        house.hear(Down::Config, &quick());
        house.round(1).unwrap();
        house.say();
        for blow in &blows {
            let went = match blow {
                Blow::Cut(words) => {
                    house.flash.cut_after(Some(*words));
                    Ok(())
                }
                Blow::Step(Step::Round(ms)) => house.round(*ms),
                Blow::Step(Step::Restart) => house.power_on(),
                Blow::Step(step) => {
                    take(&mut house, step);
                    Ok(())
                }
            };
            if went.is_err() {
                house.flash.cut_after(None);
                house.lose();
                house.power_on().unwrap();
            }
        }
        let journal = house.journal.clone();
        house.settle();
        prop_assert_eq!(house.dropped, 0);
        prop_assert_eq!(house.acknowledged, Some(99));
        prop_assert!(journal.iter().all(|(name, fact)| house.journal.get(name) == Some(fact)));
        let mut last = Name { boot: 0, seq: 0 };
        for name in house.journal.keys() {
            let next = if name.boot == last.boot { last.seq + 1 } else { 1 };
            prop_assert_eq!(name.seq, next, "a hole after {:?}", last);
            last = *name;
        }
    }
}

/// The flash is worn out, and refuses everything from one moment on.
#[test]
fn a_flash_that_dies_silences_nobody() {
    let mut house = House::<4>::new(40);
    house.power_on().unwrap();
    house.hear(Down::Config, &quick());
    house.round(1).unwrap();
    for at in 0..100 {
        house.toggle(1 + at % 3);
        let kept = house.round(1);
        assert_eq!(kept.is_err(), at > 20, "{at}");
        house.say();
        while house.under_way().0 > 0 {
            house.arrive(0);
        }
        while house.under_way().1 > 0 {
            house.receipt(0);
        }
        if at == 20 {
            house.flash.cut_after(Some(0));
        }
        assert_eq!(house.journal.len(), at + 1, "told at once");
    }
    house.power_off();
    assert_eq!(house.dropped, 0);
}

/// The gate bangs in the wind while the line is cut: the call and the fire are kept.
#[test]
fn a_flood_of_the_gate_leaves_fire_and_trapped_alone() {
    let mut house = House::<4>::new(40);
    house.power_on().unwrap();
    house.hear(Down::Config, &quick());
    house.round(1).unwrap();
    house.toggle(1);
    house.toggle(2);
    house.round(1).unwrap();
    for _ in 0..500 {
        house.toggle(3);
        house.round(1).unwrap();
    }
    house.settle();
    let of = |input: u8| house.journal.values().filter(|fact| fact.0 == input).count();
    assert_eq!((of(1), of(2)), (2, 2), "told, and told again as active after the restart");
    assert!((41..500).contains(&of(3)), "{}", of(3));
    let given_up = 500 - of(3);
    assert_eq!(house.dropped as usize, given_up, "and counted");
    let seqs = house.journal.keys().filter(|name| house.journal[*name].0 == 3).map(|n| n.seq);
    let first = seqs.min().unwrap();
    assert_eq!(first as usize, 3 + given_up, "the oldest were given up");
}
