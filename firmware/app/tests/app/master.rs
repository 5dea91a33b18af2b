//! The board as a master, and beside it somebody else's slave.

use gengfu_board::{
    flash::{
        layout::{EVENTS, Layout},
        store::Store,
    },
    modbus::{
        master::{Master, REST_MS, SAY_MS, SILENT_MS, TIMEOUT_MS},
        rtu::crc16,
    },
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::decode,
    down::{Parity, Poll, Read},
    topic::{Up, parse_up},
    up::{ConfigAck, Registers},
};
use proptest::prelude::*;
use rmodbus::{
    ModbusFrameBuf, ModbusProto,
    server::{ModbusFrame, context::ModbusContext, storage::ModbusStorageFull},
};

use crate::{
    bench::Bench,
    flash::{Cut, Flash, run},
};

type F = Flash<1, 4096>;
type Change = fn(&mut Poll);

fn store() -> Store<F> {
    let layout = Layout::new::<F>(0, EVENTS);
    let flash = F::new(layout.end() as usize / 4096);
    run(Store::open(flash, layout)).unwrap().0
}

fn poll() -> Poll {
    let read =
        |unit, function, address, count, every_s| Read { unit, function, address, count, every_s };
    let reads = [read(1, 3, 0x1000, 2, 1), read(2, 4, 0, 8, 10)];
    let reads = reads.into_iter().collect();
    Poll { v: VERSION, revision: 12, baud: 19_200, parity: Parity::Even, reads }
}

/// A lift controller: what it answers to a request, if it is the one that is asked.
fn controller(unit: u8, memory: &ModbusStorageFull, request: &[u8]) -> Option<Vec<u8>> {
    let mut buffer: ModbusFrameBuf = [0; 256];
    buffer[..request.len()].copy_from_slice(request);
    let mut response = vec![];
    let mut frame = ModbusFrame::new(unit, &buffer, ModbusProto::Rtu, &mut response);
    frame.parse().unwrap();
    if frame.processing_required {
        assert!(frame.readonly, "a board never writes");
        frame.process_read(memory).unwrap();
    }
    if !frame.response_required {
        return None;
    }
    frame.finalize_response().unwrap();
    Some(response)
}

/// What is said now: which entry, its values, why there are none.
fn said(master: &mut Master, now: u64) -> Vec<(u8, Vec<u16>, String)> {
    said_in(&Bench::running(), master, now)
}

/// The same, in the session of this board.
fn said_in(bench: &Bench, master: &mut Master, now: u64) -> Vec<(u8, Vec<u16>, String)> {
    let mut buffer = [0; MAX_PAYLOAD];
    let mut all = vec![];
    while let Some(said) = master.say(now, &bench.board, &mut buffer).unwrap() {
        match parse_up("garden-12", &said.topic).unwrap().1 {
            Up::Registers => {
                let read: Registers<'_> = decode(said.payload).unwrap();
                assert_eq!(read.revision, 12);
                let error = read.error.unwrap_or_default().to_owned();
                all.push((read.read, read.values.to_vec(), error));
            }
            Up::ConfigAck => {
                let ack: ConfigAck<'_> = decode(said.payload).unwrap();
                all.push((0, vec![], format!("{} {}", ack.revision, ack.error.unwrap_or("ok"))));
            }
            other => panic!("{other:?}"),
        }
    }
    all
}

