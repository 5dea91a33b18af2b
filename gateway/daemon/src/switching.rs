//! Carries out what was ordered of the building's outputs, one order of each output at a time, and
//! says what became of it. What is to be switched is read from the state, so that a restart goes on
//! where it stood.

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
    time::Duration,
};

use gengfu_core::{
    id::{OrderId, PointId},
    input::Input,
    output::{ORDER_LIMIT, Order, OrderEnd},
    point::Value,
    state::State,
    time::Timestamp,
    wiring::Wiring,
};
use gengfu_field::switch::{Ended, Switch};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    config::Config,
    engine::{Job, now},
    field::Field,
    gateway::Running,
    published::Published,
    run::ask,
    way_to::WayTo,
};

/// What can't be switched off is tried again this often.
const AGAIN: Duration = Duration::from_secs(5);
/// What a message switched says so itself within this long: Zigbee devices that sleep take some seconds.
const PROOF: Duration = Duration::from_secs(10);

/// Outputs that are on, or are being switched off, and that a changed configuration names no more: nobody
/// could switch them off then.
pub fn abandoned(state: &State, wiring: &Wiring) -> Vec<PointId> {
    let stays = |id: &PointId| {
        let boards = state.boards.values().map(|board| &board.device);
        wiring.devices.values().chain(boards).any(|d| d.outputs.iter().any(|o| o.id == *id))
    };
    let is_at_rest = |order: &Order| !order.on && !order.is_pending();
    let all = state.outputs.iter().filter(|(id, orders)| {
        state.output(id).is_some() && !orders.standing().is_none_or(is_at_rest) && !stays(id)
    });
    all.map(|(id, _)| id.clone()).collect()
}

/// What is being done about an output.
struct Doing {
    order: OrderId,
    /// It failed, and is tried again then.
    again: Option<Instant>,
    /// Ends it, where another order has taken its place.
    task: Option<tokio::task::AbortHandle>,
}

/// Carries out orders for as long as the gateway runs.
pub async fn run(running: Weak<Running>, field: Weak<Mutex<Field>>) {
    let Some(published) = running.upgrade().map(|r| r.published.clone()) else { return };
    let mut changes = published.changes();
    let mut doing: BTreeMap<PointId, Doing> = BTreeMap::new();
    let mut tasks: JoinSet<(PointId, OrderId, Ended)> = JoinSet::new();
    loop {
        {
            let (Some(running), Some(field)) = (running.upgrade(), field.upgrade()) else { return };
            begin(&published.state(), &mut doing, &mut tasks, (&running, &field)).await;
        }
        let again = doing.values().filter_map(|d| d.again).min();
        let ended = tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            Some(ended) = tasks.join_next(), if !tasks.is_empty() => ended,
            () = sleep_until(again.unwrap_or_else(Instant::now)), if again.is_some() => continue,
        };
        // One that was ended because another order took its place has nothing to say.
        let Ok((output, order, ended)) = ended else { continue };
        if let Some(known) = doing.get_mut(&output).filter(|d| d.order == order) {
            known.task = None;
            known.again = (ended.end != OrderEnd::Done).then(|| Instant::now() + AGAIN);
        }
        let Some(commands) = running.upgrade().map(|r| r.commands.clone()) else { return };
        tell(&commands, output, order, ended).await;
    }
}

async fn tell(commands: &mpsc::Sender<Job>, output: PointId, order: OrderId, ended: Ended) {
    let input = Input::Switched { output, order, end: ended.end, why: ended.why };
    if let Err(error) = ask(commands, input).await {
        tracing::error!("what became of an order could not be kept: {error:#}");
    }
}

/// Begins whatever is pending and not being done.
async fn begin(
    state: &State,
    doing: &mut BTreeMap<PointId, Doing>,
    tasks: &mut JoinSet<(PointId, OrderId, Ended)>,
    (running, field): (&Arc<Running>, &Arc<Mutex<Field>>),
) {
    for (output, orders) in &state.outputs {
        let Some(order) = orders.standing() else { continue };
        if !order.is_pending() || state.output(output).is_none() {
            doing.remove(output);
            continue;
        }
        if let Some(known) = doing.get(output) {
            let waits = known.again.is_some_and(|at| at > Instant::now());
            if known.order == order.id && (known.task.is_some() || waits) {
                continue;
            }
            if let Some(task) = &known.task {
                task.abort();
            }
        }
        let config: Arc<Config> = running.config.read().clone();
        let way = field.lock().await.way_to(&config, output);
        let work = carry_out(way, output.clone(), order.clone(), running.published.clone());
        let (output, id) = (output.clone(), order.id);
        let task = tasks.spawn({
            let output = output.clone();
            async move { (output, id, work.await) }
        });
        doing.insert(output, Doing { order: id, again: None, task: Some(task) });
    }
}

async fn carry_out(
    way: Option<WayTo>,
    output: PointId,
    order: Order,
    published: Arc<Published>,
) -> Ended {
    // One from before a restart may have been carried out: a second impulse could stop a gate half-way.
    let started_at = published.state().live.started_at;
    let left = (order.at + ORDER_LIMIT).since(now());
    if order.on && (order.at < started_at || left.as_millis() == 0) {
        let zh = "网关中途重启，不知道执行了没有";
        return Ended::unclear(zh, "the gateway was away meanwhile: it may have been done or not");
    }
    let not_after = order.on.then(|| Instant::now() + left.to_std());
    match way {
        None => Ended::failed("没有到达该设备的通路", "there is no way to its device"),
        Some(WayTo::Bus(bus)) => {
            let (answer, ended) = oneshot::channel();
            let wish = Switch { output, on: order.on, not_after, answer };
            if bus.send(wish).await.is_err() {
                return Ended::failed("总线已停止", "its bus has stopped");
            }
            let gone = || Ended::unclear("总线重新启动", "its bus was started anew meanwhile");
            ended.await.unwrap_or_else(|_| gone())
        }
        Some(WayTo::Topic { is_connected: false, .. }) => {
            Ended::failed("连不上 MQTT 服务器", "the MQTT broker can't be reached")
        }
        Some(WayTo::Topic { outbound, on, off, .. }) => {
            let sent = now();
            let message = if order.on { on } else { off };
            if outbound.publish(message).await.is_err() {
                return Ended::failed("MQTT 已停止", "the MQTT client has stopped");
            }
            match timeout(PROOF, stands(&published, &output, order.on, sent)).await {
                Ok(()) => Ended::done(),
                Err(_) => Ended::unclear(
                    "已发出，但设备没有回报",
                    "it was sent, and the device did not report that it switched",
                ),
            }
        }
    }
}

/// Waits until the device itself says, after `since`, that the output stands so.
async fn stands(published: &Published, output: &PointId, on: bool, since: Timestamp) {
    let mut changes = published.changes();
    loop {
        let state = published.state();
        let says = state.live.values.get(output).filter(|reading| reading.received_at >= since);
        let wanted = Value::Bool(on);
        if says.is_some_and(|r| r.sample.as_ref().is_ok_and(|value| value.same_as(&wanted))) {
            return;
        }
        if changes.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}
