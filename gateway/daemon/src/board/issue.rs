//! `gengfu board new`: a board's entry and password at the gateway, and the file that makes it that board:
//! firmware and identity in one UF2.

use std::{
    fs,
    io::{self, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use gengfu_core::id::DeviceId;
use gengfu_wire::identity::{self, Credentials, MAX_GATEWAYS, MAX_IDENTITY};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    door::{Access, Door},
    image, key,
    kind::Kind,
    list::in_path,
    trust,
    uf2::{self, Piece},
};
use crate::{brokers::secret, config::Config};

/// A new board.
#[derive(Debug, Args)]
pub struct New {
    /// The board's name for programs, its user name at the broker too
    pub board: DeviceId,
    /// Its firmware: ELF, UF2 or plain bytes; more than once where it has a boot loader of its own
    #[arg(long, required = true)]
    pub image: Vec<PathBuf>,
    /// What kind of board it is
    #[arg(long, value_enum)]
    pub kind: Kind,
    /// The new file to drop onto it; the board's name with .uf2 unless said otherwise
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Where the board finds the gateway's broker, as host:port; up to three, tried in this order
    #[arg(long, required = true)]
    pub broker: Vec<String>,
    /// SHA-256 of the public key of the broker's certificate, 64 hexadecimal digits; not for this gateway's own
    #[arg(long)]
    pub broker_key: Option<String>,
    /// The public key of updates, as `gengfu board keygen` made it; without it the board takes none
    #[arg(long)]
    pub update_key: Option<PathBuf>,
    /// Where plain bytes of an image go, and nothing else: 0x10000000 is the flash's first byte
    #[arg(long, default_value = "0x10000000", value_parser = address)]
    pub image_at: u32,
    /// Where the firmware looks for who it is, where that is not what its kind has
    #[arg(long, value_parser = address)]
    pub identity_at: Option<u32>,
    /// The place where it hangs
    #[arg(long, required_unless_present_any = ["renew", "password_file"])]
    pub place: Option<String>,
    /// What an input tells of, as 1=call; once for each input
    #[arg(long)]
    pub input: Vec<String>,
    /// The profile
    #[arg(long, default_value = "board")]
    pub profile: String,
    /// Its name for people, Chinese
    #[arg(long)]
    pub zh: Option<String>,
    /// Its name for people, English
    #[arg(long)]
    pub en: Option<String>,
    /// The board is known already: give it a new password; the old one is worth nothing any more
    #[arg(long, conflicts_with = "password_file")]
    pub renew: bool,
    /// The board stands in the configuration file: take its password from its file, and ask no gateway
    #[arg(long)]
    pub password_file: Option<PathBuf>,
    /// The running gateway
    #[command(flatten)]
    pub access: Access,
}

/// `0x10000000` or a plain number.
fn address(text: &str) -> Result<u32, String> {
    let read = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    read.map_err(|_| format!("\"{text}\" is no address: write it as 0x10000000"))
}

/// Makes the board, and its file.
///
/// # Errors
/// Where anything does not fit; the board is not made then, nor is its password changed.
pub async fn run(new: &New, out: &mut impl Write) -> anyhow::Result<()> {
    let loaded = Config::load(&new.access.config).map_err(|report| anyhow::anyhow!("{report}"))?;
    let config = loaded.config;
    let site = config.site.id.as_str();
    // As long as the one that the gateway will give it: what does not fit is found before it is asked.
    let password = match &new.password_file {
        Some(file) => secret(file)?,
        None => "0".repeat(32),
    };
    let parts = Parts::read(&new.plan(), &config)?;
    let board = new.board.as_str();
    let page = parts.file(site, board, &password)?;
    let name = new.out.clone().unwrap_or_else(|| format!("{}.uf2", new.board).into());
    let mut file = fs::OpenOptions::new();
    let made = file.write(true).create_new(true).mode(0o600).open(&name);
    let mut file =
        made.with_context(|| format!("{} can't be made: choose another by --out", name.display()))?;
    // All of it is on the disk before the gateway is asked: a full one is found while no password is lost by it.
    let written = match fill(&mut file, &page) {
        Ok(()) if new.password_file.is_some() => Ok(page.len()),
        Ok(()) => match credential(new).await {
            Ok(password) => parts.file(site, board, &password).and_then(|bytes| {
                fill(&mut file, &bytes)?;
                Ok(bytes.len())
            }),
            Err(error) => Err(error),
        },
        Err(error) => Err(error.into()),
    };
    let length = match written {
        Ok(length) => length,
        Err(error) => {
            // An empty file would be taken for a board's.
            let _ = fs::remove_file(&name);
            return Err(error);
        }
    };
    writeln!(
        out,
        "{}: {} of site {site}, {} KiB. Hold BOOTSEL while the board is plugged in and drop the file \
         onto its drive. It holds the board's password: delete it afterwards",
        name.display(),
        new.board,
        length.div_ceil(1024),
    )?;
    if new.update_key.is_none() {
        writeln!(out, "Without --update-key the board takes no updates over the network")?;
    }
    Ok(())
}

/// Writes all of a file anew, to the disk.
fn fill(file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Has the gateway make the board, or a new password for it.
async fn credential(new: &New) -> anyhow::Result<String> {
    let door = Door::open(&new.access).await?;
    let answer = match new.renew {
        true => {
            let path = format!("devices/{}/credential", in_path(&new.board));
            door.ask(Method::POST, &path, &json!({})).await
        }
        false => door.ask(Method::POST, "devices", &wish(new)?).await,
    };
    door.close().await;
    let credential = answer?["credential"].as_str().map(str::to_owned);
    credential.context("the gateway gave the board no password")
}

/// The board as the gateway's API takes it.
fn wish(new: &New) -> anyhow::Result<Value> {
    let id = new.board.as_str();
    let mut inputs = Map::new();
    for input in &new.input {
        let Some((number, role)) = input.split_once('=') else {
            bail!("\"{input}\" is no input: write it as 1=call");
        };
        inputs.insert(number.trim().to_owned(), role.trim().into());
    }
    let options = if inputs.is_empty() { json!({}) } else { json!({ "inputs": inputs }) };
    let (zh, en) = (new.zh.as_deref(), new.en.as_deref());
    let name = json!({ "zh": zh.or(en).unwrap_or(id), "en": en.or(zh).unwrap_or(id) });
    Ok(json!({ "id": id, "name": name, "place": new.place, "profile": new.profile,
        "options": options }))
}

impl New {
    fn plan(&self) -> Plan<'_> {
        Plan {
            kind: self.kind,
            images: &self.image,
            image_at: self.image_at,
            identity_at: self.identity_at,
            brokers: &self.broker,
            broker_key: self.broker_key.as_deref(),
            update_key: self.update_key.as_deref(),
        }
    }
}

/// What a board's file is to be made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) kind: Kind,
    pub(super) images: &'a [PathBuf],
    /// Where plain bytes of an image go.
    pub(super) image_at: u32,
    /// Where the identity goes, where that is not what the kind has.
    pub(super) identity_at: Option<u32>,
    pub(super) brokers: &'a [String],
    pub(super) broker_key: Option<&'a str>,
    pub(super) update_key: Option<&'a Path>,
}

