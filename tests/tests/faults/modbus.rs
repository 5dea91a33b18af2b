//! A lift controller answers late, in part, or not at all; the fire panels on its bus must be read
//! all the same.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use gengfu_tests::{eventually, hooks::Hooks, site::Site};

use crate::{
    bus::{Bus, Manner},
    house::{House, row},
};

const LIFT: u8 = 1;
/// NICE3000+: the state of door and mode that reads "automatic".
const MODE: (u16, u16) = (0x101D, 0x0470);
/// A Notifier detector: enabled and inactive; and one that sees a fire.
const QUIET: u16 = 0x1400;
const FIRE: u16 = 0x1C10;
/// A fire on the bus is told within this, whatever another unit does.
const AT_ONCE: Duration = Duration::from_secs(3);

fn site(bus: std::net::SocketAddr, panels: usize) -> Site {
    let mut text = format!(
        r#"
[[modbus.buses]]
id = "machine-room"
tcp = "{bus}"

[[devices]]
id = "lift"
name = {{ zh = "电梯控制器", en = "Lift controller" }}
place = "yard"
profile = "nice3000"
bus = "machine-room"
unit = 1
supervision = "5s"
"#
    );
    for n in 1..=panels {
        write!(
            text,
            r#"
[[places]]
id = "house-{n}"
name = {{ zh = "{n}号楼", en = "House {n}" }}

[[devices]]
id = "panel-{n}"
place = "house-{n}"
profile = "notifier-gw"
bus = "machine-room"
unit = {}
parameters = {{ loops = 1, detectors = 1 }}
supervision = "10s"
"#,
            n + 1
        )
        .unwrap();
    }
    Site::new(0, &text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_that_answers_badly_delays_no_fire_on_its_bus() {
    let manners = [
        ("answers 2 s late", Manner::Late(Duration::from_secs(2))),
        ("answers half", Manner::Truncated),
        ("never answers", Manner::Never),
    ];
    let panel = [(0, QUIET)];
    let units: [(u8, &[(u16, u16)]); 4] = [(LIFT, &[MODE]), (2, &panel), (3, &panel), (4, &panel)];
    let (bus, address, serving) = Bus::start(&units).await;
    let hooks = Hooks::start().await.unwrap();
    let house = House::at(site(address, manners.len()), hooks).await;
    let read = async |value: &str| {
        eventually(&format!("the car's mode is {value}"), async || {
            let point = house.operator.get("points/lift%2Fmode").await.ok()?;
            (point["value"] == value).then_some(())
        })
        .await;
    };
    read("automatic").await;

    let mut rows = vec![];
    for (n, (words, manner)) in manners.into_iter().enumerate() {
        bus.behave(LIFT, manner);
        let begun = Instant::now();
        let silent = house.shown("Lift controller is silent").await;
        eventually("the unit is asked again", async || (bus.asked(LIFT) > 1).then_some(())).await;
        let noticed = begun.elapsed();
        let begun = Instant::now();
        bus.set(u8::try_from(n + 2).unwrap(), 0, FIRE);
        let place = format!("House {}", n + 1);
        eventually("the fire is told", async || {
            let told = house.hooks.told().into_iter().map(|t| t.body);
            let mut fires = told.filter(|b| b["danger"] == "fire" && b["place"]["en"] == place);
            fires.next().map(drop)
        })
        .await;
        let fire = begun.elapsed();
        bus.behave(LIFT, Manner::Well);
        let begun = Instant::now();
        read("automatic").await;
        house.is_over("is silent").await;
        let fault = format!("Modbus unit {words}: fire on the same bus told after {fire:.1?}");
        rows.push((fault, fire, begun.elapsed(), format!("{silent} (after {noticed:.0?})")));
    }
    for (fault, fire, back, seen) in rows {
        row(&fault, (0, 1), back, Duration::from_secs(40), &seen);
        assert!(fire < AT_ONCE, "{fault}");
    }
    serving.abort();
}
