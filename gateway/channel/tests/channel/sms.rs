//! Texts through a modem on a terminal of its own, that misbehaves as modems do.

use std::{path::PathBuf, sync::Arc, time::Duration};

use gengfu_channel::{
    Channel, Desk, Heard, House,
    channel::{About, SEND_LIMIT},
};
use gengfu_core::{
    id::MessageId,
    incident::Cause,
    notification::{cost::Cost, outbox::Purpose, receipt::Receipt, wish::Wish},
    text::Language,
};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time::timeout};

use crate::support::{alert, channel, outgoing, python::Peer};

const NUMBER: &str = "138 0013 8000";
/// The same, as the network writes it.
const REPORTED: &str = "+8613800138000";

struct Somewhere;
impl House for Somewhere {
    fn wants(&self, _: MessageId) -> bool {
        true
    }
    fn duty(&self, number: &str) -> Option<(Language, String)> {
        (number == REPORTED).then(|| (Language::Zh, "现在值班。夜班：李华，到明天8点。".to_owned()))
    }
}

/// A gateway's end, a modem, and what goes on between them.
struct Post {
    modem: Peer,
    sms: Arc<dyn Channel>,
    heard: mpsc::Receiver<Heard>,
    folder: tempfile::TempDir,
}

impl Post {
    async fn new() -> Self {
        Self::with("", &[]).await
    }

    async fn with(settings: &str, before: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let device = device(&folder);
        let mut modem = Peer::start("modem.py", &[device.to_str().unwrap()]);
        assert_eq!(modem.next().await["plugged"], true);
        let mut post = Self::listening(modem, folder, settings, before).await;
        post.is_open(true).await;
        post
    }

    async fn listening(
        modem: Peer,
        folder: tempfile::TempDir,
        more: &str,
        before: &[Value],
    ) -> Self {
        let settings = format!("kind = 'sms'\ndevice = '{}'\n{more}", device(&folder).display());
        let sms: Arc<dyn Channel> = Arc::from(channel(&settings, folder.path()));
        let (desk, mut filed) = Desk::new(Arc::new(Somewhere));
        let (to, heard) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Some(file) = filed.recv().await {
                let is_over = matches!(&file.heard, Heard::Word { wish: Wish::There, .. });
                // What the modem shows of itself is another story.
                if matches!(file.heard, Heard::Shown { .. }) {
                    let _ = file.done.send(Ok(()));
                    continue;
                }
                let answer = if is_over { Err("this is over".to_owned()) } else { Ok(()) };
                to.send(file.heard).await.unwrap();
                let _ = file.done.send(answer);
            }
        });
        let mut post = Self { modem, sms, heard, folder };
        for what in before {
            post.tell(what.clone()).await;
        }
        let ear = post.sms.clone();
        tokio::spawn(async move { ear.listen(&desk).await });
        post
    }

    async fn tell(&mut self, what: Value) {
        self.modem.tell(&what).await;
        self.modem_says("done").await;
    }

    /// What the modem tells of this kind next; what it tells of others is passed over.
    async fn modem_says(&mut self, kind: &str) -> Value {
        loop {
            let said = self.modem.next().await;
            if !said[kind].is_null() {
                return said[kind].clone();
            }
        }
    }

    async fn next_heard(&mut self) -> Heard {
        // What is wrong with a way is known within 100 s (EN 54-21, type 1).
        timeout(Duration::from_secs(100), self.heard.recv()).await.expect("in time").unwrap()
    }

    async fn is_open(&mut self, open: bool) {
        loop {
            if let Heard::Path { fault } = self.next_heard().await {
                assert_eq!(fault.is_none(), open, "{fault:?}");
                return;
            }
        }
    }

    /// Waits for a whole text that was sent.
    async fn sent(&mut self) -> (String, Vec<Value>) {
        let mut parts = vec![self.modem_says("sent").await];
        while parts.len() < parts[0]["of"].as_u64().unwrap() as usize {
            parts.push(self.modem_says("sent").await);
        }
        let text = parts.iter().map(|part| part["text"].as_str().unwrap()).collect();
        (text, parts)
    }
}

