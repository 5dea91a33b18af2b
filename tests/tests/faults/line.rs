//! The line between the boards and the gateway's own broker breaks.

use std::time::{Duration, Instant};

use gengfu_tests::{eventually, hooks::Hooks, site::Site};

use crate::{
    house::{House, boards, lost, row},
    proxy::{Line, Proxy},
};

const BOARDS: usize = 8;
/// How long the line is cut.
const CUT: Duration = Duration::from_secs(5);
/// A call over a line that is whole is told within this, whatever happens on other lines.
const AT_ONCE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boards_whose_line_breaks_lose_nothing_and_delay_no_other() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(BOARDS + 3, "").unwrap();
    let house = House::at(site, hooks).await;
    let proxy = Proxy::before(house.site.mqtt).await;
    let mut buttons = boards(proxy.port, 1..=BOARDS);
    // Three boards on lines of their own, one for each fault.
    let mut whole = boards(house.site.mqtt, BOARDS + 1..=BOARDS + 3);
    buttons.online().await;
    whole.online().await;

    proxy.set(Line::Cut);
    let begun = Instant::now();
    buttons.press_all();
    buttons.press_all();
    whole.press(0);
    let meanwhile = house.called(BOARDS + 1, begun).await;
    eventually("the page shows that they are away", async || {
        (house.away().await == BOARDS).then_some(())
    })
    .await;
    assert!(meanwhile < AT_ONCE, "the whole line is held up: {meanwhile:?}");
    tokio::time::sleep(CUT.saturating_sub(begun.elapsed())).await;
    proxy.set(Line::Open);
    let begun = Instant::now();
    buttons.settle().await;
    let after_cut = begun.elapsed();
    for lift in 1..=BOARDS {
        house.called(lift, begun).await;
    }

    // Slower than any line in use: a telephone modem of 1984.
    proxy.set(Line::Slow(300));
    let begun = Instant::now();
    buttons.press_all();
    whole.press(1);
    let meanwhile = house.called(BOARDS + 2, begun).await;
    assert!(meanwhile < AT_ONCE, "the slow line holds up the whole one: {meanwhile:?}");
    buttons.settle().await;
    let slow = begun.elapsed();

    // A switch without power: nobody is told by the network that anything is wrong.
    proxy.set(Line::Held);
    let begun = Instant::now();
    buttons.press_all();
    whole.press(2);
    let meanwhile = house.called(BOARDS + 3, begun).await;
    assert!(meanwhile < AT_ONCE, "the dead line holds up the whole one: {meanwhile:?}");
    let silent = house.shown("silent").await;
    let noticed = begun.elapsed();
    proxy.set(Line::Open);
    let begun = Instant::now();
    buttons.settle().await;
    let after_held = begun.elapsed();

    house.is_over("silent").await;
    whole.settle().await;
    let mut said = buttons.events();
    said.extend(whole.events());
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let loss = (lost(&site, &said), said.len());
    let limit = Duration::from_secs(10);
    row("boards' line cut for 5 s", loss, after_cut, limit, "the boards as away, on the page");
    row("boards' line at 300 bytes/s", loss, slow, limit, "nothing: only slower");
    row(
        &format!("boards' line dead, told of after {noticed:.0?}"),
        loss,
        after_held,
        limit,
        &silent,
    );
    assert!(noticed < Duration::from_secs(75), "{noticed:?}");
}
