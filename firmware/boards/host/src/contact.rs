//! Contacts that nobody wired.

use core::convert::Infallible;

use embedded_hal::digital::{ErrorType, InputPin};

/// A contact, closed or open.
pub struct Contact(pub bool);

impl ErrorType for Contact {
    type Error = Infallible;
}

impl InputPin for Contact {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0)
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0)
    }
}
