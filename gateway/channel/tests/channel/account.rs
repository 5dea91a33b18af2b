//! What a provider says of money and of the account, when it is asked and when it is not.

use gengfu_channel::{Desk, Heard, House};
use gengfu_core::{id::MessageId, notification::outbox::Purpose, text::Language};
use serde_json::{Value, json};

use crate::{
    provider::{SECRET, address, settings},
    support::{
        channel, outgoing,
        server::{Reply, Server},
    },
};

#[tokio::test]
async fn what_a_message_cost_is_taken_from_the_answer_or_else_from_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let paid = async |price: &str, answer: Value| {
        let server = Server::start(Reply::json("201 Created", answer)).await;
        let (kind, with) = settings("twilio", server.port)
            .split_once("[with]")
            .map(|(kind, with)| (kind.to_owned(), with.to_owned()))
            .unwrap();
        let channel = channel(&format!("{kind}{price}\n[with]{with}"), dir.path());
        let out = outgoing(address("twilio"), Language::Zh, Purpose::PathTest);
        channel.send(&out).await.unwrap().cost.map(|cost| cost.to_string())
    };
    let told = json!({"sid": "SM1", "price": "-0.00750", "price_unit": "USD"});
    let untold = json!({"sid": "SM1", "price": null, "price_unit": "USD"});
    let price = "price = '0.05 CNY'";
    assert_eq!(paid("", told.clone()).await.as_deref(), Some("0.0075 USD"));
    assert_eq!(paid(price, told).await.as_deref(), Some("0.0075 USD"));
    assert_eq!(paid(price, untold.clone()).await.as_deref(), Some("0.05 CNY"));
    assert_eq!(paid("", untold).await, None);
}

#[tokio::test]
async fn an_account_that_lets_nobody_in_is_known_before_a_message_goes() {
    let answer = json!({"code": 20003, "message": "Authenticate", "status": 401});
    let mut server = Server::start(Reply::json("401 Unauthorized", answer)).await;
    let dir = tempfile::tempdir().unwrap();
    let channel = channel(&settings("twilio", server.port), dir.path());
    let (desk, mut filed) = Desk::new(std::sync::Arc::new(Nobody));
    tokio::spawn(async move { channel.listen(&desk).await });
    let asked = server.next().await;
    assert_eq!(asked.line, "GET /2010-04-01/Accounts/AC0123.json HTTP/1.1");
    assert!(asked.headers["authorization"].starts_with("Basic ") && asked.body.is_empty());
    let Heard::Path { fault: Some(fault) } = filed.recv().await.unwrap().heard else {
        panic!("the line counts as open")
    };
    let words = fault.get(Language::En);
    assert!(
        words.starts_with("Twilio is down: ") && words.contains("let the gateway in"),
        "{words}"
    );
    assert!(!words.contains(SECRET), "{words}");
}

struct Nobody;

impl House for Nobody {
    fn wants(&self, _: MessageId) -> bool {
        true
    }
}
