//! Providers that files describe: what they are asked, checked as their own servers would.

use gengfu_channel::SendError;
use gengfu_core::{
    danger::{Danger, Priority},
    notification::outbox::Purpose,
    text::Language,
};
use serde_json::{Value, json};

use crate::support::{
    alert, channel, outgoing, python,
    server::{Reply, Request, Server},
};

pub const SECRET: &str = "SECdd7e8a60";

/// Settings of a shipped provider whose server is the one of the test.
pub fn settings(provider: &str, port: u16) -> String {
    let secret = match provider {
        "wecom" | "bark" | "gotify" => String::new(),
        _ => format!("secret = '{SECRET}'\n"),
    };
    let with = match provider {
        "twilio" => "account = 'AC0123'\nfrom = '+15005550006'",
        "aliyun" => "access_key = 'LTAI5t'\nsign_name = '翠园 更夫'\ntemplate = 'SMS_1'",
        "tencent" => {
            "secret_id = 'AKIDz8'\napp = '1400006666'\nsign_name = '翠园'\ntemplate = '1110'"
        }
        _ => "",
    };
    format!(
        "kind = 'http'\nprovider = '{provider}'\n{secret}[with]\nserver = 'http://127.0.0.1:{port}'\n{with}"
    )
}

pub fn address(provider: &str) -> &'static str {
    match provider {
        "twilio" | "tencent" | "aliyun" => "+86 138-0013 8000",
        _ => "693axxx6-7aoc-4bc4",
    }
}

/// What the provider's server would say of the request.
async fn checked(provider: &str, request: &Request) -> Value {
    let (method, rest) = request.line.split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let asked = json!({
        "provider": provider, "secret": SECRET, "method": method, "target": target,
        "headers": request.headers, "body": String::from_utf8(request.body.clone()).unwrap(),
    });
    python::run("provider.py", &[], &asked).await
}

/// What is sent of an alert through a provider that answers so, and what came of it.
async fn sent(provider: &str, answer: Reply) -> (Request, Result<Option<String>, SendError>) {
    let mut server = Server::start(answer).await;
    let dir = tempfile::tempdir().unwrap();
    let channel = channel(&settings(provider, server.port), dir.path());
    let out = outgoing(address(provider), Language::Zh, Purpose::Alert { step: 0, round: 0 });
    let outcome = channel.send(&out).await.map(|accepted| accepted.carrier_id);
    (server.next().await, outcome)
}

fn ok(body: Value) -> Reply {
    Reply::json("200 OK", body)
}

#[tokio::test]
async fn a_signature_is_what_the_provider_wants() {
    for (provider, answer, id) in [
        ("dingtalk", json!({"errcode": 0, "errmsg": "ok"}), None),
        (
            "feishu",
            json!({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}}),
            None,
        ),
        ("twilio", json!({"sid": "SM1", "status": "queued", "error_code": null}), Some("SM1")),
        ("aliyun", json!({"Code": "OK", "Message": "OK", "BizId": "9006^0"}), Some("9006^0")),
        (
            "tencent",
            json!({"Response": {"SendStatusSet": [{"SerialNo": "5000:1", "Code": "Ok"}]}}),
            Some("5000:1"),
        ),
    ] {
        let (mut request, outcome) = sent(provider, ok(answer)).await;
        assert_eq!(outcome.unwrap().as_deref(), id, "{provider}");
        let said = checked(provider, &request).await;
        assert_eq!(said["valid"], true, "{provider}: {said}");
        if provider == "aliyun" {
            let query = &said["query"];
            assert_eq!(query["PhoneNumbers"], "+8613800138000");
            assert_eq!(query["SignName"], "翠园 更夫");
            let variables: Value =
                serde_json::from_str(query["TemplateParam"].as_str().unwrap()).unwrap();
            assert_eq!(variables["place"], "3号楼 › 1号电梯");
            assert_eq!(variables["time"], "16:00");
            request.line = request.line.replace("SMS_1", "SMS_2");
        } else if provider == "dingtalk" {
            request.line = request.line.replace("timestamp=1", "timestamp=2");
        } else if provider == "twilio" {
            request.headers.insert("authorization".into(), "Basic QUMwMTIzOng=".into());
        } else {
            let body = String::from_utf8(request.body).unwrap();
            let changed = if provider == "tencent" {
                body.replace("138", "139")
            } else {
                body.replace("\"timestamp\":\"1", "\"timestamp\":\"2")
            };
            assert_ne!(body, changed);
            request.body = changed.into();
        }
        assert_eq!(checked(provider, &request).await["valid"], false, "{provider}: changed");
    }
}

