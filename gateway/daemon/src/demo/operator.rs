//! The demo's operator: sets the gateway up through its API, as any operator would.

use anyhow::Context;
use reqwest::{Client, Method, header};
use serde_json::{Value, json};

/// A signed-in administrator.
pub struct Operator {
    client: Client,
    base: String,
    cookie: String,
}

impl Operator {
    /// Uses the one-time link of the first start, and signs in by it.
    ///
    /// # Errors
    /// Where the gateway does not take the link.
    pub async fn sign_in(
        client: Client,
        base: &str,
        token: &str,
        password: &str,
    ) -> anyhow::Result<Self> {
        let response = client
            .post(format!("{base}/api/v1/invitation/{token}"))
            .header(header::ORIGIN, base)
            .json(&json!({ "password": password }))
            .send()
            .await
            .context("the gateway's page can't be reached")?;
        let cookie = response
            .headers()
            .get(header::SET_COOKIE)
            .and_then(|c| c.to_str().ok())
            .and_then(|c| c.split(';').next())
            .context("the one-time link was not taken")?
            .to_owned();
        Ok(Self { client, base: base.to_owned(), cookie })
    }

    /// One request of the API; its answer, or what it says is wrong.
    ///
    /// # Errors
    /// Where the gateway refuses; the text is the gateway's own.
    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let response = self
            .client
            .request(method, format!("{}/api/v1/{path}", self.base))
            .header(header::ORIGIN, &self.base)
            .header(header::COOKIE, &self.cookie)
            .json(body)
            .send()
            .await?;
        let status = response.status();
        let text = response.text().await?;
        anyhow::ensure!(status.is_success(), "{path}: {status}: {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Puts a thing under its name.
    async fn put(&self, kind: &str, thing: Value) -> anyhow::Result<()> {
        let id = thing["id"].as_str().context("a thing without a name")?;
        self.ask(Method::PUT, &format!("{kind}/{id}"), &thing).await.map(drop)
    }

    /// People, a roster and a policy for the demo's building.
    ///
    /// # Errors
    /// Where the gateway refuses any of it.
    pub async fn move_in(&self, hooks: &str) -> anyhow::Result<()> {
        let person = |id: &str, name: &str, language: &str| {
            json!({ "name": name, "language": language, "roles": ["volunteer"], "methods": [
                { "channel": "ntfy", "address": id },
                { "channel": "hook", "address": format!("{hooks}/hook/{id}") },
            ]})
        };
        for (id, name, language) in
            [("wang", "王阿姨", "zh"), ("li", "李叔", "zh"), ("smith", "Ms Smith", "en")]
        {
            let path = format!("people/{id}");
            self.ask(Method::PUT, &path, &person(id, name, language)).await?;
        }
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai")?;
        let today = zone.to_datetime(jiff::Timestamp::now()).date().to_string();
        let roster = json!({ "id": "duty", "name": "值班 Duty", "time_zone": "Asia/Shanghai",
            "layers": [{ "kind": "shift", "name": "demo", "people": ["wang"], "from": "00:00", "to": "00:00",
                "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] }],
            "exceptions": [] });
        let backup = json!({ "id": "backup", "name": "后备 Backup", "time_zone": "Asia/Shanghai",
            "layers": [{ "kind": "rotation", "name": "backup", "people": ["li", "smith"], "starts": today,
                "handover": { "kind": "weekly", "day": "monday", "at": "08:00" } }],
            "exceptions": [{ "kind": "add", "person": "li", "from": format!("{today}T00:00"),
                "to": "2099-01-01T00:00", "note": "demo" }] });
        self.put("rosters", roster).await?;
        self.put("rosters", backup).await?;
        // A demo is watched, so its waits are short; a real building keeps the 45 s of the norm.
        let step = |target: Value| json!({ "targets": [target], "wait": "12s" });
        let policy = json!({ "id": "everyday", "name": "Demo", "dangers": [], "places": [],
            "steps": [step(json!({ "on_call": "duty" })), step(json!({ "on_call": "backup" })),
                step(json!("everyone"))],
            "prompt_after": "40s", "prompt_every": "60s", "arrive_within": "3m", "reminders": ["15m", "30m"] });
        self.put("policies", policy).await
    }

    /// Adds a board and returns its password, shown this once.
    ///
    /// # Errors
    /// Where the gateway refuses it.
    pub async fn add_board(&self, board: &Value) -> anyhow::Result<String> {
        let added = self.ask(Method::POST, "devices", board).await?;
        let password = added["credential"]["password"].as_str().or(added["credential"].as_str());
        Ok(password.context("the gateway gave no credential")?.to_owned())
    }
}
