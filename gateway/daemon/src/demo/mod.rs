//! `gengfu demo`: the whole thing at work. A gateway in a fresh folder, a simulated building beside
//! it that speaks real MQTT and real Modbus, and people who answer over HTTP. Nothing here is a
//! short cut past any of them.
//!
//! - [`site`](self): the configuration file that is written for it.
//! - [`operator`](self): sets it up through the API. [`phones`](self): the people and their phones.
//! - [`story`](self): what the terminal tells.

mod operator;
mod phones;
mod site;
mod story;

use std::{
    io::IsTerminal,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use gengfu_core::{state::State, text::Language};
use gengfu_sim::building::{BoardSettings, Building, BuildingSettings, Login, Which};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{cli::Scenario, config::Config, port, run::Gengfu};
use operator::Operator;
use phones::{Habit, Phones, Rang, answer};
use story::Story;

/// Time for the boards to come and for the reader to read, before anything happens.
const BEFORE: Duration = Duration::from_secs(6);
/// `--once` ends the demo at the latest after this.
const LONGEST: Duration = Duration::from_secs(180);

/// How the demo is run.
pub struct Settings {
    /// What happens.
    pub scenario: Scenario,
    /// The port of the page.
    pub port: u16,
    /// Where everything is kept; a fresh folder unless it is named.
    pub data: Option<PathBuf>,
    /// End once the story is over.
    pub once: bool,
}

/// Runs the demo until it is interrupted, or until its story is over.
///
/// # Errors
/// Where a port, a folder or the gateway itself can't be had.
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    let language = language();
    let fresh = tempfile::Builder::new().prefix("gengfu-demo-").tempdir()?;
    let folder = settings.data.clone().unwrap_or_else(|| fresh.path().to_owned());
    fresh_folder(&folder)?;
    let (ring, rings) = mpsc::channel(1024);
    let phones = Phones::start(ring).await?;
    let mut building = Building::start(BuildingSettings::default()).await?;
    let page = port::free(settings.port).context("no port for the page")?;
    let page = SocketAddr::from(([127, 0, 0, 1], page));
    let file = site::write(
        &folder,
        &site::Addresses {
            page,
            lift: building.lift_address(),
            panel: building.panel_address(),
            phones: phones.address,
        },
    )?;
    let config = Config::load(&file).map_err(|report| anyhow::anyhow!("{report}"))?.config;
    crate::log::init(&config.log)?;
    let gengfu = Gengfu::start(config).await?;
    let base = format!("http://{}", gengfu.web);
    let password = password()?;
    set_up(&gengfu, &mut building, &base, &password, phones.address).await?;
    introduce(language, &base, &password, &folder, settings.scenario);

    let client = client()?;
    tokio::spawn(live(rings, client, settings.scenario, language));
    let teller = tokio::spawn(tell(gengfu.running.published.clone(), language));
    let begun = Instant::now();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = play(&mut building, settings.scenario, &gengfu, begun, settings.once) => {}
    }
    println!("{}", if language == Language::Zh { "演示结束" } else { "The demo ends" });
    teller.abort();
    building.stop().await;
    gengfu.stop().await;
    Ok(())
}

/// Chinese where the terminal's language is Chinese.
fn language() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|v| std::env::var(v).ok());
    if set.is_some_and(|l| l.starts_with("zh")) { Language::Zh } else { Language::En }
}

fn fresh_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} can't be made", folder.display()))?;
    let used = std::fs::read_dir(folder)?.next().is_some();
    anyhow::ensure!(!used, "{} is not empty: the demo wants a fresh folder", folder.display());
    Ok(())
}

fn password() -> anyhow::Result<String> {
    Ok(gengfu_field::credentials::issue()?.password[..12].to_owned())
}

fn client() -> anyhow::Result<reqwest::Client> {
    let limit = Duration::from_secs(10);
    Ok(reqwest::Client::builder().no_proxy().timeout(limit).build()?)
}

