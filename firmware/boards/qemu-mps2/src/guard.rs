//! The end of the stack. It stands at the foot of the RAM (`memory.x`): when it is full, the next byte goes to where
//! there is none, and not into what the program keeps. The machine that QEMU emulates takes a write to there without
//! a word, so its memory protection refuses.

use core::arch::naked_asm;

use cortex_m::{Peripherals, peripheral::scb::Exception};

use crate::watchdog;

/// What lies below the RAM: a whole MB, since no call takes as much at once.
const BELOW: u32 = 0x1FF0_0000;
/// The first region of the memory protection.
const FIRST: u32 = 1 << 4;
/// 2^20 bytes (the field is one less), on, nothing runs there, and by no other bit anybody may read or write it.
const NO_ACCESS: u32 = 1 << 28 | 19 << 1 | 1;
/// On; what is in no region is as it was.
const ON: u32 = 1 << 2 | 1;

unsafe extern "C" {
    static _stack_end: u32;
    static _stack_start: u32;
}

/// Watches over it from now on. To be called once.
pub fn start() {
    let Some(mut core) = Peripherals::take() else { return };
    core.SCB.enable(Exception::MemoryManagement);
    // SAFETY: the program has nothing there.
    unsafe {
        core.MPU.rbar.write(BELOW | FIRST);
        core.MPU.rasr.write(NO_ACCESS);
        core.MPU.ctrl.write(ON);
    }
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}

/// Bytes of it that were used since the machine was switched on: its RAM is zero then.
pub fn used() -> usize {
    let (end, start) = (&raw const _stack_end, &raw const _stack_start);
    let room = start.addr() - end.addr();
    // SAFETY: the linker says that the stack's words are there, and reading disturbs nobody.
    let is_unused = |at: &usize| unsafe { end.add(*at).read_volatile() } == 0;
    room - (0..room / size_of::<u32>()).take_while(is_unused).count() * size_of::<u32>()
}

/// It is full: nothing can be put onto it, so whoever is called now begins anew at its top.
#[unsafe(naked)]
#[unsafe(export_name = "MemoryManagement")]
extern "C" fn on_end() -> ! {
    naked_asm!("ldr r0, =_stack_start", "mov sp, r0", "bl {}", sym full)
}

extern "C" fn full() -> ! {
    watchdog::on_panic(format_args!("the stack is full"))
}
