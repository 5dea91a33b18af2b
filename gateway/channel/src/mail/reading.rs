//! A mail that came in: whose words it answers, and what its writer says in it, without what is quoted
//! from ours, without a signature, and never what a machine wrote by itself.

use gengfu_core::notification::wish::Wish;
use lettre::Address;
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders as _, PartType};

use super::letter::About;
use crate::{
    button::Signer,
    spelled::{self, Answer},
};

/// Names in `References` that are looked at, from the newest: a thread of a day has fewer.
const MOST_REFERENCES: usize = 50;
/// An own line of ours, or of anybody who explains something, is longer, in characters.
const LONGEST: usize = 200;
/// What a quoted mail, or a signature, begins with.
const ENDS: [&str; 12] = [
    "-----",
    "_____",
    "from:",
    "发件人",
    "寄件者",
    "原始邮件",
    "回复的原邮件",
    "发自我的",
    "sent from my",
    "获取outlook",
    "get outlook",
    "—",
];
/// How the subjects of automatic answers begin whose headers do not say so.
const AUTOMATIC: [&str; 7] = [
    "自动回复",
    "自動回覆",
    "自动答复",
    "automatic reply",
    "auto reply",
    "autoreply",
    "out of office",
];

/// What a mail means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meant {
    Wish(Wish),
    /// 1, 2 or 3: what it stands for hangs on what was asked.
    Digit(char),
    /// "Everybody is out": asked once more.
    Out,
    /// Nothing that counts.
    Unclear,
}

/// An answer to a mail of ours, from a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub about: About,
    pub meant: Meant,
    /// Who wrote, as far as one can know: only told what became of it.
    pub from: Option<Address>,
    pub id: String,
    pub subject: String,
}

/// Reads a mail, which may be cut off; nothing where it answers none of ours or a machine wrote it.
pub(super) fn read(bytes: &[u8], signer: &Signer) -> Option<Read> {
    let mail = MessageParser::default().parse(bytes)?;
    let about = about(&mail, signer)?;
    if is_automatic(&mail) {
        tracing::debug!("an automatic answer by mail counts for nothing");
        return None;
    }
    let meant = match own_line(&text(&mail)).and_then(|line| spelled::meant(&line)) {
        Some(Answer::Wish(wish)) => Meant::Wish(wish),
        Some(Answer::Digit(digit)) => Meant::Digit(digit),
        Some(Answer::Out) => Meant::Out,
        // Whose mail it is is not known for certain.
        Some(Answer::Who) | None => Meant::Unclear,
    };
    let from = mail.from().and_then(|from| from.first()?.address.as_deref()?.parse().ok());
    let id = mail.message_id().unwrap_or_default().to_owned();
    Some(Read { about, meant, from, id, subject: mail.subject().unwrap_or_default().to_owned() })
}

/// Which of our messages it answers: the mail that it names as answered, or else the newest of the thread.
fn about(mail: &Message<'_>, signer: &Signer) -> Option<About> {
    let newest_first = |value: &HeaderValue<'_>| -> Vec<String> {
        match value {
            HeaderValue::Text(one) => vec![one.to_string()],
            HeaderValue::TextList(all) => {
                all.iter().rev().take(MOST_REFERENCES).map(ToString::to_string).collect()
            }
            _ => vec![],
        }
    };
    let named = [mail.in_reply_to(), mail.references()].map(newest_first);
    named.iter().flatten().find_map(|id| About::read(id, signer))
}

/// Whether a machine wrote it by itself (RFC 3834), or it came by a list.
fn is_automatic(mail: &Message<'_>) -> bool {
    let header = |name: &str| mail.header_raw(name).map(|raw| raw.trim().to_ascii_lowercase());
    if header("Auto-Submitted").is_some_and(|how| !how.starts_with("no")) {
        return true;
    }
    let by_bulk = |how: String| ["bulk", "junk", "list", "auto"].iter().any(|b| how.starts_with(b));
    if header("Precedence").is_some_and(by_bulk)
        || header("Return-Path").is_some_and(|path| path == "<>")
        || ["List-Id", "X-Autoreply", "X-Autorespond", "X-Auto-Reply"]
            .iter()
            .any(|name| mail.headers_raw().any(|(known, _)| known.eq_ignore_ascii_case(name)))
        || mail.content_type().is_some_and(|kind| kind.subtype() == Some("report"))
    {
        return true;
    }
    let subject = mail.subject().unwrap_or_default().trim().to_lowercase();
    AUTOMATIC.iter().any(|start| subject.starts_with(start))
}

