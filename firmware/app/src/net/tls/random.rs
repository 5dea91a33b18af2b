//! Random numbers that nobody can know: what the chip's noise gives, stirred together with the board's
//! password and the number of its start. Chips that are sold for a few euros promise little of their noise
//! (the RP2040's data sheet says so of its ring oscillator); without the password, nobody can follow it even
//! where it gives nothing.

use p256::elliptic_curve::rand_core::{CryptoRng, Error, RngCore};
use sha2::{Digest, Sha256};

/// So many words of the chip's noise are taken.
pub const WORDS: usize = 32;

/// Stirs, and gives.
pub struct Random([u8; 32]);

impl Random {
    /// Out of what nobody else knows, what never was the same before, and the chip's noise.
    pub fn new(secret: &str, start: u32, mut noise: impl FnMut() -> u32) -> Self {
        let mut all = Sha256::new();
        all.update(b"gengfu board");
        all.update(start.to_le_bytes());
        all.update(secret);
        for _ in 0..WORDS {
            all.update(noise().to_le_bytes());
        }
        Self(all.finalize().into())
    }

    /// What comes next. What came before can't be found from what is left.
    fn next(&mut self) -> [u8; 32] {
        let given = Sha256::new().chain_update(self.0).chain_update([1]).finalize();
        self.0 = Sha256::new().chain_update(self.0).chain_update([0]).finalize().into();
        given.into()
    }
}

impl RngCore for Random {
    fn next_u32(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.next();
        u32::from_le_bytes([a, b, c, d])
    }

    fn next_u64(&mut self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.next();
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    fn fill_bytes(&mut self, to: &mut [u8]) {
        for part in to.chunks_mut(32) {
            for (to, from) in part.iter_mut().zip(self.next()) {
                *to = from;
            }
        }
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(to);
        Ok(())
    }
}

impl CryptoRng for Random {}
