//! Bad input from the network: whoever sends it, a real alarm passes beside it in time.

use std::{
    io::Write as _,
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use gengfu_tests::{
    boards::{board, event, mosquitto, publish, up},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client, counter},
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::up::InputState;
use tokio::{io::AsyncReadExt as _, io::AsyncWriteExt as _, net::TcpStream};

/// What no board of ours says: each line is one payload.
const RUBBISH: [&str; 8] = [
    "{",
    "null",
    r#"{"v":1,"boot":-1,"seq":1,"input":1,"state":"active","age_ms":0}"#,
    r#"{"v":1,"boot":1,"seq":1,"input":1,"state":"burning","age_ms":0}"#,
    r#"{"v":9,"boot":1,"seq":1,"input":1,"state":"active","age_ms":0}"#,
    r#"{"v":1,"boot":"1","seq":[],"input":{},"state":null,"age_ms":1e99}"#,
    r#"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["#,
    "\u{7}\u{1b}[31m<script>alert(1)</script>",
];

/// A board that has gone mad: a thousand malformed payloads a second until it is told to stop.
struct Mad {
    child: Child,
    stop: Arc<AtomicBool>,
    said: Arc<AtomicU64>,
}

impl Mad {
    fn start(site: &Site) -> Self {
        let mut child = mosquitto("mosquitto_pub", site, "board-1", BOARD_PASSWORD)
            .args(["-l", "-t", &up("board-1", "event")])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = child.stdin.take().unwrap();
        let (stop, said) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stopped, count) = (stop.clone(), said.clone());
        std::thread::spawn(move || {
            let begun = Instant::now();
            for n in 0_u64.. {
                let rubbish = RUBBISH[usize::try_from(n).unwrap() % RUBBISH.len()];
                if stopped.load(Ordering::Relaxed) || writeln!(lines, "{rubbish}").is_err() {
                    return;
                }
                count.store(n + 1, Ordering::Relaxed);
                let due = begun + Duration::from_millis(n);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
        Self { child, stop, said }
    }
}

impl Drop for Mad {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Gone already, if the broker threw it out.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes that belong to no protocol, and connections that say nothing at all.
async fn knock(port: u16, opening: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // Refused halfway is as good.
    let _ = stream.write_all(opening).await;
    stream
}

async fn is_closed(mut stream: TcpStream) {
    let mut rest = vec![];
    let end = stream.read_to_end(&mut rest);
    let ended = tokio::time::timeout(Duration::from_secs(20), end).await;
    assert!(ended.is_ok(), "a stranger is still connected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_alarm_passes_in_time_whatever_strangers_send() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(2, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let good = board(&site, 2);
    let status = good.status();
    eventually("the good board is there", async || status.borrow().online.then_some(())).await;

    // Nobody known, nobody's topics, nobody else's ears.
    let said = event(1, "active");
    assert!(!publish(&site, "ghost", BOARD_PASSWORD, &up("ghost", "event"), &said).unwrap());
    assert!(!publish(&site, "board-1", "", &up("board-1", "event"), &said).unwrap());
    assert!(!publish(&site, "board-1", BOARD_PASSWORD, &up("board-2", "event"), &said).unwrap());
    assert!(!publish(&site, "board-1", BOARD_PASSWORD, "$SYS/x", &said).unwrap());
    let ears = mosquitto("mosquitto_sub", &site, "board-1", BOARD_PASSWORD)
        .args(["-W", "5", "-t", "#"])
        .output()
        .unwrap();
    let refused = String::from_utf8_lossy(&ears.stderr).contains("denied");
    assert!(ears.stdout.is_empty() && refused, "{ears:?}");
    for _ in 0..20 {
        assert!(!publish(&site, "ghost", "guess", &up("ghost", "event"), &said).unwrap());
    }
    // Larger than any payload of the protocol, and larger than the broker takes at all.
    for (name, size) in [("large", 40_000), ("huge", 8 << 20)] {
        let file = site.folder().join(name);
        std::fs::write(&file, vec![b'x'; size]).unwrap();
        // By MQTT 3.1.1, whose clients don't know what the broker takes at the most.
        let sent = mosquitto("mosquitto_pub", &site, "board-1", BOARD_PASSWORD)
            .args(["-V", "mqttv311", "-t", &up("board-1", "event"), "-f", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(sent.status.success(), size < 1 << 20, "{name}: {sent:?}");
    }

    // Bytes that are no MQTT and no HTTP; connections that say nothing, or never finish.
    let mut closed = vec![];
    for n in 0..50_u32 {
        let noise: Vec<u8> = (0..4096_u32).map(|i| (i * i + n * 7919) as u8).collect();
        closed.push(knock(site.mqtt, &noise).await);
        closed.push(knock(site.web, &noise).await);
    }
    // CONNECT with a length that never comes, and one with a length of no protocol at all.
    let unfinished = knock(site.mqtt, &[0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4, b'M', b'Q']).await;
    closed.push(knock(site.mqtt, &[0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]).await);
    let idle: Vec<TcpStream> = {
        let mut idle = vec![unfinished];
        for _ in 0..100 {
            idle.push(knock(site.mqtt, &[]).await);
            idle.push(knock(site.web, b"GET / HTTP/1.1\r\nHost: x\r\n").await);
        }
        idle
    };
    let http = client().unwrap();
    let large = http.post(format!("{}/api/v1/session", site.base())).body(vec![b'{'; 8 << 20]);
    let large = large.header("origin", site.base()).header("content-type", "application/json");
    let large = large.send().await;
    // Some see the line cut before they hear why.
    assert!(large.is_err() || large.is_ok_and(|answer| answer.status().is_client_error()));
    for path in ["/../../etc/passwd", "/assets/%2e%2e/%2e%2e/answer.key", "/api/v1/answer/x"] {
        let answer = http.get(format!("{}{path}", site.base())).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(!text.contains("root:") && !status.is_server_error(), "{path}: {status} {text}");
    }

    let mad = Mad::start(&site);
    let before = counter(&site.base(), "gengfu_mqtt_not_understood_total").await.unwrap();
    eventually("the storm rages", async || {
        let now = counter(&site.base(), "gengfu_mqtt_not_understood_total").await.unwrap();
        (now > before + 1_000).then_some(())
    })
    .await;
    let begun = Instant::now();
    good.set_input(1, InputState::Active);
    let message = hooks.first("wang", "alert").await;
    let took = begun.elapsed();
    assert_eq!(message["place"]["en"], "Lift 2");
    assert!(took < Duration::from_secs(3), "told after {took:?}");
    eventually("its receipt", async || (status.borrow().receipts == 1).then_some(())).await;
    let rate = mad.said.load(Ordering::Relaxed);
    drop(mad);
    println!("told after {took:?} beside {rate} malformed payloads");

    for stream in closed {
        is_closed(stream).await;
    }
    drop(idle);
    let open = operator.get("incidents?open=true").await.unwrap();
    assert_eq!(open.as_array().unwrap().len(), 1, "only the real one: {open}");
    assert!(counter(&site.base(), "gengfu_mqtt_refused_total").await.unwrap() >= 5);
    let lines = gateway.said().lines().count();
    assert!(lines < 60, "{lines} lines in the log:\n{}", gateway.said());
    assert!(!gateway.said().contains('\u{1b}'), "a stranger's bytes reach a terminal");
    good.stop().await;
    let (took, well) = gateway.stop().unwrap();
    assert!(well && took < Duration::from_secs(5), "{took:?} {well}");
}
