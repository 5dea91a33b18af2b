//! `gengfu bench`: what this machine reaches, beside the floor measured in the same run. Times on a
//! busy machine drift, so ratios are what to look at.
//!
//! - [`floor`]: one write to the disk, and one round trip through a bare broker.
//! - [`walk`]: from a board's publish to its receipt, and to the hand-over to a channel.
//! - [`field`]: the same with thousands of points and messages a second beside it.
//! - [`size`]: memory and start-up of the program itself.

mod field;
mod floor;
mod size;
mod walk;

use std::{path::PathBuf, time::Duration};

use anyhow::Context;
use gengfu_store::bench as store;

/// How the figures are taken.
pub struct Settings {
    /// Fewer and shorter.
    pub quick: bool,
    /// Where files are made.
    pub dir: Option<PathBuf>,
}

/// Takes all figures and prints them.
///
/// # Errors
/// Where something can't be started or written.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let root = match &settings.dir {
        Some(dir) => tempfile::Builder::new().prefix("gengfu-bench-").tempdir_in(dir)?,
        None => tempfile::Builder::new().prefix("gengfu-bench-").tempdir()?,
    };
    let folder = |name: &str| {
        let path = root.path().join(name);
        std::fs::create_dir(&path).with_context(|| format!("{} can't be made", path.display()))?;
        anyhow::Ok(path)
    };
    let quick = settings.quick;
    let seconds = Duration::from_secs(if quick { 2 } else { 10 });

    heading("floor: what the disk and a bare broker take, without a pause");
    let times = if quick { 200 } else { 2_000 };
    let busy = floor::measure(&folder("floor")?, times, Duration::ZERO).await?;
    println!("{:<44}{}", "fdatasync of 200 bytes", busy.disk.show());
    println!("{:<44}{}", "QoS 1 round trip, bare embedded broker", busy.broker.show());
    println!("{:<44}p50 {}  p99 {}", "floor = both, in turn", ms(busy.p50()), ms(busy.p99()));

    heading("walk: publish of an event → its receipt, and → hand-over to a channel");
    let rates: &[u32] = if quick { &[20, 100] } else { &[1, 100, 1_000] };
    let mut alone = None;
    for rate in rates {
        progress(&format!("{rate} calls a second"));
        let pace = Duration::from_secs(1) / *rate;
        // Ten seconds of each at the most.
        let times = times.min(10 * usize::try_from(*rate)?);
        let paced = floor::measure(&folder(&format!("floor-{rate}"))?, times, pace).await?;
        let walk = walk::measure(&folder(&format!("walk-{rate}"))?, *rate, seconds, None).await?;
        if *rate == 100 {
            alone = Some(walk.handed_over);
        }
        let floor = format!("{rate}/s: floor at this pace");
        println!("{floor:<44}p50 {:>9}  p99 {:>9}", ms(paced.p50()), ms(paced.p99()));
        println!("{:<44}{}", format!("{rate}/s → receipt"), walk.receipt.show());
        let over = &walk.handed_over;
        println!("{:<44}{}", format!("{rate}/s → hand-over"), over.show());
        left_out(walk.left_out);
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        for (which, floor) in [("at this pace", &paced), ("without a pause", &busy)] {
            let middle = ratio(over.p50, floor.p50());
            let edge = ratio(over.p99, floor.p50());
            let met = |ok: bool| if ok { "reached" } else { "missed" };
            let aim =
                format!("p50 within 2x {}, p99 within 5x {}", met(middle <= 2.0), met(edge <= 5.0));
            println!(
                "{:<44}{middle:.1}x and {edge:.1}x{}",
                format!("  of the floor's p50 {which}"),
                if *rate == 100 { format!("   aim: {aim}") } else { String::new() }
            );
        }
    }

    heading("the same at 100 calls a second, with the field at work");
    let at_work = field::FieldAtWork::start(quick).await?;
    progress(&at_work.words());
    let walk = walk::measure(&folder("field")?, 100, seconds, Some(at_work)).await?;
    println!("{:<44}{}", "100/s → receipt", walk.receipt.show());
    println!("{:<44}{}", "100/s → hand-over", walk.handed_over.show());
    left_out(walk.left_out);
    if let Some(alone) = alone {
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        println!(
            "{:<44}{:.1}x and {:.1}x",
            "  of the hand-over's p50 and p99 without it",
            ratio(walk.handed_over.p50, alone.p50),
            ratio(walk.handed_over.p99, alone.p99)
        );
    }
    if let Some(work) = walk.work {
        println!(
            "{:<44}{:.0} points /s, {:.0} messages /s, {} readings dropped",
            "  meanwhile, sustained", work.polled, work.messages, work.dropped
        );
    }

    heading("keeping: durable events and telemetry, sustained");
    progress("appending");
    let kept = store::append(&folder("append")?, 100, if quick { 200 } else { 5_000 })?;
    let per_second = kept.events as f64 / kept.elapsed.as_secs_f64();
    println!("{:<44}{per_second:>10.0} /s   aim 20,000", "durable events, 100 a write");
    let offered = if quick { 100_000 } else { 200_000 };
    let told = store::record(&folder("record")?, offered, seconds)?;
    println!(
        "{:<44}{:>10.0} /s   aim 100,000 ({} of {} dropped)",
        "telemetry readings",
        told.recorded as f64 / told.elapsed.as_secs_f64(),
        told.dropped,
        told.recorded + told.dropped
    );

    heading("coming back");
    for events in if quick { vec![10_000] } else { vec![100_000, 1_000_000] } {
        progress(&format!("replaying {events} events"));
        let back = store::replay(&folder(&format!("replay-{events}"))?, events)?;
        println!(
            "{:<44}whole {}  from a snapshot {}",
            format!("{events} events"),
            ms(back.whole),
            ms(back.from_snapshot)
        );
    }

    heading("size of the program at rest");
    for points in if quick { vec![1_000] } else { vec![1_000, 10_000] } {
        let size = size::measure(&folder(&format!("size-{points}"))?, points).await?;
        let aim = if points == 1_000 { "   aim under 30 MiB" } else { "" };
        println!(
            "{:<44}{:>6.1} MiB  start to first answer {}{aim}",
            format!("{points} points"),
            size.resident_kib as f64 / 1024.0,
            ms(size.start)
        );
    }
    Ok(())
}

/// Says where the rate was not kept because incidents were not ended as fast.
fn left_out(calls: u64) {
    if calls > 0 {
        println!("{:<44}{calls} calls, the lift's incident before was still open", "  left out");
    }
}

fn heading(words: &str) {
    println!("\n== {words}");
}

fn progress(words: &str) {
    eprintln!("   … {words}");
}

/// Milliseconds, as people read them.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// The middle and the edge of many times.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    /// Half of them are shorter.
    pub p50: Duration,
    /// All but one in a hundred are shorter.
    pub p99: Duration,
    /// How many they are.
    pub count: usize,
}

impl Spread {
    /// Of these times.
    ///
    /// # Errors
    /// Where there are none.
    pub fn of(mut times: Vec<Duration>) -> anyhow::Result<Self> {
        anyhow::ensure!(!times.is_empty(), "nothing was measured");
        times.sort_unstable();
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
        Ok(Self { p50: at(50), p99: at(99), count: times.len() })
    }

    fn show(&self) -> String {
        format!("p50 {:>9}  p99 {:>9}  ({} times)", ms(self.p50), ms(self.p99), self.count)
    }
}
