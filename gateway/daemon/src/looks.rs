//! Looks at running Modbus buses, as the pages ask for them: scans that go on by themselves and can be stopped,
//! and single readings. Every question goes through the bus's own task; nothing is written.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::future::BoxFuture;
use gengfu_core::{device::Device, id::PlaceId, point::NoData};
use gengfu_field::{
    modbus::{
        Look,
        connection::{Failure, Values},
        field::{Field as Register, Table},
        plan::{Block, Limits, plan},
    },
    profile::{Kind, Knobs, Overrides, Source},
};
use gengfu_web::modbus::{
    BusUnit, BusView, Buses, BusesView, FoundUnit, RangeWish, RegisterRow, ScanState, ScanView,
    ScanWish, TableName, UnitProfile, UnitRead, UnitWish,
};
use parking_lot::Mutex;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout},
};

use crate::{
    config::{device::Way, modbus::Bus},
    engine::now,
    gateway::Running,
};

/// A reading that takes longer than this is given up: the page shows what there is by then.
const PATIENCE: Duration = Duration::from_secs(8);
/// A question that waits longer than this for its turn finds a bus that hangs.
const TURN: Duration = Duration::from_secs(60);

/// The scans, one a bus.
#[derive(Debug, Default)]
pub struct Scans(Mutex<BTreeMap<String, Arc<Scan>>>);

#[derive(Debug)]
struct Scan {
    view: Mutex<ScanView>,
    stopped: AtomicBool,
}

impl Scan {
    fn end(&self, state: ScanState, why: Option<String>) {
        let mut view = self.view.lock();
        if view.state == ScanState::Going {
            (view.state, view.why) = (state, why);
        }
    }
}

impl Buses for Running {
    fn buses(&self) -> BusesView {
        let config = self.config.read();
        let scans = self.scans.0.lock();
        let units = |bus: &str| {
            let on = config.links.iter().filter_map(|(id, link)| match &link.way {
                Way::Modbus { bus: on, unit } if on == bus => {
                    Some((config.devices.get(id)?, *unit))
                }
                _ => None,
            });
            let unit = |(device, unit): (&Arc<Device>, u8)| BusUnit {
                unit,
                device: device.id.clone(),
                name: device.name.clone(),
                profile: device.profile.clone(),
            };
            let mut units: Vec<BusUnit> = on.map(unit).collect();
            units.sort_by_key(|unit| unit.unit);
            units
        };
        let buses = config.buses.iter().map(|(id, bus)| BusView {
            id: id.clone(),
            line: bus.to_string(),
            units: units(id),
            scan: scans.get(id).map(|scan| scan.view.lock().clone()),
        });
        let profiles = config.profiles.iter().filter(|profile| profile.kind() == Kind::Modbus);
        let profiles = profiles.map(|profile| UnitProfile {
            id: profile.name.clone(),
            title: profile.title().clone(),
        });
        BusesView { buses: buses.collect(), profiles: profiles.collect() }
    }

    fn begin_scan(&self, bus: &str, wish: ScanWish, by: &str) -> Result<(), String> {
        let looks = self.looks(bus)?;
        let mut scans = self.scans.0.lock();
        if scans.get(bus).is_some_and(|scan| scan.view.lock().state == ScanState::Going) {
            return Err("a scan of this bus goes on: wait for its end, or stop it first".into());
        }
        let view = ScanView {
            from: wish.from,
            to: wish.to,
            asked: 0,
            state: ScanState::Going,
            why: None,
            begun_at: now(),
            by: by.to_owned(),
            found: vec![],
        };
        let scan = Arc::new(Scan { view: Mutex::new(view), stopped: AtomicBool::new(false) });
        scans.insert(bus.to_owned(), scan.clone());
        tracing::info!(bus, by, from = wish.from, to = wish.to, "a scan of a bus begins");
        tokio::spawn(run(scan, looks, wish));
        Ok(())
    }

    fn stop_scan(&self, bus: &str) -> bool {
        let scan = self.scans.0.lock().get(bus).cloned();
        let going = scan.filter(|scan| scan.view.lock().state == ScanState::Going);
        going.is_some_and(|scan| {
            scan.stopped.store(true, Ordering::Relaxed);
            scan.end(ScanState::Stopped, None);
            true
        })
    }

    fn read_unit<'a>(
        &'a self,
        bus: &'a str,
        wish: UnitWish,
    ) -> BoxFuture<'a, Result<UnitRead, String>> {
        Box::pin(async move {
            let looks = self.looks(bus)?;
            let what = self.what(bus, &wish)?;
            Ok(read(&looks, wish.unit, what).await)
        })
    }
}

