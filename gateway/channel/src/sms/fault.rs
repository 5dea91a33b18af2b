//! What a modem's refusals mean: for the caretaker, and for whether another try may help. The codes are
//! those of 3GPP TS 27.005 3.2.5 and TS 27.007 9.2.

use super::port::Fault;
use crate::channel::SendError;

impl Fault {
    /// In words that a caretaker can act on.
    pub fn words(&self) -> String {
        let (code, words) = match self {
            Fault::Lost(words) => return words.clone(),
            Fault::Error => return "the modem refused and did not say why".into(),
            Fault::Message(code) => (code, message(*code)),
            Fault::Equipment(code) => (code, equipment(*code)),
        };
        format!("{words} (code {code})")
    }

    /// What it means for the message that was to go.
    pub fn of_message(&self) -> SendError {
        let words = self.words();
        match self {
            Fault::Message(1 | 28) => SendError::gone(words),
            Fault::Message(
                8 | 10 | 21 | 29 | 30 | 50 | 69 | 302..=305 | 310..=313 | 316..=318 | 330,
            )
            | Fault::Equipment(10..=13 | 15..=18) => SendError::lasting(words),
            _ => SendError::passing(words),
        }
    }
}

fn message(code: u16) -> &'static str {
    match code {
        1 | 28 => "there is no such number",
        8 | 10 | 29 | 30 | 50 | 69 => {
            "this SIM may send no texts: ask its carrier, and see that it has credit"
        }
        21 => "the network refused the text",
        27 => "the phone can't be reached",
        38 | 41 | 42 | 47 | 332 => "the network is out of order or has no room at the moment",
        302..=305 => "the modem does not take this kind of text",
        310 | 313 => "the modem finds no SIM that works: see that it is in its slot",
        311 | 312 | 316..=318 => {
            "the SIM wants its PIN or PUK: set `pin_file`, or take the PIN off in a phone"
        }
        314 => "the SIM is busy",
        322 => "the SIM's memory is full",
        330 => "the SIM does not know its carrier's centre for texts: set it in a phone",
        331 => "there is no network: check the antenna and the place",
        _ => "the modem could not send the text",
    }
}

fn equipment(code: u16) -> &'static str {
    match code {
        10 | 13 | 15 => "the modem finds no SIM that works: see that it is in its slot",
        11 | 12 | 17 | 18 => {
            "the SIM wants its PIN or PUK: set `pin_file`, or take the PIN off in a phone"
        }
        14 => "the SIM is busy",
        16 => "the SIM refused the PIN: it is not tried again before `pin_file` changes",
        30..=32 => "there is no network: check the antenna and the place",
        _ => "the modem reports a fault of its own",
    }
}
