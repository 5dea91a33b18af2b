//! Buttons under a message, on channels that show some: which there are, what they say, and what follows
//! when one is pressed. What a button carries is signed by the gateway, so that nobody can make one.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use gengfu_core::{
    id::MessageId,
    incident::Cause,
    muster::Answer,
    notification::{
        outbox::{Message, Purpose},
        wish::Wish,
    },
    text::Language,
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::{
    desk::{Desk, Heard},
    reply,
};

/// Bytes of a signature: 128 bits.
const SIGNATURE: usize = 16;

/// What a button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    Wish(Wish),
    /// "Everybody is out": asked once more.
    Out,
}

impl Button {
    const ALL: [Button; 8] = [
        Button::Wish(Wish::Going),
        Button::Wish(Wish::There),
        Button::Wish(Wish::HandOn),
        Button::Out,
        Button::SURE,
        Button::Wish(Wish::Counted(Answer::Safe)),
        Button::Wish(Wish::Counted(Answer::NeedHelp)),
        Button::Wish(Wish::Counted(Answer::Coming)),
    ];
    /// "Everybody is out", for good.
    const SURE: Button = Button::Wish(Wish::AllClear(Cause::Rescued));

    /// Those under a message, at most two: some carriers have room for three, and the link is one.
    pub fn under(message: &Message) -> &'static [Button] {
        const GOING: Button = Button::Wish(Wish::Going);
        const THERE: Button = Button::Wish(Wish::There);
        const HAND_ON: Button = Button::Wish(Wish::HandOn);
        const SAFE: Button = Button::Wish(Wish::Counted(Answer::Safe));
        const NEED_HELP: Button = Button::Wish(Wish::Counted(Answer::NeedHelp));
        match message.content.purpose {
            _ if !message.content.purpose.asks() => &[],
            // Whoever comes to help says so on the page, or once they have said that they are safe.
            Purpose::Muster { .. } => &[SAFE, NEED_HELP],
            Purpose::AskAgain => &[THERE, HAND_ON],
            Purpose::NotOver { .. } => &[THERE, Button::Out],
            // There must be room for the page and the emergency number.
            Purpose::NobodyAnswered { .. } => &[GOING],
            _ => &[GOING, HAND_ON],
        }
    }

    pub fn label(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Button::Wish(Wish::Going) => ("我去", "I'm going"),
            Button::Wish(Wish::There) => ("我到了", "I'm there"),
            Button::Wish(Wish::HandOn) => ("去不了", "I can't"),
            Button::Wish(Wish::AllClear(_)) => ("确定，都出来了", "Yes, everybody is out"),
            Button::Wish(Wish::Counted(Answer::Safe)) => ("我平安", "I'm safe"),
            Button::Wish(Wish::Counted(Answer::NeedHelp)) => ("我需要帮助", "I need help"),
            Button::Wish(Wish::Counted(Answer::Coming)) => ("我来帮忙", "I'm coming to help"),
            Button::Out => ("人都出来了", "Everybody is out"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Button::Wish(Wish::Going) => "going",
            Button::Wish(Wish::There) => "there",
            Button::Wish(Wish::HandOn) => "hand-on",
            Button::Wish(Wish::AllClear(_)) => "all-clear",
            Button::Wish(Wish::Counted(Answer::Safe)) => "safe",
            Button::Wish(Wish::Counted(Answer::NeedHelp)) => "help",
            Button::Wish(Wish::Counted(Answer::Coming)) => "coming",
            Button::Out => "out",
        }
    }
}

/// A button that was pressed: under which message, in which language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pressed {
    pub message: MessageId,
    pub button: Button,
    pub language: Language,
}

impl Pressed {
    /// Puts it on the desk. Gives what the person is told, and the button that follows.
    pub async fn file(self, desk: &Desk) -> (String, Option<Button>) {
        let Pressed { message, button, language } = self;
        let wish = match button {
            Button::Out => return (reply::sure(language).to_owned(), Some(Button::SURE)),
            Button::Wish(wish) => wish,
        };
        match desk.put(Heard::Reply { message, wish }).await {
            Ok(()) => {
                let next = match wish {
                    Wish::Going => Some(Button::Wish(Wish::There)),
                    Wish::There => Some(Button::Out),
                    Wish::Counted(Answer::Safe) => {
                        Some(Button::Wish(Wish::Counted(Answer::Coming)))
                    }
                    Wish::Counted(_) => Some(Button::Wish(Wish::Counted(Answer::Safe))),
                    Wish::HandOn | Wish::AllClear(_) => None,
                };
                (reply::noted(language, wish).to_owned(), next)
            }
            Err(reason) => (reply::refused(language, &reason), None),
        }
    }
}

