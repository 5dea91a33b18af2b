//! What an alarm may come of has a session of its own.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::Value,
};
use gengfu_field::{
    adapter::{json::JsonDevice, presence::Presence},
    broker::IN_FLIGHT,
    lane::Outcome,
    mqtt::Routes,
    profile::JsonPoint,
};
use gengfu_wire::topic::Up;

use crate::{
    house::{
        Engine, House, SITE, board, connected, engine, engine_with, event, gateway_with_two, until,
        up,
    },
    peer::Peer,
};

fn meter(name: &str, calls: bool) -> JsonDevice {
    JsonDevice {
        device: DeviceId::from(name),
        base: format!("home/{name}"),
        availability: "availability".into(),
        presence: Presence::default(),
        recent: None,
        calls,
        points: vec![JsonPoint::new(PointId::from(format!("{name}/t").as_str()), "", "/t")],
    }
}

#[tokio::test]
async fn a_call_comes_through_while_telemetry_waits_to_be_decided() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    let many = usize::from(IN_FLIGHT) + 8;
    let meters = (0..many).map(|n| meter(&format!("meter-{n}"), false)).collect();
    routes.set(vec![board("lift-1")], meters);
    let (lanes, mut engine) = engine_with(2 * many, 2 * many);
    let source = gateway_with_two(house.at, routes, lanes);
    connected(&source).await;
    until("the meters are heard", || source.outbound.hears_telemetry()).await;
    // Each meter's word waits for the engine, until the broker may give the session no more of them.
    let home = Peer::connect(house.at, "home", &[]).await;
    let mut waiting = vec![];
    let said = async {
        for n in 0..many {
            home.publish(&format!("home/meter-{n}"), r#"{"t":20.5}"#).await.unwrap();
        }
    };
    let taken = async {
        let mut readings = 0;
        while readings < IN_FLIGHT {
            let envelope = engine.next().await;
            readings += u16::from(matches!(envelope.input, Input::Reading(_)));
            waiting.push(envelope);
        }
    };
    tokio::join!(said, taken);
    let lift = Peer::connect(house.at, "lift-1", &[]).await;
    lift.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    let (origin, envelope) = engine.event().await;
    assert_eq!((origin.boot, origin.seq), (1, 1));
    (envelope.done)(Outcome::Kept);
    drop(waiting);
}

/// What the gateway understood of the next message, one reading and one sign of life.
async fn heard(engine: &mut Engine) -> (PointId, Value) {
    let inputs = engine.keep(2).await;
    match &inputs[..] {
        [Input::Reading(reading), Input::Heard(_)] => {
            (reading.point.clone(), reading.sample.clone().unwrap())
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_meter_that_a_rule_asks_about_from_now_on_is_heard_once_in_either_session() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    routes.set(vec![], vec![meter("meter", false)]);
    let (lanes, mut engine) = engine();
    let source = gateway_with_two(house.at, routes.clone(), lanes);
    connected(&source).await;
    until("the meter is heard", || source.outbound.hears_telemetry()).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    let mut t = 0_i64;
    for calls in [false, true, false] {
        for filter in routes.set(vec![], vec![meter("meter", calls)]) {
            source.outbound.subscribe(&filter).await.unwrap();
        }
        until("it is subscribed to", || source.is_connected() && source.outbound.hears_telemetry())
            .await;
        for _ in 0..3 {
            t += 1;
            home.publish("home/meter", &format!(r#"{{"t":{t}}}"#)).await.unwrap();
            assert_eq!(heard(&mut engine).await, ("meter/t".into(), Value::Int(t)));
            // In the session for telemetry, one sign of life a second counts.
            tokio::time::sleep(std::time::Duration::from_millis(1_050)).await;
        }
    }
    assert!(engine.is_empty());
    assert_eq!(source.quarantine.count(), 0);
}
