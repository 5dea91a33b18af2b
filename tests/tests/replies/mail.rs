//! By a mail back.

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings,
    python::{DOVECOT, MAILBOX, Peer},
};
use gengfu_wire::up::InputState;
use serde_json::{Value, json};

use crate::house::House;

const WANG: &str = "wang@example.org";

/// The mail server's two sides, and the house that writes and reads there.
struct ByMail {
    post: Peer,
    mailbox: Peer,
    house: House,
    _folder: tempfile::TempDir,
}

impl ByMail {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut post = Peer::start(MAILBOX, &["plain"]).unwrap();
        let args = [folder.path().to_str().unwrap(), "plain", "gengfu", "pass"];
        let mut mailbox = Peer::start(DOVECOT, &args).unwrap();
        let (out, back) = (
            post.json().await.unwrap()["port"].clone(),
            mailbox.json().await.unwrap()["port"].clone(),
        );
        let lines = format!(
            r#"host = "127.0.0.1"
port = {out}
tls = "none"
from = "Gengfu <alarm@example.org>"
[channels.mail.answers]
host = "127.0.0.1"
port = {back}
tls = "none"
user = "gengfu"
password = "pass"
secret_file = "secret""#
        );
        let house = House::new("mail", &lines, "thirty-two random characters, say", WANG).await;
        Self { post, mailbox, house, _folder: folder }
    }

    /// The next mail that went out, with these words in it.
    async fn told(&mut self, words: &str) -> Value {
        loop {
            let mail = self.post.json().await.unwrap();
            if mail["plain"].as_str().unwrap().contains(words) {
                return mail;
            }
        }
    }

    /// Wang answers a mail.
    async fn answers(&mut self, mail: &Value, text: &str) {
        self.mailbox.order(&json!({ "deliver": back(mail, text) })).await.unwrap();
        self.mailbox.json().await.unwrap();
    }
}

/// The mail in which Wang answers another.
fn back(mail: &Value, text: &str) -> String {
    let id = mail["headers"]["message-id"].as_str().unwrap();
    let quoted = mail["plain"].as_str().unwrap().replace('\n', "\n> ");
    format!(
        "From: Wang <{WANG}>\nTo: alarm@example.org\nSubject: Re: it\nMessage-ID: <re-{}@example.org>\n\
         In-Reply-To: {id}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n> {quoted}\n",
        id.trim_matches(['<', '>']).replace('@', "-at-")
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_back_answer_from_the_first_to_the_last() {
    let mut by = ByMail::new().await;
    let board = Board::start(settings(by.house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let alert = by.told("Reply 1: I'm going; 2: I can't.").await;
    // A digit too few tells that it is not understood; nothing follows from it.
    by.answers(&alert, "what is this?").await;
    by.told("This was not understood.").await;
    by.house.incident("it is still open", |i| i["phase"] == "calling").await;
    by.answers(&alert, "我去").await;
    by.house.incident("Wang is going", |i| i["phase"] == "going").await;
    let noted = by.told("Noted: you are going.").await;
    board.set_input(1, InputState::Idle);
    by.answers(&noted, "3").await;
    by.house.incident("Wang is there", |i| i["phase"] == "there").await;
    let noted = by.told("Noted: you are there.").await;
    by.answers(&noted, "5").await;
    let sure = by.told("Is everybody out and safe?").await;
    by.answers(&sure, "5").await;
    let over = by.house.incident("it is over", |i| i["phase"] == "ended").await;
    let by_mail = |m: &&Value| m["through"] == "mail";
    assert!(over["timeline"].as_array().unwrap().iter().filter(by_mail).count() >= 3, "{over}");
    let said = by.house.gateway.said();
    assert!(!said.contains(WANG) && !said.contains("thirty-two"), "{said}");
    by.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_came_while_the_gateway_was_dead_counts() {
    let mut by = ByMail::new().await;
    let board = Board::start(settings(by.house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let alert = by.told("Reply 1: I'm going; 2: I can't.").await;
    let ByMail { mut mailbox, house, .. } = by;
    let reply = back(&alert, "1");
    let house = house.killed_and_started_again(|| ());
    mailbox.order(&json!({ "deliver": reply })).await.unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_that_is_gone_is_an_alarm_until_it_is_back() {
    let mut by = ByMail::new().await;
    by.mailbox.order(&json!({ "stop": true })).await.unwrap();
    by.mailbox.json().await.unwrap();
    by.house.replies_come_in(false).await;
    by.mailbox.order(&json!({ "start": true })).await.unwrap();
    by.mailbox.json().await.unwrap();
    by.house.replies_come_in(true).await;
    by.house.gateway.stop().unwrap();
}
