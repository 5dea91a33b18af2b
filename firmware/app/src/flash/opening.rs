//! A board's flash is opened, and whatever it does the board comes up: one that only tells what happens, and
//! forgets it with the power, is worth more than one that starts again and again.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use super::{
    layout::Layout,
    store::{Found, Store},
};

/// The numbers of starts that could not be counted: beyond all that are, and by chance, so that none comes twice.
/// The gateway drops an event with a number that it knows.
const UNCOUNTED: u32 = 1 << 31;

impl<F: MultiwriteNorFlash> Store<F> {
    /// Opens it. One that refuses is erased once; where that is of no use, nothing is found in it and nothing is
    /// kept. `flash` gives a hand on it, and `by_chance` are bits that are other ones at each start.
    pub async fn open_anyhow(
        flash: impl Fn() -> F,
        layout: &Layout,
        by_chance: u32,
    ) -> (Self, Found) {
        if let Ok(opened) = Self::open(flash(), layout.clone()).await {
            return opened;
        }
        let mut store = Self::closed(flash(), layout.clone());
        if store.begin_anew().await.is_ok()
            && let Ok((store, mut found)) = Self::open(flash(), layout.clone()).await
        {
            found.lost = true;
            return (store, found);
        }
        let mut found = Found::nothing(UNCOUNTED | by_chance);
        found.refuses = true;
        (Self::closed(flash(), layout.clone()), found)
    }
}
