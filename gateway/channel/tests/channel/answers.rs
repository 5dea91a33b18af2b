//! Answers by mail, read from a real mail server.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gengfu_channel::{Channel, Desk, Filed, Heard, House};
use gengfu_core::{
    id::MessageId, incident::Cause, notification::outbox::Purpose, notification::wish::Wish,
    text::Language,
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, task::AbortHandle};

use crate::support::{channel, outgoing, pki::Pki, python::Peer};

const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);

struct Nobody;

impl House for Nobody {
    fn wants(&self, _: MessageId) -> bool {
        true
    }
}

/// The mail server's two sides, the channel between them, and who listens to it.
struct Office {
    post: Peer,
    inbox: Peer,
    filed: mpsc::Receiver<Filed>,
    mail: std::sync::Arc<dyn Channel>,
    listens: AbortHandle,
    _folder: tempfile::TempDir,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.listens.abort();
    }
}

impl Office {
    async fn new(mode: &str) -> Self {
        let pki = Pki::here();
        let folder = tempfile::tempdir().unwrap();
        let mut post = Peer::start("mailbox.py", &["plain"]);
        let (cert, key) = (pki.cert.to_str().unwrap(), pki.key.to_str().unwrap());
        let mut args = vec![folder.path().to_str().unwrap(), mode, "gengfu", "pass-word"];
        if mode != "plain" {
            args.extend([cert, key]);
        }
        let mut inbox = Peer::start("dovecot.py", &args);
        let (out, back) = (post.next().await["port"].clone(), inbox.next().await["port"].clone());
        let tls = if mode == "plain" { "none" } else { mode };
        let settings = format!(
            "kind = 'mail'\nhost = '127.0.0.1'\nport = {out}\ntls = 'none'\nfrom = 'Gengfu <alarm@example.org>'\n\
             [answers]\nhost = '127.0.0.1'\nport = {back}\ntls = '{tls}'\nuser = 'gengfu'\npassword = 'pass-word'\n\
             secret = 'thirty-two random characters, say'\nca = '{}'",
            pki.ca.display()
        );
        let mail: std::sync::Arc<dyn Channel> = channel(&settings, folder.path()).into();
        let (desk, filed) = Desk::new(std::sync::Arc::new(Nobody));
        let ear = mail.clone();
        let listens = tokio::spawn(async move { ear.listen(&desk).await }).abort_handle();
        let mut office = Self { post, inbox, filed, mail, listens, _folder: folder };
        assert_eq!(office.heard().await, Heard::Path { fault: None });
        office
    }

    /// What is put on the desk next.
    async fn heard(&mut self) -> Heard {
        let filed = tokio::time::timeout(LIMIT, self.filed.recv()).await;
        let Filed { heard, done } = filed.expect("something on the desk").unwrap();
        done.send(Ok(())).unwrap();
        heard
    }

    /// Sends an alert; its mail as it arrived, and its id.
    async fn alert(&mut self) -> (Value, String) {
        let out =
            outgoing("li-hua@example.org", Language::En, Purpose::Alert { step: 0, round: 0 });
        self.mail.send(&out).await.unwrap();
        let mail = self.post.next().await;
        let id = mail["headers"]["message-id"].as_str().unwrap().to_owned();
        (mail, id)
    }

    async fn arrives(&mut self, mail: &[u8]) {
        let order = json!({ "deliver": BASE64.encode(mail), "as": "base64" });
        self.inbox.tell(&order).await;
        self.inbox.next().await;
    }

