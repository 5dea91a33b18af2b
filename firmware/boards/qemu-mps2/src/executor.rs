//! Runs the tasks, and sleeps between them: the stock executor's sleep (WFE) keeps a core of QEMU's
//! host busy, WFI does not.

use core::sync::atomic::{AtomicBool, Ordering};

use embassy_executor::{Spawner, raw::Executor};
use static_cell::StaticCell;

static WOKEN: AtomicBool = AtomicBool::new(false);

/// Called by the executor's library when a task can go on.
#[unsafe(export_name = "__pender")]
fn on_woken(_: *mut ()) {
    WOKEN.store(true, Ordering::Release);
}

/// Starts tasks by `start`, and runs them for ever.
pub fn run(start: impl FnOnce(Spawner)) -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    let executor: &'static Executor = EXECUTOR.init(Executor::new(core::ptr::null_mut()));
    start(executor.spawner());
    loop {
        // SAFETY: it was initialised, and is polled here alone.
        unsafe { executor.poll() };
        // Between the look and the sleep no interrupt may come in; one that waits ends the sleep.
        cortex_m::interrupt::disable();
        if !WOKEN.swap(false, Ordering::Acquire) {
            cortex_m::asm::wfi();
        }
        // SAFETY: they were enabled before.
        unsafe { cortex_m::interrupt::enable() };
    }
}
