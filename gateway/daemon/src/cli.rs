//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gengfu_core::text::Language;

use crate::profile;

/// Gengfu (更夫), the night watchman: from a contact in the building to a neighbour who answers.
#[derive(Debug, Parser)]
#[command(name = "gengfu", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Watch: run the gateway until it is told to stop
    Run {
        /// The configuration file
        #[arg(long, default_value = "/etc/gengfu/gengfu.toml")]
        config: PathBuf,
    },
    /// Look for every mistake in a configuration file, and say how to mend it
    Check {
        /// The configuration file
        #[arg(default_value = "/etc/gengfu/gengfu.toml")]
        config: PathBuf,
    },
    /// Show the whole thing at work: a gateway, a simulated building, and people who answer
    Demo {
        /// What happens in the building
        #[arg(long, value_enum, default_value_t = Scenario::Trapped)]
        scenario: Scenario,
        /// The port of the page; another one is taken where it is in use
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// Keep everything in this folder instead of a fresh one; it must be empty
        #[arg(long)]
        data: Option<PathBuf>,
        /// End the demo once the story is over
        #[arg(long)]
        once: bool,
    },
    /// Print the shifts that a roster gives, as JSON lines, as a calendar, or as a sheet to hang up; or make
    /// a roster of a calendar
    Oncall(Oncall),
    /// Try a way to a person
    Notify {
        /// What to do
        #[command(subcommand)]
        command: Notify,
    },
    /// Look at device profiles, and try one on what a device sends, without a gateway
    Profile {
        /// What to do
        #[command(subcommand)]
        command: profile::Wish,
    },
    /// Look at a Modbus bus by hand: which units answer, and what their registers hold
    Modbus {
        /// What to do
        #[command(subcommand)]
        command: crate::modbus::Command,
    },
    /// Make boards ready, and look after them
    Board {
        /// What to do
        #[command(subcommand)]
        command: crate::board::Wish,
    },
    /// Measure this machine: latency, throughput, memory, start-up and replay, beside their floor
    Bench {
        /// A shorter run, for a first look
        #[arg(long)]
        quick: bool,
        /// Where the files of the run are made and removed again
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Take a backup, in one file, of a gateway that may be running: its data and its configuration
    Backup {
        /// The new file, or the folder that it goes to
        #[arg(default_value = ".")]
        to: PathBuf,
        /// The configuration file
        #[arg(long, default_value = "/etc/gengfu/gengfu.toml")]
        config: PathBuf,
    },
    /// Put a backup into an empty data folder
    Restore {
        /// The backup
        backup: PathBuf,
        /// The data folder, as `data_dir` in the configuration names it
        #[arg(long, default_value = "/var/lib/gengfu")]
        data: PathBuf,
    },
    /// Save what can be read of a damaged journal into a new one; the damaged file is kept aside
    Recover {
        /// The data folder
        data: PathBuf,
    },
    /// Make a new one-time link for a person, as after a lost password; the gateway must be stopped
    Invite {
        /// The configuration file
        #[arg(long, default_value = "/etc/gengfu/gengfu.toml")]
        config: PathBuf,
        /// Whom; an administrator is made if there is nobody of this name
        #[arg(default_value = "admin")]
        person: String,
    },
}

/// What is to be known of a roster.
#[derive(Debug, Args)]
pub struct Oncall {
    /// The roster, in TOML or JSON
    #[arg(long, required_unless_present = "import", conflicts_with = "import")]
    pub roster: Option<PathBuf>,
    /// A calendar of shifts (iCalendar) to make a roster of, which is printed in JSON
    #[arg(long, requires = "people")]
    pub import: Option<PathBuf>,
    /// The new roster's name for programs; the file's without it
    #[arg(long, requires = "import")]
    pub id: Option<String>,
    /// The new roster's time zone
    #[arg(long, requires = "import", default_value = "Asia/Shanghai")]
    pub zone: String,
    /// Who is meant by the names in the calendar: 王阿姨=wang,李叔=li
    #[arg(long, requires = "import", value_delimiter = ',')]
    pub people: Vec<String>,
    /// First instant: 2026-11-23T08:00 in the roster's zone, or with an offset; an import begins now
    /// without it
    #[arg(long, required_unless_present_any = ["import", "month"])]
    pub from: Option<String>,
    /// Last instant, exclusive; an import ends 120 days later without it
    #[arg(long, required_unless_present_any = ["import", "month"])]
    pub to: Option<String>,
    /// A whole month instead: 2026-12
    #[arg(long, conflicts_with_all = ["from", "to", "import"])]
    pub month: Option<String>,
    /// A calendar (iCalendar) instead of JSON lines
    #[arg(long, conflicts_with_all = ["import", "html"])]
    pub ical: bool,
    /// A page for printing instead of JSON lines
    #[arg(long, requires = "month")]
    pub html: bool,
    /// The page's language
    #[arg(long, value_enum, default_value_t = Reads::Zh)]
    pub language: Reads,
}

/// What can be tried of a way to a person.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Send one test over a channel to an address, and tell what comes back. A modem, or a telephone line
    /// with a port of its own, must not be in use by a running gateway: test those from the page
    Test {
        /// The channel's name in the configuration
        channel: String,
        /// The address as it stands at the person: a number, a topic
        address: String,
        /// The configuration file
        #[arg(long, default_value = "/etc/gengfu/gengfu.toml")]
        config: PathBuf,
        /// What the person reads
        #[arg(long, value_enum, default_value_t = Reads::Zh)]
        language: Reads,
        /// Wait so many seconds for what comes back
        #[arg(long, default_value_t = 60)]
        wait: u64,
    },
}

/// A language that a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reads {
    /// Chinese
    Zh,
    /// English
    En,
}

impl From<Reads> for Language {
    fn from(reads: Reads) -> Self {
        match reads {
            Reads::Zh => Language::Zh,
            Reads::En => Language::En,
        }
    }
}

/// A story of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Smoke in the stairwell
    Fire,
    /// A passenger shut in the lift
    Trapped,
    /// A board falls silent
    SilentBoard,
    /// The gate is held open at night
    Gate,
    /// Everything at once: many faults, and a fire among them
    Storm,
    /// Nothing happens
    Quiet,
}