/// Through the API: the administrator, the people, and two boards with a credential each.
async fn set_up(
    gengfu: &Gengfu,
    building: &mut Building,
    base: &str,
    password: &str,
    phones: SocketAddr,
) -> anyhow::Result<()> {
    let token = gengfu.invitation.as_deref().context("a fresh gateway has an invitation")?;
    let operator = Operator::sign_in(client()?, base, token, password).await?;
    operator.move_in(&format!("http://{phones}")).await?;
    let broker = gengfu.broker.context("the demo's broker is embedded")?;
    let boards = [
        (
            Which::Lift,
            json!({ "id": "lift-board", "place": "lift-1", "profile": "board",
            "name": { "zh": "电梯机房板", "en": "Lift board" },
            "options": { "inputs": { "1": "call", "2": "mains", "3": "tamper" } } }),
        ),
        (
            Which::Gate,
            json!({ "id": "gate-board", "place": "gate", "profile": "board",
            "name": { "zh": "大门板", "en": "Gate board" },
            // A demo is watched: the gate is told of after 3 s instead of a minute.
            "options": { "inputs": { "1": "gate", "2": "water", "3": "fire" }, "rules": [
                { "id": "in1-open", "name": { "zh": "大门未关闭", "en": "Gate left open" }, "danger": "gate",
                  "priority": "normal", "on_delay": "3s", "off_delay": "5s",
                  "when": { "equals": { "point": "in1", "value": true } } } ] } }),
        ),
    ];
    for (which, board) in boards {
        let password = operator.add_board(&board).await?;
        let id = board["id"].as_str().unwrap_or_default();
        let mut settings =
            BoardSettings::new(&broker.ip().to_string(), broker.port(), site::SITE, id);
        settings.login = Some(Login { user: id.to_owned(), password });
        building.add_board(which, settings);
    }
    Ok(())
}

fn introduce(language: Language, base: &str, password: &str, folder: &Path, scenario: Scenario) {
    let folder = folder.display();
    match language {
        Language::Zh => {
            println!("更夫在值班：模拟小区的电梯、消防主机、两块采集板已经接入。");
            println!("  网页      {base}/   用户 admin，密码 {password}");
            println!("  数据目录  {folder}");
            println!("  故事      {scenario:?}，几秒后开始；按 Ctrl-C 结束");
        }
        Language::En => {
            println!(
                "The night watchman is on duty: a simulated lift, fire panel and two boards are connected."
            );
            println!("  page    {base}/   user admin, password {password}");
            println!("  data    {folder}");
            println!("  story   {scenario:?}, in a few seconds; Ctrl-C ends it");
        }
    }
    println!();
}

/// The people behind the phones: whoever is on duty sleeps, the backup goes. Ms Smith only looks.
async fn live(
    mut rings: mpsc::Receiver<Rang>,
    client: reqwest::Client,
    scenario: Scenario,
    language: Language,
) {
    let mut shown = false;
    let cause = if scenario == Scenario::Trapped { "rescued" } else { "fixed" };
    while let Some(Rang { person, link }) = rings.recv().await {
        let Some(link) = link else { continue };
        let habit = match (person.as_str(), scenario) {
            // In a fire and in a storm the one on duty is awake.
            ("wang", Scenario::Fire | Scenario::Storm | Scenario::Gate | Scenario::SilentBoard) => {
                awake(4)
            }
            ("li", _) => awake(3),
            _ => Habit::Sleeps,
        };
        if matches!(habit, Habit::Sleeps) {
            if person == "wang" && !shown {
                shown = true;
                println!(
                    "{}  {link}",
                    match language {
                        Language::Zh => "王阿姨的手机上是这个链接，您可以替她应答：",
                        Language::En =>
                            "The link on 王阿姨's phone; open it to answer in her place:",
                    }
                );
            }
            continue;
        }
        let client = client.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(&client, &link, habit, cause).await {
                tracing::debug!(%error, "somebody else was quicker");
            }
        });
    }
}

fn awake(seconds: u64) -> Habit {
    Habit::Goes {
        answer: Duration::from_secs(seconds),
        arrive: Duration::from_secs(8),
        end: Duration::from_secs(8),
    }
}

/// Prints the story as it becomes durable.
async fn tell(published: Arc<crate::published::Published>, language: Language) {
    let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let mut story = Story::new(language, colour);
    let mut changes = published.changes();
    loop {
        for line in story.tell(&published.state()) {
            println!("{line}");
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// What happens, and, with `once`, the wait until it is over.
async fn play(
    building: &mut Building,
    scenario: Scenario,
    gengfu: &Gengfu,
    begun: Instant,
    once: bool,
) {
    tokio::time::sleep(BEFORE).await;
    match scenario {
        Scenario::Fire => building.smoke(7),
        Scenario::Trapped => building.trap_passenger(),
        Scenario::SilentBoard => building.silence(Which::Gate),
        Scenario::Gate => building.open_gate(),
        Scenario::Storm => {
            building.storm();
            tokio::time::sleep(Duration::from_secs(12)).await;
            building.smoke(7);
        }
        Scenario::Quiet => {}
    }
    let mut happened = scenario == Scenario::Quiet;
    let mut was_over = false;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let state: State = gengfu.running.published.state();
        happened |= !state.open.is_empty();
        let over = happened && state.open.is_empty();
        // Once each time: a board that is given power anew begins its heartbeats anew.
        if over && !was_over {
            building.calm();
            building.revive(Which::Gate);
        }
        was_over = over;
        if once && (over || begun.elapsed() > LONGEST) {
            // The last messages are on their way.
            tokio::time::sleep(Duration::from_secs(2)).await;
            return;
        }
    }
}
