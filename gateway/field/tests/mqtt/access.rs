//! Who gets into the embedded broker, and what they can do there, tried with Mosquitto's clients.

use gengfu_field::{broker::MAX_PACKET, credentials};
use gengfu_wire::topic::{Down, Up};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    house::{GATEWAY, House, LIMIT, SITE, down, password, up},
    peer::Peer,
    tools::Tool,
};

/// Mosquitto's clients end with the broker's reason: MQTT 5's are 128 and more, 3.1.1's 1 to 5.
const BAD_LOGIN_5: i32 = 134;
const NOT_AUTHORIZED_5: i32 = 135;
const REFUSED_311: [i32; 2] = [4, 5];

#[tokio::test]
async fn the_right_password_opens_and_a_wrong_one_is_refused_by_its_code() {
    let house = House::start().await;
    let board = house.tool("lift-1");
    let event = up("lift-1", Up::Event);
    for version in ["5", "311"] {
        let right = board.version(version).publish(&event, "x", &[]).await;
        assert_eq!((right.code, right.complaint.as_str()), (0, ""), "MQTT {version}");
    }
    for stranger in [
        board.password("wrong"),
        board.password(""),
        board.password(&password("lift-2")),
        Tool { user: "nobody".into(), ..board.clone() },
        Tool { user: String::new(), ..board.clone() },
        board.client_id("lift-2"),
        board.client_id("anything"),
        house.tool("home").client_id("lift-1"),
    ] {
        let refused = stranger.version("5").publish(&event, "x", &[]).await;
        assert_eq!(refused.code, BAD_LOGIN_5, "{stranger:?}: {}", refused.complaint);
        let refused = stranger.version("311").publish(&event, "x", &[]).await;
        assert!(REFUSED_311.contains(&refused.code), "{stranger:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_board_speaks_and_hears_only_under_its_own_topics() {
    let house = House::start().await;
    let board = house.tool("lift-1");
    for stolen in [
        &up("lift-2", Up::Event),
        &down("lift-1", Down::Receipt),
        "gengfu/v1/elsewhere/lift-1/up/event",
        "gengfu/v1/garden-12/lift-1/up/rubbish",
        "gengfu/v1/garden-12/lift-1/up/event/more",
        "home/smoke",
        "$SYS/broker/uptime",
    ] {
        let refused = board.publish(stolen, "stolen", &["-r"]).await;
        assert!(refused.complaint.contains("Not authorized"), "{stolen}: {refused:?}");
        // 3.1.1 has no word for it: the message just goes nowhere.
        let silent = board.version("311").publish(stolen, "stolen", &["-r"]).await;
        assert_eq!(silent.code, 0, "{stolen}: {silent:?}");
    }
    for filter in
        ["#", "gengfu/v1/garden-12/+/down/+", "gengfu/v1/garden-12/lift-2/down/+", "home/#"]
    {
        for version in ["5", "311"] {
            let refused = board.version(version).hear(filter, 1, &["-W", "5"]).await;
            assert!(refused.lines.is_empty(), "{filter}: {refused:?}");
            let said = refused.complaint.to_lowercase();
            assert!(said.contains("denied") || said.contains("rejected"), "{filter}: {said}");
        }
    }

    // What it may do, it can; and the gateway hears that and nothing of what was stolen.
    let own = board.publish(&up("lift-1", Up::Presence), "here", &["-r"]).await;
    assert_eq!((own.code, own.complaint.as_str()), (0, ""));
    let gateway = house.tool(GATEWAY);
    let kept = gateway.publish(&down("lift-1", Down::Config), "for you", &["-r"]).await;
    assert_eq!(kept.code, 0);
    let heard = board.hear(&format!("gengfu/v1/{SITE}/lift-1/down/+"), 1, &[]).await;
    assert_eq!(heard.lines, [format!("{} for you", down("lift-1", Down::Config))]);
    let mut all = gateway.hear("#", 2, &[]).await.lines;
    all.sort();
    let wanted = [
        format!("{} for you", down("lift-1", Down::Config)),
        format!("{} here", up("lift-1", Up::Presence)),
    ];
    assert_eq!(all, wanted);
}

#[tokio::test]
async fn a_last_will_may_not_speak_for_another_board() {
    let house = House::start().await;
    let board = house.tool("lift-1");
    let will = async |topic: String| {
        let arguments = ["--will-topic", &topic, "--will-payload", "gone", "--will-retain"];
        board.publish(&up("lift-1", Up::Event), "x", &arguments).await
    };
    assert_eq!(will(up("lift-1", Up::Presence)).await.code, 0);
    let refused = will(up("lift-2", Up::Presence)).await;
    assert_eq!(refused.code, NOT_AUTHORIZED_5, "{refused:?}");
}

#[tokio::test]
async fn a_board_that_was_removed_or_given_a_new_password_has_no_rights_left() {
    let house = House::start().await;
    let event = up("lift-1", Up::Event);
    let mut gateway = Peer::connect(house.at, GATEWAY, &["gengfu/#"]).await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    board.publish(&event, "first").await.unwrap();
    assert_eq!(gateway.hears().await.words, "first");

    house.users.remove("lift-1");
    let refused = board.publish(&event, "after its removal").await.unwrap_err();
    assert!(refused.to_string().contains("NotAuthorized"), "{refused}");
    let tool = house.tool("lift-1");
    assert_eq!(tool.publish(&event, "x", &[]).await.code, BAD_LOGIN_5);

    // Added again, with the password that its successor was given: the old connection stays mute.
    let new = credentials::issue().unwrap();
    house.users.put_board(SITE, "lift-1", &new.verifier);
    assert!(board.is_open());
    board.publish(&event, "over the old connection").await.unwrap_err();
    assert_eq!(tool.password(&new.password).publish(&event, "last", &[]).await.code, 0);
    assert_eq!(gateway.hears().await.words, "last", "and nothing in between");
}

#[tokio::test]
async fn a_packet_that_is_too_large_costs_only_its_sender_the_connection() {
    let house = House::start().await;
    let event = up("lift-2", Up::Event);
    let mut gateway = Peer::connect(house.at, GATEWAY, &["gengfu/#"]).await;
    let other = Peer::connect(house.at, "lift-2", &[]).await;
    // Written by hand: a well-behaved client looks at the limit that the broker names.
    let stranger = |version: u8| raw_connect("lift-1", &password("lift-1"), version);
    for version in [4, 5] {
        let mut socket = tokio::net::TcpStream::connect(house.at).await.unwrap();
        socket.write_all(&stranger(version)).await.unwrap();
        let mut answer = [0; 4];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!((answer[0], answer[3]), (0x20, 0), "let in");
        // A QoS 0 publication, whose length is over the limit; the broker need not read all of it.
        let mut large = vec![0x30, 0x80, 0x80, 0x80, 0x01, 0x00, 0x01, b'a'];
        large.resize(MAX_PACKET, b'x');
        let _cut = socket.write_all(&large).await;
        let end = tokio::time::timeout(LIMIT, async {
            while socket.read(&mut [0; 1024]).await.is_ok_and(|n| n > 0) {}
        });
        end.await.expect("the broker closes the connection");
        other.publish(&event, "all is well").await.unwrap();
        assert_eq!(gateway.hears().await.words, "all is well");
    }
    assert!(other.is_open() && gateway.is_open(), "nobody else noticed");
}

/// A CONNECT by hand, for clients that do what no client does.
fn raw_connect(user: &str, password: &str, version: u8) -> Vec<u8> {
    let text = |words: &str| {
        let length = u16::try_from(words.len()).unwrap().to_be_bytes();
        [&length[..], words.as_bytes()].concat()
    };
    let properties: &[u8] = if version == 5 { &[0] } else { &[] };
    let flags = 0b1100_0010;
    let body = [
        text("MQTT"),
        vec![version, flags, 0, 60],
        properties.to_vec(),
        text(user),
        text(user),
        text(password),
    ]
    .concat();
    [vec![0x10, u8::try_from(body.len()).unwrap()], body].concat()
}

#[tokio::test]
async fn who_guesses_is_not_listened_to_and_locks_no_board_out() {
    let house = House::start().await;
    let guess = |user: &str| Tool { password: "guess".into(), ..house.tool(user) };
    for _ in 0..5 {
        assert_ne!(guess("home").publish("home/x", "1", &[]).await.code, 0);
    }
    let begun = std::time::Instant::now();
    assert_ne!(guess("home").publish("home/x", "1", &[]).await.code, 0);
    // For a second, not even the right password is looked at; others are not concerned.
    assert_eq!(house.tool("lift-2").publish(&up("lift-2", Up::Heartbeat), "{}", &[]).await.code, 0);
    let back = async { while house.tool("home").publish("home/x", "1", &[]).await.code != 0 {} };
    tokio::time::timeout(LIMIT, back).await.expect("it is listened to again");
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "{:?}", begun.elapsed());

    for _ in 0..6 {
        assert_ne!(guess("lift-1").publish(&up("lift-1", Up::Event), "{}", &[]).await.code, 0);
    }
    let board = house.tool("lift-1").publish(&up("lift-1", Up::Heartbeat), "{}", &[]).await;
    assert_eq!(board.code, 0, "a board with its password gets in at once");
}