/// What goes onto a board, beside its password.
#[derive(Debug)]
pub(super) struct Parts {
    kind: Kind,
    images: Vec<Piece>,
    identity_at: u32,
    brokers: Vec<String>,
    update_key: Option<[u8; 32]>,
    broker_key: Option<[u8; 32]>,
}

impl Parts {
    /// Reads what `plan` names, for a board of this gateway.
    pub(super) fn read(plan: &Plan<'_>, config: &Config) -> anyhow::Result<Self> {
        let mut images = vec![];
        for file in plan.images {
            images.extend(image::read(file, plan.kind.family(), plan.image_at)?);
        }
        image::check(&images, plan.kind)?;
        ensure!(
            plan.brokers.len() <= MAX_GATEWAYS,
            "a board has room for {MAX_GATEWAYS} brokers: name no more of them"
        );
        let mut ports = vec![];
        for broker in plan.brokers {
            let port = broker.rsplit_once(':').filter(|(host, _)| !host.is_empty());
            let port = port.and_then(|(_, port)| port.parse::<u16>().ok()).filter(|p| *p > 0);
            let wrong = || format!("the broker {broker}: write it as host:port");
            ports.push(port.with_context(wrong)?);
        }
        let update_key = plan.update_key.map(key::public).transpose()?.map(|key| key.to_bytes());
        let broker_key = match plan.broker_key {
            Some(digits) => Some(key::digest(digits).context("the broker's key is 64 digits")?),
            None => trust::key_for(config, &ports)?,
        };
        let identity_at = plan.identity_at.unwrap_or_else(|| plan.kind.identity());
        ensure!(
            identity_at.is_multiple_of(uf2::SECTOR),
            "--identity-at {identity_at:#010x}: a page begins at a multiple of {:#x}",
            uf2::SECTOR
        );
        let (kind, brokers) = (plan.kind, plan.brokers.to_vec());
        Ok(Self { kind, images, identity_at, brokers, update_key, broker_key })
    }

