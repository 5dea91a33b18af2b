//! What reaches a gateway: a network, and the connections that it makes.

use minimq::Io;

use super::{Lost, settings::Gateway};

/// A network that a board hangs on. A chip has the stack of `embassy-net` ([`super::wire`]); a board on a
/// computer may have that computer's.
///
/// What it promises runs on one executor, which nothing of it leaves.
#[expect(async_fn_in_trait, reason = "one executor: nobody asks whether it may be sent elsewhere")]
pub trait Network {
    /// One connection at a time.
    type Stream<'n>: Stream
    where
        Self: 'n;

    /// Until the board has an address.
    async fn is_up(&self);

    /// Connects, or gives up after a while.
    ///
    /// # Errors
    /// [`Lost::NoSuchName`] or [`Lost::Unreachable`].
    async fn reach<'n>(&'n mut self, gateway: &Gateway<'_>) -> Result<Self::Stream<'n>, Lost>;
}

/// A connection, whose flush does not wait for the other side: an event must not wait for a round trip
/// before the next one may follow.
#[expect(async_fn_in_trait, reason = "as above")]
pub trait Stream: Io {
    /// Ends it: the other side is told, where it can be, rather than left with half a connection.
    async fn end(self);
}