    /// How many mails nobody has read, once so many are read.
    async fn unread_once(&mut self, read: u64) -> u64 {
        let end = tokio::time::Instant::now() + LIMIT;
        loop {
            self.inbox.tell(&json!({ "look": true })).await;
            let stands = self.inbox.next().await;
            if stands["read"] == read {
                return stands["new"].as_u64().unwrap();
            }
            assert!(tokio::time::Instant::now() < end, "{stands}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// A mail back, with these headers besides those that each has.
fn back(headers: &str, body: &str) -> Vec<u8> {
    format!(
        "From: Li Hua <li-hua@example.org>\r\nTo: alarm@example.org\r\nSubject: Re: Trapped\r\n\
         Message-ID: <{}@example.org>\r\n{headers}\r\n\r\n{body}\r\n",
        headers.len() + body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn an_answer_counts_however_its_writer_s_program_writes_it() {
    let mut office = Office::new("tls").await;
    let (mail, id) = office.alert().await;
    let plain = mail["plain"].as_str().unwrap();
    assert!(plain.contains("answer this mail with a digit in its first line. Reply 1: I'm going"));
    let gbk = b"\xce\xd2\xc8\xa5\xa3\xa1"; // 我去！
    let quoted = "On Mon, 23 Nov 2026, Gengfu <alarm@example.org> wrote:\r\n> Reply 1: I'm going; 2: I can't.\r\n> 5";
    let html = "<html><head><style>p{color:red}</style></head><body><p>2</p><blockquote>Reply 1\
        </blockquote></body></html>";
    for (headers, body, wish) in [
        (format!("In-Reply-To: {id}"), format!("1\r\n\r\n{quoted}"), Wish::Going),
        (format!("References: <a@b>\r\n {id}"), format!("{quoted}\r\n\r\nI'm there"), Wish::There),
        (
            format!("In-Reply-To: {id}\r\nContent-Type: text/html; charset=utf-8"),
            html.to_owned(),
            Wish::HandOn,
        ),
        (
            format!(
                "In-Reply-To: {id}\r\nContent-Type: text/plain; charset=gb18030\r\n\
                 Content-Transfer-Encoding: base64"
            ),
            BASE64.encode(gbk),
            Wish::Going,
        ),
        (
            format!(
                "In-Reply-To: {id}\r\nContent-Type: text/plain; charset=\"GBK\"\r\n\
                 Content-Transfer-Encoding: quoted-printable"
            ),
            "=CA=D5=B5=BD".to_owned(),
            Wish::Going,
        ),
        (
            format!(
                "In-Reply-To: {id}\r\nContent-Type: multipart/mixed; boundary=x\r\nAuto-Submitted: no"
            ),
            format!(
                "--x\r\nContent-Type: text/plain\r\n\r\n3\r\n--x\r\nContent-Type: image/png\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{}",
                "AAAA".repeat(500_000)
            ),
            Wish::There,
        ),
    ] {
        office.arrives(&back(&headers, &body)).await;
        let heard = Heard::Reply { message: MessageId(41), wish };
        assert_eq!(office.heard().await, heard, "{headers}");
        let told = office.post.next().await;
        assert_eq!(told["to"], json!(["li-hua@example.org"]));
        assert_eq!(told["headers"]["auto-submitted"], "auto-replied");
        assert!(told["plain"].as_str().unwrap().starts_with("Noted: "), "{told}");
    }
    assert_eq!(office.unread_once(6).await, 0);
}

#[tokio::test]
async fn a_reply_to_the_reply_counts_and_the_end_is_asked_for_twice() {
    let mut office = Office::new("starttls").await;
    let (_, id) = office.alert().await;
    office.arrives(&back(&format!("In-Reply-To: {id}"), "5")).await;
    let asked = office.post.next().await;
    assert!(asked["plain"].as_str().unwrap().starts_with("Is everybody out and safe?"), "{asked}");
    assert_eq!(asked["headers"]["subject"], "Re: Trapped");
    let again = asked["headers"]["message-id"].as_str().unwrap();
    assert_ne!(again, id);
    office.arrives(&back(&format!("In-Reply-To: {again}"), "5")).await;
    let wish = Wish::AllClear(Cause::Rescued);
    assert_eq!(office.heard().await, Heard::Reply { message: MessageId(41), wish });
}

#[tokio::test]
async fn what_is_no_answer_is_left_alone_and_machines_are_never_written_to() {
    let mut office = Office::new("plain").await;
    let (_, id) = office.alert().await;
    let to_us = format!("In-Reply-To: {id}");
    let forged = id.replace(".41.", ".42.");
    for mail in [
        back("", "1"),
        back("In-Reply-To: <garden=3A41@example.org>", "1"),
        back(&format!("In-Reply-To: {forged}"), "1"),
        back(&format!("{to_us}\r\nAuto-Submitted: auto-replied"), "1"),
        back(&format!("{to_us}\r\nPrecedence: bulk"), "1"),
        back(&format!("{to_us}\r\nX-Autoreply: yes"), "1"),
        back(&format!("{to_us}\r\nReturn-Path: <>"), "1"),
        back(
            &format!(
                "{to_us}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=x"
            ),
            "--x\r\n\r\n1\r\n--x--",
        ),
        String::from_utf8(back(&to_us, "1"))
            .unwrap()
            .replace("Re: Trapped", "=?utf-8?B?6Ieq5Yqo5Zue5aSNOiBSZQ==?=")
            .into_bytes(),
        b"\xff\xfe\x00 no mail at all \x80".to_vec(),
        format!("{to_us}\r\nContent-Type: multipart/mixed; boundary=\"{}", "(".repeat(70_000))
            .into_bytes(),
    ] {
        office.arrives(&mail).await;
    }
    // The next that is one is the next that is heard of, and the next that is written to.
    office.arrives(&back(&to_us, "Dear all, what is this?\r\n\r\n1")).await;
    let told = office.post.next().await;
    assert!(told["plain"].as_str().unwrap().starts_with("This was not understood."), "{told}");
    office.arrives(&back(&to_us, "And again I ask you")).await;
    office.arrives(&back(&to_us, "2")).await;
    let heard = Heard::Reply { message: MessageId(41), wish: Wish::HandOn };
    assert_eq!(office.heard().await, heard);
    assert!(office.post.next().await["plain"].as_str().unwrap().starts_with("Noted: "));
    // What is not ours stays as it was: all but these three, and the one that named ours and said nothing.
    assert_eq!(office.unread_once(4).await, 10);
}

#[tokio::test]
async fn a_server_that_comes_back_has_kept_the_answers() {
    let mut office = Office::new("plain").await;
    let (_, id) = office.alert().await;
    office.inbox.tell(&json!({ "stop": true })).await;
    office.inbox.next().await;
    office.arrives(&back(&format!("In-Reply-To: {id}"), "1")).await;
    office.inbox.tell(&json!({ "start": true })).await;
    office.inbox.next().await;
    let heard = Heard::Reply { message: MessageId(41), wish: Wish::Going };
    assert_eq!(office.heard().await, heard);
}
