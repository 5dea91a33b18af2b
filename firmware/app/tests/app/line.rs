//! The RS-485 line: the board answers on it, or asks.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::{Future, pending},
    rc::Rc,
};

use embassy_futures::{
    block_on,
    select::{Either, select},
};
use embassy_time::{Duration, Timer, with_timeout};
use gengfu_board::{
    flash::{
        layout::{EVENTS, Layout},
        store::Store,
    },
    health::Mode,
    modbus::{
        line::{ADDRESS, Line, keep},
        reader::Reader,
        rtu::crc16,
    },
    net::beside::Beside,
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{decode, encode},
    down::{Parity, Poll, Read},
    topic::{Down, Up, parse_up},
    up::Registers,
};

use crate::{
    bench::{Bench, Board},
    flash::{Flash, run},
};

type F = Flash<1, 4096>;
type Fed = RefCell<VecDeque<Vec<u8>>>;

/// A line at whose other end a device answers each request with the same word.
#[derive(Default)]
struct Wire {
    /// What is about to come, in the pieces in which it comes.
    comes: Fed,
    sent: RefCell<Vec<Vec<u8>>>,
    set: RefCell<Vec<(u32, Parity)>>,
    /// What the device's register holds; none where it is switched off.
    register: RefCell<Option<u16>>,
}

struct End(Rc<Wire>);

impl Line for End {
    fn set(&mut self, baud: u32, parity: Parity) {
        self.0.set.borrow_mut().push((baud, parity));
    }

    async fn send(&mut self, frame: &[u8]) {
        self.0.sent.borrow_mut().push(frame.to_vec());
        let value = *self.0.register.borrow();
        if let Some(value) = value.filter(|_| frame[..2] == [7, 3]) {
            let [high, low] = value.to_be_bytes();
            let answer = whole(&[7, 3, 2, high, low]);
            let (first, rest) = answer.split_at(3);
            self.0.comes.borrow_mut().extend([first.to_vec(), rest.to_vec()]);
        }
    }

    async fn receive(&mut self, bytes: &mut [u8]) -> usize {
        let Some(piece) = self.0.comes.borrow_mut().pop_front() else { return pending().await };
        bytes[..piece.len()].copy_from_slice(&piece);
        piece.len()
    }
}

/// A frame with its checksum.
fn whole(body: &[u8]) -> Vec<u8> {
    [body, &crc16(body).to_le_bytes()].concat()
}

fn store() -> RefCell<Store<F>> {
    let layout = Layout::new::<F>(0, EVENTS);
    let flash = F::new(layout.end() as usize / 4096);
    RefCell::new(run(Store::open(flash, layout)).unwrap().0)
}

fn list(revision: u32, units: &[u8]) -> Poll {
    let read = |unit: &u8| Read { unit: *unit, function: 3, address: 0, count: 1, every_s: 1 };
    let reads = units.iter().map(read).collect();
    Poll { v: VERSION, revision, baud: 115_200, parity: Parity::Even, reads }
}

fn hear(reader: &Reader<'_, F>, list: &Poll) {
    let mut buffer = [0; MAX_PAYLOAD];
    let payload = encode(list, &mut buffer).unwrap();
    Beside::<4, 6>::hear(reader, 0, Down::Poll, payload);
}

/// What was read and is said next.
fn said(reader: &Reader<'_, F>, board: &RefCell<Board>) -> Option<(Vec<u16>, String)> {
    let mut buffer = [0; MAX_PAYLOAD];
    let now = gengfu_board::net::now_ms();
    let said = reader.say(now, &board.borrow(), &mut buffer)?;
    let Up::Registers = parse_up("garden-12", &said.topic).unwrap().1 else { return None };
    let read: Registers<'_> = decode(said.payload).unwrap();
    Some((read.values.to_vec(), read.error.unwrap_or_default().to_owned()))
}

/// The line runs for as long as the story takes.
fn with_line<T>(
    wire: &Rc<Wire>,
    board: &RefCell<Board>,
    reader: &Reader<'_, F>,
    story: impl Future<Output = T>,
) -> T {
    let turn = || {};
    let line = keep(End(wire.clone()), board, reader.master(), turn);
    let both = with_timeout(Duration::from_secs(20), select(line, story));
    match block_on(both).expect("it takes too long") {
        Either::Second(done) => done,
        Either::First(never) => never,
    }
}

/// Waits until there is something.
async fn until<T>(mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        if let Some(found) = look() {
            return found;
        }
        Timer::after_millis(2).await;
    }
}

#[test]
fn without_a_list_it_answers_another_master_and_with_one_it_asks() {
    let (wire, board, store) =
        (Rc::new(Wire::default()), RefCell::new(Bench::running().board), store());
    let reader = Reader::new(0, Mode::Whole, &store);
    let question = whole(&[ADDRESS, 4, 0, 1, 0, 1]);
    let (first, rest) = question.split_at(5);
    wire.comes.borrow_mut().extend([first.to_vec(), rest.to_vec()]);
    wire.register.replace(Some(41));
    with_line(&wire, &board, &reader, async {
        let answer = until(|| wire.sent.borrow_mut().pop()).await;
        assert_eq!(answer, whole(&[ADDRESS, 4, 2, 0, 4]), "it has four inputs");
        assert_eq!(*wire.set.borrow(), [(9_600, Parity::None)]);
        assert_eq!(said(&reader, &board), None);

        hear(&reader, &list(12, &[7]));
        assert_eq!(until(|| said(&reader, &board)).await, (vec![41], String::new()));
        assert_eq!(*wire.set.borrow(), [(9_600, Parity::None), (115_200, Parity::Even)]);
        assert_eq!(wire.sent.take(), [whole(&[7, 3, 0, 0, 0, 1])]);
        // A line has one master: it answers nobody who asks it now.
        wire.comes.borrow_mut().push_back(question);
        wire.register.replace(Some(42));
        assert_eq!(until(|| said(&reader, &board)).await, (vec![42], String::new()));
        assert!(wire.sent.take().iter().all(|frame| frame[0] == 7));
        wire.register.replace(None);
        assert_eq!(until(|| said(&reader, &board)).await, (vec![], "no answer".into()));
    });
    // It is in the flash, and is asked by at the next start.
    let again = Reader::new(0, Mode::Whole, &store);
    assert!(again.master().borrow().has_list());
    hear(&again, &list(13, &[]));
    assert!(!again.master().borrow().has_list(), "an empty list ends it");
}

#[test]
fn in_safe_mode_it_asks_nobody_and_goes_on_answering() {
    let (wire, board, store) =
        (Rc::new(Wire::default()), RefCell::new(Bench::running().board), store());
    hear(&Reader::new(0, Mode::Whole, &store), &list(12, &[7]));
    let reader = Reader::new(0, Mode::Safe, &store);
    hear(&reader, &list(13, &[7]));
    assert!(!reader.master().borrow().has_list());
    wire.comes.borrow_mut().push_back(whole(&[ADDRESS, 4, 0, 1, 0, 1]));
    with_line(&wire, &board, &reader, async {
        assert_eq!(until(|| wire.sent.borrow_mut().pop()).await[..2], [ADDRESS, 4]);
    });
}