#[test]
fn it_reads_by_its_list_and_says_what_has_changed() {
    let mut memory = ModbusStorageFull::new();
    memory.set_holding(0x1001, 14).unwrap();
    let mut master = Master::new(0, Some(&poll()));
    assert_eq!(master.line(), (19_200, Parity::Even));
    let request = master.next_request(0).unwrap();
    assert_eq!(request, [1, 3, 0x10, 0, 0, 2, 0xC0, 0xCB]);
    assert_eq!(master.next_request(0), None, "one at a time");
    master.frame(20, &controller(1, &memory, &request).unwrap());
    assert_eq!(said(&mut master, 20), [(1, vec![0, 14], String::new())]);
    let second = master.next_request(20).unwrap();
    assert_eq!(controller(1, &memory, &second), None, "not for it");
    // 8 bytes there and 21 back, of 12 bits, at 19,200 a second.
    let late = 20 + TIMEOUT_MS + 19;
    assert_eq!(master.next_request(late - 1), None);
    assert_eq!(said(&mut master, late - 1), []);
    assert_eq!(master.next_request(late), None, "the line rests");
    assert_eq!(said(&mut master, late), [], "one silence says nothing");
    assert_eq!(master.next_request(late + REST_MS), Some(second), "asked once more");
    let late = late + REST_MS + TIMEOUT_MS + 19;
    assert_eq!(master.next_request(late), None, "the line rests");
    assert_eq!(said(&mut master, late), [(2, vec![], "no answer".into())]);
    let request = master.next_request(late + REST_MS).unwrap();
    assert_eq!(request[..2], [1, 3]);
    master.frame(2_100, &controller(1, &memory, &request).unwrap());
    assert_eq!(said(&mut master, 2_100), [], "nothing has changed");
    memory.set_holding(0x1000, 3).unwrap();
    let request = master.next_request(3_100).unwrap();
    master.frame(3_100, &controller(1, &memory, &request).unwrap());
    assert_eq!(said(&mut master, 3_100), [(1, vec![3, 14], String::new())]);
    assert_eq!(said(&mut master, 3_100 + SAY_MS).len(), 2, "each from time to time all the same");
}

#[test]
fn what_was_said_in_a_session_that_is_gone_is_said_again_in_the_next_one() {
    let memory = ModbusStorageFull::new();
    let (mut bench, mut master) = (Bench::running(), Master::new(0, Some(&poll())));
    let request = master.next_request(0).unwrap();
    master.frame(1, &controller(1, &memory, &request).unwrap());
    assert_eq!(said_in(&bench, &mut master, 200).len(), 1);
    bench.board.disconnected();
    assert_eq!(said_in(&bench, &mut master, 300), [], "nobody hears it");
    bench.board.connected(400);
    assert_eq!(said_in(&bench, &mut master, 400), [(1, vec![0, 0], String::new())]);
    assert_eq!(said_in(&bench, &mut master, 500), []);
}

#[test]
fn a_slow_line_is_given_the_time_that_an_answer_takes() {
    let memory = ModbusStorageFull::new();
    let mut list = poll();
    (list.baud, list.reads[0].count) = (1_200, 32);
    let mut master = Master::new(0, Some(&list));
    let request = master.next_request(0).unwrap();
    // 69 bytes of an answer take 0.7 s.
    assert_eq!(master.next_request(900), None);
    master.frame(900, &controller(1, &memory, &request).unwrap());
    assert_eq!(said(&mut master, 900)[0].1.len(), 32);
}

#[test]
fn a_silent_unit_does_not_take_the_line_from_the_others() {
    let memory = ModbusStorageFull::new();
    let mut master = Master::new(0, Some(&poll()));
    let mut asked = [0; 3];
    for now in 0..60_000 {
        if let Some(request) = master.next_request(now) {
            asked[usize::from(request[0])] += 1;
            if let Some(answer) = controller(1, &memory, &request) {
                master.frame(now, &answer);
            }
        }
    }
    let silent = 60_000 / SILENT_MS;
    assert!(asked[2] <= silent + 1 && asked[1] >= 60 - 2 * silent, "{asked:?}");
}

#[test]
fn a_refusal_is_told_by_what_it_means() {
    let mut master = Master::new(0, Some(&poll()));
    master.next_request(0).unwrap();
    let mut refusal = vec![1, 0x83, 2];
    refusal.extend(crc16(&refusal).to_le_bytes());
    master.frame(5, &refusal);
    assert_eq!(said(&mut master, 5), [(1, vec![], "refused: no such register".into())]);
}

