//! A client that has gone mad: others are not delayed, and its own alarm is not lost.

use std::time::{Duration, Instant};

use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{House, connected, down, engine, event, gateway, receipt, routes, until, up},
    peer::Peer,
};

/// Far more than a heartbeat every 15 s.
const STORM: u32 = 20_000;

#[tokio::test]
async fn a_storm_of_heartbeats_delays_nobody_s_event_not_even_its_own_board_s() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let mut mad = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let mut other = Peer::connect(house.at, "lift-2", &[&down("lift-2", Down::Receipt)]).await;
    let heartbeat = r#"{"v":1,"boot":1,"uptime_s":1,"inputs":["idle"],"queue":0}"#;
    let decides = async {
        loop {
            engine.keep(1).await;
        }
    };
    let story = async {
        for n in 0..STORM {
            mad.mention(&up("lift-1", Up::Heartbeat), heartbeat).await;
            if n == STORM / 2 {
                let begun = Instant::now();
                other.publish(&up("lift-2", Up::Event), &event(2, 1)).await.unwrap();
                assert_eq!(other.hears().await.words, receipt(2, 1));
                let took = begun.elapsed();
                assert!(took < Duration::from_secs(1), "receipted after {took:?}");
            }
        }
        mad.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
        assert_eq!(mad.hears().await.words, receipt(1, 1));
    };
    tokio::select! {
        () = decides => unreachable!(),
        () = story => {}
    }
    let (held, dropped) = house.broker.over_limit();
    assert_eq!(held, 0);
    assert!(dropped > u64::from(STORM) * 9 / 10, "{dropped} of {STORM}");
    assert_eq!(house.broker.flooding(), ["lift-1"]);
    assert!(source.is_connected() && mad.is_open());
}

#[tokio::test]
async fn of_a_storm_of_events_none_is_lost_and_another_board_is_answered_at_once() {
    const EVENTS: u32 = 1_300;
    let house = House::start().await;
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes(), lanes);
    connected(&source).await;
    let mad = Peer::connect(house.at, "lift-1", &[]).await;
    let mut other = Peer::connect(house.at, "lift-2", &[&down("lift-2", Down::Receipt)]).await;
    let topic = up("lift-1", Up::Event);
    let storm = mad.publish_all(&topic, (1..=EVENTS).map(|seq| event(1, seq)));
    let alarm = async {
        until("the storm is held back", || house.broker.over_limit().0 > 0).await;
        let begun = Instant::now();
        other.publish(&up("lift-2", Up::Event), &event(2, 1)).await.unwrap();
        assert_eq!(other.hears().await.words, receipt(2, 1));
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(1), "receipted after {took:?}");
    };
    let decides = async {
        let mut next = 1;
        while next <= EVENTS {
            let (origin, envelope) = engine.event().await;
            (envelope.done)(gengfu_field::lane::Outcome::Kept);
            if origin.boot == 1 {
                assert_eq!(origin.seq, next, "in order, none missing");
                next += 1;
            }
        }
    };
    tokio::join!(storm, alarm, decides);
    assert_eq!(house.broker.over_limit().1, 0);
    assert!(mad.is_open(), "it was slowed down, not thrown out");
}
