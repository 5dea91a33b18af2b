//! The boot loader of the board that QEMU emulates, which runs at each start before the program: `embassy-boot`
//! swaps an update in where one waits, and out again where it did not prove itself, as on a board that is sold.
//! Then the program goes from the flash, which is a file of the host, into the RAM that it was linked to.

#![no_std]
#![no_main]

#[path = "../../qemu-mps2/src/flash.rs"]
mod flash;
#[path = "../../qemu-mps2/src/places.rs"]
mod places;

use core::{cell::RefCell, panic::PanicInfo};

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use embassy_boot::{AlignedBuffer, BootLoader, BootLoaderConfig};
use embassy_embedded_hal::flash::partition::BlockingPartition;
use embassy_sync::blocking_mutex::NoopMutex;
use embedded_storage::nor_flash::ReadNorFlash;

use crate::{
    flash::Flash,
    places::{ACTIVE, PAGE, SECOND, SLOT, STATE},
};

/// Where the program was linked to.
const PROGRAM: u32 = 0x10_0000;

#[entry]
fn main() -> ! {
    if let Ok(flash) = Flash::open() {
        start(flash);
    }
    // Without a flash there is nothing to run, and nobody to tell.
    loop {
        cortex_m::asm::wfi();
    }
}

/// Swaps where it must, and runs the program. Comes back where the flash refuses.
fn start(flash: Flash) {
    let flash = NoopMutex::new(RefCell::new(flash));
    let config = BootLoaderConfig {
        active: BlockingPartition::new(&flash, ACTIVE, SLOT),
        dfu: BlockingPartition::new(&flash, SECOND, SLOT + PAGE),
        state: BlockingPartition::new(&flash, STATE, PAGE),
    };
    let mut page = AlignedBuffer([0; PAGE as usize]);
    if BootLoader::new(config).prepare_boot(page.as_mut()).is_err() {
        return;
    }
    // SAFETY: there is RAM that nobody else uses.
    let program = unsafe { core::slice::from_raw_parts_mut(PROGRAM as *mut u8, SLOT as usize) };
    if flash.lock(|flash| flash.borrow_mut().read(ACTIVE, program)).is_err() {
        return;
    }
    // SAFETY: nothing else runs, and a program stands there: the one that the board was made with, or one that
    // was signed.
    unsafe {
        (*SCB::PTR).vtor.write(PROGRAM);
        cortex_m::asm::bootload(PROGRAM as *const u32)
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