#[test]
fn what_is_not_the_answer_is_passed_over() {
    let memory = ModbusStorageFull::new();
    let mut master = Master::new(0, Some(&poll()));
    let request = master.next_request(0).unwrap();
    let answer = controller(1, &memory, &request).unwrap();
    let mut damaged = answer.clone();
    damaged[4] ^= 1;
    let mut foreign = answer.clone();
    foreign[0] = 2;
    let end = foreign.len() - 2;
    let checksum = crc16(&foreign[..end]).to_le_bytes();
    foreign[end..].copy_from_slice(&checksum);
    for frame in [&request[..], &damaged, &foreign, &answer[..5], &[], &[0]] {
        master.frame(1, frame);
        assert_eq!(said(&mut master, 1), [], "{frame:02x?}");
    }
    master.frame(1, &answer);
    assert_eq!(said(&mut master, 1).len(), 1);
    master.frame(2, &answer);
    assert_eq!(said(&mut master, 2), [], "nobody asked");
    // An echo and noise around the answer itself.
    let mut master = Master::new(0, Some(&poll()));
    let request = master.next_request(0).unwrap();
    master.frame(1, &[&request[..], &[0], &answer, &[0xFF]].concat());
    assert_eq!(said(&mut master, 1).len(), 1);
}

#[test]
fn a_list_is_kept_acknowledged_or_refused_as_a_whole() {
    let mut store = store();
    let mut master = Master::new(0, run(store.poll()).unwrap().as_ref());
    assert_eq!(master.next_request(0), None);
    run(master.configured(0, &poll(), &mut store)).unwrap();
    assert_eq!(said(&mut master, 0), [(0, vec![], "12 ok".into())]);
    assert!(master.next_request(0).is_some());
    assert_eq!(run(store.poll()).unwrap(), Some(poll()));
    let wrong: [(&str, Change); 7] = [
        ("revision 0 stands for none yet", |p| p.revision = 0),
        ("baud: 1200 to 115200", |p| p.baud = 300),
        ("unit: 1 to 247", |p| p.reads[0].unit = 0),
        ("function: 3 or 4", |p| p.reads[1].function = 6),
        ("count: 1 to 32, and no register beyond 65535", |p| p.reads[1].count = 33),
        ("count: 1 to 32, and no register beyond 65535", |p| p.reads[1].address = 65_529),
        ("every_s: at least 1", |p| p.reads[0].every_s = 0),
    ];
    for (why, change) in wrong {
        let mut list = poll();
        change(&mut list);
        run(master.configured(0, &list, &mut store)).unwrap();
        let said = said(&mut master, 0);
        assert_eq!(said, [(0, vec![], format!("{} {why}", list.revision))]);
        assert_eq!(run(store.poll()).unwrap(), Some(poll()), "as before");
    }
    let flash = store.into_flash();
    let layout = Layout::new::<F>(0, EVENTS);
    let (mut store, _) = run(Store::open(flash.clone(), layout)).unwrap();
    flash.cut_after(Some(0));
    let mut other = poll();
    other.revision = 13;
    run(master.configured(0, &other, &mut store)).unwrap_err();
    let words = "13 used, but the flash refuses to keep it over a restart";
    assert_eq!(said(&mut master, 0), [(0, vec![], words.into())]);
    assert_eq!(run(store.poll()).err(), Some(gengfu_board::flash::store::StoreError::Flash(Cut)));
}

proptest! {
    #[test]
    fn no_frame_makes_it_panic(mut frame in prop::collection::vec(any::<u8>(), 0..100)) {
        let mut master = Master::new(0, Some(&poll()));
        master.next_request(0).unwrap();
        master.frame(1, &frame);
        if frame.len() > 4 {
            let end = frame.len() - 2;
            (frame[0], frame[1], frame[2]) = (1, 3, 4);
            let checksum = crc16(&frame[..end]).to_le_bytes();
            frame[end..].copy_from_slice(&checksum);
            master.frame(2, &frame);
        }
        said(&mut master, 2);
    }
}
