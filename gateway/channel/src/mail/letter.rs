//! What a mail looks like: the headers, the words, and an id that leads an answer back.
//!
//! Where answers are read, the `Message-ID` says which message it is and is signed: nobody but those whom it
//! reached knows it, and a sender's name, which anybody can write, counts for nothing.

use gengfu_core::{id::MessageId, text::Language};
use lettre::{
    Address, Message,
    message::{
        Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{self, HeaderName, HeaderValue},
    },
};
use url::Url;

use crate::{
    button::Signer,
    channel::{Outgoing, SendError},
    words::{self, Answering, Room, Words, is_loud},
};

/// The message that a mail is about, and the language of those who got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct About {
    pub message: MessageId,
    pub language: Language,
}

impl About {
    /// The left side of a signed `Message-ID`, with a name that no other mail about it has.
    fn signed(self, name: &str, signer: &Signer) -> String {
        let Self { message, language } = self;
        let language = match language {
            Language::Zh => "zh",
            Language::En => "en",
        };
        signer.sealed(&format!("{name}.{message}.{language}"))
    }

    /// What a `Message-ID` says, if it is one of ours.
    pub fn read(id: &str, signer: &Signer) -> Option<Self> {
        let (left, _) = id.trim().trim_matches(['<', '>']).rsplit_once('@')?;
        let mut words = signer.unsealed(left)?.rsplit('.');
        let language = match words.next()?.to_ascii_lowercase().as_str() {
            "zh" => Language::Zh,
            _ => Language::En,
        };
        Some(Self { message: MessageId(words.next()?.parse().ok()?), language })
    }
}

/// The mail that carries a message.
pub(super) fn of_message(
    out: &Outgoing,
    from: &Mailbox,
    signer: Option<&Signer>,
) -> Result<Message, SendError> {
    let to = recipient(&out.message.method.address).map_err(SendError::gone)?;
    let answering = if signer.is_some() { Answering::ByMail } else { Answering::ByLink };
    let words = words::words_answered(out, answering, Room::Letter);
    let about = About { message: out.message.id, language: out.message.language };
    let left = match signer {
        Some(signer) => about.signed(&atoms(&out.key), signer),
        None => atoms(&out.key),
    };
    let id = format!("<{left}@{}>", from.email.domain());
    let loud = is_loud(&out.message.content);
    let mut builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(&words.title)
        .message_id(Some(id))
        .raw_header(raw("Auto-Submitted", "auto-generated"))
        .raw_header(raw("Content-Language", words::tag(words.language)));
    if loud {
        builder = builder.raw_header(raw("Importance", "high")).raw_header(raw("X-Priority", "1"));
    }
    let text = |kind, body| SinglePart::builder().header(kind).body(body);
    let alternatives = MultiPart::alternative()
        .singlepart(text(header::ContentType::TEXT_PLAIN, plain(&words, out)))
        .singlepart(text(header::ContentType::TEXT_HTML, html(&words, out)));
    written(builder.multipart(alternatives))
}

/// A mail back to somebody who answered, whose own mail has this id and subject.
pub(super) struct Reply<'a> {
    pub about: About,
    pub to: Address,
    pub id: &'a str,
    pub subject: &'a str,
    pub words: &'a str,
}

impl Reply<'_> {
    pub fn letter(self, from: &Mailbox, signer: &Signer) -> Result<Message, SendError> {
        // Named by theirs: whatever is read twice is answered by one mail.
        let name = format!("re-{}", signer.name(self.id));
        let left = self.about.signed(&name, signer);
        let subject: String = self.subject.chars().filter(|c| !c.is_control()).take(200).collect();
        let subject = if subject.to_ascii_lowercase().starts_with("re:") {
            subject
        } else {
            format!("Re: {subject}")
        };
        let mut builder: MessageBuilder = Message::builder()
            .from(from.clone())
            .to(Mailbox::new(None, self.to))
            .subject(subject)
            .message_id(Some(format!("<{left}@{}>", from.email.domain())))
            .raw_header(raw("Auto-Submitted", "auto-replied"))
            .raw_header(raw("Content-Language", words::tag(self.about.language)));
        let is_id = |c: char| c.is_ascii_graphic() && !"<>".contains(c);
        if !self.id.is_empty() && self.id.chars().all(is_id) {
            let id = format!("<{}>", self.id);
            builder = builder.in_reply_to(id.clone()).references(id);
        }
        written(builder.header(header::ContentType::TEXT_PLAIN).body(format!("{}\n", self.words)))
    }
}

fn written(made: Result<Message, lettre::error::Error>) -> Result<Message, SendError> {
    made.map_err(|e| SendError::lasting(format!("the mail could not be written: {e}")))
}

pub(super) fn recipient(address: &str) -> Result<Address, String> {
    address
        .parse()
        .map_err(|_| "this is not an e-mail address; one like name@example.org is wanted".into())
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn plain(words: &Words, out: &Outgoing) -> String {
    let link = out.link.as_ref().map(|link| format!("{link}\n\n")).unwrap_or_default();
    format!("{link}{}\n", words.body())
}

/// The same, readable at a glance on a phone. No picture, nothing that is fetched.
fn html(words: &Words, out: &Outgoing) -> String {
    let button = |link: &Url| {
        let label = words::button(out);
        format!(
            "<p><a href=\"{}\" style=\"display:inline-block;padding:14px 24px;background:#b00020;\
             color:#fff;font-size:20px;text-decoration:none;border-radius:6px\">{label}</a></p>\n",
            escape(link.as_str())
        )
    };
    let lines: String = words.lines.iter().map(|l| format!("<p>{}</p>\n", escape(l))).collect();
    format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"></head>\
         <body style=\"font:18px/1.4 sans-serif\">\n<h1 style=\"font-size:22px\">{}</h1>\n{}{lines}</body></html>\n",
        words::tag(words.language),
        escape(&words.title),
        out.link.as_ref().map(button).unwrap_or_default(),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The key as the left side of a `Message-ID` (RFC 5322 dot-atom); what may not stand there, and `=`, goes
/// as `=` and two hex digits, so that two keys never become one.
fn atoms(key: &str) -> String {
    key.bytes()
        .map(|b| match b {
            b if b.is_ascii_alphanumeric() || b"-_/+~!".contains(&b) => char::from(b).to_string(),
            b => format!("={b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn an_id_leads_back_to_its_message_and_cannot_be_made_up() {
        let signer = Signer::new(Secret::from("sixteen letters at the least").key().unwrap());
        let about = About { message: MessageId(41), language: Language::Zh };
        let left = about.signed(&atoms("garden.12:41"), &signer);
        for id in [format!("<{left}@example.org>"), format!(" {left}@elsewhere ")] {
            assert_eq!(About::read(&id, &signer), Some(about), "{id}");
        }
        for id in [
            left.clone(),
            format!("<{}@example.org>", left.replace(".41.", ".42.")),
            "<garden=3A41@example.org>".into(),
            "<@>".into(),
            String::new(),
        ] {
            assert_eq!(About::read(&id, &signer), None, "{id}");
        }
    }
}
