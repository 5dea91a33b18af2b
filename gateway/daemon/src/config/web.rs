//! `[web]`: where the pages and the API are reached, and how they are kept private.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    path::PathBuf,
};

use url::{Host, Url};

use super::{
    fields::{Fields, Node},
    kind::Kind,
    listen::Listeners,
    problem::At,
    secret,
};

/// Where the pages and the API are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Where HTTPS is served; plain HTTP where `tls` is off.
    pub listen: SocketAddr,
    /// What makes it HTTPS.
    pub tls: Tls,
    /// Names and addresses that the local authority's certificate is made out for, beside those of
    /// this machine and that of `public_url`.
    pub hostnames: Vec<String>,
    /// What links in messages begin with. Without it messages carry no link.
    pub public_url: Option<Url>,
    /// Where plain HTTP is served as well: the page that explains how to install the local
    /// authority's root, and the way to HTTPS.
    pub plain_listen: Option<SocketAddr>,
    /// Plain HTTP may be served on addresses other than loopback.
    pub allow_plain: bool,
}

impl Web {
    /// What an address of the pages begins with.
    pub fn scheme(&self) -> &'static str {
        if self.tls == Tls::Off { "http" } else { "https" }
    }
}

/// What makes it HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// A certificate by an authority that the gateway makes at its first start.
    Local,
    /// The operator's own certificate.
    Files {
        /// The certificate and those between it and the root, PEM.
        certificate: PathBuf,
        /// Its private key, PEM.
        key: PathBuf,
    },
    /// Plain HTTP.
    Off,
}

/// Where HTTPS is served unless the file says otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 8443);

/// Reads `[web]`.
pub fn read(mut fields: Fields<'_>, listeners: &mut Listeners) -> Web {
    let listen = listeners.take(&mut fields, "listen");
    if listen.is_none() {
        listeners.note(LISTEN, &fields, "listen");
    }
    let tls = fields.take("tls").map_or(Tls::Local, tls);
    let plain_listen = listeners.take(&mut fields, "plain_listen");
    let allow_plain = fields.or("allow_plain_http", false);
    let public_url = public_url(&mut fields, allow_plain);
    let hostnames = hostnames(&mut fields);
    let off = tls == Tls::Off;
    let at = listen.unwrap_or_else(|| At { value: LISTEN, span: fields.span.clone() });
    let plain = [off.then_some(&at), plain_listen.as_ref()];
    for At { value: address, span } in plain.into_iter().flatten() {
        if !address.ip().is_loopback() && !allow_plain {
            fields.walk.problems.error(
                span,
                format!("plain HTTP on {address} can be read and changed by others on the network"),
                "listen on 127.0.0.1, use tls = \"local\", or say `allow_plain_http = true` if \
                 something else keeps this network private",
            );
        }
    }
    fields.done();
    Web {
        listen: at.value,
        tls,
        hostnames,
        public_url,
        plain_listen: plain_listen.map(|at| at.value),
        allow_plain,
    }
}

fn tls(node: Node<'_>) -> Tls {
    let (walk, span) = (node.walk, node.span());
    if node.value().is_table() {
        let Some(mut fields) = node.fields("`tls`") else { return Tls::Local };
        for key in ["certificate", "key"] {
            if fields.lacks(key) {
                fields.walk.problems.missing(
                    &span,
                    format!("`tls` has no `{key}`"),
                    "name both files: tls = { certificate = \"cert.pem\", key = \"key.pem\" }",
                );
            }
        }
        let certificate = secret::file(&mut fields, "certificate");
        let key = secret::secret(&mut fields, "key");
        fields.done();
        return match (certificate, key) {
            (Some(certificate), Some(key)) => Tls::Files { certificate, key },
            _ => Tls::Local,
        };
    }
    match node.value().as_str() {
        Some("local") => Tls::Local,
        Some("off") => Tls::Off,
        _ => {
            walk.problems.error(
                &span,
                "`tls` is \"local\", \"off\", or a table with certificate and key",
                "for a certificate of your own: tls = { certificate = \"cert.pem\", key = \"key.pem\" }",
            );
            Tls::Local
        }
    }
}

fn public_url(fields: &mut Fields<'_>, allow_plain: bool) -> Option<Url> {
    let problems = fields.walk.problems;
    let Some(At { value, span }) = fields.optional::<String>("public_url") else {
        problems.warning(
            &fields.span,
            "no `public_url` is set: messages carry no link, so nobody can answer through them",
            "set it to the address at which phones reach this gateway, as \
             public_url = \"https://gengfu.example.org\"",
        );
        return None;
    };
    let remedy = "write it as \"https://gengfu.example.org\" or \"https://192.168.1.20:8443\"";
    let url = match Url::parse(&value) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => url,
        Ok(_) => {
            problems.error(&span, "`public_url` is no web address", remedy);
            return None;
        }
        Err(e) => {
            problems.error(&span, format!("`public_url` is no web address: {e}"), remedy);
            return None;
        }
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        problems.error(&span, "`public_url` has something behind the host", remedy);
    }
    if !url.username().is_empty() || url.password().is_some() {
        problems.error(&span, "`public_url` holds a name or a password", remedy);
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !loopback && !allow_plain {
        problems.error(
            &span,
            "`public_url` is plain HTTP: browsers give such a page no notifications, and links in \
             messages can be read on their way",
            "begin it with https://",
        );
    }
    Some(url)
}

fn hostnames(fields: &mut Fields<'_>) -> Vec<String> {
    let Some(At { value, span }) = fields.optional::<Vec<String>>("hostnames") else {
        return vec![];
    };
    for name in &value {
        let is_address = name.parse::<IpAddr>().is_ok();
        let is_name =
            !name.contains(['/', ':', ' ']) && matches!(Host::parse(name), Ok(Host::Domain(_)));
        if !is_address && !is_name {
            fields.walk.problems.error(
                &span,
                format!("\"{name}\" in `hostnames` is no host name and no address"),
                format!(
                    "write names and addresses alone, without port: {}",
                    Vec::<String>::EXAMPLE
                ),
            );
        }
    }
    value
}
