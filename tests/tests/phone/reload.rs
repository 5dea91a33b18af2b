//! The line's settings change while somebody is on the phone.

use gengfu_tests::{baresip::Baresip, eventually, free_port};

use crate::house::{House, ports};

const DEVICE: &str = "\n[[devices]]\nid = \"car-1\"\nprofile = \"carphone\"\nplace = \"lift-1\"\nnumber = \"2001\"\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_is_handed_on_and_calls_go_on_over_it() {
    let (port, _) = ports();
    let gateway = free_port().unwrap();
    let volunteer = Baresip::with("21", &format!("127.0.0.1:{port}"), None).await.unwrap();
    let line = format!("register = false\nlocal_port = {gateway}\n");
    let house = House::with_devices(port, &line, DEVICE, &[]).await;
    let at = format!("127.0.0.1:{}", free_port().unwrap());
    let car = Baresip::with("2001", &at, Some(440.0)).await.unwrap();
    car.dial(&format!("sip:gengfu@127.0.0.1:{gateway}")).unwrap();
    house.incident("a passenger is trapped", |i| i["danger"] == "trapped").await;
    house.told("accepted").await;

    let changed = format!("{line}test_calls_to = [\"2999\"]\n");
    house.reload(port, &changed, DEVICE).await;
    // The new line takes calls at the old port: somebody asks who is on call.
    let asks = format!("127.0.0.1:{}", free_port().unwrap());
    let asks = Baresip::with("21", &asks, None).await.unwrap();
    asks.dial(&format!("sip:gengfu@127.0.0.1:{gateway}")).unwrap();
    eventually("a call is taken by the new line", async || {
        house.said("asks who is on call").then_some(())
    })
    .await;
    assert!(!house.said("no socket for SIP"), "the port was in use");
    assert!(house.alarm("telephone line").await.is_none());
    // The old line's calls go on: a key counts, and that the car hangs up is heard.
    volunteer.press('1').unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    car.hang_up().unwrap();
    eventually("the car has hung up", async || {
        house.alarm("person trapped").await.is_none().then_some(())
    })
    .await;
    house.gateway.stop().unwrap();
}
