//! What is where in the flash: of the board and its boot loader alike.
//!
//! | Flash | |
//! |---|---|
//! | `0x00000` | Who the board is, and behind it its events |
//! | `0x40000` | 4 KB: what the boot loader is to do at the next start |
//! | `0x41000` | 384 KB: what runs |
//! | `0xa1000` | 388 KB: what comes, and a page more for swapping |

/// A page is erased as a whole. The first one says who the board is.
pub const PAGE: u32 = 4096;
/// What the boot loader is to do.
pub const STATE: u32 = 0x4_0000;
/// What runs: the boot loader puts it into RAM, where it was linked to.
pub const ACTIVE: u32 = STATE + PAGE;
/// Bytes that a program may have.
pub const SLOT: u32 = 384 * 1024;
/// Where the next program goes.
pub const SECOND: u32 = ACTIVE + SLOT;
/// Bytes of all.
pub const SIZE: u32 = SECOND + SLOT + PAGE;
