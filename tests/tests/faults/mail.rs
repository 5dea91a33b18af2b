//! The mail server takes connections and says nothing.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use gengfu_sim::building::Board;
use gengfu_tests::{boards::settings, eventually, hooks::Hooks, site::Site};
use gengfu_wire::up::InputState;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::house::{House, lost, row};

/// A step's wait: what goes to the next one must have tried the next way by then.
const STEP: Duration = Duration::from_secs(45);

/// A mail server that says nothing until it is woken up.
struct Server {
    port: u16,
    awake: watch::Sender<bool>,
    taken: Arc<AtomicUsize>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (awake, state) = watch::channel(false);
        let taken: Arc<AtomicUsize> = Arc::default();
        let count = taken.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mut state, count) = (state.clone(), count.clone());
                tokio::spawn(async move {
                    state.wait_for(|awake| *awake).await.map(drop).ok()?;
                    converse(client, &count).await.ok()
                });
            }
        });
        Self { port, awake, taken }
    }
}

/// SMTP as far as it takes to be given a mail.
async fn converse(client: TcpStream, taken: &AtomicUsize) -> io::Result<()> {
    let (from, mut to) = client.into_split();
    let mut lines = BufReader::new(from).lines();
    to.write_all(b"220 awake\r\n").await?;
    let mut is_letter = false;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "." if is_letter => {
                is_letter = false;
                taken.fetch_add(1, Ordering::Relaxed);
                "250 taken\r\n"
            }
            _ if is_letter => continue,
            "DATA" => {
                is_letter = true;
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 good\r\n",
        };
        to.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_says_nothing_holds_up_no_other_way() {
    let server = Server::start().await;
    let hooks = Hooks::start().await.unwrap();
    let mail = format!(
        r#"
[channels.mail]
kind = "mail"
host = "127.0.0.1"
port = {}
tls = "none"
from = "Gengfu <alarm@example.org>"

[[devices]]
id = "lid"
place = "yard"
profile = "board"
password_file = "board"
inputs = {{ 1 = "tamper" }}
"#,
        server.port
    );
    let house = House::at(Site::new(1, &mail).unwrap(), hooks).await;
    let hook = house.hooks.of("wang");
    let ways = [("mail", "wang@example.org"), ("hook", hook.as_str())];
    house.operator.put_person("wang", &ways).await.unwrap();

    // A vital call starts two ways at once.
    let call = Board::start(settings(house.site.mqtt, 1));
    call.set_input(1, InputState::Active);
    let begun = Instant::now();
    let called = house.called(1, begun).await;
    // An ordinary fault goes by mail, and by the next way once mail is given up.
    let mut of = settings(house.site.mqtt, 2);
    of.id = "lid".into();
    of.login = of.login.map(|login| gengfu_sim::building::Login { user: "lid".into(), ..login });
    let lid = Board::start(of);
    lid.set_input(1, InputState::Active);
    let begun = Instant::now();
    let alarm = house.shown("does not send").await;
    eventually("the lid is told by the other way", async || {
        let told = house.hooks.told();
        told.iter()
            .any(|t| t.body["danger"] != "trapped" && t.body["place"]["en"] == "Yard")
            .then_some(())
    })
    .await;
    let second_way = begun.elapsed();
    assert_eq!(server.taken.load(Ordering::Relaxed), 0);

    server.awake.send_replace(true);
    let begun = Instant::now();
    house.is_over("does not send").await;
    let back = begun.elapsed();
    assert!(server.taken.load(Ordering::Relaxed) > 0);
    for board in [&call, &lid] {
        let status = board.status();
        eventually("its receipt", async || (status.borrow().receipts == 1).then_some(())).await;
    }
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let said = [("board-1".to_owned(), 1), ("lid".to_owned(), 1)].into();
    let fault = format!(
        "mail server says nothing: call told by the other way after {called:.1?}, fault after {second_way:.0?}"
    );
    row(&fault, (lost(&site, &said), said.len()), back, Duration::from_secs(60), &alarm);
    assert!(second_way < STEP, "{second_way:?}");
    assert!(called < Duration::from_secs(3), "{called:?}");
}
