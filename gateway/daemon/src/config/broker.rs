//! A broker outside: `[mqtt.outside]`, in the embedded one's place, and `[mqtt.brokers.<name>]`, beside
//! the main one.

use std::{
    collections::BTreeMap,
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use gengfu_core::id;
use gengfu_field::mqtt::{Identity, Roots, Tls, TlsError};
use url::Url;

use super::{
    fields::{Fields, Node},
    problem::{At, Problems},
    secret,
};

/// Somebody else's broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// `mqtt://host:1883` or `mqtts://host:8883`.
    pub url: Url,
    /// The gateway's name there.
    pub user: Option<String>,
    /// Holds its password.
    pub password_file: Option<PathBuf>,
    /// Root certificates that the broker's is checked against, PEM; the public ones if left out.
    pub ca_file: Option<PathBuf>,
    /// What the gateway shows of itself, where the broker wants to see a certificate.
    pub own: Option<Own>,
}

/// The gateway's certificate at a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The certificate, and those between it and its authority's, PEM.
    pub cert_file: PathBuf,
    /// Its key, PEM.
    pub key_file: PathBuf,
}

impl Outside {
    /// True if the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.url.scheme() == "mqtts"
    }

    /// What the connection is encrypted with, read from the files anew; none where it is not.
    ///
    /// # Errors
    /// Where a file can't be read: which, and why.
    pub fn tls(&self) -> Result<Option<Tls>, String> {
        if !self.is_secure() {
            return Ok(None);
        }
        let read = |file: &Path| {
            fs::read(file).map_err(|error| format!("{} can't be read: {error}", file.display()))
        };
        let roots = match &self.ca_file {
            None => Roots::Public,
            Some(file) => Roots::Pem(read(file)?),
        };
        let identity = self.own.as_ref().map(|own| {
            Ok::<_, String>(Identity {
                certificate: read(&own.cert_file)?,
                key: read(&own.key_file)?,
            })
        });
        Ok(Some(Tls { roots, identity: identity.transpose()? }))
    }
}

/// Reads `[mqtt.brokers]`: each by its name, which is one word.
pub fn further(node: Node<'_>) -> BTreeMap<String, Outside> {
    let Some(mut fields) = node.fields("[mqtt.brokers]") else { return BTreeMap::new() };
    let mut brokers = BTreeMap::new();
    for node in fields.rest() {
        let (problems, name, span) = (node.walk.problems, node.key.clone(), node.key_span.clone());
        if !id::is_valid(&name) || name.contains('/') {
            problems.error(
                &span,
                format!("\"{name}\" can't be a broker's name"),
                "use letters, digits and . _ - only",
            );
        }
        match outside(node, &format!("[mqtt.brokers.{name}]")) {
            Some(broker) => drop(brokers.insert(name, broker)),
            None => problems.note_broken("broker", &name),
        }
    }
    brokers
}

/// Reads one; `heading` is what its table is called in messages.
pub fn outside(node: Node<'_>, heading: &str) -> Option<Outside> {
    let mut fields = node.fields(heading)?;
    let problems = fields.walk.problems;
    let url = fields.required::<String>("url");
    let user = fields.optional::<String>("user");
    let without_password = fields.lacks("password_file");
    let password_file = secret::secret(&mut fields, "password_file");
    if let (Some(user), true) = (&user, without_password) {
        problems.missing(
            &user.span,
            "`user` without `password_file`",
            "add the file with its password",
        );
    }
    let url = url.and_then(|url| address(problems, url));
    let is_secure = url.as_ref().is_none_or(|url| url.value.scheme() == "mqtts");
    let files = Files::read(&mut fields, is_secure);
    fields.done();
    let At { value: url, span } = url?;
    let user = user.map(|at| at.value);
    let Files { ca_file, own, at } = files;
    let broker = Outside { url, user, password_file, ca_file, own };
    if let Ok(Some(tls)) = broker.tls()
        && let Err(error) = tls.config()
    {
        // A machine without a list of authorities may get one before the gateway starts.
        let (problem, remedy) = (error.to_string(), "put the right file there");
        match error {
            TlsError::NoAuthorities => problems.warning(&span, problem, "name a `ca_file`"),
            TlsError::Roots => problems.error(at.get("ca_file").unwrap_or(&span), problem, remedy),
            TlsError::Key => problems.error(at.get("key_file").unwrap_or(&span), problem, remedy),
            _ => problems.error(at.get("cert_file").unwrap_or(&span), problem, remedy),
        }
    }
    Some(broker)
}

fn address(problems: &Problems, At { value, span }: At<String>) -> Option<At<Url>> {
    let remedy = "write it as \"mqtt://192.168.1.10:1883\" or \"mqtts://broker.example.org:8883\"";
    let url = match Url::parse(&value) {
        Ok(url) if matches!(url.scheme(), "mqtt" | "mqtts") && url.has_host() => url,
        _ => {
            problems.error(&span, format!("\"{value}\" is no address of a broker"), remedy);
            return None;
        }
    };
    if !url.username().is_empty() || url.password().is_some() {
        problems.error(
            &span,
            "the broker's address holds a name or a password",
            "use `user` and `password_file`: this file is not a secret",
        );
    }
    Some(At { value: url, span })
}

/// The files of TLS, and where each is named.
struct Files {
    ca_file: Option<PathBuf>,
    own: Option<Own>,
    at: BTreeMap<&'static str, Range<usize>>,
}

impl Files {
    fn read(fields: &mut Fields<'_>, is_secure: bool) -> Self {
        let walk = fields.walk;
        let mut at = BTreeMap::new();
        let mut take = |key: &'static str, is_secret| {
            let written = fields.optional::<PathBuf>(key)?;
            at.insert(key, written.span.clone());
            if !is_secure {
                walk.problems.error(
                    &written.span,
                    format!("`{key}` is about TLS, but the broker's address begins with mqtt://"),
                    format!("begin `url` with mqtts://, or remove `{key}`"),
                );
            }
            secret::check(walk, key, written, is_secret)
        };
        let (ca_file, cert_file) = (take("ca_file", false), take("cert_file", false));
        let key_file = take("key_file", true);
        for (one, other) in [("cert_file", "key_file"), ("key_file", "cert_file")] {
            if let (Some(span), None) = (at.get(one), at.get(other)) {
                walk.problems.missing(
                    span,
                    format!("`{one}` without `{other}`"),
                    "a certificate of the gateway's own wants both: add it, or remove both",
                );
            }
        }
        let own = cert_file.zip(key_file).map(|(cert_file, key_file)| Own { cert_file, key_file });
        Self { ca_file, own, at }
    }
}
