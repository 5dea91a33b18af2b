//! Time: one of AN385's timers runs on for ever, the other wakes whoever waits. Without a tick: a
//! board that has nothing to do costs its host nothing.

use core::{cell::RefCell, task::Waker};

use critical_section::{CriticalSection, Mutex};
use embassy_time_driver::{Driver, time_driver_impl};
use embassy_time_queue_utils::Queue;

use crate::register::{Register, unmask};

/// The interrupt of the timer that runs on, each time it begins anew.
pub const WRAP_IRQ: i16 = 8;
/// The interrupt of the timer that wakes.
pub const ALARM_IRQ: i16 = 9;

/// The timers count down by so many in a microsecond.
const PER_US: u64 = 25;
/// Enabled; with interrupt.
const RUN: u32 = 1 | 1 << 3;

struct Timer {
    control: Register,
    value: Register,
    reload: Register,
    /// Reading: whether it has reached zero. Writing one: that was seen.
    status: Register,
}

impl Timer {
    /// # Safety
    /// There must be a timer at `base` (APB timer of ARM's Cortex-M System Design Kit).
    const unsafe fn at(base: usize) -> Self {
        // SAFETY: the caller's; reading and writing them changes the timer alone.
        unsafe {
            Self {
                control: Register::at(base),
                value: Register::at(base + 4),
                reload: Register::at(base + 8),
                status: Register::at(base + 12),
            }
        }
    }

    fn start(&self, from: u32) {
        self.control.write(0);
        self.reload.write(from);
        self.value.write(from);
        self.control.write(RUN);
    }
}

// SAFETY: AN385 has its two timers there.
const COUNTER: Timer = unsafe { Timer::at(0x4000_0000) };
// SAFETY: as above.
const ALARM: Timer = unsafe { Timer::at(0x4000_1000) };

struct Clock {
    state: Mutex<RefCell<State>>,
}

struct State {
    wraps: u32,
    waiting: Queue,
}

time_driver_impl!(static CLOCK: Clock = Clock {
    state: Mutex::new(RefCell::new(State { wraps: 0, waiting: Queue::new() })),
});

impl State {
    /// Microseconds since the start.
    fn now(&self) -> u64 {
        let mut wraps = self.wraps;
        let mut counted = !COUNTER.value.read();
        if COUNTER.status.read() & 1 != 0 {
            // It began anew, and its interrupt has not come yet.
            wraps = wraps.wrapping_add(1);
            counted = !COUNTER.value.read();
        }
        (u64::from(wraps) << 32 | u64::from(counted)) / PER_US
    }

    fn wake(&mut self) {
        let now = self.now();
        let next = self.waiting.next_expiration(now);
        if next == u64::MAX {
            return ALARM.control.write(0);
        }
        let counts = next.saturating_sub(now).max(1).saturating_mul(PER_US);
        ALARM.start(u32::try_from(counts).unwrap_or(u32::MAX));
    }
}

impl Clock {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        critical_section::with(|cs: CriticalSection<'_>| act(&mut self.state.borrow_ref_mut(cs)))
    }
}

impl Driver for Clock {
    fn now(&self) -> u64 {
        self.with(|state| state.now())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        self.with(|state| {
            if state.waiting.schedule_wake(at, waker) {
                state.wake();
            }
        });
    }
}

/// Starts the clock.
pub fn start() {
    COUNTER.start(u32::MAX);
    unmask(WRAP_IRQ);
    unmask(ALARM_IRQ);
}

/// The counter began anew.
pub fn on_wrap() {
    CLOCK.with(|state| {
        state.wraps = state.wraps.wrapping_add(1);
        COUNTER.status.write(1);
    });
}

/// Somebody's time has come.
pub fn on_alarm() {
    CLOCK.with(|state| {
        ALARM.control.write(0);
        ALARM.status.write(1);
        state.wake();
    });
}

/// Something that differs between boards and between starts: the machine has no source of random
/// numbers, and for spreading boards over time this is enough. It is no secret.
pub fn seed(name: &str) -> u64 {
    let mixed = |sum: u64, byte: u64| (sum ^ byte).wrapping_mul(0x0000_0100_0000_01B3);
    let name = name.bytes().map(u64::from).fold(0xCBF2_9CE4_8422_2325, mixed);
    (mixed(name, CLOCK.with(|state| state.now()))) | 1
}
