//! Crashes in a row, counted over the starts.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use super::store::{Store, StoreError};
use crate::health::{Reset, SAFE_AFTER};

/// Where the count is kept.
const CRASHES: u8 = 4;

impl<F: MultiwriteNorFlash> Store<F> {
    /// Counts a start that came about so, and returns how many crashes in a row there were. Once at each
    /// start, before anything that may crash.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn came_up(&mut self, reset: Reset) -> Result<u8, StoreError<F::Error>> {
        let before = self.get(CRASHES).await?.and_then(|kept| kept.first().copied()).unwrap_or(0);
        let crashes = reset.crashes(before);
        if crashes != before {
            self.put(CRASHES, &[crashes]).await?;
        }
        Ok(crashes)
    }

    /// The board ran well in safe mode, and is about to start anew with all that it does: the next crash
    /// brings safe mode back at once.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn may_try_again(&mut self) -> Result<(), StoreError<F::Error>> {
        self.put(CRASHES, &[SAFE_AFTER - 1]).await
    }

    /// The board runs well: crashes before this count no longer.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn is_well(&mut self) -> Result<(), StoreError<F::Error>> {
        self.put(CRASHES, &[0]).await
    }
}
