//! The operator's one file, `gengfu.toml`: read whole, with every mistake found at once.
//!
//! - [`source`], [`problem`]: the text, what is wrong with it, and how that is shown.
//! - [`fields`], [`kind`], [`foreign`]: reading a table key by key; what each kind of value looks
//!   like; types that read themselves.
//! - [`site`], [`web`], [`mqtt`] with [`broker`], [`modbus`], [`place`], [`device`] with [`way`], [`front`], [`beside`], [`adjust`] and [`alike`],
//!   [`rule`], [`channel`], [`camera`], [`path_test`], [`boards`],
//!   [`logging`]: the sections of the file.
//! - [`listen`], [`secret`]: checks that reach over sections: addresses, files.
//! - [`change`]: what a reload can't change.

mod adjust;
mod alike;
pub mod beside;
mod boards;
pub mod broker;
pub mod camera;
pub mod change;
mod channel;
pub mod device;
mod fields;
mod foreign;
pub mod front;
pub mod history;
pub mod homeassistant;
pub mod influxdb;
mod kind;
mod listen;
pub mod logging;
pub mod modbus;
pub mod mqtt;
mod path_test;
mod place;
pub mod problem;
mod rule;
mod secret;
pub mod site;
pub mod source;
#[cfg(test)]
mod tests;
mod updates;
mod way;
pub mod web;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use gengfu_channel::Settings;
use gengfu_core::{
    device::Device,
    id::{ChannelId, DeviceId, PlaceId, PointId},
    site::Place,
    wiring::{ChannelInfo, PathTest, Wiring},
};
use gengfu_field::profile::Library;
use gengfu_store::history::Kept;
use imbl::OrdMap;
use toml::de::DeTable;

use self::{
    fields::{Fields, Walk},
    listen::Listeners,
    problem::{At, Problems, Report},
    source::Source,
};

/// Everything that the file says.
#[derive(Debug, Clone)]
pub struct Config {
    /// The site.
    pub site: site::Site,
    /// Where the journal, keys and certificates are kept.
    pub data_dir: PathBuf,
    /// Where the pages and the API are reached.
    pub web: web::Web,
    /// How boards and other sources reach the gateway.
    pub mqtt: mqtt::Mqtt,
    /// Modbus buses by id.
    pub buses: BTreeMap<String, modbus::Bus>,
    /// Places by id.
    pub places: OrdMap<PlaceId, Place>,
    /// Devices as core knows them, the site's own rules included.
    pub devices: BTreeMap<DeviceId, Arc<Device>>,
    /// How the field side reaches them.
    pub links: BTreeMap<DeviceId, device::Link>,
    /// Ways of reaching people.
    pub channels: BTreeMap<ChannelId, Settings>,
    /// When and how the path to people is tested.
    pub path_test: PathTest,
    /// Where a copy of the telemetry goes.
    pub influxdb: Option<influxdb::InfluxDb>,
    /// What is spoken with Home Assistant.
    pub homeassistant: homeassistant::HomeAssistant,
    /// How long telemetry is kept.
    pub history: Kept,
    /// Cameras by id.
    pub cameras: BTreeMap<String, camera::Camera>,
    /// What of their pictures is kept.
    pub pictures: camera::Kept,
    /// The public key of the firmware that boards are given.
    pub updates: Option<PathBuf>,
    /// Where the firmware lies that new boards are given.
    pub images: PathBuf,
    /// How the log is written.
    pub log: logging::Log,
    /// The profiles that boards added later are made from too.
    pub profiles: Library,
    /// Where the operator's own profiles lie.
    pub profiles_folder: Option<PathBuf>,
}

/// A file that can be used, with what is worth a thought in it.
#[derive(Debug)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// Its warnings.
    pub report: Report,
}

/// Where the journal is kept unless the file says otherwise.
const DATA_DIR: &str = "/var/lib/gengfu";
/// Where the local authority is kept, below the data folder.
const AUTHORITY: &str = "tls";

impl Config {
    /// Reads the file at `path` and everything it names. Changes nothing, listens nowhere, connects
    /// to nothing: a reload is another call of this.
    ///
    /// # Errors
    /// All mistakes of the file at once, each with its place and its remedy.
    pub fn load(path: &Path) -> Result<Loaded, Report> {
        let problems = Problems::default();
        let bytes = fs::read(path).unwrap_or_else(|e| {
            problems.syntax(
                0..0,
                format!("the file can't be read: {e}"),
                "correct its path or rights",
            );
            vec![]
        });
        let text = String::from_utf8(bytes).unwrap_or_else(|e| {
            let at = e.utf8_error().valid_up_to();
            problems.syntax(at..at, "the file is not UTF-8 from here on", "save it as UTF-8");
            String::from_utf8_lossy(e.as_bytes()).into_owned()
        });
        let source = Source::new(path, text);
        let folder = path.parent().unwrap_or_else(|| Path::new(""));
        let config = read(&source, Walk { problems: &problems, folder });
        let problems = problems.into_sorted(&source);
        let report = Report { source, problems };
        match config {
            Some(config) if report.errors() == 0 => Ok(Loaded { config, report }),
            _ => Err(report),
        }
    }

    /// People can answer what comes through this channel: by the channel itself, or by the link in
    /// the message, which needs an address of the page.
    pub fn answerable(&self, channel: &Settings) -> bool {
        channel.answers() || self.web.public_url.is_some()
    }

