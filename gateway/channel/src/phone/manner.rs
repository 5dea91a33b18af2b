//! In what manner a call asks for its speech: encrypted, and how firmly.

use rsipstack::sip::Response;

use super::{line::Line, sdes::Srtp, sdp::Profile, stream::Jack};

/// How the next try of a call asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Plainly.
    Plain,
    /// Encrypted, and not otherwise.
    Required,
    /// Encrypted; where that is refused, [`Manner::Either`].
    First,
    /// Plainly, with keys for whoever takes them: those who have never heard of any pass them over.
    Either,
}

impl Manner {
    /// The description that is offered.
    pub fn offer(self, jack: &Jack) -> String {
        match self {
            Manner::Plain => jack.offer(Profile::Plain, false),
            Manner::Required | Manner::First => jack.offer(Profile::Secure, true),
            Manner::Either => jack.offer(Profile::Plain, true),
        }
    }

    /// How to go on after a refusal of the description: 415, 488 or 606. None where that is no use.
    pub fn after(self, refusal: &Response) -> Option<Self> {
        let of_description = matches!(refusal.status_code.code(), 415 | 488 | 606);
        (self == Manner::First && of_description).then_some(Manner::Either)
    }
}

impl Line {
    /// How a call of ours begins.
    pub fn manner(&self) -> Manner {
        match self.account.srtp {
            Srtp::Never => Manner::Plain,
            Srtp::Offered => Manner::First,
            Srtp::Required => Manner::Required,
        }
    }

    /// Our end of a call's speech.
    ///
    /// # Errors
    /// Where there is no socket to be had.
    pub async fn jack(&self) -> Result<Jack, String> {
        Jack::open(self.here, self.account.srtp == Srtp::Required).await
    }
}