fn device(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("modem")
}

#[tokio::test]
async fn a_long_text_in_chinese_arrives_whole_and_its_reports_come_back() {
    let mut post = Post::with("price = '0.1 CNY'", &[]).await;
    let out = outgoing(REPORTED, Language::Zh, Purpose::Alert { step: 0, round: 0 });
    let accepted = post.sms.send(&out).await.unwrap();
    let (text, parts) = post.sent().await;
    let cost = "0.1 CNY".parse::<Cost>().unwrap().times(parts.len() as u32);
    assert_eq!(accepted.cost, Some(cost));
    assert!(text.starts_with("电梯困人：3号楼 › 1号电梯\n您能去吗？\n"), "{text}");
    assert!(text.contains("请回复：1 我去；2 去不了。"), "{text}");
    assert!((2..=4).contains(&parts.len()), "{parts:?}");
    for (n, part) in parts.iter().enumerate() {
        assert_eq!(part["part"], n + 1);
        assert_eq!((&part["to"], &part["report"]), (&json!("8613800138000"), &json!(true)));
        assert_eq!(part["series"], parts[0]["series"]);
    }
    let numbers: Vec<String> = parts.iter().map(|part| part["ref"].to_string()).collect();
    assert_eq!(accepted.carrier_id, Some(numbers.join(",")));
    for part in &parts {
        post.tell(json!({"report": {"ref": part["ref"], "to": REPORTED, "status": 0x30}})).await;
    }
    for part in &parts {
        post.tell(json!({"report": {"ref": part["ref"], "to": REPORTED, "status": 0}})).await;
    }
    let heard = post.next_heard().await;
    assert_eq!(heard, Heard::Receipt { message: MessageId(41), receipt: Receipt::Delivered });
}

#[tokio::test]
async fn a_text_that_is_given_up_is_a_failure() {
    let mut post = Post::new().await;
    post.sms.send(&alert(NUMBER)).await.unwrap();
    let (_, parts) = post.sent().await;
    post.tell(json!({"report": {"ref": parts[0]["ref"], "to": REPORTED, "status": 0x46}})).await;
    let Heard::Receipt { receipt: Receipt::Failed { reason, retry }, .. } = post.next_heard().await
    else {
        panic!("no failure")
    };
    assert!(reason.contains("0x46") && !retry, "{reason}");
}

#[tokio::test]
async fn who_is_on_is_told_to_those_who_live_here_and_to_no_stranger() {
    let mut post = Post::new().await;
    post.tell(json!({"incoming": {"from": "+8613900139000", "text": "谁值班？"}})).await;
    post.modem_says("forgot").await;
    post.tell(json!({"incoming": {"from": REPORTED, "text": "谁值班？"}})).await;
    let (told, parts) = post.sent().await;
    assert_eq!(told, "现在值班。夜班：李华，到明天8点。");
    assert_eq!(parts[0]["to"], "8613800138000");
}

