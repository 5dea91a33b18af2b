//! E-mail into a real mail server.

use gengfu_channel::{Channel, Outgoing};
use gengfu_core::{
    notification::outbox::Purpose,
    text::{Language, Text},
};

use crate::support::{
    alert, channel, outgoing,
    pki::Pki,
    python::Peer,
    server::{chatty, closed_port},
};

struct Post {
    mailbox: Peer,
    port: u64,
    mail: Box<dyn Channel>,
}

/// A mail server and the channel to it; `more` settings, and the server's own arguments.
async fn post(mode: &str, pki: &Pki, account: &[&str], more: &str) -> Post {
    let (cert, key) = (pki.cert.to_str().unwrap(), pki.key.to_str().unwrap());
    let args: Vec<&str> = [mode, cert, key].into_iter().chain(account.iter().copied()).collect();
    let mut mailbox = Peer::start("mailbox.py", &args);
    let port = mailbox.next().await["port"].as_u64().unwrap();
    let tls = if mode == "plain" { "none" } else { mode };
    let settings = format!(
        "kind = 'mail'\nhost = '127.0.0.1'\nport = {port}\ntls = '{tls}'\n\
         from = 'Gengfu 更夫 <alarm@example.org>'\nca = '{}'\n{more}",
        pki.ca.display()
    );
    let dir = tempfile::tempdir().unwrap();
    Post { mail: channel(&settings, dir.path()), port, mailbox }
}

#[tokio::test]
async fn a_mail_arrives_by_starttls_signed_in_and_readable() {
    let pki = Pki::here();
    let login = "user = 'alarm'\npassword = 'pass word'";
    let mut post = post("starttls", &pki, &["alarm", "pass word"], login).await;
    let key = "garden:41".to_owned();
    let out = outgoing("li-hua@example.org", Language::Zh, Purpose::Alert { step: 0, round: 0 });
    let out = Outgoing { key, ..out };
    let accepted = post.mail.send(&out).await.unwrap();
    assert_eq!(accepted.carrier_id.as_deref(), Some("2.0.0 Ok: queued as 4XYZ"));

    let mail = post.mailbox.next().await;
    assert_eq!((&mail["tls"], &mail["user"]), (&true.into(), &"alarm".into()));
    assert_eq!(mail["from"], "alarm@example.org");
    assert_eq!(mail["to"], serde_json::json!(["li-hua@example.org"]));
    assert_eq!(mail["type"], "multipart/alternative");
    let headers = &mail["headers"];
    assert_eq!(headers["subject"], "电梯困人：3号楼 › 1号电梯");
    assert_eq!(headers["message-id"], "<garden=3A41@example.org>");
    assert_eq!(headers["auto-submitted"], "auto-generated");
    assert_eq!(headers["importance"], "high");
    assert!(headers["date"].is_string() && headers["from"].as_str().unwrap().contains("更夫"));
    let plain = mail["plain"].as_str().unwrap();
    assert!(plain.starts_with("https://gate.example.org/a/Zm9v"), "{plain}");
    assert!(plain.contains("您能去吗？") && plain.contains("96333"), "{plain}");
    insta::assert_snapshot!("mail_html", mail["html"].as_str().unwrap().replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_mail_arrives_by_tls_and_on_this_machine_without() {
    let pki = Pki::here();
    for mode in ["tls", "plain"] {
        let mut post = post(mode, &pki, &[], "").await;
        let mut out = outgoing("li-hua@example.org", Language::En, Purpose::PathTest);
        out.message.content.what = Text::from("<b>&");
        post.mail.send(&out).await.unwrap();
        let mail = post.mailbox.next().await;
        assert_eq!(mail["tls"], mode == "tls");
        assert!(mail["headers"]["subject"].as_str().unwrap().starts_with("[TEST]"), "{mail}");
        assert!(mail["headers"].get("importance").is_none(), "{mail}");
    }
}

#[tokio::test]
async fn names_cannot_write_headers_or_markup() {
    let pki = Pki::here();
    let mut post = post("plain", &pki, &[], "").await;
    let mut out = alert("li-hua@example.org");
    out.message.content.place = Text::from("Lift\r\nBcc: all@example.org\r\n\r\n<script>");
    post.mail.send(&out).await.unwrap();
    let mail = post.mailbox.next().await;
    assert_eq!(mail["to"], serde_json::json!(["li-hua@example.org"]));
    assert!(mail["headers"].get("bcc").is_none(), "{mail}");
    assert!(mail["headers"]["subject"].as_str().unwrap().contains("Bcc: all@"), "{mail}");
    assert!(!mail["html"].as_str().unwrap().contains("<script>"), "{mail}");
}

#[tokio::test]
async fn a_refusal_says_why_but_not_whom() {
    let pki = Pki::here();
    let login = "user = 'alarm'\npassword = 'wrong'";
    let locked = post("starttls", &pki, &["alarm", "right"], login).await;
    let open = post("plain", &pki, &[], "").await;
    for (mail, to, retry, words) in [
        (&open.mail, "gone@example.org", false, "550"),
        (&open.mail, "later@example.org", true, "Greylisted"),
        (&locked.mail, "li-hua@example.org", false, "check `user` and the password"),
    ] {
        let error = mail.send(&alert(to)).await.unwrap_err();
        assert_eq!(error.retry, retry, "{}", error.reason);
        assert!(error.reason.contains(words), "{}", error.reason);
        assert!(!error.reason.contains("@example.org"), "{}", error.reason);
        assert!(!error.reason.contains("wrong\""), "{}", error.reason);
    }
}

#[tokio::test]
async fn nothing_is_said_before_the_server_proved_who_it_is() {
    let stranger = Pki::here();
    let other_name = Pki::named("mail.example.org");
    let known = Pki::here();
    for (server, trusted, words) in
        [(&stranger, &known, "not trusted here"), (&other_name, &other_name, "another name")]
    {
        for mode in ["starttls", "tls"] {
            let real = post(mode, server, &[], "").await;
            let port = real.port;
            let settings = format!(
                "kind = 'mail'\nhost = '127.0.0.1'\nport = {port}\ntls = '{mode}'\n\
                 from = 'alarm@example.org'\nca = '{}'",
                trusted.ca.display()
            );
            let dir = tempfile::tempdir().unwrap();
            let error =
                channel(&settings, dir.path()).send(&alert("a@example.org")).await.unwrap_err();
            assert!(!error.retry && error.reason.contains(words), "{mode}: {}", error.reason);
        }
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_nothing() {
    let pki = Pki::here();
    let plain = post("plain", &pki, &[], "").await;
    let port = plain.port;
    let settings =
        format!("kind = 'mail'\nhost = '127.0.0.1'\nport = {port}\nfrom = 'alarm@example.org'");
    let dir = tempfile::tempdir().unwrap();
    let error = channel(&settings, dir.path()).send(&alert("a@example.org")).await.unwrap_err();
    assert!(!error.retry && error.reason.contains("check `tls`"), "{}", error.reason);
}

#[tokio::test]
async fn what_is_no_mail_server_is_said_to_be_none() {
    let dir = tempfile::tempdir().unwrap();
    let mail = |port: u16| {
        let settings = format!(
            "kind = 'mail'\nhost = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'a@example.org'"
        );
        channel(&settings, dir.path())
    };
    let error = mail(closed_port().await).send(&alert("a@example.org")).await.unwrap_err();
    assert!(error.retry && error.reason.contains("refused the connection"), "{}", error.reason);
    let error = mail(chatty().await).send(&alert("a@example.org")).await.unwrap_err();
    assert!(error.reason.contains("does not speak as a mail server"), "{}", error.reason);
}