#[tokio::test]
async fn what_is_said_arrives_whole() {
    let (request, outcome) = sent("wecom", ok(json!({"errcode": 0, "errmsg": "ok"}))).await;
    outcome.unwrap();
    assert_eq!(request.line, "POST /cgi-bin/webhook/send?key=693axxx6-7aoc-4bc4 HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json; charset=utf-8");
    let said = request.json();
    let text = said["text"]["content"].as_str().unwrap();
    assert!(text.starts_with("电梯困人：3号楼 › 1号电梯\n您能去吗？\n"), "{text}");
    assert!(text.ends_with("https://gate.example.org/a/Zm9v"), "{text}");
    assert_eq!(said["text"]["mentioned_list"], json!(["@all"]));

    let (request, _) = sent("bark", ok(json!({"code": 200, "message": "success"}))).await;
    let said = request.json();
    assert_eq!(said["device_key"], "693axxx6-7aoc-4bc4");
    assert_eq!(
        (&said["level"], &said["url"]),
        (&json!("critical"), &json!("https://gate.example.org/a/Zm9v"))
    );

    let (request, outcome) = sent("gotify", ok(json!({"id": 25, "appid": 5}))).await;
    assert_eq!(outcome.unwrap().as_deref(), Some("25"));
    assert_eq!(request.header("x-gotify-key"), "693axxx6-7aoc-4bc4");
    assert_eq!(request.json()["priority"], 10);

    let (request, _) = sent("twilio", ok(json!({"sid": "SM1"}))).await;
    let body = String::from_utf8(request.body).unwrap();
    assert!(body.contains("To=%2B8613800138000"), "{body}");
}

#[tokio::test]
async fn a_group_is_woken_by_what_is_dangerous_alone() {
    let mut server = Server::start(ok(json!({"errcode": 0}))).await;
    let dir = tempfile::tempdir().unwrap();
    let wecom = channel(&settings("wecom", server.port), dir.path());
    let mut out = alert("robot");
    (out.message.content.danger, out.message.content.priority) = (Danger::Gate, Priority::Normal);
    wecom.send(&out).await.unwrap();
    assert!(server.next().await.json()["text"].get("mentioned_list").is_none());
}

