//! A board on a bench: its pins, its clock, and the words that it says.

use std::{cell::Cell, rc::Rc};

use embedded_hal::digital::{ErrorKind, ErrorType, InputPin};
use gengfu_board::{board, debounce::Wiring, identity::Identity};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, decode, encode},
    down::{Config, InputConfig, Receipt},
    topic::{self, Down, Up},
    up::{Birth, Event, Heartbeat, InputState},
};

/// A pin that reads what it was set to, or fails.
#[derive(Debug, Clone)]
pub struct Pin(pub Rc<Cell<Option<bool>>>);

impl Default for Pin {
    /// Pulled up by its resistor: the contact is open.
    fn default() -> Self {
        Self(Rc::new(Cell::new(Some(true))))
    }
}

impl ErrorType for Pin {
    type Error = ErrorKind;
}

impl InputPin for Pin {
    fn is_high(&mut self) -> Result<bool, ErrorKind> {
        self.0.get().ok_or(ErrorKind::Other)
    }
    fn is_low(&mut self) -> Result<bool, ErrorKind> {
        self.is_high().map(|high| !high)
    }
}

/// Four inputs, six events.
pub type Board = board::Board<'static, 4, 6>;

/// What a board has said.
#[derive(Debug, PartialEq)]
pub enum Said {
    Presence(bool),
    Birth { config: u32, inputs: Vec<InputState> },
    Heartbeat { uptime_s: u32, queue: u16, inputs: Vec<InputState> },
    Event { seq: u32, input: u8, state: InputState, age_ms: u32 },
    Health { crashes: u8, safe: bool, panic: Option<String>, dropped: u32, dips: u16 },
    Ack { revision: u32, error: Option<String> },
}

pub const WHO: Identity<'static> = Identity {
    site: "garden-12",
    board: "lift-1",
    firmware: "1.4.2",
    hardware: "bench",
    reset: "power",
    boot: 7,
    wiring: Wiring::PullUp,
};

pub struct Bench {
    pub board: Board,
    pub pins: [Pin; 4],
    pub now: u64,
}

impl Bench {
    /// A board that was just switched on, in a house where all is well: the contact of the fire
    /// panel is closed, the others are open.
    pub fn new(kept: Option<Config>) -> Self {
        let board = Board::new(0, WHO, kept).unwrap();
        let mut bench = Self { board, pins: Default::default(), now: 0 };
        bench.contact(2, true);
        bench
    }

    /// A board that runs by [`config`], connected, and has said what it is.
    pub fn running() -> Self {
        let mut bench = Self::new(Some(config()));
        bench.board.connected(0);
        bench.pass(100);
        assert_eq!(bench.says().len(), 2, "presence and birth");
        bench
    }

    /// Closes or opens a contact, from 1.
    pub fn contact(&mut self, input: usize, closed: bool) {
        self.pins[input - 1].0.set(Some(!closed));
    }

    /// Time passes, and the board looks at its pins each millisecond.
    pub fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += 1;
            self.board.poll(self.now, &mut self.pins);
        }
    }

    /// All that the board has to say now.
    pub fn says(&mut self) -> Vec<Said> {
        let mut buffer = [0; MAX_PAYLOAD];
        let mut said = vec![];
        while let Some(it) = self.board.next_publication(self.now, &mut buffer).unwrap() {
            let (board, what) = topic::parse_up("garden-12", &it.topic).unwrap();
            assert_eq!(board, "lift-1");
            assert_eq!(it.retain, what == Up::Presence, "nothing but presence is retained");
            said.push(read(what, it.payload));
        }
        said
    }

    /// The gateway says something.
    pub fn hear<P: Payload>(&mut self, what: Down, payload: &P) {
        let mut buffer = [0; MAX_PAYLOAD];
        let payload = encode(payload, &mut buffer).unwrap();
        self.board.receive(self.now, what, payload).unwrap();
    }

    /// The gateway has an event of this start on its disk.
    pub fn receipt(&mut self, seq: u32) {
        self.hear(Down::Receipt, &Receipt { v: VERSION, boot: WHO.boot, seq });
    }
}

/// What a payload says.
pub fn read(what: Up, payload: &[u8]) -> Said {
    match what {
        Up::Presence => {
            Said::Presence(decode::<gengfu_wire::up::Presence>(payload).unwrap().online)
        }
        Up::Birth => {
            let birth: Birth<'_> = decode(payload).unwrap();
            assert_eq!((birth.boot, birth.firmware, birth.hardware), (7, "1.4.2", "bench"));
            Said::Birth { config: birth.config, inputs: birth.inputs.to_vec() }
        }
        Up::Heartbeat => {
            let beat: Heartbeat = decode(payload).unwrap();
            assert_eq!(beat.boot, 7);
            let (uptime_s, queue) = (beat.uptime_s, beat.queue);
            Said::Heartbeat { uptime_s, queue, inputs: beat.inputs.to_vec() }
        }
        Up::Event => {
            let Event { boot, seq, input, state, age_ms, .. } = decode(payload).unwrap();
            assert_eq!(boot, 7);
            Said::Event { seq, input, state, age_ms }
        }
        Up::Health => {
            let health: gengfu_wire::up::Health<'_> = decode(payload).unwrap();
            Said::Health {
                crashes: health.crashes,
                safe: health.safe,
                panic: health.panic.map(str::to_owned),
                dropped: health.dropped,
                dips: health.dips,
            }
        }
        Up::Update | Up::Registers => panic!("not of the board's own accord"),
        Up::ConfigAck => {
            let ack: gengfu_wire::up::ConfigAck<'_> = decode(payload).unwrap();
            Said::Ack { revision: ack.revision, error: ack.error.map(str::to_owned) }
        }
    }
}

/// 1: the call button. 2: fire, normally closed. 3: the gate. Input 4 is not used.
pub fn config() -> Config {
    let entry = |input, normally_closed, vital| InputConfig {
        input,
        normally_closed,
        debounce_ms: 20,
        vital,
        bare: false,
    };
    let inputs = [entry(1, false, true), entry(2, true, true), entry(3, false, false)];
    Config { v: VERSION, revision: 99, inputs: inputs.into_iter().collect() }
}
