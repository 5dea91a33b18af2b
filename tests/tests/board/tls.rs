//! A board that speaks to its gateway by TLS, and to no other.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use gengfu_tests::{
    eventually,
    pico::Pico,
    qemu::{HERE, Machine, Passport},
    site::Site,
};
use gengfu_web::known_key::read_pin;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    house::{House, LIFT, journal},
    pico::made,
};

/// A gateway with TLS, and the passport of the board `pit` for it.
pub async fn house() -> (House, Passport) {
    let house = House::start(Site::with_tls(0, LIFT).unwrap()).await;
    let password = house.add("pit", "lift-1").await;
    let mut passport = Passport::new("pit", &password, house.site.secure.unwrap());
    passport.gateway_key = Some(key(&house));
    (house, passport)
}

/// What boards know that gateway by.
fn key(house: &House) -> [u8; 32] {
    read_pin(&house.site.data().join("tls")).unwrap()
}

/// Somebody on the way to this port who writes down what goes by, both ways; where to find them.
async fn listener(port: u16) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let door = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = door.local_addr().unwrap().port();
    let noted: Arc<Mutex<Vec<u8>>> = Arc::default();
    let notes = noted.clone();
    tokio::spawn(async move {
        while let Ok((board, _)) = door.accept().await {
            let Ok(gateway) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
            let ((a, b), (c, d)) = (board.into_split(), gateway.into_split());
            for (mut from, mut to) in [(a, d), (c, b)] {
                let notes = notes.clone();
                tokio::spawn(async move {
                    let mut part = [0; 4096];
                    while let Ok(count @ 1..) = from.read(&mut part).await {
                        notes.lock().unwrap().extend_from_slice(&part[..count]);
                        if to.write_all(&part[..count]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        }
    });
    (at, noted)
}

fn has(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

#[tokio::test]
async fn a_contact_reaches_a_person_and_who_listens_on_the_way_reads_nothing() {
    let (mut house, mut passport) = house().await;
    let (port, noted) = listener(house.site.secure.unwrap()).await;
    passport.gateways = vec![format!("{HERE}:{port}")];
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    let noted = noted.lock().unwrap().clone();
    assert!(noted.len() > 1_000);
    assert!(!has(&noted, &passport.password) && !has(&noted, "gengfu/v1"), "it can be read");
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(1, 1)]);
}

#[tokio::test]
async fn without_tls_the_same_listener_reads_the_password() {
    let (house, mut passport) = house().await;
    let (port, noted) = listener(house.site.mqtt).await;
    passport.gateways = vec![format!("{HERE}:{port}")];
    passport.gateway_key = None;
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    assert!(has(&noted.lock().unwrap(), &passport.password), "the listener hears nothing at all");
}

#[tokio::test]
async fn another_gateway_is_refused_and_so_is_one_without_tls() {
    let (house, mut passport) = house().await;
    let right = passport.gateway_key.replace([7; 32]);
    let board = Machine::start(&passport).unwrap();
    board.logs("lost: Stranger", 2).await.unwrap();
    assert!(!board.log().contains("connected"));
    assert_eq!(house.contact(1).await, json!(null));

    // The right key, at a port without TLS: the password is not said there either.
    let (port, noted) = listener(house.site.mqtt).await;
    passport.gateway_key = right;
    passport.gateways = vec![format!("{HERE}:{port}")];
    let board = Machine::start(&passport).unwrap();
    board.logs("lost: ", 1).await.unwrap();
    assert!(!board.log().contains("connected"), "{}", board.log());
    let noted = noted.lock().unwrap().clone();
    assert!(!noted.is_empty() && !has(&noted, &passport.password));

    // The second gateway may be the one that it knows.
    passport.gateways.push(format!("{HERE}:{}", house.site.secure.unwrap()));
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
}

#[tokio::test]
async fn the_board_knows_its_gateway_again_after_every_certificate_was_made_anew() {
    let (mut house, passport) = house().await;
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    house.kill_gateway();
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    // What pages and phones trust is new; what boards trust stays, and goes by another certificate.
    let tls = house.site.data().join("tls");
    for file in ["authority.key", "authority.crt"] {
        fs::remove_file(tls.join(file)).unwrap();
    }
    board.close(&[1]).unwrap();
    house.start_gateway();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    assert_eq!(Some(key(&house)), passport.gateway_key);
}

#[tokio::test]
async fn a_board_that_is_sold_shakes_hands_too_with_the_file_that_the_gateway_made() {
    let house = House::start(Site::with_tls(0, LIFT).unwrap()).await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("connected", 1).await.unwrap();
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
    eventually("the contact is known", async || {
        (house.contact(1).await == json!(true)).then_some(())
    })
    .await;
    assert!(board.log().contains(&format!(":{}", house.site.secure.unwrap())), "{}", board.log());
}

#[tokio::test]
async fn a_press_that_is_over_before_the_board_has_shaken_hands_is_told() {
    let mut house = House::start(Site::with_tls(0, LIFT).unwrap()).await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("connected", 1).await.unwrap();
    eventually("it has its configuration", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    board.pull_plug().unwrap();
    // From here on its chip reckons, for two seconds of its own time.
    board.logs("trying", 2).await.unwrap();
    board.close(&[1]).unwrap();
    let clock = |board: &mut Pico| board.pins().unwrap().clock_us().unwrap();
    let pressed = clock(&mut board);
    eventually("it was pressed for 200 ms", async || {
        (clock(&mut board) >= pressed + 200_000).then_some(())
    })
    .await;
    board.close(&[]).unwrap();
    assert_eq!(board.log().matches("connected").count(), 1, "{}", board.log());
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
    eventually("the button is let go", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(2, 1), (2, 2)]);
}