impl Running {
    /// The way to a bus's task.
    fn looks(&self, bus: &str) -> Result<mpsc::Sender<Look>, String> {
        let field = self.field.upgrade().ok_or("the gateway is stopping")?;
        // A reload holds it for as long as buses take to stop.
        let field = field.try_lock().map_err(|_| "the buses are being set up: try again")?;
        if let Some(bus) = field.buses.get(bus) {
            return Ok(bus.handle.looks.clone());
        }
        match self.config.read().buses.get(bus) {
            Some(Bus::Board { board, .. }) => Err(format!(
                "board \"{board}\" reads this bus, by its list alone: look at it with `gengfu modbus` and an adapter"
            )),
            _ => Err("this bus does not run".into()),
        }
    }

    /// Which registers are wanted.
    fn what(&self, bus: &str, wish: &UnitWish) -> Result<What, String> {
        if let Some(range) = &wish.range {
            return What::range(range);
        }
        let config = self.config.read();
        if let Some(id) = &wish.device {
            let link = config.links.get(id).filter(|link| {
                matches!(&link.way, Way::Modbus { bus: on, unit } if on == bus && *unit == wish.unit)
            });
            let (Some(link), Some(device)) = (link, config.devices.get(id)) else {
                return Err(format!("device \"{id}\" is no such unit of this bus"));
            };
            return What::fields(&link.source, device.as_ref().clone());
        }
        let name = wish.profile.as_deref().unwrap_or_default();
        let profile = config.profiles.get(name);
        let profile = profile.ok_or_else(|| format!("there is no profile \"{name}\""))?;
        let (id, place) = ("unit".into(), PlaceId::from("here"));
        let made = profile.expand(&id, profile.title(), &place, &Overrides::default());
        let made = made.map_err(|mistakes| {
            let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            format!("this profile can't be tried by itself: {}", mistakes.join("; "))
        })?;
        What::fields(&made.source, made.device)
    }
}

/// What of a unit is read, and how it wants to be asked.
struct What {
    knobs: Knobs,
    blocks: Vec<Block>,
    /// None for a plain range, whose registers mean nothing.
    meaning: Option<(Vec<Register>, Device)>,
}

impl What {
    fn fields(source: &Source, device: Device) -> Result<Self, String> {
        let Source::Modbus { knobs, fields } = source else {
            return Err("this profile is not one of a Modbus device".into());
        };
        let blocks = plan(fields, Limits::from(knobs));
        Ok(Self { knobs: knobs.clone(), blocks, meaning: Some((fields.clone(), device)) })
    }

    fn range(wish: &RangeWish) -> Result<Self, String> {
        if u32::from(wish.address) + u32::from(wish.count) > 0x1_0000 {
            return Err("the range reaches past address 65,535: take fewer".into());
        }
        let block = Block {
            table: table(wish.table),
            start: wish.address,
            count: wish.count,
            fields: vec![],
            poll: None,
        };
        Ok(Self { knobs: Knobs::default(), blocks: vec![block], meaning: None })
    }

    /// Two parts of a block that was refused for one of its addresses; none where there are none.
    fn split(&self, block: &Block, failure: &Failure) -> Option<(Block, Block)> {
        let Failure::Exception(code) = failure else { return None };
        let (fields, _) = self.meaning.as_ref().filter(|_| matches!(u8::from(*code), 2 | 3))?;
        block.split(fields)
    }

    /// The rows of a block, or of none of its values and why.
    fn rows(&self, block: &Block, values: Result<&Values, NoData>) -> Vec<RegisterRow> {
        let raw = |from: usize, count: usize| match values {
            Ok(Values::Registers(words)) => words.iter().skip(from).take(count).copied().collect(),
            Ok(Values::Bits(bits)) => {
                bits.iter().skip(from).take(count).map(|bit| u16::from(*bit)).collect()
            }
            Err(_) => vec![],
        };
        let plain = |address: u16, raw: Vec<u16>| RegisterRow {
            table: table_name(block.table),
            address,
            raw,
            name: None,
            unit: String::new(),
            value: None,
            word: None,
            no_data: None,
        };
        let Some((fields, device)) = &self.meaning else {
            let rows = (0..block.count).map(|n| plain(block.start + n, raw(usize::from(n), 1)));
            return rows.filter(|row| !row.raw.is_empty()).collect();
        };
        let row = |index: &usize| {
            let field = fields.get(*index)?;
            let from = usize::from(field.address.checked_sub(block.start)?);
            let length = if field.table.is_bits() { 1 } else { usize::from(field.length) };
            let point = device.points.iter().find(|point| point.id == field.point)?;
            let sample = values.and_then(|values| values.sample(field, from));
            Some(RegisterRow {
                name: Some(point.name.as_ref().clone()),
                unit: point.unit.clone(),
                word: sample.as_ref().ok().and_then(|value| device.word(value)).cloned(),
                no_data: sample.as_ref().err().copied(),
                value: sample.ok(),
                ..plain(field.address, raw(from, length))
            })
        };
        block.fields.iter().filter_map(row).collect()
    }
}