#[tokio::test]
async fn a_digit_or_a_word_is_an_answer() {
    let mut post = Post::new().await;
    post.sms
        .send(&outgoing(NUMBER, Language::Zh, Purpose::Alert { step: 0, round: 0 }))
        .await
        .unwrap();
    post.sent().await;
    let going = |text: &str| json!({"incoming": {"from": REPORTED, "text": text}});
    for text in ["收到", " １。"] {
        post.tell(going(text)).await;
        assert_eq!(
            post.next_heard().await,
            Heard::Word { address: REPORTED.into(), wish: Wish::Going }
        );
        assert!(post.sms.is_same_address(NUMBER, REPORTED));
        let (told, parts) = post.sent().await;
        assert_eq!(told, "记下了：您去。到了请回复3，人都出来后回复5。");
        assert_eq!(
            (&parts[0]["to"], &parts[0]["report"]),
            (&json!("8613800138000"), &json!(false))
        );
        assert_eq!(post.modem_says("forgot").await, 3);
    }
    // What does not count is said as well.
    post.tell(going("3")).await;
    let _ = post.next_heard().await;
    assert_eq!(post.sent().await.0, "没有记下：this is over");
    post.modem_says("forgot").await;
    // "Everybody is out" is asked once more.
    post.tell(going("5")).await;
    assert!(post.sent().await.0.contains("请再回复一次5"));
    post.modem_says("forgot").await;
    post.tell(going("5")).await;
    let wish = Wish::AllClear(Cause::Rescued);
    assert_eq!(post.next_heard().await, Heard::Word { address: REPORTED.into(), wish });
    assert!(post.sent().await.0.contains("已结束"));
    post.modem_says("forgot").await;
    // What is no answer is explained once, and a stranger is not written to.
    post.tell(going("怎么了？")).await;
    assert!(post.sent().await.0.contains("没有看懂"));
    post.modem_says("forgot").await;
    for (from, text) in
        [(REPORTED, "怎么了？"), ("+8613911112222", "您中奖了"), ("10086", "您的余额")]
    {
        post.tell(json!({"incoming": {"from": from, "text": text}})).await;
        // Taken out of the memory, and nothing sent before that.
        let said = loop {
            let said = post.modem.next().await;
            if said["asked"].is_null() {
                break said;
            }
        };
        assert_eq!(said, json!({"forgot": 3}), "{from}");
    }
}

#[tokio::test]
async fn what_came_in_while_the_gateway_was_down_counts() {
    let stored = json!({"stored": {"from": REPORTED, "text": "1"}});
    let folder = tempfile::tempdir().unwrap();
    let mut modem = Peer::start("modem.py", &[device(&folder).to_str().unwrap()]);
    modem.next().await;
    let mut post = Post::listening(modem, folder, "", &[stored]).await;
    assert_eq!(
        post.next_heard().await,
        Heard::Word { address: REPORTED.into(), wish: Wish::Going }
    );
    assert_eq!(post.modem_says("forgot").await, 9);
}

#[tokio::test]
async fn what_the_modem_refuses_is_told_apart() {
    let mut post = Post::new().await;
    for (fault, retry, about, words) in [
        ("prompt ERROR", true, About::Carrier, "did not say why"),
        ("message +CMS ERROR: 500", true, About::Carrier, "code 500"),
        ("message +CMS ERROR: 28", false, About::Address, "no such number"),
        ("message +CMS ERROR: 10", false, About::Carrier, "credit"),
        ("prompt +CMS ERROR: 310", false, About::Carrier, "slot"),
        ("message +CMS ERROR: 331", true, About::Carrier, "antenna"),
        ("prompt +CME ERROR: 14", true, About::Carrier, "busy"),
    ] {
        post.tell(json!({"faults": [fault]})).await;
        let error = post.sms.send(&alert(NUMBER)).await.unwrap_err();
        assert_eq!((error.retry, error.about), (retry, about), "{fault}: {}", error.reason);
        assert!(error.reason.contains(words), "{fault}: {}", error.reason);
        assert!(!error.reason.contains("138"), "{}", error.reason);
    }
    // And it works all the same.
    post.sms.send(&alert(NUMBER)).await.unwrap();
    assert!(post.sent().await.0.contains("Reply 1: I'm going; 2: I can't."));
}

