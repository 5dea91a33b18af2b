//! What can be asked of `gengfu profile`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be asked of profiles.
#[derive(Debug, Subcommand)]
pub enum Wish {
    /// Name every profile: one a line, with its kind and what it is
    List(Folder),
    /// Print the text of a profile
    Show {
        /// Its name
        profile: String,
        /// Where it may be
        #[command(flatten)]
        folder: Folder,
    },
    /// Print the profile language as a JSON Schema, for an editor that helps while writing
    Schema,
    /// Read what a device sends with a profile, as the gateway would: one JSON object a line for each
    /// reading, then one for each alarm that it raises
    Try(Try),
}

/// Where profiles are.
#[derive(Debug, Clone, Default, Args)]
pub struct Folder {
    /// Your own folder of profiles, beside those that come with the gateway
    #[arg(long)]
    pub folder: Option<PathBuf>,
}

/// What a device sends, and how it is set up.
#[derive(Debug, Clone, Default, Args)]
pub struct Try {
    /// The profile's name
    pub profile: String,
    /// Where it may be.
    #[command(flatten)]
    pub folder: Folder,
    /// The topic of a message, as it stands at the broker; once for all messages, or once for each
    #[arg(long)]
    pub topic: Vec<String>,
    /// A message; may be repeated, in order. For Sparkplug B its metrics as JSON, '{"Inputs/1":true}', with a
    /// --topic as spBv1.0/plant/DDATA/n1/panel
    #[arg(long, allow_hyphen_values = true)]
    pub payload: Vec<String>,
    /// The device's own topic, as it would stand in the configuration; guessed from the first --topic
    /// without it
    #[arg(long)]
    pub base: Option<String>,
    /// The messages are retained ones: how it stood, not what happens now
    #[arg(long)]
    pub retained: bool,
    /// What a poll reads: 0x1010=0x03E8,coil:3=1; may be repeated, in order. Addresses are counted as the
    /// profile counts them; the tables are holding, input, coil, discrete
    #[arg(long)]
    pub registers: Vec<String>,
    /// An input of a board that changes: 1=active, or idle, open, short, drift; in order
    #[arg(long)]
    pub input: Vec<String>,
    /// What an input of a board is wired to: 1=call
    #[arg(long)]
    pub role: Vec<String>,
    /// A value of a telephone or a modem: call=true, signal=-107; in order
    #[arg(long)]
    pub point: Vec<String>,
    /// A parameter of the profile: loops=2
    #[arg(long, visible_alias = "parameter")]
    pub set: Vec<String>,
}
