//! A certificate of the local authority for the embedded broker, as the files that it reads.

use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use gengfu_web::authority::Authority;

use crate::{config::Config, engine::now};

/// Where the web side keeps its local authority too, below the data folder.
pub const AUTHORITY: &str = "tls";

/// A certificate and its key, made anew at each start; boards check them against the authority's
/// root, which stays.
///
/// # Errors
/// Where the authority can't be opened or the files can't be written.
pub fn files(config: &Config) -> anyhow::Result<(PathBuf, PathBuf)> {
    let dir = config.data_dir.join(AUTHORITY);
    let public =
        config.web.public_url.as_ref().and_then(|url| url.host_str()).map(ToOwned::to_owned);
    let mut hosts = config.web.hostnames.clone();
    hosts.extend(public);
    hosts.push("localhost".into());
    let leaf = Authority::open(&dir, &hosts, now())?.leaf(&hosts, &[], now())?;
    let chain: String = leaf.chain.iter().map(|der| pem("CERTIFICATE", der)).collect();
    let (certificate, key) = (dir.join("broker.crt"), dir.join("broker.key"));
    write(&certificate, &chain)?;
    write(&key, &pem("PRIVATE KEY", leaf.key.secret_der()))?;
    Ok((certificate, key))
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let open =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} can't be written", path.display()))
}
