//! WIZnet's W5500 as a door to the Ethernet (its MACRAW mode), over any SPI: frames in, frames out, and
//! whether the cable is in. A chip that no longer answers, or whose cable seems to be out for long, is reset
//! and set up anew, for ever: a board must not need its plug pulled for that.

use embassy_futures::select::{Either3, select3};
use embassy_net::driver::LinkState;
use embassy_net_driver_channel as channel;
use embassy_time::{Duration, Ticker, Timer};
use embedded_hal::digital::OutputPin;
use embedded_hal_async::{
    digital::Wait,
    spi::{Operation, SpiDevice},
};

use super::{now_ms, patience::Patience};

/// The longest frame, in bytes.
pub const FRAME: usize = 1514;

/// Blocks of registers and memory, as the data sheet numbers them.
const COMMON: u8 = 0;
const SOCKET: u8 = 1;
const SEND_BUFFER: u8 = 2;
const RECEIVE_BUFFER: u8 = 3;
/// From one socket's registers to the next one's.
const NEXT_SOCKET: u8 = 4;
const SOCKETS: u8 = 8;
const WRITE: u8 = 1 << 2;

const MODE: u16 = 0x00;
const ADDRESS: u16 = 0x09;
const SOCKET_INTERRUPTS: u16 = 0x18;
const CABLE: u16 = 0x2E;
const VERSION: u16 = 0x39;
const COMMAND: u16 = 0x01;
const INTERRUPT: u16 = 0x02;
const STATUS: u16 = 0x03;
const RECEIVE_SIZE: u16 = 0x1E;
const SEND_SIZE: u16 = 0x1F;
const SEND_FREE: u16 = 0x20;
const SEND_WRITTEN: u16 = 0x24;
const RECEIVED: u16 = 0x26;
const RECEIVE_READ: u16 = 0x28;
const INTERRUPT_MASK: u16 = 0x2C;

const RESET: u8 = 1 << 7;
const IS_W5500: u8 = 4;
const HAS_RECEIVED: u8 = 1 << 2;
/// Frames as they are, and only those for this board or for several.
const MACRAW_FILTERED: u8 = 1 << 7 | 1 << 2;
const IS_MACRAW: u8 = 0x42;
const OPEN: u8 = 0x01;
const SEND: u8 = 0x20;
const RECEIVE: u8 = 0x40;
/// All of the chip's memory for the one socket, in KiB and in bytes.
const MEMORY_KIB: u8 = 16;
const MEMORY: usize = 16 * 1024;
/// Before each frame in the chip's memory stands its length with these bytes.
const LENGTH: usize = 2;
/// The head of a frame: what is shorter is none.
const HEAD: usize = 14;

/// The chip is held in reset, and is ready after it, by so long.
const HOLD: Duration = Duration::from_millis(1);
const READY: Duration = Duration::from_millis(100);
/// Whether it answers, and whether the cable is in, is looked at this often.
const LOOK: Duration = Duration::from_millis(500);
/// Before it is tried again.
const PAUSE: Duration = Duration::from_secs(1);
/// So often, a millisecond between, it is asked for room for a frame, or whether it is open.
const TRIES: u8 = 100;
/// So often in a row it may say that there is a frame where there is none.
const EMPTY: u8 = 8;

/// The chip is to be reset: it does not answer as it should.
struct Gone;

/// The chip, and its pins.
pub struct W5500<S, I, R> {
    bus: S,
    interrupt: I,
    reset: R,
    address: [u8; 6],
}

impl<S: SpiDevice, I: Wait, R: OutputPin> W5500<S, I, R> {
    /// The chip as this address on the Ethernet.
    pub const fn new(bus: S, interrupt: I, reset: R, address: [u8; 6]) -> Self {
        Self { bus, interrupt, reset, address }
    }

    /// Moves frames for ever. `turn` is called in each round, twice a second at the least; `tell` is told of each
    /// time that it was found not to answer.
    pub async fn run(
        mut self,
        mut frames: channel::Runner<'_, FRAME>,
        mut turn: impl FnMut(),
        mut tell: impl FnMut(),
    ) -> ! {
        loop {
            turn();
            if self.start().await.is_ok() {
                self.move_frames(&mut frames, &mut turn).await;
            }
            frames.set_link_state(LinkState::Down);
            tell();
            Timer::after(PAUSE).await;
        }
    }

    /// Resets it, and opens its socket.
    async fn start(&mut self) -> Result<(), Gone> {
        self.reset.set_low().map_err(|_| Gone)?;
        Timer::after(HOLD).await;
        self.reset.set_high().map_err(|_| Gone)?;
        Timer::after(READY).await;
        self.write(COMMON, MODE, &[RESET]).await?;
        if !self.answers().await? {
            return Err(Gone);
        }
        self.write(COMMON, SOCKET_INTERRUPTS, &[1]).await?;
        self.write(COMMON, ADDRESS, &self.address.clone()).await?;
        for other in 1..SOCKETS {
            let block = SOCKET + other * NEXT_SOCKET;
            self.write(block, RECEIVE_SIZE, &[0]).await?;
            self.write(block, SEND_SIZE, &[0]).await?;
        }
        self.write(SOCKET, RECEIVE_SIZE, &[MEMORY_KIB]).await?;
        self.write(SOCKET, SEND_SIZE, &[MEMORY_KIB]).await?;
        self.write(SOCKET, INTERRUPT_MASK, &[HAS_RECEIVED]).await?;
        self.write(SOCKET, MODE, &[MACRAW_FILTERED]).await?;
        self.write(SOCKET, COMMAND, &[OPEN]).await?;
        for _ in 0..TRIES {
            if self.byte(SOCKET, STATUS).await? == IS_MACRAW {
                return Ok(());
            }
            Timer::after_millis(1).await;
        }
        Err(Gone)
    }