/// Its text; of one in HTML alone, what is left when quotes and marks are taken out.
fn text(mail: &Message<'_>) -> String {
    let parts = mail.text_body.iter().filter_map(|at| mail.part(*at));
    let mut texts = parts.filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.to_string()),
        PartType::Html(html) => {
            Some(mail_parser::decoders::html::html_to_text(&without_quotes(html)))
        }
        _ => None,
    });
    texts.next().unwrap_or_default()
}

/// HTML without its quotes, however deep.
fn without_quotes(html: &str) -> String {
    // Of one length with `html`, so that places in the one are places in the other.
    let lower = html.to_ascii_lowercase();
    let (mut kept, mut depth, mut at) = (String::new(), 0_u32, 0);
    while let Some(rest) = lower.get(at..) {
        let begin = rest.find("<blockquote");
        let end = rest.find("</blockquote");
        let next = match (begin, end) {
            (Some(begin), Some(end)) => begin.min(end),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => rest.len(),
        };
        if depth == 0 {
            kept.push_str(html.get(at..at + next).unwrap_or_default());
        }
        if next == rest.len() {
            break;
        }
        depth = if begin == Some(next) { depth + 1 } else { depth.saturating_sub(1) };
        // On to the end of the mark.
        at += next + rest.get(next..).and_then(|mark| mark.find('>')).map_or(rest.len(), |n| n + 1);
    }
    kept
}

/// The first line that its writer wrote. People write above what they answer, or below.
fn own_line(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let plain = line.to_lowercase();
        if plain.is_empty() || plain.starts_with(['>', '＞', '|']) {
            continue;
        }
        if plain == "--" || ENDS.iter().any(|end| plain.starts_with(end)) {
            return None;
        }
        // "On Monday somebody wrote:", before a quote, over one line or two.
        if is_attribution(&plain, lines.peek().copied()) {
            while lines.peek().is_some_and(|next| !next.is_empty() && !next.starts_with('>')) {
                lines.next();
            }
            continue;
        }
        return Some(line.chars().take(LONGEST).collect());
    }
    None
}

fn is_attribution(line: &str, next: Option<&str>) -> bool {
    let names_somebody = line.contains('@') || line.contains('<');
    let ends = line.ends_with([':', '：']);
    let begins = line.starts_with("on ") || line.starts_with('在') || line.starts_with("am ");
    let goes_on = next.is_some_and(|next| next.ends_with([':', '：']));
    (ends && (begins || names_somebody)) || (begins && goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_its_writer_wrote_is_read() {
        for (text, own) in [
            ("1\n\n> quoted\n", Some("1")),
            ("\n  我去！  \n在 2026年11月23日，更夫 <a@b> 写道：\n> 5\n", Some("我去！")),
            ("On Mon, 23 Nov, Gengfu <a@b> wrote:\n> Reply 1\n> 5\n\n2\n", Some("2")),
            ("On Mon, 23 Nov 2026 at 16:00, Gengfu\n<a@b> wrote:\n\n> Reply 1\n\n3\n", Some("3")),
            ("> 1\n> 2\n", None),
            ("\n-- \n1\n", None),
            ("\n-----Original Message-----\n1\n", None),
            ("发件人: 更夫\n1\n", None),
            ("________________________________\n5", None),
            ("Sent from my phone\n1", None),
            ("", None),
        ] {
            assert_eq!(own_line(text).as_deref(), own, "{text:?}");
        }
    }

    #[test]
    fn quotes_in_html_are_taken_out_however_deep() {
        for (html, kept) in [
            ("<p>2</p><BLOCKQUOTE type=cite>1<blockquote>3</blockquote>4</BLOCKQUOTE>", "<p>2</p>"),
            ("<blockquote>1", ""),
            ("1</blockquote>2", "12"),
            ("İ<blockquote>1</blockquote>我去", "İ我去"),
            ("<blockquote", ""),
        ] {
            assert_eq!(without_quotes(html), kept, "{html}");
        }
    }
}
