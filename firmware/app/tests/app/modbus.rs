//! The board over Modbus, asked by somebody else's master.

use gengfu_board::{
    modbus::{
        registers::{HOLD_MS, REGISTERS, Registers},
        rtu::{self, crc16},
        serve::serve,
        tcp::{self, Step},
    },
    power::{Limits, Measured},
};
use gengfu_wire::topic::Down;
use proptest::prelude::*;
use rmodbus::{ModbusProto, client::ModbusRequest};

use crate::{
    bench::{Bench, config},
    flash::run,
};

/// A board with a call and a cut cable to the fire panel's converter, 70,000 s after its start.
fn house() -> Bench {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pins[2].0.set(None);
    bench.pass(100);
    bench.board.watch_supply(Limits { under_mv: 10_800, over_mv: 11_500 });
    let measured =
        Measured { supply_mv: Some(10_000), battery_mv: None, temperature_dc: Some(-45) };
    bench.board.measured(bench.now, measured);
    bench
}

fn shown(bench: &Bench) -> Registers {
    bench.board.registers(70_000_000)
}

/// Asks for registers over TCP.
fn words(bench: &Bench, first: u16, count: u16) -> Result<Vec<u16>, rmodbus::ErrorKind> {
    let mut master = ModbusRequest::new_tcp_udp(9, 77);
    let mut request = vec![];
    master.generate_get_inputs(first, count, &mut request).unwrap();
    let mut buffer = [0; tcp::MAX_FRAME];
    let Step::Answer { frame, used } = tcp::step(&request, &shown(bench), &mut buffer) else {
        panic!("no answer");
    };
    assert_eq!(used, request.len());
    let mut values = vec![];
    master.parse_u16(frame, &mut values).map(|()| values)
}

#[test]
fn a_master_reads_what_the_board_knows() {
    let bench = house();
    assert_eq!(words(&bench, 0, 8).unwrap(), [1, 4, 0b0001, 0b0100, 1, 0, 4, 0]);
    assert_eq!(words(&bench, 8, 13).unwrap()[..12], [0xffff; 12], "no further inputs");
    assert_eq!(words(&bench, 20, 7).unwrap(), [2, 0, 0, 0, 7, 1, 4_464], "70,000 s");
    assert_eq!(words(&bench, 27, 3).unwrap(), [10_000, 0xffff, (-45i16).cast_unsigned()]);
    assert_eq!(words(&bench, 30, 5).unwrap(), [0, 0b110, 1, 0, 99], "connected, supply low");
    assert_eq!(words(&bench, 35, 8).unwrap(), [0x312e, 0x342e, 0x3200, 0, 0, 0, 0, 0], "1.4.2");
    assert_eq!(words(&bench, 43, 4).unwrap(), [1, 0, 0, 0], "pressed once");
}

#[test]
fn a_press_between_two_polls_is_counted() {
    let mut bench = Bench::running();
    for _ in 0..3 {
        bench.contact(1, true);
        bench.pass(50);
        bench.contact(1, false);
        bench.pass(50);
    }
    assert_eq!((words(&bench, 2, 1).unwrap()[0], words(&bench, 43, 1).unwrap()[0]), (0, 3));
}

#[test]
fn a_press_stands_until_a_slow_master_has_asked() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(50);
    bench.contact(1, false);
    bench.pass(50);
    let shows = |bench: &Bench, later: u64| {
        let shown = bench.board.registers(bench.now + later);
        (shown.active, shown.values[2], shown.values[4])
    };
    assert_eq!(shows(&bench, 0), (1, 1, 1));
    assert_eq!(shows(&bench, HOLD_MS - 200), (1, 1, 1));
    assert_eq!(shows(&bench, HOLD_MS), (0, 0, 0));
    // One that is held for longer is shown for as long as it is.
    bench.contact(1, true);
    bench.pass(HOLD_MS + 1_000);
    assert_eq!(shows(&bench, 0), (1, 1, 1));
    bench.contact(1, false);
    bench.pass(50);
    assert_eq!(shows(&bench, 0), (0, 0, 0));
}

#[test]
fn inputs_are_bits_too() {
    let bench = house();
    let mut master = ModbusRequest::new(9, ModbusProto::Rtu);
    let mut request = vec![];
    master.generate_get_discretes(0, 16, &mut request).unwrap();
    let mut buffer = [0; rtu::MAX_FRAME];
    let answer = rtu::answer(&request, 9, &shown(&bench), &mut buffer).unwrap();
    let mut bits = vec![];
    master.parse_bool(answer, &mut bits).unwrap();
    assert_eq!(bits.len(), 16);
    assert!(bits[0] && bits[1..].iter().all(|bit| !bit));
}

#[test]
fn what_is_not_there_is_refused_and_nothing_can_be_written() {
    let bench = house();
    use rmodbus::ErrorKind::{IllegalDataAddress, IllegalDataValue, IllegalFunction};
    let most = u16::try_from(REGISTERS).unwrap();
    assert_eq!(words(&bench, 0, most).unwrap().len(), REGISTERS);
    assert_eq!(words(&bench, 1, most), Err(IllegalDataAddress));
    assert_eq!(words(&bench, u16::MAX, 2), Err(IllegalDataAddress));
    assert_eq!(words(&bench, 0, 126), Err(IllegalDataValue));
    let mut master = ModbusRequest::new_tcp_udp(9, 77);
    let mut request = vec![];
    master.generate_set_holding(2, 0, &mut request).unwrap();
    let mut buffer = [0; tcp::MAX_FRAME];
    let Step::Answer { frame, .. } = tcp::step(&request, &shown(&bench), &mut buffer) else {
        panic!("no answer");
    };
    assert_eq!(master.parse_ok(frame), Err(IllegalFunction));
}

