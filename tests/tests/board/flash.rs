//! `gengfu board flash`: a board's file onto its drive. A folder stands for the drive, which no emulator has;
//! the chip (emulated) then starts from the very bytes that lie in it.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use gengfu_tests::{eventually, gateway::program, operator::PASSWORD, pico::Pico};

use crate::{house::House, pico::made};

fn drive(house: &House, says: &str) -> PathBuf {
    let folder = house.site.folder().join(says);
    std::fs::create_dir(&folder).unwrap();
    let info = format!("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: {says}\n");
    std::fs::write(folder.join("INFO_UF2.TXT"), info).unwrap();
    folder
}

fn flash(house: &House, file: &Path, drive: &Path, within: &str) -> Child {
    let mut flash = Command::new(program().unwrap());
    flash.args(["board", "flash", "--within", within]).arg(file).arg("--drive").arg(drive);
    flash.arg("--config").arg(house.site.config()).env("GENGFU_PASSWORD", PASSWORD);
    flash.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[tokio::test]
async fn a_board_gets_its_file_and_is_awaited() {
    let house = House::with_a_lift().await;
    let (file, drive) = (made(&house, None), drive(&house, "RPI-RP2"));
    let flash = flash(&house, &file, &drive, "120");
    let whole = std::fs::read(&file).unwrap();
    let onto = drive.join("pit.uf2");
    eventually("the file is on the drive", async || {
        (std::fs::read(&onto).ok()? == whole).then_some(())
    })
    .await;
    let _board = Pico::start(&onto).unwrap();
    let flashed = flash.wait_with_output().unwrap();
    assert!(flashed.status.success(), "{}", said(&flashed));
    assert!(said(&flashed).contains("pit is here: "), "{}", said(&flashed));
    assert!(said(&flashed).contains("on w5500-evb-pico, start 1"), "{}", said(&flashed));
}

#[tokio::test]
async fn what_can_t_become_that_board_says_why() {
    let house = House::with_a_lift().await;
    let file = made(&house, None);
    let other = flash(&house, &file, &drive(&house, "RP2350"), "1").wait_with_output().unwrap();
    assert!(!other.status.success());
    assert!(said(&other).contains("calls itself \"RP2350\""), "{}", said(&other));
    // Nobody starts from this one.
    let silent = flash(&house, &file, &drive(&house, "RPI-RP2"), "1").wait_with_output().unwrap();
    assert!(!silent.status.success());
    assert!(
        said(&silent).contains("pit has not come to the gateway within 1 s"),
        "{}",
        said(&silent)
    );
    let folder = house.site.folder();
    let no_drive = flash(&house, &file, folder, "1").wait_with_output().unwrap();
    assert!(said(&no_drive).contains("no board's drive"), "{}", said(&no_drive));
    let image = gengfu_tests::qemu::image(gengfu_tests::pico::KIND).unwrap();
    let bare = flash(&house, &image, folder, "1").wait_with_output().unwrap();
    assert!(said(&bare).contains("no UF2 file"), "{}", said(&bare));
}
