//! The boot loader of WIZnet's W5500-EVB-Pico and W5500-EVB-Pico2, which runs at each start before the program:
//! where an update waits it swaps it in, page by page, and where one did not prove itself it swaps it out again.
//! A power cut at any of that is made good at the next start. `embassy-boot` does it; this says where what is.
//!
//! | Flash | |
//! |---|---|
//! | `0x10000000` | An RP2040's second stage, and this; on an RP2350 this alone |
//! | `0x10006000` | 4 KB: what is to be done at the next start. Erased by the file that brings this |
//! | `0x10008000` | 384 KB: what runs |
//! | `0x10068000` | 388 KB: what comes, and a page more for swapping |
//! | `0x10100000` | Who the board is, and behind it its events |

#![no_std]
#![no_main]

use core::{cell::RefCell, panic::PanicInfo};

use cortex_m::peripheral::SCB;
use cortex_m_rt::entry;
use embassy_boot_rp::{BootLoader, BootLoaderConfig, WatchdogFlash};
use embassy_embedded_hal::flash::partition::BlockingPartition;
use embassy_sync::blocking_mutex::NoopMutex;
use embassy_time::Duration;

/// Bytes of the board's flash.
const SIZE: usize = 2 * 1024 * 1024;
const FLASH: u32 = 0x1000_0000;
const PAGE: u32 = 4 * 1024;
const STATE: u32 = 0x6000;
const ACTIVE: u32 = 0x8000;
const SLOT: u32 = 384 * 1024;
const SECOND: u32 = ACTIVE + SLOT;
/// The chip starts anew where nothing moves for so long. The program inherits it, so that one that hangs at
/// its very start goes back too.
const PATIENCE: Duration = Duration::from_secs(8);

/// The page of what is to be done, erased.
#[used]
#[unsafe(link_section = ".state")]
static ERASED: [u8; PAGE as usize] = [0xff; PAGE as usize];

#[entry]
fn main() -> ! {
    let p = embassy_rp::init(Default::default());
    let flash = WatchdogFlash::<SIZE>::start(p.FLASH, p.WATCHDOG, PATIENCE);
    let flash = NoopMutex::new(RefCell::new(flash));
    let config = BootLoaderConfig {
        active: BlockingPartition::new(&flash, ACTIVE, SLOT),
        dfu: BlockingPartition::new(&flash, SECOND, SLOT + PAGE),
        state: BlockingPartition::new(&flash, STATE, PAGE),
    };
    match BootLoader::<{ PAGE as usize }>::try_prepare(config) {
        // SAFETY: a program stands there: the one that was dropped onto the board, or one that was signed.
        Ok(loader) => unsafe { loader.load(FLASH + ACTIVE) },
        // A flash that refuses now may not do so the next time.
        Err(_) => SCB::sys_reset(),
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    SCB::sys_reset()
}
