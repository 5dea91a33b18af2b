//! The telephone in a lift's car: it calls, somebody comes to the phone, and the two hear one another.

use gengfu_tests::{
    baresip::{Baresip, loudness_of},
    eventually, free_port,
};

use crate::house::{House, ports};

/// The tone in the car, and the one in the volunteer's room, in hertz.
const CAR: f64 = 440.0;
const ROOM: f64 = 1_000.0;
/// A tone of the room as it is heard at the far end, of 8,000 at its source.
const LOUD: f64 = 4_000.0;

const DEVICE: &str = "\n[[devices]]\nid = \"car-1\"\nprofile = \"carphone\"\nplace = \"lift-1\"\nnumber = \"2001\"\n";

struct Lift {
    house: House,
    volunteer: Baresip,
    /// Where the gateway takes calls.
    gateway: u16,
}

impl Lift {
    async fn new(line: &str) -> Self {
        let (port, _) = ports();
        let gateway = free_port().unwrap();
        let volunteer =
            Baresip::with("21", &format!("127.0.0.1:{port}"), Some(ROOM)).await.unwrap();
        let line =
            format!("register = false\nlocal_port = {gateway}\ntest_calls_to = [\"2999\"]\n{line}");
        let house = House::with_devices(port, &line, DEVICE, &[]).await;
        Self { house, volunteer, gateway }
    }

    /// A telephone that calls the gateway, at this address of the loopback.
    async fn caller(&self, number: &str, ip: &str, to: &str) -> Baresip {
        let at = format!("{ip}:{}", free_port().unwrap());
        self.calls(Baresip::with(number, &at, Some(CAR)).await.unwrap(), to)
    }

    fn calls(&self, phone: Baresip, to: &str) -> Baresip {
        phone.dial(&format!("sip:{to}@127.0.0.1:{}", self.gateway)).unwrap();
        phone
    }
}

/// How many tenths of a second the tone was heard for.
fn tenths(phone: &Baresip, hertz: f64) -> usize {
    let heard = phone.heard().unwrap_or_default();
    if heard.len() < 44 {
        0
    } else {
        loudness_of(&heard, hertz).iter().filter(|l| **l > LOUD).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_is_put_through_to_the_car_and_both_hear_one_another() {
    let lift = Lift::new("record_for = \"1h\"\n").await;
    let car = lift.caller("2001", "127.0.0.1", "gengfu").await;
    both_hear_one_another(lift, car).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_car_that_encrypts_its_speech_is_answered_in_kind() {
    let lift = Lift::new("record_for = \"1h\"\n").await;
    let at = format!("127.0.0.1:{}", free_port().unwrap());
    let car = Baresip::insisting("2001", &at, Some(CAR)).await.unwrap();
    let car = lift.calls(car, "gengfu");
    both_hear_one_another(lift, car).await;
}

async fn both_hear_one_another(lift: Lift, car: Baresip) {
    let trapped = lift.house.incident("a passenger is trapped", |i| i["danger"] == "trapped").await;
    assert_eq!(trapped["place"], "lift-1", "{trapped}");
    lift.house.told("accepted").await;
    lift.volunteer.press('1').unwrap();
    lift.house.incident("Wang is going", |i| i["phase"] == "going").await;
    // What an operator changes elsewhere hangs up on nobody.
    lift.house.gateway.signal("HUP").unwrap();
    eventually("the reload", async || lift.house.said("was read again").then_some(())).await;
    // They speak for as long as it takes: on a busy machine the gateway says later that they are put through.
    eventually("both have heard the other", async || {
        let (of_car, of_room) = (tenths(&lift.volunteer, CAR), tenths(&car, ROOM));
        println!("the car was heard for {of_car} tenths of a second, the volunteer for {of_room}");
        (of_car > 20 && of_room > 20).then_some(())
    })
    .await;
    car.hang_up().unwrap();
    let folder = lift.house.site.data().join("recordings");
    let recorded = std::fs::read_dir(folder).unwrap().flatten().count();
    assert_eq!(recorded, 1, "the configuration asks for recordings");
    lift.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_call_is_a_sign_of_life_and_no_alarm() {
    let lift = Lift::new("").await;
    let _car = lift.caller("2001", "127.0.0.1", "2999").await;
    eventually("the telephone was heard", async || {
        let device = lift.house.operator.get("devices/car-1").await.unwrap();
        device["heard_at"].is_string().then_some(())
    })
    .await;
    assert!(lift.house.incidents().await.is_empty());
    assert!(!lift.house.site.data().join("recordings").exists(), "nobody asked for recordings");
    lift.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_call_is_not_taken_nor_one_that_our_server_did_not_send() {
    let lift = Lift::new("").await;
    let _stranger = lift.caller("666", "127.0.0.1", "gengfu").await;
    eventually("the stranger is refused", async || {
        lift.house.said("a call came in and was not taken").then_some(())
    })
    .await;
    // The lift's own number, and not from where the server is.
    let _forged = lift.caller("2001", "127.0.0.2", "gengfu").await;
    eventually("the forged call is refused", async || {
        lift.house.said("a call from somewhere else than the telephone server").then_some(())
    })
    .await;
    assert!(lift.house.incidents().await.is_empty());
    lift.house.gateway.stop().unwrap();
}
