//! The disk hangs: it takes a write and does not come back from it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use gengfu_tests::{eventually, hooks::Hooks, site::Site};

use crate::house::{House, boards, lost, row};

/// How long the disk hangs.
const HANGS: Duration = Duration::from_secs(12);
/// A call is told within this, whatever the disk does.
const AT_ONCE: Duration = Duration::from_secs(5);

/// An ext4 file system of its own. Dropping it takes it away.
struct Ext4(PathBuf);

impl Ext4 {
    /// Makes one in a file and mounts it; none where this machine does not permit it.
    fn mount(file: &Path, at: &Path) -> Option<Self> {
        let runs = |program: &str, args: &[&str]| {
            let done = Command::new(program).args(args).output();
            done.is_ok_and(|done| done.status.success()).then_some(())
        };
        let (file, folder) = (file.to_str()?, at.to_str()?);
        std::fs::create_dir_all(at).ok()?;
        runs("truncate", &["-s", "64M", file])?;
        runs("/usr/sbin/mkfs.ext4", &["-q", file])?;
        runs("mount", &["-o", "loop", file, folder])?;
        Some(Self(at.to_owned()))
    }

    /// Has it hang for so long. The child ends it, even where the test has ended by then.
    fn hang(&self, time: Duration) -> Child {
        let (at, seconds) = (self.0.display(), time.as_secs());
        let script = format!(
            "fsfreeze -f '{at}' && touch '{at}-hangs'; sleep {seconds}; fsfreeze -u '{at}'"
        );
        let mut child = Command::new("sh");
        child.args(["-c", &script]).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").spawn().unwrap()
    }
}

impl Drop for Ext4 {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_hangs_is_told_of_and_stops_no_call() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(2, "").unwrap();
    let Some(disk) = Ext4::mount(&site.folder().join("disk"), &site.data()) else {
        println!("skipped: this machine permits no file system of our own (ext4 on a loop device)");
        return;
    };
    let house = House::at(site, hooks).await;
    let mut buttons = boards(house.site.mqtt, 1..=2);
    buttons.online().await;

    let mut hanging = disk.hang(HANGS);
    let mark = house.site.folder().join("data-hangs");
    eventually("the disk hangs", async || mark.exists().then_some(())).await;
    let begun = Instant::now();
    buttons.press(0);
    let first = house.called(1, begun).await;
    let alarm = house.alarmed("The journal can't be written").await;
    let again = Instant::now();
    buttons.press(1);
    let second = house.called(2, again).await;
    assert!(begun.elapsed() < HANGS, "the disk hangs no more: {first:?}, {second:?}");
    for board in buttons.boards() {
        let status = *board.status().borrow();
        assert_eq!((status.receipts, status.queue), (0, 1), "the board must keep its copy");
    }

    assert!(hanging.wait().unwrap().success());
    let begun = Instant::now();
    house.is_over("The journal can't be written").await;
    let back = begun.elapsed();
    buttons.settle().await;
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let said = buttons.events();
    let loss = (lost(&site, &said), said.len());
    let fault = format!(
        "disk hangs for {HANGS:?}: calls told after {first:.1?} and {second:.1?}, without it"
    );
    row(&fault, loss, back, Duration::from_secs(10), &alarm);
    assert!(first.max(second) < AT_ONCE, "{first:?}, {second:?}");
    drop(disk);
}
