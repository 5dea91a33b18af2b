//! By which key a new board will know the gateway: where its brokers are this gateway's port with TLS, the
//! key goes into its file by itself, and such a board never speaks to anybody without it.

use anyhow::{Context, ensure};
use gengfu_web::known_key::read_pin;

use crate::config::{Config, mqtt::Broker};

/// The key for a board that finds its brokers at these ports; none where it has no TLS.
///
/// # Errors
/// Where only some of them are the port with TLS, or the key can't be read.
pub fn key_for(config: &Config, ports: &[u16]) -> anyhow::Result<Option<[u8; 32]>> {
    let Broker::Embedded { tls_listen: Some(tls), .. } = &config.mqtt.broker else {
        return Ok(None);
    };
    let (count, port) = (ports.iter().filter(|port| **port == tls.port()).count(), tls.port());
    if count == 0 {
        return Ok(None);
    }
    ensure!(
        count == ports.len(),
        "a board speaks TLS to all of its brokers or to none: name each with port {port}, or each without"
    );
    let pin = read_pin(&config.authority()).context(
        "the key by which boards know this gateway can't be read: start the gateway with `tls_listen` once, \
         and run this as its user; or give the key by --broker-key (the gateway's log names it at each start)",
    )?;
    Ok(Some(pin))
}

#[cfg(test)]
pub(super) mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::broker_tls::known;

    /// The configuration of a gateway whose `[mqtt]` has this line.
    pub fn config(folder: &Path, mqtt: &str) -> Config {
        let file = folder.join("gengfu.toml");
        let site = "id = \"garden-12\"\nname = \"Garden\"\ntime_zone = \"Asia/Shanghai\"";
        let web = "tls = \"off\"\nlisten = \"127.0.0.1:8080\"";
        let text = format!("[site]\n{site}\n[web]\n{web}\n[mqtt]\n{mqtt}\n");
        fs::write(&file, format!("data_dir = \"data\"\n{text}")).unwrap();
        match Config::load(&file) {
            Ok(loaded) => loaded.config,
            Err(report) => panic!("{report}"),
        }
    }

    /// One without TLS.
    pub fn plain() -> Config {
        let folder = tempfile::tempdir().unwrap();
        config(folder.path(), "")
    }

    #[test]
    fn a_board_for_the_port_with_tls_gets_the_key_and_no_other_does() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path(), "tls_listen = \"0.0.0.0:8883\"");
        assert_eq!(key_for(&config, &[1883, 1884]).unwrap(), None);
        let error = key_for(&config, &[8883]).unwrap_err().to_string();
        assert!(error.contains("start the gateway"), "{error}");
        let pin = known(&config).unwrap().pin;
        assert_eq!(key_for(&config, &[8883, 8883]).unwrap(), Some(pin));
        let error = key_for(&config, &[8883, 1883]).unwrap_err().to_string();
        assert!(error.contains("port 8883"), "{error}");
    }
}