    /// How the pages are served.
    pub fn tls(&self) -> gengfu_web::Tls {
        match &self.web.tls {
            web::Tls::Off => gengfu_web::Tls::Off,
            web::Tls::Files { certificate, key } => {
                gengfu_web::Tls::Files { certificate: certificate.clone(), key: key.clone() }
            }
            web::Tls::Local => self.local_tls(),
        }
    }

    /// A certificate of the authority that the gateway makes for itself.
    pub fn local_tls(&self) -> gengfu_web::Tls {
        gengfu_web::Tls::Local { dir: self.authority(), names: self.web.hostnames.clone() }
    }

    /// Where that authority is kept.
    pub fn authority(&self) -> PathBuf {
        self.data_dir.join(AUTHORITY)
    }

    /// How much each point must move to be a row of the history.
    pub fn deadbands(&self) -> BTreeMap<PointId, f64> {
        let all = self.links.values().flat_map(|link| &link.deadbands);
        all.map(|(id, deadband)| (id.clone(), *deadband)).collect()
    }

    /// What core is told of it.
    pub fn wiring(&self) -> Wiring {
        let channels = self.channels.iter().map(|(id, settings)| {
            (id.clone(), ChannelInfo { answerable: self.answerable(settings) })
        });
        Wiring {
            site: self.site.id.clone(),
            name: self.site.name.clone(),
            time_zone: self.site.time_zone.clone(),
            language: self.site.language,
            places: self.places.clone(),
            devices: self.devices.iter().map(|(id, d)| (id.clone(), d.clone())).collect(),
            channels: channels.collect(),
            path_test: self.path_test.clone(),
        }
    }
}

fn read(source: &Source, walk: Walk<'_>) -> Option<Config> {
    let (document, errors) = DeTable::parse_recoverable(source.text());
    for error in errors {
        let what = format!("this is not TOML: {}", error.message().replace('\n', ", "));
        walk.problems.syntax(error.span().unwrap_or(0..0), what, "correct this line");
    }
    let mut file = Fields::new(walk, 0..0, "the file", document.into_inner());
    let mut listeners = Listeners::default();
    let data_dir = file.or("data_dir", PathBuf::from(DATA_DIR));
    let data_dir = secret::full(walk.folder, &data_dir);
    let own = file.optional::<PathBuf>("profiles");
    let profiles_folder = own.as_ref().map(|at| secret::full(file.walk.folder, &at.value));
    let profiles = profiles(file.walk, own.zip(profiles_folder.as_deref()));
    let site = match file.take("site") {
        Some(node) => node.fields("[site]").and_then(site::read),
        None => {
            walk.problems.missing(
                &(0..0),
                "the file has no [site]",
                "add [site] with `id`, `name` and `time_zone`",
            );
            None
        }
    };
    let web = web::read(file.table("web"), &mut listeners);
    let mut names = vec![];
    let mqtt = mqtt::read(file.table("mqtt"), &mut listeners, &mut names);
    listeners.check(walk.problems);
    let buses = modbus::read(file.table("modbus"));
    let places = place::read(file.tables("places"), walk.problems);
    let channels = channel::read(file.table("channels"), &data_dir);
    let nodes = file.tables("devices");
    let mut devices = profiles.as_ref().map_or_else(device::Devices::default, |profiles| {
        let is_embedded = matches!(mqtt.broker, mqtt::Broker::Embedded { .. });
        let (places, buses, channels, brokers) = (&places, &buses, &channels, &mqtt.further);
        let around = device::Around { places, buses, channels, brokers, profiles, is_embedded };
        device::read(nodes, around)
    });
    mqtt::check_names(walk.problems, &names, &devices.links);
    rule::read(file.tables("rules"), &mut devices);
    let path_test = path_test::read(file.table("path_test"), &channels, &data_dir);
    let wanted = file.take("influxdb").and_then(|node| node.fields("[influxdb]"));
    let influxdb = wanted.and_then(influxdb::read);
    let homeassistant = homeassistant::read(file.table("homeassistant"));
    let history = history::read(file.table("history"));
    let cameras = camera::read(file.table("cameras"), &places);
    let pictures = camera::read_kept(file.table("pictures"));
    let updates = updates::read(file.table("updates"));
    let images = boards::read(file.table("boards"), &data_dir);
    let log = logging::read(file.table("log"));
    file.done();
    Some(Config {
        site: site?,
        data_dir,
        web,
        mqtt,
        buses,
        places,
        devices: devices.known.into_iter().map(|(id, d)| (id, Arc::new(d))).collect(),
        links: devices.links,
        channels,
        path_test,
        influxdb,
        homeassistant,
        history,
        cameras,
        pictures,
        updates,
        images,
        log,
        profiles: profiles?,
        profiles_folder,
    })
}

/// The shipped profiles, and those in the folder that `profiles` names.
fn profiles(walk: Walk<'_>, own: Option<(At<PathBuf>, &Path)>) -> Option<Library> {
    let problems = walk.problems;
    let mut library = Library::shipped()
        .map_err(|mistakes| {
            for mistake in mistakes {
                problems.error(&(0..0), mistake.what(), "this build is broken: use another one");
            }
        })
        .ok()?;
    if let Some((at, folder)) = own {
        for mistake in library.add_folder(folder) {
            problems.note_broken("profile", mistake.profile());
            let what = format!("a profile can't be used: {}", mistake.what());
            problems.error(&at.span, what, mistake.remedy);
        }
    }
    Some(library)
}