/// What a point says of which nothing came.
fn reason(failure: &Failure) -> NoData {
    match failure {
        Failure::Exception(_) => NoData::Refused,
        Failure::Garbled(_) => NoData::Garbled,
        Failure::Silence(_) | Failure::Lost(_) => NoData::Timeout,
    }
}

/// Asks for every block, as far as the time goes.
async fn read(looks: &mpsc::Sender<Look>, unit: u8, what: What) -> UnitRead {
    let (mut rows, mut troubles) = (vec![], BTreeSet::new());
    let end = Instant::now() + PATIENCE;
    let limit = what.knobs.timeout.to_std();
    let mut blocks: VecDeque<Block> = what.blocks.iter().cloned().collect();
    while let Some(block) = blocks.pop_front() {
        let left = end.saturating_duration_since(Instant::now());
        let answer = match timeout(left, ask(looks, unit, block.clone(), limit)).await {
            Ok(answer) => answer,
            Err(_) => {
                troubles.insert("the bus has much to do: not all was read in time".to_owned());
                break;
            }
        };
        match answer {
            Ok(values) => rows.extend(what.rows(&block, Ok(&values))),
            Err(failure) => {
                // A device without one of the addresses refuses all: its parts may be good.
                if let Some((left, right)) = what.split(&block, &failure) {
                    blocks.push_front(right);
                    blocks.push_front(left);
                    continue;
                }
                rows.extend(what.rows(&block, Err(reason(&failure))));
                let last = u32::from(block.start) + u32::from(block.count) - 1;
                troubles.insert(format!("{:?} {} to {last}: {failure}", block.table, block.start));
                // Who is silent now is silent about the others too.
                if !matches!(failure, Failure::Exception(_)) {
                    break;
                }
            }
        }
    }
    rows.sort_by_key(|row| (table(row.table), row.address));
    UnitRead { at: now(), rows, troubles: troubles.into_iter().collect() }
}

/// Asks one unit after the other, until somebody stops it.
async fn run(scan: Arc<Scan>, looks: mpsc::Sender<Look>, wish: ScanWish) {
    let limit = Duration::from_millis(wish.timeout_ms.into());
    for unit in wish.from..=wish.to {
        if scan.stopped.load(Ordering::Relaxed) {
            return;
        }
        let block = Block { table: Table::Holding, start: 0, count: 1, fields: vec![], poll: None };
        let asked = Instant::now();
        let Ok(answer) = timeout(TURN, ask(&looks, unit, block, limit)).await else {
            return scan.end(ScanState::Failed, Some("the bus has no time for it".into()));
        };
        let found = FoundUnit {
            unit,
            register: None,
            exception: None,
            garbled: false,
            took_ms: u32::try_from(asked.elapsed().as_millis()).unwrap_or(u32::MAX),
        };
        let found = match answer {
            Ok(Values::Registers(words)) => {
                Some(FoundUnit { register: words.first().copied(), ..found })
            }
            Ok(Values::Bits(_)) | Err(Failure::Silence(_)) => None,
            // A gateway's word that there is nobody behind it.
            Err(Failure::Exception(code)) if matches!(u8::from(code), 10 | 11) => None,
            Err(Failure::Exception(code)) => {
                Some(FoundUnit { exception: Some(code.into()), ..found })
            }
            Err(Failure::Garbled(_)) => Some(FoundUnit { garbled: true, ..found }),
            Err(Failure::Lost(why)) => return scan.end(ScanState::Failed, Some(why)),
        };
        let mut view = scan.view.lock();
        view.asked = unit - wish.from + 1;
        view.found.extend(found);
    }
    scan.end(ScanState::Done, None);
}

/// One question to a bus's task.
async fn ask(
    looks: &mpsc::Sender<Look>,
    unit: u8,
    block: Block,
    limit: Duration,
) -> Result<Values, Failure> {
    let gone = || Failure::Lost("the bus was set up anew: begin again".into());
    let (answer, answered) = oneshot::channel();
    looks.send(Look { unit, block, limit, answer }).await.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())?
}

fn table(name: TableName) -> Table {
    match name {
        TableName::Coil => Table::Coil,
        TableName::Discrete => Table::Discrete,
        TableName::Holding => Table::Holding,
        TableName::Input => Table::Input,
    }
}

fn table_name(table: Table) -> TableName {
    match table {
        Table::Coil => TableName::Coil,
        Table::Discrete => TableName::Discrete,
        Table::Holding => TableName::Holding,
        Table::Input => TableName::Input,
    }
}
