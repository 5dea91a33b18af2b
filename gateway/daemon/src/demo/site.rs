//! The demo's configuration file: written out like any operator's, and read back from the disk.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;

/// The demo's site.
pub const SITE: &str = "garden-12";

/// Where the things around the gateway are.
pub struct Addresses {
    /// The page.
    pub page: SocketAddr,
    /// The lift's controller.
    pub lift: SocketAddr,
    /// The fire panel.
    pub panel: SocketAddr,
    /// The phones' server.
    pub phones: SocketAddr,
}

/// Writes `gengfu.toml` into the folder.
///
/// # Errors
/// Where it can't be written.
pub fn write(folder: &Path, at: &Addresses) -> anyhow::Result<PathBuf> {
    let file = folder.join("gengfu.toml");
    std::fs::write(&file, text(at)?)
        .with_context(|| format!("{} can't be written", file.display()))?;
    Ok(file)
}

fn text(at: &Addresses) -> anyhow::Result<String> {
    let Addresses { page, lift, panel, phones } = at;
    let secret = gengfu_field::credentials::issue()?.password;
    Ok(format!(
        r#"# Written by `gengfu demo`; deploy/gengfu.toml explains every line.
data_dir = "data"

[site]
id = "{SITE}"
name = {{ zh = "花园小区", en = "Garden Court" }}
time_zone = "Asia/Shanghai"

[web]
listen = "{page}"
tls = "off"
public_url = "http://{page}"

[mqtt]
listen = "127.0.0.1:0"

[[modbus.buses]]
id = "lift-room"
tcp = "{lift}"

[[modbus.buses]]
id = "porter"
tcp = "{panel}"

[[places]]
id = "building-3"
name = {{ zh = "三号楼", en = "Building 3" }}

[[places]]
id = "lift-1"
name = {{ zh = "一号电梯", en = "Lift 1" }}
inside = "building-3"

[[places]]
id = "gate"
name = {{ zh = "大门", en = "Garden gate" }}

[[devices]]
id = "lift-1"
name = {{ zh = "一号电梯控制器", en = "Lift 1 controller" }}
place = "lift-1"
profile = "nice3000"
bus = "lift-room"
unit = 1

[[devices]]
id = "panel"
name = {{ zh = "消防主机", en = "Fire panel" }}
place = "building-3"
profile = "notifier-gw"
bus = "porter"
unit = 1
parameters = {{ loops = 1, detectors = 24 }}

[channels.ntfy]
kind = "ntfy"
server = "http://{phones}"

[channels.hook]
kind = "webhook"
secret = "{secret}"
hosts = ["127.0.0.1"]

[log]
level = "warn"
"#
    ))
}