#[tokio::test]
async fn a_refusal_inside_a_success_is_a_refusal_and_says_of_what_kind() {
    use gengfu_channel::channel::About::{Address, Carrier};
    for (provider, answer, retry, about, words) in [
        (
            "wecom",
            ok(json!({"errcode": 93000, "errmsg": "invalid webhook url"})),
            false,
            Address,
            "93000",
        ),
        (
            "wecom",
            ok(json!({"errcode": 45009, "errmsg": "api freq out of limit"})),
            true,
            Carrier,
            "freq",
        ),
        (
            "wecom",
            ok(json!({"errcode": 40008, "errmsg": "invalid message type"})),
            false,
            Carrier,
            "refused",
        ),
        ("wecom", ok(json!({"hello": 1})), false, Carrier, "not as it should"),
        (
            "wecom",
            Reply::new("200 OK", &["Content-Type: text/html"], "<html>"),
            true,
            Carrier,
            "web page",
        ),
        (
            "dingtalk",
            ok(json!({"errcode": 310000, "errmsg": "sign not match"})),
            false,
            Carrier,
            "sign not match",
        ),
        (
            "dingtalk",
            ok(json!({"errcode": 300005, "errmsg": "token is not exist"})),
            false,
            Address,
            "token",
        ),
        (
            "feishu",
            ok(json!({"code": 19021, "msg": "sign match fail"})),
            false,
            Carrier,
            "sign match",
        ),
        (
            "feishu",
            ok(json!({"code": 11232, "msg": "frequency limited"})),
            true,
            Carrier,
            "limited",
        ),
        (
            "twilio",
            Reply::json(
                "400 Bad Request",
                json!({"code": 21211, "message": "Invalid 'To' Phone Number: +8613800138000"}),
            ),
            false,
            Address,
            "Invalid 'To'",
        ),
        ("twilio", Reply::json("429 Too Many", json!({"code": 20429})), true, Carrier, "20429"),
        (
            "twilio",
            Reply::json("401 Unauthorized", json!({"code": 20003, "message": "Authenticate"})),
            false,
            Carrier,
            "let the gateway in",
        ),
        (
            "aliyun",
            ok(json!({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "非法手机号"})),
            false,
            Address,
            "非法",
        ),
        (
            "aliyun",
            ok(json!({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "流控"})),
            true,
            Carrier,
            "流控",
        ),
        (
            "aliyun",
            Reply::json("503 Busy", json!({"Code": "ServiceUnavailable"})),
            true,
            Carrier,
            "503",
        ),
        (
            "aliyun",
            Reply::json("400 Bad", json!({"Code": "SignatureDoesNotMatch"})),
            false,
            Carrier,
            "SignatureDoes",
        ),
        (
            "tencent",
            ok(
                json!({"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}}}),
            ),
            false,
            Carrier,
            "AuthFailure",
        ),
        (
            "tencent",
            ok(
                json!({"Response": {"SendStatusSet": [{"Code": "LimitExceeded.PhoneNumberThirtySecondLimit", "Message": "30s"}]}}),
            ),
            true,
            Carrier,
            "30s",
        ),
        (
            "gotify",
            Reply::json(
                "401 Unauthorized",
                json!({"errorCode": 401, "errorDescription": "valid access token"}),
            ),
            false,
            Address,
            "token",
        ),
        (
            "bark",
            Reply::json("400 Bad", json!({"code": 400, "message": "device token"})),
            false,
            Carrier,
            "device token",
        ),
    ] {
        let (_, outcome) = sent(provider, answer).await;
        let error = outcome.unwrap_err();
        assert_eq!((error.retry, error.about), (retry, about), "{provider}: {}", error.reason);
        assert!(error.reason.contains(words), "{provider}: {}", error.reason);
        for hidden in ["13800138000", "693axxx6", SECRET] {
            assert!(!error.reason.contains(hidden), "{provider}: {}", error.reason);
        }
    }
}

#[tokio::test]
async fn another_provider_is_a_file() {
    let mut server = Server::start(ok(json!({"status": "queued", "ref": 7}))).await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mine.toml");
    // The example of docs/providers.md.
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n# mine.toml").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    std::fs::write(&file, example).unwrap();
    let settings = format!(
        "kind = 'http'\nprovider_file = '{}'\nsecret = 'abc'\n[with]\nserver = 'http://127.0.0.1:{}'",
        file.display(),
        server.port
    );
    let mine = channel(&settings, dir.path());
    let accepted = mine.send(&alert("138 0013 8000")).await.unwrap();
    assert_eq!(accepted.carrier_id.as_deref(), Some("7"));
    let request = server.next().await;
    assert_eq!(request.line, "POST /send?to=13800138000 HTTP/1.1");
    assert_eq!(request.header("authorization"), "Bearer abc");
    assert_eq!(request.header("x-signature").len(), 64);
    assert!(mine.check_address("li hua").is_err());
}

#[test]
fn what_is_wrong_with_a_provider_is_said_before_it_is_needed() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("bad.toml");
    let good = "name = { en = 'Mine' }\naddress = { about = { en = 'x' }, form = 'token' }\n";
    let refused = |settings: &str| {
        let settings: gengfu_channel::Settings =
            toml::from_str(&format!("kind = 'http'\n{settings}")).unwrap();
        settings.build(dir.path()).err().map(|e| e.to_string()).unwrap_or_default()
    };
    for (settings, words) in [
        ("", "either `provider` or `provider_file`"),
        ("provider = 'wechat'", "there are aliyun, bark, dingtalk, feishu"),
        ("provider = 'dingtalk'", "set `secret_file`"),
        ("provider = 'wecom'\nsecret = 'x'", "takes no secret"),
        ("provider = 'gotify'", "wants `with.server`"),
        ("provider = 'wecom'\nwith = { sever = 'x' }", "it is given server"),
        ("provider = 'wecom'\nwith = { server = 'http://qyapi.example.org' }", "only https"),
        ("provider = 'wecom'\nwith = { server = 'here' }", "`url`"),
    ] {
        let reason = refused(settings);
        assert!(reason.contains(words), "{settings}: {reason}");
    }
    for (text, words) in [
        ("name = 3", "bad.toml:1"),
        (
            "[request]\nurl = 'https://a.example/{plaice}'",
            "nothing is called `plaice`: there are address,",
        ),
        (
            "[request]\nurl = 'https://a.example/{a}'\n[values.a]\ntext = '{b}'\n[values.b]\ntext = '{a}'",
            "made of itself",
        ),
        (
            "[request]\nurl = 'https://a.example/{a}'\n[values.a]\nsha256 = true\nas = 'bytes'",
            "is bytes and no text",
        ),
        ("[request]\nurl = 'https://a.example/{secret}'", "not asked for"),
        ("[request]\nurl = 'https://{host}/'", "its own `host`"),
        ("[request]\nurl = 'https://a.example/'\nbody = 'x'", "unknown field `body`"),
    ] {
        let text = if text.starts_with("name") { text.to_owned() } else { format!("{good}{text}") };
        std::fs::write(&file, &text).unwrap();
        let reason = refused(&format!("provider_file = '{}'", file.display()));
        assert!(reason.contains(words), "{text}: {reason}");
    }
}
