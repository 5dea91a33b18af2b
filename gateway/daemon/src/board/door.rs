//! The way to the running gateway: its API, as the person who runs the command. The gateway keeps who it
//! was, and a role that a page wants is wanted here too.

use std::{
    fs,
    io::{BufRead, IsTerminal, stderr, stdin},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use clap::Args;
use gengfu_field::broker::reachable;
use reqwest::{Certificate, Client, ClientBuilder, Method, RequestBuilder, header};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

use crate::config::{Config, web::Tls};

/// The variable of the environment that holds the password.
const PASSWORD: &str = "GENGFU_PASSWORD";
/// An answer takes no longer.
const LIMIT: Duration = Duration::from_secs(30);

/// How the running gateway is reached, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Access {
    /// The gateway's configuration file, which says where it is
    #[arg(long, default_value = "/etc/gengfu/gengfu.toml")]
    pub config: PathBuf,
    /// Where it is instead: https://gengfu.example.org
    #[arg(long)]
    pub gateway: Option<String>,
    /// The certificate that it is trusted by (PEM), where the system does not know it
    #[arg(long)]
    pub root: Option<PathBuf>,
    /// The name to sign in with; the password is read from GENGFU_PASSWORD or asked for
    #[arg(long, default_value = "admin")]
    pub person: String,
}

/// An open session. To be closed at its end.
pub struct Door {
    client: Client,
    base: String,
    cookie: String,
}

impl Door {
    /// Signs in.
    ///
    /// # Errors
    /// Where the gateway can't be reached, or refuses.
    pub async fn open(access: &Access) -> anyhow::Result<Self> {
        let client = Client::builder().timeout(LIMIT);
        let (client, base) = match &access.gateway {
            Some(url) => (client, url.trim_end_matches('/').to_owned()),
            None => here(&access.config, client)?,
        };
        let client = match &access.root {
            Some(root) => trusting(client, root)?,
            None => client,
        };
        let client = client.build().context("no connection can be made")?;
        let password = password(&access.person)?;
        let body = json!({ "person": access.person, "password": password });
        let request = client.post(format!("{base}/api/v1/session")).header(header::ORIGIN, &base);
        let response = request.json(&body).send().await.with_context(|| {
            format!(
                "the gateway at {base} can't be reached: does it run? (--gateway says where it is, \
                 and --root what its certificate is trusted by: its own {base}/ca.pem)"
            )
        })?;
        let cookie = response.headers().get(header::SET_COOKIE);
        let cookie = cookie.and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        match cookie.map(str::to_owned) {
            Some(cookie) => Ok(Self { client, base, cookie }),
            None => {
                bail!("the gateway does not let {} in: {}", access.person, words(response).await)
            }
        }
    }

    /// One request of the API; its answer.
    ///
    /// # Errors
    /// Where the gateway refuses; the text is the gateway's own.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self.client.request(method, format!("{}/api/v1/{path}", self.base));
        let request = request.header(header::ORIGIN, &self.base);
        let request = request.header(header::COOKIE, &self.cookie);
        let request = if body.is_null() { request } else { request.json(body) };
        answer(request).await
    }

    /// Puts bytes there, with these parameters; the gateway's answer.
    ///
    /// # Errors
    /// As [`Door::ask`].
    pub async fn put_image(
        &self,
        path: &str,
        parameters: &impl Serialize,
        bytes: Vec<u8>,
    ) -> anyhow::Result<Value> {
        let mut url = Url::parse(&format!("{}/api/v1/{path}", self.base))?;
        if let Value::Object(parameters) = serde_json::to_value(parameters)? {
            let mut pairs = url.query_pairs_mut();
            for (name, value) in parameters {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                pairs.append_pair(&name, &text);
            }
        }
        let request = self.client.post(url).header(header::ORIGIN, &self.base);
        let request = request.header(header::COOKIE, &self.cookie);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        answer(request.body(bytes)).await
    }

    /// Signs out. A session that can't be closed ends by itself.
    pub async fn close(self) {
        let _ = self.ask(Method::DELETE, "session", &Value::Null).await;
    }
}

/// Sends a request; what is answered.
async fn answer(request: RequestBuilder) -> anyhow::Result<Value> {
    let response = request.send().await.context("the gateway does not answer any more")?;
    if !response.status().is_success() {
        bail!("the gateway refuses: {}", words(response).await);
    }
    let text = response.text().await?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).context("the gateway's answer can't be understood")
}

/// The gateway on this machine, as its configuration has it.
fn here(config: &Path, client: ClientBuilder) -> anyhow::Result<(ClientBuilder, String)> {
    let config = Config::load(config).map_err(|report| anyhow::anyhow!("{report}"))?.config;
    // Never by way of a proxy: it is this machine.
    let client = client.no_proxy();
    let at = reachable(config.web.listen);
    ensure!(
        at.port() != 0,
        "`listen` in [web] names no port: say where the gateway is by --gateway"
    );
    match &config.web.tls {
        Tls::Off => Ok((client, format!("http://{at}"))),
        Tls::Local => {
            let root = config.authority().join("authority.crt");
            let client = trusting(client, &root).context(
                "run this as the gateway's own user, or name a copy of that certificate by --root and \
                 the gateway by --gateway",
            )?;
            Ok((named(client, "localhost", at), format!("https://localhost:{}", at.port())))
        }
        Tls::Files { .. } => {
            let host = config.web.public_url.as_ref().and_then(|url| url.host_str());
            let host = host.context(
                "no `public_url` says what the gateway's certificate is made out for: name the gateway \
                 by --gateway",
            )?;
            Ok((named(client, host, at), format!("https://{host}:{}", at.port())))
        }
    }
}

/// Has a name lead to this address.
fn named(client: ClientBuilder, name: &str, at: SocketAddr) -> ClientBuilder {
    client.resolve(name, at)
}

/// Trusts this certificate and no other.
fn trusting(client: ClientBuilder, root: &Path) -> anyhow::Result<ClientBuilder> {
    let pem = fs::read(root).with_context(|| format!("{} can't be read", root.display()))?;
    // Anything that is no PEM is taken, and then trusts nobody.
    ensure!(
        pem.starts_with(b"-----BEGIN") || pem.windows(11).any(|at| at == b"\n-----BEGIN"),
        "{} is no certificate in PEM: the gateway hands it out as /ca.pem",
        root.display()
    );
    let root = Certificate::from_pem(&pem)
        .with_context(|| format!("{} is no certificate", root.display()))?;
    Ok(client.tls_certs_only([root]))
}

/// What the gateway says is wrong.
async fn words(response: reqwest::Response) -> String {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let problem: Option<Value> = serde_json::from_str(&text).ok();
    match problem.as_ref().and_then(|problem| problem["message"].as_str()) {
        Some(message) => message.to_owned(),
        None => status.to_string(),
    }
}

/// The person's password: from the environment, or the first line of what is typed or piped in.
fn password(person: &str) -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    let is_typed = stdin().is_terminal() && stderr().is_terminal();
    if is_typed {
        eprint!("Password of {person}: ");
        echo(false);
    }
    let mut line = String::new();
    let read = stdin().lock().read_line(&mut line);
    if is_typed {
        echo(true);
        eprintln!();
    }
    read.context("no password can be read")?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    ensure!(!password.is_empty(), "no password: set {PASSWORD}, or type it");
    Ok(password)
}

/// Whether the terminal shows what is typed.
fn echo(on: bool) {
    let wish = if on { "echo" } else { "-echo" };
    // Where there is no `stty`, it is shown.
    let _ = Command::new("stty").arg(wish).stderr(Stdio::null()).status();
}
