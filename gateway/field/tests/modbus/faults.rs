//! Against servers that lie, fall silent, or go away.

use std::time::Duration;

use gengfu_core::{
    input::Input,
    point::{NoData, Value},
    time::Span,
};

use crate::{
    liar::{Answer, Asked, Liar},
    site::{register, unit, watch},
};

const FAST: &str = "poll = \"10ms\"\ntimeout = \"300ms\"";

/// The second request is answered by this lie, every other one by the number 7. What must be seen
/// is the value, the reason why there is none, and the value again over another connection.
async fn lie(lie: impl Fn(&Asked) -> Answer + Send + Sync + 'static, reason: NoData) {
    let liar = Liar::start(move |asked| match asked.number {
        2 => lie(asked),
        _ => Answer::Values(vec![7; asked.count.into()]),
    })
    .await;
    let mut site = watch(liar.port, vec![unit("d", 1, FAST, &register("fault", 0))], |_| {});
    site.expect("d/fault", Ok(Value::Int(7))).await;
    site.expect("d/fault", Err(reason)).await;
    site.expect("d/fault", Ok(Value::Int(7))).await;
    let asked = liar.asked();
    assert_eq!((asked[0].connection, asked[1].connection), (1, 1));
    assert_eq!(asked[2].connection, 2, "after a lie the connection is not trusted");
    assert!(asked.iter().all(|a| (1..=4).contains(&a.function)), "a master that only reads");
}

#[tokio::test]
async fn no_answer_is_a_timeout() {
    lie(|_| Answer::Silence, NoData::Timeout).await;
}

#[tokio::test]
async fn a_frame_cut_short_is_a_timeout() {
    lie(|asked| Answer::Raw(asked.frame(&[9])[..10].to_vec()), NoData::Timeout).await;
}

#[tokio::test]
async fn a_frame_cut_short_by_a_closed_connection_is_garbled() {
    lie(|asked| Answer::RawThenClose(asked.frame(&[9])[..10].to_vec()), NoData::Garbled).await;
}

#[tokio::test]
async fn a_closed_connection_is_a_timeout() {
    lie(|_| Answer::RawThenClose(vec![]), NoData::Timeout).await;
}

#[tokio::test]
async fn more_values_than_were_asked_for_are_garbled() {
    lie(|_| Answer::Values(vec![9, 9]), NoData::Garbled).await;
}

#[tokio::test]
async fn fewer_values_than_were_asked_for_are_garbled() {
    lie(|_| Answer::Values(vec![]), NoData::Garbled).await;
}

#[tokio::test]
async fn a_byte_count_that_promises_more_than_comes_is_garbled() {
    lie(
        |asked| {
            let mut frame = asked.frame(&[9]);
            frame[8] = 40;
            Answer::Raw(frame)
        },
        NoData::Garbled,
    )
    .await;
}

#[tokio::test]
async fn an_answer_to_another_request_is_garbled() {
    lie(
        |asked| Answer::Raw(Asked { transaction: asked.transaction ^ 0x55, ..*asked }.frame(&[9])),
        NoData::Garbled,
    )
    .await;
}

#[tokio::test]
async fn an_answer_of_another_unit_is_garbled() {
    lie(|asked| Answer::Raw(Asked { unit: 9, ..*asked }.frame(&[9])), NoData::Garbled).await;
}

#[tokio::test]
async fn an_answer_to_another_function_is_garbled() {
    lie(|asked| Answer::Raw(Asked { function: 4, ..*asked }.frame(&[9])), NoData::Garbled).await;
}

#[tokio::test]
async fn something_that_is_not_modbus_is_no_value() {
    lie(|_| Answer::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), NoData::Timeout).await;
}

#[tokio::test]
async fn a_frame_without_content_is_garbled() {
    lie(
        |asked| Answer::Raw([asked.frame(&[])[..4].to_vec(), vec![0, 0, 1]].concat()),
        NoData::Garbled,
    )
    .await;
}

#[tokio::test]
async fn a_dead_unit_takes_hardly_any_time_from_the_others() {
    let liar = Liar::start(|asked| match asked.unit {
        2 => Answer::Silence,
        _ => Answer::Values(vec![u16::from(asked.unit); asked.count.into()]),
    })
    .await;
    let knobs = "poll = \"5ms\"\ntimeout = \"50ms\"";
    let units =
        (1..=3).map(|n| unit(&format!("d{n}"), n, knobs, &register("history-or-not", 0))).collect();
    let mut site = watch(liar.port, units, |_| {});
    site.counted("requests", 600).await;
    let asked = liar.asked();
    let of = |unit: u8| asked.iter().filter(|a| a.unit == unit).count();
    assert!(of(2) >= 3, "it is not given up: {}", of(2));
    assert!(of(2) <= 12, "it is asked more and more rarely: {}", of(2));
    assert!(of(1) > 200 && of(3) > 200, "the others are asked on: {} and {}", of(1), of(3));
    while let Ok(reading) = site.telemetry.try_recv() {
        match reading.device().as_str() {
            "d2" => assert_eq!(reading.sample, Err(NoData::Timeout)),
            "d1" => assert_eq!(reading.sample, Ok(Value::Int(1))),
            _ => assert_eq!(reading.sample, Ok(Value::Int(3))),
        }
    }
}

