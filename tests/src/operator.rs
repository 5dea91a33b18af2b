//! Whoever sets the gateway up: everything through the API.

use anyhow::{Context, ensure};
use reqwest::{Client, Method, StatusCode, header};
use serde_json::{Value, json};

/// The password that everybody here chooses.
pub const PASSWORD: &str = "correct horse battery staple";

/// A signed-in administrator.
pub struct Operator {
    client: Client,
    base: String,
    cookie: String,
}

/// A client for HTTP on the loopback.
///
/// # Errors
/// Where none can be made.
pub fn client() -> anyhow::Result<Client> {
    // Fails only where another test of this process was quicker.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Each request over a connection of its own: a gateway whose clock a test puts forward closes idle
    // ones at any moment, and a request that meets that is lost.
    Ok(Client::builder().no_proxy().timeout(crate::LIMIT).pool_max_idle_per_host(0).build()?)
}

/// A counter of `/metrics`; 0 where there is none by this name.
///
/// # Errors
/// Where the page does not answer.
pub async fn counter(base: &str, name: &str) -> anyhow::Result<u64> {
    let text = client()?.get(format!("{base}/metrics")).send().await?.text().await?;
    let line = text.lines().find(|line| line.starts_with(name));
    Ok(line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or_default())
}

impl Operator {
    /// Uses the one-time link.
    ///
    /// # Errors
    /// Where it is not taken.
    pub async fn sign_in(base: &str, token: &str) -> anyhow::Result<Self> {
        Self::sign_in_through(client()?, base, token).await
    }

    /// The same through a client of one's own.
    ///
    /// # Errors
    /// As [`Operator::sign_in`].
    pub async fn sign_in_through(client: Client, base: &str, token: &str) -> anyhow::Result<Self> {
        let body = json!({ "password": PASSWORD });
        Self::open(client, base, &format!("invitation/{token}"), body).await
    }

    /// Signs in with the password that was chosen before.
    ///
    /// # Errors
    /// Where it is not taken.
    pub async fn sign_in_as(base: &str, person: &str) -> anyhow::Result<Self> {
        let body = json!({ "person": person, "password": PASSWORD });
        Self::open(client()?, base, "session", body).await
    }

    async fn open(client: Client, base: &str, path: &str, body: Value) -> anyhow::Result<Self> {
        let request = client.post(format!("{base}/api/v1/{path}")).header(header::ORIGIN, base);
        let answer = request.json(&body).send().await?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|c| c.to_str().ok());
        let cookie = cookie.and_then(|c| c.split(';').next()).context("no session")?.to_owned();
        Ok(Self { client, base: base.to_owned(), cookie })
    }

    /// One request; its status and answer.
    ///
    /// # Errors
    /// Where nothing answers.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let answer = self
            .client
            .request(method, format!("{}/api/v1/{path}", self.base))
            .header(header::ORIGIN, &self.base)
            .header(header::COOKIE, &self.cookie)
            .json(body)
            .send()
            .await?;
        let status = answer.status();
        let text = answer.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
    }

    /// One request that must be granted.
    ///
    /// # Errors
    /// Where it is not.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> anyhow::Result<Value> {
        let (status, answer) = self.request(method, path, &body).await?;
        ensure!(status.is_success(), "{path}: {status} {answer}");
        Ok(answer)
    }

    /// What stands there.
    ///
    /// # Errors
    /// Where it can't be read.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(Method::GET, path, Value::Null).await
    }

    /// A channel as the list of channels shows it.
    ///
    /// # Errors
    /// Where it can't be read, or there is no such channel.
    pub async fn channel(&self, id: &str) -> anyhow::Result<Value> {
        let channels = self.get("channels").await?;
        let channel = channels.as_array().and_then(|all| all.iter().find(|c| c["id"] == id));
        channel.cloned().context("no such channel")
    }

    /// A volunteer who is told through these methods: (channel, address).
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn put_person(&self, id: &str, methods: &[(&str, &str)]) -> anyhow::Result<()> {
        let methods: Vec<Value> =
            methods.iter().map(|(c, a)| json!({ "channel": c, "address": a })).collect();
        let person =
            json!({ "name": id, "language": "en", "roles": ["volunteer"], "methods": methods });
        self.ask(Method::PUT, &format!("people/{id}"), person).await.map(drop)
    }

    /// The link by which a person chooses a password.
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn invitation(&self, person: &str) -> anyhow::Result<String> {
        let path = format!("people/{person}/invitation");
        let answer = self.ask(Method::POST, &path, Value::Null).await?;
        Ok(answer["link"].as_str().context("no link")?.to_owned())
    }

    /// Invites a person, who chooses a password: their own session.
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn invite(&self, person: &str) -> anyhow::Result<Self> {
        let link = self.invitation(person).await?;
        let token = link.rsplit('/').next().context("no token")?;
        Self::sign_in_through(self.client.clone(), &self.base, token).await
    }

    /// A roster that has these people on duty day and night.
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn put_roster(&self, id: &str, people: &[&str]) -> anyhow::Result<()> {
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let shift = json!({ "kind": "shift", "name": "always", "people": people, "days": days,
            "from": "00:00", "to": "00:00" });
        let roster =
            json!({ "id": id, "name": id, "time_zone": "Asia/Shanghai", "layers": [shift] });
        self.ask(Method::PUT, &format!("rosters/{id}"), roster).await.map(drop)
    }

    /// Adds a call board through the API; its password.
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn add_board(&self, id: &str, place: &str) -> anyhow::Result<String> {
        let board = json!({ "id": id, "name": { "zh": id, "en": id }, "place": place, "profile": "board",
            "options": { "inputs": { "1": "call" } } });
        let added = self.ask(Method::POST, "devices", board).await?;
        Ok(added["credential"].as_str().context("no credential")?.to_owned())
    }

    /// A policy for everything that asks these people, one after the other, 5 s each.
    ///
    /// # Errors
    /// Where the gateway refuses.
    pub async fn put_policy(&self, people: &[&str]) -> anyhow::Result<()> {
        let steps: Vec<Value> =
            people.iter().map(|p| json!({ "targets": [{ "person": p }], "wait": "5s" })).collect();
        let policy = json!({ "id": "all", "name": "all", "steps": steps });
        self.ask(Method::PUT, "policies/all", policy).await.map(drop)
    }
}
