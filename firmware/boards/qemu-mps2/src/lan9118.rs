//! AN385's Ethernet (SMSC LAN9118): frames between the chip's queues and the network stack.

use embassy_futures::select::{Either3, select3};
use embassy_net_driver_channel::{
    self as channel, Device, Runner, State,
    driver::{HardwareAddress, LinkState},
};
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, signal::Signal};
use embassy_time::{Duration, Timer};
use gengfu_board::net::now_ms;
use static_cell::ConstStaticCell;

use crate::{
    register::{Register, unmask},
    tasks::{FRAMES, Watched},
};

/// The chip's interrupt.
pub const IRQ: i16 = 13;
/// The longest frame, in bytes.
pub const FRAME: usize = 1514;

/// The cable is looked at this often.
const CABLE: Duration = Duration::from_millis(250);
/// A frame ends with its checksum, which the stack does not want.
const CHECKSUM: usize = 4;

/// The chip's registers.
///
/// # Safety
/// `offset` must be the data sheet's of a register that may be read and written.
const unsafe fn at(offset: usize) -> Register {
    // SAFETY: AN385 has the chip there; the caller's for the rest.
    unsafe { Register::at(0x4020_0000 + offset) }
}
// SAFETY: all are the data sheet's.
const RX_DATA: Register = unsafe { at(0x00) };
// SAFETY: as above.
const TX_DATA: Register = unsafe { at(0x20) };
// SAFETY: as above.
const RX_STATUS: Register = unsafe { at(0x40) };
// SAFETY: as above.
const TX_STATUS: Register = unsafe { at(0x48) };
// SAFETY: as above.
const IRQ_CFG: Register = unsafe { at(0x54) };
// SAFETY: as above.
const INT_STS: Register = unsafe { at(0x58) };
// SAFETY: as above.
const INT_EN: Register = unsafe { at(0x5C) };
// SAFETY: as above.
const FIFO_INT: Register = unsafe { at(0x68) };
// SAFETY: as above.
const TX_CFG: Register = unsafe { at(0x70) };
// SAFETY: as above.
const RX_FIFO_INF: Register = unsafe { at(0x7C) };
// SAFETY: as above.
const TX_FIFO_INF: Register = unsafe { at(0x80) };
// SAFETY: as above.
const MAC_CSR_CMD: Register = unsafe { at(0xA4) };
// SAFETY: as above.
const MAC_CSR_DATA: Register = unsafe { at(0xA8) };

/// A whole frame has come.
const RECEIVED: u32 = 1 << 3;
/// Enabled, pushed and pulled, active high.
const INTERRUPT: u32 = 1 << 8 | 1 << 4 | 1;
const BUSY: u32 = 1 << 31;
const READ: u32 = 1 << 30;

/// Registers behind the chip's own, of its MAC and of its PHY.
mod behind {
    pub const MAC_CR: u32 = 1;
    pub const ADDRH: u32 = 2;
    pub const ADDRL: u32 = 3;
    pub const MII_ACC: u32 = 6;
    pub const MII_DATA: u32 = 7;
    /// PHY 1, register 1 (basic status), go.
    pub const BASIC_STATUS: u32 = 1 << 11 | 1 << 6 | 1;
    pub const LINK: u32 = 1 << 2;
    /// Receives and sends.
    pub const ON: u32 = 1 << 3 | 1 << 2;
}

/// Frames between the stack and the task.
pub type Frames = Runner<'static, FRAME>;

static INTERRUPTED: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// Something has come. The task looks, and lets the chip interrupt again.
pub fn on_interrupt() {
    INT_EN.write(0);
    INTERRUPTED.signal(());
}

/// Starts the chip.
pub fn start() -> (Device<'static, FRAME>, Frames) {
    let [a, b, c, d] = mac_read(behind::ADDRL).to_le_bytes();
    let [e, f, ..] = mac_read(behind::ADDRH).to_le_bytes();
    // In its place from the first, since the stack has no room to make it on.
    static STATE: ConstStaticCell<State<FRAME, 4, 4>> = ConstStaticCell::new(State::new());
    let state = STATE.take();
    let (frames, device) = channel::new(state, HardwareAddress::Ethernet([a, b, c, d, e, f]));
    TX_CFG.write(1 << 1);
    FIFO_INT.write(0);
    IRQ_CFG.write(INTERRUPT);
    INT_STS.write(u32::MAX);
    mac_write(behind::MAC_CR, behind::ON);
    unmask(IRQ);
    (device, frames)
}

/// Moves frames.
#[embassy_executor::task]
pub async fn run(frames: Frames, watch: &'static Watched) {
    let (state, mut up, mut down) = frames.split();
    loop {
        watch.borrow_mut().alive(FRAMES, now_ms());
        let cable = if has_cable() { LinkState::Up } else { LinkState::Down };
        state.set_link_state(cable);
        // First, so that a frame that comes after the last look interrupts.
        INT_STS.write(RECEIVED);
        // What the stack has no room for stays in the chip.
        while has_received()
            && let Some(buffer) = up.try_rx_buf()
        {
            if let Some(length) = take(buffer) {
                up.rx_done(length);
            }
        }
        INT_EN.write(RECEIVED);
        match select3(INTERRUPTED.wait(), down.tx_buf(), Timer::after(CABLE)).await {
            Either3::Second(frame) => {
                send(frame);
                down.tx_done();
            }
            Either3::First(()) | Either3::Third(()) => {}
        }
    }
}

fn has_received() -> bool {
    RX_FIFO_INF.read() >> 16 & 0xFF != 0
}

/// Takes the next frame out of the chip: its length, or none where it is a broken one or too long.
fn take(buffer: &mut [u8]) -> Option<usize> {
    let status = RX_STATUS.read();
    let taken = (status >> 16 & 0x3FFF) as usize;
    let length = taken.saturating_sub(CHECKSUM);
    let is_broken = status & 1 << 15 != 0;
    for at in (0..taken).step_by(4) {
        let word = RX_DATA.read().to_le_bytes();
        if let Some(rest) = buffer.get_mut(at..) {
            rest.iter_mut().zip(word).for_each(|(byte, new)| *byte = new);
        }
    }
    (!is_broken && length <= buffer.len()).then_some(length)
}

/// Hands a frame to the chip. One that finds no room is lost, as on any network.
fn send(frame: &[u8]) {
    let Ok(length) = u32::try_from(frame.len()) else { return };
    while TX_FIFO_INF.read() >> 16 & 0xFF != 0 {
        let _ = TX_STATUS.read();
    }
    if TX_FIFO_INF.read() & 0xFFFF < length + 16 {
        return;
    }
    // First and last part of a frame.
    TX_DATA.write(1 << 13 | 1 << 12 | length);
    TX_DATA.write(length);
    for part in frame.chunks(4) {
        let mut word = [0; 4];
        word.iter_mut().zip(part).for_each(|(byte, given)| *byte = *given);
        TX_DATA.write(u32::from_le_bytes(word));
    }
}

fn has_cable() -> bool {
    mac_write(behind::MII_ACC, behind::BASIC_STATUS);
    mac_read(behind::MII_DATA) & behind::LINK != 0
}

fn mac_read(register: u32) -> u32 {
    MAC_CSR_CMD.write(BUSY | READ | register);
    while MAC_CSR_CMD.read() & BUSY != 0 {}
    MAC_CSR_DATA.read()
}

fn mac_write(register: u32, value: u32) {
    MAC_CSR_DATA.write(value);
    MAC_CSR_CMD.write(BUSY | register);
    while MAC_CSR_CMD.read() & BUSY != 0 {}
}