#[tokio::test]
async fn a_gateways_word_that_a_unit_is_dead_costs_no_connection() {
    let liar = Liar::start(|asked| match (asked.unit, asked.number) {
        (2, 1..=40) => Answer::Exception(11),
        _ => Answer::Values(vec![7; asked.count.into()]),
    })
    .await;
    let units = vec![
        unit("good", 1, FAST, &register("history", 0)),
        unit("dead", 2, FAST, &register("fault", 0)),
    ];
    let mut site = watch(liar.port, units, |_| {});
    site.expect("dead/fault", Err(NoData::Timeout)).await;
    site.expect("dead/fault", Ok(Value::Int(7))).await;
    assert_eq!(site.count("connections"), 1);
}

#[tokio::test]
async fn a_bus_that_goes_away_says_so_and_comes_back_by_itself() {
    let seven = |asked: &Asked| Answer::Values(vec![7; asked.count.into()]);
    let liar = Liar::start(seven).await;
    let port = liar.port;
    let mut site = watch(port, vec![unit("d", 1, FAST, &register("fault", 0))], |_| {});
    site.expect("d/fault", Ok(Value::Int(7))).await;
    liar.stop().await;
    site.expect("d/fault", Err(NoData::Timeout)).await;
    site.counted("connection_failures", 2).await;
    let _again = Liar::start_at(port, seven).await;
    site.expect("d/fault", Ok(Value::Int(7))).await;
}

#[tokio::test]
async fn signs_of_life_come_three_times_in_a_supervision_time_and_not_from_the_dead() {
    let liar = Liar::start(|asked| match asked.unit {
        2 => Answer::Silence,
        _ => Answer::Values(vec![7; asked.count.into()]),
    })
    .await;
    // Supervised by 300 ms: a sign of life every 100 ms, not at each of the polls every 10 ms.
    let knobs = "poll = \"10ms\"\ntimeout = \"20ms\"";
    let units =
        (1..=2).map(|n| unit(&format!("d{n}"), n, knobs, &register("history", 0))).collect();
    let mut site = watch(liar.port, units, |_| {});
    for _ in 0..4 {
        assert_eq!(site.heard().await.as_str(), "d1");
    }
    let polls = liar.asked().iter().filter(|a| a.unit == 1).count();
    assert!(polls >= 8, "{polls} polls for four signs of life");
}

#[tokio::test]
async fn a_unit_that_falls_silent_half_way_each_time_is_not_heard() {
    let liar = Liar::start(|asked| match asked.address {
        0 => Answer::Values(vec![7]),
        _ => Answer::Silence,
    })
    .await;
    let points = register("history", 0) + &register("history-far", 900);
    let knobs = "poll = \"10ms\"\ntimeout = \"150ms\"";
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &points)], |_| {});
    let mut heard = 0;
    // Much longer than a third of its supervision time, after which it would be told again.
    while site.count("timeouts") < 5 {
        while let Ok(envelope) = site.alarms.try_recv() {
            heard += u32::from(matches!(envelope.input, Input::Heard(_)));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(heard, 1, "before its first failure");
}

#[tokio::test]
async fn a_device_that_wants_rest_gets_it() {
    let liar = Liar::start(|asked| Answer::Values(vec![7; asked.count.into()])).await;
    let points: String = (0..4).map(|n| register(&format!("history{n}"), n * 100)).collect();
    let knobs =
        "poll = \"10ms\"\ntimeout = \"5s\"\npause = \"50ms\"\npause_after_connect = \"100ms\"";
    let started = std::time::Instant::now();
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &points)], |_| {});
    site.counted("answers", 4).await;
    let least = Duration::from_millis(100 + 3 * 50);
    assert!(started.elapsed() >= least, "four requests in {:?}", started.elapsed());
}

#[tokio::test]
async fn a_slow_engine_makes_the_bus_wait_and_loses_nothing() {
    let liar = Liar::start(|asked| {
        let n = u16::try_from(asked.number).unwrap();
        Answer::Values(vec![n; asked.count.into()])
    })
    .await;
    let mut site = watch(liar.port, vec![unit("d", 1, FAST, &register("fault", 0))], |s| {
        s.liveness = Span::hours(1);
    });
    // Nobody reads: 64 inputs fit into the lane, then the bus waits.
    while site.alarms.len() < 64 {
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for n in 1..=100 {
        site.expect("d/fault", Ok(Value::Int(n))).await;
    }
}

#[tokio::test]
async fn a_stopped_bus_hangs_up() {
    let liar =
        Liar::start(|asked| Answer::Late(Duration::from_secs(60), vec![7; asked.count.into()]))
            .await;
    let knobs = "poll = \"10ms\"\ntimeout = \"60s\"";
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &register("fault", 0))], |_| {});
    site.counted("requests", 1).await;
    tokio::time::timeout(Duration::from_secs(5), site.bus.stop()).await.expect("it stops at once");
    assert!(site.alarms.recv().await.is_none(), "nobody holds the lane any more");
}