#[test]
fn on_a_line_it_answers_for_itself_alone() {
    assert_eq!(crc16(b"123456789"), 0x4B37);
    let shown = shown(&house());
    let mut buffer = [0; rtu::MAX_FRAME];
    for (unit, answers) in [(9, true), (8, false), (0, false)] {
        let mut request = vec![];
        let mut master = ModbusRequest::new(unit, ModbusProto::Rtu);
        master.generate_get_holdings(0, 4, &mut request).unwrap();
        let answered = rtu::answer(&request, 9, &shown, &mut buffer).is_some();
        assert_eq!(answered, answers, "unit {unit}");
        let last = request.len() - 1;
        request[last] ^= 1;
        assert_eq!(rtu::answer(&request, 9, &shown, &mut buffer), None, "damaged");
    }
}

#[test]
fn half_a_request_waits_and_two_are_answered_in_turn() {
    let bench = house();
    let mut request = vec![];
    let mut master = ModbusRequest::new_tcp_udp(1, 1);
    master.generate_get_holdings(0, 1, &mut request).unwrap();
    let mut buffer = [0; tcp::MAX_FRAME];
    for cut in 0..request.len() {
        assert_eq!(tcp::step(&request[..cut], &shown(&bench), &mut buffer), Step::Wait, "{cut}");
    }
    let twice = request.repeat(2);
    let Step::Answer { used, .. } = tcp::step(&twice, &shown(&bench), &mut buffer) else {
        panic!("no answer");
    };
    assert_eq!(twice[used..], request);
    assert_eq!(tcp::step(b"GET / HTTP/1.1\r\n", &shown(&bench), &mut buffer), Step::Close);
}

/// A master's side of a connection: what it sends, in pieces, and what it gets.
struct Line {
    sends: Vec<u8>,
    piece: usize,
    gets: Vec<u8>,
}

impl embedded_io_async::ErrorType for Line {
    type Error = std::convert::Infallible;
}

impl embedded_io_async::Read for Line {
    async fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Self::Error> {
        let length = self.piece.min(bytes.len()).min(self.sends.len());
        let piece: Vec<u8> = self.sends.drain(..length).collect();
        bytes[..length].copy_from_slice(&piece);
        Ok(length)
    }
}

impl embedded_io_async::Write for Line {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let length = self.piece.min(bytes.len());
        self.gets.extend(&bytes[..length]);
        Ok(length)
    }
    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn a_connection_is_served_in_whatever_pieces_it_comes() {
    let bench = house();
    let mut request = vec![];
    let mut master = ModbusRequest::new_tcp_udp(1, 1);
    master.generate_get_holdings(0, 4, &mut request).unwrap();
    for piece in [1, 5, 12, 100] {
        let mut line = Line { sends: request.repeat(40), piece, gets: vec![] };
        run(serve(&mut line, || shown(&bench))).unwrap();
        assert_eq!(line.gets.len(), 40 * (7 + 2 + 8));
        let mut values = vec![];
        master.parse_u16(&line.gets[39 * 17..], &mut values).unwrap();
        assert_eq!(values, [1, 4, 1, 4]);
    }
    let mut line = Line { sends: b"GET / HTTP/1.1".to_vec(), piece: 9, gets: vec![] };
    run(serve(&mut line, || shown(&bench))).unwrap();
    assert_eq!(line.gets, b"");
}

#[test]
fn a_contact_that_is_closed_at_rest_was_never_a_press() {
    let active = |bench: &Bench| bench.board.registers(bench.now).active;
    let mut bench = Bench::new(None);
    bench.contact(1, true);
    bench.pass(200);
    bench.board.connected(bench.now);
    let mut told = config();
    told.inputs[0].normally_closed = true;
    bench.hear(Down::Config, &told);
    bench.pass(200);
    assert_eq!(active(&bench), 0, "it was taken for a press before anybody said what it is");
    bench.contact(1, false);
    bench.pass(100);
    bench.contact(1, true);
    bench.pass(100);
    assert_eq!(active(&bench), 1, "that one was an alarm, and is shown for a while");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let shown = Registers { values: [7; REGISTERS], active: 0xffff };
        tcp::step(&bytes, &shown, &mut [0; tcp::MAX_FRAME]);
        rtu::answer(&bytes, 1, &shown, &mut [0; rtu::MAX_FRAME]);
        if bytes.len() > 8 {
            let length = u16::try_from(bytes.len() - 6).unwrap().to_be_bytes();
            bytes[2..6].copy_from_slice(&[0, 0, length[0], length[1]]);
            tcp::step(&bytes, &shown, &mut [0; tcp::MAX_FRAME]);
            let end = bytes.len() - 2;
            bytes[0] = 1;
            let checksum = crc16(&bytes[..end]).to_le_bytes();
            bytes[end..].copy_from_slice(&checksum);
            rtu::answer(&bytes, 1, &shown, &mut [0; rtu::MAX_FRAME]);
        }
    }
}
