//! `[influxdb]`: where a copy of the telemetry goes.

use std::path::PathBuf;

use url::Url;

use super::{fields::Fields, problem::At, secret};

/// A server that takes writes of InfluxDB 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InfluxDb {
    /// Its write address, with organisation and bucket.
    pub url: Url,
    /// The file with the token that may write there.
    pub token_file: Option<PathBuf>,
    /// A file with authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
}

/// Reads `[influxdb]`.
pub fn read(mut fields: Fields<'_>) -> Option<InfluxDb> {
    let problems = fields.walk.problems;
    let url = fields.required::<String>("url");
    let org = fields.or("org", String::new());
    let bucket = fields.required::<String>("bucket");
    let token_file = secret::secret(&mut fields, "token_file");
    let ca = secret::file(&mut fields, "ca");
    fields.done();
    let At { value, span } = url?;
    let mut url = match Url::parse(&value) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        _ => {
            let remedy = "write it as \"https://influx.example.org\" or \"http://127.0.0.1:8086\"";
            problems.error(&span, "`url` is no web address", remedy);
            return None;
        }
    };
    if url.query().is_some() || url.path().trim_end_matches('/').ends_with("/write") {
        let remedy = "write the server's address only, as \"https://influx.example.org\"; `org` and `bucket` \
                      are keys of their own";
        problems.error(&span, "`url` says what is added to it", remedy);
        return None;
    }
    if token_file.is_some() && url.scheme() == "http" && !is_here(&url) {
        problems.warning(
            &span,
            "the token goes to this server without encryption",
            "begin `url` with https://, or keep this network private",
        );
    }
    url.path_segments_mut().ok()?.pop_if_empty().extend(["api", "v2", "write"]);
    url.query_pairs_mut()
        .clear()
        .append_pair("org", &org)
        .append_pair("bucket", &bucket?.value)
        .append_pair("precision", "ms");
    Some(InfluxDb { url, token_file, ca })
}

/// True where it is this machine: what goes there goes over no network.
pub(super) fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
