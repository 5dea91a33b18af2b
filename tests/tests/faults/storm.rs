//! Ten thousand alarms come at once from everywhere, and one of them is a passenger.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use gengfu_sim::{
    building::{Board, Login},
    swarm::{OnReceipt, Swarm, SwarmSettings},
};
use gengfu_tests::{
    boards::settings,
    buttons::Events,
    eventually,
    hooks::Hooks,
    site::{BOARD_PASSWORD, SITE, Site},
};
use gengfu_wire::up::InputState;

use crate::house::{House, lost, row};

const BOARDS: usize = 200;
const INPUTS: u8 = 8;
/// Events of each board.
const EACH: usize = 50;
/// The call is told within this.
const AT_ONCE: Duration = Duration::from_secs(5);

fn site() -> Site {
    let mut text = String::new();
    let inputs: Vec<String> = (1..=INPUTS).map(|n| format!("{n} = \"tamper\"")).collect();
    for n in 1..=BOARDS {
        write!(
            text,
            "\n[[places]]\nid = \"house-{n}\"\nname = {{ zh = \"{n}号楼\", en = \"House {n}\" }}\n\
             \n[[devices]]\nid = \"storm-{n}\"\nplace = \"house-{n}\"\nprofile = \"board\"\n\
             password_file = \"board\"\ninputs = {{ {} }}\n",
            inputs.join(", ")
        )
        .unwrap();
    }
    Site::new(1, &text).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_amid_ten_thousand_alarms_is_told_at_once() {
    let hooks = Hooks::start().await.unwrap();
    let house = House::at(site(), hooks).await;
    let call = Board::start(settings(house.site.mqtt, 1));
    let status = call.status();
    eventually("the call board", async || status.borrow().online.then_some(())).await;
    let names = (1..=BOARDS).map(|n| format!("storm-{n}"));
    let login = |user: &String| Login { user: user.clone(), password: BOARD_PASSWORD.into() };
    let settings = SwarmSettings {
        broker_host: "127.0.0.1".into(),
        broker_port: house.site.mqtt,
        site: SITE.into(),
        members: names.map(|name| (name.clone(), Some(login(&name)))).collect(),
        boot: 1,
    };
    let confirmed: Arc<Mutex<Events>> = Arc::default();
    let noted = confirmed.clone();
    let on_receipt: OnReceipt = Arc::new(move |answered| {
        noted.lock().unwrap().insert((format!("storm-{}", answered.member + 1), answered.seq));
    });
    let swarm = Swarm::connect(&settings, &on_receipt).await.unwrap();

    let begun = Instant::now();
    let mut said = Events::new();
    let mut pressed = None;
    for turn in 0..EACH {
        let state = match (turn / usize::from(INPUTS)).is_multiple_of(2) {
            true => InputState::Active,
            false => InputState::Idle,
        };
        let input = u8::try_from(turn % usize::from(INPUTS)).unwrap() + 1;
        for board in 0..BOARDS {
            let seq = swarm.send(board, input, state).await.unwrap();
            said.insert((format!("storm-{}", board + 1), seq));
        }
        if turn == EACH / 2 {
            call.set_input(1, InputState::Active);
            pressed = Some(Instant::now());
        }
    }
    let offered = begun.elapsed();
    let called = house.called(1, pressed.unwrap()).await;
    let flood = "Many alarms at once";
    eventually("the page gathers them", async || {
        let open = house.operator.get("incidents?open=true").await.ok()?;
        open.as_array()?.iter().any(|i| i["what"]["en"] == flood).then_some(())
    })
    .await;
    eventually("every receipt", async || (swarm.waiting() == 0).then_some(())).await;
    let all = begun.elapsed();
    eventually("its receipt", async || (status.borrow().receipts == 1).then_some(())).await;
    said.insert(("board-1".to_owned(), 1));
    let begun = Instant::now();
    house.operator.get("alarms").await.unwrap();
    let page = begun.elapsed();
    let messages = house.hooks.told().len();

    swarm.stop().await;
    call.stop().await;
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let confirmed = confirmed.lock().unwrap().len() + 1;
    assert_eq!(confirmed, said.len(), "each has its receipt");
    let fault = format!(
        "{} events offered within {offered:.1?}, a call amid them told after {called:.1?}",
        said.len()
    );
    let seen = format!("{flood} ({messages} messages in all; the page answers in {page:.1?})");
    row(&fault, (lost(&site, &said), said.len()), all, Duration::from_secs(60), &seen);
    assert!(called < AT_ONCE, "{called:?}");
}