    /// The whole file.
    pub(super) fn file(&self, site: &str, board: &str, password: &str) -> anyhow::Result<Vec<u8>> {
        let mut gateways = [None; MAX_GATEWAYS];
        for (slot, broker) in gateways.iter_mut().zip(&self.brokers) {
            *slot = Some(broker.as_str());
        }
        let who = Credentials {
            site,
            board,
            address: None,
            password,
            gateways,
            gateway_key: self.broker_key,
            update_key: self.update_key,
        };
        let mut page = [0; MAX_IDENTITY];
        let bytes = identity::write(&who, &mut page)?.to_vec();
        let mut pieces = self.images.clone();
        let name = "the page that says who the board is".into();
        pieces.push(Piece { name, at: self.identity_at, bytes });
        uf2::write(self.kind.family(), &self.kind.flash(), &pieces)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::board::{image::tests::second_stage, trust::tests::plain};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        new: New,
    }

    fn new(further: &[&str]) -> New {
        let line = ["new", "pit-1", "--kind", "w5500-evb-pico", "--place", "pit"];
        Line::try_parse_from(line.iter().chain(further)).unwrap().new
    }

    #[test]
    fn one_file_has_the_firmware_and_who_the_board_is() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("board.bin");
        // A boot loader and a program in one.
        let mut firmware = second_stage();
        firmware.extend((0..40_000_u32).map(|i| (i % 253) as u8));
        fs::write(&image, &firmware).unwrap();
        let key_file = folder.path().join("k");
        key::generate(&key_file, &mut vec![]).unwrap();
        let (image, key_file) = (image.to_str().unwrap(), folder.path().join("k.pub"));
        let broker = ["--broker", "gengfu.local:1883", "--broker", "192.168.1.20:1883"];
        let mut line = vec!["--image", image, "--update-key", key_file.to_str().unwrap()];
        line.extend(broker);
        let new = new(&line);
        let password = "0123456789abcdef0123456789abcdef";
        let parts = Parts::read(&new.plan(), &plain()).unwrap();
        let file = parts.file("garden-12", "pit-1", password).unwrap();
        let pieces = uf2::read("file", uf2::RP2040, &file).unwrap();
        let [firmware_again, page] = pieces.as_slice() else { panic!("{} pieces", pieces.len()) };
        assert_eq!((firmware_again.at, page.at), (0x1000_0000, 0x1010_0000));
        assert_eq!(firmware_again.bytes[..firmware.len()], firmware);
        // What the board itself reads it by.
        let who = identity::read(&page.bytes).unwrap();
        assert_eq!((who.site, who.board, who.password), ("garden-12", "pit-1", password));
        assert_eq!(who.gateways, [Some("gengfu.local:1883"), Some("192.168.1.20:1883"), None]);
        assert_eq!(who.update_key, Some(key::public(&key_file).unwrap().to_bytes()));
        assert_eq!(who.gateway_key, None);
    }

    #[test]
    fn an_image_that_reaches_the_page_is_refused_and_so_is_a_bad_address() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("board.bin");
        let mut long = second_stage();
        long.resize(1024 * 1024 + 1, 1);
        fs::write(&image, long).unwrap();
        let image = image.to_str().unwrap();
        let fails = |further: &[&str]| {
            let mut line = vec!["--image", image];
            line.extend(further);
            let new = new(&line);
            let made =
                Parts::read(&new.plan(), &plain()).and_then(|parts| parts.file("s", "b", "p"));
            made.unwrap_err().to_string()
        };
        let error = fails(&["--broker", "a:1"]);
        assert!(error.contains("overlap") && error.contains("who the board is"), "{error}");
        assert!(fails(&["--broker", "nowhere"]).contains("host:port"));
        assert!(fails(&["--broker", "a:1", "--broker-key", "12"]).contains("64 digits"));
        let error = fails(&["--broker", "a:1", "--identity-at", "0x101ff100"]);
        assert!(error.contains("multiple"), "{error}");
        let four = ["--broker", "a:1", "--broker", "b:1", "--broker", "c:1", "--broker", "d:1"];
        assert!(fails(&four).contains("room for 3"));
    }

    #[test]
    fn the_gateway_is_asked_for_the_board_that_was_described() {
        let line = ["--image", "x", "--broker", "a:1", "--input", "1=call", "--input", "2=fire"];
        let mut new = new(&line);
        new.en = Some("Pit board".into());
        let wish = wish(&new).unwrap();
        assert_eq!(wish["options"], json!({ "inputs": { "1": "call", "2": "fire" } }));
        assert_eq!(wish["name"], json!({ "zh": "Pit board", "en": "Pit board" }));
        assert_eq!((&wish["place"], &wish["profile"]), (&json!("pit"), &json!("board")));
    }
}
