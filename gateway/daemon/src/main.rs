//! `gengfu`: the command line.

use std::{path::Path, process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Parser;
use gengfu::{
    backup, bench, board,
    cli::{Cli, Command, Notify},
    config::Config,
    demo, invitation, log, modbus, notify, oncall, profile,
    run::Gengfu,
};
use gengfu_field::broker::reachable;
use tokio::signal::unix::{SignalKind, signal};

/// A reload takes no longer.
const RELOAD_LIMIT: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("gengfu: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    // One provider for every TLS connection of this process; fails only where there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match command {
        Command::Check { config } => return Ok(check(&config)),
        Command::Oncall(wish) => oncall::run(&wish, &mut std::io::stdout().lock())?,
        Command::Backup { to, config } => {
            let loaded = Config::load(&config).map_err(|report| anyhow::anyhow!("{report}"))?;
            backup::take(&config, &loaded.config, &to, &mut std::io::stdout().lock())?;
        }
        Command::Restore { backup: file, data } => {
            backup::restore(&file, &data, &mut std::io::stdout().lock())?;
        }
        Command::Recover { data } => println!("{}", gengfu_store::salvage(&data)?),
        Command::Run { config } => runtime()?.block_on(watch(&config))?,
        Command::Demo { scenario, port, data, once } => {
            let settings = demo::Settings { scenario, port, data, once };
            runtime()?.block_on(demo::run(settings))?;
        }
        Command::Invite { config, person } => match Config::load(&config) {
            Ok(loaded) => println!("{}", invitation::run(&loaded.config, &person)?),
            Err(report) => anyhow::bail!("{report}"),
        },
        Command::Notify { command: Notify::Test { channel, address, config, language, wait } } => {
            let loaded = Config::load(&config).map_err(|report| anyhow::anyhow!("{report}"))?;
            let wait = Duration::from_secs(wait);
            let trial = notify::Trial { channel, address, language: language.into(), wait };
            // Not locked for good: what a channel logs goes there too.
            let mut out = std::io::stdout();
            runtime()?.block_on(notify::run(&loaded.config, trial, &mut out))?;
        }
        Command::Profile { command } => {
            profile::run(&command, &mut std::io::stdout().lock(), &mut std::io::stderr().lock())?;
        }
        Command::Modbus { command } => {
            runtime()?.block_on(modbus::run(&command, &mut std::io::stdout()))?;
        }
        Command::Board { command } => {
            runtime()?.block_on(board::run(&command, &mut std::io::stdout()))?;
        }
        Command::Bench { quick, dir } => {
            runtime()?.block_on(bench::run(bench::Settings { quick, dir }))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime can be made")
}

/// Prints every mistake; the exit code is their number, 100 at the most.
fn check(path: &Path) -> ExitCode {
    let (report, good) = match Config::load(path) {
        Ok(loaded) => (loaded.report, true),
        Err(report) => (report, false),
    };
    eprintln!("{report}");
    if good {
        println!("{} can be used", path.display());
        return ExitCode::SUCCESS;
    }
    ExitCode::from(u8::try_from(report.errors().clamp(1, 100)).unwrap_or(100))
}

/// The gateway until it is told to stop: SIGTERM or SIGINT ends it, SIGHUP has it read its
/// configuration again.
async fn watch(path: &Path) -> anyhow::Result<()> {
    let loaded = match Config::load(path) {
        Ok(loaded) => loaded,
        Err(report) => anyhow::bail!("{report}"),
    };
    log::init(&loaded.config.log)?;
    let (mut term, mut int, mut hup) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
        signal(SignalKind::hangup())?,
    );
    let web = loaded.config.web.clone();
    let gengfu = Gengfu::start(loaded.config).await?;
    tracing::info!(web = %gengfu.web, broker = ?gengfu.broker, "watching");
    if let Some(token) = &gengfu.invitation {
        // For the person at the terminal, not for the log: whoever has it becomes administrator.
        println!(
            "Nobody can sign in yet. Open this link once to choose the administrator's password:"
        );
        println!("  {}", invitation::link(&web, gengfu.web, token));
        if web.public_url.is_some() {
            let here = reachable(gengfu.web);
            println!("On this machine: {}://{here}/invitation/{token}", web.scheme());
        }
    }
    loop {
        tokio::select! {
            _ = term.recv() => break,
            _ = int.recv() => break,
            _ = hup.recv() => {
                // A reload that hangs, as on a broker that is away, must not make the gateway deaf.
                match tokio::time::timeout(RELOAD_LIMIT, gengfu.reload(path)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::error!("the reload failed, the old configuration stays in force: {error:#}");
                    }
                    Err(_) => tracing::error!("the reload took too long: is the MQTT broker there?"),
                }
            }
        }
    }
    tracing::info!("stopping");
    gengfu.stop().await;
    Ok(())
}
