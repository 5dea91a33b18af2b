//! Broken files, each with everything that is said about it.

mod beside;
mod brokers;
mod cascade;
mod units;

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use gengfu_core::{
    id::{DeviceId, PlaceId},
    point::Value,
    rule::Condition,
    time::Span,
    wiring::Wiring,
};

use gengfu_field::profile::Source;

use super::{Config, change::needs_restart, device::Way, problem::Severity};

/// A folder with a fixture in it as `gengfu.toml`, and with the secrets that fixtures name.
fn folder(fixture: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/fixtures");
    let text = fs::read_to_string(fixtures.join(fixture).with_extension("toml")).unwrap();
    fs::write(folder.path().join("gengfu.toml"), text).unwrap();
    for (name, words, mode) in [
        ("good-secret", "correct horse battery\n", 0o600),
        ("open-secret", "correct horse battery\n", 0o644),
        ("empty-secret", "\n", 0o600),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, words).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    folder
}

/// What `gengfu check` prints about a fixture.
fn checked(fixture: &str) -> String {
    let folder = folder(fixture);
    let shown = match Config::load(&folder.path().join("gengfu.toml")) {
        Ok(loaded) => loaded.report.to_string(),
        Err(report) => report.to_string(),
    };
    shown.replace(&format!("{}/", folder.path().display()), "")
}

fn good() -> Config {
    let folder = folder("good");
    Config::load(&folder.path().join("gengfu.toml")).unwrap_or_else(|r| panic!("{r}")).config
}

/// The good fixture with a piece of its text replaced.
fn edited(from: &str, to: &str) -> Result<super::Loaded, super::problem::Report> {
    let folder = folder("good");
    let path = folder.path().join("gengfu.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "the fixture has no {from}");
    fs::write(&path, text.replace(from, to)).unwrap();
    Config::load(&path)
}

#[test]
fn misspelt_keys_and_values_are_all_named_at_once() {
    insta::assert_snapshot!(checked("typos"));
}

#[test]
fn names_that_lead_nowhere_are_all_named_at_once() {
    insta::assert_snapshot!(checked("dangling"));
}

#[test]
fn rules_that_would_fail_when_they_are_needed_are_refused() {
    insta::assert_snapshot!(checked("rules"));
}

#[test]
fn a_file_that_is_not_toml_shows_every_broken_line_and_nothing_that_follows_from_it() {
    insta::assert_snapshot!(checked("syntax"));
}

#[test]
fn what_others_on_the_network_could_read_is_refused() {
    insta::assert_snapshot!(checked("web"));
}

#[test]
fn cameras_that_could_show_nothing_or_give_a_password_away_are_refused() {
    insta::assert_snapshot!(checked("cameras"));
}

#[test]
fn channels_and_secrets_are_checked_before_they_are_needed() {
    let shown = checked("channels");
    insta::assert_snapshot!(shown);
    assert!(!shown.contains("correct horse"), "a secret file's content is never shown");
}

#[test]
fn a_missing_and_an_unreadable_file_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gengfu.toml");
    let report = Config::load(&path).unwrap_err();
    assert!(report.to_string().contains("can't be read"), "{report}");
    fs::write(&path, b"[site]\nid = \"\xff\"\n").unwrap();
    let report = Config::load(&path).unwrap_err();
    assert!(
        report.to_string().contains("gengfu.toml:2:7: error: the file is not UTF-8"),
        "{report}"
    );
    fs::write(&path, "").unwrap();
    assert!(Config::load(&path).unwrap_err().to_string().contains("has no [site]"));
}

#[test]
fn a_good_file_becomes_the_wiring_that_core_is_told() {
    let config = good();
    let wiring = config.wiring();
    assert_eq!(wiring.name.en, "Garden Court");
    assert_eq!(wiring.places[&PlaceId::from("lift-1")].inside, Some(PlaceId::from("building-3")));
    assert!(wiring.channels.values().all(|c| c.answerable));
    assert_eq!(wiring.channels.len(), 2);

    let boiler = &wiring.devices[&DeviceId::from("boiler")];
    assert_eq!(boiler.supervision, Some(Span::mins(10)));
    let rule = |id: &str| boiler.rules.iter().find(|r| r.id.as_str() == id).unwrap();
    let hot = rule("boiler/hot");
    assert_eq!(hot.on_delay, Span::mins(1), "adjusted");
    assert!(matches!(hot.when, Condition::Above { setpoint: 85.0, deadband: 5.0, .. }));
    assert_eq!(rule("boiler/hot-and-stuck").when.points().len(), 2, "the site's own rule");

    let pit = &wiring.devices[&DeviceId::from("pit-1")];
    assert!(pit.rules.iter().any(|r| r.id.as_str() == "pit-1/in2-fire"));
    let way = |id: &str| &config.links[&DeviceId::from(id)].way;
    assert_eq!(*way("pit-1"), Way::Board);
    let password = config.links[&DeviceId::from("pit-1")].password_file.as_ref().unwrap();
    assert!(password.ends_with("good-secret"));
    assert_eq!(*way("lift-1"), Way::Modbus { bus: "lift-room".into(), unit: 3 });
    assert!(config.buses["lift-room"].to_string().ends_with(":502"));
    assert_eq!(*way("boiler"), Way::Json { broker: None, topic: "sensors/boiler".into() });
    assert!(config.data_dir.is_absolute() && config.data_dir.ends_with("data"));
    let again: Wiring = serde_json::from_str(&serde_json::to_string(&wiring).unwrap()).unwrap();
    assert_eq!(again, wiring, "the journal keeps it whole");
}