#[tokio::test]
async fn a_power_cut_in_the_middle_is_a_failure_and_then_all_is_well() {
    let mut post = Post::new().await;
    post.tell(json!({"faults": ["message unplug", "echo stays", "cnmi"]})).await;
    let begun = std::time::Instant::now();
    let error = post.sms.send(&alert(NUMBER)).await.unwrap_err();
    assert!(error.retry && error.reason.contains("gone"), "{}", error.reason);
    assert!(begun.elapsed() < Duration::from_secs(2));
    // While it is away, whoever waits is told at once.
    let error = post.sms.send(&alert(NUMBER)).await.unwrap_err();
    assert!(error.retry && begun.elapsed() < Duration::from_secs(10), "{}", error.reason);
    // It comes back under the same name, with an echo that can't be switched off and fewer ways.
    post.modem_says("unplugged").await;
    post.modem.tell(&json!({"plug": true, "faults": ["cnmi", "echo stays"]})).await;
    post.modem_says("plugged").await;
    post.modem_says("asked").await;
    post.sms.send(&alert(NUMBER)).await.unwrap();
    assert!(post.sent().await.0.contains("Reply 1"));
}

#[tokio::test]
async fn silence_is_a_failure_in_time_and_the_line_is_opened_again() {
    let mut post = Post::new().await;
    post.tell(json!({"faults": ["message silence"]})).await;
    let begun = std::time::Instant::now();
    let error = post.sms.send(&alert(NUMBER)).await.unwrap_err();
    assert!(error.retry && error.reason.contains("does not answer"), "{}", error.reason);
    assert!(begun.elapsed() < SEND_LIMIT.to_std());
    post.modem_says("asked").await;
    post.sms.send(&alert(NUMBER)).await.unwrap();
    post.sent().await;
}

#[tokio::test]
async fn a_modem_that_finds_no_network_is_told_of() {
    let mut post = Post::new().await;
    post.tell(json!({"registered": false})).await;
    post.is_open(false).await;
    post.tell(json!({"registered": true})).await;
    post.is_open(true).await;
}

#[tokio::test]
async fn a_modem_that_is_not_there_is_told_of() {
    let mut post = Post::new().await;
    post.tell(json!({"unplug": true})).await;
    post.is_open(false).await;
    post.tell(json!({"plug": true})).await;
    post.is_open(true).await;
}

#[tokio::test]
async fn a_wrong_pin_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let pin = folder.path().join("pin");
    std::fs::write(&pin, "4711\n").unwrap();
    let mut modem = Peer::start("modem.py", &[device(&folder).to_str().unwrap()]);
    modem.next().await;
    let settings = format!("pin_file = '{}'", pin.display());
    let mut post = Post::listening(modem, folder, &settings, &[json!({"pin": "1234"})]).await;
    assert_eq!(post.modem_says("pin").await, "4711");
    let error = post.sms.send(&alert(NUMBER)).await.unwrap_err();
    assert!(error.reason.contains("refused the PIN"), "{}", error.reason);
    // Told of as a fault after some looks for the modem, in none of which it was tried again.
    post.is_open(false).await;
    post.modem.tell(&json!({"pin": "4711"})).await;
    assert!(post.modem.next().await["pin"].is_null(), "a third wrong one locks the SIM");
    assert!(post.folder.path().exists());
}

#[test]
fn what_is_wrong_with_the_settings_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |lines: &str| {
        let settings: gengfu_channel::Settings =
            toml::from_str(&format!("kind = 'sms'\n{lines}")).unwrap();
        settings.build(folder.path()).err().map(|e| e.to_string()).unwrap_or_default()
    };
    assert!(refused("device = 'ttyUSB0'").contains("/dev/serial/by-id"));
    let pin = folder.path().join("pin");
    std::fs::write(&pin, "secret").unwrap();
    let settings = format!("device = '/dev/null'\npin_file = '{}'", pin.display());
    assert!(refused(&settings).contains("4 to 8 digits"));
    let sms = channel("kind = 'sms'\ndevice = '/dev/serial/by-id/none'", folder.path());
    assert_eq!(sms.check_address(NUMBER), Ok(()));
    for bad in ["", "119", "wang"] {
        assert!(sms.check_address(bad).is_err(), "{bad}");
    }
}
