//! A device's registers in memory.

/// One register.
#[derive(Clone, Copy)]
pub struct Register(*mut u32);

impl Register {
    /// The register at `address`.
    ///
    /// # Safety
    /// There must be one, and reading or writing it must break nothing that Rust relies on.
    pub const unsafe fn at(address: usize) -> Self {
        Self(address as *mut u32)
    }

    /// Reads it.
    pub fn read(self) -> u32 {
        // SAFETY: whoever made it promised that there is such a register.
        unsafe { self.0.read_volatile() }
    }

    /// Writes it.
    pub fn write(self, value: u32) {
        // SAFETY: whoever made it promised that there is such a register.
        unsafe { self.0.write_volatile(value) }
    }
}

/// Lets an interrupt of AN385 come, by its number.
pub fn unmask(irq: i16) {
    let number = irq.unsigned_abs();
    // SAFETY: the set-enable registers of the NVIC; only the bit that is written is changed, and all
    // handlers stand in the vector table.
    let enable = unsafe { Register::at(0xE000_E100 + usize::from(number / 32) * 4) };
    enable.write(1 << (number % 32));
}