#[test]
fn without_an_address_of_the_page_no_channel_can_be_answered() {
    let loaded = edited("public_url = \"https://gengfu.example.org\"\n", "").unwrap();
    assert!(loaded.config.wiring().channels.values().all(|c| !c.answerable));
    let warnings: Vec<_> = loaded.report.lines().collect();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].0, Severity::Warning);
    assert!(warnings[0].1.contains("gengfu.toml:8:2: no `public_url` is set"), "{warnings:?}");
}

#[test]
fn a_reload_says_which_changes_wait_for_the_next_start() {
    let old = good();
    assert_eq!(needs_restart(&old, &good()).len(), 1, "each has a folder of its own");
    let mut new = old.clone();
    new.places = imbl::OrdMap::new();
    new.devices.clear();
    assert!(needs_restart(&old, &new).is_empty(), "wiring is taken over at once");
    let mut new = edited("127.0.0.1:8443", "127.0.0.1:9443").unwrap().config;
    new.data_dir.clone_from(&old.data_dir);
    let told = needs_restart(&old, &new);
    assert_eq!(told, ["`listen` of [web] changed in the file; it takes effect at the next start"]);
}

#[test]
fn every_line_of_a_good_file_can_be_lost_without_a_panic() {
    let folder = folder("good");
    let path = folder.path().join("gengfu.toml");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut refused = 0;
    for lost in 0..lines.len() {
        let rest: Vec<&str> =
            lines.iter().enumerate().filter(|(n, _)| *n != lost).map(|(_, l)| *l).collect();
        fs::write(&path, rest.join("\n")).unwrap();
        if let Err(report) = Config::load(&path) {
            assert!(report.errors() > 0 && report.to_string().contains("remedy: "));
            refused += 1;
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn history_is_kept_for_longer_the_coarser_it_is() {
    const DAY: i64 = 24 * 3_600_000;
    let with =
        |lines: &str| edited("[channels.push]", &format!("[history]\n{lines}\n[channels.push]"));
    let kept =
        with("raw_days = 30\nhours_days = 3650").unwrap_or_else(|r| panic!("{r}")).config.history;
    assert_eq!((kept.raw, kept.minutes, kept.hours), (30 * DAY, 90 * DAY, 3_650 * DAY));
    let long = with("raw_days = 200").unwrap_or_else(|r| panic!("{r}")).config.history;
    assert_eq!((long.raw, long.minutes), (200 * DAY, 200 * DAY));
    let told = with("raw_days = 1\nminutes_days = 0").unwrap_err().to_string();
    assert!(told.contains("use 2 (what minutes are made of)"), "{told}");
    assert!(told.contains("`minutes_days` = 0 is out of range"), "{told}");
}

#[test]
fn a_rule_of_the_site_that_asks_for_a_number_lets_a_text_be_one() {
    let tank = "[[devices]]\nid = \"tank\"\nplace = \"building-3\"\nprofile = \"json\"\ntopic = \"tank\"\n\
                points = [{ id = \"level\", name = { en = \"Level\" }, pointer = \"/level\" }]\n\
                [[rules]]\nid = \"boiler/dry\"\nname = \"Dry\"\ndanger = \"water\"\npriority = \"high\"\n\
                when = { below = { point = \"tank/level\", setpoint = 20 } }\n[channels.push]";
    let config = edited("[channels.push]", tank).unwrap_or_else(|r| panic!("{r}")).config;
    let Source::Json { points, .. } = &config.links[&DeviceId::from("tank")].source else {
        panic!("not JSON");
    };
    let sample = points[0].sample(0, &serde_json::json!({"level": "18"}));
    assert_eq!(sample, Some(Ok(Value::Int(18))));
}

#[test]
fn a_topic_that_begins_or_ends_with_a_slash_is_warned_of() {
    for topic in ["/zigbee2mqtt/x", "zigbee2mqtt/x/"] {
        let written = format!("topic = \"{topic}\"");
        let loaded = edited("topic = \"sensors/boiler\"", &written).unwrap();
        let told = loaded.report.to_string();
        assert!(told.contains("begins or ends with an empty level"), "{told}");
    }
}

#[test]
fn the_influxdb_server_is_reached_under_its_write_address_and_needs_url_and_bucket() {
    let with =
        |lines: &str| edited("[channels.push]", &format!("[influxdb]\n{lines}\n[channels.push]"));
    let good = with(
        "url = 'https://influx.example.org/base/'\norg = 'a b'\nbucket = 'c'\ntoken_file = 'good-secret'",
    );
    let influxdb = good.unwrap_or_else(|r| panic!("{r}")).config.influxdb.unwrap();
    assert_eq!(
        influxdb.url.as_str(),
        "https://influx.example.org/base/api/v2/write?org=a+b&bucket=c&precision=ms"
    );
    let report = with("url = 'influx.example.org'\ntoken = 'x'").unwrap_err().to_string();
    for wanted in
        ["`url` is no web address", "[influxdb] has no `bucket`", "[influxdb] knows no `token`"]
    {
        assert!(report.contains(wanted), "{wanted}: {report}");
    }
    for url in
        ["https://x.org/api/v2/write?org=a&bucket=b", "http://x.org/write", "http://x.org/?db=a"]
    {
        let whole = with(&format!("url = '{url}'\nbucket = 'c'")).unwrap_err().to_string();
        assert!(whole.contains("the server's address only"), "{url}: {whole}");
    }
    let loud =
        with("url = 'http://10.0.0.9:8086'\nbucket = 'c'\ntoken_file = 'good-secret'").unwrap();
    assert!(loud.report.to_string().contains("without encryption"), "{}", loud.report);
}

#[test]
fn a_serial_bus_is_read_and_a_port_that_may_be_another_one_tomorrow_is_warned_of() {
    let tcp = "tcp = \"192.168.1.50\"\n";
    let stable = "device = \"/dev/serial/by-id/usb-x-if00\"\nparity = \"even\"\nbaud = 19200\n";
    let loaded = edited(tcp, stable).unwrap();
    let line = loaded.config.buses["lift-room"].to_string();
    assert_eq!(line, "/dev/serial/by-id/usb-x-if00 (19200 8E1)");
    assert!(!loaded.report.to_string().contains("another adapter"));

    let counted = edited(tcp, "device = \"/dev/ttyUSB0\"\ndata_bits = 8\n").unwrap();
    let warned = counted.report.to_string();
    assert!(warned.contains("/dev/ttyUSB0 may be another adapter"), "{warned}");

    for (wrong, says) in [
        ("device = \"ttyUSB0\"\n", "no whole path"),
        ("device = \"/dev/serial/by-id/x\"\ndata_bits = 7\n", "8 data bits"),
        ("device = \"/dev/serial/by-id/x\"\nstop_bits = 3\n", "1 or 2 stop bits"),
        ("device = \"/dev/serial/by-id/x\"\nbaud = 1\n", "no baud rate"),
        (
            "device = \"/dev/serial/by-id/x\"\ntcp = \"192.168.1.50\"\n",
            "either `tcp`, `device` or `board`",
        ),
    ] {
        let report = edited(tcp, wrong).err().map(|r| r.to_string()).unwrap_or_default();
        assert!(report.contains(says), "{wrong}: {report}");
    }
}

#[test]
fn a_key_of_updates_is_a_public_one_that_keygen_made() {
    let report = edited("[site]", "[updates]\nkey_file = \"good-secret\"\n\n[site]").unwrap_err();
    let text = report.to_string();
    assert!(text.contains("`key_file` can't be used") && text.contains(".pub"), "{text}");
    assert_eq!(report.errors(), 1, "{text}");
    assert_eq!(good().updates, None);
}

#[test]
fn the_folder_of_boards_images_must_be_there_where_it_is_named() {
    let report = edited("[site]", "[boards]\nimages = \"nowhere\"\n\n[site]").unwrap_err();
    let text = report.to_string();
    assert!(text.contains("nowhere") && text.contains("w5500-evb-pico.elf"), "{text}");
    assert_eq!(report.errors(), 1, "{text}");
    assert!(good().images.ends_with("firmware"), "{}", good().images.display());
}