/// Who signs buttons.
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    pub fn new(key: Hmac<Sha256>) -> Self {
        Self(key)
    }

    /// What a button carries: at most 64 bytes, as much as Telegram lets it.
    pub fn token(&self, pressed: Pressed) -> String {
        let Pressed { message, button, language } = pressed;
        let language = match language {
            Language::Zh => "zh",
            Language::En => "en",
        };
        let text = format!("{message}.{}.{language}", button.name());
        let signature = BASE64.encode(self.sign(&text));
        format!("{text}.{signature}")
    }

    /// What a button carried, if it is one of ours.
    pub fn read(&self, token: &str) -> Option<Pressed> {
        let (text, signature) = token.trim().rsplit_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        let mac = self.0.clone().chain_update(text);
        if signature.len() != SIGNATURE || mac.verify_truncated_left(&signature).is_err() {
            return None;
        }
        let mut words = text.split('.');
        let message = MessageId(words.next()?.parse().ok()?);
        let name = words.next()?;
        let button = Button::ALL.into_iter().find(|button| button.name() == name)?;
        let language = match words.next()? {
            "zh" => Language::Zh,
            _ => Language::En,
        };
        Some(Pressed { message, button, language })
    }

    /// A name that only the gateway can make.
    pub fn name(&self, of: &str) -> String {
        self.sign(of).iter().map(|b| format!("{b:02x}")).collect()
    }

    /// A text with its signature, in letters and digits that survive where case does not.
    pub fn sealed(&self, text: &str) -> String {
        format!("{text}.{}", self.name(&text.to_ascii_lowercase()))
    }

    /// The text of what [`Signer::sealed`] gave, if it is one of ours.
    pub fn unsealed<'a>(&self, sealed: &'a str) -> Option<&'a str> {
        let (text, signature) = sealed.rsplit_once('.')?;
        if signature.len() != 2 * SIGNATURE || !signature.is_ascii() {
            return None;
        }
        let pairs = (0..signature.len()).step_by(2);
        let signature: Option<Vec<u8>> =
            pairs.map(|at| u8::from_str_radix(&signature[at..at + 2], 16).ok()).collect();
        let mac = self.0.clone().chain_update(text.to_ascii_lowercase());
        mac.verify_truncated_left(&signature?).is_ok().then_some(text)
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let mac = self.0.clone().chain_update(text).finalize().into_bytes();
        mac.into_iter().take(SIGNATURE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_sealed_text_opens_whatever_became_of_its_case() {
        let signer = |secret: &str| Signer::new(Secret::from(secret).key().unwrap());
        let (ours, other) = (signer("sixteen letters at the least"), signer("another, also long"));
        let sealed = ours.sealed("Garden=3A41.41.zh");
        assert_eq!(ours.unsealed(&sealed), Some("Garden=3A41.41.zh"));
        assert_eq!(ours.unsealed(&sealed.to_lowercase()), Some("garden=3a41.41.zh"));
        assert_eq!(ours.unsealed(&sealed.to_uppercase()), Some("GARDEN=3A41.41.ZH"));
        assert_eq!(other.unsealed(&sealed), None);
        for forged in [
            sealed.replacen("41.zh", "42.zh", 1),
            sealed[..sealed.len() - 2].to_owned(),
            "41.zh.".to_owned(),
            format!("41.zh.{}", "é".repeat(SIGNATURE)),
            String::new(),
        ] {
            assert_eq!(ours.unsealed(&forged), None, "{forged}");
        }
    }

    #[test]
    fn only_the_gateways_own_buttons_count() {
        let signer = |secret: &str| Signer::new(Secret::from(secret).key().unwrap());
        let other = signer("another secret, also long");
        let signer = signer("sixteen letters at the least");
        let pressed =
            Pressed { message: MessageId(u64::MAX), button: Button::SURE, language: Language::Zh };
        let token = signer.token(pressed);
        assert_eq!(signer.read(&token), Some(pressed));
        assert_eq!(other.read(&token), None);
        assert_ne!(other.name("topic"), signer.name("topic"));
        assert!(token.len() <= 64, "{token}");
        for forged in [
            token.replacen('1', "2", 1),
            token.replace("all-clear", "going"),
            token.replace(".zh", ".en"),
            "7.going.en.".into(),
            "7.going".into(),
            String::new(),
            token[..token.len() - 4].into(),
        ] {
            assert_eq!(signer.read(&forged), None, "{forged}");
        }
    }
}