    /// Until the chip is to be reset.
    async fn move_frames(
        &mut self,
        frames: &mut channel::Runner<'_, FRAME>,
        turn: &mut impl FnMut(),
    ) {
        let (state, mut received, mut sent) = frames.borrow_split();
        let mut patience = Patience::new(now_ms());
        let mut looks = Ticker::every(LOOK);
        let mut empty = 0;
        loop {
            turn();
            let next = async {
                let is_low = self.interrupt.wait_for_low().await;
                (is_low, received.rx_buf().await)
            };
            let moved = match select3(next, sent.tx_buf(), looks.next()).await {
                Either3::First((Ok(()), room)) => match self.receive(room).await {
                    Ok(Some(length)) => {
                        empty = 0;
                        received.rx_done(length);
                        Ok(())
                    }
                    Ok(None) if empty < EMPTY => {
                        empty += 1;
                        Ok(())
                    }
                    _ => Err(Gone),
                },
                Either3::First((Err(_), _)) => Err(Gone),
                Either3::Second(frame) => {
                    let done = self.send(frame).await;
                    sent.tx_done();
                    done
                }
                Either3::Third(()) => {
                    let link = self.link().await;
                    let is_up = link == Some(true);
                    state.set_link_state(if is_up { LinkState::Up } else { LinkState::Down });
                    if patience.look(now_ms(), link) { Err(Gone) } else { Ok(()) }
                }
            };
            if moved.is_err() {
                return;
            }
        }
    }

    /// The next frame into `room`: its length, or none where there was none.
    async fn receive(&mut self, room: &mut [u8]) -> Result<Option<usize>, Gone> {
        self.write(SOCKET, INTERRUPT, &[HAS_RECEIVED]).await?;
        let count = usize::from(self.settled(RECEIVED).await?);
        if count == 0 {
            return Ok(None);
        }
        let from = self.word(RECEIVE_READ).await?;
        let mut length = [0; LENGTH];
        self.read(RECEIVE_BUFFER, from, &mut length).await?;
        let whole = usize::from(u16::from_be_bytes(length));
        let length = whole.checked_sub(LENGTH).filter(|length| *length >= HEAD).ok_or(Gone)?;
        if whole > count || count > MEMORY {
            return Err(Gone);
        }
        let room = room.get_mut(..length).ok_or(Gone)?;
        self.read(RECEIVE_BUFFER, from.wrapping_add(LENGTH as u16), room).await?;
        let next = from.wrapping_add(u16::try_from(whole).map_err(|_| Gone)?);
        self.write(SOCKET, RECEIVE_READ, &next.to_be_bytes()).await?;
        self.write(SOCKET, COMMAND, &[RECEIVE]).await?;
        Ok(Some(length))
    }

    async fn send(&mut self, frame: &[u8]) -> Result<(), Gone> {
        for _ in 0..TRIES {
            let free = usize::from(self.settled(SEND_FREE).await?);
            if free > MEMORY {
                return Err(Gone);
            }
            if free >= frame.len() {
                let to = self.word(SEND_WRITTEN).await?;
                self.write(SEND_BUFFER, to, frame).await?;
                let next = to.wrapping_add(u16::try_from(frame.len()).map_err(|_| Gone)?);
                self.write(SOCKET, SEND_WRITTEN, &next.to_be_bytes()).await?;
                return self.write(SOCKET, COMMAND, &[SEND]).await;
            }
            Timer::after_millis(1).await;
        }
        Err(Gone)
    }

    /// Whether the cable is in; none where the chip does not answer.
    async fn link(&mut self) -> Option<bool> {
        let answers = self.answers().await.unwrap_or(false);
        let cable = self.byte(COMMON, CABLE).await.ok().filter(|_| answers)?;
        Some(cable & 1 == 1)
    }

    async fn answers(&mut self) -> Result<bool, Gone> {
        Ok(self.byte(COMMON, VERSION).await? == IS_W5500)
    }

    /// A count that the chip changes while it is read: read until it is the same twice.
    async fn settled(&mut self, register: u16) -> Result<u16, Gone> {
        for _ in 0..TRIES {
            let count = self.word(register).await?;
            if count == self.word(register).await? {
                return Ok(count);
            }
        }
        Err(Gone)
    }

    async fn byte(&mut self, block: u8, register: u16) -> Result<u8, Gone> {
        let mut byte = [0];
        self.read(block, register, &mut byte).await?;
        let [byte] = byte;
        Ok(byte)
    }

    async fn word(&mut self, register: u16) -> Result<u16, Gone> {
        let mut word = [0; 2];
        self.read(SOCKET, register, &mut word).await?;
        Ok(u16::from_be_bytes(word))
    }

    async fn read(&mut self, block: u8, at: u16, into: &mut [u8]) -> Result<(), Gone> {
        let [high, low] = at.to_be_bytes();
        let head = [high, low, block << 3];
        let all = &mut [Operation::Write(&head), Operation::TransferInPlace(into)];
        self.bus.transaction(all).await.map_err(|_| Gone)
    }

    async fn write(&mut self, block: u8, at: u16, bytes: &[u8]) -> Result<(), Gone> {
        let [high, low] = at.to_be_bytes();
        let head = [high, low, block << 3 | WRITE];
        let all = &mut [Operation::Write(&head), Operation::Write(bytes)];
        self.bus.transaction(all).await.map_err(|_| Gone)
    }
}
