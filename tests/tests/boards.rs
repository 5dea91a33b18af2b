//! A board from the box to the wall: `gengfu board` makes it, lists it, and has it blink.

use std::process::{Command, Output};

use gengfu_sim::building::{Board, BoardSettings, Login};
use gengfu_tests::{
    LIMIT, eventually,
    gateway::{Gateway, program},
    operator::{Operator, PASSWORD},
    site::{SITE, Site},
};
use gengfu_wire::identity;
use tokio::time::timeout;

fn gengfu_board(site: &Site, args: &[&str]) -> Output {
    let mut command = Command::new(program().unwrap());
    command.arg("board").args(args).arg("--config").arg(site.config());
    command.env("GENGFU_PASSWORD", PASSWORD).current_dir(site.folder()).output().unwrap()
}

fn said(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8(both).unwrap()
}

/// The flash as the boot loader would write it, block by block.
fn flashed(file: &[u8]) -> Vec<u8> {
    let mut flash = vec![0xff; 2 * 1024 * 1024];
    let count = file.len() / 512;
    assert_eq!(file.len() % 512, 0);
    for (number, block) in file.chunks(512).enumerate() {
        let word = |at: usize| u32::from_le_bytes(block[at..at + 4].try_into().unwrap());
        assert_eq!((word(0), word(4), word(508)), (0x0A32_4655, 0x9E5D_5157, 0x0AB1_6F30));
        assert_eq!((word(8), word(16), word(28)), (0x2000, 256, 0xe48b_ff56));
        assert_eq!((word(20) as usize, word(24) as usize), (number, count));
        let at = (word(12) - 0x1000_0000) as usize;
        flash[at..at + 256].copy_from_slice(&block[32..288]);
    }
    flash
}

#[tokio::test]
async fn a_board_is_made_dropped_onto_and_found_by_its_blinking() {
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let mut firmware: Vec<u8> = (0..50_000_u32).map(|i| (i % 241) as u8).collect();
    // The chip believes its first 252 bytes by the checksum behind them.
    firmware[252..256].copy_from_slice(&0x721a_95cc_u32.to_le_bytes());
    std::fs::write(site.folder().join("board.bin"), &firmware).unwrap();
    let keys = Command::new(program().unwrap())
        .args(["board", "keygen", "updates.key"])
        .current_dir(site.folder())
        .output()
        .unwrap();
    assert!(keys.status.success(), "{}", said(&keys));

    let broker = format!("127.0.0.1:{}", site.mqtt);
    let new =
        ["new", "pit-1", "--kind", "w5500-evb-pico", "--image", "board.bin", "--broker", &broker];
    let new = [&new[..], &["--update-key", "updates.key.pub", "--input", "1=call"]].concat();
    // A place that is not there: nothing is made, and no file is left.
    let nowhere = gengfu_board(&site, &[&new[..], &["--place", "moon"]].concat());
    assert!(!nowhere.status.success() && said(&nowhere).contains("no place \"moon\""));
    assert!(!site.folder().join("pit-1.uf2").exists());
    // No room for the file: it is found before the gateway is asked, so the board can be made afterwards.
    let mut full = Command::new("sh");
    full.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"]).arg(program().unwrap());
    full.arg("board").args(&new).args(["--place", "yard"]).arg("--config").arg(site.config());
    full.env("GENGFU_PASSWORD", PASSWORD).current_dir(site.folder());
    assert!(!full.output().unwrap().status.success());
    assert!(!site.folder().join("pit-1.uf2").exists());
    let made = gengfu_board(&site, &[&new[..], &["--place", "yard"]].concat());
    assert!(made.status.success(), "{}", said(&made));

    let flash = flashed(&std::fs::read(site.folder().join("pit-1.uf2")).unwrap());
    assert_eq!(flash[..firmware.len()], firmware);
    let who = identity::read(&flash[1024 * 1024..]).unwrap();
    assert_eq!((who.site, who.board, who.gateways[0]), (SITE, "pit-1", Some(broker.as_str())));
    assert!(who.update_key.is_some());
    assert!(!said(&made).contains(who.password), "the password is in the file alone");

    // What stands in the page is what the gateway lets in.
    let mut settings = BoardSettings::new("127.0.0.1", site.mqtt, SITE, who.board);
    settings.login = Some(Login { user: who.board.into(), password: who.password.into() });
    let board = Board::start(settings);
    let mut status = board.status();
    timeout(LIMIT, status.wait_for(|s| s.online && s.config != 0)).await.unwrap().unwrap();
    let line = eventually("the board stands in the list", async || {
        let list = said(&gengfu_board(&site, &["list"]));
        list.lines().find(|line| line.contains("software")).map(str::to_owned)
    })
    .await;
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[..2], ["pit-1", "yes"], "{line}");
    assert!(line.contains("power") && line.contains("well"), "{line}");
    let boards = operator.get("boards").await.unwrap();
    let boards = boards.as_array().unwrap();
    assert!(boards.iter().any(|b| b["id"] == "board-1" && b["birth"].is_null()), "it is not there");

    let mut outputs = board.outputs();
    let told = gengfu_board(&site, &["identify", "pit-1", "--seconds", "5"]);
    assert!(told.status.success(), "{}", said(&told));
    timeout(LIMIT, outputs.wait_for(|outputs| outputs.blinking)).await.unwrap().unwrap();

    // A new password in a new file; the old one is worth nothing any more.
    let anew = gengfu_board(&site, &[&new[..8], &["--renew", "--out", "again.uf2"]].concat());
    assert!(anew.status.success(), "{}", said(&anew));
    let flash = flashed(&std::fs::read(site.folder().join("again.uf2")).unwrap());
    assert_ne!(identity::read(&flash[1024 * 1024..]).unwrap().password, who.password);
    board.stop().await;
    gateway.stop().unwrap();
    let away = gengfu_board(&site, &["list"]);
    assert!(!away.status.success() && said(&away).contains("does it run?"), "{}", said(&away));
}

#[tokio::test]
async fn the_commands_trust_the_gateway_s_own_authority_and_nobody_else() {
    let site = Site::new(1, "").unwrap();
    let secure = site.base().replace("http://", "https://");
    let text = std::fs::read_to_string(site.config()).unwrap();
    let text = text.replace("tls = \"off\"", "tls = \"local\"").replace(&site.base(), &secure);
    std::fs::write(site.config(), text).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let root = site.data().join("tls/authority.crt");
    let trusting = reqwest::Certificate::from_pem(&std::fs::read(&root).unwrap()).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([trusting]).build().unwrap();
    let token = gateway.invitation().unwrap();
    Operator::sign_in_through(client, &secure, &token).await.unwrap();
    let list = gengfu_board(&site, &["list"]);
    assert!(list.status.success() && said(&list).contains("board-1"), "{}", said(&list));
    // As from another machine: by its address, and only with the root.
    let there = gengfu_board(&site, &["list", "--gateway", &secure]);
    assert!(!there.status.success(), "{}", said(&there));
    let root = root.to_str().unwrap();
    let there = gengfu_board(&site, &["list", "--gateway", &secure, "--root", root]);
    assert!(there.status.success(), "{}", said(&there));
    let nobody = gengfu_board(&site, &["list", "--person", "nobody"]);
    assert!(!nobody.status.success() && said(&nobody).contains("does not let nobody in"));
}
